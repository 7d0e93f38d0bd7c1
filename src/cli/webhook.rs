//! `tieout webhook check|list|replay`

mod check;
mod checked;
mod problem;
mod registered;

use std::io::Write;

use store::{Delivery, DeliveryFilter, DeliveryState, Replay, Store};

use super::narrow::{Days, words};
use super::table::{Align, Table};
use super::talk::{note, or_dash, printable};
use super::{block_on, print, print_list};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::reconcile::{ReconcileRequest, reconcile};
use crate::jobs::sync::work_off;
use crate::outside::Outside;
use crate::views::delivery::DeliveryView;
use crate::views::load::{self, store_failure};

/// `tieout webhook`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Ask Stripe which endpoints are registered, and whether they send what Tieout acts upon
    #[command(after_help = super::help::WEBHOOK_CHECK)]
    Check(check::Check),
    /// Every event that was delivered, the newest first; --from and --to are the days on which it came
    List(List),
    /// Read again what events are about, and reconcile, now
    Replay {
        /// The events' ids
        #[arg(required_unless_present = "failed", conflicts_with = "failed")]
        ids: Vec<String>,
        /// All that failed
        #[arg(long)]
        failed: bool,
    },
}

#[derive(clap::Args, Debug)]
struct List {
    /// Only those in this state
    #[arg(long, value_parser = words(&DeliveryState::ALL, DeliveryState::as_str))]
    state: Option<DeliveryState>,
    #[command(flatten)]
    days: Days,
}

/// Runs it.
///
/// # Errors
/// No database, an id that never came, or those of a sync.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Check(check) => check.run(config, outside),
        Verb::List(list) => list.run(&load::open(config)?, config),
        Verb::Replay { ids, failed } => replay(if failed { Replay::Failed } else { Replay::Ids(ids) }, config, outside),
    }
}

impl List {
    fn run(&self, store: &Store, config: &Config) -> Result<Exit, Failure> {
        let (from_at, before_at) = self.days.instants(&load::zone(config, store)?)?;
        let filter = DeliveryFilter { state: self.state, from_at, before_at, limit: self.days.limit };
        let own = store.own_account().map_err(store_failure)?;
        let own = own.as_ref().map(facts::AccountId::as_str);
        let rows = store.deliveries(&filter).map_err(store_failure)?;
        if config.json {
            return print_list(&rows, |row| DeliveryView::of(row, own));
        }
        if rows.is_empty() {
            note(config, "nothing was delivered: tieout serve takes deliveries at /webhooks/stripe once STRIPE_WEBHOOK_SECRET is set");
        }
        let mut table = Table::new(&[
            ("id", Align::Left),
            ("received", Align::Left),
            ("state", Align::Left),
            ("times", Align::Right),
            ("type", Align::Left),
            ("about", Align::Left),
            ("problem", Align::Left),
        ]);
        rows.iter().for_each(|row| table.row(cells(row)));
        print(|output| Ok(table.write(output)?))
    }
}

fn cells(row: &Delivery) -> [String; 7] {
    [
        row.id.clone(),
        row.received_at.to_string(),
        row.state.as_str().to_owned(),
        row.times.to_string(),
        row.event_type.clone(),
        or_dash(row.subject.as_ref().map(|(_, id)| id.as_str())),
        or_dash(row.problem.as_deref()),
    ]
}

/// Makes them wait again, works off whatever waits, and reconciles.
fn replay(replay: Replay, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    // Before anything is written: a database that is not there is not made.
    drop(load::open(config)?);
    let mut store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
    let waiting = store.replay_deliveries(&replay).map_err(store_failure)?;
    drop(store);
    let worked = block_on(work_off(outside, config));
    // What could not be read keeps nothing else from counting.
    reconcile(outside, config, ReconcileRequest::default())?;
    let summary = worked?;
    let complete = summary.as_ref().is_none_or(|summary| summary.complete);
    for sentence in summary.iter().flat_map(|summary| &summary.unread) {
        note(config, &printable(sentence));
    }
    print(|output| {
        if config.json {
            return Ok(output.json(&serde_json::json!({ "replayed": waiting, "complete": complete }))?);
        }
        writeln!(output, "{waiting} replayed{}", if complete { "" } else { "; not all of it could be read" })?;
        Ok(())
    })?;
    Ok(if complete { Exit::Fine } else { Exit::Incomplete })
}
