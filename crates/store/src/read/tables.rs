//! Whole tables, as the views for reports have them, row by row.

use std::ops::ControlFlow;

use jiff::civil::Date;

use super::query::Query;
use crate::database::{Row, ValueRef, dynamic};
use crate::{Result, Store, StoreError};

/// A table that can be read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// The glossary's noun.
    pub name: &'static str,
    /// The view that it is.
    pub view: &'static str,
    /// What its rows are ordered by; no two have the same.
    key: &'static str,
    /// The day that a row is of, where it is of one.
    day: Option<&'static str>,
}

const fn table(name: &'static str, view: &'static str, key: &'static str, day: Option<&'static str>) -> Table {
    Table { name, view, key, day }
}

/// All of them; what each column means stands in `docs/VIEWS.md`.
pub const TABLES: [Table; 11] = [
    table("payout", "bi_payout", "account, payout", Some("arrives_on")),
    table("deposit", "bi_deposit", "account, payout, bank_line", Some("date_on")),
    table("txn", "bi_txn", "account, txn", Some("available_on")),
    table("bank-line", "bi_bank_line", "bank_account, bank_line", Some("date_on")),
    table("exception", "bi_exception", "exception", None),
    table("refusal", "bi_refusal", "account, kind, object, payout", None),
    table("balance", "bi_balance", "account, currency", None),
    table("connected", "bi_connected", "account, currency", None),
    table("sync", "bi_sync", "account", None),
    table("currency", "bi_currency", "currency", None),
    table("audit", "bi_audit", "entry", None),
];

/// So many characters has an instant of a view, to the second: what a server adds of its time zone is left out, which is UTC.
const INSTANT: usize = 19;

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<'r> {
    /// Not known.
    Empty,
    /// A number: minor units, a count, a flag.
    Number(i64),
    /// A text, a day, an instant in UTC.
    Text(&'r str),
}

impl Table {
    /// That of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        TABLES.into_iter().find(|table| table.name == name)
    }

    /// Whether its rows are of days.
    #[must_use]
    pub const fn has_days(&self) -> bool {
        self.day.is_some()
    }
}

impl Store {
    /// The columns of a table, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn table_columns(&self, table: Table) -> Result<Vec<String>> {
        self.read(|connection| Ok(connection.prepare(&format!("SELECT * FROM {}", table.view))?.columns()))
    }

    /// Hands each row of a table to `each`, in the order of its key, as it stands at one instant; few are in memory at once. Of a table whose
    /// rows are of days, only those from the first to the last of `days`.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::CalledOff`] where `each` says not to go on.
    pub fn stream_table(
        &self,
        table: Table,
        (first, last): (Option<Date>, Option<Date>),
        each: &mut dyn FnMut(&[Cell<'_>]) -> ControlFlow<()>,
    ) -> Result<()> {
        let columns: Vec<String> = self.table_columns(table)?.iter().map(|column| portable(column)).collect();
        let mut query = Query::new(format!("SELECT {} FROM {}", columns.join(", "), table.view));
        if let Some(day) = table.day {
            let day = format!("SUBSTR(CAST({day} AS TEXT), 1, {INSTANT})");
            query.when(&format!("{day} >= $"), first.map(|first| first.to_string()));
            query.when(&format!("{day} <= $"), last.map(|last| last.to_string()));
        }
        let (sql, parameters) = query.order(table.key, None);
        self.view(|connection| {
            connection.prepare(&sql)?.stream(&dynamic(&parameters), |row| {
                let cells = (0..columns.len()).map(|index| cell(row, index)).collect::<Result<Vec<_>>>()?;
                if each(&cells).is_break() { Err(StoreError::CalledOff) } else { Ok(ControlFlow::Continue(())) }
            })
        })
    }
}

/// Days and instants have types of their own in one database, and are texts in the other.
fn portable(column: &str) -> String {
    if column.ends_with("_on") || column.ends_with("_at") {
        format!("SUBSTR(CAST({column} AS TEXT), 1, {INSTANT}) AS {column}")
    } else {
        column.to_owned()
    }
}

fn cell<'r>(row: &Row<'r>, index: usize) -> Result<Cell<'r>> {
    Ok(match row.value(index)? {
        ValueRef::Null => Cell::Empty,
        ValueRef::Integer(number) => Cell::Number(number),
        ValueRef::Text(text) => Cell::Text(text),
        ValueRef::Blob(_) => return Err(row.unfit(index, "bytes, where a text was expected").into()),
    })
}
