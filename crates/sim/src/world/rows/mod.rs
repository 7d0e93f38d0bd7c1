//! What a Stripe object says, compactly. `render` makes Stripe's JSON of it.

mod charge;
mod dispute;
mod payout;
mod refund;
mod stamp;
mod txn;

pub(crate) use charge::{Card, Charge, ChargeChange, NO_INTENT};
pub(crate) use dispute::Dispute;
pub(crate) use payout::{Payout, PayoutFailure, PayoutKind, PayoutStatus, Trace};
pub(crate) use refund::Refund;
pub(crate) use stamp::{PAYMENT, Stamp};
pub(crate) use txn::{FeeKind, Source, Txn, TxnKind};

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;
