//! `tieout import show|undo`: one file that was imported, and taking it back.

use std::io::Write;

use audit::hex;
use facts::BankAccountName;
use jiff::Timestamp;
use serde::Serialize;
use store::{Import, StatementLine, Store, Undone};

use super::counted;
use crate::cli::print;
use crate::cli::table::{Align, Table};
use crate::cli::talk::{note, printable};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};

/// Digits of a hash that tell files apart in every list.
pub const SHOWN_DIGITS: usize = 12;

/// Fewer digits than these may mean any file.
const DIGITS_MIN: usize = 6;

/// What `undo --help` says below the options.
pub const UNDO_HELP: &str = "\
Takes back what this file alone has brought: its lines that no other imported file holds, and the
days that no other file speaks for; payouts of these days are awaited again. What was concluded
from a line that goes is withdrawn, and the next `tieout reconcile` judges those payouts anew.
With its last file a bank account goes too, so that a statement under the wrong --bank-account or
in the wrong currency can be imported again.

What Stripe's Dashboard exported is not taken back: a sync replaces it.

Examples:
  tieout import list
  tieout import undo july.csv --dry-run
  tieout import undo 3f5a9c01d2e4 && tieout reconcile";

/// Which file is meant.
#[derive(clap::Args, Debug)]
pub struct Which {
    /// The file's name, or the first digits of its hash (`tieout import list`)
    #[arg(value_name = "FILE")]
    file: String,
    /// The bank account that it was imported into, where several hold it
    #[arg(long, value_name = "NAME", value_parser = BankAccountName::parse)]
    bank_account: Option<BankAccountName>,
}

/// `tieout import undo`
#[derive(clap::Args, Debug)]
pub struct Undo {
    #[command(flatten)]
    which: Which,
    /// Say what would go, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Shows a file with its lines.
///
/// # Errors
/// No database, no such file, or several.
pub fn show(which: &Which, config: &Config) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    let import = which.find(&store)?;
    let lines = store.statement_lines(&import.bank_account, &import.sha256).map_err(store_failure)?;
    if config.json {
        let view = ShowView::of(&import, lines.as_deref());
        return print(|output| Ok(output.json(&view)?));
    }
    let Import { bank_account, file_name, format, imported_at, .. } = &import;
    let mut table = Table::new(&[
        ("id", Align::Left),
        ("date", Align::Left),
        ("amount", Align::Right),
        ("also in another file", Align::Left),
        ("description", Align::Left),
    ]);
    for StatementLine { line, elsewhere } in lines.iter().flatten() {
        let also = if *elsewhere { "yes" } else { "no" };
        table.row([line.id.to_string(), line.date_on.to_string(), line.amount.to_string(), also.to_owned(), line.description.clone()]);
    }
    if lines.is_none() {
        note(config, "its lines were not noted when it was imported, by an earlier version: import it again, which adds nothing");
    }
    print(|output| {
        writeln!(output, "{}", printable(file_name))?;
        writeln!(output, "  bank account  {}", printable(bank_account.as_str()))?;
        writeln!(output, "  read as       {format}")?;
        writeln!(output, "  imported at   {imported_at}")?;
        writeln!(output, "  hash          {}", hex(&import.sha256))?;
        writeln!(output, "  lines         {}", import.lines)?;
        if table.len() > 0 {
            table.write(output)?;
        }
        Ok(())
    })
}

/// Takes a file back.
///
/// # Errors
/// No database, no such file or several, and lines that are not known.
pub fn undo(undo: &Undo, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    let import = undo.which.find(&store)?;
    let (name, sha256) = (&import.bank_account, &import.sha256);
    let undone = if undo.dry_run {
        store.would_undo_statement(name, sha256)
    } else {
        drop(store);
        Store::open(&config.database, outside.points()).and_then(|mut store| store.undo_statement(name, sha256, outside.as_of(config.as_of)))
    };
    let undone = undone.map_err(store_failure)?;
    print(|output| {
        if config.json {
            return Ok(output.json(&UndoView::of(&import, undone, undo.dry_run))?);
        }
        Ok(writeln!(output, "{}", told(&import, undone, undo.dry_run))?)
    })?;
    if !undo.dry_run {
        note(config, "tieout reconcile judges what that leaves");
    }
    Ok(Exit::Fine)
}

