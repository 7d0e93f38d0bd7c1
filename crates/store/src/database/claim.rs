//! The right to read from Stripe into a database, which one process at a time has.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::{Connection, Driver};
use crate::{Location, Result, StoreError};

/// How long to wait for the right. Who works off deliveries gives it back every few seconds; a sync has it for as long as it takes.
/// The server is told the same.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often to look whether a file is free.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A server keeps the right with the connection, and lets go of it when that ends. The first number ("TIES") keeps it apart from the lock of writing.
const CLAIM_ON_SERVER: &str = "BEGIN; SET LOCAL lock_timeout = '20s'; \
     SELECT pg_advisory_lock(1414088019, hashtext(current_schema())); COMMIT";

/// What holds the right, besides the connection.
pub(crate) struct Claim(#[expect(dead_code, reason = "closing the file gives the right back")] Option<File>);

/// Takes the right.
///
/// # Errors
/// [`StoreError::Syncing`] when another has it.
pub(crate) fn claim(connection: &Connection, location: &Location) -> Result<Claim> {
    match (&connection.driver, location) {
        (Driver::Sqlite(_), Location::File(path)) => claim_file(path).map(|file| Claim(Some(file))),
        _ => claim_on_server(connection).map(|()| Claim(None)),
    }
}

fn claim_on_server(connection: &Connection) -> Result<()> {
    connection.run(CLAIM_ON_SERVER).map_err(|error| {
        // The connection is of no use to a sync now; all that matters is why.
        let _ = connection.run("ROLLBACK");
        match StoreError::from(error) {
            StoreError::Locked { place } => StoreError::Syncing { place },
            other => other,
        }
    })
}

/// Locks a file beside the database, whose own locks are SQLite's. The system lets go of it when the process ends, however it
/// does; the empty file stays.
fn claim_file(database: &Path) -> Result<File> {
    let mut name = database.as_os_str().to_owned();
    name.push("-sync");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&name).map_err(|error| StoreError::unwritable(error.to_string()))?;
    let until = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(LOOK_AGAIN),
            Err(TryLockError::WouldBlock) => return Err(StoreError::Syncing { place: String::new() }),
            Err(TryLockError::Error(error)) => return Err(StoreError::unwritable(error.to_string())),
        }
    }
}
