//! What Stripe delivered to the webhook, worked off: a delivery is a hint, and what it is about is read again.
//!
//! What costs money moves more than itself: the txns made since the last walk are read too, the lists of payouts that became
//! complete, and the balance, so that what is reconciled afterwards is as of now. All of it costs what changed, not history.

use std::collections::{BTreeMap, BTreeSet};

use facts::{AccountId, Mode, ObjectKind};
use futures_util::StreamExt;
use store::{Changed, Delivery, DeliveryState, Settled, Store, SyncWindow};
use stripe::{CONCURRENCY, StripeError, declaration};

use super::accounts::{self, Target};
use super::context::{Context, Halt};
use super::{SyncRequest, SyncSummary, api_key, balance, client, events, members, one, open, summary, walk, writer};
use crate::config::Config;
use crate::exit::Failure;
use crate::jobs::Unwatched;
use crate::outside::Outside;
use crate::views::load::store_failure;

/// Deliveries worked off before they are noted as settled.
const AT_ONCE: u32 = 500;

/// Kinds whose changes come with txns of their own.
const MOVES_MONEY: [ObjectKind; 8] = [
    ObjectKind::Balance,
    ObjectKind::Payout,
    ObjectKind::Charge,
    ObjectKind::Refund,
    ObjectKind::Dispute,
    ObjectKind::Transfer,
    ObjectKind::Topup,
    ObjectKind::ApplicationFee,
];

/// Reads again what waiting deliveries are about.
///
/// What cannot be read for now waits on, and the summary is not complete; what will never be readable without a person is
/// noted as failed. `None` where nothing waits: then nothing is asked, and no run is kept.
///
/// # Errors
/// Those of a sync.
pub async fn work_off(outside: &Outside, config: &Config) -> Result<Option<SyncSummary>, Failure> {
    let store = Store::open_existing(&config.database).map_err(store_failure)?;
    let waiting = store.map(|store| store.waiting_deliveries(1)).transpose().map_err(store_failure)?;
    if waiting.is_none_or(|waiting| waiting.is_empty()) {
        return Ok(None);
    }
    let key = api_key(config)?;
    let mode = key.mode();
    let mut store = open(outside, config, &key)?;
    let run = store.begin_run("webhook", outside.now()).map_err(store_failure)?;
    let request = SyncRequest { skip: config.sync_skip.clone(), ..SyncRequest::default() };
    let mut progress = Unwatched;
    let (sender, writing) = writer::start(store);
    let context = Context::new(outside, client(outside, config, key)?, sender, &request, &mut progress);
    let worked = all(&context, mode).await;
    let found = context.finish(worked.map(|()| None));
    summary::conclude(outside, run, found, super::written(writing).await?).map(Some)
}

async fn all(context: &Context<'_>, mode: Mode) -> Result<(), Halt> {
    let own = accounts::own(context, mode).await?;
    loop {
        let waiting = context.ask(|store| store.waiting_deliveries(AT_ONCE)).await?;
        let (mut settled, came) = (0, waiting.len());
        let mut by_account: BTreeMap<Option<AccountId>, Vec<Delivery>> = BTreeMap::new();
        waiting.into_iter().for_each(|delivery| by_account.entry(delivery.account.clone()).or_default().push(delivery));
        for (account, deliveries) in by_account {
            settled += of_account(context, &own, account, mode, deliveries).await?;
        }
        // What is left waits for Stripe or for the network.
        if came == 0 || settled == 0 {
            return Ok(());
        }
    }
}

/// Works off the deliveries of one account; says how many wait no more.
async fn of_account(
    context: &Context<'_>,
    own: &Target,
    account: Option<AccountId>,
    mode: Mode,
    deliveries: Vec<Delivery>,
) -> Result<usize, Halt> {
    let target = match account {
        Some(id) if id != own.id => Target { behalf: Some(id.clone()), id, time_zone: None },
        Some(_) | None => own.clone(),
    };
    let subjects: BTreeSet<(ObjectKind, String)> = deliveries
        .iter()
        .filter(|one| ignored(context, &target, mode, one).is_none())
        .filter_map(|one| one.subject.clone())
        .collect();
    let mut read: BTreeMap<(ObjectKind, String), Read> = futures_util::stream::iter(subjects)
        .map(|subject| read_again(context, own, &target, subject))
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await;
    if read.iter().any(|((kind, _), read)| *read == Read::Done && MOVES_MONEY.contains(kind)) {
        let before = context.troubles_with(&target);
        follow(context, &target, &deliveries).await?;
        if context.troubles_with(&target) > before {
            // What moved with them is not here: they wait with it.
            let moved = read.iter_mut().filter(|((kind, _), read)| **read == Read::Done && MOVES_MONEY.contains(kind));
            moved.for_each(|(_, read)| *read = Read::Later("what moved with it could not be read".to_owned()));
        }
    }
    let settled: Vec<Settled> = deliveries.iter().filter_map(|one| settle(context, &target, mode, one, &read)).collect();
    let count = settled.iter().filter(|one| one.state != DeliveryState::Waiting).count();
    let at = context.outside.now();
    context.ask(move |store| store.settle_deliveries(&settled, at)).await?;
    Ok(count)
}

/// Why nothing is to be read for a delivery.
fn ignored(context: &Context<'_>, target: &Target, mode: Mode, delivery: &Delivery) -> Option<String> {
    if delivery.mode != mode {
        return Some(format!("it is about {} data, and this database holds {} data", delivery.mode.as_str(), mode.as_str()));
    }
    let Some((kind, _)) = &delivery.subject else { return Some("it is about nothing that is kept".to_owned()) };
    (!events::is_due(context, target, *kind)).then(|| format!("the configuration leaves {} out (sync_skip)", kind.as_str()))
}

