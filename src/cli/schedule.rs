//! `tieout schedule`: what runs when, what became of it, and when an expression is due.

mod add;
mod kept;
mod preview;
mod runs;

use jiff::tz::TimeZone;

use super::print;
use super::talk::note;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::occurrence::zone;

/// `tieout schedule`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Every schedule, and when it is due next
    List,
    /// Add a schedule; a server (tieout serve) runs it at its time
    Add(Box<add::Add>),
    /// When an expression is due, through every change of clocks; needs no database and no key
    Preview(preview::Preview),
    /// Ask for a run now, whatever the time is
    Run(kept::Named),
    /// Run nothing of it until it is resumed
    Pause(kept::Named),
    /// Go on with what is due from now on
    Resume(kept::Named),
    /// Remove it; its history stays
    Remove(kept::Named),
    /// What was run and what became of it, the newest first
    History(runs::History),
    /// Call off a run that is not over
    Cancel(runs::Numbered),
    /// Run once more what a run was to do
    Retry(runs::Numbered),
}

/// Runs it.
///
/// # Errors
/// No database, a database that fails, no such schedule or run, or stdout that cannot be written.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    match args.verb {
        Verb::List => kept::list(config),
        Verb::Add(add) => add.run(config, outside),
        Verb::Preview(preview) => preview.run(config, outside),
        Verb::Run(named) => named.run_now(config, outside),
        Verb::Pause(named) => named.pause(config, outside, true),
        Verb::Resume(named) => named.pause(config, outside, false),
        Verb::Remove(named) => named.remove(config, outside),
        Verb::History(history) => history.run(config),
        Verb::Cancel(numbered) => numbered.cancel(config, outside),
        Verb::Retry(numbered) => numbered.retry(config, outside),
    }
}

fn absent(name: &str) -> Failure {
    Failure::new(Exit::Usage, format!("there is no schedule '{name}'")).hint("tieout schedule list shows those that there are")
}

/// A run that somebody asked for begins when a server looks next.
fn asked(config: &Config, id: i64) -> Result<Exit, Failure> {
    if config.json {
        return print(|output| Ok(output.json(&serde_json::json!({ "id": id }))?));
    }
    note(config, &format!("run {id} waits; a server (tieout serve) begins it: tieout schedule history {id}"));
    Ok(Exit::Fine)
}

/// A zone of the database, which was looked up when it came there.
fn zone_named(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}
