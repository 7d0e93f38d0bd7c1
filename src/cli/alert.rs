//! `tieout alert`: what is not well, by which rules, who is told, and what was told.

mod channels;
mod known;
mod rule;

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;

/// `tieout alert`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// What is not well, and when everything was looked at last
    List,
    /// Every rule, and how each differs from the standard
    Rules,
    /// Watch something beside the standard rules, or a standard rule otherwise
    Add(rule::Add),
    /// Take a rule back that was added; a standard one of its name holds again
    Remove(rule::Named),
    /// Every channel of the settings, and whether messages go out
    Channels,
    /// Send a test message to a channel now; one that was disabled is enabled when it is taken
    Test(channels::Test),
    /// What was told on which channel, the newest first
    Messages(channels::Messages),
    /// Send a message once more, with its id, or all that were given up
    Replay(channels::Replay),
    /// Tell nothing of a rule, or of one subject, for a while
    Silence(known::Silence),
    /// End a silence
    Unsilence(known::Unsilence),
    /// Say that somebody knows: it is not told of again until it was well
    Ack(known::Ack),
}

/// Runs it.
///
/// # Errors
/// No database, a database that fails, no such rule, channel or message, or stdout that cannot be written.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    match args.verb {
        Verb::List => known::list(config, outside),
        Verb::Rules => rule::list(config),
        Verb::Add(add) => add.run(config, outside),
        Verb::Remove(named) => named.remove(config, outside),
        Verb::Channels => channels::list(config),
        Verb::Test(test) => test.run(config, outside),
        Verb::Messages(messages) => messages.run(config),
        Verb::Replay(replay) => replay.run(config, outside),
        Verb::Silence(silence) => silence.run(config, outside),
        Verb::Unsilence(unsilence) => unsilence.run(config, outside),
        Verb::Ack(ack) => ack.run(config, outside),
    }
}
