//! `tieout txn list|show|explain`

use std::ops::ControlFlow;

use facts::PayoutId;
use money::Amount;
use store::{Store, TxnFilter, TxnRow};

use super::narrow::Narrow;
use super::output::{JsonArray, PrintError};
use super::table::{Align, Table};
use super::talk::{explanation, fields, in_exports, note, or_dash, unknown};
use super::totals::Totals;
use super::{Output, print};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};
use crate::views::txn::TxnView;

/// Rows are laid out for people this many at a time, so that a million of them are never held.
const ROWS_AT_A_TIME: usize = 1_000;

/// `tieout txn`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Every txn; --from and --to are the days on which Stripe posted it
    List(List),
    /// All that is known of one
    Show {
        /// The txn's id
        id: String,
    },
    /// What moved, what was charged, and where it went, in words
    Explain {
        /// The txn's id
        id: String,
    },
}

#[derive(clap::Args, Debug)]
struct List {
    /// Only those with this status of Stripe's: available, pending
    #[arg(long, value_name = "STATUS")]
    state: Option<String>,
    /// Only those that this payout holds
    #[arg(long, value_name = "ID", value_parser = PayoutId::parse)]
    payout: Option<PayoutId>,
    /// Only those of this reporting category: charge, refund, dispute, fee …
    #[arg(long, value_name = "CATEGORY")]
    category: Option<String>,
    #[command(flatten)]
    narrow: Narrow,
}

/// Runs it.
///
/// # Errors
/// No database, an unknown id, or a database that fails.
pub fn run(args: Args, config: &Config, _outside: &Outside) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    let find = |id: &str| store.txn(id).map_err(store_failure)?.ok_or_else(|| unknown("txn", id, "tieout txn list"));
    match args.verb {
        Verb::List(list) => list.run(&store, config),
        Verb::Show { id } => show(&store, &find(&id)?, config),
        Verb::Explain { id } => explanation(config, &id, &sentences(&store, &find(&id)?)?),
    }
}

impl List {
    fn run(&self, store: &Store, config: &Config) -> Result<Exit, Failure> {
        let filter = self.filter(store, config)?;
        if config.json {
            return print(|output| {
                let mut array = output.array()?;
                each(store, &filter, |row| push(&mut array, row))?;
                Ok(array.end()?)
            });
        }
        print(|output| {
            let mut rows = Rows::new(output);
            each(store, &filter, |row| rows.add(row))?;
            if rows.end()? == 0 {
                note(config, "no txns here: tieout sync reads them from Stripe");
            }
            Ok(())
        })
    }

    fn filter(&self, store: &Store, config: &Config) -> Result<TxnFilter, Failure> {
        let (from_at, before_at) = self.narrow.days.instants(&load::zone(config, store)?)?;
        Ok(TxnFilter {
            account: self.narrow.account.clone(),
            payout: self.payout.clone(),
            reporting_category: self.category.clone(),
            status: self.state.clone(),
            from_at,
            before_at,
            limit: self.narrow.days.limit,
            ..TxnFilter::default()
        })
    }
}

fn push(array: &mut JsonArray<'_>, row: &TxnRow) -> Result<(), PrintError> {
    Ok(array.push(&TxnView::of(row))?)
}

/// Calls `take` with every row, one at a time, and stops at its first error.
fn each(store: &Store, filter: &TxnFilter, mut take: impl FnMut(&TxnRow) -> Result<(), PrintError>) -> Result<(), PrintError> {
    let mut taken = Ok(());
    let mut one = |row: TxnRow| {
        taken = take(&row);
        if taken.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    store.txns(filter, &mut one).map_err(store_failure)?;
    taken
}

/// The table for people, written in batches.
struct Rows<'a> {
    output: &'a mut Output,
    table: Table,
    net: Totals,
    count: u64,
}

impl<'a> Rows<'a> {
    fn new(output: &'a mut Output) -> Self {
        let table = Table::new(&[
            ("id", Align::Left),
            ("created", Align::Left),
            ("category", Align::Left),
            ("amount", Align::Right),
            ("fee", Align::Right),
            ("net", Align::Right),
            ("charged", Align::Right),
            ("rate", Align::Right),
            ("payout", Align::Left),
            ("source", Align::Left),
        ]);
        Self { output, table, net: Totals::default(), count: 0 }
    }

