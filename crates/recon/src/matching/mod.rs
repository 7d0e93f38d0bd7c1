//! Payouts against bank lines, in the five steps that every pair of sides goes through: candidates, evidence, score,
//! assignment, verdict.
//!
//! The steps run in passes, from proof to hint, over one [`board::Board`]. What a pass decides, later passes leave alone:
//!
//! 1. [`reference`]: the payout's trace id or its own id stands in a line.
//! 2. [`route`]: where proven deposits arrive, and how that bank writes them.
//! 3. [`returned`]: a failed payout that came and went.
//! 4. [`groups`]: several payouts of one day in a line that is no payout's own amount.
//! 5. [`exact`]: equal amounts near the date, among lines that name Stripe.
//! 6. [`groups`]: several payouts in one line, one payout in several lines.
//! 7. [`exact`] again, among lines that name nobody: proposed only.
//! 8. [`fee`]: a bank took its fee off.
//! 9. [`returned`]: what was found, and left again.
//!
//! A line that says it is somebody else's money takes part in the first pass only.

mod assignment;
mod board;
mod component;
mod evidence;
mod exact;
mod fee;
mod groups;
mod reference;
mod returned;
mod route;
mod subset;
mod text;

use jiff::civil::Date;

pub(crate) use board::{Board, Link, PayoutSide, Route, Standing, booked_from};
pub(crate) use evidence::{probability_ppm, score};
pub(crate) use reference::may_bear;
pub(crate) use text::{descriptor, squeezed};

use crate::rules::Rules;
use crate::snapshot::Snapshot;

/// Runs every pass. `today` is the business day that the answer is for: what lies after it does not exist yet.
pub(crate) fn deposits<'a>(snapshot: &'a Snapshot, rules: &'a Rules, today: Date) -> Board<'a> {
    let mut board = Board::set_up(snapshot, rules, today);
    reference::link(&mut board);
    route::learn(&mut board);
    returned::link_failed(&mut board);
    groups::link_merged_days(&mut board);
    exact::link(&mut board, exact::Tier::NamesStripe);
    groups::link_merged(&mut board);
    groups::link_split(&mut board);
    exact::link(&mut board, exact::Tier::NamesNobody);
    fee::link(&mut board);
    returned::link_arrived(&mut board);
    route::learn_from_finds(&mut board);
    board
}
