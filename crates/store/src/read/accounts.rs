//! Accounts.

use facts::{Account, AccountId, AccountKind};

use crate::database::{Connection, OptionalExtension, Read, params};
use crate::snapshot::SyncedAccount;
use crate::{Result, Store, rows};

const ACCOUNTS: &str =
    "SELECT id, kind, country, default_currency, time_zone, display_name, synced_at, begins_at FROM account ORDER BY id";

impl Store {
    /// Every account, by id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn accounts(&self) -> Result<Vec<SyncedAccount>> {
        self.read(accounts)
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
    let mut statement = connection.prepare(ACCOUNTS)?;
    let accounts = statement.query_map(params![], |row| {
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
    })?;
    Ok(accounts.collect::<Read<_>>()?)
}

fn kind(word: &str) -> Option<AccountKind> {
    match word {
        "own" => Some(AccountKind::Own),
        "connected" => Some(AccountKind::Connected),
        _ => None,
    }
}
