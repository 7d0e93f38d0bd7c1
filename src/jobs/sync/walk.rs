//! One account's list of one kind, from the newest to the oldest that is due.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use facts::{ChargeId, ObjectKind};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use store::{SyncWindow, Walk};
use stripe::{Call, Page, Pager, Stretches, StripeError, Ticket, declaration};

use super::accounts::Target;
use super::context::{Context, Halt};
use super::plan::{self, Window};
use super::writer::{Count, PageTask};
use super::{events, parts, stretches};

/// What a walk that reached its end leaves.
#[derive(Debug, Default)]
pub struct WalkEnd {
    /// The newest object that it saw.
    pub newest: Option<String>,
    /// From when it read; `None` is all history.
    pub since: Option<Timestamp>,
    /// Charges that its refunds or disputes showed to have changed.
    pub charges: BTreeSet<ChargeId>,
}

/// Reads what is due of one kind. Where that cannot be done, the trouble is noted and nothing is returned; a kind that was not
/// asked for returns nothing either.
pub async fn read_kind(
    context: &Context<'_>,
    target: &Target,
    kind: ObjectKind,
    window: Option<&Window>,
    due: &SyncWindow,
) -> Option<WalkEnd> {
    if !context.request.wants(kind) {
        return None;
    }
    let read = match window {
        Some(window) => read_window(context, target, kind, window).await,
        None => read_due(context, target, kind, due).await,
    };
    match read {
        Ok(end) => Some(end),
        // An older API, or one that stands in for Stripe's, need not know every list.
        Err(Halt::Stripe(StripeError::NotFound { .. })) if !declaration(kind).is_needed() => {
            tracing::warn!("{} of {}: there is no such list", kind.as_str(), target.id);
            Some(WalkEnd::default())
        }
        Err(halt) => {
            context.note_kind(target, kind, halt).await;
            None
        }
    }
}

/// Goes on with a walk that was interrupted, then reads what may have changed since the last one that was not.
pub async fn read_due(context: &Context<'_>, target: &Target, kind: ObjectKind, due: &SyncWindow) -> Result<WalkEnd, Halt> {
    let account = target.id.clone();
    let saved = context.ask(move |store| store.walk(&account, kind)).await?;
    let again = context.request.full && kind != ObjectKind::Event;
    let saved = if again { None } else { saved };
    let mut complete_until = saved.as_ref().and_then(|walk| walk.complete_until);
    let mut count = Count::All;
    if let Some(interrupted) = saved.filter(|walk| !walk.complete && walk.after.is_some()) {
        complete_until = resume(context, target, kind, interrupted).await?;
        count = Count::Changed;
    }
    let since = plan::since(kind, complete_until, due);
    let walk =
        Walk { started_at: context.outside.now(), since, after: None, complete: false, complete_until, stretches: Vec::new() };
    Ok(Walking::new(context, target, kind, count).run(walk).await?.0)
}

/// Reads again everything since the account begins.
pub async fn read_again(context: &Context<'_>, target: &Target, kind: ObjectKind, due: &SyncWindow) -> Result<WalkEnd, Halt> {
    let account = target.id.clone();
    context.ask(move |store| store.forget_walks(&account, &[kind])).await?;
    read_due(context, target, kind, due).await
}

/// Goes on where a walk stopped; returns until when it is complete.
async fn resume(context: &Context<'_>, target: &Target, kind: ObjectKind, walk: Walk) -> Result<Option<Timestamp>, Halt> {
    let before = walk.complete_until;
    match Walking::new(context, target, kind, Count::All).run(walk).await {
        Ok((_, walk)) => Ok(walk.complete_until),
        // The object that the walk stopped at is gone, so there is no place to go on from: the whole is read again.
        Err(Halt::Stripe(StripeError::NotFound { .. } | StripeError::Refused { .. })) => Ok(before),
        Err(halt) => Err(halt),
    }
}

/// Reads what was created in a stretch of time, whatever was read before. No place is kept; that it was read is, once it was to its
/// end.
async fn read_window(context: &Context<'_>, target: &Target, kind: ObjectKind, window: &Window) -> Result<WalkEnd, Halt> {
    let call = call(target, kind, Some(window.from));
    let call = match window.until {
        Some(until) => call.with("created[lt]", until.as_second()),
        None => call,
    };
    let (mut walking, began) = (Walking::new(context, target, kind, Count::All), context.outside.now());
    let mut pager = Pager::new(call, None);
    while let Some(call) = pager.next() {
        let page = fetch(context, target, kind, &call).await.map_err(|halt| walking.cut_off(halt))?;
        pager.take(&page).map_err(|why| cannot_follow(&call, &page, why))?;
        walking.see(&page);
        walking.put(&call, page, None).await?;
    }
    let (account, read) = (target.id.clone(), (window.from, window.until.map_or(began, |until| until.min(began))));
    context.ask(move |store| store.note_range(&account, kind, read, began)).await?;
    Ok(walking.end(Some(window.from)))
}

/// Asks for a kind's list, of what was created at this instant or later.
pub fn call(target: &Target, kind: ObjectKind, since: Option<Timestamp>) -> Call {
    let call = Call::list(kind).on_behalf_of(target.behalf.clone());
    match since {
        Some(since) => call.with("created[gte]", since.as_second()),
        None => call,
    }
}

struct Walking<'a, 'c> {
    context: &'a Context<'c>,
    target: &'a Target,
    kind: ObjectKind,
    count: Count,
    newest: Option<String>,
    /// When the oldest object that it saw was made: the last page may be empty.
    oldest: Option<Timestamp>,
    charges: Option<Arc<Mutex<BTreeSet<ChargeId>>>>,
}

