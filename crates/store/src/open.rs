//! Opening a database, wherever it is.

use std::sync::Arc;

use crate::database::{Connection, Driver, postgres, sqlite};
use crate::{CommitPoints, Location, NoPoints, Result, Store};

impl Store {
    /// Opens the database for reading and writing, making the file with its folders, and the schema, where they are missing.
    ///
    /// # Errors
    /// [`crate::StoreError`] in every variant that names a place.
    pub fn open(location: impl Into<Location>, points: Arc<dyn CommitPoints>) -> Result<Self> {
        let location = location.into();
        let opened = match &location {
            Location::File(path) => sqlite::open(path, points.as_ref()).map(|file| Connection::new(Driver::Sqlite(file))),
            Location::Server(server) => postgres::open(server, points.as_ref()),
        };
        let connection = opened.map_err(|error| error.at(&location))?;
        Ok(Self::opened(connection, location, points))
    }

    /// Opens the database for reading, or says that there is none. Makes no file and no table; brings an older schema up to
    /// date.
    ///
    /// # Errors
    /// [`crate::StoreError`] in every variant that names a place.
    pub fn open_existing(location: impl Into<Location>) -> Result<Option<Self>> {
        let location = location.into();
        let opened = match &location {
            Location::File(path) => {
                sqlite::open_existing(path).map(|file| file.map(|file| Connection::new(Driver::Sqlite(file))))
            }
            Location::Server(server) => postgres::open_existing(server),
        };
        let connection = opened.map_err(|error| error.at(&location))?;
        Ok(connection.map(|connection| Self::opened(connection, location, Arc::new(NoPoints))))
    }

    pub(crate) fn opened(connection: Connection, location: Location, points: Arc<dyn CommitPoints>) -> Self {
        let file = match &location {
            Location::File(path) => sqlite::file_id(path),
            Location::Server(_) => None,
        };
        Self { connection, location, points, lease: None, file, run: None }
    }

    /// Whether what is written now is found by whoever opens the place next: a file may have been replaced or removed since it was
    /// opened, and then what is written to it is lost. Not known of a file where the system does not number files.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        match &self.location {
            Location::File(path) => self.file.is_some() && self.file == sqlite::file_id(path),
            Location::Server(_) => true,
        }
    }

    /// Where it is.
    #[must_use]
    pub const fn location(&self) -> &Location {
        &self.location
    }

    /// The version of its schema, which is always the latest once it is open.
    #[must_use]
    pub const fn schema_version(&self) -> i64 {
        crate::schema::LATEST
    }

    /// Reads the whole of a file and checks its structure; a server looks after its own.
    ///
    /// # Errors
    /// [`crate::StoreError::Corrupt`] with the first finding.
    pub fn check(&self) -> Result<()> {
        self.read(|connection| match &connection.driver {
            Driver::Sqlite(file) => sqlite::check(file),
            Driver::Postgres(_) => Ok(()),
        })
    }
}

impl Location {
    /// Another connection to a database that is open already, for writing.
    pub(crate) fn connect(&self) -> Result<Connection> {
        match self {
            Self::File(path) => sqlite::connect_again(path).map(|file| Connection::new(Driver::Sqlite(file))),
            Self::Server(server) => postgres::connect(server),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_replaced_or_removed_is_no_longer_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tieout.db");
        let open = || Store::open(&path, Arc::new(NoPoints)).unwrap();
        let store = open();
        assert!(store.is_in_place());
        std::fs::rename(&path, folder.path().join("old.db")).unwrap();
        assert!(!store.is_in_place());
        assert!(open().is_in_place() && !store.is_in_place());
    }
}
