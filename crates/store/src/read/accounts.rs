//! Accounts.

use facts::{Account, AccountId, AccountKind};
use jiff::Timestamp;

use super::query::Query;
use crate::database::{Connection, OptionalExtension, Read, Row, ToSql, dynamic, params};
use crate::snapshot::SyncedAccount;
use crate::{Result, Store, rows};

const ACCOUNTS: &str = "SELECT id, kind, country, default_currency, time_zone, display_name, synced_at, begins_at FROM account";

/// Which accounts to list, and in which order; the default is all, by id.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// Only those whose id or name contains this text, in whatever case.
    pub search: Option<String>,
    /// Those first that were never read to the end, then those whose last complete sync is longest ago.
    pub least_fresh_first: bool,
    /// At most so many.
    pub limit: Option<u64>,
}

/// How fresh the accounts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// How many there are.
    pub accounts: u64,
    /// How many of these were never read to the end.
    pub never: u64,
    /// The least fresh of the others: when its last complete sync began.
    pub oldest: Option<Timestamp>,
}

const FRESHNESS: &str = "SELECT COUNT(*), COUNT(*) - COUNT(synced_at), MIN(synced_at) FROM account";

impl Store {
    /// One account; `None` where it is not known.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn account(&self, id: &AccountId) -> Result<Option<SyncedAccount>> {
        self.read(|connection| Ok(read(connection, "WHERE id = ?1", params![id.as_str()])?.pop()))
    }

    /// The accounts of a filter.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn account_list(&self, filter: &AccountFilter) -> Result<Vec<SyncedAccount>> {
        let mut query = Query::new(ACCOUNTS.to_owned());
        query.contains(&["id", "display_name"], filter.search.as_deref());
        let order = if filter.least_fresh_first { "COALESCE(synced_at, -1), id" } else { "id" };
        let (sql, parameters) = query.order(order, filter.limit);
        self.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let accounts = statement.query_map(&dynamic(&parameters), synced_account)?;
            Ok(accounts.collect::<Read<_>>()?)
        })
    }

    /// How fresh the accounts are, all together.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn freshness(&self) -> Result<Freshness> {
        let read = |row: &Row<'_>| {
            let (accounts, never) = (rows::narrow(row, 0)?, rows::narrow(row, 1)?);
            Ok(Freshness { accounts, never, oldest: rows::time_or_none(row, 2)? })
        };
        self.read(|connection| Ok(connection.query_row(FRESHNESS, params![], read)?))
    }

    /// Every account, by id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn accounts(&self) -> Result<Vec<SyncedAccount>> {
        self.read(accounts)
    }

    /// The accounts of our own, by id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn own_accounts(&self) -> Result<Vec<SyncedAccount>> {
        self.read(|connection| read(connection, "WHERE kind = 'own' ORDER BY id", &[]))
    }

    /// The one account of our own; `None` before it was first read, and where there are several.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn own_account(&self) -> Result<Option<AccountId>> {
        let sql = "SELECT MIN(id) FROM account WHERE kind = 'own' HAVING COUNT(*) = 1";
        self.read(|connection| Ok(connection.query_row(sql, params![], |row| rows::id(row, 0, AccountId::parse)).optional()?))
    }
}

pub(crate) fn accounts(connection: &Connection) -> Result<Vec<SyncedAccount>> {
    read(connection, "ORDER BY id", &[])
}

fn read(connection: &Connection, which: &str, parameters: &[&dyn ToSql]) -> Result<Vec<SyncedAccount>> {
    let mut statement = connection.prepare(&format!("{ACCOUNTS} {which}"))?;
    let accounts = statement.query_map(parameters, synced_account)?;
    Ok(accounts.collect::<Read<_>>()?)
}

fn synced_account(row: &Row<'_>) -> Read<SyncedAccount> {
    let mut c = rows::Columns::new(row, 0);
    let account = Account {
        id: c.id(AccountId::parse)?,
        kind: c.word(kind)?,
        country: c.get()?,
        default_currency: c.with(|row, index| rows::id_or_none(row, index, money::Currency::parse))?,
        time_zone: c.get()?,
        display_name: c.get()?,
    };
    let synced_at = c.with(rows::time_or_none)?;
    Ok(SyncedAccount { account, synced_at, begins_at: c.with(rows::stripe_time_or_none)? })
}

fn kind(word: &str) -> Option<AccountKind> {
    match word {
        "own" => Some(AccountKind::Own),
        "connected" => Some(AccountKind::Connected),
        _ => None,
    }
}
