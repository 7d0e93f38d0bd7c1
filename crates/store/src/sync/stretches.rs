//! The stretches that a walk has not read to their end: written and read with the walk that they belong to.

use facts::{AccountId, ObjectKind};

use super::Stretch;
use crate::database::{Connection, Read, Transaction, params};
use crate::{Result, rows};

const FORGET: &str = "DELETE FROM stretch WHERE account = ?1 AND kind = ?2";

const PUT: &str = "INSERT INTO stretch (account, kind, place, from_at, until_at, after_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const READ: &str = "SELECT from_at, until_at, after_id FROM stretch WHERE account = ?1 AND kind = ?2 ORDER BY place";

pub(crate) fn read(connection: &Connection, account: &AccountId, kind: ObjectKind) -> Result<Vec<Stretch>> {
    let mut statement = connection.prepare(READ)?;
    let rows = statement.query_map(params![account.as_str(), kind.as_str()], |row| {
        let (from, until) = (rows::stripe_time_or_none(row, 0)?, rows::stripe_time_or_none(row, 1)?);
        Ok(Stretch { from, until, after: row.get(2)? })
    })?;
    Ok(rows.collect::<Read<_>>()?)
}

/// Puts these in the place of those that were left before.
pub(super) fn put(transaction: &Transaction<'_>, account: &AccountId, kind: ObjectKind, stretches: &[Stretch]) -> Result<()> {
    forget(transaction, account, kind)?;
    for (stretch, place) in stretches.iter().zip(0_i64..) {
        transaction.prepare(PUT)?.execute(params![
            account.as_str(),
            kind.as_str(),
            place,
            stretch.from.map(|from| from.as_second()),
            stretch.until.map(|until| until.as_second()),
            stretch.after,
        ])?;
    }
    Ok(())
}

pub(super) fn forget(transaction: &Transaction<'_>, account: &AccountId, kind: ObjectKind) -> Result<()> {
    transaction.prepare(FORGET)?.execute(params![account.as_str(), kind.as_str()])?;
    Ok(())
}
