//! Requests and mail over real sockets of this machine, to receivers that mean no good.

#![expect(clippy::unwrap_used, reason = "a failed check ends the test and says what it was given")]

mod authority;
mod mail;
mod names;
mod receivers;
mod smtp;
mod tricks;

use jiff::Timestamp;

/// An instant; nothing here depends on which.
fn now() -> Timestamp {
    "2026-11-28T10:00:00Z".parse().unwrap()
}
