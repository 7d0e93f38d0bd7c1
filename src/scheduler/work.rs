//! The scheduler at work, beside a server: it sleeps until something is due, runs it, and looks again.

use std::time::Duration;

use jiff::Timestamp;
use store::{Location, Pace, ScheduledRun, ScheduledState, Store};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use super::retention::{FORGET_EVERY, forget_old};
use super::telling::{Sent, Telling};
use super::{Job, JobEnd, Scheduler};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::{CallOff, Mishap, Outside, Watch};

/// So many runs go on side by side. What reads from Stripe takes turns anyway.
const RUNS_AT_ONCE: usize = 4;

/// How soon to look whether somebody else has added a schedule or asked for a run: so long after the database was written, and so often where
/// nothing tells of that. A look reads a few indexes.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How long to wait after the database or the lease could not be had.
const TROUBLE: Duration = Duration::from_secs(5);

/// How long runs may take to end once the server is told to stop: those that have not are called off then, and tried again by whoever
/// starts next.
const DRAIN: Duration = Duration::from_secs(24);

/// How long those may take to end that were called off, within the thirty seconds of a server.
const LAST_STEP: Duration = Duration::from_secs(5);

/// Runs what is scheduled, and tells of what is not well, until `stop` says so. `pages` is where the pages are served.
pub async fn work(outside: &Outside, config: &Config, pages: &str, mut stop: watch::Receiver<bool>) {
    let mut works = Works::new(outside, config, pages);
    loop {
        let wait = works.round().await;
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            Some((run, end)) = works.ends.recv() => works.note(&run, end),
            Some(sent) = works.sent.recv() => works.note_sent(sent),
            () = written(&mut works.watch, outside) => {}
            () = outside.sleep_by_clock(wait) => {}
        }
    }
    works.drain().await;
}

/// A job that goes on here, also where its run was called off.
struct Running {
    id: i64,
    call_off: CallOff,
}

struct Works<'a> {
    outside: &'a Outside,
    config: &'a Config,
    /// `None` while another process has the lease, or the database cannot be had.
    scheduler: Option<Scheduler>,
    /// Says that the database was written, by whomever. `None` where nothing says so.
    watch: Option<Watch>,
    running: Vec<Running>,
    /// Ends that could not be noted yet: somebody was writing.
    unnoted: Vec<(ScheduledRun, JobEnd)>,
    sender: mpsc::Sender<(ScheduledRun, JobEnd)>,
    ends: mpsc::Receiver<(ScheduledRun, JobEnd)>,
    /// Why nothing could be run last, where nothing could.
    trouble: Option<String>,
    telling: Telling,
    /// When what is old is forgotten next.
    forget_at: Option<Timestamp>,
    sent: mpsc::Receiver<Sent>,
}

impl<'a> Works<'a> {
    fn new(outside: &'a Outside, config: &'a Config, pages: &str) -> Self {
        let (sender, ends) = mpsc::channel(RUNS_AT_ONCE);
        let (telling, sent) = Telling::new(outside, config, pages);
        Self {
            outside,
            config,
            scheduler: None,
            watch: None,
            running: Vec::new(),
            unnoted: Vec::new(),
            sender,
            ends,
            trouble: None,
            telling,
            forget_at: None,
            sent,
        }
    }

    /// Settles what is due and begins what can be begun. Returns how long to wait at most.
    async fn round(&mut self) -> Duration {
        match self.try_round().await {
            Ok(wait) => {
                if self.scheduler.is_some() && self.trouble.take().is_some() {
                    tracing::info!("the scheduler goes on");
                }
                wait
            }
            Err(failure) => {
                // Who waits for another's lease does nothing wrong, and what stays wrong is told once.
                let is_told = failure.exit != Exit::Conflict || failure.is_busy;
                if is_told && self.trouble.as_ref() != Some(&failure.message) {
                    let (why, seconds) = (&failure.message, TROUBLE.as_secs());
                    let told = format!("nothing that is scheduled can run: {why}; tried again each {seconds} seconds");
                    self.outside.mishap(Mishap::SchedulerStuck, &told);
                    self.trouble = Some(failure.message);
                }
                // While somebody writes for long, the lease is kept and what runs goes on.
                if !failure.is_busy {
                    (self.scheduler, self.watch) = (None, None);
                }
                TROUBLE
            }
        }
    }

    async fn try_round(&mut self) -> Result<Duration, Failure> {
        if self.scheduler.is_none() {
            // What runs here was begun under the lease that is lost: nobody may take it back while it goes on.
            self.call_off();
            self.watch = None;
            if !self.running.is_empty() {
                return Ok(TROUBLE);
            }
            self.scheduler = self.open().await?;
            if let (Some(_), Location::File(path)) = (&self.scheduler, &self.config.database) {
                self.watch = self.outside.watch_commits(path);
            }
        }
        while self.scheduler.is_some()
            && let Some((run, end)) = self.unnoted.pop()
        {
            self.try_note(&run, end)?;
        }
        let Some(scheduler) = &mut self.scheduler else { return Ok(TROUBLE) };
        let room = RUNS_AT_ONCE.saturating_sub(self.running.len());
        let (outside, now, running, telling) = (self.outside, self.outside.now(), &self.running, &mut self.telling);
        let forget_at = &mut self.forget_at;
        let (begun, next, tell) = tokio::task::block_in_place(|| {
            stop_what_was_called_off(scheduler, running)?;
            let busy = outside.all_going();
            let busy: Vec<&str> = busy.iter().map(String::as_str).collect();
            let begun = scheduler.step(now, room, &busy)?;
            for (mishap, told) in scheduler.take_mishaps() {
                outside.mishap(mishap, &told);
            }
            if scheduler.take_missed() {
                telling.hurry();
            }
            if forget_at.is_none_or(|at| at <= now) {
                forget_old(scheduler.store(), self.config.history_days, now)?;
                *forget_at = now.checked_add(FORGET_EVERY).ok();
            }
            let tell = telling.round(scheduler.store(), self.outside, self.config)?;
            Ok::<_, Failure>((begun, scheduler.next_due()?, tell))
        })?;
        for (run, job) in begun {
            self.begin(run, job);
        }
        // What is due already and was not begun waits for one that runs, whose end wakes this up.
        let next = next.filter(|next| *next > now).map_or(tell, |next| next.min(tell));
        let wait = until(next, self.outside.now());
        Ok(if self.watch.is_some() { wait } else { wait.min(LOOK_AGAIN) })
    }

