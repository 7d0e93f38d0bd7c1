//! Nights of schedules with real processes: three servers on one database, whose clocks run fast and differ, are killed, stopped and
//! overtaken, and all away for hours. What became of each occurrence, and what was told of it, is seen from outside. Run by
//! `./campaign nights`; `./campaign year` is its twin within one process.

mod clock;
mod ledger;
mod life;
mod plan;
mod receiver;
mod server;
mod watch;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use self::life::Life;
use crate::shop::Kind;
use crate::world::{seeds, whole_or};

#[test]
#[ignore = "a campaign: ./campaign nights"]
fn nights_with_kills_pauses_outages_and_clocks_that_differ_leave_no_occurrence_out_and_none_twice() {
    for seed in seeds("NIGHTS_SEEDS", 1..whole_or(2, 3)) {
        [Kind::Sqlite, Kind::Postgres].into_iter().filter(|kind| is_wanted(*kind)).for_each(|kind| live(seed, kind));
    }
}

/// `NIGHTS_ONLY=postgres`, or a file for a sample and both for the whole, where there is a server.
fn is_wanted(kind: Kind) -> bool {
    match std::env::var("NIGHTS_ONLY") {
        Ok(only) => format!("{kind:?}").eq_ignore_ascii_case(&only),
        Err(_) => kind == Kind::Sqlite || (whole_or(0, 1) == 1 && cluster::shared().is_ok()),
    }
}

fn live(seed: u64, kind: Kind) {
    let lived = catch_unwind(AssertUnwindSafe(|| Life::begin(seed, kind).live())).unwrap_or_else(|red| {
        eprintln!(
            "seed {seed}, {kind:?} is red; again: NIGHTS_SEEDS={seed}..{} NIGHTS_ONLY={kind:?} ./campaign nights",
            seed + 1
        );
        resume_unwind(red)
    });
    println!("seed {seed}, {kind:?}: {lived}");
}
