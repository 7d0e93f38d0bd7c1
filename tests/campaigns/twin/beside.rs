//! A sync that runs beside the server.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::life::Death;
use crate::shop::{Shop, comes_to_stand_still, wake};

/// After so long another has taken over, where one wants to.
const OVERTAKEN_AFTER: Duration = Duration::from_secs(17);

/// A sync that runs beside the server.
pub struct Sync {
    process: Child,
    started: Instant,
    dies: Option<Death>,
}

impl Sync {
    pub fn start(shop: &Shop, dies: Option<Death>) -> Self {
        let mut command = shop.command(&["sync"]);
        if let Some((switch, point)) = dies.as_ref().and_then(Death::switch) {
            command.env(switch, point);
        }
        let process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("tieout starts");
        Self { process, started: Instant::now(), dies }
    }

    /// Waits until it has ended, or kills it when it is time; its exit code, none where it was killed. It may be refused because
    /// another runs.
    pub fn end(mut self) -> Option<i32> {
        if let Some(Death::After(milliseconds)) = self.dies {
            std::thread::sleep(Duration::from_millis(milliseconds).saturating_sub(self.started.elapsed()));
            // It may have ended by itself.
            let _ = self.process.kill();
        }
        if matches!(self.dies, Some(Death::StandsStill(_))) && comes_to_stand_still(&mut self.process) {
            std::thread::sleep(OVERTAKEN_AFTER);
            wake(&self.process);
        }
        let output = self.process.wait_with_output().expect("it ends");
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), None | Some(0 | 6)), "the sync ended with {}: {talk}", output.status);
        output.status.code()
    }
}
