//! The crash-test switch: dies where it is told to, right before or right after a commit.
//!
//! `TIEOUT_CRASH_AT="sync.page.after_commit:3"` kills this process the third time that it reaches that point, as hard as
//! `kill -9` does: nothing is flushed, nothing unwound. `TIEOUT_CRASH_LIST=FILE` appends every point that is reached to
//! FILE, one a line, so that a test knows which there are. Without either, reaching a point does nothing.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use store::CommitPoints;

use crate::exit::{Exit, Failure};

/// What the switch says, and how often each point was reached.
#[derive(Default)]
pub struct Points {
    crash_at: Option<(String, u64)>,
    list: Option<PathBuf>,
    reached: Mutex<HashMap<&'static str, u64>>,
}

impl Points {
    /// As the environment says.
    pub fn from_environment() -> Result<Self, Failure> {
        let crash_at = std::env::var("TIEOUT_CRASH_AT").ok().map(|text| parse(&text)).transpose()?;
        Ok(Self { crash_at, list: std::env::var_os("TIEOUT_CRASH_LIST").map(PathBuf::from), ..Self::default() })
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
    /// Notes that `point` was reached, and dies there if that was asked for.
    fn reach(&self, point: &'static str) {
        if self.crash_at.is_none() && self.list.is_none() {
            return;
        }
        let times = self.count(point);
        self.write_down(point);
        if self.crash_at.as_ref().is_some_and(|(at, nth)| at == point && *nth == times) {
            die();
        }
    }
}

/// `point:n`, with n from 1; `:n` left out means the first time.
fn parse(text: &str) -> Result<(String, u64), Failure> {
    let (point, times) = text.rsplit_once(':').unwrap_or((text, "1"));
    match times.parse() {
        Ok(times) if times > 0 && !point.is_empty() => Ok((point.to_owned(), times)),
        _ => Err(Failure::new(Exit::Usage, format!("TIEOUT_CRASH_AT is '{text}'; expected POINT:N with N from 1"))
            .hint("unset it: it is there for crash tests only")),
    }
}

/// Ends this process without giving it a chance: a kill that cannot be caught, else an abort.
fn die() -> ! {
    let _ = Command::new("kill").args(["-9", &std::process::id().to_string()]).status();
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_and_a_count_are_read_and_anything_else_is_refused() {
        assert_eq!(parse("sync.page.after_commit:3").unwrap(), ("sync.page.after_commit".to_owned(), 3));
        assert_eq!(parse("import.before_commit").unwrap(), ("import.before_commit".to_owned(), 1));
        for text in ["a:0", "a:x", ":1", ""] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reached_points_are_written_down_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points");
        let points = Points { list: Some(path.clone()), crash_at: Some(("b".to_owned(), 9)), ..Points::default() };
        points.reach("a");
        points.reach("b");
        points.reach("a");
        assert_eq!(std::fs::read_to_string(path).unwrap(), "a\nb\na\n");
    }
}
