//! Which txns a payout holds: asked by payout, all pages, before anything is claimed of it.

use facts::{ObjectKind, PayoutId};
use futures_util::StreamExt;
use stripe::{CONCURRENCY, Call, Page, Pager, StripeError};

use super::accounts::Target;
use super::context::{Context, Halt};
use super::writer::{Count, PageTask};

/// Reads the txns of every payout of the account whose list is complete at Stripe and not yet here.
pub async fn read(context: &Context<'_>, target: &Target) {
    if !context.request.wants(ObjectKind::Payout) {
        return;
    }
    let id = target.id.clone();
    let due = match context.ask(move |store| store.sync_window(&id)).await {
        Ok(window) => window.members_due,
        Err(halt) => return context.note(Some(target), &format!("the payouts of {}", target.id), halt),
    };
    futures_util::stream::iter(due)
        .map(|payout| async move {
            let read = of_payout(context, target, &payout).await;
            read.unwrap_or_else(|halt| {
                context.note(Some(target), &format!("the txns of payout {payout} of {}", target.id), halt)
            });
        })
        .buffer_unordered(CONCURRENCY)
        .collect::<()>()
        .await;
}

async fn of_payout(context: &Context<'_>, target: &Target, payout: &PayoutId) -> Result<(), Halt> {
    let call = Call::list(ObjectKind::Txn).on_behalf_of(target.behalf.clone()).with("payout", payout);
    let mut pager = Pager::new(call, None);
    while let Some(call) = pager.next() {
        let page = context.get(&call, |answer| Page::read(ObjectKind::Txn, &target.id, answer)).await?;
        pager.take(&page).map_err(|why| Halt::Stripe(StripeError::bad_answer(&call, page.request_id.as_deref(), why)))?;
        let task = PageTask {
            account: target.id.clone(),
            kind: ObjectKind::Txn,
            request: call.target(),
            page,
            member_of: Some(payout.clone()),
            walk: None,
            count: Count::None,
            charges: None,
        };
        context.put(task).await?;
    }
    Ok(())
}
