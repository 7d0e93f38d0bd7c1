//! What customers take back.

use money::Currency;

use super::Txn;

/// A dispute.
#[derive(Clone, Debug)]
pub(crate) struct Dispute {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    pub(crate) charge: u32,
    /// The number of the invoice's payment intent that made the charge, where one did.
    pub(crate) intent: Option<u32>,
    pub(crate) order: u32,
    pub(crate) brand: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) network_code: &'static str,
    /// When the merchant hands in its evidence, and when the bank decides.
    pub(crate) answered: i64,
    pub(crate) closed: i64,
    pub(crate) won: bool,
    /// Rendered whole inside the dispute.
    pub(crate) txns: Vec<Txn>,
}

impl Dispute {
    pub(crate) fn is_answered(&self, at: i64) -> bool {
        self.answered.min(self.closed) <= at
    }
    pub(crate) fn status(&self, at: i64) -> &'static str {
        match (self.closed <= at, self.won) {
            (true, true) => "won",
            (true, false) => "lost",
            (false, _) if self.is_answered(at) => "under_review",
            (false, _) => "needs_response",
        }
    }
}
