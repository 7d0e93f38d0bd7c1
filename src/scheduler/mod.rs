//! The scheduler: at its time each occurrence of a schedule becomes a run, once, whichever process is there, and what failed for a while
//! is tried again.
//!
//! Of several processes on one database one has the lease of schedules; it settles what is due, and runs it. What another ran that
//! died or stood still is taken back. All times come from one clock, that of whoever has the lease: an occurrence is settled by the
//! instant it is due at, so that a clock that is some minutes off runs it some minutes off, and never twice.

mod job;
#[cfg(test)]
mod tests;
mod work;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schedule::plan::{MissedRuns, Overlap, Plan, Policy, Standing, plan};
use schedule::{Expression, retry};
use store::{DueSettled, LeaseName, Pace, RunEnd, Schedule, ScheduledRun, ScheduledState, Store};

pub use job::{Job, JobEnd};
pub use work::work;

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::store_failure;

/// Schedules settled in one go, before the next look for what can be begun.
const SETTLED_AT_ONCE: u32 = 100;

/// The one that settles and begins; whoever has it has the lease.
pub struct Scheduler {
    store: Store,
}

impl Scheduler {
    /// Takes the lease of schedules, and takes back what its last holder ran.
    ///
    /// # Errors
    /// [`Exit::Conflict`] when another keeps it.
    pub fn open(outside: &Outside, config: &Config, pace: Pace) -> Result<Self, Failure> {
        let mut store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
        store.lease(LeaseName::Schedule, pace).map_err(store_failure)?;
        store.take_back_scheduled(outside.now()).map_err(store_failure)?;
        Ok(Self { store })
    }

    /// Settles what is due at `now`, and begins what can be begun, of at most `room` runs.
    ///
    /// # Errors
    /// Those of the database.
    pub fn step(&mut self, now: Timestamp, room: usize) -> Result<Vec<(ScheduledRun, Result<Job, Failure>)>, Failure> {
        loop {
            let due = self.store.due_schedules(now, SETTLED_AT_ONCE).map_err(store_failure)?;
            if due.is_empty() {
                break;
            }
            due.iter().try_for_each(|schedule| self.settle(schedule, now))?;
        }
        let mut begun = Vec::new();
        while begun.len() < room
            && let Some(run) = self.store.begin_scheduled(now).map_err(store_failure)?
        {
            let job = self.job_of(&run)?;
            begun.push((run, job));
        }
        Ok(begun)
    }

    /// When there is something to do next.
    ///
    /// # Errors
    /// Those of the database.
    pub fn next_due(&self) -> Result<Option<Timestamp>, Failure> {
        self.store.next_due().map_err(store_failure)
    }

    /// Notes how a try ended; what failed for a while waits to be tried again. `dice` is a random number. Returns how the run stands then.
    ///
    /// # Errors
    /// Those of the database.
    pub fn ended(&mut self, run: &ScheduledRun, end: JobEnd, now: Timestamp, dice: u64) -> Result<ScheduledState, Failure> {
        let retries = self.store.schedule(&run.schedule).map_err(store_failure)?.map_or(0, |schedule| schedule.retries);
        let dice = u32::try_from(dice % 1_000).unwrap_or_default();
        let wait = end.fault.and_then(|fault| retry::wait(fault, run.attempts, retries, dice));
        let try_at = wait.and_then(|wait| now.checked_add(wait).ok());
        let state = if try_at.is_some() { ScheduledState::Waiting } else { end.state };
        let kept = RunEnd { state, try_at, http_status: None, summary: end.summary };
        let is_kept = self.store.end_scheduled(run.id, now, &kept).map_err(store_failure)?;
        Ok(if is_kept { state } else { ScheduledState::Canceled })
    }

    fn settle(&mut self, schedule: &Schedule, now: Timestamp) -> Result<(), Failure> {
        let unfinished = self.store.unfinished_runs(&schedule.name).map_err(store_failure)?;
        let plan = plan_of(schedule, usize::try_from(unfinished).unwrap_or(usize::MAX), now)?;
        let settled = DueSettled {
            runs: plan.runs.iter().map(|due| (due.at, due.is_late)).collect(),
            skipped: plan.skipped,
            missed: plan.missed.map(|missed| (missed.count, missed.first, missed.last)),
            next_at: plan.next,
        };
        // Where another has settled it, or it was removed, there is nothing to do.
        self.store.settle_schedule(schedule, plan.settled_until, &settled).map(drop).map_err(store_failure)
    }

    fn job_of(&self, run: &ScheduledRun) -> Result<Result<Job, Failure>, Failure> {
        let Some(schedule) = self.store.schedule(&run.schedule).map_err(store_failure)? else {
            return Ok(Err(Failure::new(Exit::Usage, format!("the schedule '{}' was removed", run.schedule))));
        };
        let unknown = |error: serde_json::Error| {
            Failure::new(Exit::Usage, format!("the job of the schedule '{}' cannot be read: {error}", schedule.name))
                .hint("a newer version of Tieout may have added it")
        };
        Ok(serde_json::from_str(&schedule.job).map_err(unknown))
    }
}

/// What a schedule is to do at `now`.
fn plan_of(schedule: &Schedule, unfinished: usize, now: Timestamp) -> Result<Plan, Failure> {
    let bad = |what: &str| {
        Failure::new(Exit::Failed, format!("the {what} of the schedule '{}' cannot be read", schedule.name))
            .hint("remove it, and add it again")
    };
    let expression = Expression::parse(&schedule.cron).map_err(|_| bad("expression"))?;
    let zone = TimeZone::get(&schedule.zone).map_err(|_| bad("time zone"))?;
    let policy = Policy {
        missed: MissedRuns::from_word(&schedule.missed).ok_or_else(|| bad("policy for missed runs"))?,
        overlap: Overlap::from_word(&schedule.overlap).ok_or_else(|| bad("policy for overlaps"))?,
        grace: schedule.grace.max(SignedDuration::ZERO),
    };
    let standing = Standing { settled_until: schedule.settled_until, unfinished };
    Ok(plan(&expression, &zone, standing, now, policy))
}
