//! A whole database as one file that can be put away.

use std::path::Path;
use std::sync::Arc;

use crate::database::{Connection, Driver, sqlite};
use crate::{Location, NoPoints, Result, Store, StoreError, digest};

impl Store {
    /// Ends a file that everything was copied into, so that it is whole by itself: nothing beside it belongs to it, and reading
    /// it makes nothing. It is then read as [`Store::open_backup`] reads it; returns the hash of its content.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when what lies on the disk is damaged, and [`StoreError`] when it cannot be written.
    pub fn close_as_backup(self) -> Result<[u8; 32]> {
        let Self { connection, location, .. } = self;
        let ended = || {
            let (Driver::Sqlite(file), Some(path)) = (&connection.driver, location.file()) else {
                return Err(StoreError::unwritable("a backup is a file; expected sqlite:PATH".to_owned()));
            };
            sqlite::keep_in_one_file(file)?;
            drop(connection);
            digest::of_all(&Connection::new(Driver::Sqlite(sqlite::open_unchanged(path)?)))
        };
        ended().map_err(|error| error.at(&location))
    }

    /// Opens a backup for reading and checks that it is whole. It is left as it is, also where an older version made it: then a
    /// copy of it is made at `scratch`, brought up to date and read instead, and whoever calls takes that away.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::NotOurs`], [`StoreError::Newer`] for a file that is no whole backup that this
    /// program knows, [`StoreError::Io`] for one that cannot be read.
    pub fn open_backup(path: &Path, scratch: &Path) -> Result<Self> {
        let location = Location::from(path);
        let at = |error: StoreError| error.at(&location);
        let file = sqlite::open_unchanged(path).map_err(at)?;
        if sqlite::is_latest(&file).map_err(at)? {
            let connection = Connection::new(Driver::Sqlite(file));
            return Ok(Self::opened(connection, location, Arc::new(NoPoints)));
        }
        sqlite::copy_file(&file, scratch).map_err(|error| error.at(&Location::from(scratch)))?;
        Self::open(scratch, Arc::new(NoPoints))
    }
}
