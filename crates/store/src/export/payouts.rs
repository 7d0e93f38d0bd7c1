//! The payouts of an export, and what its txns prove of them.

use facts::{Fact, Payout, PayoutId};

use super::{ExportCounts, ExportOutcome, Writer, merge};
use crate::Result;
use crate::database::{OptionalExtension, params};
use crate::rows;
use crate::sync::put_fact;

/// Payouts that an export names are automatic: Stripe lists the txns of no others.
const SETTLE: &str = "UPDATE payout SET automatic = 1, members_complete = ?3 WHERE account = ?1 AND id = ?2";

/// Stripe's own list of a payout names the payout's own txn too.
const CLAIM_OWN: &str = "UPDATE txn SET payout = ?3, payout_reading = 0 WHERE account = ?1 AND id = ?2 AND payout IS NULL";

const MEMBERS: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN currency = ?3 THEN net_minor ELSE 0 END), 0) AS BIGINT), \
     COALESCE(SUM(CASE WHEN currency = ?3 THEN 0 ELSE 1 END), 0) FROM txn WHERE account = ?1 AND payout = ?2 AND id <> ?4";

const OWN_FEE: &str = "SELECT fee_minor FROM txn WHERE account = ?1 AND id = ?2";

const LISTED: &str = "SELECT EXISTS (SELECT 1 FROM export_row WHERE account = ?1 AND kind = 'list' AND object_id = ?2)";

/// A stored payout, and what it was made from.
struct Known {
    payout: Payout,
    version: [u8; 32],
    of_the_api: bool,
}

/// Writes them all, and notes what they contradict.
pub(super) fn put(writer: &mut Writer<'_, '_>) -> Result<ExportCounts> {
    let mut counts = ExportCounts::default();
    let export = writer.export;
    for row in export.payouts {
        let said = &row.payout;
        writer.place("payout", said.id.as_str(), row.line)?;
        writer.touched.insert(said.id.clone());
        let Some(known) = known(writer, &said.id)? else {
            put_fact(writer.transaction, &Fact::Payout(said.clone()), &export.sha256)?;
            counts.added += 1;
            continue;
        };
        if let Some(told) = contradiction(&known.payout, said) {
            let who = if known.of_the_api { "Stripe's API" } else { "an earlier row or export" };
            writer.contradiction(row.line, &format!("payout {} has {told} by {who}", said.id));
            continue;
        }
        let merged = merge::payout(&known.payout, said);
        let changed = !known.of_the_api && merged != known.payout;
        let version = export.sha256.min(known.version);
        if changed || !known.of_the_api && version != known.version {
            put_fact(writer.transaction, &Fact::Payout(merged), &version)?;
        }
        counts.updated += u64::from(changed);
        counts.already_there += u64::from(!changed);
    }
    Ok(counts)
}

fn known(writer: &Writer<'_, '_>, id: &PayoutId) -> Result<Option<Known>> {
    let sql = format!("SELECT {}, p.version FROM payout p WHERE p.account = ?1 AND p.id = ?2", rows::PAYOUT);
    let mut statement = writer.transaction.prepare(&sql)?;
    let known = statement.query_row(params![writer.account(), id.as_str()], |found| {
        let version: [u8; 32] = found.get(rows::PAYOUT_COLUMNS)?;
        Ok(Known { payout: rows::payout(found)?, version, of_the_api: !writer.is_of_an_export(&version) })
    });
    Ok(known.optional()?)
}

/// What both cannot be true of one payout: what the row says and what is stored, in words.
fn contradiction(known: &Payout, said: &Payout) -> Option<String> {
    if known.amount != said.amount {
        let shown = |amount: money::Amount| format!("{} {}", amount.to_major(), amount.currency().upper());
        return Some(format!("the amount {} here and {}", shown(said.amount), shown(known.amount)));
    }
    let links = [("own txn", &known.own_txn, &said.own_txn), ("returning txn", &known.failure_txn, &said.failure_txn)];
    links.into_iter().find_map(|(what, known, said)| match (known, said) {
        (Some(known), Some(said)) if known != said => Some(format!("the {what} {said} here and {known}")),
        _ => None,
    })
}

/// Says of each payout that the file touched whether its txns are all here. They are where a report of whole payouts listed
/// them, whether they add up or not, and where they add up to what it took from the balance.
pub(super) fn settle(writer: &Writer<'_, '_>, outcome: &mut ExportOutcome) -> Result<()> {
    for id in &writer.touched {
        match known(writer, id)? {
            None => outcome.payouts_without_amount += 1,
            Some(known) if known.of_the_api => {}
            Some(known) => outcome.payouts_in_part += u64::from(!settle_one(writer, &known.payout)?),
        }
    }
    Ok(())
}

/// One payout that only exports tell of; says whether nothing is known to lack.
fn settle_one(writer: &Writer<'_, '_>, payout: &Payout) -> Result<bool> {
    let (account, id) = (writer.account(), payout.id.as_str());
    let own = payout.own_txn.as_ref().map_or("", facts::TxnId::as_str);
    let currency = payout.amount.currency();
    let mut statement = writer.transaction.prepare(MEMBERS)?;
    let (count, sum, others): (i64, i64, i64) =
        statement.query_row(params![account, id, currency.as_str(), own], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if count == 0 {
        return Ok(true);
    }
    let fee: Option<i64> = writer.transaction.prepare(OWN_FEE)?.query_row(params![account, own], |row| row.get(0)).optional()?;
    let adds_up = others == 0 && payout.amount.minor().checked_add(fee.unwrap_or(0)) == Some(sum);
    let listed: bool = writer.transaction.prepare(LISTED)?.query_row(params![account, id], |row| row.get(0))?;
    writer.transaction.prepare(SETTLE)?.execute(params![account, id, adds_up || listed])?;
    writer.transaction.prepare(CLAIM_OWN)?.execute(params![account, own, id])?;
    Ok(adds_up || listed)
}
