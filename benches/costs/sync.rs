//! What a sync of 100,000 txns costs beside the bare writing of the same rows and indexes, and how many requests it makes.
//! Prints one line a figure; nothing is asserted.

use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::{cost, world};

/// How many txns the world has, about.
const TXNS: u32 = 100_000;
/// The bare writer commits as often as a sync would: it is not to win by never being safe.
const ROWS_A_COMMIT: usize = 1_000;

/// Runs it and prints its figures.
pub fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("synced.db");
    let base = world::serve(TXNS, world::Layout::Short);

    let before = cost::children_cpu();
    let synced = Command::new(env!("CARGO_BIN_EXE_tieout"))
        .args(["sync", "--json", "--database", &format!("sqlite:{}", database.display())])
        .env("STRIPE_API_BASE", &base)
        .env("STRIPE_API_KEY", "rk_test_bench")
        .output()
        .expect("tieout starts");
    assert!(synced.status.success(), "{}", String::from_utf8_lossy(&synced.stderr));
    let sync = cost::children_cpu() - before;
    let summary: serde_json::Value = serde_json::from_slice(&synced.stdout).expect("JSON");
    let counted = world::counts(&base);
    let bare = write_bare(&database, &folder.path().join("bare.db"));
    let pages = number(&counted, "list_pages") + number(&counted, "payout_pages");

    println!("objects synced            {}", summary["synced"]);
    println!("sync                      {} of processor time, {} MiB at most", cost::seconds(sync), cost::largest_child_mib());
    println!("bare writing              {} of processor time", cost::seconds(bare));
    println!("sync / bare               {} (goal at most 2.50)", cost::ratio(sync, bare));
    println!("requests                  {} counted by the server", counted["total"]);
    println!("needed pages              {} of them list pages, {} payout pages", pages, counted["payout_pages"]);
}

fn number(counted: &serde_json::Value, name: &str) -> u64 {
    counted[name].as_u64().unwrap_or_default()
}

/// Processor time of writing every row of `from` into a new file with the same tables and indexes, as safely.
fn write_bare(from: &Path, to: &Path) -> std::time::Duration {
    let source = Connection::open(from).expect("the synced database");
    let target = Connection::open(to).expect("a new database");
    target.pragma_update(None, "journal_mode", "WAL").expect("WAL");
    target.pragma_update(None, "synchronous", "FULL").expect("FULL");
    for sql in strings(&source, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'") {
        target.execute_batch(&sql).expect("the same schema");
    }
    let tables: Vec<(String, Vec<Vec<Value>>)> =
        strings(&source, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            .into_iter()
            .map(|table| (table.clone(), rows(&source, &table)))
            .collect();
    let before = cost::own_cpu();
    for (table, rows) in &tables {
        insert(&target, table, rows);
    }
    cost::own_cpu() - before
}

fn insert(target: &Connection, table: &str, rows: &[Vec<Value>]) {
    let Some(first) = rows.first() else { return };
    let marks = vec!["?"; first.len()].join(", ");
    let mut statement = target.prepare(&format!("INSERT OR REPLACE INTO \"{table}\" VALUES ({marks})")).expect("a table");
    for batch in rows.chunks(ROWS_A_COMMIT) {
        let transaction = target.unchecked_transaction().expect("a transaction");
        for row in batch {
            statement.execute(rusqlite::params_from_iter(row)).expect("a row");
        }
        transaction.commit().expect("a commit");
    }
}

fn strings(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).expect("SQL");
    statement.query_map([], |row| row.get(0)).expect("rows").collect::<rusqlite::Result<_>>().expect("text")
}

fn rows(connection: &Connection, table: &str) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\"")).expect("a table");
    let columns = statement.column_count();
    let read = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Value>>>());
    read.expect("rows").collect::<rusqlite::Result<_>>().expect("values")
}
