//! The time that the servers live in: it runs fast, and each is wrong by some minutes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A day before the clocks are set back in Berlin.
const FROM: &str = "2026-10-24T06:00:00Z";

/// Four minutes a second: some days take a quarter of an hour, and a look at everything, each thirty seconds, still comes after an eighth
/// of one. What is not of the product's clock stays real: a lease that stands still for fifteen seconds is overtaken an hour later.
const RATE: i32 = 240;

/// A server's clock is wrong by less than this.
pub const OFF: SignedDuration = SignedDuration::from_mins(5);

/// The right time, and what tells it to a server.
#[derive(Clone, Copy)]
pub struct Clock {
    from: Timestamp,
    since: Timestamp,
}

impl Clock {
    pub fn begin() -> Self {
        Self { from: FROM.parse().expect("an instant"), since: Timestamp::now() }
    }

    pub fn now(self) -> Timestamp {
        let passed = Timestamp::now().duration_since(self.since);
        self.from + passed.checked_mul(RATE).expect("days")
    }

    pub fn lived(self) -> SignedDuration {
        self.now().duration_since(self.from)
    }

    /// What a process is told that is wrong by so much.
    pub fn switch(self, off: SignedDuration) -> String {
        format!("{} {RATE} {}", self.from + off, self.since)
    }

    /// How long so many minutes take.
    pub fn takes(minutes: i64) -> Duration {
        Duration::try_from(SignedDuration::from_mins(minutes) / RATE).expect("a while")
    }
}
