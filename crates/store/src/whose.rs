//! Queries that are of one account, or of all: with a condition that an index serves, or with none.

use facts::AccountId;

use crate::Result;
use crate::database::{Connection, Read, Row, params};

/// The rows of a query, each read by `read`. `WHOSE_` in its text stands for the condition that `column` is the account, which holds of
/// every row where there is none.
pub(crate) fn rows_of<T>(
    connection: &Connection,
    sql: &str,
    column: &str,
    account: Option<&AccountId>,
    mut read: impl FnMut(&Row<'_>) -> Read<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare(&text(sql, column, account.is_some()))?;
    let rows = match account {
        Some(account) => statement.query_map(params![account.as_str()], &mut read)?.collect::<Read<_>>(),
        None => statement.query_map(params![], &mut read)?.collect::<Read<_>>(),
    };
    Ok(rows?)
}

fn text(sql: &str, column: &str, is_of_one: bool) -> String {
    let condition = if is_of_one { format!("{column} = ?1") } else { "1 = 1".to_owned() };
    sql.replace("WHOSE_", &condition)
}

/// How a database finds the rows of one account; a test of a statement asks that it goes through no table for that.
#[cfg(test)]
pub(crate) fn plan_of_one(sql: &str, column: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::Store::open(&folder.path().join("tieout.db"), std::sync::Arc::new(crate::NoPoints)).unwrap();
    let mut statement = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {}", text(sql, column, true))).unwrap();
    let steps = statement.query_map(params!["acct_1"], |row| row.get::<String>(3)).unwrap();
    steps.collect::<Read<Vec<String>>>().unwrap().join("\n")
}
