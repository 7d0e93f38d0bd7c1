//! Runs of schedules: one for each occurrence, and for each time that a person asked.

use jiff::Timestamp;

use super::{DueSettled, next_id};
use crate::database::{OptionalExtension, Read, Row, Transaction, params};
use crate::{Result, Store, StoreError, points, rows};

/// Why there is a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// It was due.
    Schedule,
    /// It was missed, and is run after all.
    CatchUp,
    /// Somebody asked for it.
    Person,
}

impl Trigger {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Schedule, Self::CatchUp, Self::Person];

    /// The word in columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::CatchUp => "catch_up",
            Self::Person => "person",
        }
    }
}

/// How a run of a schedule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScheduledState {
    /// It is to be tried, or tried again.
    Waiting,
    /// It runs, or its process died.
    Running,
    /// It did all.
    Done,
    /// It ended after its last try, and not everything was read.
    Incomplete,
    /// It failed after its last try.
    Failed,
    /// Somebody called it off.
    Canceled,
    /// Earlier ones were not over when it was due.
    Skipped,
    /// Nobody ran it in time.
    Missed,
}

impl ScheduledState {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Waiting, Self::Running, Self::Done, Self::Incomplete, Self::Failed, Self::Canceled, Self::Skipped, Self::Missed];

    /// The word in columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
        }
    }
}

/// One run of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledRun {
    /// Its number; counts up.
    pub id: i64,
    /// Which schedule's.
    pub schedule: String,
    /// Why there is one.
    pub trigger: Trigger,
    /// When it was due; of missed ones the first.
    pub due_at: Timestamp,
    /// How it stands.
    pub state: ScheduledState,
    /// How often it was tried.
    pub attempts: u32,
    /// Of one that waits: not before this.
    pub try_at: Option<Timestamp>,
    /// When it was tried first.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// The status of the last answer to an HTTP call.
    pub http_status: Option<u16>,
    /// What the job said, as JSON.
    pub summary: String,
    /// Of missed ones: how many, and the last.
    pub missed: Option<(u64, Timestamp)>,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// How the run stands then; [`ScheduledState::Waiting`] where it is to be tried again.
    pub state: ScheduledState,
    /// When it is to be tried again, where it is.
    pub try_at: Option<Timestamp>,
    /// The status of the answer, where it was an HTTP call.
    pub http_status: Option<u16>,
    /// What the job said, as JSON.
    pub summary: String,
}

/// Which runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Only this schedule's.
    pub schedule: Option<String>,
    /// At most so many.
    pub limit: Option<u64>,
}

const COLUMNS: &str = "id, schedule, trigger, due_at, state, attempts, try_at, started_at, ended_at, http_status, summary, \
     missed_count, missed_until";

const PUT: &str = "INSERT INTO scheduled_run (id, schedule, trigger, due_at, state, try_at, ended_at, missed_count, missed_until) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// Of one schedule one runs at a time.
const FIRST_WAITING: &str = "SELECT id FROM scheduled_run r WHERE r.ended_at IS NULL AND r.state = 'waiting' AND r.try_at <= ?1 \
     AND NOT EXISTS (SELECT 1 FROM scheduled_run o WHERE o.schedule = r.schedule AND o.ended_at IS NULL AND o.state = 'running') \
     ORDER BY r.try_at, r.id LIMIT 1";

const BEGIN: &str = "UPDATE scheduled_run SET state = 'running', attempts = attempts + 1, try_at = NULL, \
     started_at = COALESCE(started_at, ?2) WHERE id = ?1 AND state = 'waiting'";

const END: &str = "UPDATE scheduled_run SET state = ?2, try_at = ?3, ended_at = ?4, http_status = ?5, summary = ?6 \
     WHERE id = ?1 AND state = 'running'";

const CANCEL: &str =
    "UPDATE scheduled_run SET state = 'canceled', try_at = NULL, ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL";

