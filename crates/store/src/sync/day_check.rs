//! A past day's txns, which Stripe lists again, against those that are here.

use std::collections::BTreeSet;

use facts::AccountId;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{ranges, stretches};
use crate::database::{Connection, OptionalExtension, Read, Row, Transaction, params};
use crate::{Result, RunId, Store, points, rows};

/// The last time that a past day of an account was listed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayCheck {
    /// The day, in the business time zone.
    pub day: Date,
    /// Txns were compared that were created at this instant or later,
    pub from: Timestamp,
    /// and before this one.
    pub until: Timestamp,
    /// When it was asked for.
    pub at: Timestamp,
    /// By which run.
    pub run: Option<RunId>,
    /// What was found; `None` where the list could not be read.
    pub found: Option<DayFound>,
}

/// What a day's list and the database say of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayFound {
    /// How many txns Stripe lists.
    pub listed: u64,
    /// How many of these were not here.
    pub missing: u64,
    /// How many were here that Stripe does not list.
    pub extra: u64,
}

/// What differs between a list and the database, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayDifference {
    /// Listed, and not here.
    pub missing: Vec<String>,
    /// Here, and not listed.
    pub extra: Vec<String>,
}

/// From when until when an account's txns are known to be here, all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TxnsKnown {
    /// Where the account begins, or else when its oldest txn was made.
    pub from: Timestamp,
    /// When the newest was made that the last reading saw.
    pub until: Timestamp,
}

const KNOWN_UNTIL: &str = "SELECT complete_until_at FROM walk WHERE account = ?1 AND kind = 'txn' AND complete = 1";

const KNOWN_FROM: &str =
    "SELECT COALESCE((SELECT begins_at FROM account WHERE id = ?1), MIN(created_at)) FROM txn WHERE account = ?1";

const HELD: &str = "SELECT id FROM txn WHERE account = ?1 AND created_at >= ?2 AND created_at < ?3 ORDER BY id";

const IS_HERE: &str = "SELECT EXISTS (SELECT 1 FROM txn WHERE account = ?1 AND id = ?2)";

const NOTE: &str = "INSERT INTO day_check (account, day, from_at, until_at, checked_at, run, listed, missing, extra) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (account) DO UPDATE SET day = excluded.day, from_at = excluded.from_at, \
     until_at = excluded.until_at, checked_at = excluded.checked_at, run = excluded.run, listed = excluded.listed, \
     missing = excluded.missing, extra = excluded.extra";

const READ: &str = "SELECT day, from_at, until_at, checked_at, run, listed, missing, extra, account FROM day_check";

/// The next walk begins anew, and until it ends the history is not called whole.
const DOUBT: &str = "UPDATE walk SET complete = 0, complete_until_at = NULL, after_id = NULL WHERE account = ?1 AND kind = 'txn'";

impl Store {
    /// Which txns of an account are known to be here; `None` where all its history was not read, or holds none.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn txns_known(&self, account: &AccountId) -> Result<Option<TxnsKnown>> {
        self.view(|connection| {
            let of = params![account.as_str()];
            let mut statement = connection.prepare(KNOWN_UNTIL)?;
            let until = statement.query_row(of, |row| rows::time_or_none(row, 0)).optional()?.flatten();
            let from = connection.prepare(KNOWN_FROM)?.query_row(of, |row| rows::stripe_time_or_none(row, 0))?;
            Ok(from.zip(until).map(|(from, until)| TxnsKnown { from, until }))
        })
    }

    /// Compares the ids of the txns that Stripe lists as created from one instant until before another with those that are here.
    /// One that is here with another time of creation is not missing.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn compare_day(
        &self,
        account: &AccountId,
        (from, until): (Timestamp, Timestamp),
        listed: &BTreeSet<String>,
    ) -> Result<DayDifference> {
        self.view(|connection| {
            let between = params![account.as_str(), from.as_second(), until.as_second()];
            let held = connection.prepare(HELD)?.query_map(between, |row| row.get(0))?.collect::<Read<BTreeSet<String>>>()?;
            let mut missing = Vec::new();
            for id in listed.difference(&held) {
                let mut statement = connection.prepare(IS_HERE)?;
                if !statement.query_row(params![account.as_str(), id], |row| row.get::<bool>(0))? {
                    missing.push(id.clone());
                }
            }
            Ok(DayDifference { missing, extra: held.difference(listed).cloned().collect() })
        })
    }

    /// Notes what became of listing a day again, as done by the run that was begun last. Where something was missing, the history of
    /// the txns is not whole any more, and the next walk reads it again.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn note_day_check(&mut self, account: &AccountId, check: &DayCheck) -> Result<()> {
        let run = self.run.map(|run| run.0);
        self.write(points::SYNC_BALANCE, |transaction| {
            let DayCheck { day, from, until, at, found, .. } = check;
            let count = |count: fn(&DayFound) -> u64| found.as_ref().map(|found| i64::try_from(count(found)).unwrap_or(i64::MAX));
            transaction.prepare(NOTE)?.execute(params![
                account.as_str(),
                day.to_string(),
                from.as_second(),
                until.as_second(),
                at.as_microsecond(),
                run,
                count(|found| found.listed),
                count(|found| found.missing),
                count(|found| found.extra),
            ])?;
            match found {
                Some(found) if found.missing > 0 => doubt(transaction, account),
                _ => Ok(()),
            }
        })
    }

    /// The last check of an account; `None` where no day was ever listed again.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn day_check(&self, account: &AccountId) -> Result<Option<DayCheck>> {
        self.read(|connection| {
            let mut statement = connection.prepare(&format!("{READ} WHERE account = ?1"))?;
            Ok(statement.query_row(params![account.as_str()], day_check).optional()?)
        })
    }

    /// The last check of each account that has one, by its id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn day_checks(&self) -> Result<Vec<(AccountId, DayCheck)>> {
        self.read(all)
    }
}

fn all(connection: &Connection) -> Result<Vec<(AccountId, DayCheck)>> {
    let mut statement = connection.prepare(&format!("{READ} ORDER BY account"))?;
    let found = statement.query_map(params![], |row| Ok((rows::id(row, 8, AccountId::parse)?, day_check(row)?)))?;
    Ok(found.collect::<Read<_>>()?)
}

fn doubt(transaction: &Transaction<'_>, account: &AccountId) -> Result<()> {
    transaction.prepare(DOUBT)?.execute(params![account.as_str()])?;
    stretches::forget(transaction, account, facts::ObjectKind::Txn)?;
    ranges::forget(transaction, account, facts::ObjectKind::Txn)
}

fn day_check(row: &Row<'_>) -> Read<DayCheck> {
    let mut c = rows::Columns::new(row, 0);
    let day = c.with(rows::date)?;
    let (from, until) = (c.with(rows::stripe_time)?, c.with(rows::stripe_time)?);
    let (at, run) = (c.with(rows::time)?, c.get::<Option<i64>>()?.map(RunId));
    let mut count = || c.with(rows::narrow_or_none::<u64>);
    let found = match (count()?, count()?, count()?) {
        (Some(listed), Some(missing), Some(extra)) => Some(DayFound { listed, missing, extra }),
        _ => None,
    };
    Ok(DayCheck { day, from, until, at, run, found })
}
