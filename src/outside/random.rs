//! Randomness from the operating system.

use rand::TryRngCore;
use rand::rngs::OsRng;

use super::Outside;

impl Outside {
    /// 64 random bits. A system that has none to give yields zero, which only means retries without jitter.
    #[must_use]
    pub fn random(&self) -> u64 {
        OsRng.try_next_u64().unwrap_or(0)
    }
}
