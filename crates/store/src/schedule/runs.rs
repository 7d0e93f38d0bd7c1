//! Runs of schedules: one for each occurrence, and for each time that a person asked.

use audit::SHARED;
use jiff::Timestamp;

use super::measured::{self, MEASURED, Measured};
use super::{DueSettled, Schedule};
use crate::announcement::Announcer;
use crate::database::{Connection, OptionalExtension, Read, Row, ToSql, Transaction, params};
use crate::{AuditAct, Result, Store, StoreError, points, rows};

/// Why there is a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// It was due.
    Schedule,
    /// It was missed, and is run after all.
    CatchUp,
    /// The one that it follows did all.
    After,
    /// Somebody asked for it.
    Person,
}

impl Trigger {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Schedule, Self::CatchUp, Self::After, Self::Person];

    /// The word in columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::CatchUp => "catch_up",
            Self::After => "after",
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

    /// The state of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

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
    /// What it runs, as JSON, whatever the schedule runs later.
    pub job: String,
    /// Why there is one.
    pub trigger: Trigger,
    /// The run that it runs once more.
    pub repeats: Option<i64>,
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
    /// How much it took in: objects, lines, bytes.
    pub volume: Option<u64>,
    /// What the job said, as JSON.
    pub summary: String,
    /// Of missed ones: how many, and the last.
    pub missed: Option<(u64, Timestamp)>,
}

/// How many runs are in which state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Of the newest run of each schedule that ended, or was missed.
    pub last: Vec<(String, u64)>,
    /// Of those that are not over.
    pub open: Vec<(String, u64)>,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// How the run stands then; [`ScheduledState::Waiting`] where it is to be tried again.
    pub state: ScheduledState,
    /// When it is to be tried again, where it is.
    pub try_at: Option<Timestamp>,
    /// How the try itself ended, which may be tried again.
    pub tried: ScheduledState,
    /// The status of the answer, where it was an HTTP call.
    pub http_status: Option<u16>,
    /// How much it took in: objects, lines, bytes.
    pub volume: Option<u64>,
    /// What went wrong, in a sentence.
    pub error: Option<String>,
    /// What the job said, as JSON.
    pub summary: String,
    /// What the try took in and gave out.
    pub measured: Measured,
}

/// One time that a run was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledTry {
    /// From 1.
    pub number: u32,
    /// The program's version.
    pub version: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// `running`, `done`, `incomplete`, `failed`, `canceled`; `lost` where its process ended or stood still.
    pub state: String,
    /// The status of the answer to an HTTP call.
    pub http_status: Option<u16>,
    /// What went wrong, in a sentence.
    pub error: Option<String>,
    /// What it took in and gave out.
    pub measured: Measured,
}

/// Which runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduledRunFilter {
    /// Only this schedule's.
    pub schedule: Option<String>,
    /// Only those with lower numbers: the next page.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: Option<u64>,
}

const COLUMNS: &str = "id, schedule, job, trigger, repeats, due_at, state, attempts, try_at, started_at, ended_at, http_status, \
     volume, summary, missed_count, missed_until";

const ADD: &str = "INSERT INTO scheduled_run (id, schedule, job, trigger, repeats, due_at, state, try_at, ended_at, missed_count, \
     missed_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// Further back than this nobody looks for a run that was in time.
const NEWEST: u32 = 100;

/// Of one schedule one runs at a time.
const FIRST_WAITING: &str = "SELECT id FROM scheduled_run r WHERE r.ended_at IS NULL AND r.state = 'waiting' AND r.try_at <= ?1 \
     AND NOT EXISTS (SELECT 1 FROM scheduled_run o WHERE o.schedule = r.schedule AND o.ended_at IS NULL AND o.state = 'running') \
     AND NOT EXISTS (SELECT 1 FROM schedule s WHERE s.name = r.schedule AND s.paused = 1 AND r.trigger <> 'person')";

