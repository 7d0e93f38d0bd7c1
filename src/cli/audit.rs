//! `tieout audit log|show|verify|anchor`: what has changed, and whether the trail of it is whole.

use std::io::Write;
use std::path::PathBuf;

use audit::{Entry, hex};
use facts::AccountId;
use serde_json::json;
use store::{AuditAct, AuditFilter, AuditReport, RunTrigger, Store, StoreError};

use super::narrow::{Days, words};
use super::table::{Align, Table};
use super::talk::{note, unknown};
use super::{print, print_list, progress};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::audit::{anchor, keep, line_of, verify};
use crate::jobs::backup::read_backup;
use crate::outside::Outside;
use crate::views::audit::{ABOUT_MAX, EntryView, behalf, told};
use crate::views::load::{self, store_failure};
use crate::views::printable::printable;

/// Entries that are listed unless somebody asks for more.
const LISTED: u64 = 50;

/// `tieout audit`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// What has changed its state, when and on whose behalf, the newest first
    Log(Log),
    /// One entry with all that it says
    Show {
        /// Its number among all
        #[arg(value_name = "ENTRY")]
        id: i64,
    },
    /// Whether the trail is what was written, and everything stands as it says; ends with 8 where not
    Verify {
        /// A file of anchors that was kept elsewhere: shows also whether its end was cut off, or all of it written anew
        #[arg(long, value_name = "FILE")]
        anchors: Option<PathBuf>,
        /// Of this backup or copy instead, which is left as it is
        #[arg(long, value_name = "FILE")]
        backup: Option<PathBuf>,
    },
    /// Say that you know what is wrong with the trail: nobody is told of it any more until it is verified again
    Accept,
    /// One line for a file that is kept elsewhere: what the trail is now
    Anchor,
}

#[derive(clap::Args, Debug)]
struct Log {
    /// Only what is about this id: a payout's, a match's, an exception's, a schedule's name
    #[arg(long, value_name = "ID", value_parser = about)]
    about: Option<String>,
    /// Only this account's chain
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    account: Option<AccountId>,
    /// Only what was done so, such as reconcile or schedule.pause; a wrong one lists all
    #[arg(long, value_parser = words(&AuditAct::ALL, AuditAct::as_str), hide_possible_values = true)]
    act: Option<AuditAct>,
    /// Only on behalf of this one
    #[arg(long, value_parser = words(&RunTrigger::ALL, RunTrigger::as_str))]
    actor: Option<RunTrigger>,
    #[command(flatten)]
    days: Days,
}

/// Runs it.
///
/// # Errors
/// No database, an unknown number, a file of anchors that cannot be read, or a database that fails.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Log(log) => log.run(&load::open(config)?, config),
        Verb::Show { id } => {
            let found = load::open(config)?.audit_entry(id).map_err(store_failure)?;
            show(&found.ok_or_else(|| unknown("entry", &id.to_string(), "tieout audit log"))?, config)
        }
        Verb::Verify { anchors, backup: None } => {
            let report = verify(outside, &load::open(config)?, anchors.as_deref(), progress(config, "entries").as_mut())?;
            let exit = verified(&report, config)?;
            // What was found is told, whatever becomes of the database.
            if let Err(failure) = keep(outside, config, &report) {
                note(config, &format!("what came of it could not be kept, and pages and alerts do not know it: {}", failure.message));
            }
            Ok(exit)
        }
        Verb::Verify { anchors, backup: Some(file) } => read_backup(outside, &file, |store| {
            verified(&verify(outside, &store, anchors.as_deref(), progress(config, "entries").as_mut())?, config)
        }),
        Verb::Accept => {
            load::open(config)?;
            let mut store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
            let known = store.accept_audit().map_err(|error| match error {
                StoreError::Absent { .. } => Failure::new(Exit::Failed, "nothing was wrong with the trail when it was verified last")
                    .hint("tieout audit verify"),
                other => store_failure(other),
            })?;
            note(config, &format!("{} faults are known, and that is noted; verify again, and keep a new file of anchors", known.faults));
            Ok(Exit::Fine)
        }
        Verb::Anchor => {
            let anchor = anchor(&load::open(config)?, outside.now())?;
            let line = line_of(&anchor)?;
            print(|output| Ok(writeln!(output, "{line}")?))
        }
    }
}

