//! Every class of fault that can be brought about moves a metric, writes a line into the log, and is seen on a page: against the built
//! binary, a simulated Stripe behind a gate, a real mail server and a receiver of webhooks.
//!
//! Each class begins where all is well, and that nothing of it is seen then is held too. `docs/FAULTS.md` is held against the tables.

#![expect(clippy::unwrap_used, reason = "tests")]

#[expect(dead_code, reason = "its own tests need more of it")]
#[path = "../crates/outgoing/tests/over_sockets/authority.rs"]
mod authority;
#[path = "faults/bring.rs"]
mod bring;
#[path = "faults/class.rs"]
mod class;
#[path = "alerts/gate.rs"]
mod gate;
#[expect(dead_code, reason = "the nights need more of it")]
#[path = "alerts/night.rs"]
mod night;
#[expect(dead_code, reason = "the nights need more of it")]
#[path = "alerts/receiver.rs"]
mod receiver;
#[expect(dead_code, reason = "its own tests need more of it")]
#[path = "../crates/outgoing/tests/over_sockets/smtp.rs"]
mod smtp;
#[path = "faults/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use class::{Class, Given};
use table::{CLASSES, ELSEWHERE};

/// So many nights at once: most of each is waiting.
const AT_ONCE: usize = 4;

#[test]
fn every_class_of_fault_moves_a_metric_writes_into_the_log_and_is_seen_on_a_page() {
    let given = Given::new();
    let (next, unseen) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let wanted = std::env::var("FAULTS_ONLY").unwrap_or_default();
    let classes: Vec<&Class> = CLASSES.iter().filter(|class| class.name.contains(&wanted)).collect();
    let work = || {
        while let Some(class) = classes.get(next.fetch_add(1, Ordering::Relaxed)) {
            if catch_unwind(AssertUnwindSafe(|| class.live_through(&given))).is_err() {
                unseen.lock().unwrap().push(class.name);
            }
        }
    };
    std::thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(work))));
    let unseen = unseen.into_inner().unwrap();
    println!("{}", classes.iter().map(|class| class.row()).collect::<String>());
    println!("{} of {} classes of fault were seen", classes.len() - unseen.len(), classes.len());
    assert!(unseen.is_empty(), "not seen, or seen where all was well: {unseen:?}; FAULTS_ONLY looks at one");
}

#[test]
fn the_documentation_lists_the_classes_as_they_are_tested() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let told = std::fs::read_to_string(root.join("docs/FAULTS.md")).unwrap();
    let rows: BTreeSet<&str> = told.lines().filter(|line| line.starts_with("| `")).collect();
    let written = CLASSES.iter().map(Class::row).chain(ELSEWHERE.iter().map(table::Elsewhere::row)).collect::<String>();
    let tested: BTreeSet<&str> = written.lines().collect();
    let lacks: Vec<_> = tested.difference(&rows).collect();
    let has: Vec<_> = rows.difference(&tested).collect();
    assert!(lacks.is_empty() && has.is_empty(), "docs/FAULTS.md lacks {lacks:#?}\nand has {has:#?}\nThe tables are:\n{written}");
    let names: BTreeSet<&str> = CLASSES.iter().map(|class| class.name).chain(ELSEWHERE.iter().map(|one| one.name)).collect();
    assert_eq!(names.len(), CLASSES.len() + ELSEWHERE.len(), "two classes of one name");
    for one in ELSEWHERE {
        let file = std::fs::read_to_string(root.join(one.file)).unwrap_or_else(|_| panic!("{}: no {}", one.name, one.file));
        assert!(one.test.is_empty() || file.contains(one.test), "{}: {} has no {}", one.name, one.file, one.test);
    }
}
