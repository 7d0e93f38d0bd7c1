//! What is left of a walk, between the database and the splitter.

use store::{Stretch, Walk};
use stripe::Stretches;

/// What a walk has not read: its stretches, or else all that lies behind its cursor.
pub fn left(walk: &Walk) -> Vec<stripe::Stretch> {
    if walk.stretches.is_empty() {
        return vec![stripe::Stretch { from: walk.since, until: None, after: walk.after.clone() }];
    }
    let stretch = |left: &Stretch| stripe::Stretch { from: left.from, until: left.until, after: left.after.clone() };
    walk.stretches.iter().map(stretch).collect()
}

/// Notes what is left. A walk of one stretch that begins at the head of the list and is as long as the walk needs none: its
/// cursor says as much.
pub fn keep(walk: &mut Walk, left: &Stretches) {
    let left = left.left();
    walk.stretches = match left.as_slice() {
        [only] if only.until.is_none() && only.from == walk.since.map(whole_second) => Vec::new(),
        left => left.iter().map(|left| Stretch { from: left.from, until: left.until, after: left.after.clone() }).collect(),
    };
}

/// As `created[gte]` says it.
fn whole_second(at: jiff::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_second(at.as_second()).unwrap_or(at)
}
