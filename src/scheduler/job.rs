//! What a schedule runs, and how that ended.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::Currency;
use schedule::retry::Fault;
use serde::{Deserialize, Serialize};
use store::{Measured, RunTrigger, ScheduledRun, ScheduledState, Store};

use super::hash::hash_of;
use super::log::RunLog;
use super::{Call, Fetch, Period, audit, call, check, digest, fetch, rotation, tables};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::export::Format;
use crate::jobs::inbox::Inbox;
use crate::jobs::reconcile::{ReconcileRequest, reconcile};
use crate::jobs::sync::{Day, Days, SyncRequest, SyncSummary, kinds, sync};
use crate::outside::Outside;
use crate::views::job::words;
use crate::views::load::{store_failure, zone_of};
use crate::views::printable::printable;

/// A job that can be scheduled. As JSON it stands in the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case", deny_unknown_fields)]
pub enum Job {
    /// Reads what is new at Stripe.
    Sync {
        /// Only these kinds; none means all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        only: Vec<String>,
        /// Only what was created on the day before the run was due, in the business time zone.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        yesterday: bool,
    },
    /// Judges every payout against its txns and the bank.
    Reconcile,
    /// Imports the statement files that lie in a folder.
    Import {
        /// The folder.
        folder: PathBuf,
        /// The bank account that its files are of.
        bank_account: String,
        /// The currency, where the files do not say it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        currency: Option<String>,
        /// How to read a CSV.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        profile: Option<String>,
    },
    /// Imports what a program of the settings writes.
    Fetch(Fetch),
    /// Reads what is new at Stripe, lists a past day again, and checks what is here.
    Check,
    /// Verifies the audit trail.
    Audit {
        /// The file of anchors that it is held against, and to which the newest is added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        anchors: Option<PathBuf>,
    },
    /// Writes a backup into a folder, and removes the oldest that it wrote there.
    Backup {
        /// The folder.
        folder: PathBuf,
        /// So many of its own stay.
        keep: usize,
    },
    /// Writes tables into a folder.
    Export {
        /// The folder.
        folder: PathBuf,
        /// Only these tables; none means all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tables: Vec<String>,
        /// Their form.
        format: Format,
    },
    /// Tells everybody who is told of alerts how everything stands.
    Digest {
        /// Of how long it tells.
        period: Period,
    },
    /// Calls an address.
    Http(Call),
}

/// How a try of a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEnd {
    /// [`ScheduledState::Done`], `Incomplete`, `Failed` or `Canceled`.
    pub state: ScheduledState,
    /// What went wrong, where something did.
    pub fault: Option<Fault>,
    /// The same in a sentence.
    pub error: Option<String>,
    /// The status of the answer, where it was an HTTP call.
    pub http_status: Option<u16>,
    /// How much it took in: objects, lines, bytes.
    pub volume: Option<u64>,
    /// What the job said, as JSON.
    pub summary: String,
    /// What it took in and gave out.
    pub measured: Measured,
}

impl Job {
    /// Runs it, for a run that was due at its instant. Called off, it ends where nothing is half done.
    pub async fn run(&self, outside: &Outside, config: &Config, run: &ScheduledRun) -> JobEnd {
        let mut log = RunLog::new(outside);
        log.say(&format!("{}, try {}, version {}", words(&run.job), run.attempts, env!("CARGO_PKG_VERSION")));
        let (outside_too, config_too) = (outside.clone(), config.clone());
        let ended = match self.clone() {
            Self::Sync { only, yesterday } => {
                let of_day_before = yesterday.then_some(run.due_at);
                unless_called_off(outside, run_sync(outside, config, &only, of_day_before, &mut log)).await
            }
            Self::Check => check::run(outside, config, &mut log).await,
            Self::Fetch(fetch) => fetch::run(outside, config, &fetch, &mut log).await,
            Self::Http(call) => {
                unless_called_off(outside, call::run(outside, config, &call, &format!("tieout-run-{}", run.id), &mut log)).await
            }
            Self::Reconcile => aside(&mut log, move |_| run_reconcile(&outside_too, &config_too)).await,
            Self::Import { folder, bank_account, currency, profile } => {
                let currency = currency.and_then(|code| Currency::parse(&code).ok());
                let inbox = Inbox { folder, bank_account, currency, profile };
                aside(&mut log, move |log| run_import(&outside_too, &config_too, &inbox, log)).await
            }
            Self::Audit { anchors } => {
                aside(&mut log, move |log| audit::run(&outside_too, &config_too, anchors.as_deref(), log)).await
            }
            Self::Backup { folder, keep } => {
                aside(&mut log, move |log| rotation::run(&outside_too, &config_too, &folder, keep, log)).await
            }
            Self::Export { folder, tables, format } => {
                aside(&mut log, move |log| tables::run(&outside_too, &config_too, (&folder, &tables, format), log)).await
            }
            Self::Digest { period } => {
                let until = run.due_at;
                aside(&mut log, move |_| digest::run(&outside_too, &config_too, period, until)).await
            }
        };
        let mut end = match ended {
            Ok(end) => end,
            Err(_) if outside.is_called_off() => JobEnd::called_off(),
            Err(failure) => JobEnd::failed(&failure),
        };
        log.say(end.error.as_deref().unwrap_or("it did all"));
        end.measured.log = log.text();
        end
    }
}

