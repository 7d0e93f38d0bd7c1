//! SQLite: opening the file, and everything that only SQLite needs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef as Held};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::value::storable;
use super::{Error, Read, ToSql, ValueRef};
use crate::points::{self, CommitPoints, NoPoints};
use crate::{Result, StoreError, schema};

/// Stands in the header of our files ("TIEO"), so that another program's database is never written to.
const APPLICATION_ID: i64 = 0x5449_454F;

/// How long a write waits for another process. A group of pages commits in well under a second; whoever holds the lock for
/// longer is stuck or stopped.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// More statements than one sync, import or reconcile uses, so that none is prepared twice.
const CACHED_STATEMENTS: usize = 96;

/// SQLite's page cache, in KiB: holds the inner pages of the indexes of a million txns, and keeps a sync far below 100 MB.
const CACHE_KIB: i64 = 32 * 1024;

/// Pages in the write-ahead log before it is moved into the file (16 MiB): fewer moves write a hot page fewer times.
const WAL_PAGES: i64 = 4_000;

/// Opens the file for reading and writing, making its folders, the file and its schema where they are missing.
pub(crate) fn open(path: &Path, points: &dyn CommitPoints) -> Result<Connection> {
    make_folder(path)?;
    make_file(path)?;
    open_for_writing(path, points)
}

/// Opens the file for reading, or says that there is none. Makes no file; brings an older schema up to date.
pub(crate) fn open_existing(path: &Path) -> Result<Option<Connection>> {
    open_for_reading(path)
}

/// What tells one file from another: its device and its number there.
pub(crate) type FileId = (u64, u64);

/// The file that stands at a path.
#[cfg(unix)]
pub(crate) fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// Only Unix numbers files in a way that can be read here.
#[cfg(not(unix))]
pub(crate) fn file_id(_: &Path) -> Option<FileId> {
    None
}

/// Reads the whole file and checks its structure.
pub(crate) fn check(connection: &Connection) -> Result<()> {
    let finding: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if finding == "ok" { Ok(()) } else { Err(StoreError::corrupt(finding)) }
}

/// Moves everything into the file itself: the log that SQLite keeps beside it is gone, and readers do not make one.
pub(crate) fn keep_in_one_file(connection: &Connection) -> Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    Ok(())
}

/// Opens a file that is left as it is, whatever its version, after reading the whole of it. Indexes are held against their
/// tables too: rows are read by them, and one that an index has lost would be missed.
pub(crate) fn open_unchanged(path: &Path) -> Result<Connection> {
    let unreadable = |error: std::io::Error| StoreError::io(error.to_string());
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(StoreError::io("it is no file; expected one that tieout db backup wrote".to_owned()));
    }
    fs::File::open(path).map_err(unreadable)?;
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    refuse_foreign(&connection)?;
    if version(&connection)? == 0 {
        return Err(StoreError::corrupt("it is empty".to_owned()));
    }
    let finding: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if finding == "ok" { Ok(connection) } else { Err(StoreError::corrupt(finding)) }
}

/// Whether its schema is the one that this program writes.
pub(crate) fn is_latest(connection: &Connection) -> Result<bool> {
    Ok(version(connection)? == schema::LATEST)
}

/// Makes a copy of an open file that only its owner may read.
pub(crate) fn copy_file(connection: &Connection, to: &Path) -> Result<()> {
    let name = to.to_str().ok_or_else(|| StoreError::unwritable("its name is not UTF-8".to_owned()))?;
    make_file(to)?;
    connection.execute("VACUUM INTO ?1", [name])?;
    Ok(())
}

