//! `tieout import bank|stripe|list|show|undo`: files that somebody downloaded, into the database.

mod imported;
mod stripe;

use std::io::{self, Write};
use std::path::PathBuf;

use audit::hex;
use facts::Coverage;
use jiff::Timestamp;
use jiff::civil::Date;
use money::Currency;
use serde::Serialize;
use store::{ExportFile, Import};

use super::talk::printable;
use super::{Output, narrow, print, progress};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::import::{ImportReport, ImportRequest, import_bank};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};

/// `tieout import`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Read statement files of one bank account
    #[command(after_long_help = BANK_HELP)]
    Bank(Bank),
    /// Read what Stripe's Dashboard exports, without a key
    #[command(after_long_help = stripe::HELP)]
    Stripe(stripe::Stripe),
    /// Every file that was imported, newest first
    List,
    /// One statement file with its lines
    Show(imported::Which),
    /// Take a statement file back, with what it alone has brought
    #[command(after_long_help = imported::UNDO_HELP)]
    Undo(imported::Undo),
}

const BANK_HELP: &str = "\
A file is read whole or not at all, and of several files none is kept unless all can be read.
Lines that an earlier file brought add nothing, so overlapping downloads are fine, and two lines
that are truly equal both count.

Read are CAMT.053 (any version from 02) and CSV: that of the banks of `tieout profile list` by
their exact header, any other whose header names a date, an amount (or debit and credit) and a
description in a language we know, and every other one with a profile, which
`tieout profile new FILE` proposes from the content. What can be read in two ways is refused,
never guessed.

Examples:
  tieout import bank july.csv --bank-account checking
  tieout import bank 2026-*.xml --bank-account main
  tieout import bank export.csv --bank-account main --currency eur --dry-run
  tieout import bank export.csv --bank-account main --profile my-bank.toml";

#[derive(clap::Args, Debug)]
struct Bank {
    /// The statement files: CSV or CAMT.053
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The bank account they are of; a new name makes a new one
    #[arg(long, value_name = "NAME")]
    bank_account: String,
    /// The currency, where neither the file nor the bank account says it
    #[arg(long, value_name = "CODE", value_parser = parse_currency)]
    currency: Option<Currency>,
    /// How to read a CSV: a known bank's name, or a profile's file
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// The first day of which the file tells, where it does not say that itself: of an export of a month its first day
    #[arg(long, value_name = "DATE", requires = "to", value_parser = narrow::day)]
    from: Option<Date>,
    /// The last day of which the file tells
    #[arg(long, value_name = "DATE", requires = "from", value_parser = narrow::day)]
    to: Option<Date>,
    /// Read and compare, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn parse_currency(text: &str) -> Result<Currency, String> {
    Currency::parse(text).map_err(|error| error.to_string())
}

/// Runs it.
///
/// # Errors
/// The job's own, or stdout that cannot be written.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Bank(bank) => run_bank(bank, config, outside),
        Verb::Stripe(stripe) => stripe::run(stripe, config, outside),
        Verb::List => run_list(config),
        Verb::Show(which) => imported::show(&which, config),
        Verb::Undo(undo) => imported::undo(&undo, config, outside),
    }
}

fn run_bank(bank: Bank, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let dry_run = bank.dry_run;
    let days = bank.from.zip(bank.to).map(|(from_on, until_on)| Coverage { from_on, until_on });
    if let Some(Coverage { from_on, until_on }) = days.filter(|days| days.until_on < days.from_on) {
        let told = format!("the days end (--to {until_on}) before they begin (--from {from_on})");
        return Err(Failure::new(Exit::Usage, told).hint("exchange the two"));
    }
    let request = ImportRequest {
        files: bank.files,
        given: Vec::new(),
        bank_account: bank.bank_account,
        currency: bank.currency,
        profile: bank.profile,
        days,
        dry_run,
    };
    let mut line = progress(config, "import");
    line.set(0, None, "reading every file before any is written");
    let reports = import_bank(outside, config, &request)?;
    line.finish();
    print(|output| {
        if config.json {
            return Ok(output.json(&reports.iter().map(ReportView::of).collect::<Vec<_>>())?);
        }
        reports.iter().try_for_each(|report| write_report(output, report, dry_run))?;
        Ok(())
    })
}

