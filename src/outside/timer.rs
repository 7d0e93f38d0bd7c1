//! Waiting.

use std::time::Duration;

use super::Outside;

impl Outside {
    /// Returns after `duration`.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
