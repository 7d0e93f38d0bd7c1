//! The contract of the store, held by SQLite, and what only a file can do.

#![expect(clippy::unwrap_used, reason = "tests")]

mod contract;
#[path = "database/sqlite.rs"]
mod database;
#[path = "database/files.rs"]
mod files;
