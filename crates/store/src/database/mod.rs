//! One way to speak to a database, whichever it is: the same SQL text, the same parameters, the same rows.
//!
//! Statements are plain SQL with parameters `?1`, `?2` …, upserts by `ON CONFLICT`, sums cast to BIGINT, and no function that
//! only one of the databases has. What differs (opening, locking, migrating) stands in [`sqlite`] and [`postgres`], and
//! nowhere else.

pub(crate) mod address;
mod arrays;
mod comments;
pub(crate) mod guard;
mod many;
pub(crate) mod postgres;
pub(crate) mod reader;
pub(crate) mod sqlite;
mod value;

use std::cell::Cell;
use std::ops::{ControlFlow, Deref};

pub(crate) use many::Many;
pub(crate) use value::{FromSql, OptionalExtension, ToSql, Value, ValueRef, dynamic, params};

/// What went wrong in a database, in its own words.
#[derive(Debug)]
pub(crate) enum Error {
    Sqlite(rusqlite::Error),
    Postgres(tokio_postgres::Error),
    /// A query for one row found none.
    NoRow,
    /// A column holds what it should not.
    Unfit {
        column: String,
        value: String,
    },
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

pub(crate) type Read<T> = std::result::Result<T, Error>;

/// A connection, used by one thread at a time.
pub(crate) struct Connection {
    pub(crate) driver: Driver,
    in_transaction: Cell<bool>,
}

pub(crate) enum Driver {
    Sqlite(rusqlite::Connection),
    Postgres(postgres::Session),
}

impl Connection {
    pub(crate) fn new(driver: Driver) -> Self {
        Self { driver, in_transaction: Cell::new(false) }
    }

    /// Whether a transaction is open.
    pub(crate) fn is_in_transaction(&self) -> bool {
        self.in_transaction.get()
    }

    /// A statement that is prepared once and kept.
    pub(crate) fn prepare(&self, sql: &str) -> Read<Statement<'_>> {
        Ok(match &self.driver {
            Driver::Sqlite(connection) => Statement::Sqlite(connection.prepare_cached(sql)?),
            Driver::Postgres(session) => Statement::Postgres(session, session.prepare(sql)?),
        })
    }

    /// Runs a statement; returns how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, parameters: &[&dyn ToSql]) -> Read<usize> {
        self.prepare(sql)?.execute(parameters)
    }

    /// Reads the first row that a query finds.
    pub(crate) fn query_row<T>(&self, sql: &str, parameters: &[&dyn ToSql], read: impl FnOnce(&Row<'_>) -> Read<T>) -> Read<T> {
        self.prepare(sql)?.query_row(parameters, read)
    }

    /// Runs statements that take no parameters and return nothing.
    pub(crate) fn run(&self, sql: &str) -> Read<()> {
        match &self.driver {
            Driver::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Driver::Postgres(session) => session.run(sql),
        }
    }

    /// Opens a transaction that sees one consistent view of everything.
    pub(crate) fn begin_reading(&self) -> Read<Transaction<'_>> {
        self.begin(match self.driver {
            Driver::Sqlite(_) => "BEGIN DEFERRED",
            Driver::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        })
    }

    /// The open transaction may wait for as long as another database takes.
    pub(crate) fn may_stand_still(&self) -> Read<()> {
        match self.driver {
            Driver::Sqlite(_) => Ok(()),
            Driver::Postgres(_) => self.run(postgres::MAY_STAND_STILL),
        }
    }

    /// Opens the one transaction at a time that may write.
    pub(crate) fn begin_writing(&self) -> Read<Transaction<'_>> {
        self.begin(match self.driver {
            Driver::Sqlite(_) => "BEGIN IMMEDIATE",
            Driver::Postgres(_) => postgres::BEGIN_WRITING,
        })
    }

    fn begin(&self, sql: &str) -> Read<Transaction<'_>> {
        if let Err(error) = self.run(sql) {
            if !self.is_in_transaction() {
                // It may have begun and then not got its lock.
                let _ = self.run("ROLLBACK");
            }
            return Err(error);
        }
        self.in_transaction.set(true);
        Ok(Transaction { connection: self, ended: false })
    }
}

/// An open transaction; dropped without a commit, it changes nothing.
pub(crate) struct Transaction<'c> {
    connection: &'c Connection,
    ended: bool,
}