/// Runs what takes a thread for itself, to its end.
async fn aside(
    log: &mut RunLog,
    job: impl FnOnce(&mut RunLog) -> Result<JobEnd, Failure> + Send + 'static,
) -> Result<JobEnd, Failure> {
    let mut own = log.clone();
    let running = tokio::task::spawn_blocking(move || {
        let ended = job(&mut own);
        (ended, own)
    });
    let early = |_| Failure::new(Exit::Failed, "the job ended early; the fault is ours");
    let (ended, said) = running.await.map_err(early)?;
    *log = said;
    ended
}

impl JobEnd {
    /// A try that did all.
    pub fn done(volume: Option<u64>, summary: serde_json::Value) -> Self {
        let summary = summary.to_string();
        let measured = Measured::default();
        Self { state: ScheduledState::Done, fault: None, error: None, http_status: None, volume, summary, measured }
    }

    /// A try that was called off before it did all.
    pub fn called_off() -> Self {
        Self { state: ScheduledState::Canceled, ..Self::done(None, serde_json::Value::Null) }
    }

    /// A try that ended in a failure.
    pub fn failed(failure: &Failure) -> Self {
        let summary = serde_json::json!({ "error": failure.message, "hint": failure.hint }).to_string();
        Self { state: ScheduledState::Failed, summary, ..Self::done(None, serde_json::Value::Null) }
            .because(fault_of(failure.exit), failure.message.clone())
    }

    /// What it took in and gave out.
    pub(super) fn measuring(self, measured: Measured) -> Self {
        Self { measured, ..self }
    }

    pub(super) fn because(mut self, fault: Fault, error: String) -> Self {
        self.fault = Some(fault);
        self.error = Some(printable(&error));
        self
    }
}

/// What waits for others may be left at any time.
async fn unless_called_off(outside: &Outside, job: impl Future<Output = Result<JobEnd, Failure>>) -> Result<JobEnd, Failure> {
    tokio::select! {
        ended = job => ended,
        () = outside.until_called_off() => outside.goes_on().map(|()| JobEnd::called_off()),
    }
}

/// Whether what ended a command passes by itself. A key or a setting stays wrong until a person mends it.
const fn fault_of(exit: Exit) -> Fault {
    match exit {
        Exit::Authentication | Exit::Usage => Fault::Lasting,
        _ => Fault::Passing { retry_after: None },
    }
}

/// `of_day_before`: only what was created on the day before this instant.
async fn run_sync(
    outside: &Outside,
    config: &Config,
    only: &[String],
    of_day_before: Option<Timestamp>,
    log: &mut RunLog,
) -> Result<JobEnd, Failure> {
    let days = of_day_before.map(|due_at| day_before(config, due_at)).transpose()?;
    let request = SyncRequest {
        only: kinds().filter(|kind| only.iter().any(|word| word == kind.as_str())).collect(),
        skip: config.sync_skip.clone(),
        days: days.map(|day| Days { first: day, last: Some(day) }),
        trigger: RunTrigger::Schedule,
        ..SyncRequest::default()
    };
    let summary = sync(outside, config, &request, log).await?;
    summary.warnings.iter().chain(&summary.unread).for_each(|line| log.say(line));
    Ok(synced(&summary))
}

pub(super) fn synced(summary: &SyncSummary) -> JobEnd {
    let told = serde_json::to_value(summary).unwrap_or_default();
    // How often it had to ask is no part of what came of it.
    let came = serde_json::json!([summary.by_kind, summary.inserted, summary.updated, summary.unread]).to_string();
    let end = JobEnd::done(Some(summary.synced), told).measuring(Measured {
        requests: Some(summary.requests),
        bytes: Some(summary.bytes),
        changed: Some(summary.inserted + summary.updated),
        input_hash: Some(summary.read_hash.clone()),
        output_hash: Some(hash_of([came.as_bytes()])),
        ..Measured::default()
    });
    let unread = || summary.unread.first().cloned().unwrap_or_else(|| "not everything could be read".to_owned());
    match &summary.to_mend {
        Some(failure) => {
            JobEnd { state: ScheduledState::Incomplete, ..end }.because(fault_of(failure.exit), failure.message.clone())
        }
        None if summary.complete => end,
        None => JobEnd { state: ScheduledState::Incomplete, ..end }.because(Fault::Passing { retry_after: None }, unread()),
    }
}

