//! `tieout sync`: everything that Stripe has for us, into the database.
//!
//! Walks ask for pages side by side; one thread owns the database and writes them, several in one transaction, each with
//! the place its walk has come to. Whatever ends a sync, what was read stays, and the next one goes on from there.

mod accounts;
mod again;
mod balance;
mod beginning;
mod charges;
mod connected;
mod context;
mod contradicted;
mod credit;
mod deliveries;
mod events;
mod keys;
mod left_out;
mod members;
mod one;
mod parts;
mod plan;
mod proof;
mod request;
mod stretches;
mod summary;
mod sweep;
mod trouble;
mod walk;
mod writer;

use std::collections::BTreeMap;

use facts::{Mode, ObjectKind};
use futures_util::StreamExt;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{LeaseName, Pace, RunId, RunState, Store};
use stripe::{ApiBase, CONCURRENCY, Client};
use tokio::task::JoinHandle;

pub use deliveries::work_off;
pub use keys::{Keys, NamedKey};
pub use plan::begins_with_account;
pub use request::{Day, Days, SyncRequest, kinds};
pub use summary::SyncSummary;
pub use sweep::Sweep;
pub use trouble::permissions;

use self::accounts::{Reached, Target};
use self::context::{Context, Found, Halt, Watched};
use self::plan::Window;
use self::walk::WalkEnd;
use self::writer::Written;
use super::Progress;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::{store_failure, zone_of};

/// Accounts read side by side. Their requests share the places of [`stripe::PLACES`].
const ACCOUNTS_AT_ONCE: usize = 4;

/// Reads what Stripe has into the database of `config`.
///
/// A sync that could not read everything is not a failure: its summary says `complete: false`, and what was missed.
///
/// # Errors
/// [`Exit::Authentication`] for a key that is missing, wrong, of the other mode, or lacks a permission; [`Exit::Upstream`]
/// when nothing could be read because Stripe or the network is down; [`Exit::Conflict`] when somebody else holds the
/// database, or syncs into it; [`Exit::Usage`] for an unknown account or a bad address.
pub async fn sync(
    outside: &Outside,
    config: &Config,
    request: &SyncRequest,
    progress: &mut dyn Progress,
) -> Result<SyncSummary, Failure> {
    let keys = Keys::of(config)?;
    let mode = keys.mode;
    let clients = clients(outside, config, keys)?;
    let mut store = open_alone(outside, config, mode).await?;
    let run = store.begin_run_by(request.trigger, "sync", outside.now()).map_err(store_failure)?;
    let (sender, writing) = writer::start(store);
    let watched = Watched::new(progress);
    let context = |client| Context::new(outside, client, sender.clone(), request, &watched);
    let contexts: Vec<Context<'_>> = clients.into_iter().map(context).collect();
    drop(sender);
    let mut found = Found { date: read_everything(&contexts, config, mode, (run, outside.now())).await, ..Found::default() };
    contexts.into_iter().for_each(|context| context.finish(&mut found));
    watched.finish();
    summary::conclude(outside, run, found, written(writing).await?)
}

/// Somebody who asks Stripe with each key at the configured address, by the key's name.
///
/// # Errors
/// [`Exit::Usage`] for an address that is none.
pub fn clients(outside: &Outside, config: &Config, keys: Keys) -> Result<Vec<(String, Client<Outside>)>, Failure> {
    let base = ApiBase::parse(&config.stripe_api_base).map_err(|error| {
        Failure::new(Exit::Usage, error.to_string()).hint("set STRIPE_API_BASE, or leave it out for Stripe's own")
    })?;
    let share = config.stripe_share_percent;
    let client = |named: NamedKey| (named.name, Client::new(outside.clone(), base.clone(), named.key, share));
    Ok(keys.keys.into_iter().map(client).collect())
}

/// What the writer leaves, once every page is written.
async fn written(writing: JoinHandle<Written>) -> Result<Written, Failure> {
    writing.await.map_err(|error| Failure::new(Exit::Failed, format!("the writer stopped: {error}")))
}

/// Opens the database with the lease of a sync; waits for whoever has it.
async fn open_alone(outside: &Outside, config: &Config, key: Mode) -> Result<Store, Failure> {
    let mut store = open(outside, config, key)?;
    let claiming = tokio::task::spawn_blocking(move || store.lease(LeaseName::Sync, Pace::STANDARD).map(|()| store));
    let claimed = claiming.await.map_err(|error| Failure::new(Exit::Failed, format!("the database was not opened: {error}")))?;
    claimed.map_err(store_failure)
}

fn open(outside: &Outside, config: &Config, key: Mode) -> Result<Store, Failure> {
    let store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
    let holds = store.mode().map_err(store_failure)?;
    if let Some(holds) = holds.filter(|holds| *holds != key) {
        return Err(store_failure(store::StoreError::OtherMode { holds, key }));
    }
    Ok(store)
}

