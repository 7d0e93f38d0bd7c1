//! Payouts and refunds that failed long after they were read: the txn that gives the money back is new, and names them.

use futures_util::StreamExt;
use store::ObjectKind;
use stripe::{CONCURRENCY, Kind};

use super::accounts::Target;
use super::context::Context;
use super::one;

/// Reads again what a txn contradicts, whenever that txn was read.
pub async fn read_again(context: &Context<'_>, target: &Target) {
    let account = target.id.clone();
    let contradicted = match context.ask(move |store| store.contradicted(&account)).await {
        Ok(contradicted) => contradicted,
        Err(halt) => return context.note(Some(target), &format!("account {}", target.id), halt),
    };
    let wanted = contradicted.into_iter().filter_map(|(kind, id)| Some((listed(kind)?, id)));
    futures_util::stream::iter(wanted.filter(|(kind, _)| context.request.wants(*kind)))
        .map(|(kind, id)| async move {
            let read = one::read(context, target, kind, &id).await;
            read.unwrap_or_else(|halt| context.note(Some(target), &format!("{id} of {}", target.id), halt));
        })
        .buffer_unordered(CONCURRENCY)
        .collect::<()>()
        .await;
}

/// Stripe's list of a kind that can come back.
const fn listed(kind: ObjectKind) -> Option<Kind> {
    match kind {
        ObjectKind::Payout => Some(Kind::Payout),
        ObjectKind::Refund => Some(Kind::Refund),
        ObjectKind::Account | ObjectKind::Balance | ObjectKind::Txn | ObjectKind::Charge | ObjectKind::Dispute => None,
    }
}
