//! What a run says while it goes on, line by line, each with its time.

use std::collections::BTreeSet;

use crate::jobs::Progress;
use crate::outside::Outside;
use crate::views::printable::printable;

/// Further lines are counted.
const LINES_MAX: usize = 200;

/// Longer lines are cut: what others wrote may stand in them.
const LINE_MAX: usize = 500;

/// The log of one try.
#[derive(Clone)]
pub struct RunLog {
    outside: Outside,
    lines: Vec<String>,
    more: usize,
    noted: BTreeSet<String>,
    done: u64,
}

impl RunLog {
    /// One in which nothing stands yet.
    pub fn new(outside: &Outside) -> Self {
        Self { outside: outside.clone(), lines: Vec::new(), more: 0, noted: BTreeSet::new(), done: 0 }
    }

    /// Adds a line.
    pub fn say(&mut self, line: &str) {
        if self.lines.len() >= LINES_MAX {
            self.more += 1;
            return;
        }
        let line = printable(&line.chars().take(LINE_MAX).collect::<String>());
        self.lines.push(format!("{} {line}", self.outside.now().strftime("%H:%M:%S%.3fZ")));
    }

    /// All lines.
    #[must_use]
    pub fn text(&self) -> String {
        let more = (self.more > 0).then(|| format!("… and {} more lines", self.more));
        self.lines.iter().cloned().chain(more).collect::<Vec<_>>().join("\n")
    }
}

/// Parts of a job go on side by side: each is a line when it is first heard of.
impl Progress for RunLog {
    fn set(&mut self, done: u64, _total: Option<u64>, note: &str) {
        self.done = done;
        if !note.is_empty() && self.noted.insert(note.to_owned()) {
            self.say(note);
        }
    }

    fn finish(&mut self) {
        let done = std::mem::take(&mut self.done);
        if done > 0 {
            self.say(&format!("{done} in all"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_a_job_is_one_line_and_a_flood_of_lines_is_counted() {
        let mut log = RunLog::new(&Outside::real().unwrap());
        log.set(1, None, "payouts");
        log.set(2, None, "charges");
        log.set(7, None, "payouts");
        log.finish();
        log.say("one\nline\u{1b}[31m");
        let text = log.text();
        let said: Vec<&str> = text.lines().map(|line| line.split_once(' ').unwrap().1).collect();
        assert_eq!(said, ["payouts", "charges", "7 in all", "one line [31m"]);
        (0..LINES_MAX).for_each(|_| log.say("again"));
        assert!(log.text().ends_with("… and 4 more lines"), "{}", log.text());
    }
}
