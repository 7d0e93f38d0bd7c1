//! Where an account's history begins here, and what it held then.

use std::collections::BTreeMap;

use facts::{AccountId, ObjectKind};
use jiff::Timestamp;
use money::Currency;

use super::stretches;
use crate::database::{Connection, OptionalExtension, Read, params};
use crate::sums::MoneyKey;
use crate::{Result, Store, StoreError, Touched, bump_revision, points, rows};

/// What became of the wish to begin at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The account begins there.
    Now,
    /// It began later before: everything is to be read again from there.
    Sooner,
    /// It begins earlier already: at this instant, or with its whole history where there is none.
    Already(Option<Timestamp>),
    /// Exports of it are here, whose times are others than the API's: an opening balance would be wrong by what lies between.
    Exported,
}

const BEGINS: &str = "SELECT begins_at FROM account WHERE id = ?1";

const BEGIN: &str = "UPDATE account SET begins_at = ?2 WHERE id = ?1";

const WALKED: &str = "SELECT kind FROM walk WHERE account = ?1 AND kind <> 'event'";

const FORGET_WALKS: &str = "DELETE FROM walk WHERE account = ?1 AND kind <> 'event'";

const BALANCES: &str = "SELECT currency, available_minor, pending_minor, steady FROM balance WHERE account = ?1";

const SINCE: &str = "SELECT currency, CAST(SUM(net_minor) AS BIGINT) FROM txn \
     WHERE account = ?1 AND created_at >= ?2 AND balance_type = 'payments' GROUP BY currency";

const OPEN: &str = "INSERT INTO opening_balance (account, currency, minor) VALUES (?1, ?2, ?3)";

impl Store {
    /// Lets an account begin at `at`: what moved its money before is not read. Where it began later, that is forgotten, with its
    /// opening balance and how far it was read; one that begins earlier stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Absent`] when the account's own object was never stored.
    pub fn begin_at(&mut self, account: &AccountId, at: Timestamp) -> Result<Begun> {
        self.write(points::SYNC_ACCOUNT, |transaction| {
            let began = begins_at(transaction, account)?;
            if has_exports(transaction, account)? {
                return Ok(Begun::Exported);
            }
            let kinds: Vec<ObjectKind> = transaction
                .prepare(WALKED)?
                .query_map(params![account.as_str()], |row| rows::parsed(row, 0, ObjectKind::from_word))?
                .collect::<Read<_>>()?;
            let is_sooner = began.is_some_and(|began| at < began);
            if !kinds.is_empty() && !is_sooner {
                return Ok(Begun::Already(began));
            }
            if transaction.execute(BEGIN, params![account.as_str(), at.as_second()])? == 0 {
                return Err(StoreError::Absent { noun: "account", id: account.to_string() });
            }
            transaction.execute("DELETE FROM opening_balance WHERE account = ?1", params![account.as_str()])?;
            transaction.execute(FORGET_WALKS, params![account.as_str()])?;
            for kind in &kinds {
                stretches::forget(transaction, account, *kind)?;
            }
            bump_revision(transaction, Touched::Accounts([account.as_str()].into()))?;
            Ok(if kinds.is_empty() { Begun::Now } else { Begun::Sooner })
        })
    }

    /// Computes what an account held where it begins: Stripe's balance less the txns since. Once, and only where every balance
    /// stood still while it was read; an account with its whole history has none. Says whether it did.
    ///
    /// # Errors
    /// [`StoreError::Overflow`] when a sum does not fit 64 bits.
    pub fn open_balances(&mut self, account: &AccountId) -> Result<bool> {
        let Some(openings) = self.view(|connection| openings(connection, account))? else { return Ok(false) };
        self.write(points::SYNC_BALANCE, |transaction| {
            for (currency, minor) in &openings {
                transaction.prepare(OPEN)?.execute(params![account.as_str(), currency.as_str(), *minor])?;
            }
            bump_revision(transaction, Touched::Accounts([account.as_str()].into()))
        })?;
        Ok(true)
    }

