//! A refused object as `refusal list --json` prints it.

use jiff::Timestamp;
use serde::Serialize;
use store::RefusalRow;

/// An object that Stripe sent and that could not be taken.
#[derive(Debug, Clone, Serialize)]
pub struct RefusalView<'a> {
    /// Whose.
    pub account: &'a str,
    /// What it should have been.
    pub kind: &'static str,
    /// Its id.
    pub object_id: &'a str,
    /// What is wrong with it, in one word.
    pub cause: &'static str,
    /// The same in a sentence.
    pub reason: &'a str,
    /// What to do about it.
    pub remedy: &'static str,
    /// The payout that lists it a second time; null for every other cause.
    pub payout: Option<&'a str>,
    /// When it was first refused; null where that was before it was noted.
    pub since_at: Option<Timestamp>,
    /// The run that brought it; null where that was before it was noted.
    pub run: Option<i64>,
    /// Stripe's id of the request that brought it.
    pub request_id: Option<&'a str>,
}

impl<'a> RefusalView<'a> {
    /// The view of a refused object.
    #[must_use]
    pub fn of(row: &'a RefusalRow) -> Self {
        Self {
            account: row.account.as_str(),
            kind: row.kind.as_str(),
            object_id: &row.object_id,
            cause: row.cause.as_str(),
            reason: &row.reason,
            remedy: recon::remedy_of_refusal(row.cause),
            payout: row.payout.as_deref(),
            since_at: row.since,
            run: row.run.map(|run| run.0),
            request_id: row.request_id.as_deref(),
        }
    }
}
