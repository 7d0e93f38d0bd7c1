//! The rolling sweep over a platform's connected accounts.
//!
//! Where they are few, every sync reads all of them. Where they are many, it reads those that are due, those first whose turn was
//! longest ago, and stops when it has sent as many requests as a sync may spend on them: the platform's own accounts come before,
//! and the next sync of them must not wait. What is left over makes the sync incomplete, and is said. They come from the database
//! some at a time, and are never all in memory.

use std::collections::VecDeque;

use facts::AccountId;
use futures_util::{Stream, StreamExt};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::{Due, Left};

use super::accounts::Target;
use super::context::{Context, Halt};
use super::{ACCOUNTS_AT_ONCE, What, read_account};

/// Accounts that are asked of the database together: among a hundred thousand it looks for those that are due.
const FOUND_AT_ONCE: u32 = 50;

/// How connected accounts are swept.
#[derive(Clone, Copy, Debug)]
pub struct Sweep {
    /// Where a platform has no more, every sync reads all of them.
    pub every_sync_max: u64,
    /// How old the last complete sync of an account may be that has not moved.
    pub stale_after: SignedDuration,
    /// After so many requests no further account is begun.
    pub requests_max: u64,
}

impl Default for Sweep {
    /// A hundred accounts are one page of their list, and some minutes. Whatever no webhook tells of is found within a day: an account
    /// is read a while after its sync has begun, so that a daily sync finds it younger than a day. Twenty
    /// thousand requests take some six minutes at the rate that Stripe allows, so that a sync every ten minutes reads a hundred
    /// thousand quiet accounts in a day.
    fn default() -> Self {
        Self { every_sync_max: 100, stale_after: SignedDuration::from_hours(20), requests_max: 20_000 }
    }
}

/// What a sync did of the connected accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// How many the lists name.
    pub known: u64,
    /// Of these, how many it read, to the end or as far as it could.
    pub read: u64,
    /// How many were due and were left to the next sync.
    pub left: u64,
    /// Whether all else that the sync was asked for was read.
    pub all_else_read: bool,
}

impl Swept {
    /// Adds what was done with another key.
    pub fn add(&mut self, other: Self) {
        self.known += other.known;
        self.read += other.read;
        self.left += other.left;
    }
}

/// Reads the connected accounts of a key's own that are due.
pub async fn sweep(context: &Context<'_>, own: &AccountId, what: &What<'_>) {
    let swept = read(context, own, what).await;
    swept.unwrap_or_else(|halt| context.note(None, "the connected accounts", halt));
}

async fn read(context: &Context<'_>, own: &AccountId, what: &What<'_>) -> Result<(), Halt> {
    let (platform, sweep) = (own.clone(), context.request.sweep);
    let known = context.ask(move |store| store.connected_accounts(&platform)).await?;
    // Who asks for days, kinds or all history asks it of every account, however long that takes.
    let all = known <= sweep.every_sync_max || !context.request.is_ordinary();
    let stale_before = what.started_at.checked_sub(sweep.stale_after).unwrap_or(Timestamp::UNIX_EPOCH);
    let stale_before = if all { Timestamp::MAX } else { stale_before };
    let due = Due { run: what.run, stale_before, now: what.started_at };
    let until = (!all).then(|| context.requests().saturating_add(sweep.requests_max));
    let begun: Vec<Result<(), Halt>> = targets(context, own, due, until)
        .map(async |target| {
            let target = target?;
            read_account(context, &target, what).await;
            context.swept(Swept { read: 1, ..Swept::default() });
            Ok(())
        })
        .buffer_unordered(ACCOUNTS_AT_ONCE)
        .filter(|read| std::future::ready(read.is_err()))
        .collect()
        .await;
    begun.into_iter().collect::<Result<(), Halt>>()?;
    if !context.request.is_everything() {
        context.swept(Swept { known, ..Swept::default() });
        return Ok(());
    }
    let platform = own.clone();
    let left = context.ask(move |store| store.left_due(&platform, &due)).await?;
    context.swept(Swept { known, left: left.accounts, ..Swept::default() });
    if left.accounts > 0 { Err(Halt::Left(sentence(&left))) } else { Ok(()) }
}

/// The accounts that are due, until so many requests were sent, or nothing more can be read.
fn targets<'a>(
    context: &'a Context<'_>,
    own: &'a AccountId,
    due: Due,
    until: Option<u64>,
) -> impl Stream<Item = Result<Target, Halt>> + 'a {
    // Who asks for some days or kinds reads no account to its end, and takes nobody's turn.
    let takes_turns = context.request.is_everything();
    futures_util::stream::try_unfold((VecDeque::new(), None), move |(mut found, mut after)| async move {
        if context.is_stopping() || until.is_some_and(|until| context.requests() >= until) {
            return Ok(None);
        }
        if found.is_empty() {
            let (platform, after) = (own.clone(), after.take());
            let more = match takes_turns {
                true => context.ask(move |store| store.due_accounts(&platform, &due, FOUND_AT_ONCE)).await?,
                false => context.ask(move |store| store.listed_accounts(&platform, after.as_ref(), FOUND_AT_ONCE)).await?,
            };
            found.extend(more.into_iter().map(|account| Target::connected(account.id, account.time_zone)));
        }
        let Some(next) = found.pop_front() else { return Ok(None) };
        if takes_turns {
            let id = next.id.clone();
            context.ask(move |store| store.begin_sweep(&id, due.run)).await?;
        }
        let after = Some(next.id.clone());
        Ok(Some((next, (found, after))))
    })
}

fn sentence(left: &Left) -> String {
    let never = if left.never > 0 { format!(", {} of them never read to the end", left.never) } else { String::new() };
    let oldest = left.oldest.map(|at| format!("; the least fresh of the others was read at {at}")).unwrap_or_default();
    format!("{} connected accounts are due and are left to the next sync{never}{oldest}", left.accounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_says_how_much_and_how_old_it_is() {
        let left = Left { accounts: 3, never: 1, oldest: Some("2026-07-30T06:00:00Z".parse().unwrap()) };
        let told = "3 connected accounts are due and are left to the next sync, 1 of them never read to the end; the least fresh of \
                    the others was read at 2026-07-30T06:00:00Z";
        assert_eq!(sentence(&left), told);
        let all_fresh = Left { accounts: 2, never: 2, oldest: None };
        assert_eq!(
            sentence(&all_fresh),
            "2 connected accounts are due and are left to the next sync, 2 of them never read to the end"
        );
    }
}
