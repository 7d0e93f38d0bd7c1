//! Who may read the views with tools of their own.

use crate::database::{Driver, reader};
use crate::{Result, Store};

/// The statements that make a role which may read; see [`Store::reader`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// In their order, without semicolons; together they are one transaction.
    Statements(Vec<String>),
    /// The role may do all that Tieout may, and is not narrowed.
    Ours,
    /// A file has no roles.
    NoServer,
}

impl Store {
    /// What makes a role of the server that may read the views, or all tables with them, and do nothing else. A role that is
    /// there loses what it had in this schema beyond that.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn reader(&self, role: &str, all_tables: bool) -> Result<Reader> {
        self.read(|connection| match &connection.driver {
            Driver::Sqlite(_) => Ok(Reader::NoServer),
            Driver::Postgres(_) => Ok(reader::statements(connection, role, all_tables)?.map_or(Reader::Ours, Reader::Statements)),
        })
    }

    /// Runs the statements of a [`Reader`], all or none.
    ///
    /// # Errors
    /// [`crate::StoreError::Unwritable`] when whoever is connected may not make roles.
    pub fn make_reader(&mut self, statements: &[String]) -> Result<()> {
        // Sent as one text, they are one transaction.
        self.read(|connection| Ok(connection.run(&statements.join(";\n"))?))
    }
}
