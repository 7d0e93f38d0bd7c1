//! The worlds that the tests look at.

use jiff::civil::Date;
use sim::{Options, World};

/// A quarter with two accounts, ending on a day that depends on the seed.
pub fn quarter(seed: u64) -> World {
    let until = Date::new(2026, 9, 1 + (seed % 28) as i8).expect("a date");
    World::generate(&Options::quarter(seed, until)).expect("a world")
}
