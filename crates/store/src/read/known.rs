//! Which stretches of time are known to be read, of each kind of object.

use facts::{AccountId, ObjectKind};
use jiff::Timestamp;

use crate::database::{Connection, Read, params};
use crate::sync::{declared, stretches};
use crate::{Result, RunId, Store, rows};

/// How far one kind of an account's objects was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Which kind.
    pub kind: ObjectKind,
    /// Whether all history was read to its end at least once. What has changed since is found by each later sync.
    pub whole: bool,
    /// Up to which creation the last reading that came to its end reached; `None` where none did, or nothing was there.
    pub until: Option<Timestamp>,
    /// The run that last read it to its end; `None` where none did, or before runs were noted.
    pub run: Option<RunId>,
    /// Where all history was not read yet: what is left of it, the newest first.
    pub gaps: Vec<Gap>,
}

/// A stretch of time whose objects were not read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Created at this instant or later; `None` is from the beginning.
    pub from: Option<Timestamp>,
    /// Created before this instant, or within its second; `None` is until now.
    pub until: Option<Timestamp>,
}

const WALKS: &str = "SELECT kind, complete, complete_until_at, after_id, complete_run FROM walk WHERE account = ?1 ORDER BY kind";

const UNFINISHED: &str =
    "SELECT account, kind FROM walk WHERE complete = 0 AND complete_until_at IS NULL ORDER BY account, kind LIMIT ?1";

impl Store {
    /// How far each kind of an account's objects was read, by the kind's word. A kind without an entry was never asked for.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn known(&self, account: &AccountId) -> Result<Vec<Known>> {
        self.view(|connection| {
            let walks = walks(connection, account)?;
            walks.into_iter().map(|walk| known(connection, account, walk)).collect()
        })
    }

    /// The first `limit` kinds of which all history was not read yet, with whose they are.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn unfinished(&self, limit: u32) -> Result<Vec<(AccountId, ObjectKind)>> {
        self.read(|connection| {
            let mut statement = connection.prepare(UNFINISHED)?;
            let found = statement.query_map(params![limit], |row| {
                Ok((rows::id(row, 0, AccountId::parse)?, rows::parsed(row, 1, ObjectKind::from_word)?))
            })?;
            Ok(found.collect::<Read<_>>()?)
        })
    }
}

struct Walked {
    kind: ObjectKind,
    complete: bool,
    until: Option<Timestamp>,
    after: Option<String>,
    run: Option<RunId>,
}

fn walks(connection: &Connection, account: &AccountId) -> Result<Vec<Walked>> {
    let mut statement = connection.prepare(WALKS)?;
    let found = statement.query_map(params![account.as_str()], |row| {
        Ok(Walked {
            kind: rows::parsed(row, 0, ObjectKind::from_word)?,
            complete: row.get(1)?,
            until: rows::time_or_none(row, 2)?,
            after: row.get(3)?,
            run: row.get::<Option<i64>>(4)?.map(RunId),
        })
    })?;
    Ok(found.collect::<Read<_>>()?)
}

fn known(connection: &Connection, account: &AccountId, walk: Walked) -> Result<Known> {
    let Walked { kind, complete, until, after, run } = walk;
    let whole = complete || until.is_some();
    let gaps = if whole { Vec::new() } else { gaps(connection, account, kind, after)? };
    Ok(Known { kind, whole, until, run, gaps })
}

/// What is left of a first reading: its stretches, or all that is older than the one place that it came to.
fn gaps(connection: &Connection, account: &AccountId, kind: ObjectKind, after: Option<String>) -> Result<Vec<Gap>> {
    let read_to = |after: Option<String>, else_until: Option<Timestamp>| -> Result<Option<Timestamp>> {
        let made = after.map(|id| declared::created_at(connection, account, kind, &id)).transpose()?.flatten();
        Ok(made.or(else_until))
    };
    let stretches = stretches::read(connection, account, kind)?;
    if stretches.is_empty() {
        return Ok(vec![Gap { from: None, until: read_to(after, None)? }]);
    }
    stretches.into_iter().map(|left| Ok(Gap { from: left.from, until: read_to(left.after, left.until)? })).collect()
}
