//! Whose balance txns are to be read: customers with credit, whenever they changed.
//!
//! Stripe lists them customer by customer and has no event for them. But each moves its customer's balance, and with it the
//! customer; and what was spent again stands on an invoice or a credit note. So a customer without any of these has none.

use facts::AccountId;

use crate::database::{Read, params};
use crate::{Result, Store, points};

/// A customer whose balance txns are to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditDue {
    /// The customer's id.
    pub customer: String,
    /// The customer's version that makes it due.
    pub version: [u8; 32],
}

const DUE: &str = "SELECT id, version FROM customer c WHERE account = ?1 AND deleted = 0 \
     AND (credit_version IS NULL OR credit_version <> version) AND (balance_minor <> 0 OR credit_version IS NOT NULL \
     OR EXISTS (SELECT 1 FROM invoice i WHERE i.account = c.account AND i.customer = c.id \
                AND (i.starting_balance_minor <> 0 OR i.ending_balance_minor <> 0)) \
     OR EXISTS (SELECT 1 FROM credit_note n WHERE n.account = c.account AND n.customer = c.id \
                AND n.customer_balance_txn IS NOT NULL)) ORDER BY id";

const READ: &str = "UPDATE customer SET credit_version = ?3 WHERE account = ?1 AND id = ?2";

impl Store {
    /// The customers whose balance txns are to be read, by id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn credit_due(&self, account: &AccountId) -> Result<Vec<CreditDue>> {
        self.view(|connection| {
            let mut statement = connection.prepare(DUE)?;
            let due = statement
                .query_map(params![account.as_str()], |row| Ok(CreditDue { customer: row.get(0)?, version: row.get(1)? }))?;
            Ok(due.collect::<Read<_>>()?)
        })
    }

    /// Notes that they were read to the end.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn credit_read(&mut self, account: &AccountId, read: &[CreditDue]) -> Result<()> {
        self.write(points::SYNC_EVENTS, |transaction| {
            for due in read {
                transaction.prepare(READ)?.execute(params![account.as_str(), due.customer, &due.version[..]])?;
            }
            Ok(())
        })
    }
}
