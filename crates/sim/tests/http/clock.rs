//! A clock for tests.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use sim::http::{Clock, Wait};
use tokio::sync::watch;

/// A clock that goes only when it is told to.
pub struct DrivenClock(watch::Sender<Timestamp>);

impl DrivenClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(watch::Sender::new(Timestamp::from_second(1_800_000_000).unwrap())))
    }

    /// Lets the time pass.
    pub fn pass(&self, duration: Duration) {
        self.0.send_modify(|now| *now += duration);
    }

    /// Lets the time pass once somebody waits for it.
    pub fn pass_when_waited_for(&self, duration: Duration) {
        self.wait_for_a_waiter();
        self.pass(duration);
    }

    /// Returns once somebody waits for the time to pass.
    pub fn wait_for_a_waiter(&self) {
        while self.0.receiver_count() == 0 {
            thread::yield_now();
        }
    }
}

impl Clock for DrivenClock {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    fn sleep(&self, duration: Duration) -> Wait {
        let (mut time, until) = (self.0.subscribe(), self.now() + duration);
        Box::pin(async move { drop(time.wait_for(|now| *now >= until).await) })
    }
}
