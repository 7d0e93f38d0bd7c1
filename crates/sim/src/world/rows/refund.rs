//! What customers get back.

use money::Currency;

use crate::world::dress::Dress;

/// A refund.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    pub(crate) charge: u32,
    /// The number of the charge's payment intent.
    pub(crate) intent: u32,
    pub(crate) order: u32,
    pub(crate) reason: Option<&'static str>,
    pub(crate) txn: u32,
    /// The txn that gave the money back, and when.
    pub(crate) failure: Option<(u32, i64)>,
    /// What it says otherwise than a card payment's refund.
    pub(crate) dress: Option<Box<Dress>>,
}

impl Refund {
    /// The txn that has given the money back by `at`.
    pub(crate) fn failure_txn(&self, at: i64) -> Option<u32> {
        self.failure.filter(|(_, since)| *since <= at).map(|(txn, _)| txn)
    }
}
