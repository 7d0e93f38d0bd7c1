//! What a schedule runs, and how that ended.

use serde::{Deserialize, Serialize};
use store::ScheduledState;

use schedule::retry::Fault;

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::Unwatched;
use crate::jobs::reconcile::{ReconcileRequest, reconcile};
use crate::jobs::sync::{Day, Days, SyncRequest, kinds, sync};
use crate::outside::Outside;

/// A job that can be scheduled. As JSON it stands in the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case", deny_unknown_fields)]
pub enum Job {
    /// Reads what is new at Stripe.
    Sync {
        /// Only these kinds; none means all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        only: Vec<String>,
        /// Only what was created yesterday, in the business time zone.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        yesterday: bool,
    },
    /// Judges every payout against its txns and the bank.
    Reconcile,
}

/// How a try of a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEnd {
    /// [`ScheduledState::Done`], `Incomplete` or `Failed`.
    pub state: ScheduledState,
    /// What went wrong, where something did.
    pub fault: Option<Fault>,
    /// What the job said, as JSON.
    pub summary: String,
}

impl Job {
    /// Runs it.
    pub async fn run(&self, outside: &Outside, config: &Config) -> JobEnd {
        let ended = match self {
            Self::Sync { only, yesterday } => run_sync(outside, config, only, *yesterday).await,
            Self::Reconcile => run_reconcile(outside, config).await,
        };
        ended.unwrap_or_else(|failure| JobEnd::failed(&failure))
    }
}

impl JobEnd {
    /// A try that ended in a failure.
    pub fn failed(failure: &Failure) -> Self {
        let summary = serde_json::json!({ "error": failure.message, "hint": failure.hint }).to_string();
        Self { state: ScheduledState::Failed, fault: Some(fault_of(failure.exit)), summary }
    }
}

/// Whether what ended a command passes by itself. A key or a setting stays wrong until a person mends it.
const fn fault_of(exit: Exit) -> Fault {
    match exit {
        Exit::Authentication | Exit::Usage => Fault::Lasting,
        _ => Fault::Passing { retry_after: None },
    }
}

async fn run_sync(outside: &Outside, config: &Config, only: &[String], yesterday: bool) -> Result<JobEnd, Failure> {
    let request = SyncRequest {
        only: kinds().filter(|kind| only.iter().any(|word| word == kind.as_str())).collect(),
        skip: config.sync_skip.clone(),
        days: yesterday.then_some(Days { first: Day::Yesterday, last: Some(Day::Yesterday) }),
        ..SyncRequest::default()
    };
    let summary = sync(outside, config, &request, &mut Unwatched).await?;
    let told = serde_json::to_string(&summary).unwrap_or_else(|_| "{}".to_owned());
    let (state, fault) = match (&summary.to_mend, summary.complete) {
        (Some(failure), _) => (ScheduledState::Incomplete, Some(fault_of(failure.exit))),
        (None, false) => (ScheduledState::Incomplete, Some(Fault::Passing { retry_after: None })),
        (None, true) => (ScheduledState::Done, None),
    };
    Ok(JobEnd { state, fault, summary: told })
}

async fn run_reconcile(outside: &Outside, config: &Config) -> Result<JobEnd, Failure> {
    let (outside, config) = (outside.clone(), config.clone());
    let judging = tokio::task::spawn_blocking(move || reconcile(&outside, &config, ReconcileRequest::default()));
    let report = judging.await.map_err(|_| Failure::new(Exit::Failed, "the reconciliation ended early; the fault is ours"))??;
    let told = serde_json::json!({
        "payouts": report.outcomes.verdicts.len(),
        "verdicts_changed": report.plan.verdicts.len(),
        "exceptions_opened": report.plan.exceptions_open.len(),
        "exceptions_resolved": report.plan.exceptions_resolved.len(),
        "exceptions_open": report.outcomes.exceptions.len(),
    });
    Ok(JobEnd { state: ScheduledState::Done, fault: None, summary: told.to_string() })
}
