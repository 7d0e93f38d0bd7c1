//! A job that asks whether all is here: what Stripe lists of a past day, what it says the balances are, and what stands in the database.

use store::{RunTrigger, Store};

use super::JobEnd;
use super::job::synced;
use super::log::RunLog;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::sync::{SyncRequest, sync};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};

/// Checks everything. A sync that finds something missing is incomplete, and so is the check.
///
/// # Errors
/// Those of a sync; a database that is damaged, or whose sums are not what adding up finds.
pub async fn run(outside: &Outside, config: &Config, log: &mut RunLog) -> Result<JobEnd, Failure> {
    let request =
        SyncRequest { skip: config.sync_skip.clone(), recheck: true, trigger: RunTrigger::Schedule, ..SyncRequest::default() };
    let summary = tokio::select! {
        summary = sync(outside, config, &request, log) => summary?,
        () = outside.until_called_off() => return outside.goes_on().map(|()| JobEnd::called_off()),
    };
    summary.warnings.iter().chain(&summary.unread).for_each(|line| log.say(line));
    for day in &summary.listed_again {
        log.say(&serde_json::to_string(day).unwrap_or_default());
    }
    let store = load::open(config)?;
    let sound = tokio::task::spawn_blocking(move || is_sound(&store));
    sound.await.map_err(|_| Failure::new(Exit::Failed, "the job ended early; the fault is ours"))??;
    log.say("the database is sound, and its sums are what adding up finds");
    Ok(synced(&summary))
}

fn is_sound(store: &Store) -> Result<(), Failure> {
    store.check().map_err(store_failure)?;
    store.check_sums().map_err(store_failure)
}
