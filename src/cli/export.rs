//! `tieout export`: a table, as a file.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use jiff::civil::Date;
use store::{TABLES, Table};

use super::narrow::{Days, words};
use super::talk::note;
use super::{PrintError, print, progress};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::Unwatched;
use crate::jobs::export::{ExportError, ExportRequest, Exported, Format, export, export_file};
use crate::outside::Outside;
use crate::views::load;

/// `tieout export`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Which table; docs/VIEWS.md says what each column means
    #[arg(value_name = "TABLE", value_parser = table_names())]
    table: Table,
    /// Its form: csv for spreadsheets, json for one array, jsonl for an object a line  [default: csv; json with --json]
    #[arg(long, value_name = "FORMAT", value_parser = words(&Format::ALL, Format::as_str))]
    format: Option<Format>,
    /// Only rows of this day and later: of payouts the arrival, of txns when they become available, else the booking
    #[arg(long, value_name = "DATE", value_parser = super::narrow::day)]
    from: Option<Date>,
    /// Only rows of this day and earlier
    #[arg(long, value_name = "DATE", value_parser = super::narrow::day)]
    to: Option<Date>,
    /// Into this file, which appears once it is whole; else to the standard output
    #[arg(short, long = "output", value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file where it is there already
    #[arg(long, requires = "output")]
    replace: bool,
}

/// The names of tables, as a flag or an argument takes them.
pub fn table_names() -> impl TypedValueParser<Value = Table> {
    let names = TABLES.iter().map(|table| PossibleValue::new(table.name));
    PossibleValuesParser::new(names).try_map(|name| Table::of(&name).ok_or("no such table"))
}

/// Runs it.
///
/// # Errors
/// No database, days of a table that has none, a file that is there or cannot be written, or stdout that cannot.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let days = Days { from: args.from, to: args.to, limit: None };
    days.check()?;
    if (args.from.is_some() || args.to.is_some()) && !args.table.has_days() {
        let dated: Vec<&str> = TABLES.iter().filter(|table| table.has_days()).map(|table| table.name).collect();
        let message = format!("rows of the table {} are of no day: --from and --to do not apply", args.table.name);
        return Err(Failure::new(Exit::Usage, message).hint(format!("they do to {}", dated.join(", "))));
    }
    let format = args.format.unwrap_or(if config.json { Format::Json } else { Format::Csv });
    let request = ExportRequest { table: args.table, format, days: (args.from, args.to) };
    let store = load::open(config)?;
    let Some(file) = args.output else {
        return print(|output| {
            export(outside, &store, &request, output, &mut Unwatched).map(drop).map_err(|error| match error {
                ExportError::Output(error) => PrintError::Output(error),
                ExportError::Failure(failure) => PrintError::Failure(failure),
            })
        });
    };
    let written = export_file(outside, &store, &request, (&file, args.replace), progress(config, "rows").as_mut())?;
    let Exported { rows, bytes, .. } = written.put_in_place(outside)?;
    note(config, &format!("{}: {rows} rows, {bytes} bytes", file.display()));
    Ok(Exit::Fine)
}
