//! Ids that a file named already, and where: a row that stands twice counts once, and one that says two things is refused.

use std::collections::HashMap;

use facts::{ExportedTxn, TxnId};

use crate::error::ReadError;

/// The txns of a file so far.
#[derive(Default)]
pub(crate) struct Txns {
    pub rows: Vec<ExportedTxn>,
    places: HashMap<TxnId, usize>,
}

impl Txns {
    /// Adds what a row says.
    ///
    /// # Errors
    /// The same id with another content.
    pub(crate) fn add(&mut self, row: ExportedTxn) -> Result<(), ReadError> {
        match self.places.get(&row.txn.id).and_then(|place| self.rows.get(*place)) {
            Some(first) if first.txn == row.txn && first.payout == row.payout => Ok(()),
            Some(first) => Err(ReadError::new(
                format!("txn {} a second time, and it says something else than on line {}", row.txn.id, first.line),
                "each txn once",
            )
            .line(row.line)),
            None => {
                self.places.insert(row.txn.id.clone(), self.rows.len());
                self.rows.push(row);
                Ok(())
            }
        }
    }
}
