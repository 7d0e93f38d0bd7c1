//! What can go wrong with the database, said so that a person can act on it.

use facts::Mode;
use money::Currency;
use rusqlite::ErrorCode;
use tokio_postgres::error::SqlState;

use crate::{Location, database, schema};

/// Why the store could not do what was asked. Nothing was changed by the call that returned it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is another program's.
    #[error(
        "{place} is a database of another program; expected a Tieout database, or an empty one: give another with --database"
    )]
    NotOurs {
        /// The database.
        place: String,
    },
    /// The file is not a database, or its content is damaged.
    #[error(
        "{place} cannot be read as a Tieout database ({detail}): move it away and restore a copy, or sync and import again into a new file"
    )]
    Corrupt {
        /// The database.
        place: String,
        /// What was found.
        detail: String,
    },
    /// What was added up before is not what adding up finds now.
    #[error("{what} come to something else than was kept: tieout reconcile --recount adds everything up again")]
    SumsApart {
        /// Whose txns.
        what: String,
    },
    /// The disk is full.
    #[error(
        "no room to write {place}: free some space on its disk and run again; what could not be written whole was not written"
    )]
    Full {
        /// The database.
        place: String,
    },
    /// The database cannot be written, made or reached.
    #[error(
        "{place} cannot be opened for writing ({detail}): check its address and permissions, or give another with --database"
    )]
    Unwritable {
        /// The database.
        place: String,
        /// What the operating system or the database said.
        detail: String,
    },
    /// What is to be copied into holds something already.
    #[error("{place} holds data already: name an empty database or a new file to copy into")]
    NotEmpty {
        /// The database.
        place: String,
    },
    /// A later version of Tieout made the database.
    #[error("{place} was made by a later version of Tieout (schema {found}, this one knows {known}): update Tieout")]
    Newer {
        /// The database.
        place: String,
        /// Its schema version.
        found: i64,
        /// The latest version that this program knows.
        known: i64,
    },
    /// Another process holds the write lock for longer than the waiting time.
    #[error("{place} is in use by another process: wait until it ends and run again")]
    Locked {
        /// The database.
        place: String,
    },
    /// Another process has the lease.
    #[error("another {lease} of {place} is running: let it end, and run this one again if it is still needed")]
    Leased {
        /// The database.
        place: String,
        /// What only one at a time may do.
        lease: &'static str,
    },
    /// This process stood still, and another has taken over its lease.
    #[error(
        "another {lease} has taken over, because this process stood still: nothing of this one was written since; run it again if it is still needed"
    )]
    Overtaken {
        /// What only one at a time may do.
        lease: &'static str,
    },
    /// The disk, the operating system or the server failed while reading or writing.
    #[error("reading or writing {place} failed ({detail}): check the disk or the database server, and run again")]
    Io {
        /// The database.
        place: String,
        /// What the database said.
        detail: String,
    },
    /// A stored value cannot be what its column holds.
    #[error(
        "{place}: {detail}; the database is damaged or was changed by hand: restore a copy, or sync and import again into a new file"
    )]
    BadRow {
        /// The database.
        place: String,
        /// Which column, which value, what was expected.
        detail: String,
    },
    /// A statement of ours was refused: a fault of this program.
    #[error("{place}: the database refused a statement ({detail}); this is a fault of Tieout, please report it")]
    Refused {
        /// The database.
        place: String,
        /// What the database said.
        detail: String,
    },
    /// A database holds one mode, live or test.
    #[error("this database holds {} data and the key is a {} key: use a key of the same mode, or another database with --database", holds.as_str(), key.as_str())]
    OtherMode {
        /// The mode in the database.
        holds: Mode,
        /// The mode of the key.
        key: Mode,
    },
    /// The currency of a bank account never changes.
    #[error(
        "bank account '{bank_account}' is in {holds}, and this statement is in {given}: give the statement another --bank-account"
    )]
    OtherCurrency {
        /// The bank account's name.
        bank_account: String,
        /// Its currency.
        holds: Currency,
        /// The statement's.
        given: Currency,
    },
    /// What a file holds was not noted when it was imported.
    #[error(
        "which lines {file} of bank account '{bank_account}' holds was not noted when it was imported, by an earlier version: import that file again, which adds nothing, and then undo"
    )]
    LinesUnknown {
        /// The file's name.
        file: String,
        /// Whose statement it is.
        bank_account: String,
    },
    /// An export says otherwise than what is stored.
    #[error("{file} contradicts what is known, and nothing was changed: {detail}")]
    Contradicted {
        /// The file's name.
        file: String,
        /// Each contradiction, with its line.
        detail: String,
    },
    /// Whoever watched said that it is not to go on.
    #[error("it was called off, and nothing was changed")]
    CalledOff,
    /// Sync or import changed the data after the snapshot was read.
    #[error("the data changed while it was being reconciled (revision {found}, expected {expected}): run again")]
    Moved {
        /// The revision of the snapshot.
        expected: i64,
        /// The revision now.
        found: i64,
    },
    /// A sum or an amount does not fit 64 bits.
    #[error("{what} does not fit a 64-bit number of minor units")]
    Overflow {
        /// Which number.
        what: String,
    },
    /// Something named in a call is not in the database.
    #[error("there is no {noun} '{id}' in this database")]
    Absent {
        /// The glossary's noun.
        noun: &'static str,
        /// Its id.
        id: String,
    },
}