fn told(import: &Import, undone: Undone, dry_run: bool) -> String {
    let Undone { lines_gone, lines_kept, payouts, bank_account_gone } = undone;
    let (goes, stays, with_it) = if dry_run { ("would go", "would stay", "would go") } else { ("gone", "stay", "is gone") };
    let mut told = format!("{}: {} {goes}", printable(&import.file_name), counted(lines_gone, "line"));
    let mut add = |more: String| {
        told.push_str("; ");
        told.push_str(&more);
    };
    if lines_kept > 0 {
        add(format!("{lines_kept} {stays}, which another file holds too"));
    }
    if payouts > 0 {
        add(format!("{} found in them to be judged anew", counted(payouts, "payout")));
    }
    if bank_account_gone {
        add(format!("it was the last file of bank account '{}', which {with_it} with it", printable(import.bank_account.as_str())));
    }
    if dry_run {
        add("nothing was changed (dry run)".to_owned());
    }
    told
}

impl Which {
    /// The one file that is meant.
    fn find(&self, store: &Store) -> Result<Import, Failure> {
        let digits = self.file.to_ascii_lowercase();
        let is_meant = |file_name: &str, sha256: &[u8; 32]| {
            file_name == self.file || (digits.len() >= DIGITS_MIN && hex(sha256).starts_with(&digits))
        };
        let mut found = store.imports().map_err(store_failure)?;
        found.retain(|import| is_meant(&import.file_name, &import.sha256));
        found.retain(|import| self.bank_account.as_ref().is_none_or(|name| *name == import.bank_account));
        let several = found.len() > 1;
        match found.pop() {
            Some(_) if several => Err(Failure::new(Exit::Usage, format!("several imported files are '{}'", printable(&self.file)))
                .hint("name one by the first digits of its hash (tieout import list), or its --bank-account")),
            Some(only) => Ok(only),
            None => Err(self.not_found(store.exports().map_err(store_failure)?.iter().any(|export| is_meant(&export.file_name, &export.sha256)))),
        }
    }

    fn not_found(&self, is_export: bool) -> Failure {
        let file = printable(&self.file);
        if is_export {
            return Failure::new(Exit::Usage, format!("{file} is an export of Stripe's, which is neither shown nor taken back by itself"))
                .hint("tieout sync replaces what it brought; tieout txn show names the files that an object stands in");
        }
        let of = self.bank_account.as_ref().map_or_else(String::new, |name| format!(" of the bank account '{name}'"));
        Failure::new(Exit::Usage, format!("no imported statement{of} is named '{file}' or has a hash that begins so"))
            .hint("tieout import list shows every file, with its hash")
    }
}

/// `import show --json`
#[derive(Serialize)]
struct ShowView<'a> {
    file: &'a str,
    format: &'a str,
    bank_account: &'a str,
    sha256: String,
    imported_at: Timestamp,
    line_count: u64,
    /// Null where they were not noted.
    lines: Option<Vec<LineView<'a>>>,
}

#[derive(Serialize)]
struct LineView<'a> {
    id: &'a str,
    date_on: String,
    amount_minor: i64,
    currency: String,
    description: &'a str,
    elsewhere: bool,
}

impl<'a> ShowView<'a> {
    fn of(import: &'a Import, lines: Option<&'a [StatementLine]>) -> Self {
        let line = |StatementLine { line, elsewhere }: &'a StatementLine| LineView {
            id: line.id.as_str(),
            date_on: line.date_on.to_string(),
            amount_minor: line.amount.minor(),
            currency: line.amount.currency().to_string(),
            description: &line.description,
            elsewhere: *elsewhere,
        };
        Self {
            file: &import.file_name,
            format: &import.format,
            bank_account: import.bank_account.as_str(),
            sha256: hex(&import.sha256),
            imported_at: import.imported_at,
            line_count: import.lines,
            lines: lines.map(|lines| lines.iter().map(line).collect()),
        }
    }
}

/// `import undo --json`
#[derive(Serialize)]
struct UndoView<'a> {
    file: &'a str,
    bank_account: &'a str,
    sha256: String,
    lines_gone: u64,
    lines_kept: u64,
    payouts: u64,
    bank_account_gone: bool,
    dry_run: bool,
}

impl<'a> UndoView<'a> {
    fn of(import: &'a Import, undone: Undone, dry_run: bool) -> Self {
        let Undone { lines_gone, lines_kept, payouts, bank_account_gone } = undone;
        Self {
            file: &import.file_name,
            bank_account: import.bank_account.as_str(),
            sha256: hex(&import.sha256),
            lines_gone,
            lines_kept,
            payouts,
            bank_account_gone,
            dry_run,
        }
    }
}
