//! Charges that a new refund or dispute changed.

use std::collections::BTreeSet;

use facts::{ChargeId, ObjectKind};
use futures_util::StreamExt;
use jiff::Timestamp;
use stripe::CONCURRENCY;

use super::accounts::Target;
use super::context::{Context, Halt};
use super::one;
use super::walk::WalkEnd;

/// Reads again the charges that these walks showed to have changed, but for those that the walk of charges has read.
pub async fn read_changed(context: &Context<'_>, target: &Target, charges: Option<&WalkEnd>, changes: [Option<WalkEnd>; 2]) {
    let Some(since) = charges.and_then(|end| end.since) else { return };
    let changed: BTreeSet<ChargeId> = changes.into_iter().flatten().flat_map(|end| end.charges).collect();
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
