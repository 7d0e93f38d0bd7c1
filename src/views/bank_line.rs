//! A bank line as `bank-line list --json` prints it.

use facts::MatchState;
use jiff::civil::Date;
use serde::Serialize;
use store::BankLineRow;

/// One line of a bank statement.
#[derive(Debug, Clone, Serialize)]
pub struct BankLineView<'a> {
    /// Its id.
    pub id: &'a str,
    /// Whose statement.
    pub bank_account: &'a str,
    /// The day the bank booked it.
    pub date_on: Date,
    /// The day from which it counts for interest.
    pub value_on: Option<Date>,
    /// Positive is money in.
    pub amount_minor: i64,
    /// The currency of the bank account.
    pub currency: String,
    /// What the bank wrote.
    pub description: &'a str,
    /// Who paid or was paid.
    pub counterparty: Option<&'a str>,
    /// The bank's own reference, else the end-to-end or customer's reference.
    pub reference: Option<&'a str>,
    /// `matched`, `proposed`, `ambiguous` or `unmatched`.
    pub state: &'static str,
    /// The payouts that it holds, or could hold.
    pub payouts: Vec<&'a str>,
}

/// The word for a line that no live match names.
pub const UNMATCHED: &str = "unmatched";

/// Every word of a line's state.
pub const STATES: [&str; 4] = ["matched", "proposed", "ambiguous", UNMATCHED];

impl<'a> BankLineView<'a> {
    /// The view of a line and of the matches that name it.
    #[must_use]
    pub fn of(row: &'a BankLineRow) -> Self {
        let BankLineRow { line, matches } = row;
        let live = || matches.iter().filter(|link| word(link.state).is_some());
        let best = live().min_by_key(|link| rank(link.state));
        let mut payouts: Vec<&str> = live()
            .filter(|link| best.is_some_and(|best| best.state == link.state))
            .flat_map(|link| &link.left)
            .filter(|subject| subject.kind == "payout")
            .map(|subject| subject.id.as_str())
            .collect();
        payouts.sort_unstable();
        payouts.dedup();
        Self {
            id: line.id.as_str(),
            bank_account: line.bank_account.as_str(),
            date_on: line.date_on,
            value_on: line.value_on,
            amount_minor: line.amount.minor(),
            currency: line.amount.currency().to_string(),
            description: &line.description,
            counterparty: line.counterparty.as_deref(),
            reference: line.reference.as_deref(),
            state: best.and_then(|link| word(link.state)).unwrap_or(UNMATCHED),
            payouts,
        }
    }
}

/// What a match makes of its line; `None` when it is no longer in force.
fn word(state: MatchState) -> Option<&'static str> {
    match state {
        MatchState::Accepted => Some("matched"),
        MatchState::Proposed => Some("proposed"),
        MatchState::Ambiguous => Some("ambiguous"),
        MatchState::Rejected | MatchState::Undone => None,
    }
}

/// The most decided first.
fn rank(state: MatchState) -> u8 {
    match state {
        MatchState::Accepted => 0,
        MatchState::Proposed => 1,
        MatchState::Ambiguous => 2,
        MatchState::Rejected | MatchState::Undone => 3,
    }
}
