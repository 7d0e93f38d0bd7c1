//! Stripe's objects as they come over the wire.
//!
//! Id, money, currency and time are required. Everything else is read with tolerance: a field that is missing, null, new or
//! of a surprising type never costs the object.

mod account;
mod balance;
mod charge;
mod dispute;
mod fields;
mod payout;
mod refund;
mod txn;

pub use account::Account;
pub use balance::Balance;
pub use charge::Charge;
pub use dispute::Dispute;
pub use fields::{Id, Link, Pairs, rate};
pub use payout::Payout;
pub use refund::Refund;
pub use txn::Txn;
