//! One hash over everything that is known, for tests that compare two databases.

use std::ops::ControlFlow;

use facts::ObjectKind;
use sha2::{Digest, Sha256};

use crate::database::{Connection, Read, ValueRef, params};
use crate::{Result, Store};

/// One table of the digest: its key, in whose order its rows are read, and the columns that are left out because they say
/// when or how often something was read, and not what.
pub(crate) struct Part {
    pub(crate) table: &'static str,
    pub(crate) key: &'static str,
    left_out: &'static [&'static str],
    /// Which of its rows are in it.
    rows: &'static str,
}

const fn part(table: &'static str, key: &'static str, left_out: &'static [&'static str]) -> Part {
    Part { table, key, left_out, rows: "" }
}

/// Tables that only say how the rest was read: two databases with the same content may have read it in other pages, walks and
/// runs, and after other events, and may have added up other parts of it.
pub(crate) const LEFT_OUT: &[&str] = &[
    "run",
    "page",
    "walk",
    "stretch",
    "range_read",
    "day_check",
    "event",
    "delivery",
    "txn_day",
    "txn_currency",
    "payout_due",
    "payout_before",
    "account_due",
    "connected_list",
    "lease",
    "basis",
    "basis_currency",
    "basis_route",
    "basis_stretch",
    "basis_account",
    "settlement_window",
    "schedule",
    "scheduled_run",
    "scheduled_try",
    "alert_rule",
    "alert",
    "alert_look",
    "alert_silence",
    "message",
    "channel_state",
    "announcement_wanted",
    "announcement",
    "audit_entry",
    "audit_head",
    "audit_check",
];

pub(crate) const PARTS: &[Part] = &[
    part("meta", "one", &["revision", "deposit_revision"]),
    // Events say how a change was noticed, not what is known.
    Part { rows: "WHERE kind <> 'event'", ..part("object_version", "hash, account", &[]) },
    part("account", "id", &["synced_at", "platform", "listed_run", "swept_run", "swept_version"]),
    part("txn", "account, id", &["payout_reading"]),
    part("payout", "account, id", &["member_reading"]),
    part("charge", "account, id", &[]),
    part("refund", "account, id", &[]),
    part("dispute", "account, id", &[]),
    part("opening_balance", "account, currency", &[]),
    part("balance", "account, currency", &["read_at", "apart_minor", "apart_readings", "apart_at"]),
    part("early_fraud_warning", "account, id", &[]),
    part("payment_intent", "account, id", &[]),
    part("topup", "account, id", &[]),
    part("transfer", "account, id", &[]),
    part("transfer_reversal", "account, id", &[]),
    part("application_fee", "account, id", &[]),
    part("application_fee_refund", "account, id", &[]),
    part("customer", "account, id", &["credit_version"]),
    part("customer_balance_txn", "account, id", &[]),
    part("product", "account, id", &[]),
    part("price", "account, id", &[]),
    part("coupon", "account, id", &[]),
    part("promotion_code", "account, id", &[]),
    part("tax_rate", "account, id", &[]),
    part("invoice", "account, id", &[]),
    part("invoice_line", "account, id", &[]),
    part("invoice_item", "account, id", &[]),
    part("invoice_payment", "account, id", &[]),
    part("credit_note", "account, id", &[]),
    part("subscription", "account, id", &[]),
    part("subscription_item", "account, id", &[]),
    part("subscription_schedule", "account, id", &[]),
    part("refusal", "account, kind, object_id, about", &["reading", "since_at", "run", "request_id"]),
    part("export_file", "account, sha256", &["file_name", "imported_at"]),
    part("export_row", "account, kind, object_id, sha256", &[]),
    part("bank_account", "name", &[]),
    part("statement_file", "bank_account, sha256", &["file_name", "imported_at", "noted"]),
    part("bank_line", "id", &[]),
    part("statement_span", "bank_account, sha256, place", &[]),
    part("statement_line", "bank_account, sha256, line", &[]),
    part("\"match\"", "id", &[]),
    part("match_member", "match_id, side, place", &[]),
    part("exception", "id", &[]),
    part("exception_subject", "exception_id, place", &[]),
    part("payout_verdict", "account, payout", &[]),
    part("deposit_line", "account, payout, place", &[]),
];

