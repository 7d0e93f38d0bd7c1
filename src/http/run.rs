//! Runs of jobs, as several pages show them.

use store::{RunId, RunState, RunTrigger};

use super::link::Href;
use super::show::{Chip, chip};

/// The list of all runs.
pub const RUNS: &str = "/runs";

/// The page of one.
pub fn href(run: RunId) -> String {
    Href::record(RUNS, &run.0.to_string())
}

/// How one stands.
pub const fn state(state: RunState) -> Chip {
    match state {
        RunState::Running => chip("wait", "clock", "Running"),
        RunState::Done => chip("ok", "tick", "Done"),
        RunState::Incomplete => chip("open", "half", "Incomplete"),
        RunState::Failed => chip("bad", "cross", "Failed"),
    }
}

/// Who asked for it.
pub const fn trigger(trigger: RunTrigger) -> &'static str {
    match trigger {
        RunTrigger::Person => "A person",
        RunTrigger::Schedule => "A schedule",
        RunTrigger::Api => "The sync endpoint",
        RunTrigger::Webhook => "A delivery",
    }
}