impl StoreError {
    /// The same error, naming the database it happened in where it does not yet.
    pub(crate) fn at(mut self, database: &Location) -> Self {
        match &mut self {
            Self::NotOurs { place }
            | Self::Corrupt { place, .. }
            | Self::Full { place }
            | Self::NotEmpty { place }
            | Self::Unwritable { place, .. }
            | Self::Newer { place, .. }
            | Self::Locked { place }
            | Self::Leased { place, .. }
            | Self::Io { place, .. }
            | Self::BadRow { place, .. }
            | Self::Refused { place, .. }
                if place.is_empty() =>
            {
                *place = database.to_string()
            }
            _ => {}
        }
        self
    }

    /// A value that cannot be what its column holds.
    pub(crate) fn bad_row(detail: impl Into<String>) -> Self {
        Self::BadRow { place: String::new(), detail: detail.into() }
    }

    pub(crate) fn corrupt(detail: String) -> Self {
        Self::Corrupt { place: String::new(), detail }
    }

    pub(crate) fn io(detail: String) -> Self {
        Self::Io { place: String::new(), detail }
    }

    pub(crate) fn not_ours() -> Self {
        Self::NotOurs { place: String::new() }
    }

    pub(crate) fn newer(found: i64) -> Self {
        Self::Newer { place: String::new(), found, known: schema::LATEST }
    }

    pub(crate) fn unwritable(detail: String) -> Self {
        Self::Unwritable { place: String::new(), detail }
    }
}

/// The one place where a database's error codes become ours; its name is added by whoever holds it.
impl From<database::Error> for StoreError {
    fn from(error: database::Error) -> Self {
        match error {
            database::Error::Sqlite(error) => error.into(),
            database::Error::Postgres(error) => error.into(),
            database::Error::NoRow => Self::bad_row("a row that must be there is missing"),
            database::Error::Unfit { column, value } => Self::bad_row(format!("column {column} holds '{value}'")),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let place = String::new();
        let detail = error.to_string();
        match &error {
            rusqlite::Error::SqliteFailure(cause, _) => match cause.code {
                ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => Self::Corrupt { place, detail },
                ErrorCode::DiskFull => Self::Full { place },
                ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::AuthorizationForStatementDenied => Self::Unwritable { place, detail },
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
                    Self::Locked { place }
                }
                // On a full disk the shared memory beside the database cannot grow either.
                ErrorCode::SystemIoFailure if cause.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => Self::Full { place },
                ErrorCode::SystemIoFailure => Self::Io { place, detail },
                _ if detail.contains("integer overflow") => Self::sum_overflow(),
                _ => Self::Refused { place, detail },
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => Self::BadRow { place, detail },
            _ => Self::Refused { place, detail },
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let place = String::new();
        let detail = database::postgres::words(&error);
        let Some(code) = error.code() else { return Self::Io { place, detail } };
        match code {
            code if *code == SqlState::NUMERIC_VALUE_OUT_OF_RANGE => Self::sum_overflow(),
            code if [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE]
                .contains(code) =>
            {
                Self::Locked { place }
            }
            code if *code == SqlState::DISK_FULL => Self::Full { place },
            code if [SqlState::READ_ONLY_SQL_TRANSACTION, SqlState::INSUFFICIENT_PRIVILEGE].contains(code) => {
                Self::Unwritable { place, detail }
            }
            code if [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED].contains(code) => Self::Corrupt { place, detail },
            // Classes of the standard: connection, resources, operator's intervention, the system's own failures.
            code if ["08", "53", "57", "58"].iter().any(|class| code.code().starts_with(class)) => Self::Io { place, detail },
            _ => Self::Refused { place, detail },
        }
    }
}

impl StoreError {
    fn sum_overflow() -> Self {
        Self::Overflow { what: "a sum of amounts".to_owned() }
    }
}
