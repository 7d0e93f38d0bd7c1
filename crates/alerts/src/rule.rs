//! Which conditions are watched, how closely, and how loudly.

use jiff::SignedDuration;

use crate::condition::Condition;
use crate::state::Timing;

/// How loudly to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// It can wait until the quiet hours are over.
    Warning,
    /// It cannot.
    Critical,
}

impl Severity {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Warning, Self::Critical];

    /// The word in flags, columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// That of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// A condition to watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name; of a standard one the condition's word.
    pub name: String,
    /// What is looked at.
    pub condition: Condition,
    /// How loudly to tell.
    pub severity: Severity,
    /// How long it must stand, and when it is told of again.
    pub timing: Timing,
    /// What is older than this is too old; what is due within this is near. Only of conditions that have an age.
    pub age: Option<SignedDuration>,
    /// Only what is at least so much, in minor units of the currency. Only of exceptions.
    pub at_least: Option<(u64, String)>,
    /// Whether it is watched.
    pub enabled: bool,
}

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// The rules that everybody has until they say otherwise: one for each condition.
#[must_use]
pub fn standard() -> Vec<Rule> {
    Condition::ALL.into_iter().map(standard_of).collect()
}

fn standard_of(condition: Condition) -> Rule {
    use Condition::{
        AuditBroken, BackupStale, ChannelFailing, DataStale, DeliveriesFailing, DepositMissing, DiskFilling, DisputeDue,
        ExceptionOpen, KeyExpiring, MoneyUnexplained, RunFailed, RunMissed, RunUnusual, SettlementMissing, SyncIncomplete,
    };
    let severity = match condition {
        RunFailed | RunMissed | DataStale | DepositMissing | DisputeDue | KeyExpiring | DiskFilling | AuditBroken => {
            Severity::Critical
        }
        RunUnusual | SyncIncomplete | SettlementMissing | ExceptionOpen | MoneyUnexplained | DeliveriesFailing | BackupStale
        | ChannelFailing => Severity::Warning,
    };
    // Minutes: how long it stands before it is told of, how long it must be well again, what is too old or near.
    let (pending, recovering, age) = match condition {
        RunFailed | RunMissed | DepositMissing | DisputeDue | KeyExpiring | AuditBroken => (0, 0, None),
        RunUnusual | SettlementMissing | ExceptionOpen => (0, 0, None),
        // A first sync has to come to its end.
        DataStale => (30, 0, Some(26 * HOUR)),
        SyncIncomplete | MoneyUnexplained => (30, 0, None),
        DeliveriesFailing => (5, 5, Some(HOUR / 4)),
        DiskFilling => (2, 10, None),
        BackupStale => (0, 0, Some(36 * HOUR)),
        ChannelFailing => (0, 0, Some(HOUR)),
    };
    let age = match condition {
        DisputeDue => Some(3 * DAY),
        KeyExpiring => Some(14 * DAY),
        ExceptionOpen => Some(3 * DAY),
        _ => age,
    };
    let minutes = SignedDuration::from_mins;
    Rule {
        name: condition.as_str().to_owned(),
        condition,
        severity,
        timing: Timing { pending: minutes(pending), recovering: minutes(recovering), repeat: Some(minutes(DAY)) },
        age: age.map(minutes),
        at_least: None,
        enabled: true,
    }
}
