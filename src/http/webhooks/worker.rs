//! Works deliveries off as they come: reads again what they are about, then reconciles. First it catches up on what was never
//! delivered, because nobody listened.

use std::time::Duration;

use store::Store;
use tokio::sync::watch;

use super::Intake;
use super::catch_up::catch_up;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::reconcile::{Basis, reconcile_due};
use crate::jobs::sync::work_off;
use crate::outside::Outside;
use crate::views::load::store_failure;

/// Changes come in swarms: an invoice that is paid makes half a dozen deliveries within a second.
const GATHER: Duration = Duration::from_secs(1);

/// The first wait after what could not be read; it doubles up to [`WAIT_MAX`].
const WAIT_MIN: Duration = Duration::from_secs(5);

/// The longest wait. So often it is looked at in any case: a person may have made deliveries wait again.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// After a reconciliation, this many times as long as it took is left to everything else, up to [`WAIT_MAX`].
const REST: u32 = 9;

/// Works off what waits, and whatever is taken afterwards, until `stop` says so; then it ends after what it is doing.
///
/// Where there is no secret, nothing can be taken, and nothing is worked off.
pub async fn work(outside: &Outside, config: &Config, intake: &Intake, mut stop: watch::Receiver<bool>) {
    if !intake.is_open() {
        // It ends when there is nobody left who could say so, too.
        let _ = stop.wait_for(|stop| *stop).await;
        return;
    }
    let mut worker = Worker { outside, config, is_behind: true, reconciled: None, basis: None, gather: GATHER, has_more: false };
    let mut wait = WAIT_MIN;
    loop {
        let trouble = worker.round().await;
        let (gather, at_the_latest) = match &trouble {
            Some(why) => {
                tracing::warn!("deliveries: {why}; trying again in {} seconds", wait.as_secs());
                (WAIT_MIN, wait)
            }
            None if worker.has_more => (worker.gather, worker.gather),
            None => (worker.gather, WAIT_MAX),
        };
        let taken = async {
            intake.taken().await;
            outside.sleep(gather).await;
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = taken => {}
            () = outside.sleep(at_the_latest) => {}
        }
        wait = if trouble.is_some() { (wait * 2).min(WAIT_MAX) } else { WAIT_MIN };
    }
}

struct Worker<'a> {
    outside: &'a Outside,
    config: &'a Config,
    /// Whether there is still to be read what happened before this start.
    is_behind: bool,
    /// The revision of the facts that was reconciled last; at the start none, because nobody knows how the last process ended.
    reconciled: Option<i64>,
    /// What everything was last judged from.
    basis: Option<Basis>,
    /// How long to gather what comes before the next round.
    gather: Duration,
    /// Whether there was more than a round could work off.
    has_more: bool,
}

impl Worker<'_> {
    /// Catches up, reads what deliveries are about, and reconciles where anything has changed that verdicts stand on. What could
    /// not be read keeps nothing else from being reconciled. Returns why it is to be tried again soon.
    async fn round(&mut self) -> Option<String> {
        let behind = self.catch_up().await.err().map(|failure| failure.message);
        let worked = work_off(self.outside, self.config).await.err().map(|failure| failure.message);
        let reconciled = self.reconcile().await.err().map(|failure| failure.message);
        let waits = || self.still_waiting().unwrap_or_else(|failure| Some(failure.message));
        behind.or(reconciled).or(worked).or_else(waits)
    }

    /// Why the first delivery that waits still does. One that nobody has tried only came too late for this round.
    fn still_waiting(&mut self) -> Result<Option<String>, Failure> {
        let Some(store) = open(self.config)? else { return Ok(None) };
        let first = store.waiting_deliveries(1).map_err(store_failure)?.into_iter().next();
        self.has_more = first.as_ref().is_some_and(|delivery| delivery.problem.is_none());
        Ok(first.and_then(|delivery| delivery.problem))
    }

    async fn catch_up(&mut self) -> Result<(), Failure> {
        if self.is_behind {
            catch_up(self.outside, self.config).await?;
            self.is_behind = false;
        }
        Ok(())
    }

    async fn reconcile(&mut self) -> Result<(), Failure> {
        self.gather = GATHER;
        let Some(store) = open(self.config)? else { return Ok(()) };
        let revision = store.revision().map_err(store_failure)?;
        drop(store);
        if self.reconciled == Some(revision) {
            return Ok(());
        }
        let started = self.outside.now();
        let (world, settings, mut basis) = (self.outside.clone(), self.config.clone(), self.basis.take());
        let job = tokio::task::spawn_blocking(move || reconcile_due(&world, &settings, &mut basis).map(|()| basis));
        self.basis = job.await.map_err(|_| Failure::new(Exit::Failed, "the reconciliation ended early; the fault is ours"))??;
        self.reconciled = Some(revision);
        let took = Duration::try_from(self.outside.now().duration_since(started)).unwrap_or_default();
        self.gather = GATHER.max(took * REST).min(WAIT_MAX);
        Ok(())
    }
}

fn open(config: &Config) -> Result<Option<Store>, Failure> {
    Store::open_existing(&config.database).map_err(store_failure)
}
