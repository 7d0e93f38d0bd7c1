//! Payouts and refunds that failed long after they were read: the txn that gives the money back is new, and names them.

use futures_util::StreamExt;
use stripe::CONCURRENCY;

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
    futures_util::stream::iter(contradicted.into_iter().filter(|(kind, _)| context.request.wants(*kind)))
        .map(|(kind, id)| async move {
            let read = one::read(context, target, kind, &id).await;
            read.unwrap_or_else(|halt| context.note(Some(target), &format!("{id} of {}", target.id), halt));
        })
        .buffer_unordered(CONCURRENCY)
        .collect::<()>()
        .await;
}
