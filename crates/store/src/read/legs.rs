//! Sides of money between a platform and its connected accounts whose other side is not here, or differs.

use facts::AccountId;
use facts::legs::{LegKind, OpenLeg};
use money::Amount;

use crate::database::{Read, Row, params};
use crate::{Result, Store, rows};

/// How long after its making something may become visible in a list, in seconds: an account that was read within that time need not
/// show it.
const VISIBLE_SECONDS: i64 = 60 * 60;

const TRANSFERS: &str = "SELECT l.account, l.id, l.created_at, l.currency, l.amount_minor, l.destination, o.amount_minor, \
     l.destination_charge FROM transfer l JOIN account a ON a.id = l.destination \
     LEFT JOIN charge o ON o.id = l.destination_charge AND o.account = l.destination \
     WHERE l.deleted = 0 AND l.created_at IS NOT NULL AND l.destination_charge IS NOT NULL AND l.currency IS NOT NULL AND l.amount_minor IS NOT NULL \
     AND (CASE WHEN o.id IS NULL THEN {must_be_here} ELSE o.currency = l.currency AND o.amount_minor <> l.amount_minor END)";

const REVERSALS: &str = "SELECT l.account, l.id, l.created_at, l.currency, l.amount_minor, t.destination, o.amount_minor, \
     l.destination_refund FROM transfer_reversal l JOIN transfer t ON t.account = l.account AND t.id = l.transfer \
     JOIN account a ON a.id = t.destination \
     LEFT JOIN refund o ON o.id = l.destination_refund AND o.account = t.destination \
     WHERE l.deleted = 0 AND l.created_at IS NOT NULL AND l.destination_refund IS NOT NULL AND l.currency IS NOT NULL AND l.amount_minor IS NOT NULL \
     AND (CASE WHEN o.id IS NULL THEN {must_be_here} ELSE o.currency = l.currency AND o.amount_minor <> l.amount_minor END)";

/// The fees of a charge are those of its txn, in the currency that it settled in.
const FEES: &str = "SELECT l.account, l.id, l.created_at, l.currency, l.amount_minor, l.paid_by, t.fee_minor, l.charge \
     FROM application_fee l JOIN account a ON a.id = l.paid_by \
     LEFT JOIN charge o ON o.id = l.charge AND o.account = l.paid_by LEFT JOIN txn t ON t.id = o.txn AND t.account = o.account \
     WHERE l.deleted = 0 AND l.created_at IS NOT NULL AND l.charge IS NOT NULL AND l.currency IS NOT NULL AND l.amount_minor IS NOT NULL \
     AND (CASE WHEN o.id IS NULL THEN {must_be_here} ELSE t.currency = l.currency AND t.fee_minor < l.amount_minor END)";

/// Everything of the account was read after this side was made, this kind of objects with it, and its history does not begin later.
fn must_be_here(kind: &str) -> String {
    format!(
        "a.synced_at > (l.created_at + {VISIBLE_SECONDS}) * 1000000 AND (a.begins_at IS NULL OR l.created_at >= a.begins_at) \
         AND EXISTS (SELECT 1 FROM walk w WHERE w.account = a.id AND w.kind = '{kind}' \
         AND (w.complete = 1 OR w.complete_until_at IS NOT NULL))"
    )
}

impl Store {
    /// Transfers, their reversals and application fees whose other side must be here and is not, or says something else in the same
    /// currency; of each the oldest `limit`. What was converted is not compared.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn open_legs(&self, limit: u32) -> Result<Vec<OpenLeg>> {
        let kinds = [
            (LegKind::Transfer, TRANSFERS, "charge"),
            (LegKind::TransferReversal, REVERSALS, "refund"),
            (LegKind::ApplicationFee, FEES, "charge"),
        ];
        self.view(|connection| {
            let mut legs = Vec::new();
            for (kind, sql, other) in kinds {
                let sql = sql.replace("{must_be_here}", &must_be_here(other));
                let mut statement = connection.prepare(&format!("{sql} ORDER BY l.created_at, l.id LIMIT ?1"))?;
                let found = statement.query_map(params![limit], |row| leg(kind, row))?;
                legs.extend(found.collect::<Read<Vec<_>>>()?);
            }
            Ok(legs)
        })
    }
}

fn leg(kind: LegKind, row: &Row<'_>) -> Read<OpenLeg> {
    Ok(OpenLeg {
        kind,
        platform: rows::id(row, 0, AccountId::parse)?,
        id: row.get(1)?,
        created_at: rows::stripe_time(row, 2)?,
        amount: Amount::new(row.get(4)?, rows::currency(row, 3)?),
        connected: rows::id(row, 5, AccountId::parse)?,
        other_minor: row.get(6)?,
        other: row.get(7)?,
    })
}
