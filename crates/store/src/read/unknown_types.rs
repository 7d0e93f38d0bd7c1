//! Txns of types that are not understood.

use facts::txn_types::{TXN_TYPES, UnknownType};
use facts::{AccountId, TxnId};

use crate::database::{Read, params};
use crate::{Result, Store, rows};

impl Store {
    /// Types that are not among [`TXN_TYPES`], by account, currency and type.
    ///
    /// # Errors
    /// [`crate::StoreError::Overflow`] when a sum does not fit 64 bits.
    pub fn unknown_types(&self) -> Result<Vec<UnknownType>> {
        // The same words as the index's own condition, so that it is used.
        let known = TXN_TYPES.map(|word| format!("'{word}'")).join(", ");
        // Reports tell no type: that an export leaves it out is no type that is not understood.
        let sql = format!(
            "SELECT account, currency, kind, COUNT(*), CAST(SUM(net_minor) AS BIGINT), MIN(id) FROM txn WHERE kind NOT IN \
             ({known}) AND (kind <> '' OR NOT EXISTS (SELECT 1 FROM export_file f WHERE f.account = txn.account AND f.sha256 = \
             txn.version)) GROUP BY account, currency, kind ORDER BY account, currency, kind"
        );
        self.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let unknown = statement.query_map(params![], |row| {
                Ok(UnknownType {
                    account: rows::id(row, 0, AccountId::parse)?,
                    currency: rows::currency(row, 1)?,
                    kind: row.get(2)?,
                    txn_count: row.get::<i64>(3)?.unsigned_abs(),
                    sum_net_minor: row.get(4)?,
                    first: rows::id(row, 5, TxnId::parse)?,
                })
            })?;
            Ok(unknown.collect::<Read<_>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::TXN_TYPES;

    #[test]
    fn the_index_leaves_out_the_types_that_are_understood_and_no_others() {
        let migration = include_str!("../../migrations/0007_unknown_types.sql");
        let words: Vec<&str> = migration.split('\'').skip(1).step_by(2).collect();
        assert_eq!(words, TXN_TYPES, "a later migration must make the index anew when a type is learnt");
    }
}
