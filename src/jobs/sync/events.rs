//! What Stripe says has changed: its events since the last time, kept for thirty days.
//!
//! An event is a hint. It is written down first, and counts as done once its object was read after it: a sync that dies in
//! between finds it waiting.

use std::collections::BTreeMap;

use facts::ObjectKind;
use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use store::{Changed, SyncWindow, Walk};
use stripe::{CONCURRENCY, Call, Page, StripeError, declaration};

use super::accounts::Target;
use super::context::{Context, Halt};
use super::walk::{self, WalkEnd};
use super::writer::{Count, PageTask};
use super::{one, plan};

/// After so long without them, events are missing that Stripe keeps no more: a day less than Stripe says.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 29);

/// Objects read again before their events are noted as done.
const CHANGED_AT_ONCE: usize = 100;

/// What the events since the last time can vouch for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// For every change since then.
    All,
    /// Not for every one: what may have changed must be read again.
    Gap,
}

/// Writes down the events since the last time. This comes before everything else is read, so that what changes meanwhile is
/// found the next time.
pub async fn read(context: &Context<'_>, target: &Target, due: &SyncWindow) -> Vouched {
    if !context.request.wants(ObjectKind::Event) {
        return Vouched::All;
    }
    match since_last_time(context, target, due).await {
        Ok(vouched) => vouched,
        Err(Halt::Stripe(StripeError::NotFound { .. })) => {
            tracing::warn!("event of {}: there is no such list; only what is new is found", target.id);
            Vouched::All
        }
        Err(halt) => {
            context.note(Some(target), &format!("what has changed in {}", target.id), halt);
            Vouched::All
        }
    }
}

async fn since_last_time(context: &Context<'_>, target: &Target, due: &SyncWindow) -> Result<Vouched, Halt> {
    let account = target.id.clone();
    let saved = context.ask(move |store| store.walk(&account, ObjectKind::Event)).await?;
    let Some(last) = saved.as_ref().and_then(|walk| walk.complete_until) else {
        return mark(context, target).await.map(|()| Vouched::All);
    };
    let newest = walk::read_due(context, target, ObjectKind::Event, due).await?.newest_at;
    // Where there were none at all, none can be missing.
    let gap = last > Timestamp::UNIX_EPOCH && newest.is_some_and(|newest| newest.duration_since(last) > KEPT);
    Ok(if gap { Vouched::Gap } else { Vouched::All })
}

/// The first time only a mark is set: everything is read after it, so that older events say nothing new.
async fn mark(context: &Context<'_>, target: &Target) -> Result<(), Halt> {
    let call = Call::list(ObjectKind::Event).on_behalf_of(target.behalf.clone()).with("limit", 1);
    let page = context.get(&call, |answer| Page::read(ObjectKind::Event, &target.id, answer)).await?;
    let newest = page.newest().unwrap_or(Timestamp::UNIX_EPOCH);
    let after = page.items.first().map(|item| item.id.clone());
    let walk = Walk { started_at: newest, since: None, after, complete: true, complete_until: Some(newest) };
    let task = PageTask {
        account: target.id.clone(),
        kind: ObjectKind::Event,
        request: call.target(),
        page,
        member_of: None,
        walk: Some(walk),
        count: Count::None,
        charges: None,
    };
    context.put(task).await
}

/// Reads again what events have named, but for what these walks have read after them.
pub async fn read_changed(context: &Context<'_>, target: &Target, walked: &BTreeMap<ObjectKind, WalkEnd>) {
    let account = target.id.clone();
    let changed = match context.ask(move |store| store.changed_objects(&account)).await {
        Ok(changed) => changed,
        Err(halt) => return context.note(Some(target), &format!("what has changed in {}", target.id), halt),
    };
    let changed: Vec<Changed> = changed.into_iter().filter(|changed| is_due(context, changed.kind)).collect();
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
pub fn is_due(context: &Context<'_>, kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::Account | ObjectKind::Balance | ObjectKind::Txn) || context.request.wants(kind)
}

/// Reads an object again; says that it is settled, and whether it is gone. Nothing where it could not be read.
async fn again(context: &Context<'_>, target: &Target, changed: &Changed, walk: Option<&WalkEnd>) -> Option<(Changed, bool)> {
    let (kind, id) = (changed.kind, changed.object_id.as_str());
    if matches!(kind, ObjectKind::Account | ObjectKind::Balance | ObjectKind::Txn) || plan::was_walked(changed.created_at, walk) {
        return Some((changed.clone(), false));
    }
    let declared = !declaration(kind).columns.is_empty();
    match one::read(context, target, kind, id).await {
        Ok(()) => Some((changed.clone(), false)),
        Err(Halt::Stripe(StripeError::NotFound { .. })) => Some((changed.clone(), declared)),
        Err(halt) => {
            context.note(Some(target), &format!("{id} of {}", target.id), halt);
            None
        }
    }
}
