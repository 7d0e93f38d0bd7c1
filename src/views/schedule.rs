//! Schedules and their runs, as commands and pages show them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::value::RawValue;
use store::{Schedule, ScheduledRun, ScheduledTry};

/// A schedule.
#[derive(Debug, Serialize)]
pub struct ScheduleView<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it runs.
    pub job: Option<&'a RawValue>,
    /// When, as a person typed it; null where it follows another.
    pub expression: Option<&'a str>,
    /// The same as cron.
    pub cron: Option<&'a str>,
    /// The schedule that it runs after.
    pub after: Option<&'a str>,
    /// The time zone whose clocks count.
    pub tz: String,
    /// Whether that is the business time zone, whatever it is.
    pub tz_is_business: bool,
    /// How often one that failed is tried again.
    pub retries: u32,
    /// Of what nobody ran in time: once, each, none.
    pub missed: &'a str,
    /// Of what comes too soon: skip, queue.
    pub overlap: &'a str,
    /// Whether nothing is run.
    pub paused: bool,
    /// When it is due next; null where never, or while it is paused.
    pub next_at: Option<Timestamp>,
}

impl<'a> ScheduleView<'a> {
    /// Of a schedule; `business` is the business time zone.
    #[must_use]
    pub fn of(schedule: &'a Schedule, business: &TimeZone) -> Self {
        let typed = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        Self {
            name: &schedule.name,
            job: serde_json::from_str(&schedule.job).ok(),
            expression: typed(&schedule.expression),
            cron: typed(&schedule.cron),
            after: schedule.follows.as_deref(),
            tz: schedule.zone.clone().unwrap_or_else(|| business.iana_name().unwrap_or("UTC").to_owned()),
            tz_is_business: schedule.zone.is_none(),
            retries: schedule.retries,
            missed: &schedule.missed,
            overlap: &schedule.overlap,
            paused: schedule.paused,
            next_at: schedule.next_at.filter(|_| !schedule.paused),
        }
    }

    /// When, in words.
    #[must_use]
    pub fn when(&self) -> String {
        match (self.expression, self.after) {
            (_, Some(after)) => format!("after {after}"),
            (Some(expression), None) => expression.to_owned(),
            (None, None) => "-".to_owned(),
        }
    }

    /// The name of what it runs; `?` where a newer version has added it.
    #[must_use]
    pub fn job_name(&self) -> String {
        self.job.map_or_else(|| "?".to_owned(), |job| job_name(job.get()))
    }
}

/// The name of a job, from its JSON.
pub fn job_name(job: &str) -> String {
    let job = serde_json::from_str::<serde_json::Value>(job).ok();
    job.and_then(|job| Some(job.get("job")?.as_str()?.to_owned())).unwrap_or_else(|| "?".to_owned())
}

/// A duration, as people say it.
#[must_use]
pub fn took(milliseconds: i64) -> String {
    match milliseconds {
        ..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{} s", milliseconds / 1_000),
        60_000..3_600_000 => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
        _ => format!("{} h {} min", milliseconds / 3_600_000, milliseconds % 3_600_000 / 60_000),
    }
}

/// A run of a schedule.
#[derive(Debug, Serialize)]
pub struct ScheduledRunView<'a> {
    /// Its number.
    pub id: i64,
    /// Which schedule's.
    pub schedule: &'a str,
    /// `schedule`, `catch_up`, `after` or `person`.
    pub trigger: &'static str,
    /// When it was due; of missed ones the first.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// How it stands.
    pub state: &'static str,
    /// The status of the last answer to an HTTP call.
    pub http_status: Option<u16>,
    /// When it was tried first.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// From its first try to its end.
    pub duration_ms: Option<i64>,
    /// When it is to be tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub try_at: Option<Timestamp>,
    /// How many were missed from `due_at` on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missed: Option<u64>,
    /// How much it took in: objects, lines, bytes.
    pub volume: Option<u64>,
    /// The run that it does once more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats: Option<i64>,
    /// What the job said.
    pub summary: Option<&'a RawValue>,
    /// Each time that it was tried; only where one run is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tries: Vec<TryView<'a>>,
}

