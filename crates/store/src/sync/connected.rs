//! Connected accounts: which of them a platform's list names, and which of those are due to be read. There may be many thousands,
//! so that they are asked for some at a time.

use facts::AccountId;
use jiff::Timestamp;

use crate::database::{Connection, OptionalExtension, Read, params};
use crate::{Result, RunId, Store, points, rows};

/// How far a platform's list of connected accounts was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedList {
    /// Its first entry when it was last asked for; `None` where it was empty.
    pub newest: Option<AccountId>,
    /// When a sync last read it to its end.
    pub whole_at: Timestamp,
}

/// Which connected accounts of a platform are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The sync that asks: what it has begun to read is due no more.
    pub run: RunId,
    /// An account whose last complete sync began before this instant is due, whether it moved or not.
    pub stale_before: Timestamp,
    /// When this sync began: freshness of a later instant comes from a clock that was wrong.
    pub now: Timestamp,
}

/// A connected account that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueAccount {
    /// Its id.
    pub id: AccountId,
    /// Its business time zone.
    pub time_zone: Option<String>,
}

/// Connected accounts that are due and were not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// How many.
    pub accounts: u64,
    /// How many of these were never read to the end.
    pub never: u64,
    /// The least fresh of the others: when its last complete sync began.
    pub oldest: Option<Timestamp>,
}

/// One that the list of another key's platform names in this same sync stays that one's.
const LISTED: &str = "UPDATE account SET platform = ?2, listed_run = ?3 WHERE id = ?1 AND kind = 'connected' \
     AND (platform = ?2 OR NOT EXISTS (SELECT 1 FROM connected_list l WHERE l.platform = account.platform AND l.asked_run = ?3 \
     AND account.listed_run >= l.whole_run))";

const LIST: &str = "SELECT newest, whole_at FROM connected_list WHERE platform = ?1";

const PUT_WHOLE: &str = "INSERT INTO connected_list (platform, newest, whole_run, whole_at, asked_run) VALUES (?1, ?2, ?3, ?4, ?3) \
     ON CONFLICT (platform) DO UPDATE SET newest = excluded.newest, whole_run = excluded.whole_run, whole_at = excluded.whole_at, \
     asked_run = excluded.asked_run";

const PUT_HEAD: &str = "UPDATE connected_list SET newest = ?2, asked_run = ?3 WHERE platform = ?1";

/// The accounts of a platform that its list still names.
const OF_PLATFORM: &str = "FROM account a WHERE a.platform = ?1 AND a.kind = 'connected' AND a.listed_run >= \
     COALESCE((SELECT l.whole_run FROM connected_list l WHERE l.platform = ?1), 0)";

/// Of these, those that are due: never read, stale, changed, or moved since, as a delivery says.
const IS_DUE: &str = "AND (a.swept_run IS NULL OR a.swept_run <> ?2) AND (a.synced_at IS NULL OR a.synced_at < ?3 \
     OR a.synced_at > ?4 OR a.swept_version IS NULL OR a.swept_version <> a.version OR EXISTS (SELECT 1 FROM delivery d \
     WHERE d.account = a.id AND d.received_at >= a.synced_at AND d.state <> 'ignored'))";

const BEGIN: &str = "UPDATE account SET swept_run = ?2, swept_version = version WHERE id = ?1";

/// Connected accounts that no list names any more which this sync asked for.
const UNLISTED: &str = "FROM account a WHERE a.kind = 'connected' AND NOT EXISTS (SELECT 1 FROM connected_list l \
     WHERE l.platform = a.platform AND l.asked_run = ?1 AND a.listed_run >= l.whole_run)";

