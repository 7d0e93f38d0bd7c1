//! Time, as whoever serves the simulator passes it in: the simulator itself has none.

use std::future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;

/// A wait that ends by itself.
pub type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the simulator asks of a clock: the instant for rate limits and dates, and waiting for answers that stall.
pub trait Clock: Send + Sync {
    /// What time it is.
    fn now(&self) -> Timestamp;

    /// Waits as long as `duration`.
    fn sleep(&self, duration: Duration) -> Wait;
}

/// A clock that stands still at the epoch: waiting by it never ends. Enough where nothing stalls and nothing is limited.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn sleep(&self, _: Duration) -> Wait {
        Box::pin(future::pending())
    }
}