const BEGIN: &str = "UPDATE scheduled_run SET state = 'running', attempts = attempts + 1, try_at = NULL, \
     started_at = COALESCE(started_at, ?2) WHERE id = ?1 AND state = 'waiting'";

const BEGIN_TRY: &str = "INSERT INTO scheduled_try (run, number, version, started_at, state) \
     SELECT id, attempts, ?2, ?3, 'running' FROM scheduled_run WHERE id = ?1";

const END: &str = "UPDATE scheduled_run SET state = ?2, try_at = ?3, ended_at = ?4, http_status = ?5, volume = ?6, summary = ?7 \
     WHERE id = ?1 AND state = 'running' AND attempts = ?8";

const END_TRY: &str = "UPDATE scheduled_try SET ended_at = ?3, state = ?4, http_status = ?5, error = ?6 \
     WHERE run = ?1 AND number = ?2 AND ended_at IS NULL";

/// One that was asked for later may end earlier.
const LAST: &str = "UPDATE schedule SET last_run = ?2 WHERE name = ?1 AND (last_run IS NULL OR last_run < ?2)";

const FOLLOWERS: &str = "SELECT name, job FROM schedule WHERE follows = ?1 AND paused = 0 AND NOT EXISTS \
     (SELECT 1 FROM scheduled_run o WHERE o.schedule = schedule.name AND o.ended_at IS NULL AND o.state = 'waiting') ORDER BY name";

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

    /// Asks for a run of a schedule at once. Returns its number.
    ///
    /// # Errors
    /// [`StoreError::Absent`] where there is none of the name.
    pub fn ask_for_run(&mut self, schedule: &str, now: Timestamp) -> Result<i64> {
        self.write_noting((points::SCHEDULE_RUN, AuditAct::ScheduleRun), |transaction, changes| {
            let sql = "SELECT job FROM schedule WHERE name = ?1";
            let job: Option<String> = transaction.query_row(sql, params![schedule], |row| row.get(0)).optional()?;
            let Some(job) = job else { return Err(StoreError::Absent { noun: "schedule", id: schedule.to_owned() }) };
            let id = Adder::new(transaction)?.waits((schedule, &job), (Trigger::Person, None), now, now)?;
            changes.note(SHARED, ("scheduled_run", &id.to_string()));
            Ok(id)
        })
    }

    /// Asks for a run that does once more what another was to do, for the same day. Returns its number.
    ///
    /// # Errors
    /// [`StoreError::Absent`] where there is no such run that is over.
    pub fn repeat_run(&mut self, id: i64, now: Timestamp) -> Result<i64> {
        self.write_noting((points::SCHEDULE_RUN, AuditAct::ScheduleRetry), |transaction, changes| {
            let sql = "SELECT schedule, job, due_at FROM scheduled_run WHERE id = ?1 AND ended_at IS NOT NULL";
            let row = |row: &Row<'_>| Ok((row.get::<String>(0)?, row.get::<String>(1)?, rows::time(row, 2)?));
            let Some((schedule, job, due_at)) = transaction.query_row(sql, params![id], row).optional()? else {
                return Err(StoreError::Absent { noun: "run that is over", id: id.to_string() });
            };
            let again = Adder::new(transaction)?.waits((&schedule, &job), (Trigger::Person, Some(id)), due_at, now)?;
            changes.note(SHARED, ("scheduled_run", &again.to_string()));
            Ok(again)
        })
    }

    /// Begins the next try of the run that waits longest, by a program of this version; `None` where none is to be tried yet. Not of the
    /// schedules `but` for which something goes on still, though its run is over: it was called off.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn begin_scheduled(&mut self, now: Timestamp, version: &str, but: &[&str]) -> Result<Option<ScheduledRun>> {
        let at = now.as_microsecond();
        // Most looks find nothing, and what only reads waits for nobody.
        let places: Vec<String> = (2..but.len() + 2).map(|number| format!("?{number}")).collect();
        let but_not = if but.is_empty() { String::new() } else { format!("AND r.schedule NOT IN ({})", places.join(", ")) };
        let sql = format!("{FIRST_WAITING} {but_not} ORDER BY r.try_at, r.id LIMIT 1");
        let values: Vec<&dyn ToSql> =
            std::iter::once(&at as &dyn ToSql).chain(but.iter().map(|name| name as &dyn ToSql)).collect();
        let first = |connection: &Connection| connection.query_row(&sql, &values, |row| row.get::<i64>(0)).optional();
        if self.read(|connection| Ok(first(connection)?))?.is_none() {
            return Ok(None);
        }
        self.write(points::SCHEDULE_RUN, |transaction| {
            let Some(id) = first(transaction)? else { return Ok(None) };
            transaction.execute(BEGIN, params![id, at])?;
            transaction.execute(BEGIN_TRY, params![id, version, at])?;
            let sql = format!("SELECT {COLUMNS} FROM scheduled_run WHERE id = ?1");
            Ok(transaction.query_row(&sql, params![id], run).optional()?)
        })
    }

    /// Ends a try. After one that did all, those that follow its schedule wait to be run. `false` where the run was called off or taken
    /// back meanwhile; then it stays so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn end_scheduled(&mut self, ended: &ScheduledRun, now: Timestamp, end: &RunEnd) -> Result<bool> {
        self.write(points::SCHEDULE_RUN, |transaction| {
            let at = now.as_microsecond();
            let status = end.http_status.map(i64::from);
            transaction.execute(END_TRY, params![ended.id, ended.attempts, at, end.tried.as_str(), status, end.error])?;
            measured::note(transaction, (ended.id, ended.attempts), &end.measured)?;
            let ended_at = (end.state != ScheduledState::Waiting).then_some(at);
            let (try_at, volume) =
                (end.try_at.map(Timestamp::as_microsecond), end.volume.and_then(|volume| i64::try_from(volume).ok()));
            let row = params![ended.id, end.state.as_str(), try_at, ended_at, status, volume, end.summary, ended.attempts];
            let is_kept = transaction.execute(END, row)? > 0;
            if is_kept && ended_at.is_some() {
                transaction.execute(LAST, params![ended.schedule, ended.id])?;
            }
            if is_kept && matches!(end.state, ScheduledState::Failed | ScheduledState::Incomplete) {
                Announcer::new(transaction, now)?.failed(ended, end)?;
            }
            if is_kept && end.state == ScheduledState::Done {
                follow(transaction, ended, now)?;
            }
            Ok(is_kept)
        })
    }

    /// Takes back what is noted as running: who holds the lease of schedules knows that whoever ran it has died or was overtaken. Each waits
    /// to be tried again, unless its schedule was removed meanwhile. Returns how many wait.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn take_back_scheduled(&mut self, now: Timestamp) -> Result<u64> {
        self.write(points::SCHEDULE_RUN, |transaction| {
            let lost = "UPDATE scheduled_try SET state = 'lost', ended_at = ?1, error = ?2 WHERE ended_at IS NULL AND state = 'running' \
                 AND run IN (SELECT id FROM scheduled_run WHERE ended_at IS NULL)";
            transaction.execute(lost, params![now.as_microsecond(), "its process ended, or stood still and was overtaken"])?;
            let of_none = "UPDATE scheduled_run SET state = 'canceled', ended_at = ?1 WHERE state = 'running' AND ended_at IS NULL \
                 AND NOT EXISTS (SELECT 1 FROM schedule s WHERE s.name = scheduled_run.schedule)";
            transaction.execute(of_none, params![now.as_microsecond()])?;
            let sql = "UPDATE scheduled_run SET state = 'waiting', try_at = ?1 WHERE state = 'running' AND ended_at IS NULL";
            let rows = transaction.execute(sql, params![now.as_microsecond()])?;
            Ok(u64::try_from(rows).unwrap_or(u64::MAX))
        })
    }

    /// Calls a run off that is not over. Whoever runs it finds out, and stops.
    ///
    /// # Errors
    /// [`StoreError::Absent`] where there is no such one.
    pub fn cancel_scheduled(&mut self, id: i64, now: Timestamp) -> Result<()> {
        self.write_noting((points::SCHEDULE_RUN, AuditAct::ScheduleCancel), |transaction, changes| {
            changes.note(SHARED, ("scheduled_run", &id.to_string()));
            let sql = "UPDATE scheduled_try SET state = 'canceled', ended_at = ?2 WHERE run = ?1 AND ended_at IS NULL";
            transaction.execute(sql, params![id, now.as_microsecond()])?;
            let rows = transaction.execute(CANCEL, params![id, now.as_microsecond()])?;
            if rows == 0 { Err(StoreError::Absent { noun: "run that is not over", id: id.to_string() }) } else { Ok(()) }
        })
    }

    /// Runs of schedules, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn scheduled_runs(&self, filter: &ScheduledRunFilter) -> Result<Vec<ScheduledRun>> {
        self.runs_in_state(None, filter)
    }

    /// The same of those alone that stand so, where a state is given.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn runs_in_state(&self, state: Option<ScheduledState>, filter: &ScheduledRunFilter) -> Result<Vec<ScheduledRun>> {
        self.read(|connection| {
            let limit = filter.limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(i64::MAX);
            let (of, state) = (filter.schedule.as_deref(), state.map(ScheduledState::as_str));
            let sql = format!(
                "SELECT {COLUMNS} FROM scheduled_run WHERE {} AND id < ?2 AND {} ORDER BY id DESC LIMIT ?3",
                if of.is_some() { "schedule = ?1" } else { "?1 = ''" },
                if state.is_some() { "state = ?4" } else { "?4 = ''" }
            );
            let mut statement = connection.prepare(&sql)?;
            let row = params![of.unwrap_or_default(), filter.before.unwrap_or(i64::MAX), limit, state.unwrap_or_default()];
            Ok(statement.query_map(row, run)?.collect::<Read<_>>()?)
        })
    }

    /// The newest run of a schedule.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn last_scheduled_run(&self, schedule: &str) -> Result<Option<ScheduledRun>> {
        let filter = ScheduledRunFilter { schedule: Some(schedule.to_owned()), limit: Some(1), before: None };
        Ok(self.scheduled_runs(&filter)?.pop())
    }

    /// Of each schedule whose newest run is not one that did all, the newest that failed or ended incomplete since one did all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn last_failures(&self) -> Result<Vec<ScheduledRun>> {
        // A sync that did not read everything is told of by itself, and hides no failure before it.
        let failed = r#"(r.state = 'failed' OR (r.state = 'incomplete' AND r.job NOT LIKE '%"job":"sync"%'))"#;
        self.troubled_runs(failed, |run| format!("{run}.state = 'done'"))
    }

    /// Of each schedule, the newest run that was missed or late since one that was in time did all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn last_misses(&self) -> Result<Vec<ScheduledRun>> {
        let missed = format!("r.ended_at IS NOT NULL AND (r.state = 'missed' OR {})", late("r"));
        self.troubled_runs(&missed, |run| format!("({run}.state = 'done' AND NOT COALESCE({}, 1 = 0))", late(run)))
    }

    /// Whether a run of a schedule that was in time did all after an instant, of its newest ones.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn ran_in_time_since(&self, schedule: &str, since: Timestamp) -> Result<bool> {
        self.read(|connection| {
            let sql = format!(
                "SELECT EXISTS (SELECT 1 FROM schedule s JOIN (SELECT * FROM scheduled_run WHERE schedule = ?1 ORDER BY id DESC LIMIT {NEWEST}) d \
                 ON d.schedule = s.name WHERE d.state = 'done' AND d.ended_at > ?2 AND NOT COALESCE({}, 1 = 0))",
                late("d")
            );
            Ok(connection.query_row(&sql, params![schedule, since.as_microsecond()], |row| row.get::<bool>(0))?)
        })
    }

    /// Where the newest run is well, no history is read.
    fn troubled_runs(&self, trouble: &str, well: impl Fn(&str) -> String) -> Result<Vec<ScheduledRun>> {
        self.read(|connection| {
            let columns = columns_of("o");
            let sql = format!(
                "SELECT {columns} FROM schedule s JOIN scheduled_run l ON l.id = s.last_run JOIN scheduled_run o ON o.id = (SELECT r.id FROM scheduled_run r \
                 WHERE r.schedule = s.name AND {trouble} ORDER BY r.id DESC LIMIT 1) \
                 WHERE NOT {} AND NOT EXISTS (SELECT 1 FROM scheduled_run d WHERE d.schedule = s.name AND d.id > o.id AND {}) ORDER BY o.id",
                well("l"),
                well("d")
            );
            Ok(connection.prepare(&sql)?.query_map(params![], run)?.collect::<Read<_>>()?)
        })
    }

    /// The newest run of each schedule, where that did all: schedule and run.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn last_done_runs(&self) -> Result<Vec<(String, i64)>> {
        self.read(|connection| {
            let sql = "SELECT s.name, r.id FROM schedule s JOIN scheduled_run r ON r.id = s.last_run WHERE r.state = 'done' ORDER BY s.name";
            Ok(connection.prepare(sql)?.query_map(params![], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Read<_>>()?)
        })
    }

    /// How many schedules ended their newest run in which state, how many runs are not over, by state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn run_counts(&self) -> Result<RunCounts> {
        let count = |row: &Row<'_>| Ok((row.get::<String>(0)?, rows::narrow(row, 1)?));
        self.read(|connection| {
            let last = "SELECT r.state, COUNT(*) FROM schedule s JOIN scheduled_run r ON r.id = s.last_run GROUP BY r.state ORDER BY r.state";
            let open = "SELECT state, COUNT(*) FROM scheduled_run WHERE ended_at IS NULL GROUP BY state ORDER BY state";
            Ok(RunCounts {
                last: connection.prepare(last)?.query_map(params![], count)?.collect::<Read<_>>()?,
                open: connection.prepare(open)?.query_map(params![], count)?.collect::<Read<_>>()?,
            })
        })
    }

    /// Runs that are not over at `now`, and were to begin or to be made good longer ago than their schedules let them: those that were not asked
    /// for and have not begun in time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn late_runs(&self, now: Timestamp) -> Result<Vec<ScheduledRun>> {
        self.read(|connection| {
            let columns = columns_of("r");
            // By `id` first, SQLite would go through all that ever ran.
            let sql = format!(
                "SELECT {columns} FROM scheduled_run r JOIN schedule s ON s.name = r.schedule WHERE r.ended_at IS NULL \
                 AND r.trigger NOT IN ('person', 'after') AND r.due_at + s.grace_seconds * 1000000 < ?1 \
                 AND (r.trigger = 'catch_up' OR r.started_at IS NULL OR r.started_at > r.due_at + s.grace_seconds * 1000000) ORDER BY r.due_at, r.id"
            );
            Ok(connection.prepare(&sql)?.query_map(params![now.as_microsecond()], run)?.collect::<Read<_>>()?)
        })
    }

    /// One run.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn scheduled_run(&self, id: i64) -> Result<Option<ScheduledRun>> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM scheduled_run WHERE id = ?1");
            Ok(connection.query_row(&sql, params![id], run).optional()?)
        })
    }

    /// The newest run of the same schedule before this one that did all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn done_before(&self, run: &ScheduledRun) -> Result<Option<ScheduledRun>> {
        let filter = ScheduledRunFilter { schedule: Some(run.schedule.clone()), before: Some(run.id), limit: Some(1) };
        Ok(self.runs_in_state(Some(ScheduledState::Done), &filter)?.pop())
    }

    /// The schedules that run after each run of this one that did all, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn followers(&self, schedule: &str) -> Result<Vec<String>> {
        self.read(|connection| {
            let mut statement = connection.prepare("SELECT name FROM schedule WHERE follows = ?1 ORDER BY name")?;
            Ok(statement.query_map(params![schedule], |row| row.get(0))?.collect::<Read<_>>()?)
        })
    }

    /// Each time that a run was tried, the first first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn scheduled_tries(&self, run: i64) -> Result<Vec<ScheduledTry>> {
        self.read(|connection| {
            let sql = format!(
                "SELECT number, version, started_at, ended_at, state, http_status, error, {MEASURED} FROM scheduled_try \
                 WHERE run = ?1 ORDER BY number"
            );
            Ok(connection.prepare(&sql)?.query_map(params![run], tried)?.collect::<Read<_>>()?)
        })
    }

    /// Forgets runs that were over before an instant, but for the newest of each schedule. Returns how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_scheduled_runs(&mut self, before: Timestamp) -> Result<u64> {
        self.write(points::SCHEDULE_RUN, |transaction| {
            let old = "SELECT r.id FROM scheduled_run r WHERE r.ended_at < ?1 \
                 AND EXISTS (SELECT 1 FROM scheduled_run n WHERE n.schedule = r.schedule AND n.id > r.id)";
            let at = before.as_microsecond();
            transaction.execute(&format!("DELETE FROM scheduled_try WHERE run IN ({old})"), params![at])?;
            let rows = transaction.execute(&format!("DELETE FROM scheduled_run WHERE id IN ({old})"), params![at])?;
            Ok(u64::try_from(rows).unwrap_or(u64::MAX))
        })
    }
}

