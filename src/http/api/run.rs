//! One run of a sync, from the call that began it to what every caller hears of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use store::RunState;
use tokio::sync::watch;

use super::asked::Wanted;
use super::problem::ApiProblem;
use crate::exit::Failure;
use crate::jobs::sync::SyncSummary;

/// One run.
pub struct Run {
    id: String,
    wanted: Wanted,
    standing: watch::Sender<Standing>,
}

/// How a run stands. It also counts as running while it waits for its turn, and then has not started.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    state: &'static str,
    synced: Option<u64>,
    date: Option<String>,
    /// Kinds that the key may not read, each with the permission that it lacks; not shown where there are none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    left_out: BTreeMap<&'static str, String>,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    error: Option<ApiProblem>,
}

/// What a sync that read everything answers.
#[derive(Clone, Debug, Serialize)]
pub struct Synced {
    synced: Option<u64>,
    date: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    left_out: BTreeMap<&'static str, String>,
}

impl Run {
    /// A run that has not started.
    pub fn new(id: String, wanted: Wanted) -> Self {
        let state = RunState::Running.as_str();
        let left_out = BTreeMap::new();
        let standing = Standing { state, synced: None, date: None, left_out, started_at: None, ended_at: None, error: None };
        Self { id, wanted, standing: watch::Sender::new(standing) }
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it reads.
    pub const fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.standing.borrow().ended_at.is_some()
    }

    /// How it stands now.
    pub fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// How it stands once it has ended.
    pub async fn ended(&self) -> Standing {
        let mut standing = self.standing.subscribe();
        // The sender lives in `self`, so waiting ends only with the run.
        let _ = standing.wait_for(|standing| standing.ended_at.is_some()).await;
        self.standing()
    }

    /// It has its turn.
    pub fn start(&self, at: Timestamp) {
        self.standing.send_modify(|standing| standing.started_at = Some(at));
    }

    /// It has ended with this.
    pub fn end(&self, at: Timestamp, ended: Result<SyncSummary, Failure>) {
        let (state, summary, error) = match ended {
            Ok(summary) if summary.complete => (RunState::Done, Some(summary), None),
            Ok(mut summary) => {
                // What a person must mend is told as such: calling again soon does not help.
                let problem = match summary.to_mend.take() {
                    Some(failure) => ApiProblem::of_failure(&failure),
                    None => ApiProblem::incomplete(std::mem::take(&mut summary.unread)),
                };
                (RunState::Incomplete, Some(summary), Some(problem))
            }
            Err(failure) => (RunState::Failed, None, Some(ApiProblem::of_failure(&failure))),
        };
        self.standing.send_modify(|standing| {
            standing.state = state.as_str();
            standing.synced = summary.as_ref().map(|summary| summary.synced);
            if let Some(summary) = summary {
                (standing.date, standing.left_out) = (summary.date, summary.left_out);
            }
            standing.ended_at = Some(at);
            standing.error = error;
        });
    }
}

impl Standing {
    /// What those hear who waited for the end.
    ///
    /// # Errors
    /// Why it did not read everything.
    pub fn answer(self) -> Result<Synced, ApiProblem> {
        match self.error {
            None => Ok(Synced { synced: self.synced, date: self.date, left_out: self.left_out }),
            Some(problem) => Err(problem),
        }
    }
}