/// Parameters as rusqlite takes them.
pub(super) fn bound<'p>(parameters: &'p [&'p dyn ToSql]) -> impl rusqlite::Params + 'p {
    rusqlite::params_from_iter(parameters.iter().map(|parameter| Bound(parameter.value())))
}

struct Bound<'a>(ValueRef<'a>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            ValueRef::Null => ToSqlOutput::Borrowed(Held::Null),
            ValueRef::Integer(number) => ToSqlOutput::Borrowed(Held::Integer(number)),
            ValueRef::Blob(bytes) => ToSqlOutput::Borrowed(Held::Blob(bytes)),
            ValueRef::Text(text) => match storable(text) {
                std::borrow::Cow::Borrowed(text) => ToSqlOutput::Borrowed(Held::Text(text.as_bytes())),
                std::borrow::Cow::Owned(text) => ToSqlOutput::Owned(Owned::Text(text)),
            },
        })
    }
}

/// A column's value.
pub(super) fn value<'r>(row: &'r rusqlite::Row<'r>, index: usize) -> Read<ValueRef<'r>> {
    Ok(match row.get_ref(index)? {
        Held::Null => ValueRef::Null,
        Held::Integer(number) => ValueRef::Integer(number),
        Held::Blob(bytes) => ValueRef::Blob(bytes),
        Held::Text(bytes) => ValueRef::Text(std::str::from_utf8(bytes).map_err(|error| Error::Sqlite(error.into()))?),
        Held::Real(number) => return Err(super::Row::Sqlite(row).unfit(index, number)),
    })
}

fn is_folder() -> StoreError {
    StoreError::unwritable("it is a folder; expected a file".to_owned())
}

fn make_folder(path: &Path) -> Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            fs::create_dir_all(folder).map_err(|error| StoreError::unwritable(error.to_string()))
        }
        _ => Ok(()),
    }
}

/// Makes an empty file that only its owner may read: it will hold customers' payments and bank statements, and SQLite would
/// make it as readable as the system does by default. SQLite gives the files that it keeps beside it the same permissions.
/// A file that is there stays as it is.
fn make_file(path: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::unwritable(error.to_string())),
    }
}

fn open_for_writing(path: &Path, points: &dyn CommitPoints) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if path.is_dir() {
        return Err(is_folder());
    }
    let mut connection = connect(path, flags)?;
    refuse_foreign(&connection)?;
    if connection.is_readonly("main")? {
        return Err(StoreError::unwritable("the file is read-only".to_owned()));
    }
    prepare_for_writing(&connection)?;
    migrate(&mut connection, points)?;
    Ok(connection)
}

fn open_for_reading(path: &Path) -> Result<Option<Connection>> {
    match fs::metadata(path) {
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(StoreError::unwritable(error.to_string())),
        Ok(file) if file.is_dir() => return Err(is_folder()),
        Ok(file) if file.is_file() && file.len() == 0 => return Ok(None),
        Ok(_) => {}
    }
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    refuse_foreign(&connection)?;
    if version(&connection)? < schema::LATEST {
        prepare_for_writing(&connection)?;
        migrate(&mut connection, &NoPoints)?;
    }
    connection.pragma_update(None, "query_only", true)?;
    Ok(Some(connection))
}

/// Opens a file that is open already. Makes none.
pub(crate) fn connect_again(path: &Path) -> Result<Connection> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// FULL: a transaction that was acknowledged survives a power cut.
fn prepare_for_writing(connection: &Connection) -> Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", WAL_PAGES, |_| Ok(()))?;
    Ok(())
}

