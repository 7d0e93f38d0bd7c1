//! `tieout sync`

use std::io::Write;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use facts::AccountId;
use jiff::civil::Date;

use super::serve::told_to_stop;
use super::talk::{note, printable};
use super::{block_on, print, progress};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::sync::{Day, Days, Keys, SyncRequest, SyncSummary, kinds as kinds_of_sync, permissions, sync};
use crate::outside::Outside;

/// `tieout sync`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only this account [default: the key's own and, for a platform, every connected one]
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    account: Option<AccountId>,
    /// Only these kinds of objects, even those that sync_skip leaves out; what stands within one comes with it
    #[arg(long, value_name = "KIND,…", value_delimiter = ',', value_parser = kinds())]
    only: Vec<facts::ObjectKind>,
    /// Only what was created on this day: YYYY-MM-DD or yesterday, in the business time zone
    #[arg(long, value_name = "DAY", value_parser = day, conflicts_with_all = ["from", "to", "since", "full"])]
    date: Option<Day>,
    /// Only what was created on this day or later, up to --to
    #[arg(long, value_name = "DATE", value_parser = day, requires = "to", conflicts_with_all = ["since", "full"])]
    from: Option<Day>,
    /// Only what was created on this day or earlier, down to --from
    #[arg(long, value_name = "DATE", value_parser = day, requires = "from")]
    to: Option<Day>,
    /// Begin with this day: money that moved before is not read, and what an account held then is computed from its balance; a later
    /// sync goes on from there. An earlier day than last time extends it
    #[arg(long, value_name = "DATE", value_parser = day, conflicts_with = "full")]
    since: Option<Day>,
    /// Read all history again, not only what may have changed
    #[arg(long)]
    full: bool,
}

pub(super) fn kinds() -> impl TypedValueParser<Value = facts::ObjectKind> {
    PossibleValuesParser::new(kinds_of_sync().map(facts::ObjectKind::as_str))
        .try_map(|word| kinds_of_sync().find(|kind| kind.as_str() == word).ok_or("not a kind"))
}

fn day(text: &str) -> Result<Day, String> {
    if text == "yesterday" {
        return Ok(Day::Yesterday);
    }
    text.parse::<Date>().map(Day::On).map_err(|_| "expected YYYY-MM-DD or yesterday".to_owned())
}

impl Args {
    fn request(self, config: &Config) -> SyncRequest {
        let first = self.date.or(self.from);
        let days = first.map(|first| Days { first, last: self.date.or(self.to) });
        let only = self.only.into_iter().collect();
        let (account, skip) = (self.account, config.sync_skip.clone());
        SyncRequest { account, only, skip, full: self.full, days, since: self.since, ..SyncRequest::default() }
    }
}

/// Runs it.
///
/// # Errors
/// Those of the job. A sync that ended incomplete is none: it ends with [`Exit::Incomplete`], and its summary on stdout. Where a
/// person must mend something before the rest can be read, that is told after the summary.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    for named in Keys::of(config)?.keys.iter().filter(|named| !named.key.is_restricted()) {
        let told = "is a secret key that can move money; a restricted key that reads suffices";
        note(config, &format!("{} {told}: {}", named.name, permissions()));
    }
    let request = args.request(config);
    let mut progress = progress(config, "sync");
    let summary = block_on(until_stopped(sync(outside, config, &request, progress.as_mut())))?;
    let is_told_last = |sentence: &&String| summary.to_mend.as_ref().is_some_and(|failure| failure.message == **sentence);
    for sentence in summary.warnings.iter().chain(summary.unread.iter().filter(|sentence| !is_told_last(sentence))) {
        note(config, &printable(sentence));
    }
    show(&summary, config)?;
    if summary.complete {
        return Ok(Exit::Fine);
    }
    note(config, "The sync is incomplete: what was read is kept, and running it again goes on from there.");
    summary.to_mend.map_or(Ok(Exit::Incomplete), Err)
}

/// The sync, or the word that it was stopped by Ctrl-C or SIGTERM: pages that were handed to the writer are still written.
async fn until_stopped(sync: impl Future<Output = Result<SyncSummary, Failure>>) -> Result<SyncSummary, Failure> {
    tokio::select! {
        // Listening begins before the first request.
        biased;
        () = told_to_stop() => Err(Failure::new(Exit::Incomplete, "the sync was stopped before everything was read")
            .hint("what was read is kept; tieout sync goes on from there")),
        ended = sync => ended,
    }
}

fn show(summary: &SyncSummary, config: &Config) -> Result<Exit, Failure> {
    print(|output| {
        if config.json {
            return Ok(output.json(summary)?);
        }
        for (kind, read) in summary.by_kind.iter().filter(|(_, read)| **read > 0) {
            writeln!(output, "{kind:<20} {read:>10} read")?;
        }
        let end = if summary.complete { "complete" } else { "incomplete" };
        for check in &summary.listed_again {
            writeln!(output, "listed again: {}, {}", check.account, check.words())?;
        }
        let SyncSummary { inserted, updated, requests, connected: swept, .. } = summary;
        if swept.left > 0 || swept.read < swept.known {
            writeln!(output, "connected accounts: {} known, {} read, {} left to the next sync", swept.known, swept.read, swept.left)?;
        }
        writeln!(output, "{end}: {inserted} new, {updated} changed, {requests} requests")?;
        Ok(())
    })
}
