//! Works deliveries off as they come: reads again what they are about, then reconciles.

use std::future::pending;
use std::time::Duration;

use store::Store;
use tokio::sync::watch;

use super::Intake;
use crate::config::Config;
use crate::exit::Failure;
use crate::jobs::reconcile::{ReconcileRequest, reconcile};
use crate::jobs::sync::work_off;
use crate::outside::Outside;
use crate::views::load::store_failure;

/// Changes come in swarms: an invoice that is paid makes half a dozen deliveries within a second.
const GATHER: Duration = Duration::from_secs(1);

/// The first wait after what could not be read; it doubles up to [`WAIT_MAX`].
const WAIT_MIN: Duration = Duration::from_secs(5);

/// The longest wait: deliveries are not lost meanwhile, only late.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// After a reconciliation, this many times as long as it took is left to everything else.
const REST: u32 = 9;

/// What a round left.
struct Round {
    /// Why something is to be tried again; `None` where nothing is.
    left: Option<String>,
    /// How long to gather what comes before the next round.
    gather: Duration,
}

/// Works off what waits, and whatever is taken afterwards, until `stop` says so; then it ends after what it is doing.
///
/// Where there is no secret, nothing can be taken, and nothing is worked off.
pub async fn work(outside: &Outside, config: &Config, intake: &Intake, mut stop: watch::Receiver<bool>) {
    let mut wait = WAIT_MIN;
    loop {
        let worked = if intake.is_open() { once(outside, config).await } else { Ok(Round { left: None, gather: GATHER }) };
        let Round { left, gather } = worked.unwrap_or_else(|failure| Round { left: Some(failure.message), gather: GATHER });
        let taken = async {
            intake.taken().await;
            outside.sleep(gather).await;
        };
        let again = async {
            match &left {
                Some(why) => {
                    tracing::warn!("deliveries wait: {why}; trying again in {} seconds", wait.as_secs());
                    outside.sleep(wait).await;
                }
                None => pending().await,
            }
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = taken => {}
            () = again => {}
        }
        wait = if left.is_some() { (wait * 2).min(WAIT_MAX) } else { WAIT_MIN };
    }
}

/// Reads what deliveries are about, and reconciles where that changed anything that verdicts stand on.
async fn once(outside: &Outside, config: &Config) -> Result<Round, Failure> {
    let before = revision(config)?;
    let Some(summary) = work_off(outside, config).await? else { return Ok(Round { left: None, gather: GATHER }) };
    let mut gather = GATHER;
    if revision(config)? != before {
        let started = outside.now();
        let (world, settings) = (outside.clone(), config.clone());
        let reconciled = tokio::task::spawn_blocking(move || reconcile(&world, &settings, ReconcileRequest { dry_run: false }));
        match reconciled.await {
            Ok(ended) => drop(ended?),
            Err(_) => tracing::error!("the reconciliation after deliveries ended early"),
        }
        let took = Duration::try_from(outside.now().duration_since(started)).unwrap_or_default();
        gather = gather.max(took * REST);
    }
    let left = (!summary.complete).then(|| summary.unread.first().cloned().unwrap_or_else(|| "not all was read".to_owned()));
    Ok(Round { left, gather })
}

/// How often what verdicts stand on has changed; `None` where there is no database yet.
fn revision(config: &Config) -> Result<Option<i64>, Failure> {
    let store = Store::open_existing(&config.database).map_err(store_failure)?;
    store.map(|store| store.revision()).transpose().map_err(store_failure)
}
