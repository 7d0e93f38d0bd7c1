//! What time it is. The time zone of this machine is nobody's business day, so it is not asked.

use jiff::Timestamp;

use super::Outside;

impl Outside {
    /// The clock of this machine.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
