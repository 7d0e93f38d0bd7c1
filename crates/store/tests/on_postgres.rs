//! The contract of the store, held by PostgreSQL, and what only a server can do.
//!
//! Needs PostgreSQL (Debian: postgresql). Without it nothing here runs, and that is said; where `TIEOUT_POSTGRES_TESTS` is set,
//! it is a failure.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod contract;
#[path = "database/postgres.rs"]
mod database;
#[path = "database/encrypted.rs"]
mod encrypted;
#[path = "database/server.rs"]
mod server;
