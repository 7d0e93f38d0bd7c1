//! What the database holds of the objects that a unit of work writes: read at once, and kept up by whoever writes.

use std::collections::{HashMap, HashSet};

use facts::ObjectKind;

use super::batch::Place;
use super::pages::CONTENT;
use super::stale::{TxnBefore, TxnsBefore};
use crate::Result;
use crate::database::{Read, Row, ToSql, Transaction, params};

const REFUSED: &str = "SELECT object_id FROM refusal WHERE account = ?1 AND kind = ?2 AND about = ?3 AND object_id = ?4";

/// The version that each object's row was made from; none where no good version was ever stored.
pub(super) type Versions<'p> = HashMap<Place<'p>, [u8; 32]>;

/// Objects whose newest version was refused.
pub(super) type Refused<'p> = HashSet<Place<'p>>;

/// Reads the versions of these objects' rows, and what else is to be known of txns. Every kind but the balance has a table of its
/// name.
///
/// Rows are asked for by their ids alone: a server that knows little of a table yet would else look through all rows of the
/// account, for which it may have an index too.
pub(super) fn versions<'p>(
    transaction: &Transaction<'_>,
    places: impl Iterator<Item = Place<'p>>,
) -> Result<(Versions<'p>, TxnsBefore<'p>)> {
    let (mut versions, mut txns) = (Versions::new(), TxnsBefore::new());
    for ((kind, account), ids) in groups(places.filter(|(kind, ..)| *kind != ObjectKind::Balance)) {
        let of = if kind == ObjectKind::Account { "''" } else { "account" };
        let more = if kind == ObjectKind::Txn { ", created_at, payout" } else { "" };
        let sql = format!("SELECT id, {of}, version{more} FROM {} WHERE id = ?1", kind.as_str());
        find(transaction, &sql, params![], &ids, |id, row| {
            if row.get::<String>(1)? == account {
                versions.insert((kind, account, id), row.get(2)?);
                if kind == ObjectKind::Txn {
                    txns.insert((account, id), TxnBefore { created_at: row.get(3)?, payout: row.get(4)? });
                }
            }
            Ok(())
        })?;
    }
    Ok((versions, txns))
}

/// Reads which of these objects were refused.
pub(super) fn refused<'p>(transaction: &Transaction<'_>, places: impl Iterator<Item = Place<'p>>) -> Result<Refused<'p>> {
    let mut refused = Refused::new();
    for ((kind, account), ids) in groups(places) {
        find(transaction, REFUSED, params![account, kind.as_str(), CONTENT], &ids, |id, _| {
            refused.insert((kind, account, id));
            Ok(())
        })?;
    }
    Ok(refused)
}

/// Objects of one kind and account are asked for together.
fn groups<'p>(places: impl Iterator<Item = Place<'p>>) -> HashMap<(ObjectKind, &'p str), HashSet<&'p str>> {
    let mut groups: HashMap<_, HashSet<_>> = HashMap::new();
    places.for_each(|(kind, account, id)| {
        groups.entry((kind, account)).or_default().insert(id);
    });
    groups
}

/// Hands over the rows of a query that begin with one of these ids.
fn find<'p>(
    transaction: &Transaction<'_>,
    sql: &str,
    parameters: &[&dyn ToSql],
    ids: &HashSet<&'p str>,
    mut found: impl FnMut(&'p str, &Row<'_>) -> Read<()>,
) -> Result<()> {
    let asked: Vec<&str> = ids.iter().copied().collect();
    transaction.query_each(sql, parameters, &asked, |row| match ids.get(row.get::<String>(0)?.as_str()) {
        Some(id) => found(id, row),
        None => Ok(()),
    })?;
    Ok(())
}
