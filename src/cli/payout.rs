//! `tieout payout list|show|explain`

use std::io::Write;

use facts::{Bucket, CompositionState, DepositState};
use store::{PayoutFilter, PayoutRow, Store};

use super::narrow::{Narrow, words};
use super::table::{Align, Table};
use super::talk::{explanation, fields, in_exports, note, or_dash, unknown};
use super::totals::Totals;
use super::{Output, PrintError, payout_words, print, print_list};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};
use crate::views::payout::{PayoutShown, PayoutView, is_from_exports};

/// `tieout payout`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Every payout; --from and --to are the days on which Stripe expects it at the bank
    List(List),
    /// All that is known of one, its txns by category and its bank lines
    Show {
        /// The payout's id
        id: String,
    },
    /// What was expected, what was found, why, and what to do, in words
    Explain {
        /// The payout's id
        id: String,
    },
}

#[derive(clap::Args, Debug)]
struct List {
    /// Only those with this deposit state
    #[arg(long, value_parser = words(DepositState::ALL, DepositState::as_str))]
    state: Option<DepositState>,
    /// Only those in this bucket
    #[arg(long, value_parser = words(Bucket::ALL, Bucket::as_str))]
    bucket: Option<Bucket>,
    /// Only those with this composition state
    #[arg(long, value_parser = words(CompositionState::ALL, CompositionState::as_str))]
    composition: Option<CompositionState>,
    #[command(flatten)]
    narrow: Narrow,
}

/// Runs it.
///
/// # Errors
/// No database, an unknown id, or a database that fails.
pub fn run(args: Args, config: &Config, _outside: &Outside) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    let find = |id: &str| store.payout(id).map_err(store_failure)?.ok_or_else(|| unknown("payout", id, "tieout payout list"));
    match args.verb {
        Verb::List(list) => list.run(&store, config),
        Verb::Show { id } => show(&store, &find(&id)?, config),
        Verb::Explain { id } => explanation(config, &id, &payout_words::sentences(&store, &find(&id)?)?),
    }
}

impl List {
    fn run(&self, store: &Store, config: &Config) -> Result<Exit, Failure> {
        let rows = self.rows(store)?;
        let unjudged = rows.iter().filter(|row| row.verdict.is_none()).count();
        if unjudged > 0 {
            note(config, &format!("{unjudged} of {} payouts are not judged yet: run tieout reconcile", rows.len()));
        }
        if config.json {
            return print_list(&rows, PayoutView::of);
        }
        if rows.is_empty() {
            note(
                config,
                "no payouts here: tieout sync reads them from Stripe; without --state, --from and --to there may be more",
            );
        }
        print(|output| table(output, &rows))
    }

    /// A payout without a verdict reads pending and awaiting, which the database does not know; so those are narrowed here.
    fn rows(&self, store: &Store) -> Result<Vec<PayoutRow>, Failure> {
        let days = &self.narrow.days;
        days.check()?;
        let narrowed = self.state.is_some() || self.bucket.is_some() || self.composition.is_some();
        let filter = PayoutFilter {
            account: self.narrow.account.clone(),
            from_on: days.from,
            to_on: days.to,
            limit: if narrowed { None } else { days.limit },
            ..PayoutFilter::default()
        };
        let mut rows = store.payouts(&filter).map_err(store_failure)?;
        if narrowed {
            rows.retain(|row| self.takes(&PayoutView::of(row)));
        }
        rows.truncate(days.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX));
        Ok(rows)
    }

    fn takes(&self, view: &PayoutView) -> bool {
        self.state.is_none_or(|state| view.deposit.state == state.as_str())
            && self.bucket.is_none_or(|bucket| view.bucket == bucket.as_str())
            && self.composition.is_none_or(|state| view.composition.state == state.as_str())
    }
}

fn table(output: &mut Output, rows: &[PayoutRow]) -> Result<(), PrintError> {
    let mut table = Table::new(&[
        ("id", Align::Left),
        ("arrives", Align::Left),
        ("amount", Align::Right),
        ("composition", Align::Left),
        ("deposit", Align::Left),
        ("bucket", Align::Left),
        ("account", Align::Left),
        ("bank reference", Align::Left),
    ]);
    let mut totals = Totals::default();
    for row in rows {
        totals.add(row.payout.amount)?;
        let view = PayoutView::of(row);
        let references: Vec<&str> =
            view.deposit.bank_lines.iter().map(|line| line.reference.as_deref().unwrap_or(&line.id)).collect();
        table.row([
            view.id.clone(),
            view.arrives_on.to_string(),
            row.payout.amount.to_string(),
            view.composition.state.to_owned(),
            view.deposit.state.to_owned(),
            view.bucket.to_owned(),
            view.account.clone(),
            references.join(" "),
        ]);
    }
    table.write(output)?;
    Ok(totals.write(output, "payout", "payouts")?)
}

