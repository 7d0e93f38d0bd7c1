//! Before and after every commit that the product names.

use std::collections::BTreeMap;

use super::{Stage, copy, digest, remove, stages, words};
use crate::world::{World, whole_or};

#[test]
#[ignore = "a campaign: ./campaign crash"]
fn a_process_killed_at_any_write_loses_and_doubles_nothing() {
    let world = World::start(7, whole_or(20, 45), 2, "0");
    let mut visited: BTreeMap<String, u64> = BTreeMap::new();
    for stage in stages(&world) {
        let reference = format!("{}-whole", stage.name);
        copy(&world, stage.before, &reference);
        let points = run_and_list(&world, &stage, &reference);
        let expected = digest(&world.path(&reference));
        for (point, reached) in points {
            for nth in visits(reached) {
                let database = format!("{}-{point}-{nth}", stage.name);
                copy(&world, stage.before, &database);
                let killed = kill_at(&world, &stage, &database, &format!("{point}:{nth}"));
                world.run(&database, &words(&stage));
                assert_eq!(digest(&world.path(&database)), expected, "{} killed at {point}:{nth}", stage.name);
                *visited.entry(format!("{} at {point}", stage.name)).or_default() += u64::from(killed);
                remove(&world, &database);
            }
        }
    }
    for (point, times) in &visited {
        println!("{times:>5} × {point}");
        assert!(*times > 0, "never killed: {point}");
    }
    for area in ["sync.", "import.", "reconcile."] {
        let listed = store::COMMIT_POINTS.iter().filter(|point| point.starts_with(area));
        for point in listed.filter(|point| !EXEMPT.contains(point)) {
            assert!(visited.keys().any(|name| name.ends_with(point)), "{point} was never visited");
        }
    }
}

/// Points that a small world's commands do not pass.
const EXEMPT: [&str; 2] = ["import.stripe.before_commit", "import.stripe.after_commit"];

/// Runs undisturbed and says how often each point was reached.
fn run_and_list(world: &World, stage: &Stage, database: &str) -> BTreeMap<String, u64> {
    let list = world.path(&format!("{}-points", stage.name));
    let output = world.command(database, &words(stage)).env("TIEOUT_CRASH_LIST", &list).output().expect("tieout starts");
    assert!(output.status.success(), "{}: {}", stage.name, String::from_utf8_lossy(&output.stderr));
    let mut points = BTreeMap::new();
    for point in std::fs::read_to_string(&list).expect("the list of points").lines() {
        *points.entry(point.to_owned()).or_default() += 1;
    }
    assert!(!points.is_empty(), "{} reached no point", stage.name);
    points
}

/// Whether the process died; a run that groups its writes otherwise may not reach the point so often.
fn kill_at(world: &World, stage: &Stage, database: &str, at: &str) -> bool {
    let output = world.command(database, &words(stage)).env("TIEOUT_CRASH_AT", at).output().expect("tieout starts");
    output.status.code().is_none()
}

/// Every visit; in a sample the first, the middle and the last.
fn visits(reached: u64) -> Vec<u64> {
    if whole_or(0, 1) == 1 {
        return (1..=reached).collect();
    }
    let mut some = vec![1, reached.div_ceil(2), reached];
    some.dedup();
    some
}
