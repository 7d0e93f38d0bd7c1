//! Bank lines with the matches they stand in.

use facts::{BankAccountName, BankLine, BankLineId, Match};
use jiff::civil::Date;

use super::matches;
use super::query::{Query, text};
use crate::database::{Connection, Value, dynamic};
use crate::{Result, Store, rows};

/// Which bank lines. The default is all of them.
#[derive(Clone, Debug, Default)]
pub struct BankLineFilter {
    /// Of this bank account.
    pub bank_account: Option<BankAccountName>,
    /// Booked on this day or later.
    pub from_on: Option<Date>,
    /// Booked on this day or earlier.
    pub to_on: Option<Date>,
    /// `Some(true)`: only lines that stand in an accepted or proposed match; `Some(false)`: only the others.
    pub matched: Option<bool>,
    /// Whose id, description, counterparty or references contain this text; case does not matter for plain letters.
    pub search: Option<String>,
    /// Only what comes after this row in the list's order: the last row of the page before.
    pub after: Option<(Date, BankLineId)>,
    /// At most so many.
    pub limit: Option<u64>,
}

/// A bank line and the matches it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankLineRow {
    /// The line.
    pub line: BankLine,
    /// By id.
    pub matches: Vec<Match>,
}

const MATCHED: &str = "EXISTS (SELECT 1 FROM match_member mm JOIN \"match\" m ON m.id = mm.match_id \
     WHERE mm.kind = 'bank_line' AND mm.member_id = l.id AND m.state IN ('accepted', 'proposed'))";

impl Store {
    /// Bank lines, latest first, then by id, descending.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn bank_lines(&self, filter: &BankLineFilter) -> Result<Vec<BankLineRow>> {
        let mut query = Query::new(select());
        query.when("l.bank_account = $", text(filter.bank_account.as_ref().map(BankAccountName::as_str)));
        query.when("l.date_on >= $", filter.from_on.map(|date| date.to_string()));
        query.when("l.date_on <= $", filter.to_on.map(|date| date.to_string()));
        match filter.matched {
            Some(true) => query.only(MATCHED),
            Some(false) => query.only(&format!("NOT {MATCHED}")),
            None => {}
        }
        query.contains(
            &["l.id", "l.description", "l.counterparty", "l.reference", "l.other_references"],
            filter.search.as_deref(),
        );
        query.after("l.date_on", "l.id", filter.after.as_ref().map(|(date, id)| (date.to_string(), id.as_str())));
        let (sql, parameters) = query.order("l.date_on DESC, l.id DESC", filter.limit);
        self.view(|connection| rows_of(connection, &sql, parameters))
    }

    /// The bank line with this id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn bank_line(&self, id: &str) -> Result<Option<BankLineRow>> {
        let mut query = Query::new(select());
        query.when("l.id = $", text(Some(id)));
        let (sql, parameters) = query.order("l.id", None);
        self.view(|connection| Ok(rows_of(connection, &sql, parameters)?.pop()))
    }
}

fn select() -> String {
    format!("SELECT {} FROM bank_line l", rows::BANK_LINE)
}

fn rows_of(connection: &Connection, sql: &str, parameters: Vec<Value>) -> Result<Vec<BankLineRow>> {
    let mut statement = connection.prepare(sql)?;
    let mut found = statement.query(&dynamic(&parameters))?;
    let mut lines = Vec::new();
    while let Some(ref row) = found.next()? {
        let line = rows::bank_line(row)?;
        let matches = matches::of_bank_line(connection, line.id.as_str())?;
        lines.push(BankLineRow { line, matches });
    }
    Ok(lines)
}