impl<'a, 'c> Walking<'a, 'c> {
    fn new(context: &'a Context<'c>, target: &'a Target, kind: ObjectKind, count: Count) -> Self {
        Self { context, target, kind, count, newest: None, oldest: None, charges: None }
    }

    /// Walks to the end, saving what is left with every page. Where pages cannot be read, those that are on their way are still
    /// written.
    ///
    /// What the walk is complete until is when the newest object of its first page was made: that is what it can vouch for. No
    /// date from our future is believed but an event's: the next walk looks for that event, and our clock may be late.
    async fn run(mut self, mut walk: Walk) -> Result<(WalkEnd, Walk), Halt> {
        self.charges = matches!(self.kind, ObjectKind::Refund | ObjectKind::Dispute).then(Arc::default);
        let whole = call(self.target, self.kind, None);
        let mut left = Stretches::new(whole.clone(), stretches::left(&walk));
        let mut asked = FuturesUnordered::new();
        let mut halted = None;
        loop {
            while halted.is_none()
                && let Some((ticket, call)) = left.next(self.at_once(&whole))
            {
                asked.push(answered(self.context, self.target, self.kind, ticket, call));
            }
            let Some((ticket, call, page)) = asked.next().await else { break };
            let noted = match page {
                Ok(page) => self.note(&mut walk, &mut left, ticket, &call, page).await,
                Err(halt) => Err(halt),
            };
            halted = halted.or(noted.err());
        }
        match halted {
            Some(halt) => Err(self.cut_off(halt)),
            None => Ok((self.settled(walk.since).await?, walk)),
        }
    }

    /// How many pages may be on their way at once. Events are read one after the other: where their list ends says whether some
    /// are missing.
    fn at_once(&self, call: &Call) -> usize {
        if self.kind == ObjectKind::Event { 1 } else { self.context.at_once(call) }
    }

    /// Writes a page with what is left after it.
    async fn note(&mut self, walk: &mut Walk, left: &mut Stretches, ticket: Ticket, call: &Call, page: Page) -> Result<(), Halt> {
        left.take(ticket, &page).map_err(|why| cannot_follow(call, &page, why))?;
        self.see(&page);
        if walk.after.is_none() {
            let latest = if self.kind == ObjectKind::Event { Timestamp::MAX } else { walk.started_at };
            walk.started_at = page.newest().map_or(walk.started_at, |newest| newest.min(latest));
        }
        walk.after = page.items.last().map(|item| item.id.clone()).or(walk.after.take());
        walk.complete = left.ended();
        stretches::keep(walk, left);
        if walk.complete {
            walk.complete_until = self.complete_until(walk).await?;
        }
        self.put(call, page, Some(walk.clone())).await
    }

    /// The newest object that was seen is the first of the first page: the head of the list is asked for before anything else.
    fn see(&mut self, page: &Page) {
        if self.newest.is_none() {
            self.newest = page.items.first().map(|item| item.id.clone());
        }
        self.oldest = self.oldest.into_iter().chain(page.oldest()).min();
    }

    /// A list whose first page was read is there. Where it then cannot be found, the object to go on from is gone, and what lies
    /// behind that is unread.
    fn cut_off(&self, halt: Halt) -> Halt {
        match halt {
            Halt::Stripe(StripeError::NotFound { place, message }) if self.newest.is_some() => {
                Halt::Stripe(StripeError::BadAnswer { place, why: format!("the list broke off: {message}") })
            }
            halt => halt,
        }
    }

    /// Until when a walk is complete that has ended.
    async fn complete_until(&self, walk: &Walk) -> Result<Option<Timestamp>, Halt> {
        let is_event = self.kind == ObjectKind::Event;
        if is_event {
            events::mind_gap(self.context, self.target, walk.complete_until, self.oldest).await?;
        }
        Ok(match walk.after {
            Some(_) => Some(walk.started_at),
            None if is_event => Some(events::NONE_YET),
            None => walk.complete_until,
        })
    }

    async fn put(&self, call: &Call, page: Page, walk: Option<Walk>) -> Result<(), Halt> {
        let task = PageTask {
            account: self.target.id.clone(),
            kind: self.kind,
            request: call.target(),
            page,
            member_of: None,
            walk,
            count: self.count,
            charges: self.charges.clone(),
        };
        self.context.put(task).await
    }

    /// Waits until every page is written, then says what was found.
    async fn settled(self, since: Option<Timestamp>) -> Result<WalkEnd, Halt> {
        if self.charges.is_some() {
            self.context.ask(|_| Ok(())).await?;
        }
        Ok(self.end(since))
    }

    fn end(self, since: Option<Timestamp>) -> WalkEnd {
        let charges = self.charges.map(|charges| std::mem::take(&mut *lock(&charges))).unwrap_or_default();
        WalkEnd { newest: self.newest, since, charges }
    }
}

/// Asks for a page, with all that stands within its objects.
pub async fn fetch(context: &Context<'_>, target: &Target, kind: ObjectKind, call: &Call) -> Result<Page, Halt> {
    let mut page = context.get(call, |answer| Page::read(kind, &target.id, answer)).await?;
    parts::complete(context, target, &mut page).await?;
    Ok(page)
}

/// The same, with the question.
async fn answered(
    context: &Context<'_>,
    target: &Target,
    kind: ObjectKind,
    ticket: Ticket,
    call: Call,
) -> (Ticket, Call, Result<Page, Halt>) {
    let page = fetch(context, target, kind, &call).await;
    (ticket, call, page)
}

/// Why a list cannot be followed behind this page.
pub fn cannot_follow(call: &Call, page: &Page, why: String) -> Halt {
    Halt::Stripe(StripeError::bad_answer(call, page.request_id.as_deref(), why))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
