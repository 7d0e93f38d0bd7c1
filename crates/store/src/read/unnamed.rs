//! Objects that a txn names as its source and that are not here.

use facts::{AccountId, ObjectKind};
use jiff::Timestamp;

use crate::database::{Read, params};
use crate::{Result, Store};

/// What Stripe calls the ids of a kind, and the table that its objects are in. An id is a hint: another beginning names nothing.
const SOURCES: &[(ObjectKind, &str, &[&str])] = &[
    (ObjectKind::Charge, "charge", &["ch", "py"]),
    (ObjectKind::Refund, "refund", &["re", "pyr"]),
    (ObjectKind::Dispute, "dispute", &["dp", "du"]),
    (ObjectKind::Payout, "payout", &["po"]),
];

impl Store {
    /// The sources of the account's txns created at `since` or later (`None`: of all) that are not here: charges, refunds, disputes
    /// and payouts, of each kind the first `limit` by id. What was read and could not be taken is not among them.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn missing_sources(
        &self,
        account: &AccountId,
        since: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<(ObjectKind, String)>> {
        self.view(|connection| {
            let mut missing = Vec::new();
            for (kind, table, beginnings) in SOURCES {
                let mut statement = connection.prepare(&missing_from(table, beginnings))?;
                let since = since.map_or(i64::MIN, Timestamp::as_second);
                let found = statement.query_map(params![account.as_str(), since, limit], |row| Ok((*kind, row.get(0)?)))?;
                missing.extend(found.collect::<Read<Vec<_>>>()?);
            }
            Ok(missing)
        })
    }
}

fn missing_from(table: &str, beginnings: &[&str]) -> String {
    let named: Vec<String> =
        beginnings.iter().map(|word| format!("SUBSTR(t.source, 1, {}) = '{word}_'", word.len() + 1)).collect();
    format!(
        "SELECT DISTINCT t.source FROM txn t WHERE t.account = ?1 AND t.created_at >= ?2 AND ({}) \
         AND NOT EXISTS (SELECT 1 FROM {table} s WHERE s.account = t.account AND s.id = t.source) \
         AND NOT EXISTS (SELECT 1 FROM refusal r WHERE r.account = t.account AND r.object_id = t.source) ORDER BY t.source LIMIT ?3",
        named.join(" OR ")
    )
}