impl Store {
    /// SHA-256 over every row of every table in the order of its key: the same for two databases that know the same, in
    /// whatever order they learnt it. Left out is what says when or how it was read: runs, pages, walks and events, `revision`,
    /// `synced_at`, which list names an account and who read it last, `read_at`, how far a balance was apart, `imported_at`,
    /// `file_name`, `payout_reading`, `member_reading`, and of refusals `reading`, and since when and by whom they are known.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn content_digest(&self) -> Result<[u8; 32]> {
        self.view(of_all)
    }
}

/// The same of an open connection.
pub(crate) fn of_all(connection: &Connection) -> Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    for part in PARTS {
        add_table(connection, part, &[], &mut hasher)?;
    }
    Ok(hasher.finalize().into())
}

impl Store {
    /// The tables whose rows do not say the same of the present, from whatever version they were made: some of what an object
    /// says changes without a word and stands in no column, such as the number of a customer's next invoice.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn differing_tables(&self, other: &Self) -> Result<Vec<&'static str>> {
        let others = other.table_digests()?;
        let mut own = self.table_digests()?;
        own.retain(|digest| !others.contains(digest));
        Ok(own.into_iter().map(|(table, _)| table).collect())
    }

    fn table_digests(&self) -> Result<Vec<(&'static str, [u8; 32])>> {
        let present = PARTS.iter().filter(|part| part.table != "object_version");
        self.view(|connection| {
            present
                .map(|part| {
                    let mut hasher = Sha256::new();
                    add_table(connection, part, &["version"], &mut hasher)?;
                    Ok((part.table, hasher.finalize().into()))
                })
                .collect()
        })
    }

    /// The ids of every object of a kind that is read by declaration, of all accounts, but for those that are deleted.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn object_ids(&self, kind: ObjectKind) -> Result<Vec<String>> {
        self.view(|connection| {
            let sql = format!("SELECT id FROM {} WHERE deleted = 0 ORDER BY id, account", kind.as_str());
            let ids = connection.prepare(&sql)?.query_map(params![], |row| row.get(0))?.collect::<Read<_>>();
            Ok(ids?)
        })
    }
}

fn add_table(connection: &Connection, part: &Part, also_left_out: &[&str], hasher: &mut Sha256) -> Result<()> {
    add(hasher, b't', part.table.as_bytes());
    let mut statement = connection.prepare(&format!("SELECT * FROM {} {} ORDER BY {}", part.table, part.rows, part.key))?;
    let is_in = |name: &str| !part.left_out.contains(&name) && !also_left_out.contains(&name);
    let columns: Vec<usize> =
        statement.columns().iter().enumerate().filter(|(_, name)| is_in(name)).map(|(index, _)| index).collect();
    statement.stream(params![], |row| {
        hasher.update(b"r");
        for &index in &columns {
            add_value(hasher, row.value(index)?);
        }
        Ok(ControlFlow::Continue(()))
    })
}

fn add_value(hasher: &mut Sha256, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => add(hasher, b'n', &[]),
        ValueRef::Integer(number) => add(hasher, b'i', &number.to_be_bytes()),
        ValueRef::Text(text) => add(hasher, b's', text.as_bytes()),
        ValueRef::Blob(bytes) => add(hasher, b'b', bytes),
    }
}

/// Kind and length before the bytes, so that no two rows give the same stream.
fn add(hasher: &mut Sha256, kind: u8, bytes: &[u8]) {
    hasher.update([kind]);
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::NoPoints;

    #[test]
    fn every_table_is_in_the_digest_or_named_as_left_out_and_every_left_out_column_exists() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("t.db"), Arc::new(NoPoints)).unwrap();
        let made = crate::schema::MIGRATIONS.iter().flat_map(|migration| migration.lines());
        let names = made.filter_map(|line| line.strip_prefix("CREATE TABLE ")?.split(' ').next());
        let mut tables: Vec<String> = names.map(|name| name.trim_matches('"').to_owned()).collect();
        tables.sort();
        let mut named: Vec<String> = PARTS.iter().map(|part| part.table.trim_matches('"').to_owned()).collect();
        named.extend(LEFT_OUT.iter().map(|&table| table.to_owned()));
        named.sort();
        assert_eq!(tables, named);
        for part in PARTS {
            let columns = store.connection.prepare(&format!("SELECT * FROM {}", part.table)).unwrap().columns();
            assert!(part.left_out.iter().all(|column| columns.iter().any(|known| known == column)), "{}", part.table);
        }
    }
}
