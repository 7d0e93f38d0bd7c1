//! Many worlds, for what must hold in all of them.

use jiff::civil::Date;
use sim::{Options, World};

use crate::seeds::seeds;
use crate::worlds::quarter;

/// Quarters, and platforms with five accounts, some of which share a bank account.
pub fn many() -> impl Iterator<Item = (u64, World)> {
    let platforms = seeds(4).map(|seed| (seed, platform(seed)));
    seeds(30).map(|seed| (seed, quarter(seed))).chain(platforms)
}

fn platform(seed: u64) -> World {
    let until = Date::new(2026, 1, 3 + (seed % 28) as i8).expect("a date");
    World::generate(&Options { accounts: 5, per_day: 8, ..Options::quarter(seed, until) }).expect("a world")
}