fn refuse_foreign(connection: &Connection) -> Result<()> {
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT COUNT(*) FROM sqlite_master", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        return Err(StoreError::not_ours());
    }
    let found = version(connection)?;
    if found > schema::LATEST || (application == APPLICATION_ID && found < 0) {
        return Err(StoreError::newer(found));
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Each migration in its own transaction. The version is read again inside it: another process may have been first.
fn migrate(connection: &mut Connection, points: &dyn CommitPoints) -> Result<()> {
    for (migration, target) in schema::MIGRATIONS.iter().zip(1_i64..) {
        if version(connection)? >= target {
            continue;
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&transaction)? < target {
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", target)?;
        }
        points.reach(points::SCHEMA_MIGRATION.before);
        transaction.commit()?;
        points.reach(points::SCHEMA_MIGRATION.after);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::database::Driver;
    use crate::schema::before::Before;
    use crate::{RunState, Store};
    use jiff::Timestamp;

    fn open(folder: &Path) -> Store {
        Store::open(&folder.join("tieout.db"), Arc::new(NoPoints)).unwrap()
    }

    fn file(store: &Store) -> &Connection {
        match &store.connection.driver {
            Driver::Sqlite(file) => file,
            Driver::Postgres(_) => unreachable!("it was opened from a path"),
        }
    }

    #[test]
    fn a_full_disk_is_named_and_what_was_stored_before_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let run = store.begin_run("sync", Timestamp::UNIX_EPOCH).unwrap();
        let pages: i64 = file(&store).pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        file(&store).pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
        let long = "x".repeat(1_000_000);
        let refused = store.end_run(run, Timestamp::UNIX_EPOCH, RunState::Done, &long).unwrap_err();
        assert!(matches!(&refused, StoreError::Full { place } if place.ends_with("tieout.db")), "{refused}");
        assert_eq!(store.runs(1).unwrap()[0].state, RunState::Running);
        store.check().unwrap();
    }

    #[test]
    fn a_database_of_each_version_before_is_brought_up_and_answers() {
        for before in 1..schema::MIGRATIONS.len() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("tieout.db");
            let old = Connection::open(&path).unwrap();
            old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
            schema::MIGRATIONS[..before].iter().for_each(|migration| old.execute_batch(migration).unwrap());
            old.pragma_update(None, "user_version", i64::try_from(before).unwrap()).unwrap();
            drop(old);
            let store = Store::open_existing(&path).unwrap().unwrap();
            assert_eq!(version(file(&store)).unwrap(), schema::LATEST);
            assert!(store.runs(1).unwrap().is_empty());
        }
    }

    #[test]
    fn what_an_earlier_version_knew_is_carried_over() {
        for Before { version, rows, asked } in schema::before::ALL {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("tieout.db");
            let old = Connection::open(&path).unwrap();
            old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
            schema::MIGRATIONS[..version].iter().for_each(|migration| old.execute_batch(migration).unwrap());
            rows.iter().for_each(|rows| old.execute_batch(rows).unwrap());
            old.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
            drop(old);
            let store = Store::open_existing(&path).unwrap().unwrap();
            for (sql, expected) in asked {
                let found: String = file(&store).query_row(sql, [], |row| row.get(0)).unwrap();
                assert_eq!(found, *expected, "{sql}");
            }
            store.check().unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_a_new_database_and_one_that_is_there_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
        let mut store = open(folder.path());
        store.begin_run("sync", Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((mode("tieout.db"), mode("tieout.db-wal")), (0o600, 0o600));
        drop(store);
        fs::set_permissions(folder.path().join("tieout.db"), fs::Permissions::from_mode(0o640)).unwrap();
        drop(open(folder.path()));
        assert_eq!(mode("tieout.db"), 0o640);
    }

    #[test]
    fn a_lock_held_too_long_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let holder = open(folder.path());
        let mut waiting = open(folder.path());
        file(&waiting).busy_timeout(Duration::from_millis(5)).unwrap();
        let held = holder.connection.begin_writing().unwrap();
        let refused = waiting.begin_run("sync", Timestamp::UNIX_EPOCH).unwrap_err();
        assert!(matches!(refused, StoreError::Locked { .. }), "{refused}");
        assert!(waiting.runs(1).unwrap().is_empty(), "reading does not wait for the writer");
        drop(held);
        waiting.begin_run("sync", Timestamp::UNIX_EPOCH).unwrap();
    }

    #[test]
    fn a_commit_survives_a_power_cut() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let setting = |name: &str| file(&store).pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        let journal: String = file(&store).pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!((journal.as_str(), setting("synchronous"), setting("foreign_keys")), ("wal", 2, 1));
    }
}
