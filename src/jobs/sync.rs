//! `tieout sync`: everything that Stripe has for us, into the database.
//!
//! Walks ask for pages side by side; one thread owns the database and writes them, several in one transaction, each with
//! the place its walk has come to. Whatever ends a sync, what was read stays, and the next one goes on from there.

mod accounts;
mod balance;
mod charges;
mod context;
mod contradicted;
mod credit;
mod deliveries;
mod events;
mod left_out;
mod members;
mod one;
mod parts;
mod plan;
mod request;
mod stretches;
mod summary;
mod trouble;
mod walk;
mod writer;

use std::collections::BTreeMap;

use facts::{Mode, ObjectKind};
use futures_util::StreamExt;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use store::{RunState, Store};
use stripe::{ApiBase, ApiKey, CONCURRENCY, Client};
use tokio::task::JoinHandle;

pub use deliveries::work_off;
pub use request::{Day, Days, SyncRequest, kinds};
pub use summary::SyncSummary;
pub use trouble::permissions;

use self::accounts::Target;
use self::context::{Context, Halt};
use self::plan::Window;
use self::walk::WalkEnd;
use self::writer::Written;
use super::Progress;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::store_failure;

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
    let key = api_key(config)?;
    let mut store = open(outside, config, &key)?;
    store.claim_sync().map_err(store_failure)?;
    let run = store.begin_run("sync", outside.now()).map_err(store_failure)?;
    let mode = key.mode();
    let client = client(outside, config, key)?;
    let (sender, writing) = writer::start(store);
    let context = Context::new(outside, client, sender, request, progress);
    let accounts = read_everything(&context, config, mode, outside.now()).await;
    let found = context.finish(accounts);
    summary::conclude(outside, run, found, written(writing).await?)
}

fn client(outside: &Outside, config: &Config, key: ApiKey) -> Result<Client<Outside>, Failure> {
    let base = ApiBase::parse(&config.stripe_api_base).map_err(|error| {
        Failure::new(Exit::Usage, error.to_string()).hint("set STRIPE_API_BASE, or leave it out for Stripe's own")
    })?;
    Ok(Client::new(outside.clone(), base, key))
}

/// What the writer leaves, once every page is written.
async fn written(writing: JoinHandle<Written>) -> Result<Written, Failure> {
    writing.await.map_err(|error| Failure::new(Exit::Failed, format!("the writer stopped: {error}")))
}

/// The key that the configuration holds.
///
/// # Errors
/// [`Exit::Authentication`] when there is none, or it is no key.
pub fn api_key(config: &Config) -> Result<ApiKey, Failure> {
    let missing = || {
        Failure::new(Exit::Authentication, "no Stripe key: the environment variable STRIPE_API_KEY is not set")
            .hint(format!("make a restricted key that may read {}, and set STRIPE_API_KEY to it", trouble::permissions()))
    };
    let secret = config.stripe_api_key.as_ref().ok_or_else(missing)?;
    ApiKey::parse(secret.expose_secret()).map_err(|error| {
        Failure::new(Exit::Authentication, format!("STRIPE_API_KEY: {error}"))
            .hint("use a restricted key (rk_live_… or rk_test_…) from the API keys page of Stripe's dashboard")
    })
}

fn open(outside: &Outside, config: &Config, key: &ApiKey) -> Result<Store, Failure> {
    let store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
    let (holds, key) = (store.mode().map_err(store_failure)?, key.mode());
    if let Some(holds) = holds.filter(|holds| *holds != key) {
        return Err(store_failure(store::StoreError::OtherMode { holds, key }));
    }
    Ok(store)
}

/// Reads the accounts, then everything of each; whatever goes wrong is noted in the context.
async fn read_everything(
    context: &Context<'_>,
    config: &Config,
    mode: Mode,
    started_at: Timestamp,
) -> Result<Option<String>, Halt> {
    let targets = accounts::targets(context, mode).await?;
    let window = context.request.days.map(|days| days.window(&business_zone(config, &targets), started_at)).transpose();
    let window = window.map_err(Halt::Usage)?;
    futures_util::stream::iter(&targets)
        .map(|target| read_account(context, target, window.as_ref(), started_at))
        .buffer_unordered(ACCOUNTS_AT_ONCE)
        .collect::<()>()
        .await;
    Ok(window.and_then(|window| window.date).map(|date| date.to_string()))
}

/// The zone in which days are meant: the configured one, else the first account's, else UTC.
fn business_zone(config: &Config, targets: &[Target]) -> TimeZone {
    let name = config.time_zone.as_deref().or_else(|| targets.first().and_then(|target| target.time_zone.as_deref()));
    name.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
}

/// Reads one account to the end, and says so in the database if that is what happened.
async fn read_account(context: &Context<'_>, target: &Target, window: Option<&Window>, started_at: Timestamp) {
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
            balance::read(context, target, end, &due).await;
        }
    }
    if context.request.is_everything() && !context.has_trouble_with(target) {
        let id = target.id.clone();
        let marked = context.ask(move |store| store.mark_synced(&id, started_at)).await;
        marked.unwrap_or_else(|halt| context.note(Some(target), &format!("account {}", target.id), halt));
    }
}

/// How a run is kept.
fn run_state(complete: bool) -> RunState {
    if complete { RunState::Done } else { RunState::Incomplete }
}

#[cfg(test)]
mod tests;
