//! `tieout exception list|show|explain`

use facts::{Class, ExceptionCode, Subject};
use jiff::tz::TimeZone;
use money::Amount;
use store::{ExceptionFilter, ExceptionRow, ExceptionState, Store};

use super::narrow::{Narrow, words};
use super::{print, print_list};
use super::table::{Align, Table};
use super::talk::{explanation, fields, note, or_dash, unknown};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::exception::ExceptionView;
use crate::views::load::{self, store_failure};

/// `tieout exception`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Every exception; --from and --to are the days on which it was opened
    List(List),
    /// All that is known of one
    Show {
        /// The exception's id
        id: String,
    },
    /// What was expected, what was found and what to do, in words
    Explain {
        /// The exception's id
        id: String,
    },
}

#[derive(clap::Args, Debug)]
struct List {
    /// Only those in this state
    #[arg(long, value_parser = words(&[ExceptionState::Open, ExceptionState::Resolved], ExceptionState::as_str))]
    state: Option<ExceptionState>,
    /// Only those with this code
    #[arg(long, value_parser = words(ExceptionCode::ALL, ExceptionCode::as_str))]
    code: Option<ExceptionCode>,
    #[command(flatten)]
    narrow: Narrow,
}

/// Runs it.
///
/// # Errors
/// No database, an unknown id, or a database that fails.
pub fn run(args: Args, config: &Config, _outside: &Outside) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    let find =
        |id: &str| store.exception(id).map_err(store_failure)?.ok_or_else(|| unknown("exception", id, "tieout exception list"));
    match args.verb {
        Verb::List(list) => list.run(&store, config),
        Verb::Show { id } => show(&find(&id)?, config),
        Verb::Explain { id } => explanation(config, &id, &sentences(&find(&id)?)),
    }
}

impl List {
    fn run(&self, store: &Store, config: &Config) -> Result<Exit, Failure> {
        let rows = store.exceptions(&self.filter(&load::zone(config, store)?)?).map_err(store_failure)?;
        if config.json {
            return print_list(&rows, ExceptionView::of);
        }
        if rows.is_empty() {
            note(config, "no exceptions: tieout status says whether that means tied out, or not looked at yet");
        }
        let mut table = Table::new(&[
            ("id", Align::Left),
            ("state", Align::Left),
            ("class", Align::Left),
            ("amount", Align::Right),
            ("about", Align::Left),
            ("explanation", Align::Left),
        ]);
        rows.iter().for_each(|row| table.row(cells(row)));
        print(|output| Ok(table.write(output)?))
    }

    fn filter(&self, zone: &TimeZone) -> Result<ExceptionFilter, Failure> {
        let (from_at, before_at) = self.narrow.days.instants(zone)?;
        Ok(ExceptionFilter {
            state: self.state,
            code: self.code,
            account: self.narrow.account.clone(),
            subject: None,
            from_at,
            before_at,
            limit: self.narrow.days.limit,
        })
    }
}

/// Text of an unsigned amount in minor units.
pub(super) fn amount(row: &ExceptionRow) -> String {
    let exception = &row.exception;
    match i64::try_from(exception.amount_minor) {
        Ok(minor) => Amount::new(minor, exception.currency).to_string(),
        Err(_) => format!("{} minor units {}", exception.amount_minor, exception.currency.upper()),
    }
}

fn about(subjects: &[Subject]) -> String {
    subjects.iter().map(|subject| subject.id.as_str()).collect::<Vec<_>>().join(" ")
}

fn cells(row: &ExceptionRow) -> [String; 6] {
    let exception = &row.exception;
    [
        exception.id.to_string(),
        row.state.as_str().to_owned(),
        exception.class.as_str().to_owned(),
        amount(row),
        about(&exception.subjects),
        exception.explanation.clone(),
    ]
}

fn show(row: &ExceptionRow, config: &Config) -> Result<Exit, Failure> {
    if config.json {
        return print(|output| Ok(output.json(&ExceptionView::of(row))?));
    }
    let exception = &row.exception;
    let rows = [
        ("id", exception.id.to_string()),
        ("code", exception.code.as_str().to_owned()),
        ("class", exception.class.as_str().to_owned()),
        ("state", row.state.as_str().to_owned()),
        ("account", or_dash(exception.account.as_ref().map(facts::AccountId::as_str))),
        ("amount", amount(row)),
        ("about", about(&exception.subjects)),
        ("opened at", row.opened_at.to_string()),
        ("resolved at", or_dash(row.resolved_at.map(|at| at.to_string()).as_deref())),
        ("explanation", exception.explanation.clone()),
        ("remedy", exception.remedy.clone()),
    ];
    print(|output| Ok(fields(output, &rows)?))
}

/// What was expected, what was found, and what to do.
pub fn sentences(row: &ExceptionRow) -> Vec<String> {
    let exception = &row.exception;
    let class = match exception.class {
        Class::Expected => "an expected variance, explained by how Stripe and banks work",
        Class::True => "a true exception, which needs a person",
    };
    let mut told = vec![
        format!("{}: {} ({})", exception.code.as_str(), exception.explanation, amount(row)),
        format!("It is {class}; open since {}.", row.opened_at),
        format!("What to do: {}", exception.remedy),
    ];
    if let Some(at) = row.resolved_at {
        told.push(format!("It was resolved at {at}."));
    }
    told
}
