//! What pages and commands show. Every list has one fixed order, and a filter that narrows it.

pub mod accounts;
pub mod bank_lines;
pub mod exceptions;
pub mod history;
pub mod known;
pub mod legs;
pub mod matches;
pub mod owed;
pub mod payouts;
pub(crate) mod query;
pub mod refusals;
pub mod sources;
pub mod status;
pub mod tables;
pub mod totals;
pub mod txns;
pub mod unitemised;
pub mod unknown_types;
pub mod unnamed;
pub mod unsettled;
