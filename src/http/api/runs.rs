//! The runs of a sync that callers began: who asks for the same shares one, others take turns, and a caller that leaves
//! stops nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::tz::TimeZone;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use super::asked::Wanted;
use super::problem::ApiProblem;
use super::run::Run;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::http::DRAIN;
use crate::jobs::Unwatched;
use crate::jobs::sync::{Day, SyncSummary, sync};
use crate::outside::Outside;

/// Runs that may wait for their turn: a schedule for each kind of object fits, a loop that has gone wrong does not.
const WAITING_MAX: usize = 16;

/// Runs that can be asked for; the oldest are forgotten first. A day of them, one every quarter of an hour.
const KEPT_MAX: usize = 96;

/// The runs of one server. Clones share them.
#[derive(Clone)]
pub struct Runs {
    outside: Outside,
    config: Arc<Config>,
    known: Arc<Mutex<VecDeque<Arc<Run>>>>,
    turn: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

impl Runs {
    /// No runs yet.
    pub fn new(outside: Outside, config: Config) -> Self {
        let turn = Arc::new(Semaphore::new(1));
        Self { outside, config: Arc::new(config), known: Arc::default(), turn, stopping: watch::Sender::new(false) }
    }

    /// The run that reads what is wanted: one that has not ended, or else a new one.
    ///
    /// # Errors
    /// When too many wait already.
    pub fn begin(&self, wanted: Wanted) -> Result<Arc<Run>, ApiProblem> {
        let wanted = self.dated(wanted);
        let mut known = self.known();
        let open = || known.iter().filter(|run| !run.has_ended());
        if let Some(run) = open().find(|run| *run.wanted() == wanted) {
            return Ok(Arc::clone(run));
        }
        if open().count() > WAITING_MAX {
            return Err(ApiProblem::too_many(WAITING_MAX));
        }
        let run = Arc::new(Run::new(format!("{:016x}", self.outside.random()), wanted));
        if known.len() >= KEPT_MAX {
            known.pop_front();
        }
        known.push_back(Arc::clone(&run));
        tokio::spawn(self.clone().carry_out(Arc::clone(&run)));
        Ok(run)
    }

    /// The run of this id.
    pub fn find(&self, id: &str) -> Option<Arc<Run>> {
        self.known().iter().find(|run| run.id() == id).cloned()
    }

    /// Lets nothing more begin; what runs has [`DRAIN`] to end.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
        if self.turn.available_permits() == 0 {
            tracing::warn!("a sync is running: it has {} s to end, and what was read is kept", DRAIN.as_secs());
        }
    }

    /// Waits until nothing runs.
    pub async fn idle(&self) {
        // It is never closed; and then nothing would run either.
        let _ = self.turn.acquire().await;
    }

    /// Yesterday by its date, where the zone is set: calls before and after midnight do not want the same.
    fn dated(&self, wanted: Wanted) -> Wanted {
        let zone = self.config.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        let yesterday = zone.and_then(|zone| zone.to_datetime(self.outside.now()).date().yesterday().ok());
        match (wanted.day, yesterday) {
            (Day::Yesterday, Some(date)) => Wanted { day: Day::On(date), ..wanted },
            (Day::Yesterday | Day::On(_), _) => wanted,
        }
    }

    fn known(&self) -> MutexGuard<'_, VecDeque<Arc<Run>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn carry_out(self, run: Arc<Run>) {
        let turn = tokio::select! {
            biased;
            () = self.told_to_stop() => None,
            turn = self.turn.acquire() => turn.ok(),
        };
        let ended = match &turn {
            Some(_) => {
                run.start(self.outside.now());
                self.on_a_thread(run.wanted().clone())
                    .await
                    .unwrap_or_else(|_| Err(Failure::new(Exit::Failed, "the sync ended early; the fault is ours")))
            }
            None => Err(stopped()),
        };
        if let Err(failure) = &ended {
            tracing::warn!("the sync of run {} failed: {}", run.id(), failure.message);
        }
        run.end(self.outside.now(), ended);
    }

    /// The sync borrows from one end to the other, so it is driven by a thread of its own; and whatever becomes of that
    /// thread, those who wait hear of an end.
    fn on_a_thread(&self, wanted: Wanted) -> JoinHandle<Result<SyncSummary, Failure>> {
        let (runs, runtime) = (self.clone(), Handle::current());
        tokio::task::spawn_blocking(move || runtime.block_on(runs.sync(wanted)))
    }

    async fn sync(self, wanted: Wanted) -> Result<SyncSummary, Failure> {
        let request = wanted.request(&self.config.sync_skip);
        let mut unwatched = Unwatched;
        tokio::select! {
            ended = sync(&self.outside, &self.config, &request, &mut unwatched) => ended,
            () = self.out_of_time() => Err(stopped()),
        }
    }

    async fn told_to_stop(&self) {
        // The sender lives in `self`, so waiting ends only when it says so.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    async fn out_of_time(&self) {
        self.told_to_stop().await;
        self.outside.sleep(DRAIN).await;
    }
}

fn stopped() -> Failure {
    Failure::new(Exit::Incomplete, "the server was stopped before everything was read")
        .hint("what was read is kept; call again once the server is back")
}