/// The business day before the one of `due_at`. Before a first sync has brought the time zone, the sync itself finds it.
fn day_before(config: &Config, due_at: Timestamp) -> Result<Day, Failure> {
    let store = Store::open_existing(&config.database).map_err(store_failure)?;
    let accounts = store.map_or(Ok(Vec::new()), |store| store.own_accounts()).map_err(store_failure)?;
    if config.time_zone.is_none() && accounts.is_empty() {
        return Ok(Day::Yesterday);
    }
    Ok(day_before_in(&zone_of(config.time_zone.as_deref(), &accounts), due_at))
}

/// Within years of our time every day has one before it.
fn day_before_in(zone: &TimeZone, due_at: Timestamp) -> Day {
    zone.to_datetime(due_at).date().yesterday().map_or(Day::Yesterday, Day::On)
}

fn run_reconcile(outside: &Outside, config: &Config) -> Result<JobEnd, Failure> {
    let request = ReconcileRequest { trigger: RunTrigger::Schedule, ..ReconcileRequest::default() };
    let report = reconcile(outside, config, request)?;
    let payouts = report.outcomes.verdicts.len();
    let told = serde_json::json!({
        "payouts": payouts,
        "verdicts_changed": report.plan.verdicts.len(),
        "exceptions_opened": report.plan.exceptions_open.len(),
        "exceptions_resolved": report.plan.exceptions_resolved.len(),
        "exceptions_open": report.outcomes.exceptions.len(),
    });
    let measured = Measured {
        changed: report.applied.map(|applied| applied.total()),
        input_hash: Some(hash_of([report.revision.to_string().as_bytes(), report.today.to_string().as_bytes()])),
        output_hash: Some(hash_of([told.to_string().as_bytes()])),
        ..Measured::default()
    };
    Ok(JobEnd::done(u64::try_from(payouts).ok(), told).measuring(measured))
}

/// A file that was refused is a person's to look at: it lies aside, and no run has done all until somebody has taken it from there.
fn run_import(outside: &Outside, config: &Config, inbox: &Inbox, log: &mut RunLog) -> Result<JobEnd, Failure> {
    let taken = inbox.take(outside, config)?;
    let lines = taken.imported.iter().map(|report| report.lines).sum();
    let added: u64 = taken.imported.iter().map(|report| report.added).sum();
    let refused: Vec<String> = taken.refused.iter().map(|(name, failure)| format!("{name}: {}", failure.message)).collect();
    let told = serde_json::json!({
        "imported": taken.imported.iter().map(|report| &report.file_name).collect::<Vec<_>>(),
        "lines": lines,
        "added": added,
        "refused": refused,
        "refused_before": taken.refused_before,
    });
    for report in &taken.imported {
        log.say(&format!("{}: {} lines, {} new", report.file_name, report.lines, report.added));
    }
    refused.iter().for_each(|line| log.say(line));
    let measured = Measured {
        bytes: Some(taken.imported.iter().map(|report| report.bytes).sum()),
        changed: Some(added),
        input_hash: Some(hash_of(taken.imported.iter().map(|report| &report.sha256[..]))),
        output_hash: Some(hash_of([told.to_string().as_bytes()])),
        ..Measured::default()
    };
    let end = JobEnd::done(Some(lines), told).measuring(measured);
    let earlier = || {
        let first = taken.refused_before.first()?;
        let others = match taken.refused_before.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        Some(format!("{first}{others}, refused earlier, still in the folder 'refused': mend and put back, or remove"))
    };
    Ok(match refused.first().cloned().or_else(earlier) {
        Some(error) => JobEnd { state: ScheduledState::Incomplete, ..end }.because(Fault::Lasting, error),
        None => end,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yesterday_is_the_business_day_before_the_one_that_the_run_was_due_on_whenever_it_is_run() {
        let day = |zone: &str, due_at: &str| day_before_in(&TimeZone::get(zone).unwrap(), due_at.parse().unwrap());
        let on = |text: &str| Day::On(text.parse().unwrap());
        assert_eq!(day("America/New_York", "2026-03-08T04:59:59Z"), on("2026-03-06"));
        assert_eq!(day("America/New_York", "2026-03-08T05:00:00Z"), on("2026-03-07"));
        assert_eq!(day("America/New_York", "2026-03-09T03:59:59Z"), on("2026-03-07"));
        assert_eq!(day("America/New_York", "2026-03-09T04:00:00Z"), on("2026-03-08"));
        assert_eq!(day("Pacific/Kiritimati", "2025-12-31T09:59:59Z"), on("2025-12-30"));
        assert_eq!(day("Pacific/Kiritimati", "2025-12-31T10:00:00Z"), on("2025-12-31"));
        assert_eq!(day("Pacific/Niue", "2028-03-01T10:59:59Z"), on("2028-02-28"));
        assert_eq!(day("Pacific/Niue", "2028-03-01T11:00:00Z"), on("2028-02-29"));
    }
}
