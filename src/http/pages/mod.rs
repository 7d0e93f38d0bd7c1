//! One file a page: facts in, HTML out. Nothing here writes.

pub mod alerts;
pub mod audit;
pub mod audit_entry;
pub mod bank_line;
pub mod bank_lines;
pub mod book;
pub mod evidence;
pub mod exception;
pub mod exceptions;
pub mod find;
pub mod home;
pub mod known;
pub mod message;
pub mod payout;
pub mod payouts;
pub mod run;
pub mod runs;
pub mod schedule;
pub mod schedule_chart;
pub mod schedule_preview;
pub mod schedule_timeline;
pub mod scheduled_run;
pub mod scheduled_runs;
pub mod schedules;
pub mod txn;
pub mod txns;
pub mod waterfall;

use store::Store;

use super::ask::Ask;
use super::problem::Problem;

/// A page: the database and what was asked of it, made into HTML.
pub type Page = fn(&Store, &Ask) -> Result<Answer, Problem>;

/// What a page is while there is no database.
pub type Without = fn(&Ask) -> Result<Answer, Problem>;

/// What a page answers.
#[derive(Debug)]
pub enum Answer {
    /// HTML.
    Html(String),
    /// Another page has it.
    Elsewhere(String),
}