fn write_report(output: &mut Output, report: &ImportReport, dry_run: bool) -> io::Result<()> {
    let days = report.coverage.map_or_else(|| "no days".to_owned(), |days| format!("{} to {}", days.from_on, days.until_on));
    let counts = if dry_run {
        format!("{} would be new, {} already there (dry run)", report.added, report.already_there)
    } else {
        format!("{} new, {} already there", report.added, report.already_there)
    };
    write!(
        output,
        "{}: {}, {days}, {}, read as {}; {counts}",
        printable(&report.file_name),
        counted(report.lines, "line"),
        report.currency.upper(),
        report.format
    )?;
    for (count, what) in [(report.pending, "pending"), (report.failed, "declined"), (report.not_lines, "other")] {
        if count > 0 {
            write!(output, "; {} left out", counted(count, &format!("{what} row")))?;
        }
    }
    writeln!(output)
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn run_list(config: &Config) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    let (statements, exports) = (store.imports().map_err(store_failure)?, store.exports().map_err(store_failure)?);
    let mut imports: Vec<ImportView<'_>> = statements.iter().map(ImportView::of_statement).collect();
    imports.extend(exports.iter().map(ImportView::of_export));
    imports.sort_by_key(|import| std::cmp::Reverse(import.imported_at));
    print(|output| {
        if config.json {
            return Ok(output.json(&imports)?);
        }
        for ImportView { imported_at, bank_account, account, file, lines, format, sha256 } in &imports {
            let hash = sha256.get(..imported::SHOWN_DIGITS).unwrap_or(sha256);
            let whose = bank_account.or(*account).unwrap_or_default();
            let (file, lines) = (printable(file), counted(*lines, "line"));
            writeln!(output, "{imported_at}  {hash}  {whose}  {file}: {lines}, read as {format}")?;
        }
        Ok(())
    })
}

/// One element of `import bank --json`.
#[derive(Serialize)]
struct ReportView<'a> {
    file: &'a str,
    format: &'a str,
    bank_account: &'a str,
    currency: &'a str,
    from_on: Option<String>,
    until_on: Option<String>,
    lines: u64,
    added: u64,
    already_there: u64,
    pending: u64,
    failed: u64,
    not_lines: u64,
}

impl<'a> ReportView<'a> {
    fn of(report: &'a ImportReport) -> Self {
        Self {
            file: &report.file_name,
            format: &report.format,
            bank_account: report.bank_account.as_str(),
            currency: report.currency.as_str(),
            from_on: report.coverage.map(|days| days.from_on.to_string()),
            until_on: report.coverage.map(|days| days.until_on.to_string()),
            lines: report.lines,
            added: report.added,
            already_there: report.already_there,
            pending: report.pending,
            failed: report.failed,
            not_lines: report.not_lines,
        }
    }
}

/// One element of `import list --json`: of a bank account, or of an account at Stripe.
#[derive(Serialize)]
struct ImportView<'a> {
    file: &'a str,
    format: &'a str,
    bank_account: Option<&'a str>,
    account: Option<&'a str>,
    sha256: String,
    lines: u64,
    imported_at: Timestamp,
}

impl<'a> ImportView<'a> {
    fn of_statement(import: &'a Import) -> Self {
        Self {
            file: &import.file_name,
            format: &import.format,
            bank_account: Some(import.bank_account.as_str()),
            account: None,
            sha256: hex(&import.sha256),
            lines: import.lines,
            imported_at: import.imported_at,
        }
    }

    fn of_export(export: &'a ExportFile) -> Self {
        Self {
            file: &export.file_name,
            format: &export.report,
            bank_account: None,
            account: Some(export.account.as_str()),
            sha256: hex(&export.sha256),
            lines: export.rows,
            imported_at: export.imported_at,
        }
    }
}
