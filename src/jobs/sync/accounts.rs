//! Which accounts there are to read: the key's own, and for a platform every connected one.

use std::collections::HashSet;

use facts::{AccountId, Fact, Mode, ObjectKind};
use stripe::{Call, Page, Pager, StripeError};

use super::context::{Context, Halt};
use super::writer::{Count, PageTask};

/// An account to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its id.
    pub id: AccountId,
    /// On whose behalf to ask; `None` for the key's own account.
    pub behalf: Option<AccountId>,
    /// Its business time zone.
    pub time_zone: Option<String>,
}

/// The accounts that were asked for, the key's own first.
pub async fn targets(context: &Context<'_>, mode: Mode) -> Result<Vec<Target>, Halt> {
    let own = own(context, mode).await?;
    let mut targets = vec![own.clone()];
    let mut listed = true;
    match connected(context, &own.id, &mut targets).await {
        Ok(()) => {}
        // Not a platform, or a key that is not made to read connected accounts: then there are none to read.
        Err(Halt::Stripe(error @ StripeError::Permission { .. })) => {
            tracing::warn!("only {} is synced: the list of connected accounts is closed to this key ({error})", own.id);
        }
        Err(Halt::Stripe(StripeError::Authentication { .. } | StripeError::Refused { .. } | StripeError::NotFound { .. })) => {
            tracing::info!("this key reads no connected accounts; only {} is synced", own.id)
        }
        Err(halt) => {
            context.note(None, "the connected accounts", halt);
            listed = false;
        }
    }
    let Some(wanted) = &context.request.account else { return Ok(targets) };
    let known: Vec<String> = targets.iter().map(|target| target.id.to_string()).collect();
    targets.retain(|target| target.id == *wanted);
    if targets.is_empty() && !listed {
        // It may be one of those that could not be listed, and why not is noted.
        return Err(Halt::Stopping);
    }
    if targets.is_empty() {
        return Err(Halt::Usage(format!("this key does not read account {wanted}; it reads {}", known.join(", "))));
    }
    Ok(targets)
}

/// The key's own account. That it can be read proves the key, and only then does the database take its mode: a key that
/// was mistyped must not decide what the database holds.
pub async fn own(context: &Context<'_>, mode: Mode) -> Result<Target, Halt> {
    let call = Call::new("/v1/account");
    let page = context.get(&call, Page::read_own_account).await?;
    let Some(target) = page.facts.first().and_then(|read| target(read, false)) else {
        let why = page.facts.first().map_or_else(String::new, |read| format!("the key's own account: {read:?}"));
        return Err(Halt::Stripe(StripeError::bad_answer(&call, page.request_id.as_deref(), why)));
    };
    context.ask(move |store| store.claim_mode(mode)).await?;
    put(context, &target.id, &call, page).await?;
    Ok(target)
}

/// Reads a connected account again, as the platform sees it.
pub async fn read_connected(context: &Context<'_>, own: &AccountId, id: &AccountId) -> Result<(), Halt> {
    let call = Call::one(ObjectKind::Account, id.as_str());
    let page = context.get(&call, |answer| Page::read_one(ObjectKind::Account, own, answer)).await?;
    put(context, own, &call, page).await
}

async fn connected(context: &Context<'_>, own: &AccountId, targets: &mut Vec<Target>) -> Result<(), Halt> {
    let mut pager = Pager::new(Call::list(ObjectKind::Account), None);
    let mut known = HashSet::new();
    while let Some(call) = pager.next() {
        let page = context.get(&call, |answer| Page::read(ObjectKind::Account, own, answer)).await?;
        pager.take(&page).map_err(|why| Halt::Stripe(StripeError::bad_answer(&call, page.request_id.as_deref(), why)))?;
        for (item, reason) in page.refused() {
            let why = format!("account {} is none that can be read: {reason}", item.id);
            context.note(
                None,
                "a connected account",
                Halt::Stripe(StripeError::bad_answer(&call, page.request_id.as_deref(), why)),
            );
        }
        let accounts = page.facts.iter().filter_map(|read| target(read, true));
        // The key's own account may be in the list, and a list that grows while it is read may name an account twice.
        targets.extend(accounts.filter(|target| target.id != *own && known.insert(target.id.clone())));
        put(context, own, &call, page).await?;
    }
    Ok(())
}

fn target(read: &Fact, connected: bool) -> Option<Target> {
    let Fact::Account(account) = read else { return None };
    let behalf = connected.then(|| account.id.clone());
    Some(Target { id: account.id.clone(), behalf, time_zone: account.time_zone.clone() })
}

async fn put(context: &Context<'_>, account: &AccountId, call: &Call, page: Page) -> Result<(), Halt> {
    let task = PageTask {
        account: account.clone(),
        kind: ObjectKind::Account,
        request: call.target(),
        page,
        member_of: None,
        walk: None,
        // A day that is asked for is about what was made on it; no account is.
        count: if context.request.days.is_none() { Count::All } else { Count::None },
        charges: None,
    };
    context.put(task).await
}
