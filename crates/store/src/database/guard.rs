//! The lock that a process has while it lives, whatever becomes of it: the system, or the server, lets go of it for the dead.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Connection, Driver, Read, params};
use crate::lease::LeaseName;
use crate::{Location, Result, StoreError};

/// A server keeps the lock with the connection, and lets go of it when that ends.
const LOCK_ON_SERVER: &str = "SELECT pg_try_advisory_lock(CAST(?1 AS INTEGER), hashtext(current_schema()))";

const UNLOCK_ON_SERVER: &str = "SELECT pg_advisory_unlock(CAST(?1 AS INTEGER), hashtext(current_schema()))";

/// A lock of two numbers stands in the server's list with both; the second is an unsigned one there.
const LOCKED_ON_SERVER: &str = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 \
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
     AND classid = CAST(CAST(?1 AS INTEGER) AS oid) AND objid = CAST(hashtext(current_schema()) AS oid)";

/// What holds the lock, besides the connection. Dropped, it lets go of a file.
pub(crate) enum Guard {
    File(#[expect(dead_code, reason = "closing the file lets go of the lock")] File),
    Server,
}

/// Takes the lock, where nobody has it.
pub(crate) fn try_lock(connection: &Connection, location: &Location, name: LeaseName) -> Result<Option<Guard>> {
    match (&connection.driver, location) {
        (Driver::Sqlite(_), Location::File(path)) => Ok(try_lock_file(path, name)?.map(Guard::File)),
        _ => Ok(on_server(connection, LOCK_ON_SERVER, name)?.then_some(Guard::Server)),
    }
}

/// Whether somebody has the lock.
pub(crate) fn is_locked(connection: &Connection, location: &Location, name: LeaseName) -> Result<bool> {
    match (&connection.driver, location) {
        (Driver::Sqlite(_), Location::File(path)) => is_file_locked(path, name),
        _ => {
            let holders: i64 = connection.query_row(LOCKED_ON_SERVER, params![key(name)], |row| row.get(0))?;
            Ok(holders > 0)
        }
    }
}

impl Guard {
    /// Whether its holder may beat in the file of the lock: others must be able to read what somebody has locked.
    pub(crate) const fn takes_beats(&self) -> bool {
        cfg!(unix) && matches!(self, Self::File(_))
    }

    /// Lets go of the lock.
    pub(crate) fn unlock(self, connection: &Connection, name: LeaseName) -> Result<()> {
        match self {
            Self::File(_) => {}
            Self::Server => drop(on_server(connection, UNLOCK_ON_SERVER, name)?),
        }
        Ok(())
    }
}

fn on_server(connection: &Connection, sql: &str, name: LeaseName) -> Read<bool> {
    connection.query_row(sql, params![key(name)], |row| row.get(0))
}

/// Keeps each lock apart from the others, and from the one of writing ("TIES" and what follows).
const fn key(name: LeaseName) -> i64 {
    match name {
        LeaseName::Sync => 1_414_088_019,
        LeaseName::Reconcile => 1_414_088_020,
        LeaseName::Schedule => 1_414_088_021,
    }
}

/// By whatever name a database is opened, its lock is the same.
fn lock_file(database: &Path, name: LeaseName) -> PathBuf {
    let database = database.canonicalize().unwrap_or_else(|_| database.to_owned());
    let mut path = database.into_os_string();
    path.push(format!("-{}", name.as_str()));
    path.into()
}

/// Notes which beat of which taking this is, in the file of the lock that the caller has.
pub(crate) fn note_beat(location: &Location, name: LeaseName, (token, beat): (i64, i64)) -> Result<()> {
    let Location::File(database) = location else { return Ok(()) };
    let unwritable = |error: std::io::Error| StoreError::unwritable(error.to_string());
    let mut file = OpenOptions::new().write(true).open(lock_file(database, name)).map_err(unwritable)?;
    // Always of one length, and in one write: who reads it meanwhile reads one or the other.
    file.write_all(format!("{token:020} {beat:020}\n").as_bytes()).map_err(unwritable)
}

/// The newest beat of a taking that stands in the file of its lock.
pub(crate) fn beat(location: &Location, name: LeaseName, token: i64) -> Option<i64> {
    let Location::File(database) = location else { return None };
    let text = std::fs::read_to_string(lock_file(database, name)).ok()?;
    let (of, beat) = text.trim_end().split_once(' ')?;
    (of.parse() == Ok(token)).then(|| beat.parse().ok()).flatten()
}

/// Makes no file. Who wants the lock in this very instant looks again soon after.
fn is_file_locked(database: &Path, name: LeaseName) -> Result<bool> {
    let Ok(file) = File::open(lock_file(database, name)) else { return Ok(false) };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(StoreError::unwritable(error.to_string())),
    }
}

/// Locks a file beside the database, whose own locks are SQLite's. The file stays.
fn try_lock_file(database: &Path, name: LeaseName) -> Result<Option<File>> {
    let path = lock_file(database, name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(|error| StoreError::unwritable(error.to_string()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(StoreError::unwritable(error.to_string())),
    }
}
