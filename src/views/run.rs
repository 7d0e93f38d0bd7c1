//! A run as `run list --json` prints it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use store::{Run, RunTrigger};

use super::schedule::took;

/// One execution of a job, whoever asked for it.
#[derive(Debug, Serialize)]
pub struct RunView<'a> {
    /// Its number.
    pub id: i64,
    /// `sync`, `webhook` or `reconcile`.
    pub job: &'a str,
    /// `person`, `schedule`, `api` or `webhook`; null where an earlier version did not note it.
    pub trigger: Option<&'static str>,
    /// `running`, `done`, `incomplete` or `failed`.
    pub state: &'static str,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; null while it runs, or when its process died.
    pub ended_at: Option<Timestamp>,
    /// From its beginning to its end.
    pub duration_ms: Option<i64>,
    /// What it did, as the job says it.
    pub summary: Option<&'a RawValue>,
}

impl<'a> RunView<'a> {
    /// The view of a run.
    #[must_use]
    pub fn of(run: &'a Run) -> Self {
        Self {
            id: run.id.0,
            job: &run.job,
            trigger: run.trigger.map(RunTrigger::as_str),
            state: run.state.as_str(),
            started_at: run.started_at,
            ended_at: run.ended_at,
            duration_ms: run.ended_at.and_then(|ended| i64::try_from(ended.duration_since(run.started_at).as_millis()).ok()),
            summary: serde_json::from_str(&run.summary).ok(),
        }
    }

    /// How long it took, as people say it.
    #[must_use]
    pub fn took(&self) -> Option<String> {
        self.duration_ms.map(took)
    }

    /// What it did, in a few words: its numbers that are not zero, or what went wrong.
    #[must_use]
    pub fn note(&self) -> String {
        let Some(serde_json::Value::Object(fields)) = self.summary.and_then(|text| serde_json::from_str(text.get()).ok()) else {
            return String::new();
        };
        if let Some(error) = fields.get("error").and_then(serde_json::Value::as_str) {
            return error.to_owned();
        }
        let numbers = fields.iter().filter_map(|(name, value)| {
            let number = value.as_u64().filter(|number| *number > 0)?;
            Some(format!("{} {number}", name.replace('_', " ")))
        });
        numbers.collect::<Vec<_>>().join(", ")
    }
}
