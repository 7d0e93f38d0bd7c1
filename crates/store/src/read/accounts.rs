//! Accounts.

use facts::{Account, AccountId, AccountKind};

use crate::database::{Connection, OptionalExtension, Read, Row, ToSql, params};
use crate::snapshot::SyncedAccount;
use crate::{Result, Store, rows};

const ACCOUNTS: &str = "SELECT id, kind, country, default_currency, time_zone, display_name, synced_at, begins_at FROM account";

impl Store {
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
