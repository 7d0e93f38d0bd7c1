//! What Stripe says an account holds, and whether our txns can be held against it.
//!
//! Stripe's balance is of now and has no as-of. It can be compared only when no txn was posted while it was read: when the
//! newest txn is the same before and after. It is read once more when that fails; failing again, it is kept as unsteady.

use facts::ObjectKind;
use jiff::Timestamp;
use store::{BalanceWrite, SyncWindow};
use stripe::{Call, Page};

use super::accounts::Target;
use super::context::{Context, Halt};
use super::walk::{self, WalkEnd};

/// How often the balance is read in the hope of a quiet moment.
const READS_MAX: u32 = 2;

/// Reads the balance after a walk through the txns that ended with `walked`.
pub async fn read(context: &Context<'_>, target: &Target, walked: WalkEnd, due: &SyncWindow) {
    let read = bracket(context, target, walked, due).await;
    read.unwrap_or_else(|halt| context.note(Some(target), &format!("the balance of {}", target.id), halt));
}

async fn bracket(context: &Context<'_>, target: &Target, walked: WalkEnd, due: &SyncWindow) -> Result<(), Halt> {
    let (mut before, mut since) = (walked.newest, walked.since);
    for read in 1..=READS_MAX {
        let balance = ask(context, target).await?;
        let after = newest(context, target, since).await?;
        let steady = before == after;
        if !steady && read == READS_MAX {
            context.warn(format!("the balance of {} moved while it was read: its txns were not held against it", target.id));
        }
        if steady || read == READS_MAX {
            return put(context, target, balance, steady).await;
        }
        let end = walk::read_due(context, target, ObjectKind::Txn, due).await?;
        (before, since) = (end.newest, end.since);
    }
    Ok(())
}

struct Read {
    answer: stripe::Answer,
    balances: Vec<facts::Balance>,
}

async fn ask(context: &Context<'_>, target: &Target) -> Result<Read, Halt> {
    let call = Call::new("/v1/balance").on_behalf_of(target.behalf.clone());
    let read = |answer: stripe::Answer| {
        let balances = stripe::balances(&target.id, &answer.body)?;
        Ok(Read { answer, balances })
    };
    context.get(&call, read).await
}

/// The newest txn at Stripe of those that were walked through. It is not written: the walks write every txn, and this one is among
/// those or makes one more.
async fn newest(context: &Context<'_>, target: &Target, since: Option<Timestamp>) -> Result<Option<String>, Halt> {
    let call = walk::call(target, ObjectKind::Txn, since).with("limit", 1);
    let page = context.get(&call, |answer| Page::read(ObjectKind::Txn, &target.id, answer)).await?;
    Ok(page.items.first().map(|item| item.id.clone()))
}

async fn put(context: &Context<'_>, target: &Target, read: Read, steady: bool) -> Result<(), Halt> {
    let account = target.id.clone();
    let write = move |store: &mut store::Store| {
        let Read { answer, balances } = read;
        let hash = stripe::content_hash(&answer.body);
        let raw = &answer.body;
        let write = BalanceWrite { account: &account, balances, raw, hash, read_at: answer.fetched_at, steady };
        store.put_balance(&write).map(drop)
    };
    context.ask(write).await
}
