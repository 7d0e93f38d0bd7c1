//! The txns of an export.

use facts::{ExportedTxn, Fact, PayoutId, Txn};

use super::{ExportCounts, Writer, merge};
use crate::Result;
use crate::database::{OptionalExtension, params};
use crate::rows;
use crate::sync::put_fact;

const CLAIM: &str = "UPDATE txn SET payout = ?3, payout_reading = 0 WHERE account = ?1 AND id = ?2 AND payout IS NULL";

/// A stored txn, the payout that holds it, and what it was made from.
struct Known {
    txn: Txn,
    payout: Option<String>,
    version: [u8; 32],
    of_the_api: bool,
}

/// Writes them all, and notes what they contradict.
pub(super) fn put(writer: &mut Writer<'_, '_>) -> Result<ExportCounts> {
    let mut counts = ExportCounts::default();
    let export = writer.export;
    for row in export.txns {
        writer.place("txn", row.txn.id.as_str(), row.line)?;
        if let Some(payout) = &row.payout {
            if export.holds_whole_payouts {
                writer.place("list", payout.as_str(), row.line)?;
            }
            writer.touched.insert(payout.clone());
        }
        match known(writer, row)? {
            None => {
                put_fact(writer.transaction, &Fact::Txn(row.txn.clone()), &export.sha256)?;
                claim(writer, row, None)?;
                counts.added += 1;
            }
            Some(known) => match again(writer, row, &known)? {
                true => counts.updated += 1,
                false => counts.already_there += 1,
            },
        }
    }
    Ok(counts)
}

fn known(writer: &Writer<'_, '_>, row: &ExportedTxn) -> Result<Option<Known>> {
    let sql = format!("SELECT {}, t.payout, t.version FROM txn t WHERE t.account = ?1 AND t.id = ?2", rows::TXN);
    let mut statement = writer.transaction.prepare(&sql)?;
    let known = statement.query_row(params![writer.account(), row.txn.id.as_str()], |found| {
        let version: [u8; 32] = found.get(rows::TXN_COLUMNS + 1)?;
        let of_the_api = !writer.is_of_an_export(&version);
        Ok(Known { txn: rows::txn(found)?, payout: found.get(rows::TXN_COLUMNS)?, version, of_the_api })
    });
    Ok(known.optional()?)
}

/// A txn that is known: adds what is new in the row; says whether anything was.
fn again(writer: &mut Writer<'_, '_>, row: &ExportedTxn, known: &Known) -> Result<bool> {
    if let Some(told) = contradiction(&known.txn, &row.txn) {
        let who = if known.of_the_api { "Stripe's API" } else { "an earlier row or export" };
        writer.contradiction(row.line, &format!("txn {} has {told} by {who}", row.txn.id));
        return Ok(false);
    }
    let merged = merge::txn(&known.txn, &row.txn);
    let changed = !known.of_the_api && merged != known.txn;
    let version = writer.export.sha256.min(known.version);
    if changed || !known.of_the_api && version != known.version {
        put_fact(writer.transaction, &Fact::Txn(merged), &version)?;
    }
    Ok(claim(writer, row, known.payout.as_deref())? || changed)
}

/// What both cannot be true of one txn: what is stored and what the row says, in words.
fn contradiction(known: &Txn, said: &Txn) -> Option<String> {
    if known.amount.currency() != said.amount.currency() {
        let (known, said) = (known.amount.currency().upper(), said.amount.currency().upper());
        return Some(format!("the currency {said} here and {known}"));
    }
    let currency = known.amount.currency();
    let major = |minor: i64| money::Amount::new(minor, currency).to_major();
    let amounts = [
        ("the amount", known.amount.minor(), said.amount.minor()),
        ("the fee", known.fee_minor, said.fee_minor),
        ("the net", known.net_minor, said.net_minor),
    ];
    if let Some((what, known, said)) = amounts.into_iter().find(|(_, known, said)| known != said) {
        return Some(format!("{what} {} {} here and {} {}", major(said), currency.upper(), major(known), currency.upper()));
    }
    let both = |known: &str, said: &str| !known.is_empty() && !said.is_empty() && known != said;
    if both(&known.kind, &said.kind) {
        return Some(format!("the type {} here and {}", said.kind, known.kind));
    }
    match (&known.source, &said.source) {
        (Some(known), Some(said)) if known.id != said.id => Some(format!("the source {} here and {}", said.id, known.id)),
        _ => None,
    }
}

/// Lays the txn to the payout that the row names, unless Stripe's API tells of that payout's txns.
fn claim(writer: &mut Writer<'_, '_>, row: &ExportedTxn, holder: Option<&str>) -> Result<bool> {
    let Some(payout) = &row.payout else { return Ok(false) };
    match holder {
        Some(holder) if holder == payout.as_str() => return Ok(false),
        Some(holder) => {
            let told = format!("txn {} is in payout {payout} here and in payout {holder} already", row.txn.id);
            writer.contradiction(row.line, &told);
            return Ok(false);
        }
        None => {}
    }
    match list_of_the_api(writer, payout)? {
        None => {
            let place = params![writer.account(), row.txn.id.as_str(), payout.as_str()];
            Ok(writer.transaction.prepare(CLAIM)?.execute(place)? > 0)
        }
        Some(true) => {
            let told = format!("txn {} is in payout {payout} here, and not in Stripe's own list of it", row.txn.id);
            writer.contradiction(row.line, &told);
            Ok(false)
        }
        Some(false) => Ok(false),
    }
}

/// Whether Stripe's own list of the payout's txns was read to its end; `None` where its API has not told of the payout.
fn list_of_the_api(writer: &Writer<'_, '_>, payout: &PayoutId) -> Result<Option<bool>> {
    let mut statement =
        writer.transaction.prepare("SELECT version, members_complete FROM payout WHERE account = ?1 AND id = ?2")?;
    let found = statement
        .query_row(params![writer.account(), payout.as_str()], |row| Ok((row.get::<[u8; 32]>(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.filter(|(version, _)| !writer.is_of_an_export(version)).map(|(_, complete)| complete))
}
