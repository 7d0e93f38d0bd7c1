//! One process: its clock, its hold of the schedules, what it runs, and the point at which it is to die.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use store::{AlertsSettled, CommitPoints, Pace, ScheduledRun, Store};

use crate::alerting::look::{Habits, Look};
use crate::alerting::look_at_everything;
use crate::config::Config;
use crate::exit::Failure;
use crate::outside::Outside;
use crate::scheduler::{JobEnd, Scheduler};

/// Nobody's beat is ever seen: who lives is known by its lock, and who stands still is overtaken soon.
pub const TAKES_OVER: Pace =
    Pace { beat: Duration::from_secs(36_000), still: Duration::from_millis(20), patience: Duration::from_secs(60) };

/// Takes what is free, and waits for nobody.
pub const ASKS: Pace = Pace { patience: Duration::ZERO, ..TAKES_OVER };

/// How a process stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// It starts again then.
    Down(Timestamp),
    /// It waits for the lease, and tries to get it then.
    By(Timestamp),
    /// It has the lease, and looks again then.
    Holds(Timestamp),
    /// It stands still until then, with the lease that it had, or was overtaken.
    Still(Timestamp),
}

/// A run that goes on, how it is going to end, and when.
pub struct Going {
    pub run: ScheduledRun,
    pub end: JobEnd,
    pub ends_at: Timestamp,
}

pub struct Process {
    pub stands: Stands,
    /// What its clock shows more than the right one.
    pub off: SignedDuration,
    pub scheduler: Option<Scheduler>,
    pub going: Vec<Going>,
    /// By its own clock.
    pub next_look: Timestamp,
    /// Looks that may still find something new.
    pub looks: u32,
    pub fuse: Arc<Fuse>,
    outside: Outside,
    habits: Habits,
}

/// What came of something that a process did.
pub enum Came<T> {
    Of(T),
    Refused(Failure),
    /// It died at this point.
    Died(&'static str),
}

impl Process {
    pub fn new(starts_at: Timestamp, off: SignedDuration) -> Self {
        Self {
            stands: Stands::Down(starts_at),
            off,
            scheduler: None,
            going: Vec::new(),
            next_look: Timestamp::MIN,
            looks: 0,
            fuse: Arc::default(),
            outside: Outside::real().unwrap(),
            habits: Habits::default(),
        }
    }

    pub fn local(&self, now: Timestamp) -> Timestamp {
        now + self.off
    }

    pub const fn holds(&self) -> bool {
        matches!(self.stands, Stands::Holds(_))
    }

    /// As the system ends it: nothing is noted, what runs is gone.
    pub fn die(&mut self, starts_at: Timestamp) {
        self.let_go();
        self.fuse.disarm();
        self.stands = Stands::Down(starts_at);
    }

    /// It is not to die any more.
    pub fn fuse_out(&self) {
        self.fuse.disarm();
    }

    /// Has no part in the lease any more.
    pub fn let_go(&mut self) {
        self.scheduler = None;
        self.going.clear();
        self.habits = Habits::default();
        (self.next_look, self.looks) = (Timestamp::MIN, 0);
    }

    pub fn open(&self, config: &Config, pace: Pace, now: Timestamp) -> Came<Scheduler> {
        let local = self.local(now);
        guarded(|| {
            let store = Store::open(&config.database, self.fuse.clone()).unwrap();
            Scheduler::begin(store, config, pace, || local)
        })
    }

    /// Does something as the holder of the lease.
    pub fn does<T>(&mut self, what: impl FnOnce(&mut Scheduler) -> Result<T, Failure>) -> Came<T> {
        let scheduler = self.scheduler.as_mut().unwrap();
        guarded(|| what(scheduler))
    }

    /// Looks at everything, and keeps what that changes. What was to be kept is returned whatever came of it.
    pub fn look(&mut self, config: &Config, now: Timestamp) -> (AlertsSettled, Came<()>) {
        let local = self.local(now);
        let Self { scheduler, outside, habits, .. } = self;
        let store = scheduler.as_mut().unwrap().store();
        let settled = look_at_everything(&mut Look { store, outside, config, now: local, habits }, "").unwrap();
        let came = guarded(|| store.settle_alerts(&settled, local).map_err(crate::views::load::store_failure));
        (settled, came)
    }
}

fn guarded<T>(what: impl FnOnce() -> Result<T, Failure>) -> Came<T> {
    match catch_unwind(AssertUnwindSafe(what)) {
        Ok(Ok(of)) => Came::Of(of),
        Ok(Err(failure)) => Came::Refused(failure),
        Err(red) => match red.downcast::<Death>() {
            Ok(death) => Came::Died(death.0),
            Err(red) => resume_unwind(red),
        },
    }
}

struct Death(&'static str);

/// Ends its process at the n-th visit of a point.
#[derive(Default)]
pub struct Fuse(Mutex<Option<(&'static str, u64)>>);

impl Fuse {
    pub fn arm(&self, point: &'static str, visits: u64) {
        *self.0.lock().unwrap() = Some((point, visits));
    }

    fn disarm(&self) {
        *self.0.lock().unwrap() = None;
    }
}

impl CommitPoints for Fuse {
    fn reach(&self, point: &'static str) {
        let is_here = {
            let mut armed = self.0.lock().unwrap();
            let left = armed.as_mut().filter(|(at, _)| *at == point).map(|(_, left)| {
                *left -= 1;
                *left
            });
            if left == Some(0) {
                *armed = None;
            }
            left == Some(0)
        };
        if is_here {
            // Nobody's panic: it is caught where the process is.
            resume_unwind(Box::new(Death(point)));
        }
    }
}
