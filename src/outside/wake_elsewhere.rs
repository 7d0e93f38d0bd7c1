//! Where the system is not Linux, nothing that is known here tells of what ends a wait: whoever waits looks again and again.

use std::path::Path;
use std::time::Duration;

use super::Outside;

/// There is none.
pub enum Watch {}

impl Watch {
    /// Nobody can ask.
    pub async fn written(&mut self, _: &Outside, _: Duration) {
        match *self {}
    }
}

impl Outside {
    /// `None`.
    #[must_use]
    pub fn watch_commits(&self, _: &Path) -> Option<Watch> {
        None
    }

    /// Returns after `duration`.
    pub async fn sleep_by_clock(&self, duration: Duration) {
        self.sleep(duration).await;
    }
}
