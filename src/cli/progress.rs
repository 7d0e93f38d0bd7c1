//! A line on the terminal that says how far a job is; silence everywhere else.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::config::Config;
use crate::jobs::{Progress, Unwatched};

/// Often enough to look alive, seldom enough to cost nothing.
const TICK: Duration = Duration::from_millis(120);

/// Progress of one job on stderr when that is a terminal and nobody asked for quiet; else it shows nothing.
pub fn progress(config: &Config, label: &'static str) -> Box<dyn Progress> {
    if config.quiet || !io::stderr().is_terminal() {
        return Box::new(Unwatched);
    }
    let bar = ProgressBar::new_spinner().with_prefix(label);
    bar.enable_steady_tick(TICK);
    Box::new(Line { bar })
}

struct Line {
    bar: ProgressBar,
}

impl Progress for Line {
    fn set(&mut self, done: u64, total: Option<u64>, note: &str) {
        let template = match total {
            Some(total) => {
                self.bar.set_length(total);
                "{spinner} {prefix} [{bar:24}] {human_pos}/{human_len} {wide_msg}"
            }
            None => "{spinner} {prefix} {human_pos} {wide_msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_position(done);
        self.bar.set_message(note.to_owned());
    }

    fn finish(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
