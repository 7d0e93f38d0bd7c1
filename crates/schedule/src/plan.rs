//! What a schedule is to do now: which of its occurrences to run, which were missed, which to leave out, and when to look again.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::expression::Expression;

/// Of a schedule that runs each minute and was away for a year, nobody wants each occurrence back.
const CATCH_UP_MAX: usize = 100;

/// More occurrences of one schedule than this do not wait for the one that runs.
const QUEUE_MAX: usize = 10;

/// What becomes of occurrences that nobody ran in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MissedRuns {
    /// The newest is run, for all of them.
    Once,
    /// Each is run, the oldest first.
    Each,
    /// None is.
    None,
}

/// What becomes of an occurrence that is due while an earlier one is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overlap {
    /// It is left out.
    Skip,
    /// It waits.
    Queue,
}

/// How a schedule goes about what is in its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Of what nobody ran in time.
    pub missed: MissedRuns,
    /// Of what comes too soon.
    pub overlap: Overlap,
    /// An occurrence that is older than this was missed.
    pub grace: SignedDuration,
}

/// Where a schedule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What was due then or before is settled.
    pub settled_until: Timestamp,
    /// How many of its occurrences wait, run, or will be tried again.
    pub unfinished: usize,
}

/// An occurrence to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When it is due.
    pub at: Timestamp,
    /// Whether it was missed, and is run after all.
    pub is_late: bool,
}

/// Occurrences that were missed and are not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissedSpan {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What was due until then is settled by this plan.
    pub settled_until: Timestamp,
    /// To run, in their order.
    pub runs: Vec<Due>,
    /// Left out, because earlier ones are not over.
    pub skipped: Vec<Timestamp>,
    /// MissedRuns, and not run.
    pub missed: Option<MissedSpan>,
    /// When the next one is due; `None` where none comes any more.
    pub next: Option<Timestamp>,
}

/// What a schedule is to do at `now`. Each occurrence is in the plans of one schedule once, as long as each begins where the one before
/// has settled. A clock that was set back plans nothing until it has come to where it was.
#[must_use]
pub fn plan(expression: &Expression, zone: &TimeZone, standing: Standing, now: Timestamp, policy: Policy) -> Plan {
    let settled_until = standing.settled_until.max(now);
    let next = expression.occurrences_after(zone.clone(), settled_until).next().map(|one| one.at.timestamp());
    let mut plan = Plan { settled_until, runs: Vec::new(), skipped: Vec::new(), missed: None, next };
    let due = expression.occurrences_after(zone.clone(), standing.settled_until).map(|one| one.at.timestamp());
    let is_late = |at: &Timestamp| now.duration_since(*at) > policy.grace;
    let (mut late, mut on_time) = (Vec::new(), Vec::new());
    for at in due.take_while(|at| *at <= now) {
        if is_late(&at) { late.push(at) } else { on_time.push(at) }
    }
    plan.catch_up(&late, policy.missed, on_time.is_empty());
    plan.take(&on_time, standing.unfinished, policy.overlap);
    plan
}

impl MissedRuns {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Once, Self::Each, Self::None];

    /// The word in flags, columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Each => "each",
            Self::None => "none",
        }
    }

    /// That of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

impl Overlap {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Skip, Self::Queue];

    /// The word in flags, columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Queue => "queue",
        }
    }

    /// That of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

impl Plan {
    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.skipped.is_empty() && self.missed.is_none()
    }

    /// What was missed. One that is due now does for the newest of them.
    fn catch_up(&mut self, late: &[Timestamp], missed: MissedRuns, is_alone: bool) {
        let wanted = match missed {
            MissedRuns::Each => CATCH_UP_MAX,
            MissedRuns::Once => usize::from(is_alone),
            MissedRuns::None => 0,
        };
        let (gone, run) = late.split_at(late.len().saturating_sub(wanted));
        self.runs.extend(run.iter().map(|at| Due { at: *at, is_late: true }));
        if let [first, ..] = gone {
            let last = gone.last().unwrap_or(first);
            self.missed = Some(MissedSpan { count: u64::try_from(gone.len()).unwrap_or(u64::MAX), first: *first, last: *last });
        }
    }

    fn take(&mut self, on_time: &[Timestamp], unfinished: usize, overlap: Overlap) {
        let room = match overlap {
            Overlap::Skip => 1,
            Overlap::Queue => QUEUE_MAX,
        };
        for at in on_time {
            if unfinished + self.runs.len() < room {
                self.runs.push(Due { at: *at, is_late: false });
            } else {
                self.skipped.push(*at);
            }
        }
    }
}
