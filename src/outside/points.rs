//! The crash-test switch: dies, or stands still, where it is told to, right before or right after a commit.
//!
//! `TIEOUT_CRASH_AT="sync.page.after_commit:3"` kills this process the third time that it reaches that point, as hard as
//! `kill -9` does: nothing is flushed, nothing unwound. `TIEOUT_STOP_AT` stops it there until it is sent SIGCONT.
//! `TIEOUT_CRASH_LIST=FILE` appends every point that is reached to FILE, one a line, so that a test knows which there are.
//! Without them, reaching a point does nothing.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use store::CommitPoints;

use crate::exit::{Exit, Failure};

const CRASH_AT: &str = "TIEOUT_CRASH_AT";
const STOP_AT: &str = "TIEOUT_STOP_AT";

/// Within this time a signal has stopped all threads, on a machine however busy.
const STOPPED_WITHIN: Duration = Duration::from_secs(2);

/// What the switch says, and how often each point was reached.
#[derive(Default)]
pub struct Points {
    crash_at: Option<Visit>,
    stop_at: Option<Visit>,
    list: Option<PathBuf>,
    reached: Mutex<HashMap<&'static str, u64>>,
}

/// Reaching a point for the n-th time, from 1.
#[derive(Debug, PartialEq, Eq)]
struct Visit {
    point: String,
    nth: u64,
}

impl Points {
    /// As the environment says.
    pub fn from_environment() -> Result<Self, Failure> {
        let visit = |name| std::env::var(name).ok().map(|text| Visit::parse(name, &text)).transpose();
        let list = std::env::var_os("TIEOUT_CRASH_LIST").map(PathBuf::from);
        Ok(Self { crash_at: visit(CRASH_AT)?, stop_at: visit(STOP_AT)?, list, ..Self::default() })
    }

    fn count(&self, point: &'static str) -> u64 {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        let times = reached.entry(point).or_default();
        *times += 1;
        *times
    }

    fn write_down(&self, point: &str) {
        let Some(path) = &self.list else { return };
        let written = OpenOptions::new().create(true).append(true).open(path).and_then(|mut file| writeln!(file, "{point}"));
        if let Err(error) = written {
            tracing::warn!("TIEOUT_CRASH_LIST {} cannot be written: {error}", path.display());
        }
    }
}

impl CommitPoints for Points {
    /// Notes that `point` was reached, and dies or stands still there if that was asked for.
    fn reach(&self, point: &'static str) {
        if self.crash_at.is_none() && self.stop_at.is_none() && self.list.is_none() {
            return;
        }
        let nth = self.count(point);
        self.write_down(point);
        let is_here = |visit: &Option<Visit>| visit.as_ref().is_some_and(|visit| visit.point == point && visit.nth == nth);
        if is_here(&self.stop_at) {
            signal("-STOP");
            // It reaches another thread first, and this one a moment later.
            std::thread::sleep(STOPPED_WITHIN);
        }
        if is_here(&self.crash_at) {
            signal("-9");
            std::process::abort()
        }
    }
}

impl Visit {
    /// `point:n`, with n from 1; `:n` left out means the first time.
    fn parse(name: &str, text: &str) -> Result<Self, Failure> {
        let (point, times) = text.rsplit_once(':').unwrap_or((text, "1"));
        match times.parse() {
            Ok(nth) if nth > 0 && !point.is_empty() => Ok(Self { point: point.to_owned(), nth }),
            _ => Err(Failure::new(Exit::Usage, format!("{name} is '{text}'; expected POINT:N with N from 1"))
                .hint("unset it: it is there for crash tests only")),
        }
    }
}

/// Sends this process a signal that cannot be caught.
fn signal(which: &str) {
    if let Err(error) = Command::new("kill").args([which, &std::process::id().to_string()]).status() {
        tracing::warn!("kill {which} cannot be run: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_and_a_count_are_read_and_anything_else_is_refused() {
        let visit = |point: &str, nth| Visit { point: point.to_owned(), nth };
        assert_eq!(Visit::parse(CRASH_AT, "sync.page.after_commit:3").unwrap(), visit("sync.page.after_commit", 3));
        assert_eq!(Visit::parse(CRASH_AT, "import.before_commit").unwrap(), visit("import.before_commit", 1));
        for text in ["a:0", "a:x", ":1", ""] {
            assert!(Visit::parse(STOP_AT, text).unwrap_err().message.contains(STOP_AT), "{text}");
        }
    }

    #[test]
    fn reached_points_are_written_down_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points");
        let points =
            Points { list: Some(path.clone()), crash_at: Some(Visit { point: "b".to_owned(), nth: 9 }), ..Points::default() };
        points.reach("a");
        points.reach("b");
        points.reach("a");
        assert_eq!(std::fs::read_to_string(path).unwrap(), "a\nb\na\n");
    }
}
