//! When something is to happen: an [`Expression`], as cron or in words, and the instants that it names in a time zone.
//!
//! An expression whose hour is `*` follows elapsed time: it takes both passes of an hour that is repeated when clocks are set back, and
//! nothing in one that is skipped when they are set forward. Any other names times on the wall clock: one that is skipped happens at
//! the first instant after the gap, one that is repeated at its first pass. Each instant happens once, however many of the
//! expression's times fall on it.

mod cron;
mod days;
mod expression;
mod field;
mod occurrences;
pub mod plan;
pub mod retry;
pub mod trend;
mod words;

pub use cron::Cron;
pub use expression::{BadExpression, Expression};
pub use occurrences::{Occurrence, Occurrences, Remark};