/// One time that a run was tried.
#[derive(Debug, Serialize)]
pub struct TryView<'a> {
    /// From 1.
    pub number: u32,
    /// The program's version.
    pub version: &'a str,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// `running`, `done`, `incomplete`, `failed`, `canceled`, `lost`.
    pub state: &'a str,
    /// The status of the answer to an HTTP call.
    pub http_status: Option<u16>,
    /// What went wrong, in a sentence.
    pub error: Option<&'a str>,
    /// Requests that were sent.
    pub requests: Option<u64>,
    /// Bytes that were read from others; of a backup, those that were written.
    pub bytes: Option<u64>,
    /// Rows, lines or conclusions that are new, or otherwise than before.
    pub changed: Option<u64>,
    /// A hash of what it worked on.
    pub input_hash: Option<&'a str>,
    /// A hash of what came of it.
    pub output_hash: Option<&'a str>,
    /// What it said meanwhile.
    pub log: Vec<&'a str>,
}

impl<'a> ScheduledRunView<'a> {
    /// Of a run.
    #[must_use]
    pub fn of(run: &'a ScheduledRun) -> Self {
        let took = run.started_at.zip(run.ended_at).map(|(started, ended)| ended.duration_since(started));
        Self {
            id: run.id,
            schedule: &run.schedule,
            trigger: run.trigger.as_str(),
            due_at: run.due_at,
            attempts: run.attempts,
            state: run.state.as_str(),
            http_status: run.http_status,
            started_at: run.started_at,
            ended_at: run.ended_at,
            duration_ms: took.and_then(|took| i64::try_from(took.as_millis()).ok()),
            try_at: run.try_at,
            missed: run.missed.map(|(count, _)| count),
            volume: run.volume,
            repeats: run.repeats,
            summary: serde_json::from_str(&run.summary).ok(),
            tries: Vec::new(),
        }
    }

    /// With each try.
    #[must_use]
    pub fn with_tries(self, tries: &'a [ScheduledTry]) -> Self {
        Self { tries: tries.iter().map(TryView::of).collect(), ..self }
    }

    /// How long it took, as people say it.
    #[must_use]
    pub fn took(&self) -> Option<String> {
        self.duration_ms.map(took)
    }

    /// What else there is to say, in a few words.
    #[must_use]
    pub fn note(&self) -> String {
        let error = || {
            let summary = self.summary.and_then(|text| serde_json::from_str::<serde_json::Value>(text.get()).ok())?;
            let listed = |key: &str| summary.get(key)?.as_array()?.first()?.as_str().map(str::to_owned);
            summary
                .get("error")
                .and_then(|error| error.as_str())
                .map(str::to_owned)
                .or_else(|| listed("unread"))
                .or_else(|| listed("refused"))
                .or_else(|| {
                    self.http_status.filter(|status| !(200..300).contains(status)).map(|status| format!("it answered {status}"))
                })
        };
        match (self.missed, self.try_at) {
            (Some(count), _) => format!("{count} not run in time"),
            (None, Some(at)) if self.attempts > 0 => format!("tried again at {at}: {}", error().unwrap_or_default()),
            _ => error().unwrap_or_default(),
        }
    }
}

impl<'a> TryView<'a> {
    fn of(tried: &'a ScheduledTry) -> Self {
        let ScheduledTry { number, version, started_at, ended_at, state, http_status, error, measured } = tried;
        Self {
            number: *number,
            version,
            started_at: *started_at,
            ended_at: *ended_at,
            state,
            http_status: *http_status,
            error: error.as_deref(),
            requests: measured.requests,
            bytes: measured.bytes,
            changed: measured.changed,
            input_hash: measured.input_hash.as_deref(),
            output_hash: measured.output_hash.as_deref(),
            log: measured.log.lines().collect(),
        }
    }
}
