//! Which accounts there are to read: the key's own, and for a platform every connected one.

use std::collections::HashSet;

use facts::{AccountId, AccountKind, Fact, Mode, ObjectKind};
use stripe::{Call, Page, Pager, StripeError};

use super::context::{Context, Halt};
use super::writer::{Count, PageTask};

/// How many accounts a warning names.
const UNLISTED_NAMED: usize = 5;

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

/// What one key reaches.
pub struct Reached<'a, 'c> {
    /// Who asks with it.
    pub context: &'a Context<'c>,
    /// Its own account.
    pub own: Target,
    /// The accounts to be read with it, its own first; narrowed to what was asked for.
    pub targets: Vec<Target>,
}

/// What each key reaches. A key that its account cannot be read with is noted, and the others go on.
pub async fn reached<'a, 'c>(contexts: &'a [Context<'c>], mode: Mode) -> Vec<Reached<'a, 'c>> {
    let (mut reached, mut listed) = owned(contexts, mode).await;
    let owned: Vec<AccountId> = reached.iter().map(|reached| reached.own.id.clone()).collect();
    let mut known: HashSet<AccountId> = owned.iter().cloned().collect();
    for Reached { context, own, targets } in &mut reached {
        listed &= connected(context, &own.id, &owned, &mut known, targets).await;
    }
    if let Some(Reached { context, .. }) = reached.first().filter(|_| listed) {
        warn_of_unlisted(context, &known).await;
    }
    if let Some(wanted) = contexts.first().and_then(|context| context.request.account.as_ref()) {
        narrow(&mut reached, wanted, listed);
    }
    reached
}

/// Warns of connected accounts that are known here and that no list names any more: they have left the platform, or the list left
/// them out, and nothing else would tell. What is known of them stays.
async fn warn_of_unlisted(context: &Context<'_>, listed: &HashSet<AccountId>) {
    let accounts = match context.ask(|store| store.accounts()).await {
        Ok(accounts) => accounts,
        Err(halt) => return context.note(None, "the accounts", halt),
    };
    let is_unlisted =
        |row: &&store::SyncedAccount| row.account.kind == AccountKind::Connected && !listed.contains(&row.account.id);
    let unlisted: Vec<&str> = accounts.iter().filter(is_unlisted).map(|row| row.account.id.as_str()).collect();
    if unlisted.is_empty() {
        return;
    }
    let named = unlisted.iter().take(UNLISTED_NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = if unlisted.len() > UNLISTED_NAMED { " and more" } else { "" };
    context.warn(format!(
        "{} connected accounts are not listed by Stripe any more and were not read: {named}{more}. Have they left the platform?",
        unlisted.len()
    ));
}

/// Each key's own account, and whether every key has one. An account that two keys own, as while one replaces the other, is read
/// with the first.
pub async fn owned<'a, 'c>(contexts: &'a [Context<'c>], mode: Mode) -> (Vec<Reached<'a, 'c>>, bool) {
    let mut reached: Vec<Reached<'a, 'c>> = Vec::with_capacity(contexts.len());
    let mut all = true;
    for context in contexts {
        match own(context, mode).await {
            Ok(own) => match reached.iter().find(|other| other.own.id == own.id) {
                Some(other) => {
                    tracing::warn!(
                        "{} and {} are keys of one account, {}: the first is used",
                        other.context.key,
                        context.key,
                        own.id
                    );
                }
                None => reached.push(Reached { context, targets: vec![own.clone()], own }),
            },
            Err(halt) => {
                context.note(None, "the accounts", halt);
                all = false;
            }
        }
    }
    (reached, all)
}

/// Adds the connected accounts that a key reaches and no other does; says whether all could be listed. Why not is noted, and
/// those that could are read all the same.
async fn connected(
    context: &Context<'_>,
    own: &AccountId,
    owned: &[AccountId],
    known: &mut HashSet<AccountId>,
    targets: &mut Vec<Target>,
) -> bool {
    match list_connected(context, own, owned, known, targets).await {
        Ok(()) => {}
        // Not a platform, or a key that is not made to read connected accounts: then there are none to read.
        Err(Halt::Stripe(error @ StripeError::Permission { .. })) => {
            tracing::warn!("only {own} is synced: the list of connected accounts is closed to this key ({error})");
        }
        Err(Halt::Stripe(StripeError::Authentication { .. } | StripeError::Refused { .. } | StripeError::NotFound { .. })) => {
            tracing::info!("this key reads no connected accounts; only {own} is synced")
        }
        Err(halt) => {
            context.note(None, "the connected accounts", halt);
            return false;
        }
    }
    true
}

/// Leaves only the account that was asked for. Where not all could be listed, it may be one of those, and why not is noted.
fn narrow(reached: &mut [Reached<'_, '_>], wanted: &AccountId, listed: bool) {
    let known: Vec<String> = reached.iter().flat_map(|one| &one.targets).map(|target| target.id.to_string()).collect();
    for one in reached.iter_mut() {
        one.targets.retain(|target| target.id == *wanted);
    }
    let is_unknown = reached.iter().all(|one| one.targets.is_empty());
    if let Some(first) = reached.first().filter(|_| is_unknown && listed) {
        let keys = if reached.len() == 1 { "this key does not read" } else { "these keys do not read" };
        let told = format!("{keys} account {wanted}; known are {}", known.join(", "));
        first.context.note(None, "the accounts", Halt::Usage(told));
    }
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

async fn list_connected(
    context: &Context<'_>,
    own: &AccountId,
    owned: &[AccountId],
    known: &mut HashSet<AccountId>,
    targets: &mut Vec<Target>,
) -> Result<(), Halt> {
    let mut pager = Pager::new(Call::list(ObjectKind::Account), None);
    while let Some(call) = pager.next() {
        let mut page = context.get(&call, |answer| Page::read(ObjectKind::Account, own, answer)).await?;
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
        // A list that grows while it is read may name an account twice.
        targets.extend(accounts.filter(|target| known.insert(target.id.clone())));
        // An account of our own says more of itself than a platform is told.
        page.forget(|id| owned.iter().any(|own| own.as_str() == id));
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
