//! What Stripe's API has beside its plain lists: notifications, narrower lists, search.

#![expect(clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "../worlds/mod.rs"]
mod worlds;

mod asked;
mod narrower;
mod notifications;
mod searches;
mod told;
