//! Rows that a bank shows before it books them.

use super::{
    Line,
    dial::{Dial, Trouble},
};
use crate::random::Random;

/// How many days before its booking a row can be shown.
const SHOWN_DAYS_MAX: i64 = 3;

/// The last day of which a bank whose files end on `end` knows anything.
pub(super) fn horizon(dial: Dial, end: i64) -> i64 {
    if dial.beyond_usual(Trouble::Pending) > 0 { end + SHOWN_DAYS_MAX } else { end }
}

/// Decides from which day on each line is shown as not booked yet.
pub(super) fn announce(seed: u64, dial: Dial, place: usize, lines: &mut [Line]) {
    let mut random = Random::new(seed, "pending", place as u64);
    for line in lines {
        let shown_on = line.day - random.between(1, SHOWN_DAYS_MAX);
        line.shown_on = random.chance(dial.beyond_usual(Trouble::Pending)).then_some(shown_on);
    }
}

/// The day on which the line is shown as not booked yet in a file that ends on `until`.
pub(super) fn shown(line: &Line, until: i64) -> Option<i64> {
    line.shown_on.filter(|shown_on| *shown_on <= until && until < line.day)
}
