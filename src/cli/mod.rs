//! The command line: nouns, then verbs. stdout is data, stderr is talk.
//!
//! One file a noun; each has `Args` and `run`. This file owns what they share: the root, the runtime, how a command ends.

mod ending;
mod help;
mod narrow;
mod output;
mod payout_words;
mod progress;
mod table;
mod talk;
mod totals;

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches, Parser};

use crate::config::{Config, Flags};
use crate::exit::{Exit, Failure};
use crate::outside::{Outside, fail_instead_of_dying};

pub use output::{Output, PrintError, print, print_list};
pub use progress::progress;

#[derive(Parser, Debug)]
#[command(name = "tieout", version, about = help::ABOUT, help_template = help::TEMPLATE, after_help = help::EXIT_CODES)]
#[command(subcommand_required = true, arg_required_else_help = true, max_term_width = 100)]
struct Root {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

/// Declares the nouns once: the enum that clap reads, and which file runs each.
macro_rules! nouns {
    ($($(#[$attribute:meta])* $name:ident = $module:ident),+ $(,)?) => {
        $(mod $module;)+

        #[derive(clap::Subcommand, Debug)]
        enum Command {
            $($(#[$attribute])* $name($module::Args),)+
        }

        impl Command {
            fn run(self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
                match self {
                    $(Self::$name(args) => $module::run(args, config, outside),)+
                }
            }
        }
    };
}

nouns! {
    /// A simulated merchant, synced, reconciled, and opened in the browser
    Demo = demo,
    /// A simulated Stripe to sync from, and its bank's files
    #[command(after_help = help::SIM)]
    Sim = sim,
    /// Write a commented tieout.toml, and add the schedules to begin with; nothing needs either
    #[command(after_help = help::INIT)]
    Init = init,
    /// Check settings, database, key, permissions and disk
    #[command(after_help = help::DOCTOR)]
    Doctor = doctor,
    /// Read what is new at Stripe
    #[command(after_help = help::SYNC)]
    Sync = sync,
    /// Read files: bank statements, and what Stripe's Dashboard exports
    #[command(after_help = help::IMPORT)]
    Import = import,
    /// How to read a CSV whose header nobody knows
    Profile = profile,
    /// Judge every payout against its txns and the bank
    #[command(after_help = help::RECONCILE)]
    Reconcile = reconcile,
    /// Are we tied out? What is open, and what to do next
    #[command(after_help = help::STATUS)]
    Status = status,
    /// What has changed its state, when and on whose behalf; whether the trail is whole
    #[command(after_help = help::AUDIT)]
    Audit = audit,
    /// A table as a file: csv, json or jsonl, for spreadsheets, BI tools and auditors
    #[command(after_help = help::EXPORT)]
    Export = export,
    /// What runs when, and what became of it
    #[command(after_help = help::SCHEDULE)]
    Schedule = schedule,
    /// Each execution of a job, whoever asked for it, and what it did
    #[command(after_help = help::RUN)]
    Run = run,
    /// What is not well, by which rules, and who is told
    #[command(after_help = help::ALERT)]
    Alert = alert,
    /// Serve the web pages, and take what Stripe's webhooks deliver
    Serve = serve,
    /// What Stripe delivers: whether all of it comes, what became of it, and again
    #[command(after_help = help::WEBHOOK)]
    Webhook = webhook,
    /// The database: check it, bring it up to date, copy it, back it up and restore it
    #[command(after_help = help::DB)]
    Db = db,
    /// Stripe accounts: the key's own and connected ones
    #[command(after_help = help::ACCOUNT)]
    Account = account,
    /// Payouts, each against its txns and against the bank
    #[command(after_help = help::PAYOUT)]
    Payout = payout,
    /// Balance transactions: every movement of a Stripe balance
    #[command(after_help = help::TXN)]
    Txn = txn,
    /// Lines of bank statements
    #[command(after_help = help::BANK_LINE)]
    BankLine = bank_line,
    /// Decided and proposed links between payouts and bank lines
    #[command(after_help = help::MATCH)]
    Match = match_,
    /// Disagreements that a person may have to look at
    #[command(after_help = help::EXCEPTION)]
    Exception = exception,
    /// Objects of Stripe's that could not be taken: why, and what to do
    #[command(after_help = help::REFUSAL)]
    Refusal = refusal,
}

/// Runs the command line of this process, from arguments to exit code.
pub fn main() -> ExitCode {
    ending::install_panic_hook();
    let root = match root() {
        Ok(root) => root,
        Err(error) => return ending::of_clap(&error),
    };
    ending::of(move || {
        fail_instead_of_dying();
        let outside = Outside::real()?;
        let config = Config::load(&root.flags, &outside)?;
        talk::listen(&config);
        root.command.run(&config, &outside)
    })
}

/// The command line that was typed; its help teaches by example at every noun and every verb.
fn root() -> Result<Root, clap::Error> {
    let mut command = help::with_examples_at_every_verb(Root::command());
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Root::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// How long threads may go on once the job that began them has ended: those that wait for a lease, or were called off.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Drives one asynchronous job to its end; the only runtime of the process.
///
/// # Errors
/// The job's own, or [`Exit::Failed`] when the machine gives no threads.
pub fn block_on<T>(job: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Failed, format!("the machine gives no threads: {error}")))?;
    let ended = runtime.block_on(job);
    // What still writes does so in one transaction, and is undone with it.
    runtime.shutdown_timeout(LAST_WORDS);
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Root::command().debug_assert();
    }

    #[test]
    fn every_help_teaches_by_example() {
        let root = help::with_examples_at_every_verb(Root::command());
        let pages = |command: &clap::Command| -> Vec<clap::Command> {
            command.get_subcommands().filter(|page| page.get_name() != "help").cloned().collect()
        };
        for noun in pages(&root) {
            for mut page in pages(&noun).into_iter().chain([noun]) {
                let help = page.render_long_help().to_string();
                assert!(help.contains("  tieout "), "no example in:\n{help}");
            }
        }
    }

    #[test]
    fn every_command_stands_in_the_grouped_list_of_the_help() {
        for command in Root::command().get_subcommands() {
            let listed = help::TEMPLATE.lines().any(|line| line.split_whitespace().next() == Some(command.get_name()));
            assert!(listed, "{} is missing from help::TEMPLATE", command.get_name());
        }
    }

    #[test]
    fn the_grouped_list_of_the_help_names_only_commands_that_exist() {
        let root = Root::command();
        let listed = help::TEMPLATE.lines().filter(|line| line.starts_with("  ") && !line.trim_start().starts_with("tieout"));
        for name in listed.filter_map(|line| line.split_whitespace().next()) {
            assert!(name == "help" || root.find_subcommand(name).is_some(), "{name} is no command");
        }
    }
}