    /// What an account held where it begins, by currency; empty for one with its whole history, and before it was computed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn opening_balances(&self, account: &AccountId) -> Result<Vec<(Currency, i64)>> {
        self.read(|connection| {
            let mut statement =
                connection.prepare("SELECT currency, minor FROM opening_balance WHERE account = ?1 ORDER BY currency")?;
            let found = statement.query_map(params![account.as_str()], |row| Ok((rows::currency(row, 0)?, row.get(1)?)))?;
            Ok(found.collect::<Read<_>>()?)
        })
    }
}

fn has_exports(connection: &Connection, account: &AccountId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM export_file WHERE account = ?1)";
    Ok(connection.query_row(sql, params![account.as_str()], |row| row.get(0))?)
}

/// Where an account begins; `None` for its whole history, and for one that was never stored.
pub(crate) fn begins_at(connection: &Connection, account: &AccountId) -> Result<Option<Timestamp>> {
    let mut statement = connection.prepare(BEGINS)?;
    let begins = statement.query_row(params![account.as_str()], |row| rows::stripe_time_or_none(row, 0)).optional()?;
    Ok(begins.flatten())
}

fn openings(connection: &Connection, account: &AccountId) -> Result<Option<BTreeMap<Currency, i64>>> {
    let Some(begins_at) = begins_at(connection, account)? else { return Ok(None) };
    let is_open: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM opening_balance WHERE account = ?1)",
        params![account.as_str()],
        |row| row.get(0),
    )?;
    let mut statement = connection.prepare(BALANCES)?;
    let balances = statement.query_map(params![account.as_str()], |row| {
        Ok((rows::currency(row, 0)?, row.get::<i64>(1)?, row.get::<i64>(2)?, row.get::<bool>(3)?))
    })?;
    let balances: Vec<_> = balances.collect::<Read<_>>()?;
    if is_open || balances.is_empty() || !balances.iter().all(|(.., steady)| *steady) {
        return Ok(None);
    }
    let overflow = || StoreError::Overflow { what: format!("the opening balance of {account}") };
    let mut openings = BTreeMap::new();
    for (currency, available, pending, _) in balances {
        openings.insert(currency, available.checked_add(pending).ok_or_else(overflow)?);
    }
    let mut statement = connection.prepare(SINCE)?;
    let sums = statement
        .query_map(params![account.as_str(), begins_at.as_second()], |row| Ok((rows::currency(row, 0)?, row.get::<i64>(1)?)))?;
    for sum in sums {
        let (currency, net) = sum?;
        let opening = openings.entry(currency).or_default();
        *opening = opening.checked_sub(net).ok_or_else(overflow)?;
    }
    Ok(Some(openings))
}

/// What stands beside the sum of all txns that are here, by account and currency: opening balances, less those txns that are here
/// although they were made before, as members of a later payout. Of one account, or of all.
pub(crate) fn carried(connection: &Connection, account: Option<&AccountId>) -> Result<BTreeMap<MoneyKey, i64>> {
    let (own, theirs) = if account.is_some() { ("WHERE account = ?1", "AND a.id = ?1") } else { ("", "") };
    let sql = format!(
        "SELECT account, currency, CAST(SUM(minor) AS BIGINT) FROM (SELECT account, currency, minor FROM opening_balance {own} \
         UNION ALL SELECT t.account, t.currency, -t.net_minor FROM account a JOIN txn t ON t.account = a.id \
         AND t.created_at < a.begins_at WHERE a.begins_at IS NOT NULL AND t.balance_type = 'payments' {theirs}) moved \
         GROUP BY account, currency"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut read = |row: &crate::database::Row<'_>| Ok(((row.get(0)?, row.get(1)?), row.get(2)?));
    let found: Vec<(MoneyKey, i64)> = match account {
        Some(account) => statement.query_map(params![account.as_str()], &mut read)?.collect::<Read<_>>()?,
        None => statement.query_map(params![], &mut read)?.collect::<Read<_>>()?,
    };
    Ok(found.into_iter().collect())
}