fn show(store: &Store, row: &PayoutRow, config: &Config) -> Result<Exit, Failure> {
    let shown = load::payout(store, row)?;
    if config.json {
        return print(|output| Ok(output.json(&shown)?));
    }
    let in_exports = in_exports(store, &row.payout.account, "payout", row.payout.id.as_str())?;
    print(|output| {
        fields(output, &[rows(row, &shown.payout), in_exports].concat())?;
        categories(output, row, &shown)?;
        Ok(lines(output, row)?)
    })
}

fn rows(row: &PayoutRow, view: &PayoutView) -> Vec<(&'static str, String)> {
    let payout = &row.payout;
    let day = |day: Option<jiff::civil::Date>| or_dash(day.map(|day| day.to_string()).as_deref());
    let id = |id: Option<&str>| or_dash(id);
    vec![
        ("id", view.id.clone()),
        ("account", view.account.clone()),
        ("amount", payout.amount.to_string()),
        ("created at", payout.created_at.to_string()),
        ("arrives", view.arrives_on.to_string()),
        ("Stripe's status", view.status.clone()),
        ("made by", made_by(payout.automatic, is_from_exports(payout)).to_owned()),
        ("method", payout.method.clone()),
        ("destination", id(payout.destination.as_ref().map(facts::DestinationId::as_str))),
        ("descriptor", id(payout.statement_descriptor.as_deref())),
        ("trace id", id(payout.trace_id.as_ref().and_then(|trace| trace.value.as_deref()))),
        ("failure", id(payout.failure_code.as_deref())),
        ("bucket", view.bucket.to_owned()),
        ("composition", view.composition.state.to_owned()),
        ("deposit", view.deposit.state.to_owned()),
        ("decided by", id(view.deposit.decided_by)),
        ("due", day(view.deposit.due_on)),
        ("statements reach", day(view.deposit.covered_until_on)),
    ]
}

const fn made_by(automatic: bool, from_exports: bool) -> &'static str {
    match (automatic, from_exports) {
        (true, _) => "the payout schedule",
        (false, true) => "not told by any export",
        (false, false) => "a person (manual or instant)",
    }
}

/// From gross to net: the txns by reporting category, and what they sum to.
fn categories(output: &mut Output, row: &PayoutRow, shown: &PayoutShown) -> Result<(), PrintError> {
    if shown.categories.is_empty() {
        return Ok(());
    }
    let money = |minor| money::Amount::new(minor, row.payout.amount.currency()).to_string();
    let columns = [("amount", Align::Right), ("fee", Align::Right), ("net", Align::Right)];
    let mut table = Table::new(&[&[("category", Align::Left), ("txns", Align::Right)], &columns[..]].concat());
    for sum in &shown.categories {
        table.row([
            sum.reporting_category.clone(),
            sum.txn_count.to_string(),
            money(sum.amount_minor),
            money(sum.fee_minor),
            money(sum.net_minor),
        ]);
    }
    let composition = &shown.payout.composition;
    let blank = String::new;
    table.row(["sum".to_owned(), composition.txn_count.to_string(), blank(), blank(), money(composition.sum_net_minor)]);
    table.row(["difference".to_owned(), blank(), blank(), blank(), money(composition.difference_minor)]);
    writeln!(output)?;
    Ok(table.write(output)?)
}

fn lines(output: &mut Output, row: &PayoutRow) -> std::io::Result<()> {
    if row.bank_lines.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[
        ("bank line", Align::Left),
        ("date", Align::Left),
        ("amount", Align::Right),
        ("reference", Align::Left),
        ("description", Align::Left),
    ]);
    for line in &row.bank_lines {
        table.row([
            line.id.to_string(),
            line.date_on.to_string(),
            line.amount.to_string(),
            or_dash(line.reference.as_deref()),
            line.description.clone(),
        ]);
    }
    writeln!(output)?;
    table.write(output)
}
