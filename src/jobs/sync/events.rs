//! What Stripe says has changed: its events since the last time, kept for thirty days.
//!
//! An event is a hint. It is written down first, and counts as done once its object was read after it: a sync that dies in
//! between finds it waiting.

use std::collections::BTreeMap;

use facts::ObjectKind;
use futures_util::StreamExt;
use jiff::Timestamp;
use store::{Changed, SyncWindow, Walk};
use stripe::{CONCURRENCY, Call, Page, StripeError, declaration};

use super::accounts::Target;
use super::context::{Context, Halt};
use super::walk::{self, WalkEnd};
use super::writer::{Count, PageTask};
use super::{one, plan, request};

/// Objects read again before their events are noted as done.
const CHANGED_AT_ONCE: usize = 100;

/// The mark of an account that has no events.
pub const NONE_YET: Timestamp = Timestamp::UNIX_EPOCH;

/// Writes down the events since the last time. This comes before everything else is read, so that what changes meanwhile is
/// found the next time.
pub async fn read(context: &Context<'_>, target: &Target, due: &SyncWindow) {
    if !context.request.wants(ObjectKind::Event) {
        return;
    }
    match since_last_time(context, target, due).await {
        Ok(()) => {}
        Err(Halt::Stripe(StripeError::NotFound { .. })) => {
            tracing::warn!("event of {}: there is no such list; only what is new is found", target.id);
        }
        Err(halt) => context.note_kind(target, ObjectKind::Event, halt).await,
    }
}

async fn since_last_time(context: &Context<'_>, target: &Target, due: &SyncWindow) -> Result<(), Halt> {
    let account = target.id.clone();
    let saved = context.ask(move |store| store.walk(&account, ObjectKind::Event)).await?;
    match saved.and_then(|walk| walk.complete_until) {
        Some(_) => walk::read_due(context, target, ObjectKind::Event, due).await.map(|_| ()),
        None => mark(context, target).await,
    }
}

/// The first time only a mark is set: everything is read after it, so that older events say nothing new.
async fn mark(context: &Context<'_>, target: &Target) -> Result<(), Halt> {
    let call = Call::list(ObjectKind::Event).on_behalf_of(target.behalf.clone()).with("limit", 1);
    let page = context.get(&call, |answer| Page::read(ObjectKind::Event, &target.id, answer)).await?;
    forget_walks(context, target).await?;
    let newest = page.newest().unwrap_or(NONE_YET);
    let after = page.items.first().map(|item| item.id.clone());
    let walk =
        Walk { started_at: newest, since: None, after, complete: true, complete_until: Some(newest), stretches: Vec::new() };
    let task = PageTask {
        account: target.id.clone(),
        kind: ObjectKind::Event,
        request: call.target(),
        page,
        member_of: None,
        walk: Some(walk),
        count: Count::All,
        charges: None,
    };
    context.put(task).await
}

/// Before the last page of a walk is written: where the newest event of the last time, made at `last`, is not among these any
/// more, Stripe has forgotten it and perhaps some after it. Then everything is read again.
pub async fn mind_gap(
    context: &Context<'_>,
    target: &Target,
    last: Option<Timestamp>,
    oldest: Option<Timestamp>,
) -> Result<(), Halt> {
    let reaches_back = last == Some(NONE_YET) || oldest.is_some_and(|oldest| Some(oldest) <= last);
    if reaches_back { Ok(()) } else { forget_walks(context, target).await }
}

/// Lets every walk begin anew whose objects change by events alone.
async fn forget_walks(context: &Context<'_>, target: &Target) -> Result<(), Halt> {
    let account = target.id.clone();
    let kinds: Vec<ObjectKind> = request::kinds().filter(|kind| *kind != ObjectKind::Txn).collect();
    context.ask(move |store| store.forget_walks(&account, &kinds)).await
}

/// Reads again what events have named, but for what these walks have read after them.
pub async fn read_changed(context: &Context<'_>, target: &Target, walked: &BTreeMap<ObjectKind, WalkEnd>) {
    let account = target.id.clone();
    let changed = match context.ask(move |store| store.changed_objects(&account)).await {
        Ok(changed) => changed,
        Err(halt) => return context.note(Some(target), &format!("what has changed in {}", target.id), halt),
    };
    let changed: Vec<Changed> = changed.into_iter().filter(|changed| is_due(context, target, changed.kind)).collect();
    for some in changed.chunks(CHANGED_AT_ONCE) {
        let settled: Vec<(Changed, bool)> = futures_util::stream::iter(some)
            .map(|changed| async move { again(context, target, changed, walked.get(&changed.kind)).await })
            .buffer_unordered(CONCURRENCY)
            .filter_map(std::future::ready)
            .collect()
            .await;
        let account = target.id.clone();
        let noted = context.ask(move |store| store.settle_changed(&account, &settled)).await;
        noted.unwrap_or_else(|halt| context.note(Some(target), &format!("what has changed in {}", target.id), halt));
    }
}

/// Accounts and balances are read by every sync, and txns change without events.
pub fn is_due(context: &Context<'_>, target: &Target, kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::Account | ObjectKind::Balance | ObjectKind::Txn) || context.reads(target, kind)
}

/// Reads an object again; says that it is settled, and whether it is gone. Nothing where it could not be read.
async fn again(context: &Context<'_>, target: &Target, changed: &Changed, walk: Option<&WalkEnd>) -> Option<(Changed, bool)> {
    let (kind, id) = (changed.kind, changed.object_id.as_str());
    if matches!(kind, ObjectKind::Account | ObjectKind::Balance | ObjectKind::Txn) {
        return Some((changed.clone(), false));
    }
    // A row that verdicts stand on is not called deleted: such objects never are.
    let declared = !declaration(kind).is_needed();
    match read_with_intents(context, target, changed, walk).await {
        Ok(()) => Some((changed.clone(), false)),
        Err(Halt::Stripe(StripeError::NotFound { .. })) => Some((changed.clone(), declared)),
        Err(halt) => {
            context.note(Some(target), &format!("{id} of {}", target.id), halt);
            None
        }
    }
}

/// Reads an object again, unless its walk has. With an invoice come its open payment intents: their amount follows the
/// invoice's, and no event tells.
pub async fn read_with_intents(
    context: &Context<'_>,
    target: &Target,
    changed: &Changed,
    walk: Option<&WalkEnd>,
) -> Result<(), Halt> {
    if !plan::was_walked(changed.created_at, walk) {
        one::read(context, target, changed.kind, &changed.object_id).await?;
    }
    if changed.kind != ObjectKind::Invoice || !context.reads(target, ObjectKind::PaymentIntent) {
        return Ok(());
    }
    let (account, invoice) = (target.id.clone(), changed.object_id.clone());
    for intent in context.ask(move |store| store.open_intents(&account, &invoice)).await? {
        one::read(context, target, ObjectKind::PaymentIntent, &intent).await?;
    }
    Ok(())
}
