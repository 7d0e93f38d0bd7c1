//! One statement for many rows: SQLite runs it for each of them, PostgreSQL once with all of them.
//!
//! The statement is written for one row, as everywhere. What PostgreSQL runs is made from it: `?3` becomes the third column of
//! the rows, which are sent as one array a column.

use super::arrays::Array;
use super::{Connection, Driver, Read, Row, ToSql, postgres, sqlite};

/// What may wait to be sent: a server works on this much at once without laying it aside on its disk.
const BYTES_AT_ONCE: usize = 1024 * 1024;

/// Rows on their way into one statement. Nothing may count on a row that was not sent; what is not sent is not written.
///
/// Two rows that wait may meet the same row of the table only where the statement leaves alone what is there.
pub(crate) enum Many<'c> {
    /// Each is written when it comes: within one process that costs nothing more.
    Sqlite(rusqlite::CachedStatement<'c>),
    /// They are sent together.
    Postgres(&'c postgres::Session, Waiting),
}

/// Rows that wait, column by column.
pub(crate) struct Waiting {
    statement: tokio_postgres::Statement,
    columns: Vec<Array>,
    bytes: usize,
}

impl Connection {
    /// A statement that writes many rows: an `INSERT … VALUES`, an `UPDATE … SET … WHERE` or a `DELETE FROM … WHERE`.
    pub(crate) fn many(&self, sql: &str) -> Read<Many<'_>> {
        Ok(match &self.driver {
            Driver::Sqlite(connection) => Many::Sqlite(connection.prepare_cached(sql)?),
            Driver::Postgres(session) => {
                let types = session.prepare(sql)?;
                let types = types.params();
                let statement = session.prepare(&for_rows(sql, types.iter().map(tokio_postgres::types::Type::name)))?;
                let columns = types.iter().cloned().map(Array::new).collect();
                Many::Postgres(session, Waiting { statement, columns, bytes: 0 })
            }
        })
    }

    /// Hands over what a query finds for each of many values of its last parameter, which it compares by `=`; in no order.
    pub(crate) fn query_each(
        &self,
        sql: &str,
        parameters: &[&dyn ToSql],
        values: &[&str],
        mut each: impl FnMut(&Row<'_>) -> Read<()>,
    ) -> Read<()> {
        if let Driver::Postgres(session) = &self.driver {
            let last = parameters.len() + 1;
            let statement = session.prepare(&sql.replace(&format!("= ?{last}"), &format!("= ANY (?{last})")))?;
            let found = session.query_array(&statement, parameters, &Array::of_texts(values)?)?;
            return found.iter().try_for_each(|row| each(&Row::Postgres(row)));
        }
        let mut statement = self.prepare(sql)?;
        for value in values {
            let mut found = statement.query(&[parameters, &[value as &dyn ToSql]].concat())?;
            while let Some(row) = found.next()? {
                each(&row)?;
            }
        }
        Ok(())
    }
}

impl Many<'_> {
    /// Takes a row.
    pub(crate) fn add(&mut self, row: &[&dyn ToSql]) -> Read<()> {
        match self {
            Self::Sqlite(statement) => {
                statement.execute(sqlite::bound(row))?;
            }
            Self::Postgres(_, waiting) => {
                waiting.add(row)?;
                if waiting.bytes >= BYTES_AT_ONCE {
                    self.send()?;
                }
            }
        }
        Ok(())
    }

    /// Writes the rows that wait.
    pub(crate) fn send(&mut self) -> Read<()> {
        match self {
            Self::Postgres(session, waiting) if waiting.bytes > 0 => waiting.send(session),
            _ => Ok(()),
        }
    }
}

impl Waiting {
    fn add(&mut self, row: &[&dyn ToSql]) -> Read<()> {
        for (column, parameter) in self.columns.iter_mut().zip(row) {
            self.bytes += column.add(parameter.value())?;
        }
        Ok(())
    }

    fn send(&mut self, session: &postgres::Session) -> Read<()> {
        self.bytes = 0;
        let sent = session.execute_arrays(&self.statement, &self.columns);
        self.columns.iter_mut().for_each(Array::clear);
        sent
    }
}

/// A statement for one row as one that takes an array a column, whose elements have these types.
fn for_rows<'t>(sql: &str, types: impl Iterator<Item = &'t str>) -> String {
    let (arrays, names): (Vec<String>, Vec<String>) =
        types.zip(1..).map(|(name, number)| (format!("?{number}::{name}[]"), format!("p{number}"))).unzip();
    let rows = format!("UNNEST ({}) AS each ({})", arrays.join(", "), names.join(", "));
    let of_row = |part: &str| part.replace('?', "each.p");
    if let Some((head, rest)) = sql.split_once(" VALUES (") {
        let end = rest.find(") ON CONFLICT").unwrap_or(rest.len().saturating_sub(1));
        let (values, tail) = rest.split_at(end);
        return format!("{head} SELECT {} FROM {rows}{}", of_row(values), tail.strip_prefix(')').unwrap_or(tail));
    }
    let (head, condition) = sql.split_once(" WHERE ").unwrap_or((sql, "TRUE"));
    let with = if head.starts_with("DELETE") { "USING" } else { "FROM" };
    format!("{} {with} {rows} WHERE {}", of_row(head), of_row(condition))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(sql: &str, types: &[&'static str]) -> String {
        for_rows(sql, types.iter().copied())
    }

    #[test]
    fn a_statement_for_one_row_becomes_one_for_all() {
        let one = "INSERT INTO a (id, at, kept) VALUES (?1, ?2, 0) ON CONFLICT (id) DO UPDATE SET at = excluded.at";
        let all = "INSERT INTO a (id, at, kept) SELECT each.p1, each.p2, 0 \
                   FROM UNNEST (?1::text[], ?2::int8[]) AS each (p1, p2) ON CONFLICT (id) DO UPDATE SET at = excluded.at";
        assert_eq!(rows(one, &["text", "int8"]), all);
        assert_eq!(
            rows("INSERT INTO a (id) VALUES (?1)", &["bytea"]),
            "INSERT INTO a (id) SELECT each.p1 FROM UNNEST (?1::bytea[]) AS each (p1)"
        );
        assert_eq!(
            rows("UPDATE a SET at = ?2 WHERE id = ?1", &["text", "int8"]),
            "UPDATE a SET at = each.p2 FROM UNNEST (?1::text[], ?2::int8[]) AS each (p1, p2) WHERE id = each.p1"
        );
        assert_eq!(
            rows("DELETE FROM a WHERE id = ?1", &["text"]),
            "DELETE FROM a USING UNNEST (?1::text[]) AS each (p1) WHERE id = each.p1"
        );
    }
}
