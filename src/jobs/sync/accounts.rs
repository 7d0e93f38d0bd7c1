//! Which accounts there are to read: the key's own, and for a platform its connected ones; or the one that was asked for.

use facts::{AccountId, Fact, Mode, ObjectKind};
use store::RunId;
use stripe::{Call, Page, StripeError};

use super::connected::{self, Listed};
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

impl Target {
    /// A connected account.
    pub fn connected(id: AccountId, time_zone: Option<String>) -> Self {
        Self { behalf: Some(id.clone()), id, time_zone }
    }
}

/// What one key reaches.
pub struct Reached<'a, 'c> {
    /// Who asks with it.
    pub context: &'a Context<'c>,
    /// Its own account.
    pub own: Target,
    /// The account to be read with it before all others: its own, or the one that was asked for.
    pub first: Option<Target>,
    /// Whether the accounts that are connected to its own are read with it.
    pub sweeps: bool,
}

/// What each key reaches. A key that its account cannot be read with is noted, and the others go on.
pub async fn reached<'a, 'c>(contexts: &'a [Context<'c>], mode: Mode, run: RunId) -> Vec<Reached<'a, 'c>> {
    let (mut reached, all) = owned(contexts, mode).await;
    if let Some(wanted) = contexts.first().and_then(|context| context.request.account.as_ref()) {
        narrow(&mut reached, wanted, all, run).await;
        return reached;
    }
    let owned: Vec<AccountId> = reached.iter().map(|reached| reached.own.id.clone()).collect();
    let mut listed = all;
    for Reached { context, own, sweeps, .. } in &mut reached {
        let list = connected::list(context, &own.id, &owned, run).await;
        *sweeps = list != Listed::Closed;
        listed &= list != Listed::Not;
    }
    if let Some(Reached { context, .. }) = reached.first().filter(|_| listed) {
        connected::warn_of_unlisted(context, run).await;
    }
    reached
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
                None => reached.push(Reached { context, first: Some(own.clone()), own, sweeps: false }),
            },
            Err(halt) => {
                context.note(None, "the accounts", halt);
                all = false;
            }
        }
    }
    (reached, all)
}

/// Leaves only the account that was asked for: an own one, or one that a key's platform knows. Where not every key could be asked,
/// it may be one of those, and why not is noted.
async fn narrow(reached: &mut [Reached<'_, '_>], wanted: &AccountId, mut all: bool, run: RunId) {
    let is_own = reached.iter().any(|one| one.own.id == *wanted);
    let mut found = false;
    for one in reached.iter_mut() {
        one.first = one.first.take().filter(|own| own.id == *wanted);
        if is_own || found {
            continue;
        }
        match connected(one, wanted, run).await {
            Ok(target) => (one.first, found) = (Some(target), true),
            Err(halt) if is_unknown(&halt) => {}
            Err(halt) => {
                one.context.note(None, &format!("account {wanted}"), halt);
                all = false;
            }
        }
    }
    if let Some(first) = reached.first().filter(|_| !is_own && !found && all) {
        let own: Vec<&str> = reached.iter().map(|one| one.own.id.as_str()).collect();
        let halt = out_of_reach(first.context, wanted, &own).await.unwrap_or_else(|halt| halt);
        first.context.note(None, "the accounts", halt);
    }
}

/// What is said of an account that no key reaches: one that was read before has closed itself since, or another platform has it.
async fn out_of_reach(context: &Context<'_>, wanted: &AccountId, own: &[&str]) -> Result<Halt, Halt> {
    let (keys, own) = (if own.len() == 1 { "this key reads" } else { "these keys read" }, own.join(", "));
    let id = wanted.clone();
    let Some(known) = context.ask(move |store| store.account(&id)).await? else {
        let told = format!("{keys} {own} and what is connected to it, and account {wanted} is none of these");
        return Ok(Halt::Usage(told));
    };
    let read =
        known.synced_at.map_or_else(|| "it was never read to the end".to_owned(), |at| format!("it was last read on {at}"));
    Ok(Halt::Usage(format!(
        "account {wanted} is known here, and out of reach: {keys} {own}, and it is not connected to that any more, or was closed. \
         What was read of it stays; {read}"
    )))
}

/// Asks a platform for one account that is connected to it.
async fn connected(platform: &Reached<'_, '_>, wanted: &AccountId, run: RunId) -> Result<Target, Halt> {
    let (context, own) = (platform.context, &platform.own.id);
    let call = Call::one(ObjectKind::Account, wanted.as_str());
    let page = context.get(&call, |answer| Page::read_one(ObjectKind::Account, own, answer)).await?;
    let target = match page.facts.first() {
        Some(Fact::Account(account)) => Target::connected(account.id.clone(), account.time_zone.clone()),
        other => {
            let why = format!("account {wanted}: {other:?}");
            return Err(Halt::Stripe(StripeError::bad_answer(&call, page.request_id.as_deref(), why)));
        }
    };
    put(context, own, &call, page).await?;
    let (platform, listed) = (own.clone(), [target.id.clone()]);
    context.ask(move |store| store.note_listed(&platform, &listed, run)).await?;
    Ok(target)
}

/// Whether Stripe says that the key's account knows no such one.
fn is_unknown(halt: &Halt) -> bool {
    matches!(
        halt,
        Halt::Stripe(
            StripeError::NotFound { .. } | StripeError::Refused { .. } | StripeError::Permission { permission: None, .. }
        )
    )
}

/// The key's own account. That it can be read proves the key, and only then does the database take its mode: a key that
/// was mistyped must not decide what the database holds.
pub async fn own(context: &Context<'_>, mode: Mode) -> Result<Target, Halt> {
    let call = Call::new("/v1/account");
    let page = context.get(&call, Page::read_own_account).await?;
    let Some(target) = page.facts.first().and_then(target) else {
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

fn target(read: &Fact) -> Option<Target> {
    let Fact::Account(account) = read else { return None };
    Some(Target { id: account.id.clone(), behalf: None, time_zone: account.time_zone.clone() })
}

/// Hands a page of accounts to the writer.
pub async fn put(context: &Context<'_>, account: &AccountId, call: &Call, page: Page) -> Result<(), Halt> {
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