fn columns_of(run: &str) -> String {
    COLUMNS.split(", ").map(|column| format!("{run}.{column}")).collect::<Vec<_>>().join(", ")
}

/// Whether a run of a schedule `s` was missed first, or began later than its grace lets it.
fn late(run: &str) -> String {
    format!(
        "({run}.trigger = 'catch_up' OR ({run}.trigger = 'schedule' AND {run}.started_at > {run}.due_at + s.grace_seconds * 1000000))"
    )
}

/// Adds runs, each with the next number.
pub(super) struct Adder<'a, 'b> {
    transaction: &'a Transaction<'b>,
    next: i64,
}

impl<'a, 'b> Adder<'a, 'b> {
    pub(super) fn new(transaction: &'a Transaction<'b>) -> Result<Self> {
        let sql = "SELECT COALESCE(MAX(id), 0) + 1 FROM scheduled_run";
        Ok(Self { transaction, next: transaction.query_row(sql, params![], |row| row.get(0))? })
    }

    /// What was settled of a schedule.
    pub(super) fn settle(&mut self, schedule: &Schedule, settled: &DueSettled) -> Result<()> {
        let of = (schedule.name.as_str(), schedule.job.as_str());
        let due = (Trigger::Schedule, None);
        if let Some((count, first, last)) = settled.missed {
            let missed = self.over(of, (first, ScheduledState::Missed), settled.until, Some((count, last)))?;
            self.transaction.execute(LAST, params![schedule.name, missed])?;
        }
        for (at, is_late) in &settled.runs {
            let due = if *is_late { (Trigger::CatchUp, None) } else { due };
            self.waits(of, due, *at, settled.until)?;
        }
        settled.skipped.iter().try_for_each(|at| self.over(of, (*at, ScheduledState::Skipped), settled.until, None).map(drop))
    }

