//! What is billed, seen from outside: Stripe's objects, and the API that shows them.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod bodies;
mod fields;
mod invoices;
mod over_http;
mod schedules;
#[path = "../worlds/seeds.rs"]
mod seeds;
