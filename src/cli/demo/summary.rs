//! What a demo found: how much ties, what does not, and what to do about each.

use std::io::Write;

use facts::Class;
use store::{ExceptionFilter, ExceptionRow, ExceptionState, Store};

use crate::cli::exception::amount;
use crate::cli::talk::printable;
use crate::cli::{print, status};
use crate::config::Config;
use crate::exit::Failure;
use crate::outside::Outside;
use crate::views::load::{self, store_failure};

/// As wide as the ids of most payouts.
const ID_WIDTH: usize = 28;

/// Prints it: the status, then every open exception with its remedy; with `--json` what `status --json` prints.
///
/// # Errors
/// A database that fails, or stdout that cannot be written.
pub fn show(demo: &Config, outside: &Outside) -> Result<(), Failure> {
    let store = load::open(demo)?;
    let found = load::status(&store, outside.as_of(demo.as_of))?;
    if demo.json {
        return print(|output| Ok(output.json(&found)?)).map(drop);
    }
    status::print_for_people(&store, &found)?;
    exceptions(&store)
}

fn exceptions(store: &Store) -> Result<(), Failure> {
    let filter = ExceptionFilter { state: Some(ExceptionState::Open), ..ExceptionFilter::default() };
    let mut open = store.exceptions(&filter).map_err(store_failure)?;
    if open.is_empty() {
        return Ok(());
    }
    // What needs a person stands above what explains itself.
    open.sort_by_key(|row| (row.exception.class != Class::True, row.exception.code.as_str()));
    let rows: Vec<[String; 4]> = open.iter().map(cells).collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let (code_width, amount_width) = (width(0), width(1));
    print(|output| {
        writeln!(output)?;
        // The lines are not cut at the terminal's edge: the remedy stands last, and is what they are for.
        for [code, amount, about, remedy] in &rows {
            writeln!(output, "{code:<code_width$}  {amount:>amount_width$}  {about:<ID_WIDTH$}  {remedy}")?;
        }
        Ok(())
    })
    .map(drop)
}

/// Code, amount, what it is about first of all, and what to do.
fn cells(row: &ExceptionRow) -> [String; 4] {
    let exception = &row.exception;
    let about = exception.subjects.first().map(|subject| printable(&subject.id)).unwrap_or_default();
    [exception.code.as_str().to_owned(), amount(row), about, printable(&exception.remedy)]
}