    /// One that is to be tried at `now`.
    fn waits(
        &mut self,
        (schedule, job): (&str, &str),
        (trigger, repeats): (Trigger, Option<i64>),
        due_at: Timestamp,
        now: Timestamp,
    ) -> Result<i64> {
        let (due_at, try_at, none) = (due_at.as_microsecond(), now.as_microsecond(), None::<i64>);
        let state = ScheduledState::Waiting.as_str();
        let id = self.number();
        let row = params![id, schedule, job, trigger.as_str(), repeats, due_at, state, try_at, none, none, none];
        self.transaction.execute(ADD, row)?;
        Ok(id)
    }

    /// One that is not run.
    fn over(
        &mut self,
        (schedule, job): (&str, &str),
        (due_at, state): (Timestamp, ScheduledState),
        now: Timestamp,
        missed: Option<(u64, Timestamp)>,
    ) -> Result<i64> {
        let (count, until) =
            missed.map(|(count, until)| (i64::try_from(count).unwrap_or(i64::MAX), until.as_microsecond())).unzip();
        let (trigger, due_at, now, none) =
            (Trigger::Schedule.as_str(), due_at.as_microsecond(), now.as_microsecond(), None::<i64>);
        let id = self.number();
        let row = params![id, schedule, job, trigger, none, due_at, state.as_str(), none, now, count, until];
        self.transaction.execute(ADD, row)?;
        Ok(id)
    }

