//! The scheduler: at its time each occurrence of a schedule becomes a run, once, whichever process is there, and what failed for a while
//! is tried again.
//!
//! Of several processes on one database one has the lease of schedules; it settles what is due, and runs it. What another ran that
//! died or stood still is taken back. All times come from one clock, that of whoever has the lease: an occurrence is settled by the
//! instant it is due at, so that a clock that is some minutes off runs it some minutes off, and never twice.

mod audit;
mod business;
mod call;
mod check;
mod digest;
mod fetch;
mod hash;
mod job;
mod log;
mod retention;
mod rotation;
mod standard;
mod tables;
mod telling;
#[cfg(test)]
mod tests;
mod work;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schedule::plan::{MissedRuns, Overlap, Plan, Policy, Standing, plan};
use schedule::{Expression, retry};
use store::{DueSettled, LeaseName, Pace, RunEnd, Schedule, ScheduledRun, ScheduledState, Store};

pub use business::next_after;
pub use call::Call;
pub use digest::Period;
pub use fetch::Fetch;
pub use job::{Job, JobEnd};
pub use standard::standard;
pub use work::work;

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::{Mishap, Outside};
use crate::views::load::store_failure;

/// Schedules settled in one transaction.
const SETTLED_AT_ONCE: u32 = 500;

/// Whoever is further ahead than clocks of several machines ever differ had the wrong time.
const CLOCK_AHEAD: SignedDuration = SignedDuration::from_hours(2);

/// A run that was begun, and what it is to do, where this version knows it.
pub type Begun = (ScheduledRun, Result<Job, Failure>);

/// The one that settles and begins; whoever has it has the lease.
pub struct Scheduler {
    store: Store,
    /// The business time zone as it was configured.
    configured: Option<String>,
    /// The business time zone by which schedules without one of their own go.
    business: TimeZone,
    /// When it stepped last.
    stepped_at: Timestamp,
    /// Whether it has found something that was missed, and nobody has asked yet.
    has_missed: bool,
    /// What went wrong, and was not told yet.
    mishaps: Vec<(Mishap, String)>,
}

impl Scheduler {
    /// Takes the lease of schedules, and takes back what its last holder ran.
    ///
    /// # Errors
    /// [`Exit::Conflict`] when another keeps it.
    pub fn open(outside: &Outside, config: &Config, pace: Pace) -> Result<Self, Failure> {
        let store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
        Self::begin(store, config, pace, || outside.now())
    }

    /// The same on a database that is open, by a clock that says what time it is once the lease is had.
    fn begin(mut store: Store, config: &Config, pace: Pace, clock: impl FnOnce() -> Timestamp) -> Result<Self, Failure> {
        store.lease(LeaseName::Schedule, pace).map_err(store_failure)?;
        let now = clock();
        let lost = store.take_back_scheduled(now).map_err(store_failure)?;
        let configured = config.time_zone.clone();
        let business = business::zone(&store, configured.as_deref())?;
        let mut scheduler = Self { store, configured, business, stepped_at: now, has_missed: false, mishaps: Vec::new() };
        if lost > 0 {
            let told = format!("{lost} scheduled runs were taken back: their process ended, or stood still and was overtaken");
            scheduler.mishaps.push((Mishap::RunLost, told));
        }
        scheduler.set_back(now)?;
        crate::alerting::listen(&mut scheduler.store, &config.alerting)?;
        // Another may have planned by another configuration, or before a sync brought the zone.
        scheduler.reschedule(now)?;
        Ok(scheduler)
    }

