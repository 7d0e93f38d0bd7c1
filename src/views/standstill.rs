//! Whether what is shown still is as it stands: where nothing new comes from Stripe any more, all that is said of it is of the past.

use jiff::Timestamp;
use store::{AlertRow, Store, StoreError};

use super::schedule::job_name;

/// What stands still, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standstill {
    /// Since when nothing new is known: the last complete sync, else since when the trouble is.
    pub since: Timestamp,
    /// Why, in a sentence.
    pub why: String,
}

impl Standstill {
    /// By the alerts that stand. `synced_at` is when the last complete sync began.
    ///
    /// # Errors
    /// A database that fails.
    pub fn read(store: &Store, synced_at: Option<Timestamp>) -> Result<Option<Self>, StoreError> {
        for row in store.alerts()? {
            if stands(&row) && is_of_what_comes(store, &row)? {
                return Ok(Some(Self { since: synced_at.unwrap_or(row.bad_since), why: row.what }));
            }
        }
        Ok(None)
    }
}

fn stands(row: &AlertRow) -> bool {
    matches!(row.state.as_str(), "alerting" | "no_data" | "error")
}

fn is_of_what_comes(store: &Store, row: &AlertRow) -> Result<bool, StoreError> {
    Ok(match row.condition.as_str() {
        "data_stale" => true,
        "run_failed" | "run_missed" => {
            let schedule = store.schedule(&row.subject)?;
            schedule.is_some_and(|schedule| job_name(&schedule.job) == "sync")
        }
        _ => false,
    })
}
