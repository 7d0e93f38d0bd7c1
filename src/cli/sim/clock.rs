//! The time of this machine, as the simulator asks for it.

use std::time::Duration;

use jiff::Timestamp;
use sim::http::{Clock, Wait};

use crate::outside::Outside;

/// The simulator's clock is that of the outside.
pub(super) struct OutsideClock(pub(super) Outside);

impl Clock for OutsideClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> Wait {
        let outside = self.0.clone();
        Box::pin(async move { outside.sleep(duration).await })
    }
}
