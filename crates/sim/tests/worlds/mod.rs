//! The worlds that the tests look at.

use jiff::civil::Date;
use sim::{Options, World};

/// Quarters of 30 seeds, and platforms with five accounts, some of which share a bank account.
pub fn many() -> impl Iterator<Item = (u64, World)> {
    let platforms = (100..104).map(|seed| (seed, platform(seed)));
    (0..30).map(|seed| (seed, quarter(seed))).chain(platforms)
}

fn platform(seed: u64) -> World {
    let until = Date::new(2026, 1, 3 + (seed % 28) as i8).expect("a date");
    World::generate(&Options { accounts: 5, per_day: 8, ..Options::quarter(seed, until) }).expect("a world")
}

/// A quarter with two accounts, ending on a day that depends on the seed.
pub fn quarter(seed: u64) -> World {
    let until = Date::new(2026, 9, 1 + (seed % 28) as i8).expect("a date");
    World::generate(&Options::quarter(seed, until)).expect("a world")
}