impl Store {
    /// How many runs of a schedule are not over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn unfinished_runs(&self, schedule: &str) -> Result<u64> {
        self.read(|connection| {
            let sql = "SELECT COUNT(*) FROM scheduled_run WHERE schedule = ?1 AND ended_at IS NULL";
            Ok(connection.query_row(sql, params![schedule], |row| rows::narrow(row, 0))?)
        })
    }

    /// Asks for a run of a schedule at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn ask_for_run(&mut self, schedule: &str, now: Timestamp) -> Result<i64> {
        self.write(points::SCHEDULE_RUN, |transaction| {
            let id = next_id(transaction)?;
            let at = now.as_microsecond();
            let none: Option<i64> = None;
            let row = params![id, schedule, Trigger::Person.as_str(), at, ScheduledState::Waiting.as_str(), at, none, none, none];
            transaction.execute(PUT, row)?;
            Ok(id)
        })
    }

    /// Begins the next try of the run that waits longest; `None` where none is to be tried yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn begin_scheduled(&mut self, now: Timestamp) -> Result<Option<ScheduledRun>> {
        self.write(points::SCHEDULE_RUN, |transaction| {
            let first =
                transaction.query_row(FIRST_WAITING, params![now.as_microsecond()], |row| row.get::<i64>(0)).optional()?;
            let Some(id) = first else { return Ok(None) };
            transaction.execute(BEGIN, params![id, now.as_microsecond()])?;
            let sql = format!("SELECT {COLUMNS} FROM scheduled_run WHERE id = ?1");
            Ok(transaction.query_row(&sql, params![id], run).optional()?)
        })
    }

    /// Ends a try. `false` where the run was called off meanwhile; then it stays so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn end_scheduled(&mut self, id: i64, now: Timestamp, end: &RunEnd) -> Result<bool> {
        self.write(points::SCHEDULE_RUN, |transaction| {
            let ended_at = (end.state != ScheduledState::Waiting).then(|| now.as_microsecond());
            let try_at = end.try_at.map(Timestamp::as_microsecond);
            let row = params![id, end.state.as_str(), try_at, ended_at, end.http_status.map(i64::from), end.summary];
            Ok(transaction.execute(END, row)? > 0)
        })
    }

    /// Takes back what is noted as running: who holds the lease of schedules knows that whoever ran it has died or was overtaken. Each waits
    /// to be tried again. Returns how many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn take_back_scheduled(&mut self, now: Timestamp) -> Result<u64> {
        self.write(points::SCHEDULE_RUN, |transaction| {
            let sql = "UPDATE scheduled_run SET state = 'waiting', try_at = ?1 WHERE state = 'running' AND ended_at IS NULL";
            let rows = transaction.execute(sql, params![now.as_microsecond()])?;
            Ok(u64::try_from(rows).unwrap_or(u64::MAX))
        })
    }

    /// Calls a run off that is not over.
    ///
    /// # Errors
    /// [`StoreError::Absent`] where there is no such one.
    pub fn cancel_scheduled(&mut self, id: i64, now: Timestamp) -> Result<()> {
        self.write(points::SCHEDULE_RUN, |transaction| {
            let rows = transaction.execute(CANCEL, params![id, now.as_microsecond()])?;
            if rows == 0 { Err(StoreError::Absent { noun: "run that is not over", id: id.to_string() }) } else { Ok(()) }
        })
    }

    /// Runs of schedules, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn scheduled_runs(&self, filter: &RunFilter) -> Result<Vec<ScheduledRun>> {
        self.read(|connection| {
            let limit = filter.limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(i64::MAX);
            let of = filter.schedule.as_deref();
            let sql = format!(
                "SELECT {COLUMNS} FROM scheduled_run WHERE {} ORDER BY id DESC LIMIT ?2",
                if of.is_some() { "schedule = ?1" } else { "?1 = ''" }
            );
            let mut statement = connection.prepare(&sql)?;
            Ok(statement.query_map(params![of.unwrap_or_default(), limit], run)?.collect::<Read<_>>()?)
        })
    }
}

/// Puts what was settled of a schedule.
pub(super) fn put(transaction: &Transaction<'_>, schedule: &str, settled: &DueSettled, now: Timestamp) -> Result<()> {
    let mut id = next_id(transaction)?;
    let mut statement = transaction.prepare(PUT)?;
    let now = now.as_microsecond();
    let mut put = |trigger: Trigger, at: Timestamp, state: ScheduledState, missed: Option<(u64, Timestamp)>| -> Result<()> {
        let waits = state == ScheduledState::Waiting;
        let (count, until) =
            missed.map(|(count, until)| (i64::try_from(count).unwrap_or(i64::MAX), until.as_microsecond())).unzip();
        let (try_at, ended_at) = (waits.then_some(now), (!waits).then_some(now));
        let row = params![id, schedule, trigger.as_str(), at.as_microsecond(), state.as_str(), try_at, ended_at, count, until];
        statement.execute(row)?;
        id += 1;
        Ok(())
    };
    if let Some((count, first, last)) = settled.missed {
        put(Trigger::Schedule, first, ScheduledState::Missed, Some((count, last)))?;
    }
    for (at, is_late) in &settled.runs {
        put(if *is_late { Trigger::CatchUp } else { Trigger::Schedule }, *at, ScheduledState::Waiting, None)?;
    }
    settled.skipped.iter().try_for_each(|at| put(Trigger::Schedule, *at, ScheduledState::Skipped, None))
}

/// Calls off what waits of a schedule.
pub(super) fn cancel_waiting(transaction: &Transaction<'_>, schedule: &str, now: Timestamp) -> Result<()> {
    let sql = "UPDATE scheduled_run SET state = 'canceled', try_at = NULL, ended_at = ?2 \
         WHERE schedule = ?1 AND ended_at IS NULL AND state = 'waiting'";
    transaction.execute(sql, params![schedule, now.as_microsecond()])?;
    Ok(())
}

fn run(row: &Row<'_>) -> Read<ScheduledRun> {
    let missed_count: Option<i64> = row.get(11)?;
    let missed = match missed_count {
        Some(_) => Some((rows::narrow(row, 11)?, rows::time(row, 12)?)),
        None => None,
    };
    let status: Option<i64> = row.get(9)?;
    Ok(ScheduledRun {
        id: row.get(0)?,
        schedule: row.get(1)?,
        trigger: rows::parsed(row, 2, |word| Trigger::ALL.into_iter().find(|one| one.as_str() == word))?,
        due_at: rows::time(row, 3)?,
        state: rows::parsed(row, 4, |word| ScheduledState::ALL.into_iter().find(|one| one.as_str() == word))?,
        attempts: rows::narrow(row, 5)?,
        try_at: rows::time_or_none(row, 6)?,
        started_at: rows::time_or_none(row, 7)?,
        ended_at: rows::time_or_none(row, 8)?,
        http_status: status.and_then(|status| u16::try_from(status).ok()),
        summary: row.get(10)?,
        missed,
    })
}