    fn number(&mut self) -> i64 {
        self.next += 1;
        self.next - 1
    }
}

/// Lets those wait to be run that follow the schedule of a run that did all. One that waits already does for both.
fn follow(transaction: &Transaction<'_>, ended: &ScheduledRun, now: Timestamp) -> Result<()> {
    let mut statement = transaction.prepare(FOLLOWERS)?;
    let row = |row: &Row<'_>| Ok((row.get::<String>(0)?, row.get::<String>(1)?));
    let followers: Vec<_> = statement.query_map(params![ended.schedule], row)?.collect::<Read<_>>()?;
    let mut runs = Adder::new(transaction)?;
    // For the day of the one that it follows.
    followers.iter().try_for_each(|(name, job)| runs.waits((name, job), (Trigger::After, None), ended.due_at, now).map(drop))
}

/// Calls off what waits of a schedule.
pub(super) fn cancel_waiting(transaction: &Transaction<'_>, schedule: &str, now: Timestamp) -> Result<()> {
    let sql = "UPDATE scheduled_run SET state = 'canceled', try_at = NULL, ended_at = ?2 \
         WHERE schedule = ?1 AND ended_at IS NULL AND state = 'waiting'";
    transaction.execute(sql, params![schedule, now.as_microsecond()])?;
    Ok(())
}

