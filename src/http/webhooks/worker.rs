//! Works deliveries off as they come: reads again what they are about, then reconciles. First it catches up on what was never
//! delivered, because nobody listened.

use std::time::Duration;

use jiff::Timestamp;
use store::Store;
use tokio::sync::watch;

use super::Intake;
use super::catch_up::catch_up;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::reconcile::reconcile_due;
use crate::jobs::sync::work_off;
use crate::outside::Outside;
use crate::views::load::store_failure;

/// Changes come in swarms: an invoice that is paid makes half a dozen deliveries within a second. Who waits for one of them is not
/// to notice, so that it is a part of a second.
const GATHER: Duration = Duration::from_millis(250);

/// The first wait after what could not be read; it doubles up to [`WAIT_MAX`].
const WAIT_MIN: Duration = Duration::from_secs(5);

/// The longest wait. So often it is looked at in any case: a person may have made deliveries wait again.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// After a reconciliation, this many times as long as it took is left to everything else, up to [`WAIT_MAX`]. What is delivered
/// meanwhile is read, and reconciled after that.
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
    let mut worker = Worker::new(outside, config);
    let mut wait = WAIT_MIN;
    loop {
        let trouble = worker.round().await;
        let (gather, at_the_latest) = match &trouble {
            Some(why) => {
                tracing::warn!("deliveries: {why}; trying again in {} seconds", wait.as_secs());
                let rest = worker.owes_within().filter(|rest| !rest.is_zero());
                (WAIT_MIN, rest.map_or(wait, |rest| rest.min(wait)))
            }
            None if worker.has_more => (GATHER, GATHER),
            None => (GATHER, worker.owes_within().unwrap_or(WAIT_MAX)),
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
    /// Until when nothing is reconciled.
    rests_until: Timestamp,
    /// Whether something was read that is to be reconciled then.
    owes: bool,
    /// Whether there was more than a round could work off.
    has_more: bool,
}

impl<'a> Worker<'a> {
    fn new(outside: &'a Outside, config: &'a Config) -> Self {
        let rests_until = Timestamp::MIN;
        Self { outside, config, is_behind: true, reconciled: None, rests_until, owes: false, has_more: false }
    }

    /// How long nothing is to be reconciled; `None` where it may be. A clock that was set back says nothing of that.
    fn rest_left(&self) -> Option<Duration> {
        let left = Duration::try_from(self.outside.now().duration_until(self.rests_until)).ok()?;
        (!left.is_zero() && left <= WAIT_MAX).then_some(left)
    }

    /// How long until what was read is reconciled; `None` where nothing waits for that.
    fn owes_within(&self) -> Option<Duration> {
        self.owes.then(|| self.rest_left().unwrap_or_default())
    }

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
        let Some(store) = open(self.config)? else { return Ok(()) };
        let revision = store.revision().map_err(store_failure)?;
        drop(store);
        self.owes = self.reconciled != Some(revision);
        if !self.owes || self.rest_left().is_some() {
            return Ok(());
        }
        let started = self.outside.now();
        let (world, settings) = (self.outside.clone(), self.config.clone());
        let job = tokio::task::spawn_blocking(move || reconcile_due(&world, &settings));
        job.await.map_err(|_| Failure::new(Exit::Failed, "the reconciliation ended early; the fault is ours"))??;
        (self.reconciled, self.owes) = (Some(revision), false);
        let ended = self.outside.now();
        let took = Duration::try_from(ended.duration_since(started)).unwrap_or_default();
        self.rests_until = ended.checked_add((took * REST).min(WAIT_MAX)).unwrap_or(ended);
        Ok(())
    }
}

fn open(config: &Config) -> Result<Option<Store>, Failure> {
    Store::open_existing(&config.database).map_err(store_failure)
}
