//! A platform's list of connected accounts: all of it where it is short, and else what is new at its head, and all of it once a day.

use facts::{AccountId, Fact, ObjectKind};
use jiff::SignedDuration;
use store::{ConnectedList, RunId};
use stripe::{Page, Pager, StripeError};

use super::accounts;
use super::context::{Context, Halt};

/// How old the last reading of the whole list may be. Between two of them an account that has left is not missed, and one that
/// Stripe put elsewhere than at the head is not found.
const RELIST: SignedDuration = SignedDuration::from_hours(24);

/// How many accounts a warning names.
const UNLISTED_NAMED: u32 = 5;

/// What came of asking for a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// It was read as far as it had to be.
    Read,
    /// The key's account is no platform, or the key may not read connected accounts: then there are none to read.
    Closed,
    /// It could not be read, which is noted. Those that are known are read all the same.
    Not,
}

/// Reads what is due of the list of the accounts that are connected to the key's own.
pub async fn list(context: &Context<'_>, own: &AccountId, owned: &[AccountId], run: RunId) -> Listed {
    let halt = match read(context, own, owned, run).await {
        Ok(()) => return Listed::Read,
        Err(halt) => halt,
    };
    let platform = own.clone();
    // A page of it was read once: what is refused now is no sign that there is no list.
    let had_any = context.ask(move |store| store.connected_accounts(&platform)).await.is_ok_and(|known| known > 0);
    match halt {
        Halt::Stripe(error @ StripeError::Permission { .. }) if !had_any => {
            tracing::warn!("only {own} is synced: the list of connected accounts is closed to this key ({error})");
            Listed::Closed
        }
        Halt::Stripe(StripeError::Authentication { .. } | StripeError::Refused { .. } | StripeError::NotFound { .. })
            if !had_any =>
        {
            tracing::info!("this key reads no connected accounts; only {own} is synced");
            Listed::Closed
        }
        halt => {
            context.note(None, "the connected accounts", halt);
            Listed::Not
        }
    }
}

async fn read(context: &Context<'_>, own: &AccountId, owned: &[AccountId], run: RunId) -> Result<(), Halt> {
    let began = context.outside.now();
    let platform = own.clone();
    let (known, accounts) =
        context.ask(move |store| Ok((store.connected_list(&platform)?, store.connected_accounts(&platform)?))).await?;
    let is_whole = accounts <= context.request.sweep.every_sync_max || context.request.full;
    let is_recent = |list: &ConnectedList| list.whole_at <= began && began.duration_since(list.whole_at) < RELIST;
    let head_until = known.filter(|list| !is_whole && is_recent(list)).and_then(|list| list.newest);
    let (newest, whole) = pages(context, own, owned, run, head_until).await?;
    let platform = own.clone();
    context.ask(move |store| store.end_list(&platform, newest.as_ref(), whole.then_some(began), run)).await
}

/// Reads the list down to an account that was its head before, or to its end where there is none. Returns what its head is now, and
/// whether it came to its end.
async fn pages(
    context: &Context<'_>,
    own: &AccountId,
    owned: &[AccountId],
    run: RunId,
    head_until: Option<AccountId>,
) -> Result<(Option<AccountId>, bool), Halt> {
    let mut newest = None;
    let mut pager = Pager::new(stripe::Call::list(ObjectKind::Account), None);
    while let Some(call) = pager.next() {
        let mut page = context.get(&call, |answer| Page::read(ObjectKind::Account, own, answer)).await?;
        pager.take(&page).map_err(|why| Halt::Stripe(StripeError::bad_answer(&call, page.request_id.as_deref(), why)))?;
        note_refused(context, &call, &page);
        let accounts: Vec<AccountId> = page.facts.iter().filter_map(id).collect();
        newest = newest.or_else(|| accounts.first().cloned());
        // An account of our own says more of itself than a platform is told.
        page.forget(|id| owned.iter().any(|own| own.as_str() == id));
        accounts::put(context, own, &call, page).await?;
        let reaches = head_until.as_ref().is_some_and(|head| accounts.contains(head));
        let platform = own.clone();
        context.ask(move |store| store.note_listed(&platform, &accounts, run)).await?;
        if reaches {
            return Ok((newest, false));
        }
    }
    Ok((newest, true))
}

fn note_refused(context: &Context<'_>, call: &stripe::Call, page: &Page) {
    for (item, reason) in page.refused() {
        let why = format!("account {} is none that can be read: {reason}", item.id);
        let halt = Halt::Stripe(StripeError::bad_answer(call, page.request_id.as_deref(), why));
        context.note(None, "a connected account", halt);
    }
}

fn id(read: &Fact) -> Option<AccountId> {
    match read {
        Fact::Account(account) => Some(account.id.clone()),
        _ => None,
    }
}

/// Warns of connected accounts that are known here and that no list names any more: they have left the platform, or the list left
/// them out, and nothing else would tell. What is known of them stays.
pub async fn warn_of_unlisted(context: &Context<'_>, run: RunId) {
    let (count, some) = match context.ask(move |store| store.unlisted(run, UNLISTED_NAMED)).await {
        Ok(unlisted) => unlisted,
        Err(halt) => return context.note(None, "the accounts", halt),
    };
    if count == 0 {
        return;
    }
    let named = some.iter().map(AccountId::as_str).collect::<Vec<_>>().join(", ");
    let more = if count > u64::from(UNLISTED_NAMED) { " and more" } else { "" };
    context.warn(format!(
        "{count} connected accounts are not listed by Stripe any more and were not read: {named}{more}. Have they left the platform?"
    ));
}