fn run(row: &Row<'_>) -> Read<ScheduledRun> {
    let missed_count: Option<i64> = row.get(14)?;
    let missed = match missed_count {
        Some(_) => Some((rows::narrow(row, 14)?, rows::time(row, 15)?)),
        None => None,
    };
    Ok(ScheduledRun {
        id: row.get(0)?,
        schedule: row.get(1)?,
        job: row.get(2)?,
        trigger: rows::parsed(row, 3, |word| Trigger::ALL.into_iter().find(|one| one.as_str() == word))?,
        repeats: row.get(4)?,
        due_at: rows::time(row, 5)?,
        state: rows::parsed(row, 6, ScheduledState::from_word)?,
        attempts: rows::narrow(row, 7)?,
        try_at: rows::time_or_none(row, 8)?,
        started_at: rows::time_or_none(row, 9)?,
        ended_at: rows::time_or_none(row, 10)?,
        http_status: status(row, 11)?,
        volume: row.get::<Option<i64>>(12)?.and_then(|volume| u64::try_from(volume).ok()),
        summary: row.get(13)?,
        missed,
    })
}

fn tried(row: &Row<'_>) -> Read<ScheduledTry> {
    Ok(ScheduledTry {
        number: rows::narrow(row, 0)?,
        version: row.get(1)?,
        started_at: rows::time(row, 2)?,
        ended_at: rows::time_or_none(row, 3)?,
        state: row.get(4)?,
        http_status: status(row, 5)?,
        error: row.get(6)?,
        measured: measured::measured(row, 7)?,
    })
}

fn status(row: &Row<'_>, index: usize) -> Read<Option<u16>> {
    Ok(row.get::<Option<i64>>(index)?.and_then(|status| u16::try_from(status).ok()))
}
