//! Txns of types that are not understood.

use facts::txn_types::{REPORTING_CATEGORIES, TXN_TYPES, UnknownType};
use facts::{AccountId, TxnId};

use crate::database::{Read, params};
use crate::{Result, Store, rows};

/// Whether a txn was made from an export and Stripe's API never told of it.
const OF_AN_EXPORT: &str = "EXISTS (SELECT 1 FROM export_file f WHERE f.account = txn.account AND f.sha256 = txn.version)";

impl Store {
    /// Types that are not among [`TXN_TYPES`], of one account or of all, by account, currency and type. Stripe's reports tell no type: of what only they
    /// told, it is the categories that are not among [`REPORTING_CATEGORIES`].
    ///
    /// # Errors
    /// [`crate::StoreError::Overflow`] when a sum does not fit 64 bits.
    pub fn unknown_types(&self, account: Option<&AccountId>) -> Result<Vec<UnknownType>> {
        let listed = |words: &[&str]| words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ");
        // The types in the same words as the index's own condition, so that it is used.
        let (types, categories) = (listed(&TXN_TYPES), listed(&REPORTING_CATEGORIES));
        let sql = format!(
            "SELECT account, currency, word, COUNT(*), CAST(SUM(net_minor) AS BIGINT), MIN(id) FROM (\
               SELECT account, currency, id, net_minor, reporting_category AS word FROM txn WHERE kind NOT IN ({types}) \
               AND kind = '' AND reporting_category NOT IN ({categories}) AND {OF_AN_EXPORT} \
               UNION ALL SELECT account, currency, id, net_minor, kind FROM txn WHERE kind NOT IN ({types}) \
               AND (kind <> '' OR NOT {OF_AN_EXPORT})\
             ) told WHERE (account = ?1 OR ?1 = '') GROUP BY account, currency, word ORDER BY account, currency, word"
        );
        self.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let unknown = statement.query_map(params![account.map_or("", AccountId::as_str)], |row| {
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
