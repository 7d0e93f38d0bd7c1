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
        Ok(Self { connection, location, points, claim: None })
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
        Ok(connection.map(|connection| Self { connection, location, points: Arc::new(NoPoints), claim: None }))
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