impl Log {
    fn run(&self, store: &Store, config: &Config) -> Result<Exit, Failure> {
        let (from_at, before_at) = self.days.instants(&load::zone(config, store)?)?;
        let filter = AuditFilter {
            chain: self.account.as_ref().map(|account| account.as_str().to_owned()),
            act: self.act,
            by: self.actor,
            about: self.about.clone(),
            from_at,
            before_at,
            before: None,
            limit: Some(self.days.limit.unwrap_or(LISTED)),
        };
        let entries = store.audit_entries(&filter).map_err(store_failure)?;
        if config.json {
            return print_list(&entries, EntryView::of);
        }
        if entries.is_empty() {
            note(config, "no such entry: what is concluded and what people decide leaves one");
        }
        table(&entries, self.about.as_deref())
    }
}

/// An id as Stripe and this program give them.
fn about(text: &str) -> Result<String, String> {
    match text.len() {
        1..=ABOUT_MAX => Ok(text.to_owned()),
        _ => Err(format!("expected an id of 1 to {ABOUT_MAX} bytes")),
    }
}

fn table(entries: &[Entry], about: Option<&str>) -> Result<Exit, Failure> {
    let mut table = Table::new(&[
        ("entry", Align::Right),
        ("written", Align::Left),
        ("by", Align::Left),
        ("act", Align::Left),
        ("chain", Align::Left),
        ("changes", Align::Left),
    ]);
    for entry in entries {
        table.row([
            entry.id.to_string(),
            entry.at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
            behalf(entry),
            entry.act.clone(),
            entry.chain.clone(),
            told(entry, about),
        ]);
    }
    print(|output| Ok(table.write(output)?))
}

fn show(entry: &Entry, config: &Config) -> Result<Exit, Failure> {
    if config.json {
        return print(|output| Ok(output.json(&EntryView::of(entry))?));
    }
    print(|output| {
        let run = entry.run.map(|run| format!(", run {run}")).unwrap_or_default();
        let (chain, position) = (&entry.chain, entry.position);
        let said = format!("Entry {}, number {position} of {chain}: {} by {}{run}, {}.", entry.id, entry.act, behalf(entry), entry.at);
        // Whoever has written into the database may have written what steers a terminal.
        writeln!(output, "{}", printable(&said))?;
        for change in entry.read().unwrap_or_default() {
            let [from, to] = [&change.from, &change.to].map(|state| state.as_deref().unwrap_or("-"));
            writeln!(output, "  {}", printable(&format!("{} {}: {from} → {to}", change.noun, change.id)))?;
        }
        writeln!(output, "Hash {}", hex(&entry.hash))?;
        writeln!(output, "After {}", hex(&entry.previous))?;
        Ok(())
    })
}

fn verified(report: &AuditReport, config: &Config) -> Result<Exit, Failure> {
    let exit = if report.fault_count == 0 { Exit::Fine } else { Exit::Verification };
    let printed = if config.json {
        let told = json!({
            "entries": report.entries,
            "chains": report.chains,
            "things": report.things,
            "anchors": report.anchors,
            "root": hex(&report.root),
            "fault_count": report.fault_count,
            "faults": report.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        });
        print(|output| Ok(output.json(&told)?))
    } else {
        print(|output| {
            let AuditReport { entries, chains, things, anchors, .. } = report;
            let held = if *anchors > 0 { format!(", held against {anchors} anchors") } else { String::new() };
            writeln!(output, "{entries} entries in {chains} chains{held}; {things} things stand in the tables.")?;
            for fault in &report.faults {
                writeln!(output, "FAULT  {}", printable(&fault.to_string()))?;
            }
            let more = report.fault_count.saturating_sub(report.faults.len() as u64);
            if more > 0 {
                writeln!(output, "       and {more} more")?;
            }
            match report.fault_count {
                0 if *entries == 0 => {
                    writeln!(output, "There is no trail yet: what stands in the tables is noted with the next change of any of it.")?;
                }
                0 => writeln!(output, "The trail is whole, and everything stands as it says.")?,
                count => writeln!(
                    output,
                    "The trail is broken, {count} times. Keep this database as evidence; docs/AUDIT.md says what each means."
                )?,
            }
            writeln!(output, "Root {}", hex(&report.root))?;
            Ok(())
        })
    };
    printed.map(|_| exit)
}
