//! Whether what was read adds up. Lists can leave something out without a word: a page without one of its rows, an object that is
//! shown late. What was read of one list is held against what others say, and where it cannot be whole it is read again.
//!
//! The txns are held against Stripe's balance. Where they differ, all of them are read again; a difference that stays makes the sync
//! incomplete. One that has outlived several such readings lies with Stripe: no reading mends it, and `balance_drift` says it.

use std::collections::BTreeMap;

use facts::ObjectKind;
use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use money::Amount;
use store::{Apart, StoreError, SyncWindow};
use stripe::{CONCURRENCY, StripeError};

use super::accounts::Target;
use super::context::{Context, Halt};
use super::walk::{self, WalkEnd};
use super::{balance, members, one};

/// How long a difference rests before all history is read again for it: that costs as many requests as a first sync.
const REST: SignedDuration = SignedDuration::from_hours(20);

/// How long before a sync began a txn may have been made that it did not see yet: what is shown late, and clocks that differ.
const VISIBLE: SignedDuration = SignedDuration::from_hours(25);

/// After how many readings of all history that ended with the same difference it is Stripe's own.
const READINGS: u32 = 2;

/// Of each kind, how many objects that only txns name are read one by one. Where more are missing the list is read again.
const SINGLY_MAX: u32 = 200;

/// Holds the account's txns against its balance, and reads them again where the two differ.
pub async fn of_balance(context: &Context<'_>, target: &Target, due: &SyncWindow) {
    if context.has_trouble_with(target) {
        return;
    }
    let checked = balance_adds_up(context, target, due).await;
    checked.unwrap_or_else(|halt| context.note(Some(target), &format!("the txns of {}", target.id), halt));
}

async fn balance_adds_up(context: &Context<'_>, target: &Target, due: &SyncWindow) -> Result<(), Halt> {
    let account = target.id.clone();
    // Where history is cut off, the first balance makes up what is before it: only later ones can be held against the txns.
    context.ask(move |store| store.open_balances(&account)).await?;
    let mut apart = apart(context, target).await?;
    if apart.is_empty() {
        return Ok(());
    }
    let now = context.outside.now();
    if apart.iter().any(|balance| is_due(balance, now)) {
        apart = read_again(context, target, due).await?;
        let (account, noted) = (target.id.clone(), apart.clone());
        context.ask(move |store| store.note_apart(&account, &noted, now)).await?;
    }
    let (known, new): (Vec<_>, Vec<_>) = apart.iter().partition(|balance| is_stripes_own(balance));
    for balance in known {
        context.warn(format!("{}; reading everything again does not change it", differs(target, balance)));
    }
    if new.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = new.into_iter().map(|balance| differs(target, balance)).collect();
    let remedy = match due.begins_at {
        // What the first reading left out stands in the opening balance, which nothing else changes.
        Some(_) => "tieout sync --since with an earlier day reads everything again and computes the opening balance anew",
        None => "tieout sync --full reads everything again",
    };
    let told = told.join("; ");
    Err(Halt::Unproven(format!(
        "{told}: something is missing here, or Stripe shows it late. The next sync looks again; {remedy}"
    )))
}

async fn apart(context: &Context<'_>, target: &Target) -> Result<Vec<Apart>, Halt> {
    let account = target.id.clone();
    match context.ask(move |store| store.balances_apart(&account)).await {
        // Absurd amounts are no fault of the database, which would end the sync of every account.
        Err(Halt::Store(StoreError::Overflow { what })) => {
            Err(Halt::Unproven(format!("{what} of {} is too large to be compared with Stripe's balance", target.id)))
        }
        apart => apart,
    }
}

async fn read_again(context: &Context<'_>, target: &Target, due: &SyncWindow) -> Result<Vec<Apart>, Halt> {
    let end = walk::read_again(context, target, ObjectKind::Txn, due).await?;
    balance::read(context, target, end, due).await;
    apart(context, target).await
}

