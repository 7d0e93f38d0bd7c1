//! Which txns a payout holds: asked by payout, all pages, before anything is claimed of it.

use facts::{Fact, ObjectKind, PayoutId};
use futures_util::StreamExt;
use money::{Amount, Currency};
use store::MembersDue;
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
        .map(|due| async move {
            let read = until_it_adds_up(context, target, &due).await;
            read.unwrap_or_else(|halt| {
                context.note(Some(target), &format!("the txns of payout {} of {}", due.payout, target.id), halt)
            });
        })
        .buffer_unordered(CONCURRENCY)
        .collect::<()>()
        .await;
}

/// Reads a payout's list, and once more where it does not add up to the payout: a page may have left out a row. Whatever the second
/// reading says is what Stripe says.
async fn until_it_adds_up(context: &Context<'_>, target: &Target, due: &MembersDue) -> Result<(), Halt> {
    let sum = of_payout(context, target, &due.payout, due.amount.currency()).await?;
    if !sum.is(due.amount) {
        of_payout(context, target, &due.payout, due.amount.currency()).await?;
    }
    Ok(())
}

/// What a payout's list adds up to, in the payout's currency and minor units. Sums are of 128 bits: no list overflows them.
#[derive(Debug, Default)]
struct Sum {
    /// Σ net of its txns, its own left out.
    net_minor: i128,
    /// The fee of its own txn.
    fee_minor: i128,
}

impl Sum {
    fn add(&mut self, payout: &PayoutId, currency: Currency, fact: &Fact) {
        let Fact::Txn(txn) = fact else { return };
        if txn.amount.currency() != currency {
            return;
        }
        if txn.source.as_ref().is_some_and(|source| source.id == payout.as_str()) {
            self.fee_minor += i128::from(txn.fee_minor);
        } else {
            self.net_minor += i128::from(txn.net_minor);
        }
    }

    fn is(&self, amount: Amount) -> bool {
        self.net_minor == i128::from(amount.minor()) + self.fee_minor
    }
}

async fn of_payout(context: &Context<'_>, target: &Target, payout: &PayoutId, currency: Currency) -> Result<Sum, Halt> {
    let call = Call::list(ObjectKind::Txn).on_behalf_of(target.behalf.clone()).with("payout", payout);
    let mut pager = Pager::new(call, None);
    let mut sum = Sum::default();
    while let Some(call) = pager.next() {
        let page = context.get(&call, |answer| Page::read(ObjectKind::Txn, &target.id, answer)).await?;
        pager.take(&page).map_err(|why| Halt::Stripe(StripeError::bad_answer(&call, page.request_id.as_deref(), why)))?;
        page.facts.iter().for_each(|fact| sum.add(payout, currency, fact));
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
    Ok(sum)
}
