//! `kill -9` at every write: whatever point the process dies at, running the command again ends in the same database content
//! as an undisturbed run. Run by `./campaign crash`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::world::{World, whole_or};
use store::Store;

/// One command under test, and the database that it starts from.
struct Stage {
    name: &'static str,
    before: &'static str,
    arguments: Vec<String>,
}

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
const EXEMPT: [&str; 0] = [];

fn stages(world: &World) -> Vec<Stage> {
    let mut import: Vec<String> = ["import", "bank"].map(str::to_owned).into();
    let account = &world.truth.bank_accounts[0];
    import.extend(world.files(account));
    import.extend(["--bank-account", &account.name, "--currency", &account.currency].map(str::to_owned));
    vec![
        Stage { name: "sync", before: "", arguments: vec!["sync".to_owned()] },
        Stage { name: "import", before: "sync-whole", arguments: import },
        Stage { name: "reconcile", before: "import-whole", arguments: vec!["reconcile".to_owned()] },
    ]
}

fn words(stage: &Stage) -> Vec<&str> {
    stage.arguments.iter().map(String::as_str).collect()
}

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

fn copy(world: &World, from: &str, to: &str) {
    if from.is_empty() {
        return;
    }
    for suffix in ["", "-wal", "-shm"] {
        let (from, to) = (world.path(&format!("{from}{suffix}")), world.path(&format!("{to}{suffix}")));
        if from.exists() {
            std::fs::copy(&from, &to).expect("a copy of the database");
        }
    }
}

fn remove(world: &World, database: &str) {
    let removed =
        Command::new("rm").arg("-f").args(["", "-wal", "-shm"].map(|end| world.path(&format!("{database}{end}")))).status();
    assert!(removed.is_ok_and(|status| status.success()));
}

fn digest(path: &Path) -> [u8; 32] {
    let store = Store::open_existing(path).expect("a database").expect("a database");
    store.content_digest().expect("a digest")
}
