//! What customers pay.

use money::Currency;

use crate::world::{
    methods::{Debit, Method},
    ties::Tie,
};

/// The intent of a payment that has none: it came by transfer.
pub(crate) const NO_INTENT: u32 = u32::MAX;

/// A card.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Card {
    pub(crate) number: u32,
    pub(crate) brand: &'static str,
    pub(crate) country: &'static str,
    pub(crate) last4: u16,
}

/// What happens to a charge after it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChargeChange {
    /// Minor units of the charge's currency.
    Refunded(i64),
    /// A refund of so much came back.
    RefundFailed(i64),
    Disputed,
    /// The debit of the customer's bank account failed.
    Failed,
}

/// A charge.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    /// Presentment currency and its minor units.
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    /// When and what; in no order. Most charges have none.
    pub(crate) changes: Vec<(i64, ChargeChange)>,
    /// `None`: declined.
    pub(crate) txn: Option<u32>,
    pub(crate) customer: u32,
    pub(crate) order: u32,
    pub(crate) card: Card,
    /// Serial of the application fee at the platform and its amount in the charge's currency.
    pub(crate) application_fee: Option<(u32, i64)>,
    /// The number of the invoice's payment intent that made it; `None` for a charge with an intent of its own.
    pub(crate) intent: Option<u32>,
    pub(crate) method: Method,
    /// How it ended, for one that is certain only days later.
    pub(crate) debit: Option<Box<Debit>>,
    /// What ties it to another account.
    pub(crate) tie: Option<Box<Tie>>,
}

impl Charge {
    /// The number of its payment intent.
    pub(crate) fn intent(&self) -> u32 {
        self.intent.unwrap_or(self.serial)
    }
    /// How much of it is refunded at `at`, and not come back.
    pub(crate) fn refunded(&self, at: i64) -> i64 {
        let part = |change: &ChargeChange| match change {
            ChargeChange::Refunded(amount) => *amount,
            ChargeChange::RefundFailed(amount) => -amount,
            ChargeChange::Disputed | ChargeChange::Failed => 0,
        };
        self.changes.iter().filter(|(since, _)| *since <= at).map(|(_, change)| part(change)).sum()
    }
    pub(crate) fn is_failed_debit(&self) -> bool {
        self.changes.iter().any(|(_, change)| *change == ChargeChange::Failed)
    }
    pub(crate) fn is_disputed(&self, at: i64) -> bool {
        self.changes.iter().any(|(since, change)| *since <= at && *change == ChargeChange::Disputed)
    }
}
