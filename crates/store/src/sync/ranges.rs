//! Stretches of time that syncs of days have read to their end, of kinds of which not all history was read.

use facts::{AccountId, ObjectKind};
use jiff::Timestamp;

use crate::database::{Connection, Read, Transaction, params};
use crate::{Result, RunId, Store, points, rows};

/// A stretch of time whose objects were all read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeRead {
    /// Created at this instant or later, in whole seconds.
    pub from: Timestamp,
    /// Created before this instant, in whole seconds.
    pub until: Timestamp,
    /// The last run that read some of it.
    pub run: Option<RunId>,
    /// When that one began to.
    pub at: Timestamp,
}

const WHOLE: &str = "SELECT EXISTS (SELECT 1 FROM walk WHERE account = ?1 AND kind = ?2 \
     AND (complete = 1 OR complete_until_at IS NOT NULL))";

const TOUCHED: &str = "SELECT MIN(from_at), MAX(until_at) FROM range_read \
     WHERE account = ?1 AND kind = ?2 AND from_at <= ?4 AND until_at >= ?3";

const ABSORB: &str = "DELETE FROM range_read WHERE account = ?1 AND kind = ?2 AND from_at >= ?3 AND until_at <= ?4";

const PUT: &str = "INSERT INTO range_read (account, kind, from_at, until_at, run, read_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const READ: &str = "SELECT kind, from_at, until_at, run, read_at FROM range_read WHERE account = ?1 ORDER BY kind, from_at DESC";

const FORGET: &str = "DELETE FROM range_read WHERE account = ?1 AND kind = ?2";

impl Store {
    /// Notes that everything of a kind that was created at `from` or later and before `until` was read, by a reading that began at
    /// `at`. Stretches that touch become one. Where all history of the kind was read already, that says more, and nothing is noted.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn note_range(
        &mut self,
        account: &AccountId,
        kind: ObjectKind,
        (from, until): (Timestamp, Timestamp),
        at: Timestamp,
    ) -> Result<()> {
        let of = params![account.as_str(), kind.as_str()];
        let whole: bool = self.read(|connection| Ok(connection.prepare(WHOLE)?.query_row(of, |row| row.get(0))?))?;
        let (from, until, run) = (from.as_second(), until.as_second(), self.run);
        if whole || until <= from {
            return Ok(());
        }
        self.write(points::SYNC_ACCOUNT, |transaction| {
            let place = params![account.as_str(), kind.as_str(), from, until];
            let (first, last): (Option<i64>, Option<i64>) =
                transaction.prepare(TOUCHED)?.query_row(place, |row| Ok((row.get(0)?, row.get(1)?)))?;
            let (from, until) = (first.unwrap_or(from).min(from), last.unwrap_or(until).max(until));
            transaction.prepare(ABSORB)?.execute(params![account.as_str(), kind.as_str(), from, until])?;
            let run = run.map(|run| run.0);
            let row = params![account.as_str(), kind.as_str(), from, until, run, at.as_microsecond()];
            transaction.prepare(PUT)?.execute(row)?;
            Ok(())
        })
    }
}

/// The stretches of every kind of an account's objects, the newest of each first.
pub(crate) fn read(connection: &Connection, account: &AccountId) -> Result<Vec<(ObjectKind, RangeRead)>> {
    let mut statement = connection.prepare(READ)?;
    let found = statement.query_map(params![account.as_str()], |row| {
        let mut c = rows::Columns::new(row, 0);
        let kind = c.word(ObjectKind::from_word)?;
        let (from, until) = (c.with(rows::stripe_time)?, c.with(rows::stripe_time)?);
        Ok((kind, RangeRead { from, until, run: c.get::<Option<i64>>()?.map(RunId), at: c.with(rows::time)? }))
    })?;
    Ok(found.collect::<Read<_>>()?)
}

pub(super) fn forget(transaction: &Transaction<'_>, account: &AccountId, kind: ObjectKind) -> Result<()> {
    transaction.prepare(FORGET)?.execute(params![account.as_str(), kind.as_str()])?;
    Ok(())
}