    /// Settles what is due at `now`, and begins what can be begun, of at most `room` runs, and of no schedule that is `busy`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn step(&mut self, now: Timestamp, room: usize, busy: &[&str]) -> Result<Vec<Begun>, Failure> {
        if self.stepped_at.duration_since(now) > CLOCK_AHEAD {
            self.set_back(now)?;
        }
        self.stepped_at = now;
        loop {
            let due = self.store.due_schedules(now, SETTLED_AT_ONCE).map_err(store_failure)?;
            if due.is_empty() {
                break;
            }
            let settled = due.into_iter().map(|schedule| self.settled(schedule, now)).collect::<Result<Vec<_>, _>>()?;
            self.has_missed |=
                settled.iter().any(|(_, due)| due.missed.is_some() || due.runs.iter().any(|(_, is_late)| *is_late));
            // Where another has settled it, or it was removed, there is nothing to do.
            self.store.settle_schedules(&settled).map_err(store_failure)?;
        }
        let mut begun = Vec::new();
        while begun.len() < room
            && let Some(run) = self.store.begin_scheduled(now, env!("CARGO_PKG_VERSION"), busy).map_err(store_failure)?
        {
            let job = job_of(&run);
            begun.push((run, job));
        }
        Ok(begun)
    }

    /// What went wrong since this was asked last, to be counted, logged and shown.
    pub fn take_mishaps(&mut self) -> Vec<(Mishap, String)> {
        std::mem::take(&mut self.mishaps)
    }

    /// Whether something was found missed since this was asked last: it is to be told before a run makes it good.
    pub fn take_missed(&mut self) -> bool {
        std::mem::take(&mut self.has_missed)
    }

    /// When there is something to do next.
    ///
    /// # Errors
    /// Those of the database.
    pub fn next_due(&self) -> Result<Option<Timestamp>, Failure> {
        self.store.next_due().map_err(store_failure)
    }

    /// The database, under the lease of schedules.
    pub const fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Whether a run still goes on: nobody has called it off.
    ///
    /// # Errors
    /// Those of the database.
    pub fn goes_on(&self, run: i64) -> Result<bool, Failure> {
        let run = self.store.scheduled_run(run).map_err(store_failure)?;
        Ok(run.is_some_and(|run| run.state == ScheduledState::Running))
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
        let JobEnd { state: tried, http_status, volume, error, summary, measured, .. } = end;
        let kept = RunEnd { state, try_at, tried, http_status, volume, error, summary, measured };
        let is_kept = self.store.end_scheduled(run, now, &kept).map_err(store_failure)?;
        self.follow_business_zone(now)?;
        Ok(if is_kept { state } else { ScheduledState::Canceled })
    }

    /// A first sync brings the time zone of the account.
    fn follow_business_zone(&mut self, now: Timestamp) -> Result<(), Failure> {
        let zone = business::zone(&self.store, self.configured.as_deref())?;
        if zone.iana_name() == self.business.iana_name() {
            return Ok(());
        }
        self.business = zone;
        self.reschedule(now)
    }

    /// Plans what goes by the business time zone where it was planned by another.
    fn reschedule(&mut self, now: Timestamp) -> Result<(), Failure> {
        let schedules = self.store.schedules().map_err(store_failure)?;
        let moved = |schedule: &Schedule| {
            let expression = Expression::parse(&schedule.cron).ok().filter(|_| schedule.zone.is_none())?;
            let next = next_after(&expression, &self.business, schedule.settled_until);
            // What is due already is settled by its policy.
            let is_planned = schedule.next_at == next || schedule.next_at.is_some_and(|at| at <= now);
            (!is_planned).then(|| (schedule.name.clone(), next_after(&expression, &self.business, now)))
        };
        let moved: Vec<_> = schedules.iter().filter_map(moved).collect();
        if moved.is_empty() { Ok(()) } else { self.store.reschedule(&moved, now).map_err(store_failure) }
    }

    /// What a clock has settled that was ahead, for hours or years, is due at its time all the same.
    fn set_back(&mut self, now: Timestamp) -> Result<(), Failure> {
        let schedules = self.store.schedules().map_err(store_failure)?;
        let ahead = schedules.iter().filter(|schedule| schedule.settled_until.duration_since(now) > CLOCK_AHEAD);
        let next =
            |schedule: &Schedule| Some(next_after(&Expression::parse(&schedule.cron).ok()?, &self.zone_of(schedule)?, now));
        let ahead: Vec<_> = ahead.map(|schedule| (schedule.name.clone(), next(schedule).flatten())).collect();
        if ahead.is_empty() {
            return Ok(());
        }
        self.store.set_back_schedules(&ahead, now).map_err(store_failure)?;
        let count = ahead.len();
        let told = format!(
            "{count} schedules were settled beyond this clock's {now}: the clock was ahead, and they are due at their times"
        );
        self.mishaps.push((Mishap::ClockAhead, told));
        Ok(())
    }

    fn zone_of(&self, schedule: &Schedule) -> Option<TimeZone> {
        schedule.zone.as_ref().map_or_else(|| Some(self.business.clone()), |name| TimeZone::get(name).ok())
    }

    fn settled(&self, schedule: Schedule, now: Timestamp) -> Result<(Schedule, DueSettled), Failure> {
        let unfinished = self.store.unfinished_runs(&schedule.name).map_err(store_failure)?;
        let plan = plan_of(&schedule, self.zone_of(&schedule), usize::try_from(unfinished).unwrap_or(usize::MAX), now)?;
        let settled = DueSettled {
            until: plan.settled_until,
            runs: plan.runs.iter().map(|due| (due.at, due.is_late)).collect(),
            skipped: plan.skipped,
            missed: plan.missed.map(|missed| (missed.count, missed.first, missed.last)),
            next_at: plan.next,
        };
        Ok((schedule, settled))
    }
}

fn job_of(run: &ScheduledRun) -> Result<Job, Failure> {
    serde_json::from_str(&run.job).map_err(|error| {
        Failure::new(Exit::Usage, format!("the job of the schedule '{}' cannot be read: {error}", run.schedule))
            .hint("a newer version of Tieout may have added it")
    })
}

/// What a schedule is to do at `now`.
fn plan_of(schedule: &Schedule, zone: Option<TimeZone>, unfinished: usize, now: Timestamp) -> Result<Plan, Failure> {
    let bad = |what: &str| {
        Failure::new(Exit::Failed, format!("the {what} of the schedule '{}' cannot be read", schedule.name))
            .hint("remove it, and add it again")
    };
    let expression = Expression::parse(&schedule.cron).map_err(|_| bad("expression"))?;
    let zone = zone.ok_or_else(|| bad("time zone"))?;
    let policy = Policy {
        missed: MissedRuns::from_word(&schedule.missed).ok_or_else(|| bad("policy for missed runs"))?,
        overlap: Overlap::from_word(&schedule.overlap).ok_or_else(|| bad("policy for overlaps"))?,
        grace: schedule.grace.max(SignedDuration::ZERO),
    };
    let standing = Standing { settled_until: schedule.settled_until, unfinished };
    Ok(plan(&expression, &zone, standing, now, policy))
}
