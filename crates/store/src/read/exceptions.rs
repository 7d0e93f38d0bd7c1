//! Exceptions, open and resolved.

use facts::{AccountId, Exception, ExceptionCode, Subject};
use jiff::Timestamp;

use super::query::{Query, text};
use crate::database::{Connection, Row, Value, dynamic};
use crate::{Result, Store, outcome, rows};

/// Whether an exception still stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExceptionState {
    /// It stands.
    Open,
    /// It does not.
    Resolved,
}

impl ExceptionState {
    /// The word in machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
        }
    }

    /// The state of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Open, Self::Resolved].into_iter().find(|state| state.as_str() == word)
    }
}

/// Which exceptions. The default is all of them.
#[derive(Clone, Debug, Default)]
pub struct ExceptionFilter {
    /// In this state.
    pub state: Option<ExceptionState>,
    /// With this code.
    pub code: Option<ExceptionCode>,
    /// Of this account.
    pub account: Option<AccountId>,
    /// About this.
    pub subject: Option<Subject>,
    /// Opened at this instant or later.
    pub from_at: Option<Timestamp>,
    /// Opened before this instant.
    pub before_at: Option<Timestamp>,
    /// At most so many.
    pub limit: Option<u64>,
}

/// An exception and its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionRow {
    /// The exception.
    pub exception: Exception,
    /// Whether it still stands.
    pub state: ExceptionState,
    /// When it was opened, or opened again.
    pub opened_at: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
}

const ABOUT: &str = "e.id IN (SELECT s.exception_id FROM exception_subject s WHERE s.kind = $a AND s.subject_id = $b)";

impl Store {
    /// Exceptions, latest opened first, then by id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn exceptions(&self, filter: &ExceptionFilter) -> Result<Vec<ExceptionRow>> {
        let mut query = Query::new(select());
        match filter.state {
            Some(ExceptionState::Open) => query.only("e.resolved_at IS NULL"),
            Some(ExceptionState::Resolved) => query.only("e.resolved_at IS NOT NULL"),
            None => {}
        }
        query.when("e.code = $", text(filter.code.map(ExceptionCode::as_str)));
        query.when("e.account = $", text(filter.account.as_ref().map(AccountId::as_str)));
        if let Some(subject) = &filter.subject {
            query.both(ABOUT, subject.kind, &subject.id);
        }
        query.when("e.opened_at >= $", filter.from_at.map(Timestamp::as_microsecond));
        query.when("e.opened_at < $", filter.before_at.map(Timestamp::as_microsecond));
        let (sql, parameters) = query.order("e.opened_at DESC, e.id", filter.limit);
        self.view(|connection| rows_of(connection, &sql, parameters))
    }

    pub(super) fn open_exceptions_by(&self, order: &str, limit: usize) -> Result<Vec<ExceptionRow>> {
        let mut query = Query::new(select());
        query.only("e.resolved_at IS NULL");
        let (sql, parameters) = query.order(order, Some(limit as u64));
        self.view(|connection| rows_of(connection, &sql, parameters))
    }

    /// The exception with this id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn exception(&self, id: &str) -> Result<Option<ExceptionRow>> {
        let mut query = Query::new(select());
        query.when("e.id = $", text(Some(id)));
        let (sql, parameters) = query.order("e.id", None);
        self.view(|connection| Ok(rows_of(connection, &sql, parameters)?.pop()))
    }
}

fn select() -> String {
    format!("SELECT {}, e.opened_at, e.resolved_at FROM exception e", rows::EXCEPTION)
}

fn rows_of(connection: &Connection, sql: &str, parameters: Vec<Value>) -> Result<Vec<ExceptionRow>> {
    let mut statement = connection.prepare(sql)?;
    let mut found = statement.query(&dynamic(&parameters))?;
    let mut exceptions = Vec::new();
    while let Some(ref row) = found.next()? {
        exceptions.push(exception_row(connection, row)?);
    }
    Ok(exceptions)
}

fn exception_row(connection: &Connection, row: &Row<'_>) -> Result<ExceptionRow> {
    let mut exception = rows::exception(row)?;
    exception.subjects = outcome::subjects(connection, &exception.id)?;
    let opened_at = rows::time(row, rows::EXCEPTION_COLUMNS)?;
    let resolved_at = rows::time_or_none(row, rows::EXCEPTION_COLUMNS + 1)?;
    let state = if resolved_at.is_some() { ExceptionState::Resolved } else { ExceptionState::Open };
    Ok(ExceptionRow { exception, state, opened_at, resolved_at })
}
