//! The schema: an ordered list of migrations. A published migration never changes; a change is a new one.

/// Every migration; its place, counted from 1, is the schema version it makes.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_first_tie_out.sql"),
    include_str!("../migrations/0002_reversing_txns.sql"),
    include_str!("../migrations/0003_every_object.sql"),
    include_str!("../migrations/0004_deliveries.sql"),
    include_str!("../migrations/0005_schedules_and_codes.sql"),
    include_str!("../migrations/0006_stretches.sql"),
    include_str!("../migrations/0007_unknown_types.sql"),
    include_str!("../migrations/0008_views.sql"),
    include_str!("../migrations/0009_balances.sql"),
    include_str!("../migrations/0010_exports.sql"),
    include_str!("../migrations/0011_sums.sql"),
    include_str!("../migrations/0012_deliveries_in_turn.sql"),
    include_str!("../migrations/0013_connected.sql"),
    include_str!("../migrations/0014_owed.sql"),
    include_str!("../migrations/0015_walk_run.sql"),
    include_str!("../migrations/0016_leases.sql"),
    include_str!("../migrations/0017_statement_lines.sql"),
    include_str!("../migrations/0018_proof.sql"),
    include_str!("../migrations/0019_payouts_alone.sql"),
    include_str!("../migrations/0020_txn_currency.sql"),
    include_str!("../migrations/0021_basis.sql"),
    include_str!("../migrations/0022_schedules.sql"),
    include_str!("../migrations/0023_alerts.sql"),
    include_str!("../migrations/0024_announcements.sql"),
    include_str!("../migrations/0025_measured.sql"),
    include_str!("../migrations/0026_audit.sql"),
    include_str!("../migrations/0027_happened_at.sql"),
];

/// The schema version that this program knows.
pub(crate) const LATEST: i64 = MIGRATIONS.len() as i64;

/// What databases held before migrations that carry something over, and what they then answer: a test on each kind of database shares
/// them.
#[cfg(test)]
pub(crate) mod before {
    /// A database of an earlier version.
    pub(crate) struct Before {
        /// The migrations that were there then.
        pub(crate) version: usize,
        /// What it held.
        pub(crate) rows: &'static [&'static str],
        /// What is asked afterwards, each with its answer, in one column.
        pub(crate) asked: &'static [(&'static str, &'static str)],
    }

    /// Refusals had no causes: two of them, and the exceptions of one and of a payout.
    const REFUSALS: Before = Before {
        version: 17,
        rows: &[
            "INSERT INTO refusal (account, kind, object_id, about, version, reason) VALUES \
             ('acct_1', 'txn', 'txn_1', 'content', x'00', 'its net contradicts its amount and fee: …'), \
             ('acct_1', 'txn', 'txn_1', 'po_2', x'00', 'payout po_2 lists txn txn_1, which payout po_1 already holds'), \
             ('acct_1', 'charge', 'ch_1', 'content', x'00', 'it lacks what it must have: missing field `amount`')",
            "INSERT INTO exception (id, code, class, account, currency, amount_minor, explanation, remedy, opened_at) VALUES \
             ('fact_refused:txn_1', 'fact_refused', 'true', 'acct_1', 'USD', 0, 'why', 'what', 7), \
             ('payout_gap:po_1', 'payout_gap', 'true', 'acct_1', 'USD', 5, 'why', 'what', 8)",
            "INSERT INTO exception_subject (exception_id, place, kind, subject_id) VALUES \
             ('fact_refused:txn_1', 0, 'txn', 'txn_1'), ('payout_gap:po_1', 0, 'payout', 'po_1')",
        ],
        asked: &[
            ("SELECT cause FROM refusal WHERE about = 'content' AND kind = 'txn'", "contradicts"),
            ("SELECT cause FROM refusal WHERE about = 'po_2'", "claimed_twice"),
            ("SELECT cause FROM refusal WHERE kind = 'charge'", "missing_field"),
            ("SELECT id FROM exception WHERE code = 'fact_refused' AND opened_at = 7", "fact_refused:acct_1:txn:txn_1"),
            ("SELECT exception_id FROM exception_subject WHERE subject_id = 'txn_1'", "fact_refused:acct_1:txn:txn_1"),
            ("SELECT id FROM exception WHERE code <> 'fact_refused'", "payout_gap:po_1"),
        ],
    };

    /// Files said which days they speak for, and not what each of their statements does: one that does, and one from before that.
    const SPANS: Before = Before {
        version: 20,
        rows: &[
            "INSERT INTO bank_account (name, currency) VALUES ('main', 'usd')",
            "INSERT INTO statement_file (bank_account, sha256, file_name, format, bytes, line_count, imported_at, covered_from_on, \
             covered_until_on, noted) VALUES ('main', x'01', 'july.csv', 'csv', x'00', 0, 0, '2026-07-01', '2026-07-31', 1), \
             ('main', x'02', 'june.csv', 'csv', x'00', 0, 0, NULL, NULL, 0)",
        ],
        asked: &[
            ("SELECT from_on || ' ' || until_on FROM statement_span WHERE opening_minor IS NULL", "2026-07-01 2026-07-31"),
            ("SELECT CAST(COUNT(*) AS TEXT) FROM statement_span", "1"),
        ],
    };

    pub(crate) const ALL: [Before; 2] = [REFUSALS, SPANS];
}
