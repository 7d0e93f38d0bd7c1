//! A process that stands still at a write, as by `kill -STOP`, a suspended machine or a lost network: another one takes over, and
//! what wakes up changes nothing. Run by `./campaign stop`.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use crate::shop::{Kind, Shop, comes_to_stand_still, trail_holds, wake};
use crate::world::{World, whole_or};

/// Cases side by side: each waits for most of its time.
const AT_ONCE: usize = 8;

/// What a command ends with whose lease another has.
const CONFLICT: i32 = 6;

/// Where the processes of a sample stand still: before the job's first write of its own, and between two of them.
const SAMPLE: [&str; 3] = ["run.begin.after_commit", "sync.page.after_commit", "sums.days.after_commit"];

/// A process of a job that stands still at its n-th visit of a point.
#[derive(Clone, Debug)]
struct Case {
    kind: Kind,
    job: &'static str,
    point: String,
    nth: u64,
}

#[test]
#[ignore = "a campaign: ./campaign stop"]
fn a_process_that_stands_still_at_any_write_is_overtaken_and_changes_nothing_when_it_wakes_up() {
    let world = World::start(7, whole_or(10, 30), 2, "0");
    let kinds = if whole_or(0, 1) == 1 { vec![Kind::Sqlite, Kind::Postgres] } else { vec![Kind::Sqlite] };
    for kind in kinds {
        for job in ["sync", "reconcile"] {
            let (expected, cases) = cases(&world, kind, job);
            let mut overtaken = 0;
            for some in cases.chunks(AT_ONCE) {
                overtaken += std::thread::scope(|scope| {
                    let ran: Vec<_> = some.iter().map(|case| scope.spawn(|| run(&world, case, expected))).collect();
                    ran.into_iter().map(|one| one.join().expect("the case told why")).filter(|one| *one).count()
                });
            }
            println!("{kind:?}, {job}: {} stood still, {overtaken} were overtaken", cases.len());
            assert!(overtaken * 3 >= cases.len(), "so few were overtaken");
        }
    }
}

/// The visits of one job, and the content that its database ends with. In a sample, few.
fn cases(world: &World, kind: Kind, job: &'static str) -> ([u8; 32], Vec<Case>) {
    let shop = ready(world, kind, job);
    let list = shop.file().with_file_name("points");
    let output = command(&shop, world, job).env("TIEOUT_CRASH_LIST", &list).output().expect("tieout starts");
    assert!(output.status.success(), "{job}: {}", String::from_utf8_lossy(&output.stderr));
    let mut points: BTreeMap<String, u64> = BTreeMap::new();
    for point in std::fs::read_to_string(&list).expect("the list of points").lines() {
        *points.entry(point.to_owned()).or_default() += 1;
    }
    let visits = points.into_iter().flat_map(|(point, reached)| {
        let mut some = vec![1, reached.div_ceil(2)];
        some.dedup();
        some.into_iter().map(move |nth| Case { kind, job, point: point.clone(), nth })
    });
    let mut cases: Vec<Case> = visits.collect();
    if whole_or(0, 1) == 0 {
        cases.retain(|case| SAMPLE.contains(&case.point.as_str()) && case.nth == 1);
    }
    assert!(!cases.is_empty(), "{job} reached no point");
    (content(&shop), cases)
}

fn ready(world: &World, kind: Kind, job: &str) -> Shop {
    let shop = Shop::new(kind, &world.base);
    shop.run(&["db", "migrate"]);
    if job == "reconcile" {
        shop.run(&["sync"]);
        let account = &world.truth.bank_accounts[0];
        let files = world.files(account);
        let mut import = vec!["import", "bank"];
        import.extend(files.iter().map(String::as_str));
        import.extend(["--bank-account", &account.name, "--currency", &account.currency]);
        shop.run(&import);
    }
    shop
}

fn command(shop: &Shop, world: &World, job: &str) -> Command {
    shop.command(&[job, "--as-of", &world.truth.as_of])
}

fn content(shop: &Shop) -> [u8; 32] {
    let store = shop.store();
    trail_holds(&store);
    store.content_digest().expect("a digest")
}

/// Whether the process stood still and was overtaken.
fn run(world: &World, case: &Case, expected: [u8; 32]) -> bool {
    let shop = ready(world, case.kind, case.job);
    let at = format!("{}:{}", case.point, case.nth);
    let mut starting = command(&shop, world, case.job);
    let mut stopped = starting.env("TIEOUT_STOP_AT", &at).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    if !comes_to_stand_still(&mut stopped) {
        // A run that groups its writes otherwise may not come to the point so often.
        assert_eq!(content(&shop), expected, "{case:?}");
        return false;
    }
    let beside = command(&shop, world, case.job).output().expect("tieout starts");
    let talk = String::from_utf8_lossy(&beside.stderr);
    let overtaken = beside.status.success();
    if overtaken {
        assert_eq!(content(&shop), expected, "{case:?}, before it wakes up");
    } else {
        assert_eq!(beside.status.code(), Some(CONFLICT), "{case:?}: {talk}");
    }
    // A server ends a transaction in which nothing happens; a file's writer keeps others out until it is woken or killed. After a
    // commit that is rare: its lease may just have been beating.
    match (case.kind, case.point.ends_with("before_commit")) {
        (Kind::Postgres, _) => assert!(overtaken, "{case:?}: {talk}"),
        (Kind::Sqlite, true) => assert!(!overtaken, "{case:?}: {talk}"),
        (Kind::Sqlite, false) => {}
    }
    wake(&stopped);
    let ended = stopped.wait().expect("it ends").code();
    let had_ended = case.point.starts_with("run.end.after");
    assert_eq!(ended == Some(0), !overtaken || had_ended, "{case:?} ended with {ended:?}");
    assert_eq!(content(&shop), expected, "{case:?}, after it has woken up");
    overtaken
}