fn is_due(balance: &Apart, now: Timestamp) -> bool {
    let rested = |at: Timestamp| now.duration_since(at) >= REST;
    !is_stripes_own(balance) && balance.before.is_none_or(|before| rested(before.at))
}

fn is_stripes_own(balance: &Apart) -> bool {
    balance.before.is_some_and(|before| before.minor == balance.minor() && before.readings >= READINGS)
}

fn differs(target: &Target, balance: &Apart) -> String {
    let amount = |minor| Amount::new(minor, balance.currency);
    format!(
        "the txns of {} add up to {}, and Stripe's balance is {}",
        target.id,
        amount(balance.computed_minor),
        amount(balance.stripe_minor)
    )
}

/// Since when txns are to be asked for what they name: a walk that ended before a sync died is not walked again, so that not its
/// beginning counts but that of the last sync that was complete.
pub fn sources_due(walked_since: Option<Timestamp>, due: &SyncWindow) -> Option<Timestamp> {
    let (Some(walked), Some(synced)) = (walked_since, due.synced_at) else { return due.begins_at };
    let since = walked.min(synced.checked_sub(VISIBLE).unwrap_or(Timestamp::UNIX_EPOCH));
    Some(due.begins_at.map_or(since, |begins_at| since.max(begins_at)))
}

/// Reads the charges, refunds, disputes and payouts that txns since then name and that no list has brought.
pub async fn of_sources(
    context: &Context<'_>,
    target: &Target,
    due: &SyncWindow,
    since: Option<Timestamp>,
    walked: &BTreeMap<ObjectKind, WalkEnd>,
) {
    let read = sources_are_here(context, target, due, since, walked).await;
    read.unwrap_or_else(|halt| context.note(Some(target), &format!("what the txns of {} name", target.id), halt));
}

async fn sources_are_here(
    context: &Context<'_>,
    target: &Target,
    due: &SyncWindow,
    since: Option<Timestamp>,
    walked: &BTreeMap<ObjectKind, WalkEnd>,
) -> Result<(), Halt> {
    let mut missing = missing(context, target, since).await?;
    // Where a sync takes hours, many were made after their list was read: they are at its head. Others may be anywhere.
    for anywhere in [false, true] {
        for kind in walked.keys().copied().filter(|kind| has_many(&missing, *kind)) {
            match anywhere {
                false => walk::read_due(context, target, kind, due).await?,
                true => walk::read_again(context, target, kind, due).await?,
            };
        }
        if walked.keys().any(|kind| has_many(&missing, *kind)) {
            missing = self::missing(context, target, since).await?;
        }
    }
    let singly = missing.iter().filter(|(kind, _)| walked.contains_key(kind));
    let read: Vec<Result<(), Halt>> = futures_util::stream::iter(singly)
        .map(|(kind, id)| async move {
            match one::read(context, target, *kind, id).await {
                // Its id only looks like one of this kind.
                Err(Halt::Stripe(StripeError::NotFound { .. })) => Ok(()),
                read => read,
            }
        })
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await;
    read.into_iter().collect::<Result<(), Halt>>()?;
    if missing.iter().any(|(kind, _)| *kind == ObjectKind::Payout) {
        members::read(context, target).await;
    }
    match walked.keys().find(|kind| has_many(&missing, **kind)) {
        Some(kind) => Err(Halt::Unproven(format!(
            "the txns of {} name many {}s that Stripe's list does not show: tieout sync --full reads them again",
            target.id,
            kind.as_str()
        ))),
        None => Ok(()),
    }
}

async fn missing(context: &Context<'_>, target: &Target, since: Option<Timestamp>) -> Result<Vec<(ObjectKind, String)>, Halt> {
    let account = target.id.clone();
    context.ask(move |store| store.missing_sources(&account, since, SINGLY_MAX)).await
}

fn has_many(missing: &[(ObjectKind, String)], kind: ObjectKind) -> bool {
    missing.iter().filter(|(of, _)| *of == kind).count() >= SINGLY_MAX as usize
}
