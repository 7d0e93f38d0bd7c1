//! What goes to the bank.

use money::Currency;

use super::DAY;

/// What kind of payout it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PayoutKind {
    Automatic,
    Manual,
    Instant,
}

/// What Stripe says became of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PayoutStatus {
    Pending,
    InTransit,
    Paid,
    Failed,
    Canceled,
}

impl PayoutStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InTransit => "in_transit",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }
}

/// What Stripe says of the bank's reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trace {
    Pending,
    Unsupported,
    Supported(String),
}

/// A payout.
#[derive(Clone, Debug)]
pub(crate) struct Payout {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    /// Unix seconds at 00:00 UTC.
    pub(crate) arrival: i64,
    pub(crate) currency: Currency,
    /// What the bank should see, signed.
    pub(crate) amount: i64,
    pub(crate) kind: PayoutKind,
    /// When Stripe has finished its list of txns; only automatic ones have one.
    pub(crate) completed_at: i64,
    pub(crate) txn: u32,
    pub(crate) failure: Option<PayoutFailure>,
    pub(crate) descriptor: Option<&'static str>,
    /// The bank's reference, once it is known.
    pub(crate) trace: Trace,
    /// When it is, unix seconds.
    pub(crate) traced_at: i64,
    /// Serial of the payout that this one takes back.
    pub(crate) reverses: Option<u32>,
    /// Serial of the payout that takes this one back, and since when.
    pub(crate) reversed_by: Option<(u32, i64)>,
}

/// How a payout ended otherwise than at the bank.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PayoutFailure {
    pub(crate) at: i64,
    /// The txn that puts the money back.
    pub(crate) txn: u32,
    /// Stripe's failure code; `None` for a payout that was called off.
    pub(crate) code: Option<&'static str>,
}

impl Payout {
    pub(crate) fn failure_at(&self, at: i64) -> Option<PayoutFailure> {
        self.failure.filter(|failure| failure.at <= at)
    }
    pub(crate) fn status(&self, at: i64) -> PayoutStatus {
        let today = at.div_euclid(DAY);
        match self.failure_at(at) {
            Some(PayoutFailure { code: Some(_), .. }) => PayoutStatus::Failed,
            Some(_) => PayoutStatus::Canceled,
            None if self.arrival.div_euclid(DAY) <= today => PayoutStatus::Paid,
            None if self.created.div_euclid(DAY) < today => PayoutStatus::InTransit,
            None => PayoutStatus::Pending,
        }
    }
    /// What Stripe says of the bank's reference at `at`.
    pub(crate) fn trace(&self, at: i64) -> &Trace {
        if self.trace != Trace::Unsupported && at < self.traced_at { &Trace::Pending } else { &self.trace }
    }
    /// Whether Stripe has finished its list of txns by `at`.
    pub(crate) fn is_listed_completely(&self, at: i64) -> bool {
        self.kind == PayoutKind::Automatic && self.completed_at <= at
    }
}
