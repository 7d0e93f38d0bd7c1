//! Rows of the kinds that are read by declaration: a table is named as its kind, its columns as the object's cells.

use std::collections::HashSet;
use std::fmt::Write as _;

use facts::{AccountId, Cell, Object, ObjectKind, Parts, Value};
use jiff::Timestamp;

use super::pages::Change;
use crate::database::{Connection, OptionalExtension, Read, ToSql, Transaction, ValueRef, params};
use crate::{Result, rows};

/// Columns that every such table begins with: account, id, version, deleted, created_at.
const FIRST: usize = 5;

/// Writes the row of an object and those of its parts, which take its version.
pub(super) fn put(transaction: &Transaction<'_>, object: &Object, hash: &[u8]) -> Result<Change> {
    let change = put_row(transaction, object, hash)?;
    if let Some(parts) = &object.parts {
        put_parts(transaction, object, parts, hash)?;
    }
    Ok(change)
}

/// The version that an object's row was made from.
pub(super) fn version(
    transaction: &Transaction<'_>,
    account: &AccountId,
    kind: ObjectKind,
    id: &str,
) -> Result<Option<[u8; 32]>> {
    let sql = format!("SELECT version FROM {} WHERE account = ?1 AND id = ?2", kind.as_str());
    let mut statement = transaction.prepare(&sql)?;
    Ok(statement.query_row(params![account.as_str(), id], |row| row.get(0)).optional()?)
}

/// When a known object was made. Every kind but the account and its balance has such a column.
pub(crate) fn created_at(connection: &Connection, account: &AccountId, kind: ObjectKind, id: &str) -> Result<Option<Timestamp>> {
    if matches!(kind, ObjectKind::Account | ObjectKind::Balance) {
        return Ok(None);
    }
    let sql = format!("SELECT created_at FROM {} WHERE account = ?1 AND id = ?2", kind.as_str());
    let mut statement = connection.prepare(&sql)?;
    let created = statement.query_row(params![account.as_str(), id], |row| rows::stripe_time_or_none(row, 0));
    Ok(created.optional()?.flatten())
}

/// Notes that Stripe has deleted an object; says whether that is news.
pub(crate) fn mark_deleted(transaction: &Transaction<'_>, account: &AccountId, kind: ObjectKind, id: &str) -> Result<bool> {
    let sql = format!("UPDATE {} SET deleted = 1 WHERE account = ?1 AND id = ?2 AND deleted = 0", kind.as_str());
    Ok(transaction.prepare(&sql)?.execute(params![account.as_str(), id])? > 0)
}

fn put_row(transaction: &Transaction<'_>, object: &Object, hash: &[u8]) -> Result<Change> {
    let (account, deleted) = (object.account.as_str(), object.deleted);
    let created = object.created_at.map(|at| at.as_second());
    let base: [&dyn ToSql; FIRST] = [&account, &object.id, &hash, &deleted, &created];
    let cells: Vec<ValueRef<'_>> = object.cells.iter().map(|cell| held(&cell.value)).collect();
    let row: Vec<&dyn ToSql> = base.into_iter().chain(cells.iter().map(|cell| cell as &dyn ToSql)).collect();
    let table = object.kind.as_str();
    if transaction.prepare(&insert(table, &object.cells))?.execute(&row)? > 0 {
        return Ok(Change::Inserted);
    }
    if object.cells.is_empty() {
        // All that is known is that it is gone: what was known before stays.
        let sql = format!("UPDATE {table} SET version = ?3, deleted = ?4 WHERE account = ?1 AND id = ?2");
        transaction.prepare(&sql)?.execute(params![account, object.id, hash, deleted])?;
    } else {
        transaction.prepare(&update(table, &object.cells))?.execute(&row)?;
    }
    Ok(Change::Updated)
}

fn insert(table: &str, cells: &[Cell]) -> String {
    let mut columns = "account, id, version, deleted, created_at".to_owned();
    let mut places = "?1, ?2, ?3, ?4, ?5".to_owned();
    for (at, cell) in cells.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(columns, ", {}", cell.column);
        let _ = write!(places, ", ?{}", FIRST + 1 + at);
    }
    format!("INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT (id, account) DO NOTHING")
}

fn update(table: &str, cells: &[Cell]) -> String {
    let mut sets = "version = ?3, deleted = ?4, created_at = ?5".to_owned();
    for (at, cell) in cells.iter().enumerate() {
        let _ = write!(sets, ", {} = ?{}", cell.column, FIRST + 1 + at);
    }
    format!("UPDATE {table} SET {sets} WHERE account = ?1 AND id = ?2")
}

/// Writes the parts, and once all are known marks those as deleted that are no longer among them.
fn put_parts(transaction: &Transaction<'_>, whole: &Object, parts: &Parts, hash: &[u8]) -> Result<()> {
    for part in &parts.objects {
        put_row(transaction, part, hash)?;
    }
    let Some(ids) = &parts.ids else { return Ok(()) };
    let ids: HashSet<&str> = ids.iter().map(String::as_str).collect();
    let sql = format!("SELECT id FROM {} WHERE account = ?1 AND {} = ?2 AND deleted = 0", parts.kind.as_str(), parts.whole);
    let mut statement = transaction.prepare(&sql)?;
    let known = statement.query_map(params![whole.account.as_str(), whole.id], |row| row.get::<String>(0))?;
    for id in known.collect::<Read<Vec<_>>>()?.iter().filter(|id| !ids.contains(id.as_str())) {
        mark_deleted(transaction, &whole.account, parts.kind, id)?;
    }
    Ok(())
}

/// A cell's value as the database takes it.
fn held(value: &Value) -> ValueRef<'_> {
    match value {
        Value::None => ValueRef::Null,
        Value::Text(text) => ValueRef::Text(text),
        Value::Number(number) => ValueRef::Integer(*number),
    }
}
