//! The product's thinking: composition, matching, exceptions and the plan.
//!
//! Owns every judgement that Tieout makes. Is given everything: data, rules and the day. Refuses I/O, clocks, randomness and
//! floats, so that the same input gives the same answer on any machine, in any order, at any time.

/// Raised with every change by which the same facts come to other conclusions: those of before are then drawn anew.
pub const CONCLUSIONS: u32 = 2;

mod account;
mod alone;
mod business_days;
pub mod composition;
mod covered;
mod exception;
mod legs;
pub mod matching;
mod plan;
mod rules;
pub mod settlement;
mod snapshot;
mod tie_out;
pub mod unitemised;

pub use account::{ACCOUNT_CODES, account_exceptions};
pub use alone::{Alone, Beside, DuePayout, Kin, first_arrivals, judge_alone, lines_from};
pub use business_days::{BusinessDay, add_business_days};
pub use covered::booked_within;
pub use exception::{class_of, remedy_of, remedy_of_refusal, title_of};
pub use plan::{Outcomes, Plan, conclude, difference, plan};
pub use rules::Rules;
pub use snapshot::{BalanceCheck, GapContext, Members, OwnTxn, PayoutItem, PayoutTxns, Refusal, Snapshot, Unsettled};
