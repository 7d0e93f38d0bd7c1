//! Runs without what their jobs said: many of them are read at once, to be drawn and counted.

use jiff::{SignedDuration, Timestamp};

use super::ScheduledState;
use crate::database::{Read, Row, params};
use crate::{Result, Store, rows};

/// A run, as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunMark {
    /// Its number.
    pub id: i64,
    /// How it stands.
    pub state: ScheduledState,
    /// When it was due; of missed ones the first.
    pub due_at: Timestamp,
    /// When it was tried first.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// How much it took in: objects, lines, bytes.
    pub volume: Option<u64>,
    /// Of missed ones: how many, and the last.
    pub missed: Option<(u64, Timestamp)>,
}

impl RunMark {
    /// How long it took from its first try to its end.
    #[must_use]
    pub fn took(&self) -> Option<SignedDuration> {
        self.started_at.zip(self.ended_at).map(|(started, ended)| ended.duration_since(started))
    }
}

/// How many runs did not do all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedRuns {
    /// So many.
    pub count: u64,
    /// Whether there may be more: not every run since then was looked at.
    pub is_at_least: bool,
}

/// How the runs of all schedules stand. Another one means that something was added, has ended or was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunsStand {
    schedules: i64,
    last_runs: i64,
    newest: i64,
    open: i64,
}

impl Store {
    /// How the runs of all schedules stand, without reading them: whoever has read them need not do so again while it is the same.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub fn runs_stand(&self) -> Result<RunsStand> {
        self.read(|connection| {
            let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(last_run), 0) AS BIGINT), \
                 (SELECT COALESCE(MAX(id), 0) FROM scheduled_run), (SELECT COUNT(*) FROM scheduled_run WHERE ended_at IS NULL) FROM schedule";
            Ok(connection.query_row(sql, params![], |row| {
                Ok(RunsStand { schedules: row.get(0)?, last_runs: row.get(1)?, newest: row.get(2)?, open: row.get(3)? })
            })?)
        })
    }

    /// The newest runs of a schedule, the newest first; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub fn run_marks(&self, schedule: &str, limit: u32) -> Result<Vec<RunMark>> {
        self.read(|connection| {
            let sql = "SELECT id, state, due_at, started_at, ended_at, volume, missed_count, missed_until FROM scheduled_run \
                 WHERE schedule = ?1 ORDER BY id DESC LIMIT ?2";
            Ok(connection.prepare(sql)?.query_map(params![schedule, limit], mark)?.collect::<Read<_>>()?)
        })
    }

    /// How many runs ended at `since` or later failed or incomplete, of the `newest` ones: no index holds when runs ended.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub fn failed_runs(&self, since: Timestamp, newest: u32) -> Result<FailedRuns> {
        self.read(|connection| {
            let sql = "SELECT COUNT(CASE WHEN state IN ('failed', 'incomplete') AND ended_at >= ?1 THEN 1 END), COUNT(*), \
                 MIN(COALESCE(ended_at, due_at)) \
                 FROM (SELECT state, due_at, ended_at FROM scheduled_run ORDER BY id DESC LIMIT ?2) AS newest";
            Ok(connection.query_row(sql, params![since.as_microsecond(), newest], |row| {
                let (seen, first): (i64, _) = (row.get(1)?, rows::time_or_none(row, 2)?);
                Ok(FailedRuns {
                    count: rows::narrow(row, 0)?,
                    is_at_least: seen >= i64::from(newest) && first.is_some_and(|at| at >= since),
                })
            })?)
        })
    }
}

fn mark(row: &Row<'_>) -> Read<RunMark> {
    let missed =
        row.get::<Option<i64>>(6)?.map(|_| Ok::<_, crate::database::Error>((rows::narrow(row, 6)?, rows::time(row, 7)?)));
    Ok(RunMark {
        id: row.get(0)?,
        state: rows::parsed(row, 1, ScheduledState::from_word)?,
        due_at: rows::time(row, 2)?,
        started_at: rows::time_or_none(row, 3)?,
        ended_at: rows::time_or_none(row, 4)?,
        volume: row.get::<Option<i64>>(5)?.and_then(|volume| u64::try_from(volume).ok()),
        missed: missed.transpose()?,
    })
}
