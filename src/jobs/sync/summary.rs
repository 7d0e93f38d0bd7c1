//! How a sync ends: what it says, and what is kept of the run.

use std::collections::BTreeMap;

use serde::Serialize;
use store::{RunId, RunState};

use super::context::Found;
use super::run_state;
use super::sweep::Swept;
use super::trouble::Trouble;
use super::writer::{Tally, Written};
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::day_check::DayCheckView;
use crate::views::load::store_failure;

/// What a sync did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SyncSummary {
    /// Objects read, each counted once.
    pub synced: u64,
    /// Of these, new to the database.
    pub inserted: u64,
    /// Of these, known in another version.
    pub updated: u64,
    /// Objects read, by kind.
    pub by_kind: BTreeMap<&'static str, u64>,
    /// The day that was asked for, where it was one.
    pub date: Option<String>,
    /// Whether all that was asked for was read.
    pub complete: bool,
    /// Whether that is so because Stripe or the network was down: then running again soon helps.
    #[serde(skip)]
    pub stripe_was_down: bool,
    /// Requests sent to Stripe.
    pub requests: u64,
    /// Bytes of the lists that Stripe answered with.
    pub bytes: u64,
    /// A hash of the content of every object that was read, whatever their order: two syncs that read the same have the same.
    pub read_hash: String,
    /// What became of the connected accounts.
    pub connected: Swept,
    /// Past days that were listed again, one of each own account whose turn it was, and what that found.
    pub listed_again: Vec<DayCheckView>,
    /// Kinds of objects that the key may not read and reconciling does not need, each with the permission that it lacks.
    pub left_out: BTreeMap<&'static str, String>,
    /// The same in sentences.
    #[serde(skip)]
    pub warnings: Vec<String>,
    /// What could not be read and why, in sentences.
    pub unread: Vec<String>,
    /// What a person must mend before running again helps, where a part of it could not be read for that.
    #[serde(skip)]
    pub to_mend: Option<Failure>,
}

/// Keeps the run's record and decides how the command ends.
pub fn conclude(outside: &Outside, run: RunId, found: Found, written: Written) -> Result<SyncSummary, Failure> {
    let Written { mut store, tally, error } = written;
    if let Some(error) = error {
        // The database has failed; whether the record of it can still be written is the lesser question.
        let _ = store.end_run(run, outside.now(), RunState::Failed, "{}");
        return Err(store_failure(error));
    }
    let nothing_read = !tally.by_kind.iter().any(|(kind, read)| *kind != "account" && *read > 0);
    let mut summary = summarise(&found, tally);
    let (closed, others): (Vec<_>, Vec<_>) = found.troubles.into_iter().partition(Trouble::is_closed_account);
    let failure = others.into_iter().find_map(Trouble::failure);
    let nothing = !summary.complete && nothing_read;
    let failure = failure.or_else(|| closed.into_iter().filter(|_| nothing).find_map(Trouble::failure));
    let failure = failure.or_else(|| nothing.then(|| nothing_read_failure(&summary)));
    // One key or permission that does not do takes nothing from what was read with the others.
    let (to_mend, failure) = match failure {
        Some(failure) if failure.exit == Exit::Authentication && !nothing_read => (Some(failure), None),
        failure => (None, failure),
    };
    summary.to_mend = to_mend;
    let state = if failure.is_some() { RunState::Failed } else { run_state(summary.complete) };
    let told = serde_json::to_string(&summary).unwrap_or_else(|_| "{}".to_owned());
    store.end_run(run, outside.now(), state, &told).map_err(store_failure)?;
    failure.map_or(Ok(summary), Err)
}

fn summarise(found: &Found, tally: Tally) -> SyncSummary {
    let unread: Vec<String> = found.troubles.iter().filter_map(Trouble::sentence).collect();
    SyncSummary {
        synced: tally.by_kind.values().sum(),
        inserted: tally.inserted,
        updated: tally.updated,
        by_kind: tally.by_kind,
        date: found.date.clone(),
        complete: found.troubles.is_empty(),
        stripe_was_down: found.troubles.iter().any(Trouble::is_upstream),
        requests: found.requests,
        bytes: tally.bytes,
        read_hash: tally.read.text(),
        connected: Swept { all_else_read: found.troubles.iter().all(Trouble::is_left_over), ..found.swept },
        listed_again: found.checked.clone(),
        left_out: found.left_out.by_kind(),
        warnings: found.left_out.sentences().into_iter().chain(found.warnings.iter().cloned()).collect(),
        unread,
        to_mend: None,
    }
}

/// Running again helps only where Stripe or the network is down, not where something answers that is not Stripe's API.
fn nothing_read_failure(summary: &SyncSummary) -> Failure {
    let why = summary.unread.first().cloned().unwrap_or_else(|| "Stripe could not be asked".to_owned());
    let (exit, hint) = match summary.stripe_was_down {
        true => (Exit::Upstream, "check the network and Stripe's status page; running again is safe"),
        false => (Exit::Failed, "see that STRIPE_API_BASE is an address of Stripe's API, and that nothing answers in its place"),
    };
    Failure::new(exit, format!("nothing could be read: {why}")).hint(hint)
}
