//! Which stretches of time are known to be read, of each kind of object.

use std::collections::BTreeMap;

use facts::{AccountId, ObjectKind};
use jiff::{SignedDuration, Timestamp};

use crate::database::{Connection, Read, params};
use crate::sync::{RangeRead, Stretch, declared, ranges, stretches};
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
    /// Where all history was not read yet: what syncs of days have read of it to its end, the newest first. It is in no gap.
    pub ranges: Vec<RangeRead>,
}

/// A stretch of time whose objects were not read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Created at this instant or later; `None` is from the beginning.
    pub from: Option<Timestamp>,
    /// Created before this instant or within its second; `None` is until now.
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
            let mut walks = walks(connection, account)?;
            let mut read: BTreeMap<ObjectKind, Vec<RangeRead>> = BTreeMap::new();
            for (kind, range) in ranges::read(connection, account)? {
                read.entry(kind).or_default().push(range);
            }
            let days_alone = read.keys().filter(|kind| !walks.iter().any(|walk| walk.kind == **kind));
            walks.extend(days_alone.copied().map(Walked::never).collect::<Vec<_>>());
            walks.sort_by_key(|walk| walk.kind.as_str());
            let ranges = |kind| read.get(&kind).cloned().unwrap_or_default();
            walks.into_iter().map(|walk| known(connection, account, ranges(walk.kind), walk)).collect()
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

impl Walked {
    /// Of a kind of which nothing was read but days.
    const fn never(kind: ObjectKind) -> Self {
        Self { kind, complete: false, until: None, after: None, run: None }
    }
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

fn known(connection: &Connection, account: &AccountId, ranges: Vec<RangeRead>, walk: Walked) -> Result<Known> {
    let Walked { kind, complete, until, after, run } = walk;
    let whole = complete || until.is_some();
    if whole {
        return Ok(Known { kind, whole, until, run, gaps: Vec::new(), ranges: Vec::new() });
    }
    let gaps = gaps(connection, account, kind, after)?.into_iter().flat_map(|gap| without(gap, &ranges)).collect();
    Ok(Known { kind, whole, until, run, gaps, ranges })
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
    let gap = |left: Stretch| Ok(Gap { from: left.from, until: read_to(left.after, left.until.map(second_before))? });
    stretches.into_iter().map(gap).collect()
}

/// What is left of a gap where these stretches were read, the newest first.
fn without(gap: Gap, ranges: &[RangeRead]) -> Vec<Gap> {
    let mut left = Vec::new();
    let mut older = gap;
    for range in ranges {
        let is_newer = older.until.is_some_and(|until| until < range.from);
        let is_older = older.from.is_some_and(|from| range.until <= from);
        if is_newer || is_older {
            continue;
        }
        if older.until.is_none_or(|until| range.until <= until) {
            left.push(Gap { from: Some(range.until), until: older.until });
        }
        if older.from.is_some_and(|from| range.from <= from) {
            return left;
        }
        older.until = Some(second_before(range.from));
    }
    left.push(older);
    left
}

fn second_before(at: Timestamp) -> Timestamp {
    at.checked_sub(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MIN)
}
