//! What can go wrong with the database, said so that a person can act on it.

use std::path::{Path, PathBuf};

use facts::Mode;
use money::Currency;
use rusqlite::ErrorCode;

/// Why the store could not do what was asked. Nothing was changed by the call that returned it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is a database of another program.
    #[error("{} is a database of another program; expected a Tieout database or a new file: give another path with --database", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// The file is not a database, or its content is damaged.
    #[error("{} cannot be read as a Tieout database ({detail}): move it away and restore a copy, or sync and import again into a new file", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite found.
        detail: String,
    },
    /// The disk is full.
    #[error("no room to write {}: free some space on its disk and run again; what could not be written whole was not written", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder cannot be written or made.
    #[error("{} cannot be opened for writing ({detail}): check the path and its permissions, or give another with --database", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the operating system or SQLite said.
        detail: String,
    },
    /// A later version of Tieout made the file.
    #[error("{} was made by a later version of Tieout (schema {found}, this one knows {known}): update Tieout", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The schema version in the file.
        found: i64,
        /// The latest version that this program knows.
        known: i64,
    },
    /// Another process holds the write lock for longer than the waiting time.
    #[error("{} is in use by another process: wait until it ends and run again", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The disk or the operating system failed while reading or writing.
    #[error("reading or writing {} failed ({detail}): check the disk and run again", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
    /// A stored value cannot be what its column holds.
    #[error("{}: {detail}; the database is damaged or was changed by hand: restore a copy, or sync and import again into a new file", path.display())]
    BadRow {
        /// The file.
        path: PathBuf,
        /// Which column, which value, what was expected.
        detail: String,
    },
    /// A statement of ours was refused: a fault of this program.
    #[error("{}: the database refused a statement ({detail}); this is a fault of Tieout, please report it", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
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
    /// The same error, naming the file it happened in.
    pub(crate) fn at(mut self, file: &Path) -> Self {
        match &mut self {
            Self::NotOurs { path }
            | Self::Corrupt { path, .. }
            | Self::Full { path }
            | Self::Unwritable { path, .. }
            | Self::Newer { path, .. }
            | Self::Locked { path }
            | Self::Io { path, .. }
            | Self::BadRow { path, .. }
            | Self::Refused { path, .. } => file.clone_into(path),
            Self::OtherMode { .. }
            | Self::OtherCurrency { .. }
            | Self::Moved { .. }
            | Self::Overflow { .. }
            | Self::Absent { .. } => {}
        }
        self
    }

    /// A value that cannot be what its column holds.
    pub(crate) fn bad_row(detail: impl Into<String>) -> Self {
        Self::BadRow { path: PathBuf::new(), detail: detail.into() }
    }
}

/// The one place where SQLite's error codes become ours; the path is added by whoever holds it.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let path = PathBuf::new();
        let detail = error.to_string();
        match &error {
            rusqlite::Error::SqliteFailure(cause, _) => match cause.code {
                ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => Self::Corrupt { path, detail },
                ErrorCode::DiskFull => Self::Full { path },
                ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::AuthorizationForStatementDenied => Self::Unwritable { path, detail },
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
                    Self::Locked { path }
                }
                // On a full disk the shared memory beside the database cannot grow either.
                ErrorCode::SystemIoFailure if cause.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => Self::Full { path },
                ErrorCode::SystemIoFailure => Self::Io { path, detail },
                _ if detail.contains("integer overflow") => Self::Overflow { what: "a sum of amounts".to_owned() },
                _ => Self::Refused { path, detail },
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => Self::BadRow { path, detail },
            _ => Self::Refused { path, detail },
        }
    }
}
