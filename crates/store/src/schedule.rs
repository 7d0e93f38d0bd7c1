//! Schedules, and what becomes of each of their occurrences.

mod marks;
mod measured;
mod runs;

use audit::SHARED;
use jiff::{SignedDuration, Timestamp};

pub use marks::{FailedRuns, RunMark, RunsStand};
pub use measured::Measured;
pub use runs::{RunCounts, RunEnd, ScheduledRun, ScheduledRunFilter, ScheduledState, ScheduledTry, Trigger};

use crate::audit::states;
use crate::database::{Connection, OptionalExtension, Read, Row, params};
use crate::{AuditAct, Result, Store, StoreError, alert, points, rows};

/// What is to be run when. Words are those of the scheduler; here they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// What it runs, as JSON.
    pub job: String,
    /// When, as a person typed it; empty where it follows another.
    pub expression: String,
    /// The same as cron of five fields.
    pub cron: String,
    /// The schedule after each run of which, that did all, it runs.
    pub follows: Option<String>,
    /// The time zone whose clocks count, by its IANA name; `None`: the business time zone.
    pub zone: Option<String>,
    /// How often one that failed is tried again.
    pub retries: u32,
    /// What becomes of what nobody ran in time: `once`, `each`, `none`.
    pub missed: String,
    /// What becomes of what comes too soon: `skip`, `queue`.
    pub overlap: String,
    /// What is older was missed; whole seconds.
    pub grace: SignedDuration,
    /// Whether nothing is run.
    pub paused: bool,
    /// When it was added; kept to the microsecond, as all that follow.
    pub added_at: Timestamp,
    /// What was due then or before is settled.
    pub settled_until: Timestamp,
    /// When the next is due; `None` where none comes any more.
    pub next_at: Option<Timestamp>,
}

/// What was due of a schedule, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueSettled {
    /// What was due then or before is settled by this.
    pub until: Timestamp,
    /// To run, and whether each is run after it was missed.
    pub runs: Vec<(Timestamp, bool)>,
    /// Left out.
    pub skipped: Vec<Timestamp>,
    /// Missed and not run: how many, the first and the last.
    pub missed: Option<(u64, Timestamp, Timestamp)>,
    /// When the next is due.
    pub next_at: Option<Timestamp>,
}

const COLUMNS: &str = "name, job, expression, cron, follows, zone, retries, missed, overlap, grace_seconds, paused, added_at, settled_until, next_at";

const ADD: &str = "INSERT INTO schedule (name, job, expression, cron, follows, zone, retries, missed, overlap, grace_seconds, paused, \
     added_at, settled_until, next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) \
     ON CONFLICT (name) DO NOTHING";

const SETTLE: &str = "UPDATE schedule SET settled_until = ?2, next_at = ?3 WHERE name = ?1 AND settled_until = ?4";

/// When the first schedule is due, or the first run is to be tried that waits.
const WAKE: &str = "SELECT MIN(at) FROM (SELECT MIN(next_at) AS at FROM schedule WHERE paused = 0 \
     UNION ALL SELECT MIN(try_at) AS at FROM scheduled_run WHERE ended_at IS NULL) AS both_of_them";