impl Transaction<'_> {
    pub(crate) fn commit(mut self) -> Read<()> {
        self.connection.run("COMMIT")?;
        self.ended = true;
        self.connection.in_transaction.set(false);
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.ended {
            // A connection that is broken has no transaction left to roll back.
            let _ = self.connection.run("ROLLBACK");
            self.connection.in_transaction.set(false);
        }
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// A prepared statement.
pub(crate) enum Statement<'c> {
    Sqlite(rusqlite::CachedStatement<'c>),
    Postgres(&'c postgres::Session, tokio_postgres::Statement),
}

impl Statement<'_> {
    /// Runs it; returns how many rows it changed.
    pub(crate) fn execute(&mut self, parameters: &[&dyn ToSql]) -> Read<usize> {
        match self {
            Self::Sqlite(statement) => Ok(statement.execute(sqlite::bound(parameters))?),
            Self::Postgres(session, statement) => session.execute(statement, parameters),
        }
    }

    /// The rows that it finds. Other statements may run while they are read.
    pub(crate) fn query(&mut self, parameters: &[&dyn ToSql]) -> Read<Rows<'_>> {
        Ok(match self {
            Self::Sqlite(statement) => Rows::Sqlite(statement.query(sqlite::bound(parameters))?),
            Self::Postgres(session, statement) => Rows::Postgres(session.query(statement, parameters)?, 0),
        })
    }

    /// The rows that it finds, read one by one.
    pub(crate) fn query_map<T, F: FnMut(&Row<'_>) -> Read<T>>(
        &mut self,
        parameters: &[&dyn ToSql],
        read: F,
    ) -> Read<Mapped<'_, F>> {
        Ok(Mapped { rows: self.query(parameters)?, read })
    }

    /// The first row that it finds.
    pub(crate) fn query_row<T>(&mut self, parameters: &[&dyn ToSql], read: impl FnOnce(&Row<'_>) -> Read<T>) -> Read<T> {
        match self.query(parameters)?.next()? {
            Some(row) => read(&row),
            None => Err(Error::NoRow),
        }
    }

    /// Hands the rows that it finds to `each`, until it says to stop; however many there are, few are in memory at once. No
    /// other statement may run on this connection meanwhile.
    pub(crate) fn stream<E: From<Error>>(
        &mut self,
        parameters: &[&dyn ToSql],
        mut each: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        match self {
            Self::Postgres(session, statement) => session.stream(statement, parameters, each),
            Self::Sqlite(_) => {
                let mut rows = self.query(parameters)?;
                while let Some(row) = rows.next()? {
                    if each(&row)?.is_break() {
                        break;
                    }
                }
                Ok(())
            }
        }
    }

    /// The names of the columns that it finds.
    pub(crate) fn columns(&self) -> Vec<String> {
        match self {
            Self::Sqlite(statement) => statement.column_names().map(str::to_owned).collect(),
            Self::Postgres(_, statement) => statement.columns().iter().map(|column| column.name().to_owned()).collect(),
        }
    }
}

/// Rows on their way.
pub(crate) enum Rows<'s> {
    Sqlite(rusqlite::Rows<'s>),
    Postgres(Vec<tokio_postgres::Row>, usize),
}

impl Rows<'_> {
    pub(crate) fn next(&mut self) -> Read<Option<Row<'_>>> {
        match self {
            Self::Sqlite(rows) => Ok(rows.next()?.map(Row::Sqlite)),
            Self::Postgres(rows, next) => {
                let row = rows.get(*next).map(Row::Postgres);
                *next += 1;
                Ok(row)
            }
        }
    }
}

/// Rows, each read on its way.
pub(crate) struct Mapped<'s, F> {
    rows: Rows<'s>,
    read: F,
}

impl<T, F: FnMut(&Row<'_>) -> Read<T>> Iterator for Mapped<'_, F> {
    type Item = Read<T>;

    fn next(&mut self) -> Option<Read<T>> {
        match self.rows.next() {
            Ok(Some(row)) => Some((self.read)(&row)),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// One row.
#[derive(Clone, Copy)]
pub(crate) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl<'r> Row<'r> {
    /// A column's value.
    pub(crate) fn value(&self, index: usize) -> Read<ValueRef<'r>> {
        match self {
            Self::Sqlite(row) => sqlite::value(row, index),
            Self::Postgres(row) => postgres::value(row, index),
        }
    }

    /// A column's value as a type of ours.
    pub(crate) fn get<T: FromSql>(&self, index: usize) -> Read<T> {
        T::read(self.value(index)?).map_err(|holds| self.unfit(index, holds))
    }

    /// The error of a column that holds what it should not.
    pub(crate) fn unfit(&self, index: usize, value: impl std::fmt::Display) -> Error {
        let column = match self {
            Self::Sqlite(row) => row.as_ref().column_name(index).ok().map(str::to_owned),
            Self::Postgres(row) => row.columns().get(index).map(|column| column.name().to_owned()),
        };
        let value = value.to_string().chars().take(UNFIT_SHOWN).collect();
        Error::Unfit { column: column.unwrap_or_else(|| "?".to_owned()), value }
    }
}

/// Letters of a value that an error shows.
const UNFIT_SHOWN: usize = 80;