/// What became of reading an object again.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Read {
    Done,
    /// Stripe no longer has it.
    Gone,
    /// Trying again helps only after a person has mended what it says.
    Failed(String),
    /// The key may not read it, and reconciling does not need it.
    LeftOut(String),
    /// Stripe or the network is down, or busy.
    Later(String),
}

async fn read_again(
    context: &Context<'_>,
    own: &Target,
    target: &Target,
    subject: (ObjectKind, String),
) -> ((ObjectKind, String), Read) {
    let (kind, id) = (subject.0, subject.1.as_str());
    let read = match kind {
        // The key's own was just read, and balances are read after the txns that make them.
        ObjectKind::Balance | ObjectKind::Txn => Ok(()),
        ObjectKind::Account if target.behalf.is_none() => Ok(()),
        ObjectKind::Account => accounts::read_connected(context, &own.id, &target.id).await,
        _ => {
            let changed = Changed { kind, object_id: id.to_owned(), events: Vec::new(), created_at: None };
            read_with_charge(context, target, &changed).await
        }
    };
    let read = match read {
        Ok(()) => Read::Done,
        Err(Halt::Stripe(StripeError::NotFound { .. })) => Read::Gone,
        Err(Halt::Stripe(error @ StripeError::Permission { .. })) if !declaration(kind).is_needed() => {
            Read::LeftOut(error.to_string())
        }
        Err(halt) => outcome(context, target, id, halt),
    };
    (subject, read)
}

/// Reads an object again, and with a refund or a dispute the charge that it changes: Stripe need not deliver that.
async fn read_with_charge(context: &Context<'_>, target: &Target, changed: &Changed) -> Result<(), Halt> {
    events::read_with_intents(context, target, changed, None).await?;
    if !matches!(changed.kind, ObjectKind::Refund | ObjectKind::Dispute) {
        return Ok(());
    }
    let (account, kind, id) = (target.id.clone(), changed.kind, changed.object_id.clone());
    match context.ask(move |store| store.charge_of(&account, kind, &id)).await? {
        Some(charge) => one::read(context, target, ObjectKind::Charge, &charge).await,
        None => Ok(()),
    }
}

fn outcome(context: &Context<'_>, target: &Target, id: &str, halt: Halt) -> Read {
    let why = match &halt {
        Halt::Stripe(error) => error.to_string(),
        Halt::Store(_) | Halt::Stopping | Halt::Usage(_) => "the sync was stopping".to_owned(),
    };
    let lasting = match &halt {
        Halt::Stripe(StripeError::Permission { .. } | StripeError::Refused { .. } | StripeError::BadAnswer { .. }) => true,
        // A connected account that closed itself to the key; the key itself was just taken.
        Halt::Stripe(StripeError::Authentication { .. }) => target.behalf.is_some(),
        Halt::Stripe(_) | Halt::Store(_) | Halt::Stopping | Halt::Usage(_) => false,
    };
    context.note(Some(target), &format!("{id} of {}", target.id), halt);
    if lasting { Read::Failed(why) } else { Read::Later(why) }
}

/// Reads what moved with money: refunds of charges, txns made since the last walk, members of payouts, the balance.
async fn follow(context: &Context<'_>, target: &Target, deliveries: &[Delivery]) -> Result<(), Halt> {
    let account = target.id.clone();
    let walk = context.ask(move |store| store.walk(&account, ObjectKind::Txn)).await?;
    // Before the first sync has read all history there is nothing to follow.
    if walk.and_then(|walk| walk.complete_until).is_none() {
        return Ok(());
    }
    // What is pending is read again by the daily sync; here only what is new.
    let new = SyncWindow::default();
    if deliveries.iter().any(|one| one.event_type.starts_with("charge.refund")) {
        walk::read_kind(context, target, ObjectKind::Refund, None, &new).await;
    }
    let end = walk::read_kind(context, target, ObjectKind::Txn, None, &new).await;
    members::read(context, target).await;
    if let Some(end) = end {
        balance::read(context, target, end, &new).await;
    }
    Ok(())
}

/// How a delivery stands now; `None` where nothing was tried for it.
fn settle(
    context: &Context<'_>,
    target: &Target,
    mode: Mode,
    delivery: &Delivery,
    read: &BTreeMap<(ObjectKind, String), Read>,
) -> Option<Settled> {
    let settled = |state, problem| Settled { id: delivery.id.clone(), state, problem, gone: None };
    if let Some(why) = ignored(context, target, mode, delivery) {
        return Some(settled(DeliveryState::Ignored, Some(why)));
    }
    let subject @ (kind, id) = delivery.subject.as_ref()?;
    Some(match read.get(subject)? {
        Read::Done => settled(DeliveryState::Done, None),
        Read::Gone => {
            // A row that verdicts stand on is not called deleted: such objects never are.
            let gone = (!declaration(*kind).is_needed()).then(|| (target.id.clone(), *kind, id.clone()));
            Settled { gone, ..settled(DeliveryState::Done, Some("Stripe no longer has it".to_owned())) }
        }
        Read::LeftOut(why) => settled(DeliveryState::Ignored, Some(why.clone())),
        Read::Failed(why) => settled(DeliveryState::Failed, Some(why.clone())),
        Read::Later(why) => settled(DeliveryState::Waiting, Some(why.clone())),
    })
}