    /// The scheduler, once there is a database and nobody else has the lease.
    async fn open(&self) -> Result<Option<Scheduler>, Failure> {
        let (outside, config) = (self.outside.clone(), self.config.clone());
        let opening = tokio::task::spawn_blocking(move || {
            // Serving makes no database.
            if Store::open_existing(&config.database).map_err(crate::views::load::store_failure)?.is_none() {
                return Ok(None);
            }
            Scheduler::open(&outside, &config, Pace::STANDARD).map(Some)
        });
        opening.await.map_err(|_| Failure::new(Exit::Failed, "the scheduler ended early; the fault is ours"))?
    }

    fn begin(&mut self, run: ScheduledRun, job: Result<Job, Failure>) {
        let ((outside, call_off), config) = (self.outside.with_call_off(), self.config.clone());
        self.running.push(Running { id: run.id, call_off });
        let (runtime, sender) = (Handle::current(), self.sender.clone());
        let going = self.outside.going(&run.schedule);
        tokio::task::spawn_blocking(move || {
            // Also where nobody waits for it any more, as after the settings were read again.
            let _going = going;
            let end = match job {
                Ok(job) => runtime.block_on(job.run(&outside, &config, &run)),
                Err(failure) => JobEnd::failed(&failure),
            };
            // Where nobody listens any more, whoever starts next tries it again.
            let _ = sender.blocking_send((run, end));
        });
    }

    fn call_off(&self) {
        self.running.iter().for_each(|running| running.call_off.now());
    }

    fn note(&mut self, run: &ScheduledRun, end: JobEnd) {
        self.running.retain(|running| running.id != run.id);
        if end.state == ScheduledState::Canceled {
            // Either a person did, and has noted it, or this process stops, and whoever starts next takes it back.
            return;
        }
        if let Err(failure) = self.try_note(run, end) {
            tracing::warn!("the scheduler: {}", failure.message);
            if !failure.is_busy {
                self.scheduler = None;
            }
        }
    }

    /// Notes how a try ended. Where somebody is writing it is kept, to be noted later.
    fn try_note(&mut self, run: &ScheduledRun, end: JobEnd) -> Result<(), Failure> {
        // Without the lease, whoever has it tries the run again.
        let Some(scheduler) = &mut self.scheduler else { return Ok(()) };
        let (now, dice) = (self.outside.now(), self.outside.random());
        let error = end.error.clone().unwrap_or_default();
        self.telling.look_soon();
        match tokio::task::block_in_place(|| scheduler.ended(run, end.clone(), now, dice)) {
            Ok(ScheduledState::Failed | ScheduledState::Incomplete) => {
                let (name, tries, id) = (&run.schedule, run.attempts, run.id);
                tracing::warn!("the schedule '{name}' failed, try {tries}: {error}; tieout schedule history {name}, run {id}");
            }
            Ok(ScheduledState::Waiting) => {
                tracing::info!("the schedule '{}' is tried again, try {} failed: {error}", run.schedule, run.attempts);
            }
            Ok(_) => {}
            Err(failure) => {
                if failure.is_busy {
                    self.unnoted.push((run.clone(), end));
                }
                return Err(failure);
            }
        }
        Ok(())
    }

    fn note_sent(&mut self, sent: Sent) {
        let (now, telling) = (self.outside.now(), &mut self.telling);
        let scheduler = &mut self.scheduler;
        let noted = tokio::task::block_in_place(|| telling.note(scheduler.as_mut().map(Scheduler::store), sent, now));
        if let Err(failure) = noted {
            tracing::warn!("the scheduler: {}", failure.message);
            // One that went out and could not be noted goes out again, with its id.
            if !failure.is_busy {
                self.scheduler = None;
            }
        }
    }

    /// Lets what runs end, and calls off what does not.
    async fn drain(&mut self) {
        let outside = self.outside.clone();
        tokio::select! {
            () = self.ending() => return,
            () = outside.sleep(DRAIN) => {}
        }
        tracing::warn!("scheduled runs did not end in time: they are called off, and tried again at the next start");
        self.call_off();
        tokio::select! {
            () = self.ending() => {}
            () = outside.sleep(LAST_STEP) => {}
        }
    }

    async fn ending(&mut self) {
        while !self.running.is_empty()
            && let Some((run, end)) = self.ends.recv().await
        {
            self.note(&run, end);
        }
    }
}

fn stop_what_was_called_off(scheduler: &Scheduler, running: &[Running]) -> Result<(), Failure> {
    for running in running {
        if !scheduler.goes_on(running.id)? {
            running.call_off.now();
        }
    }
    Ok(())
}

/// Ends a while after the database was written.
async fn written(watch: &mut Option<Watch>, outside: &Outside) {
    match watch {
        Some(watch) => watch.written(outside, LOOK_AGAIN).await,
        None => std::future::pending().await,
    }
}

/// How long until an instant.
fn until(next: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(next.duration_since(now)).unwrap_or_default()
}
