//! What Stripe delivered to the webhook, worked off: a delivery is a hint, and what it is about is read again.
//!
//! What costs money moves more than itself: the txns made since the last walk are read too, the lists of payouts that became
//! complete, and the balance, so that what is reconciled afterwards is as of now. All of it costs what changed, not history.

use std::collections::{BTreeMap, BTreeSet};

use facts::{AccountId, Mode, ObjectKind};
use futures_util::StreamExt;
use jiff::SignedDuration;
use store::{Changed, Delivery, DeliveryState, RunTrigger, Settled, Store, SyncWindow};
use stripe::{CONCURRENCY, StripeError, declaration};

use super::accounts::{self, Reached, Target};
use super::context::{Context, Found, Halt, Watched};
use super::{Keys, SyncRequest, SyncSummary, balance, clients, events, members, one, open_alone, summary, walk, writer};
use crate::config::Config;
use crate::exit::Failure;
use crate::jobs::Unwatched;
use crate::outside::Outside;
use crate::views::load::store_failure;

/// Deliveries worked off before they are noted as settled.
const AT_ONCE: u32 = 50;

/// After how long the database is left to a sync that waits for it, and what was read is reconciled; what comes meanwhile is worked
/// off after that.
const TURN: SignedDuration = SignedDuration::from_secs(1);

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

/// Reads again what waiting deliveries are about, for one turn: a sync and this never read into one database side by side.
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
    let keys = Keys::of(config)?;
    let mode = keys.mode;
    let clients = clients(outside, config, keys)?;
    let mut store = open_alone(outside, config, mode).await?;
    let run = store.begin_run_by(RunTrigger::Webhook, "webhook", outside.now()).map_err(store_failure)?;
    let request = SyncRequest { skip: config.sync_skip.clone(), ..SyncRequest::default() };
    let mut progress = Unwatched;
    let watched = Watched::new(&mut progress);
    let (sender, writing) = writer::start(store);
    let context = |client| Context::new(outside, client, sender.clone(), &request, &watched);
    let contexts: Vec<Context<'_>> = clients.into_iter().map(context).collect();
    drop(sender);
    let (owners, every) = accounts::owned(&contexts, mode).await;
    if let Some(first) = contexts.first() {
        let worked = Owners { reached: &owners, all: every }.work_off(first, mode).await;
        worked.unwrap_or_else(|halt| first.note(None, "what was delivered", halt));
    }
    drop(owners);
    let mut found = Found::default();
    contexts.into_iter().for_each(|context| context.finish(&mut found));
    watched.finish();
    summary::conclude(outside, run, found, super::written(writing).await?).map(Some)
}

/// The keys that deliveries are read with.
struct Owners<'a, 'c> {
    /// What each reaches.
    reached: &'a [Reached<'a, 'c>],
    /// Whether every key is among them: else one that is not may know what these do not.
    all: bool,
}