impl Store {
    /// How far a platform's list was read; `None` before it was read to its end.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn connected_list(&self, platform: &AccountId) -> Result<Option<ConnectedList>> {
        self.read(|connection| {
            let mut statement = connection.prepare(LIST)?;
            let list = statement.query_row(params![platform.as_str()], |row| {
                Ok(ConnectedList { newest: rows::id_or_none(row, 0, AccountId::parse)?, whole_at: rows::time(row, 1)? })
            });
            Ok(list.optional()?)
        })
    }

    /// How many connected accounts a platform's list names.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn connected_accounts(&self, platform: &AccountId) -> Result<u64> {
        let sql = format!("SELECT COUNT(*) {OF_PLATFORM}");
        self.read(|connection| Ok(connection.query_row(&sql, params![platform.as_str()], |row| rows::narrow(row, 0))?))
    }

    /// Notes that a platform's list names these accounts, which were stored before.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn note_listed(&mut self, platform: &AccountId, accounts: &[AccountId], run: RunId) -> Result<()> {
        self.write(points::SYNC_CONNECTED, |transaction| {
            for account in accounts {
                transaction.prepare(LISTED)?.execute(params![account.as_str(), platform.as_str(), run.0])?;
            }
            Ok(())
        })
    }

    /// Notes that a platform's list was read from its first entry: to its end at `whole_at`, or else to what was known.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn end_list(
        &mut self,
        platform: &AccountId,
        newest: Option<&AccountId>,
        whole_at: Option<Timestamp>,
        run: RunId,
    ) -> Result<()> {
        let newest = newest.map(AccountId::as_str);
        self.write(points::SYNC_CONNECTED, |transaction| {
            match whole_at {
                Some(at) => {
                    let row = params![platform.as_str(), newest, run.0, at.as_microsecond()];
                    transaction.prepare(PUT_WHOLE)?.execute(row)?
                }
                None => transaction.prepare(PUT_HEAD)?.execute(params![platform.as_str(), newest, run.0])?,
            };
            Ok(())
        })
    }

    /// The first `limit` accounts of a platform that are due, those first whose turn was longest ago.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn due_accounts(&self, platform: &AccountId, due: &Due, limit: u32) -> Result<Vec<DueAccount>> {
        let sql = format!("SELECT a.id, a.time_zone {OF_PLATFORM} {IS_DUE} ORDER BY COALESCE(a.swept_run, 0), a.id LIMIT ?5");
        let (stale_before, now) = (due.stale_before.as_microsecond(), due.now.as_microsecond());
        self.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let found = statement.query_map(params![platform.as_str(), due.run.0, stale_before, now, limit], |row| {
                Ok(DueAccount { id: rows::id(row, 0, AccountId::parse)?, time_zone: row.get(1)? })
            })?;
            Ok(found.collect::<Read<_>>()?)
        })
    }

    /// The first `limit` accounts that a platform's list names whose ids come after `after`, by id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn listed_accounts(&self, platform: &AccountId, after: Option<&AccountId>, limit: u32) -> Result<Vec<DueAccount>> {
        let sql = format!("SELECT a.id, a.time_zone {OF_PLATFORM} AND a.id > ?2 ORDER BY a.id LIMIT ?3");
        let after = after.map_or("", AccountId::as_str);
        self.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let found = statement.query_map(params![platform.as_str(), after, limit], |row| {
                Ok(DueAccount { id: rows::id(row, 0, AccountId::parse)?, time_zone: row.get(1)? })
            })?;
            Ok(found.collect::<Read<_>>()?)
        })
    }

    /// Notes that a sync begins to read a connected account: it is due no more to that sync.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn begin_sweep(&mut self, account: &AccountId, run: RunId) -> Result<()> {
        self.write(points::SYNC_CONNECTED, |transaction| {
            transaction.execute(BEGIN, params![account.as_str(), run.0])?;
            Ok(())
        })
    }

    /// The accounts of a platform that are still due.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn left_due(&self, platform: &AccountId, due: &Due) -> Result<Left> {
        let sql = format!("SELECT COUNT(*), COUNT(*) - COUNT(a.synced_at), MIN(a.synced_at) {OF_PLATFORM} {IS_DUE}");
        let parameters = params![platform.as_str(), due.run.0, due.stale_before.as_microsecond(), due.now.as_microsecond()];
        self.read(|connection| {
            Ok(connection.query_row(&sql, parameters, |row| {
                Ok(Left { accounts: rows::narrow(row, 0)?, never: rows::narrow(row, 1)?, oldest: rows::time_or_none(row, 2)? })
            })?)
        })
    }

    /// How many connected accounts are known that no list names any more, and the first `limit` of them. The lists are those that
    /// this sync asked for.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn unlisted(&self, run: RunId, limit: u32) -> Result<(u64, Vec<AccountId>)> {
        self.view(|connection: &Connection| {
            let count = format!("SELECT COUNT(*) {UNLISTED}");
            let count = connection.query_row(&count, params![run.0], |row| rows::narrow(row, 0))?;
            let mut statement = connection.prepare(&format!("SELECT a.id {UNLISTED} ORDER BY a.id LIMIT ?2"))?;
            let ids = statement.query_map(params![run.0, limit], |row| rows::id(row, 0, AccountId::parse))?;
            Ok((count, ids.collect::<Read<_>>()?))
        })
    }
}