impl Store {
    /// Adds a schedule; `false` where there is one of its name, which stays as it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn add_schedule(&mut self, schedule: &Schedule) -> Result<bool> {
        self.write_noting((points::SCHEDULE_CHANGE, AuditAct::ScheduleAdd), |transaction, changes| {
            let rows = transaction.execute(
                ADD,
                params![
                    schedule.name,
                    schedule.job,
                    schedule.expression,
                    schedule.cron,
                    schedule.follows,
                    schedule.zone,
                    schedule.retries,
                    schedule.missed,
                    schedule.overlap,
                    schedule.grace.as_secs(),
                    schedule.paused,
                    schedule.added_at.as_microsecond(),
                    schedule.settled_until.as_microsecond(),
                    schedule.next_at.map(Timestamp::as_microsecond),
                ],
            )?;
            if rows > 0 {
                changes.add(SHARED, ("schedule", &schedule.name), None, Some(states::schedule(schedule)));
            }
            Ok(rows > 0)
        })
    }

    /// Every schedule, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn schedules(&self) -> Result<Vec<Schedule>> {
        self.read(all)
    }

    /// Those that run a job, by its word, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn schedules_of_job(&self, job: &str) -> Result<Vec<Schedule>> {
        self.read(|connection| {
            // Jobs are written by this program alone, their word first and without spaces.
            let sql = format!("SELECT {COLUMNS} FROM schedule WHERE job LIKE ?1 ORDER BY name");
            let mut statement = connection.prepare(&sql)?;
            Ok(statement.query_map(params![format!("{{\"job\":\"{job}\"%")], schedule)?.collect::<Read<_>>()?)
        })
    }

    /// One schedule.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn schedule(&self, name: &str) -> Result<Option<Schedule>> {
        self.read(|connection| one(connection, name))
    }

    /// Those that are due at `now` and not paused, those first that are longest; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn due_schedules(&self, now: Timestamp, limit: u32) -> Result<Vec<Schedule>> {
        self.read(|connection| {
            let sql =
                format!("SELECT {COLUMNS} FROM schedule WHERE paused = 0 AND next_at <= ?1 ORDER BY next_at, name LIMIT ?2");
            let mut statement = connection.prepare(&sql)?;
            Ok(statement.query_map(params![now.as_microsecond(), limit], schedule)?.collect::<Read<_>>()?)
        })
    }

    /// When there is something to do next: a schedule is due, or a run is to be tried. `None` where there never is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn next_due(&self) -> Result<Option<Timestamp>> {
        self.read(|connection| Ok(connection.query_row(WAKE, params![], |row| rows::time_or_none(row, 0))?))
    }

    /// Pauses a schedule, or lets it go on. What is due while it is paused is not missed: it goes on with what is due after `now`, the
    /// next of which is `next_at`.
    ///
    /// # Errors
    /// [`StoreError::Absent`] where there is none of the name.
    pub fn pause_schedule(&mut self, name: &str, paused: bool, now: Timestamp, next_at: Option<Timestamp>) -> Result<()> {
        let act = if paused { AuditAct::SchedulePause } else { AuditAct::ScheduleResume };
        self.write_noting((points::SCHEDULE_CHANGE, act), |transaction, changes| {
            let stood = one(transaction, name)?.ok_or_else(|| absent(name))?;
            let sql = "UPDATE schedule SET paused = ?2, next_at = ?4, \
                 settled_until = CASE WHEN settled_until > ?3 THEN settled_until ELSE ?3 END WHERE name = ?1";
            let next = next_at.map(Timestamp::as_microsecond);
            transaction.execute(sql, params![name, paused, now.as_microsecond(), next])?;
            let state = |paused| Some(states::schedule(&Schedule { paused, ..stood.clone() }));
            changes.add(SHARED, ("schedule", name), state(stood.paused), state(paused));
            Ok(())
        })
    }

    /// Removes a schedule. What it has run stays; what waits or is to be tried again is canceled.
    ///
    /// # Errors
    /// [`StoreError::Absent`] where there is none of the name.
    pub fn remove_schedule(&mut self, name: &str, now: Timestamp) -> Result<()> {
        self.write_noting((points::SCHEDULE_CHANGE, AuditAct::ScheduleRemove), |transaction, changes| {
            let stood = one(transaction, name)?.ok_or_else(|| absent(name))?;
            transaction.execute("DELETE FROM schedule WHERE name = ?1", params![name])?;
            changes.add(SHARED, ("schedule", name), Some(states::schedule(&stood)), None);
            // What was not well with it is forgotten with it, and not called well again.
            alert::forget_of_schedule(transaction, changes, name)?;
            runs::cancel_waiting(transaction, name, now)
        })
    }

    /// Says anew when schedules are due next: the business time zone has changed, by which they go. What was due before `now` is settled.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn reschedule(&mut self, next: &[(String, Option<Timestamp>)], now: Timestamp) -> Result<()> {
        self.write(points::SCHEDULE_CHANGE, |transaction| {
            let sql = "UPDATE schedule SET next_at = ?2, \
                 settled_until = CASE WHEN settled_until > ?3 THEN settled_until ELSE ?3 END WHERE name = ?1";
            let mut statement = transaction.prepare(sql)?;
            for (name, at) in next {
                statement.execute(params![name, at.map(Timestamp::as_microsecond), now.as_microsecond()])?;
            }
            Ok(())
        })
    }

    /// Sets schedules back that were settled by a clock that was ahead: what is due after `now` is not settled, and what waits need not wait
    /// for longer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_back_schedules(&mut self, next: &[(String, Option<Timestamp>)], now: Timestamp) -> Result<()> {
        self.write(points::SCHEDULE_CHANGE, |transaction| {
            let at = now.as_microsecond();
            for (name, next) in next {
                let sql = "UPDATE schedule SET settled_until = ?2, next_at = ?3 WHERE name = ?1";
                transaction.execute(sql, params![name, at, next.map(Timestamp::as_microsecond)])?;
            }
            // Also of those that follow others, which no clock settles.
            let sql = "UPDATE scheduled_run SET try_at = ?1 WHERE ended_at IS NULL AND state = 'waiting' AND try_at > ?1";
            transaction.execute(sql, params![at])?;
            Ok(())
        })
    }

    /// Settles what was due of schedules: each occurrence becomes a run that waits, or is noted as left out or missed. Returns how many
    /// were settled: not those that somebody has settled since they were read, or removed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn settle_schedules(&mut self, due: &[(Schedule, DueSettled)]) -> Result<usize> {
        self.write(points::SCHEDULE_SETTLE, |transaction| {
            let mut runs = runs::Adder::new(transaction)?;
            let mut count = 0;
            for (schedule, settled) in due {
                let [until, since] = [settled.until, schedule.settled_until].map(Timestamp::as_microsecond);
                let row = params![schedule.name, until, settled.next_at.map(Timestamp::as_microsecond), since];
                if transaction.execute(SETTLE, row)? > 0 {
                    runs.settle(schedule, settled)?;
                    count += 1;
                }
            }
            Ok(count)
        })
    }
}

fn absent(name: &str) -> StoreError {
    StoreError::Absent { noun: "schedule", id: name.to_owned() }
}

/// Every schedule, by name.
pub(crate) fn all(connection: &Connection) -> Result<Vec<Schedule>> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM schedule ORDER BY name"))?;
    Ok(statement.query_map(params![], schedule)?.collect::<Read<_>>()?)
}

fn one(connection: &Connection, name: &str) -> Result<Option<Schedule>> {
    let sql = format!("SELECT {COLUMNS} FROM schedule WHERE name = ?1");
    Ok(connection.query_row(&sql, params![name], schedule).optional()?)
}

fn schedule(row: &Row<'_>) -> Read<Schedule> {
    Ok(Schedule {
        name: row.get(0)?,
        job: row.get(1)?,
        expression: row.get(2)?,
        cron: row.get(3)?,
        follows: row.get(4)?,
        zone: row.get(5)?,
        retries: rows::narrow(row, 6)?,
        missed: row.get(7)?,
        overlap: row.get(8)?,
        grace: SignedDuration::from_secs(row.get(9)?),
        paused: row.get(10)?,
        added_at: rows::time(row, 11)?,
        settled_until: rows::time(row, 12)?,
        next_at: rows::time_or_none(row, 13)?,
    })
}