impl Owners<'_, '_> {
    async fn work_off(&self, context: &Context<'_>, mode: Mode) -> Result<(), Halt> {
        let began = context.outside.now();
        while context.outside.now().duration_since(began) < TURN {
            let waiting = context.ask(|store| store.waiting_deliveries(AT_ONCE)).await?;
            let (mut settled, came) = (0, waiting.len());
            let mut by_account: BTreeMap<Option<AccountId>, Vec<Delivery>> = BTreeMap::new();
            waiting.into_iter().for_each(|delivery| by_account.entry(delivery.account.clone()).or_default().push(delivery));
            for (account, deliveries) in by_account {
                settled += self.of_account(account.as_ref(), mode, deliveries).await?;
            }
            // What is left waits for Stripe, for the network, or for a key.
            if came == 0 || settled == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Works off the deliveries of one account; says how many wait no more.
    ///
    /// A delivery does not say which of our own accounts it is of, nor to which of them a connected one belongs. Ids are unique
    /// over all of Stripe, so that one key after the other is asked until one knows the object.
    async fn of_account(&self, account: Option<&AccountId>, mode: Mode, deliveries: Vec<Delivery>) -> Result<usize, Halt> {
        let own = self.reached.iter().find(|owner| account == Some(&owner.own.id));
        let asked: Vec<&Reached<'_, '_>> = own.map_or_else(|| self.reached.iter().collect(), |own| vec![own]);
        let mut round = Round { mode, left: deliveries, refused: BTreeMap::new(), settled: 0 };
        for (place, owner) in asked.iter().enumerate() {
            let target = match account {
                Some(id) if *id != owner.own.id => Target::connected(id.clone(), None),
                Some(_) | None => owner.own.clone(),
            };
            let is_last = place + 1 == asked.len() && (self.all || own.is_some());
            round.with_key(owner, &target, is_last).await?;
        }
        if let Some(owner) = asked.last() {
            round.leave(owner.context).await?;
        }
        Ok(round.settled)
    }
}

type Subject = (ObjectKind, String);

/// Deliveries of one account, on their way from key to key.
struct Round {
    mode: Mode,
    /// Those that no key has known yet.
    left: Vec<Delivery>,
    /// What a key refused to read, which may have been its own.
    refused: BTreeMap<Subject, Read>,
    /// How many wait no more.
    settled: usize,
}

impl Round {
    /// Reads with one key what the deliveries are about. What it does not know is left, unless it is the last.
    async fn with_key(&mut self, owner: &Reached<'_, '_>, target: &Target, is_last: bool) -> Result<(), Halt> {
        let context = owner.context;
        let is_due = |one: &&Delivery| ignored(context, target, self.mode, one).is_none();
        let subjects: BTreeSet<Subject> = self.left.iter().filter(is_due).filter_map(|one| one.subject.clone()).collect();
        let mut read: BTreeMap<Subject, Read> = futures_util::stream::iter(subjects)
            .map(|subject| read_again(owner, target, subject, is_last))
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
        if read.iter().any(|((kind, _), read)| moves_money(*kind, read)) {
            let before = context.troubles_with(target);
            follow(context, target, &self.left).await?;
            if context.troubles_with(target) > before {
                // What moved with them is not here: they wait with it.
                let moved = read.iter_mut().filter(|((kind, _), read)| moves_money(*kind, read));
                moved.for_each(|(_, read)| *read = Read::Later("what moved with it could not be read".to_owned()));
            }
        }
        self.pass_on(&mut read, is_last);
        let settled: Vec<Settled> = self.left.iter().filter_map(|one| settle(context, target, self.mode, one, &read)).collect();
        let tried: BTreeSet<String> = settled.iter().map(|one| one.id.clone()).collect();
        self.left.retain(|one| !tried.contains(&one.id));
        self.note(context, settled).await
    }

    /// Keeps for the next key what this one did not know or would not read; the last one says what the others said of it.
    fn pass_on(&mut self, read: &mut BTreeMap<Subject, Read>, is_last: bool) {
        if is_last {
            for (subject, read) in read.iter_mut().filter(|(_, read)| **read == Read::Gone) {
                *read = self.refused.remove(subject).unwrap_or(Read::Gone);
            }
            return;
        }
        let stays =
            |(kind, _): &Subject, read: &Read| *kind != ObjectKind::Balance && matches!(read, Read::Done | Read::Later(_));
        for (subject, read) in read.extract_if(.., |subject, read| !stays(subject, read)) {
            if matches!(read, Read::Failed(_) | Read::LeftOut(_)) {
                self.refused.insert(subject, read);
            }
        }
    }

    /// What no key that can be used knows may be another's: it waits.
    async fn leave(&mut self, context: &Context<'_>) -> Result<(), Halt> {
        let why = || Some("a key that may know it could not be used".to_owned());
        let wait =
            |one: Delivery| Settled { id: one.id, state: DeliveryState::Waiting, problem: why(), account: None, gone: None };
        let settled = std::mem::take(&mut self.left).into_iter().map(wait).collect();
        self.note(context, settled).await
    }

    async fn note(&mut self, context: &Context<'_>, settled: Vec<Settled>) -> Result<(), Halt> {
        self.settled += settled.iter().filter(|one| one.state != DeliveryState::Waiting).count();
        if settled.is_empty() {
            return Ok(());
        }
        let at = context.outside.now();
        context.ask(move |store| store.settle_deliveries(&settled, at)).await
    }
}

fn moves_money(kind: ObjectKind, read: &Read) -> bool {
    *read == Read::Done && MOVES_MONEY.contains(&kind)
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

async fn read_again(owner: &Reached<'_, '_>, target: &Target, subject: Subject, is_last: bool) -> (Subject, Read) {
    let (kind, id, context) = (subject.0, subject.1.as_str(), owner.context);
    let read = match kind {
        // The key's own was just read, and balances are read after the txns that make them.
        ObjectKind::Balance | ObjectKind::Txn => Ok(()),
        ObjectKind::Account if target.behalf.is_none() => Ok(()),
        ObjectKind::Account => accounts::read_connected(context, &owner.own.id, &target.id).await,
        _ => {
            let changed = Changed { kind, object_id: id.to_owned(), events: Vec::new(), created_at: None };
            read_with_charge(context, target, &changed).await
        }
    };
    let read = match read {
        Ok(()) => Read::Done,
        Err(Halt::Stripe(StripeError::NotFound { .. })) => Read::Gone,
        // A connected account that is closed to this key may belong to another one's platform.
        Err(Halt::Stripe(StripeError::Authentication { .. } | StripeError::Permission { permission: None, .. }))
            if target.behalf.is_some() && !is_last =>
        {
            Read::Gone
        }
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
        Halt::Store(_) | Halt::Stopping | Halt::Usage(_) | Halt::Unproven(_) | Halt::Left(_) => {
            "the sync was stopping".to_owned()
        }
    };
    let lasting = match &halt {
        Halt::Stripe(StripeError::Permission { .. } | StripeError::Refused { .. } | StripeError::BadAnswer { .. }) => true,
        // A connected account that closed itself to the key; the key itself was just taken.
        Halt::Stripe(StripeError::Authentication { .. }) => target.behalf.is_some(),
        Halt::Stripe(_) | Halt::Store(_) | Halt::Stopping | Halt::Usage(_) | Halt::Unproven(_) | Halt::Left(_) => false,
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
    let settled = |state, problem| Settled { id: delivery.id.clone(), state, problem, account: None, gone: None };
    if let Some(why) = ignored(context, target, mode, delivery) {
        return Some(settled(DeliveryState::Ignored, Some(why)));
    }
    let subject @ (kind, id) = delivery.subject.as_ref()?;
    Some(match read.get(subject)? {
        Read::Done => Settled { account: Some(target.id.clone()), ..settled(DeliveryState::Done, None) },
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
