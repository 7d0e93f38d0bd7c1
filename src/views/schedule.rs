//! Schedules and their runs, as commands and pages show them.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use store::{Schedule, ScheduledRun};

/// A schedule.
#[derive(Debug, Serialize)]
pub struct ScheduleView<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it runs.
    pub job: Option<&'a RawValue>,
    /// When, as a person typed it.
    pub expression: &'a str,
    /// The same as cron.
    pub cron: &'a str,
    /// The time zone whose clocks count.
    pub tz: &'a str,
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
    /// Of a schedule.
    #[must_use]
    pub fn of(schedule: &'a Schedule) -> Self {
        Self {
            name: &schedule.name,
            job: serde_json::from_str(&schedule.job).ok(),
            expression: &schedule.expression,
            cron: &schedule.cron,
            tz: &schedule.zone,
            retries: schedule.retries,
            missed: &schedule.missed,
            overlap: &schedule.overlap,
            paused: schedule.paused,
            next_at: schedule.next_at.filter(|_| !schedule.paused),
        }
    }
}

/// A run of a schedule.
#[derive(Debug, Serialize)]
pub struct ScheduledRunView<'a> {
    /// Its number.
    pub id: i64,
    /// Which schedule's.
    pub schedule: &'a str,
    /// `schedule`, `catch_up` or `person`.
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
    /// What the job said.
    pub summary: Option<&'a RawValue>,
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
            summary: serde_json::from_str(&run.summary).ok(),
        }
    }
}
