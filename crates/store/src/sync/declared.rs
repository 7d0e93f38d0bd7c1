//! Rows of the kinds that are read by declaration: a table is named as its kind, its columns as the object's cells.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::rc::Rc;

use facts::{AccountId, Cell, Object, ObjectKind, Value};
use jiff::Timestamp;

use super::batch::{Batch, Place};
use crate::database::{Connection, OptionalExtension, ToSql, Transaction, ValueRef, params};
use crate::{Result, rows};

/// Columns that every such table begins with: account, id, version, deleted, created_at.
const FIRST: usize = 5;

/// The ids of all parts that stand within each whole: the parts' kind, their column that names the whole, whose they are, then
/// the wholes by their ids.
pub(super) type Lists<'p> = HashMap<(ObjectKind, &'static str, &'p str), HashMap<&'p str, HashSet<&'p str>>>;

/// A statement that writes rows of a kind.
pub(super) struct Text {
    kind: ObjectKind,
    /// Those that the kind has beside the first ones.
    columns: Vec<&'static str>,
    sql: Rc<str>,
}

/// Puts the row of an object and those of its parts, which take its version.
pub(super) fn put<'p>(batch: &mut Batch<'_, '_, 'p>, place: Place<'p>, object: &'p Object, hash: &[u8]) -> Result<()> {
    if waits_for_its_list(&batch.lists, object) {
        batch.send()?;
    }
    let sql = known_statement(&mut batch.texts, object);
    put_row(object, hash, |row| batch.put(place, &sql, row))?;
    let Some(parts) = &object.parts else { return Ok(()) };
    for part in &parts.objects {
        let sql = known_statement(&mut batch.texts, part);
        put_row(part, hash, |row| batch.put_part((part.kind, part.account.as_str(), &part.id), &sql, row))?;
    }
    if let Some(ids) = &parts.ids {
        let wholes = batch.lists.entry((parts.kind, parts.whole, object.account.as_str())).or_default();
        wholes.insert(&object.id, ids.iter().map(String::as_str).collect());
    }
    Ok(())
}

/// Whether parts are still to be compared with an earlier list of this whole. Those that it brings now are not to be: its row may
/// have been sent without them, when a part waited twice.
fn waits_for_its_list(lists: &Lists<'_>, object: &Object) -> bool {
    let Some(parts) = &object.parts else { return false };
    let wholes = lists.get(&(parts.kind, parts.whole, object.account.as_str()));
    wholes.is_some_and(|wholes| wholes.contains_key(object.id.as_str()))
}

fn put_row(object: &Object, hash: &[u8], put: impl FnOnce(&[&dyn ToSql]) -> Result<()>) -> Result<()> {
    let (account, deleted) = (object.account.as_str(), object.deleted);
    let created = object.created_at.map(|at| at.as_second());
    let base: [&dyn ToSql; FIRST] = [&account, &object.id, &hash, &deleted, &created];
    let cells: Vec<ValueRef<'_>> = object.cells.iter().map(|cell| held(&cell.value)).collect();
    let row: Vec<&dyn ToSql> = base.into_iter().chain(cells.iter().map(|cell| cell as &dyn ToSql)).collect();
    put(&row)
}

/// The statement that writes a row with these columns, from among those that were made before.
fn known_statement(made: &mut Vec<Text>, object: &Object) -> Rc<str> {
    let columns = || object.cells.iter().map(|cell| cell.column);
    match made.iter().find(|text| text.kind == object.kind && text.columns.iter().copied().eq(columns())) {
        Some(text) => Rc::clone(&text.sql),
        None => {
            let sql: Rc<str> = statement(object.kind.as_str(), &object.cells).into();
            made.push(Text { kind: object.kind, columns: columns().collect(), sql: Rc::clone(&sql) });
            sql
        }
    }
}

/// Where no cell is given, all that is known is that the object is gone: what was known before stays.
fn statement(table: &str, cells: &[Cell]) -> String {
    let mut columns = "account, id, version, deleted, created_at".to_owned();
    let mut places = "?1, ?2, ?3, ?4, ?5".to_owned();
    let mut sets = "version = excluded.version, deleted = excluded.deleted".to_owned();
    if !cells.is_empty() {
        sets.push_str(", created_at = excluded.created_at");
    }
    for (at, cell) in cells.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(columns, ", {}", cell.column);
        let _ = write!(places, ", ?{}", FIRST + 1 + at);
        let _ = write!(sets, ", {0} = excluded.{0}", cell.column);
    }
    format!("INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT (id, account) DO UPDATE SET {sets}")
}

/// Marks the parts as deleted that are no longer in the lists of their wholes.
pub(super) fn mark_gone(transaction: &Transaction<'_>, lists: Lists<'_>) -> Result<()> {
    for ((kind, column, account), wholes) in lists {
        let sql = format!("SELECT id, {column} FROM {} WHERE account = ?1 AND deleted = 0 AND {column} = ?2", kind.as_str());
        let names: Vec<&str> = wholes.keys().copied().collect();
        let mut gone: Vec<String> = Vec::new();
        transaction.query_each(&sql, params![account], &names, |row| {
            let (part, whole): (String, String) = (row.get(0)?, row.get(1)?);
            if wholes.get(whole.as_str()).is_some_and(|parts| !parts.contains(part.as_str())) {
                gone.push(part);
            }
            Ok(())
        })?;
        for part in gone {
            mark(transaction, account, kind, &part)?;
        }
    }
    Ok(())
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

/// Whether a reconciliation concludes something from objects of this kind: from money between accounts alone.
pub(super) fn is_concluded_from(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::Transfer | ObjectKind::TransferReversal | ObjectKind::ApplicationFee)
}

/// Notes that Stripe has deleted an object; says whether that is news.
pub(crate) fn mark_deleted(transaction: &Transaction<'_>, account: &AccountId, kind: ObjectKind, id: &str) -> Result<bool> {
    mark(transaction, account.as_str(), kind, id)
}

fn mark(transaction: &Transaction<'_>, account: &str, kind: ObjectKind, id: &str) -> Result<bool> {
    let sql = format!("UPDATE {} SET deleted = 1 WHERE account = ?1 AND id = ?2 AND deleted = 0", kind.as_str());
    Ok(transaction.prepare(&sql)?.execute(params![account, id])? > 0)
}

/// A cell's value as the database takes it.
fn held(value: &Value) -> ValueRef<'_> {
    match value {
        Value::None => ValueRef::Null,
        Value::Text(text) => ValueRef::Text(text),
        Value::Number(number) => ValueRef::Integer(*number),
    }
}
