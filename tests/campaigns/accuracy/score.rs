//! What is counted, and how much of it must be right.

use super::Kind;
use crate::world::whole_or;

/// What a campaign counts.
#[derive(Default)]
pub(super) struct Score {
    pub(super) payouts: u64,
    pub(super) compositions_right: u64,
    /// Deposits that arrived and can be told from what is visible.
    pub(super) tellable: u64,
    pub(super) found: u64,
    pub(super) accepted: u64,
    pub(super) wrong: u64,
    /// Payouts for which another reading is possible, if unlikely.
    pub(super) likely: u64,
    /// … that are claimed, on the true line.
    pub(super) likely_claimed: u64,
    /// Payouts that cannot be told apart.
    pub(super) untellable: u64,
    /// … that read ambiguous, or as a group.
    pub(super) untellable_open: u64,
    /// Exceptions that had to be raised.
    pub(super) planted: u64,
    pub(super) named: u64,
    pub(super) false_exceptions: u64,
    pub(super) balances: u64,
    pub(super) balances_equal: u64,
    pub(super) buckets_equal: u64,
    pub(super) remarks: Vec<String>,
}

impl Score {
    /// The bounds of the product that do not hold: nothing wrong, nothing lost, nothing unnamed.
    pub(super) fn broken(&self, kind: &Kind) -> impl Iterator<Item = String> {
        // A few worlds may hold more than their share of short and wordless deposits.
        let accepted_min = whole_or(kind.accepted_min.saturating_sub(10), kind.accepted_min);
        let all = |what: &str, part: u64, whole: u64| (part == whole, format!("{what}: {part} of {whole}"));
        let share = |what: &str, part: u64, whole: u64, least: u64| {
            (part * 100 >= whole * least, format!("{what}: {part} of {whole} are less than {least} %"))
        };
        let bounds = [
            all("compositions", self.compositions_right, self.payouts),
            (self.wrong == 0, format!("{} deposits are wrong", self.wrong)),
            share("what cannot be told reads ambiguous or group", self.untellable_open, self.untellable, kind.open_min),
            share("found", self.found, self.tellable, 99),
            share("accepted", self.accepted, self.tellable, accepted_min),
            share("planted exceptions that are named", self.named, self.planted, kind.named_min),
            (self.false_exceptions * 1000 <= self.payouts, format!("{} exceptions are false", self.false_exceptions)),
            all("balances", self.balances_equal, self.balances),
            all("buckets", self.buckets_equal, self.balances),
        ];
        bounds.into_iter().filter_map(|(holds, bound)| (!holds).then_some(bound))
    }
}