    fn add(&mut self, row: &TxnRow) -> Result<(), PrintError> {
        let txn = &row.txn;
        let money = |minor| Amount::new(minor, txn.amount.currency()).to_string();
        self.net.add(Amount::new(txn.net_minor, txn.amount.currency()))?;
        self.count += 1;
        self.table.row([
            txn.id.to_string(),
            txn.created_at.to_string(),
            txn.reporting_category.clone(),
            money(txn.amount.minor()),
            money(txn.fee_minor),
            money(txn.net_minor),
            row.source_amount.map_or_else(String::new, |amount| amount.to_string()),
            txn.exchange_rate.clone().unwrap_or_default(),
            row.payout.as_ref().map_or_else(String::new, PayoutId::to_string),
            txn.source.as_ref().map_or_else(String::new, |source| source.id.clone()),
        ]);
        if self.table.len() >= ROWS_AT_A_TIME {
            self.table.write_and_go_on(self.output)?;
        }
        Ok(())
    }

    fn end(mut self) -> Result<u64, PrintError> {
        self.table.write_and_go_on(self.output)?;
        self.net.write(self.output, "txn, net", "txns, net")?;
        Ok(self.count)
    }
}

fn show(store: &Store, row: &TxnRow, config: &Config) -> Result<Exit, Failure> {
    let view = TxnView::of(row);
    if config.json {
        return print(|output| Ok(output.json(&view)?));
    }
    let txn = &row.txn;
    let money = |minor| Amount::new(minor, txn.amount.currency()).to_string();
    let rows = [
        ("id", view.id.to_owned()),
        ("account", view.account.to_owned()),
        ("type", view.kind.to_owned()),
        ("category", view.reporting_category.to_owned()),
        ("amount", money(view.amount_minor)),
        ("fee", money(view.fee_minor)),
        ("net", money(view.net_minor)),
        ("charged", or_dash(row.source_amount.map(|amount| amount.to_string()).as_deref())),
        ("exchange rate", or_dash(view.exchange_rate)),
        ("status", view.status.to_owned()),
        ("balance type", view.balance_type.to_owned()),
        ("created at", view.created_at.to_string()),
        ("available on", view.available_on.to_string()),
        ("source", or_dash(view.source)),
        ("payout", or_dash(view.payout)),
        ("description", or_dash(txn.description.as_deref())),
    ];
    let in_exports = in_exports(store, &txn.account, "txn", view.id)?;
    print(|output| Ok(fields(output, &[&rows[..], &in_exports].concat())?))
}

fn sentences(store: &Store, row: &TxnRow) -> Result<Vec<String>, Failure> {
    let txn = &row.txn;
    let money = |minor| Amount::new(minor, txn.amount.currency());
    let mut told = vec![format!(
        "{} is a {} of {} less a fee of {}: it moved the balance of {} by {} at {}.",
        txn.id,
        txn.reporting_category.replace('_', " "),
        money(txn.amount.minor()),
        money(txn.fee_minor),
        txn.account,
        money(txn.net_minor),
        txn.created_at
    )];
    if let (Some(rate), Some(charged)) = (&txn.exchange_rate, row.source_amount) {
        told.push(format!("{charged} was charged and converted at {rate} into {}.", money(txn.amount.minor())));
    }
    told.extend(source(store, row)?);
    told.push(match &row.payout {
        Some(payout) => format!("It was paid out in {payout}; tieout payout explain {payout} says how that stands."),
        None => format!("No payout lists it; it is available from {}.", txn.available_on),
    });
    Ok(told)
}

/// The charge, refund or dispute behind a txn, in a sentence.
fn source(store: &Store, row: &TxnRow) -> Result<Option<String>, Failure> {
    let Some(source) = &row.txn.source else { return Ok(None) };
    let id = source.id.as_str();
    if let Some(charge) = store.charge(id).map_err(store_failure)? {
        let metadata: Vec<String> = charge.metadata.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let said = if metadata.is_empty() { String::new() } else { format!("; the merchant noted {}", metadata.join(", ")) };
        return Ok(Some(format!("It comes from charge {id} of {} ({}){said}.", charge.amount, charge.status)));
    }
    if let Some(refund) = store.refund(id).map_err(store_failure)? {
        let of = refund.charge.map_or_else(String::new, |charge| format!(" of charge {charge}"));
        let reason = refund.reason.map_or_else(String::new, |reason| format!(", because: {}", reason.replace('_', " ")));
        return Ok(Some(format!("It comes from refund {id}{of}, {}{reason}.", refund.amount)));
    }
    if let Some(dispute) = store.dispute(id).map_err(store_failure)? {
        let (amount, charge) = (dispute.amount, dispute.charge);
        return Ok(Some(format!(
            "It comes from dispute {id} of charge {charge}, {amount}, {} ({}).",
            dispute.reason, dispute.status
        )));
    }
    Ok(Some(format!("It comes from {id}.")))
}
