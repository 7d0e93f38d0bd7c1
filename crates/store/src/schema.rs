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
];

/// The schema version that this program knows.
pub(crate) const LATEST: i64 = MIGRATIONS.len() as i64;
