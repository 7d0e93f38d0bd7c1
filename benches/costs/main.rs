//! What the product costs beside the least that it could: syncing beside bare writing, reconciling beside reading with SQL,
//! syncing into PostgreSQL beside `COPY`, keeping deliveries beside commits of a row each, ten thousand schedules at rest beside none. Prints one line a figure; nothing
//! is asserted. Run by `./campaign bench`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on has failed")]

mod bulk;
mod cost;
mod day;
mod reconcile;
mod schedules;
mod server;
mod sync;
mod webhook;
mod world;

use std::process::Command;

/// Each part runs in a process of its own, so that the largest child it sees is its own.
const PARTS: [(&str, fn()); 6] = [
    ("sync", sync::run),
    ("reconcile", reconcile::run),
    ("bulk", bulk::run),
    ("webhook", webhook::run),
    ("day", day::run),
    ("schedules", schedules::run),
];

fn main() {
    let chosen = std::env::args().skip_while(|argument| argument != "--part").nth(1);
    if let Some((_, run)) = PARTS.iter().find(|(name, _)| Some(*name) == chosen.as_deref()) {
        return run();
    }
    let program = std::env::current_exe().expect("this program");
    for (name, _) in PARTS {
        println!("{name}");
        let status = Command::new(&program).args(["--part", name]).status().expect("this program starts");
        assert!(status.success(), "{name} ended with {status}");
    }
}
