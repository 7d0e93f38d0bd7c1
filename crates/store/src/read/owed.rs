//! What platforms passed on to a connected account, and took from it.

use facts::AccountId;
use money::Currency;

use crate::database::{Read, params};
use crate::{Result, Store, rows};

/// What platforms passed on to a connected account and took from it, in one currency. Minor units; all but the balance positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Of all amounts.
    pub currency: Currency,
    /// What was transferred to it.
    pub transferred_minor: i64,
    /// What was taken back of that.
    pub reversed_minor: i64,
    /// Application fees that were taken from it.
    pub fees_minor: i64,
    /// What was given back of those.
    pub fees_refunded_minor: i64,
    /// What it holds, which Stripe owes it; `None` when that was not read, or moved while it was.
    pub balance_minor: Option<i64>,
}

/// What the view `bi_connected` says of one account, which SQLite does not find in it by an index.
const OWED: &str = "SELECT s.currency, s.transferred, s.reversed, s.fees, s.refunded, \
     CASE b.steady WHEN 1 THEN b.available_minor + b.pending_minor END FROM (\
     SELECT currency, CAST(SUM(transferred) AS BIGINT) AS transferred, CAST(SUM(reversed) AS BIGINT) AS reversed, \
     CAST(SUM(fees) AS BIGINT) AS fees, CAST(SUM(refunded) AS BIGINT) AS refunded FROM (\
     SELECT currency, amount_minor AS transferred, COALESCE(reversed_minor, 0) AS reversed, 0 AS fees, 0 AS refunded FROM transfer \
     WHERE destination = ?1 AND currency IS NOT NULL AND amount_minor IS NOT NULL AND deleted = 0 \
     UNION ALL SELECT currency, 0, 0, amount_minor, COALESCE(refunded_minor, 0) FROM application_fee \
     WHERE paid_by = ?1 AND currency IS NOT NULL AND amount_minor IS NOT NULL AND deleted = 0 \
     UNION ALL SELECT h.currency, 0, 0, 0, 0 FROM balance h JOIN account c ON c.id = h.account \
     WHERE h.account = ?1 AND c.kind = 'connected') moved GROUP BY currency) s \
     LEFT JOIN balance b ON b.account = ?1 AND b.currency = s.currency ORDER BY s.currency";

impl Store {
    /// What platforms passed on to an account and took from it, by currency; empty for one that is connected to none.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn owed(&self, account: &AccountId) -> Result<Vec<Owed>> {
        self.read(|connection| {
            let mut statement = connection.prepare(OWED)?;
            let found = statement.query_map(params![account.as_str()], |row| {
                let mut c = rows::Columns::new(row, 0);
                Ok(Owed {
                    currency: c.with(rows::currency)?,
                    transferred_minor: c.get()?,
                    reversed_minor: c.get()?,
                    fees_minor: c.get()?,
                    fees_refunded_minor: c.get()?,
                    balance_minor: c.get()?,
                })
            })?;
            Ok(found.collect::<Read<_>>()?)
        })
    }
}