/// Reads the accounts that each key reaches, then everything of each; whatever goes wrong is noted in the contexts. Returns the
/// day that was asked for, where it was one.
///
/// Our own accounts come before all connected ones, so that they are never late because of those. One key after the other: each
/// has a limit of its own, and together they would hold more pages in memory than the writer can take.
async fn read_everything(
    contexts: &[Context<'_>],
    config: &Config,
    mode: Mode,
    (run, started_at): (RunId, Timestamp),
) -> Option<String> {
    let reached = accounts::reached(contexts, mode, run).await;
    let first = contexts.first()?;
    let zone = match business_zone(first, config).await {
        Ok(zone) => zone,
        Err(halt) => {
            first.note(None, "the accounts", halt);
            return None;
        }
    };
    let window = first.request.days.map(|days| days.window(&zone, started_at)).transpose();
    let window = match window {
        Ok(window) => window,
        Err(why) => {
            first.note(None, "the days", Halt::Usage(why));
            return None;
        }
    };
    let since = match beginning::instant(first.request.since, &zone, started_at) {
        Ok(since) => since,
        Err(why) => {
            first.note(None, "the day", Halt::Usage(why));
            return None;
        }
    };
    let what = What { since, window: window.as_ref(), started_at, run, zone: &zone };
    for Reached { context, first, .. } in &reached {
        if let Some(first) = first {
            read_account(context, first, &what).await;
        }
    }
    for Reached { context, own, .. } in reached.iter().filter(|one| one.sweeps) {
        sweep::sweep(context, &own.id, &what).await;
    }
    window.and_then(|window| window.date).map(|date| date.to_string())
}

/// The zone in which days are meant, as the pages mean them. The database knows it, so that a key that does not do today moves no
/// day.
async fn business_zone(context: &Context<'_>, config: &Config) -> Result<TimeZone, Halt> {
    let accounts = context.ask(|store| store.own_accounts()).await?;
    Ok(zone_of(config.time_zone.as_deref(), &accounts))
}

/// What is to be read of each account.
struct What<'a> {
    /// Where those begin that were never read.
    since: Option<Timestamp>,
    /// The stretch of time, where not all is to be read.
    window: Option<&'a Window>,
    /// When this sync began.
    started_at: Timestamp,
    /// Which run it is.
    run: RunId,
    /// The zone in which days are meant.
    zone: &'a TimeZone,
}

/// Reads one account to the end, and says so in the database if that is what happened.
async fn read_account(context: &Context<'_>, target: &Target, what: &What<'_>) {
    let (window, began) = (what.window, context.outside.now());
    if let Some(at) = what.since
        && let Err(halt) = beginning::set(context, target, at).await
    {
        return context.note(Some(target), &format!("account {}", target.id), halt);
    }
    let id = target.id.clone();
    let due = match context.ask(move |store| store.sync_window(&id)).await {
        Ok(due) => due,
        Err(halt) => return context.note(Some(target), &format!("account {}", target.id), halt),
    };
    if window.is_none() {
        events::read(context, target, &due).await;
    }
    let walk = async |kind: ObjectKind| {
        let end = walk::read_kind(context, target, kind, window, &due).await;
        if kind == ObjectKind::Payout {
            members::read(context, target).await;
        }
        end.map(|end| (kind, end))
    };
    let walks = futures_util::stream::iter(request::kinds()).map(walk).buffer_unordered(CONCURRENCY);
    let mut walked: BTreeMap<ObjectKind, WalkEnd> = walks.filter_map(std::future::ready).collect().await;
    charges::read_changed(context, target, &walked).await;
    if window.is_none() {
        events::read_changed(context, target, &walked).await;
        credit::read(context, target).await;
        contradicted::read_again(context, target).await;
        if let Some(end) = walked.remove(&ObjectKind::Txn) {
            let since = proof::sources_due(end.since, &due);
            // Before the balance: a difference from that reads everything again, and what was missing here would be here.
            let found_since = again::list_a_day(context, target, what.zone, &due).await;
            balance::read(context, target, end, &due).await;
            proof::of_balance(context, target, &due).await;
            // What was missing names objects that may be missing too.
            let since = since.map(|since| found_since.map_or(since, |found| found.min(since)));
            proof::of_sources(context, target, &due, since, &walked).await;
        }
    }
    if context.request.is_everything() && !context.has_trouble_with(target) {
        let id = target.id.clone();
        let marked = context.ask(move |store| store.mark_synced(&id, began)).await;
        marked.unwrap_or_else(|halt| context.note(Some(target), &format!("account {}", target.id), halt));
    }
}

/// How a run is kept.
fn run_state(complete: bool) -> RunState {
    if complete { RunState::Done } else { RunState::Incomplete }
}

#[cfg(test)]
mod tests;
