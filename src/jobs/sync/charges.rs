//! Charges that a new refund or dispute changed.

use std::collections::{BTreeMap, BTreeSet};

use facts::{ChargeId, ObjectKind};
use futures_util::StreamExt;
use jiff::Timestamp;
use stripe::CONCURRENCY;

use super::accounts::Target;
use super::context::{Context, Halt};
use super::one;
use super::walk::WalkEnd;

/// Reads again the charges that these walks showed to have changed, but for those that the walk of charges has read.
pub async fn read_changed(context: &Context<'_>, target: &Target, walked: &BTreeMap<ObjectKind, WalkEnd>) {
    let Some(since) = walked.get(&ObjectKind::Charge).and_then(|end| end.since) else { return };
    let changes = [ObjectKind::Refund, ObjectKind::Dispute].into_iter().filter_map(|kind| walked.get(&kind));
    let changed: BTreeSet<ChargeId> = changes.flat_map(|end| end.charges.iter().cloned()).collect();
    futures_util::stream::iter(changed)
        .map(|charge| async move {
            let read = unless_just_read(context, target, &charge, since).await;
            read.unwrap_or_else(|halt| context.note(Some(target), &format!("charge {charge} of {}", target.id), halt));
        })
        .buffer_unordered(CONCURRENCY)
        .collect::<()>()
        .await;
}

async fn unless_just_read(context: &Context<'_>, target: &Target, charge: &ChargeId, since: Timestamp) -> Result<(), Halt> {
    let id = charge.clone();
    let known = context.ask(move |store| store.charge(id.as_str())).await?;
    if known.is_some_and(|known| known.created_at >= since) {
        return Ok(());
    }
    one::read(context, target, ObjectKind::Charge, charge.as_str()).await
}
