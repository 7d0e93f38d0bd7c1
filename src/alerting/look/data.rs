//! What comes from Stripe: how old it is, whether all of it was read, and what cannot be worked off.

use alerts::{Reading, Rule};
use store::{DeliveryFilter, DeliveryState, RunState};

use super::{Finding, Look, unread};
use crate::exit::Failure;

/// So many deliveries are looked at; more of them have the same cause.
const DELIVERIES_SHOWN: u64 = 100;

/// How many runs are looked through for the last sync; deliveries leave many.
const RUNS_SHOWN: u64 = 1_000;

impl Look<'_> {
    /// The newest complete sync of an account of our own is too old, or there is none.
    pub(super) fn stale_data(&self, rule: &Rule) -> Result<Vec<Finding>, Failure> {
        let own = self.store.own_accounts().map_err(unread)?;
        let found = own.iter().filter_map(|row| {
            let id = row.account.id.as_str();
            let to_do = "tieout sync, and see what tieout schedule history says";
            match row.synced_at {
                Some(at) if self.is_older(at, rule) => {
                    let what = format!("What is known of {id} is {} old: nothing newer is known since {at}", self.ago(at));
                    Some(Finding::bad(id, what, to_do).at("/known"))
                }
                Some(_) => None,
                None => {
                    let what = format!("Nothing says how fresh {id} is: it was never read to the end");
                    Some(Finding { reading: Reading::NoData, ..Finding::bad(id, what, to_do).at("/known") })
                }
            }
        });
        Ok(found.collect())
    }

    /// The last sync did not read everything.
    pub(super) fn incomplete_sync(&self) -> Result<Vec<Finding>, Failure> {
        let runs = self.store.runs(RUNS_SHOWN).map_err(unread)?;
        // One that still goes on says nothing yet, and one that failed has made nothing good.
        let ended = runs.into_iter().find(|run| run.job == "sync" && matches!(run.state, RunState::Done | RunState::Incomplete));
        let Some(run) = ended.filter(|run| run.state == RunState::Incomplete) else { return Ok(Vec::new()) };
        let summary: serde_json::Value = serde_json::from_str(&run.summary).unwrap_or_default();
        let first = summary.get("unread").and_then(|list| list.get(0)).and_then(|text| text.as_str());
        let why = first.unwrap_or("its record does not say why");
        let what = format!("The sync of {} did not read everything: {why}", run.started_at);
        Ok(vec![Finding::bad("sync", what, "tieout sync goes on where it stopped").at("/known")])
    }

    /// Deliveries that failed, or wait for too long.
    pub(super) fn failing_deliveries(&self, rule: &Rule) -> Result<Vec<Finding>, Failure> {
        let of = |state| DeliveryFilter { state: Some(state), limit: Some(DELIVERIES_SHOWN), ..DeliveryFilter::default() };
        let failed = self.store.deliveries(&of(DeliveryState::Failed)).map_err(unread)?;
        let before_at = rule.age.and_then(|age| self.now.checked_sub(age).ok());
        let waiting = self.store.deliveries(&DeliveryFilter { before_at, ..of(DeliveryState::Waiting) }).map_err(unread)?;
        let mut found = Vec::new();
        if let Some(first) = failed.first() {
            let why = first.problem.as_deref().unwrap_or("no reason was kept");
            let what = format!("{} of Stripe's deliveries cannot be worked off: {why}", counted(failed.len()));
            found.push(Finding::bad("failed", what, "mend the cause, then tieout webhook replay --failed"));
        }
        if let Some(first) = waiting.last() {
            let what = format!("{} of Stripe's deliveries wait, the oldest since {}", counted(waiting.len()), first.received_at);
            found.push(Finding::bad("waiting", what, "tieout webhook list --state waiting says why"));
        }
        Ok(found)
    }
}

fn counted(count: usize) -> String {
    if count as u64 >= DELIVERIES_SHOWN { format!("{count} or more") } else { count.to_string() }
}
