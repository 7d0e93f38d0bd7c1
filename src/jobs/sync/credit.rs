//! The balance txns of customers with credit: Stripe lists them customer by customer.

use facts::ObjectKind;
use futures_util::StreamExt;
use store::CreditDue;
use stripe::{CONCURRENCY, Call, Page, Pager, Rest, StripeError};

use super::accounts::Target;
use super::context::{Context, Halt};
use super::writer::{Count, PageTask};

/// Customers read before it is noted that they were.
const CUSTOMERS_AT_ONCE: usize = 100;

/// Reads them of every customer that has or had credit and changed since.
pub async fn read(context: &Context<'_>, target: &Target) {
    if !context.reads(target, ObjectKind::Customer) {
        return;
    }
    let what = format!("the customers' credit of {}", target.id);
    let account = target.id.clone();
    let due = match context.ask(move |store| store.credit_due(&account)).await {
        Ok(due) => due,
        Err(halt) => return context.note(Some(target), &what, halt),
    };
    for some in due.chunks(CUSTOMERS_AT_ONCE) {
        let read: Vec<CreditDue> = futures_util::stream::iter(some)
            .map(|due| async move {
                let read = of_customer(context, target, &due.customer).await;
                let noted = |halt| context.note(Some(target), &format!("the credit of {} of {}", due.customer, target.id), halt);
                read.map_err(noted).ok().map(|()| due.clone())
            })
            .buffer_unordered(CONCURRENCY)
            .filter_map(std::future::ready)
            .collect()
            .await;
        let account = target.id.clone();
        let noted = context.ask(move |store| store.credit_read(&account, &read)).await;
        noted.unwrap_or_else(|halt| context.note(Some(target), &what, halt));
    }
}

async fn of_customer(context: &Context<'_>, target: &Target, customer: &str) -> Result<(), Halt> {
    let call = Call::within(ObjectKind::Customer, customer, Rest::Below("balance_transactions"));
    let mut pager = Pager::new(call.on_behalf_of(target.behalf.clone()), None);
    while let Some(call) = pager.next() {
        let page = match context.get(&call, |answer| Page::read(ObjectKind::CustomerBalanceTxn, &target.id, answer)).await {
            // The customer was deleted; what was known stays.
            Err(Halt::Stripe(StripeError::NotFound { .. })) => return Ok(()),
            read => read?,
        };
        pager.take(&page).map_err(|why| Halt::Stripe(StripeError::bad_answer(&call, page.request_id.as_deref(), why)))?;
        let task = PageTask {
            account: target.id.clone(),
            kind: ObjectKind::CustomerBalanceTxn,
            request: call.target(),
            page,
            member_of: None,
            walk: None,
            count: Count::All,
            charges: None,
        };
        context.put(task).await?;
    }
    Ok(())
}
