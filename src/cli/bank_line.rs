//! `tieout bank-line list|show|explain`

use facts::{BankAccountName, Subject};
use store::{BankLineFilter, BankLineRow, ExceptionFilter, Store};

use super::narrow::{Days, words};
use super::{print, print_list};
use super::table::{Align, Table};
use super::talk::{explanation, fields, note, or_dash, unknown};
use super::totals::Totals;
use super::{exception, match_};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::bank_line::{BankLineView, STATES};
use crate::views::load::{self, store_failure};

/// `tieout bank-line`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Every line; --from and --to are the days on which the bank booked it
    List(List),
    /// All that is known of one
    Show {
        /// The line's id
        id: String,
    },
    /// What it is, and why, in words
    Explain {
        /// The line's id
        id: String,
    },
}

#[derive(clap::Args, Debug)]
struct List {
    /// Only those in this state
    #[arg(long, value_parser = words(&STATES, |word| word))]
    state: Option<&'static str>,
    /// Only lines of this bank account
    #[arg(long, value_name = "NAME", value_parser = BankAccountName::parse)]
    bank_account: Option<BankAccountName>,
    /// Only lines that a payout of this Stripe account arrived in, or could have
    #[arg(long, value_name = "ID", value_parser = facts::AccountId::parse)]
    account: Option<facts::AccountId>,
    #[command(flatten)]
    days: Days,
}

/// Runs it.
///
/// # Errors
/// No database, an unknown id, or a database that fails.
pub fn run(args: Args, config: &Config, _outside: &Outside) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    let find =
        |id: &str| store.bank_line(id).map_err(store_failure)?.ok_or_else(|| unknown("bank line", id, "tieout bank-line list"));
    match args.verb {
        Verb::List(list) => list.run(&store, config),
        Verb::Show { id } => show(&find(&id)?, config),
        Verb::Explain { id } => explanation(config, &id, &sentences(&store, &find(&id)?)?),
    }
}

impl List {
    fn run(&self, store: &Store, config: &Config) -> Result<Exit, Failure> {
        let rows = self.rows(store)?;
        if config.json {
            return print_list(&rows, BankLineView::of);
        }
        if rows.is_empty() {
            note(config, "no bank lines: tieout import bank FILE --bank-account NAME reads a statement");
        }
        let mut table = Table::new(&[
            ("id", Align::Left),
            ("date", Align::Left),
            ("amount", Align::Right),
            ("state", Align::Left),
            ("payouts", Align::Left),
            ("bank account", Align::Left),
            ("description", Align::Left),
        ]);
        let mut totals = Totals::default();
        for row in &rows {
            totals.add(row.line.amount)?;
            table.row(cells(row));
        }
        print(|output| {
            table.write(output)?;
            Ok(totals.write(output, "bank line", "bank lines")?)
        })
    }

    /// State and account follow from the matches, so the limit is applied after them.
    fn rows(&self, store: &Store) -> Result<Vec<BankLineRow>, Failure> {
        self.days.check()?;
        let Days { from, to, limit } = self.days;
        let narrowed = self.state.is_some() || self.account.is_some();
        let filter = BankLineFilter {
            bank_account: self.bank_account.clone(),
            from_on: from,
            to_on: to,
            limit: if narrowed { None } else { limit },
            ..BankLineFilter::default()
        };
        let mut rows = store.bank_lines(&filter).map_err(store_failure)?;
        rows.retain(|row| self.state.is_none_or(|state| BankLineView::of(row).state == state));
        rows.retain(|row| self.account.as_ref().is_none_or(|id| row.matches.iter().any(|link| link.account == *id)));
        rows.truncate(limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX));
        Ok(rows)
    }
}

fn cells(row: &BankLineRow) -> [String; 7] {
    let view = BankLineView::of(row);
    let who = view.counterparty.filter(|who| !view.description.contains(who));
    [
        view.id.to_owned(),
        view.date_on.to_string(),
        row.line.amount.to_string(),
        view.state.to_owned(),
        view.payouts.join(" "),
        view.bank_account.to_owned(),
        who.into_iter().chain([view.description]).collect::<Vec<_>>().join(" "),
    ]
}

fn show(row: &BankLineRow, config: &Config) -> Result<Exit, Failure> {
    let view = BankLineView::of(row);
    if config.json {
        return print(|output| Ok(output.json(&view)?));
    }
    let line = &row.line;
    let balance = line.balance_after_minor.map(|minor| money::Amount::new(minor, line.amount.currency()).to_string());
    let rows = [
        ("id", view.id.to_owned()),
        ("bank account", view.bank_account.to_owned()),
        ("date", view.date_on.to_string()),
        ("value date", or_dash(view.value_on.map(|day| day.to_string()).as_deref())),
        ("amount", line.amount.to_string()),
        ("description", view.description.to_owned()),
        ("counterparty", or_dash(view.counterparty)),
        ("reference", or_dash(view.reference)),
        ("other references", or_dash(Some(line.other_references.join(" ").as_str()).filter(|text| !text.is_empty()))),
        ("balance after", or_dash(balance.as_deref())),
        ("state", view.state.to_owned()),
        ("payouts", or_dash(Some(view.payouts.join(" ").as_str()).filter(|text| !text.is_empty()))),
    ];
    print(|output| Ok(fields(output, &rows)?))
}

fn sentences(store: &Store, row: &BankLineRow) -> Result<Vec<String>, Failure> {
    let line = &row.line;
    let mut told = vec![format!(
        "On {} the bank booked {} on {}: {}",
        line.date_on,
        line.amount,
        line.bank_account,
        if line.description.is_empty() { "without a description." } else { &line.description }
    )];
    let subject = Subject { kind: "bank_line", id: line.id.to_string() };
    let filter = ExceptionFilter { subject: Some(subject), ..ExceptionFilter::default() };
    let exceptions = store.exceptions(&filter).map_err(store_failure)?;
    if row.matches.is_empty() && exceptions.is_empty() {
        told.push("No payout arrived in it, and nothing in it says that it is Stripe's money.".to_owned());
    }
    told.extend(row.matches.iter().flat_map(match_::sentences));
    told.extend(exceptions.iter().flat_map(exception::sentences));
    Ok(told)
}
