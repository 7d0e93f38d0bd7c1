//! Many worlds, for what must hold in all of them.

use jiff::civil::Date;
use sim::{Options, World};

use crate::worlds::quarter;

/// Quarters of 30 seeds, and platforms with five accounts, some of which share a bank account.
pub fn many() -> impl Iterator<Item = (u64, World)> {
    let platforms = (100..104).map(|seed| (seed, platform(seed)));
    (0..30).map(|seed| (seed, quarter(seed))).chain(platforms)
}

fn platform(seed: u64) -> World {
    let until = Date::new(2026, 1, 3 + (seed % 28) as i8).expect("a date");
    World::generate(&Options { accounts: 5, per_day: 8, ..Options::quarter(seed, until) }).expect("a world")
}
