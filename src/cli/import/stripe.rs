//! `tieout import stripe`: what the Dashboard exports, for whoever has no key.

use std::io::{self, Write};
use std::path::PathBuf;

use facts::Mode;
use serde::Serialize;
use store::ExportCounts;

use super::counted;
use crate::cli::talk::{note, printable};
use crate::cli::{Output, print, progress};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::import_stripe::{StripeImportReport, StripeImportRequest, import_stripe};
use crate::outside::Outside;

/// What `--help` says below the options.
pub const HELP: &str = "\
Needs no key. In the Dashboard, open Reports and download, itemised and with all columns, Payouts
and Payout reconciliation of the same days: the first says what each payout is, the second which
txns it holds. Balance change from activity, ending balance, and the list that the Balance page
exports are read as well. docs/STRIPE-EXPORTS.md says what each of them tells and proves.

A file is read whole or not at all, and what an earlier file or a sync brought counts once. What
Stripe's API said stays: an export that contradicts it is refused. Amounts are exact, in major
units; times are those of the columns in UTC, else of --zone, else of the business time zone.

Examples:
  tieout import stripe payouts.csv payout_reconciliation.csv --account acct_1Dq2Eq2eZvKYlo2C
  tieout import stripe july-*.csv
  tieout import stripe july.csv --zone America/New_York --dry-run
  tieout import stripe ./stripe --json";

/// `tieout import stripe`
#[derive(clap::Args, Debug)]
pub struct Stripe {
    /// What Stripe's Dashboard exported: CSV
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Whose exports they are; not needed where the database holds one account
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The time zone that the reports were made in, for columns that are not in UTC
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Whether the money is real; the database knows once it holds anything [default: live]
    #[arg(long, value_name = "MODE", value_parser = parse_mode)]
    mode: Option<Mode>,
    /// Read and compare, and change nothing
    #[arg(long)]
    dry_run: bool,
}

fn parse_mode(text: &str) -> Result<Mode, String> {
    let found = [Mode::Live, Mode::Test].into_iter().find(|mode| mode.as_str() == text);
    found.ok_or_else(|| "expected live or test".to_owned())
}

/// Runs it. The files that could be taken are told before the failure of the others.
///
/// # Errors
/// The job's own, or stdout that cannot be written.
pub fn run(args: Stripe, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let Stripe { files, account, zone, mode, dry_run } = args;
    let request = StripeImportRequest { files, account, zone, mode, dry_run };
    let mut line = progress(config, "import");
    line.set(0, None, "reading every file before any is written");
    let outcomes = import_stripe(outside, config, &request)?;
    line.finish();
    let (mut reports, mut failures) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(report) => reports.push(report),
            Err(failure) => failures.push(failure),
        }
    }
    let exit = print(|output| {
        if config.json {
            return Ok(output.json(&reports.iter().map(|report| View::of(report, dry_run)).collect::<Vec<_>>())?);
        }
        reports.iter().try_for_each(|report| write(output, report, dry_run))?;
        Ok(())
    })?;
    notes(config, &reports);
    Failure::of_several(failures).map_or(Ok(exit), Err)
}

fn write(output: &mut Output, report: &StripeImportReport, dry_run: bool) -> io::Result<()> {
    let StripeImportReport { file_name, rows, report: kind, account, mode, outcome, .. } = report;
    let zone = report.zone.as_ref().map_or_else(String::new, |(name, said_by)| format!(", times in {name} ({said_by})"));
    let until = report.until.map_or_else(String::new, |at| format!(" until {}", at.strftime("%Y-%m-%d")));
    let rows = counted(*rows, "row");
    let (txns, payouts) = (counts("txn", outcome.txns), counts("payout", outcome.payouts));
    let end = match (dry_run, outcome.same_file) {
        (_, true) => " (this very file was imported before)",
        (true, false) => " (dry run)",
        (false, false) => "",
    };
    writeln!(output, "{}: {rows}{until}, {kind} of {account} ({}){zone}; {txns}; {payouts}{end}", printable(file_name), mode.as_str())
}

/// `2 txns new, 1 completed, 5 already there`
fn counts(noun: &str, counts: ExportCounts) -> String {
    let ExportCounts { added, updated, already_there } = counts;
    format!("{} new, {updated} completed, {already_there} already there", counted(added, noun))
}

/// What a person should do next, once for all files.
fn notes(config: &Config, reports: &[StripeImportReport]) {
    let most = |count: fn(&StripeImportReport) -> u64| reports.iter().map(count).max().unwrap_or(0);
    let nameless = most(|report| report.outcome.payouts_without_amount);
    if nameless > 0 {
        note(
            config,
            &format!(
                "{} named by txns, and no file says what was paid out: nothing is concluded of them until the itemised \
                 report Payouts of the same days is imported too",
                is_or_are(nameless, "payout")
            ),
        );
    }
    let in_part = most(|report| report.outcome.payouts_in_part);
    if in_part > 0 {
        note(
            config,
            &format!(
                "{} not known with all txns: they do not add up to what was paid out. The itemised report Payout \
                 reconciliation of the days on which they arrived holds all of them",
                is_or_are(in_part, "payout")
            ),
        );
    }
    if reports.iter().any(|report| report.zone.as_ref().is_some_and(|(_, said_by)| *said_by == "default")) {
        note(config, "times were read as UTC because nobody said otherwise: --zone names the report's time zone");
    }
}

fn is_or_are(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun} is") } else { format!("{count} {noun}s are") }
}

/// One element of `import stripe --json`.
#[derive(Serialize)]
struct View<'a> {
    file: &'a str,
    report: &'a str,
    account: &'a str,
    mode: &'a str,
    /// Of the times; null where all are in UTC.
    time_zone: Option<&'a str>,
    rows: u64,
    /// The newest instant that the file speaks of.
    until_at: Option<String>,
    txns: Counts,
    payouts: Counts,
    payouts_without_amount: u64,
    payouts_in_part: u64,
    same_file: bool,
    dry_run: bool,
}

#[derive(Serialize)]
struct Counts {
    added: u64,
    updated: u64,
    already_there: u64,
}

impl From<ExportCounts> for Counts {
    fn from(counts: ExportCounts) -> Self {
        let ExportCounts { added, updated, already_there } = counts;
        Self { added, updated, already_there }
    }
}

impl<'a> View<'a> {
    fn of(report: &'a StripeImportReport, dry_run: bool) -> Self {
        let outcome = &report.outcome;
        Self {
            file: &report.file_name,
            report: report.report,
            account: report.account.as_str(),
            mode: report.mode.as_str(),
            time_zone: report.zone.as_ref().map(|(name, _)| name.as_str()),
            rows: report.rows,
            until_at: report.until.map(|at| at.to_string()),
            txns: outcome.txns.into(),
            payouts: outcome.payouts.into(),
            payouts_without_amount: outcome.payouts_without_amount,
            payouts_in_part: outcome.payouts_in_part,
            same_file: outcome.same_file,
            dry_run,
        }
    }
}
