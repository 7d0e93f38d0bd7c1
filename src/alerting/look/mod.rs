//! A look at everything that is watched: what is not well, or not known.

mod data;
mod machine;
mod money;
mod runs;

use std::collections::BTreeMap;

use alerts::{Condition, Reading, Rule};
use jiff::Timestamp;
use store::Store;

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;

pub use runs::Habits;

/// Of more findings of one rule only so many are told one by one: what is wrong ten thousand times has one cause.
const FINDINGS_MAX: usize = 500;

/// What was found of one subject. What is well is not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What exactly.
    pub subject: String,
    /// Bad, or not known.
    pub reading: Reading,
    /// What is not well, in a sentence.
    pub what: String,
    /// How much money, as people write it.
    pub how_much: Option<String>,
    /// What was done already.
    pub done: Option<String>,
    /// What to do.
    pub to_do: String,
    /// The path of a page.
    pub look: Option<String>,
}

impl Finding {
    /// Something that is not well.
    fn bad(subject: impl Into<String>, what: String, to_do: impl Into<String>) -> Self {
        let (subject, to_do) = (subject.into(), to_do.into());
        Self { subject, reading: Reading::Bad, what, how_much: None, done: None, to_do, look: None }
    }

    fn at(self, look: impl Into<String>) -> Self {
        Self { look: Some(look.into()), ..self }
    }
}

/// Who looks, at what, and when.
pub struct Look<'a> {
    /// The database.
    pub store: &'a Store,
    /// The world.
    pub outside: &'a Outside,
    /// The settings.
    pub config: &'a Config,
    /// Now.
    pub now: Timestamp,
    /// What runs of each schedule usually are.
    pub habits: &'a mut Habits,
}

impl Look<'_> {
    /// What is not well by a rule.
    ///
    /// # Errors
    /// Where it cannot be told.
    pub fn by(&mut self, rule: &Rule) -> Result<Vec<Finding>, Failure> {
        let mut found = match rule.condition {
            Condition::RunFailed => self.failed_runs(),
            Condition::RunMissed => self.missed_runs(rule),
            Condition::RunUnusual => self.unusual_runs(),
            Condition::DataStale => self.stale_data(rule),
            Condition::SyncIncomplete => self.incomplete_sync(),
            Condition::DeliveriesFailing => self.failing_deliveries(rule),
            Condition::DepositMissing | Condition::SettlementMissing | Condition::MoneyUnexplained | Condition::ExceptionOpen => {
                self.exceptions(rule)
            }
            Condition::DisputeDue => self.due_disputes(rule),
            Condition::KeyExpiring => Ok(self.expiring_key(rule)),
            Condition::DiskFilling => self.filling_disk(),
            Condition::BackupStale => self.stale_backup(rule),
            Condition::AuditBroken => self.broken_trail(),
            Condition::ChannelFailing => self.failing_channels(rule),
        }?;
        if found.len() > FINDINGS_MAX {
            let more = found.len() - FINDINGS_MAX;
            found.truncate(FINDINGS_MAX);
            found.push(Finding::bad("and more", format!("{more} more by the rule '{}'", rule.name), "tieout status"));
        }
        Ok(found)
    }

    /// How long ago something was, as people say it.
    fn ago(&self, at: Timestamp) -> String {
        let minutes = self.now.duration_since(at).as_mins().max(0);
        match minutes {
            ..120 => format!("{minutes} minutes"),
            120..2_880 => format!("{} hours", minutes / 60),
            _ => format!("{} days", minutes / 1_440),
        }
    }

    /// Whether something is older than a rule lets it be.
    fn is_older(&self, at: Timestamp, rule: &Rule) -> bool {
        rule.age.is_some_and(|age| self.now.duration_since(at) > age)
    }
}

/// A subject for each: the same one twice would be one alert that flickers.
pub(super) fn by_subject(found: Vec<Finding>) -> BTreeMap<String, Finding> {
    found.into_iter().map(|finding| (finding.subject.clone(), finding)).collect()
}

/// A look that failed.
pub(super) fn failed(rule: &Rule, failure: &Failure) -> Finding {
    Finding {
        reading: Reading::Error,
        ..Finding::bad(
            "",
            format!("Whether all is well by the rule '{}' cannot be told: {}", rule.name, failure.message),
            failure.hint.clone().unwrap_or_else(|| "tieout doctor".to_owned()),
        )
    }
}

/// A database that fails while it is looked at.
fn unread(error: store::StoreError) -> Failure {
    let failure = crate::views::load::store_failure(error);
    Failure { exit: Exit::Failed, ..failure }
}
