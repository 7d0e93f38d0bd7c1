//! What happened while nobody listened: Stripe gives up on a delivery after three days, and what was sent to a server that was
//! down may never come. An ordinary sync finds all of it, by Stripe's list of events or, after more than thirty days, by reading
//! everything again.

use store::{RunTrigger, Store};

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::Unwatched;
use crate::jobs::sync::{SyncRequest, sync};
use crate::outside::Outside;
use crate::views::load::store_failure;

/// Syncs, where a first sync has read everything: before that there is nothing to go on from, and how much there is to read is
/// for a person to decide. What a person must mend is said, and left to the next sync.
///
/// # Errors
/// Where trying again soon may help: Stripe or the network is down, or another sync is running.
pub async fn catch_up(outside: &Outside, config: &Config) -> Result<(), Failure> {
    if config.stripe_keys.iter().all(|key| key.secret.is_err()) {
        return Ok(());
    }
    if !has_synced(config)? {
        tracing::warn!("nothing was synced completely yet: run tieout sync once, and deliveries keep it up to date");
        return Ok(());
    }
    let request = SyncRequest { skip: config.sync_skip.clone(), trigger: RunTrigger::Webhook, ..SyncRequest::default() };
    match sync(outside, config, &request, &mut Unwatched).await {
        Ok(summary) if summary.complete => Ok(()),
        Ok(summary) if summary.stripe_was_down => {
            Err(Failure::new(Exit::Upstream, "Stripe went down while what was missed was being read"))
        }
        Ok(summary) => {
            tracing::warn!("not all that was missed could be read: {}; tieout sync tries again", summary.unread.join("; "));
            Ok(())
        }
        Err(failure) if matches!(failure.exit, Exit::Upstream | Exit::Conflict) => Err(failure),
        Err(failure) => {
            tracing::warn!("what was missed could not be read: {}; mend that, then run tieout sync", failure.message);
            Ok(())
        }
    }
}

/// Whether the key's own account was read to the end once.
fn has_synced(config: &Config) -> Result<bool, Failure> {
    let Some(store) = Store::open_existing(&config.database).map_err(store_failure)? else { return Ok(false) };
    let accounts = store.own_accounts().map_err(store_failure)?;
    Ok(accounts.iter().any(|known| known.synced_at.is_some()))
}
