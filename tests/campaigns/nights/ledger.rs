//! What became of every occurrence, held at the end against what must have: by the database, and by who was called.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use store::{ScheduledRun, ScheduledRunFilter, ScheduledState, Store, Trigger};

use super::clock::OFF;
use super::plan::{Job, PLANS, Plan};
use super::receiver::Heard;
use super::watch::plan_of;
use crate::shop::Shop;

/// Of those that were missed only the newest hundred are run.
const CAUGHT_UP_MAX: usize = 100;

/// What became of an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Ran,
    CaughtUp,
    Skipped,
    Missed,
}

/// Counts, so that a person sees that something happened.
#[derive(Debug, Default)]
pub struct Counts {
    pub occurrences: u64,
    pub missed: u64,
    pub caught_up: u64,
    pub skipped: u64,
    pub runs: u64,
    pub tries: u64,
    pub lost: u64,
    pub calls: u64,
}

pub struct Ledger<'a> {
    shop: &'a Shop,
    store: &'a Store,
    runs: Vec<ScheduledRun>,
    counts: Counts,
}

impl<'a> Ledger<'a> {
    /// Reads the database once more, in which nobody works any longer.
    pub fn read(shop: &'a Shop, store: &'a Store) -> Self {
        let mut runs = store.scheduled_runs(&ScheduledRunFilter::default()).expect("runs");
        runs.sort_by_key(|run| run.id);
        Self { shop, store, runs, counts: Counts::default() }
    }

    /// Holds everything against what must have become of it. `lived_until` is what was certainly lived through.
    pub fn close(mut self, heard: &Heard, lived_until: Timestamp) -> Counts {
        for plan in PLANS.iter().filter(|plan| plan.follows.is_none()) {
            self.each_occurrence_once(plan, lived_until);
        }
        for plan in &PLANS {
            if let Some(followed) = plan.follows {
                self.follows(plan, followed);
            }
        }
        let tried = self.runs.iter().filter(|run| run.attempts > 0).map(|run| self.tries(run));
        let tried: Vec<(u64, u64)> = tried.collect();
        self.counts.runs = tried.len() as u64;
        self.counts.tries = tried.iter().map(|(tries, _)| tries).sum();
        self.counts.lost = tried.iter().map(|(_, lost)| lost).sum();
        self.calls(heard);
        self.messages(heard);
        self.counts
    }

    fn of(&self, name: &str) -> impl DoubleEndedIterator<Item = &ScheduledRun> {
        self.runs.iter().filter(move |run| run.schedule == name)
    }

    fn each_occurrence_once(&mut self, plan: &Plan, lived_until: Timestamp) {
        let schedule = self.store.schedule(plan.name).expect("schedules").expect("it stays");
        assert!(schedule.next_at.is_some_and(|next| next > lived_until), "'{}' is not settled: {schedule:?}", plan.name);
        let due = plan.occurrences(self.shop, schedule.added_at, schedule.settled_until);
        let mut fates: BTreeMap<Timestamp, Fate> = BTreeMap::new();
        for run in self.of(plan.name) {
            for (at, fate) in fates_of(run, &due, plan) {
                assert_eq!(fates.insert(at, fate), None, "'{}' at {at} was settled twice, the second time by {run:?}", plan.name);
            }
        }
        let settled: Vec<&Timestamp> = fates.keys().collect();
        assert_eq!(settled, due.iter().collect::<Vec<_>>(), "'{}': what was settled is not what was due", plan.name);
        self.by_policy(plan, &due, &fates);
        let count = |wanted| fates.values().filter(|fate| **fate == wanted).count() as u64;
        self.counts.occurrences += fates.len() as u64;
        self.counts.missed += count(Fate::Missed);
        self.counts.caught_up += count(Fate::CaughtUp);
        self.counts.skipped += count(Fate::Skipped);
    }

    fn by_policy(&self, plan: &Plan, due: &[Timestamp], fates: &BTreeMap<Timestamp, Fate>) {
        let is_any = |wanted| fates.values().any(|fate| *fate == wanted);
        assert!(plan.missed != "none" || !is_any(Fate::CaughtUp), "'{}' makes up for what it is not to", plan.name);
        let missed = self.of(plan.name).filter_map(|run| Some((run, run.missed?)));
        for (run, (_, last)) in missed {
            let after = due.iter().filter(|at| **at > last).take(CAUGHT_UP_MAX);
            let are_caught_up = after.filter(|at| fates[*at] == Fate::CaughtUp).count() == CAUGHT_UP_MAX;
            assert!(plan.missed != "each" || are_caught_up, "'{}' leaves out what it is to run: {run:?}", plan.name);
            let next = due.iter().find(|at| **at > last);
            if plan.missed == "once" {
                let is_made_up = next.is_some_and(|at| fates[at] != Fate::Missed);
                assert!(is_made_up, "'{}' has nothing run for what was missed: {run:?}", plan.name);
            }
        }
        for run in self.of(plan.name).filter(|run| run.state == ScheduledState::Skipped) {
            // Of two servers' clocks the one that noted when a run was over may be ahead, and the other behind.
            let is_going = |one: &&ScheduledRun| {
                one.id < run.id && one.attempts > 0 && one.ended_at.is_none_or(|ended| ended >= run.due_at - OFF - OFF)
            };
            assert!(
                self.of(plan.name).any(|one| is_going(&one)),
                "'{}' left out what had nothing in its way: {run:?}",
                plan.name
            );
        }
    }

    /// After each run that did all the one that follows runs, for its day; one that waited already does for both.
    fn follows(&self, plan: &Plan, followed: &str) {
        let mut days = BTreeSet::new();
        for run in self.of(plan.name) {
            assert!(
                run.trigger == Trigger::After && days.insert(run.due_at),
                "'{}' ran for nothing, or twice: {run:?}",
                plan.name
            );
        }
        let done: Vec<_> = self.of(followed).filter(|run| run.state == ScheduledState::Done).collect();
        let done_days: BTreeSet<Timestamp> = done.iter().map(|run| run.due_at).collect();
        assert!(days.is_subset(&done_days), "'{}' ran for what '{followed}' had not done", plan.name);
        for run in done.iter().filter(|run| !days.contains(&run.due_at)) {
            let ended = run.ended_at.expect("it is done");
            let waited = |one: &ScheduledRun| one.due_at < run.due_at && one.started_at.is_none_or(|at| at >= ended - OFF - OFF);
            assert!(self.of(plan.name).any(waited), "'{}' did not run after {run:?}", plan.name);
        }
    }

    /// How often a run was tried, and how many of these were lost. It did all once, or not yet.
    fn tries(&self, run: &ScheduledRun) -> (u64, u64) {
        let tries = self.store.scheduled_tries(run.id).expect("tries");
        assert!(tries.iter().map(|one| one.number).eq(1..=run.attempts), "{run:?}: {tries:?}");
        let count = |state: &str| tries.iter().filter(|one| one.state == state).count();
        assert_eq!(count("done"), usize::from(run.state == ScheduledState::Done), "{run:?}: {tries:?}");
        assert_eq!(count("running"), usize::from(run.state == ScheduledState::Running), "{run:?}: {tries:?}");
        (tries.len() as u64, count("lost") as u64)
    }

    /// Each key that was heard is of one run, of the schedule that called by it, and was heard no more often than that was tried; and
    /// who did all had called.
    fn calls(&mut self, heard: &Heard) {
        let called: BTreeMap<String, &ScheduledRun> = self
            .runs
            .iter()
            .filter(|run| plan_of(run).job == Job::Http)
            .map(|run| (format!("tieout-run-{}", run.id), run))
            .collect();
        for (key, schedules) in &heard.calls {
            let Some(run) = called.get(key) else { panic!("{key} is of no run that calls: {schedules:?}") };
            assert!(schedules.iter().all(|name| *name == run.schedule), "{key} was used by several: {schedules:?}");
            assert!(
                schedules.len() <= run.attempts as usize,
                "{key} was used by more than its tries: {} by {run:?}",
                schedules.len()
            );
        }
        for (key, run) in called.iter().filter(|(_, run)| run.state == ScheduledState::Done) {
            assert!(heard.calls.contains_key(key), "nobody heard {run:?}, which is done");
        }
        self.counts.calls = heard.calls.values().map(|calls| calls.len() as u64).sum();
    }

    /// What was written to be told was told.
    fn messages(&self, heard: &Heard) {
        let written: BTreeSet<String> =
            self.store.messages(u64::from(u32::MAX)).expect("messages").into_iter().map(|row| row.message.id).collect();
        let told: BTreeSet<String> = heard.messages.keys().cloned().collect();
        assert_eq!(told, written, "what was told is not what was written");
    }
}

/// What a row says of occurrences. What it says of its own time must hold by the clock that said it.
fn fates_of(run: &ScheduledRun, due: &[Timestamp], plan: &Plan) -> Vec<(Timestamp, Fate)> {
    let settled_after = |at: Timestamp| run.ended_at.expect("it is over").duration_since(at);
    match (run.state, run.trigger) {
        (ScheduledState::Missed, _) => {
            let (count, last) = run.missed.expect("how many");
            let span: Vec<_> = due.iter().filter(|at| (run.due_at..=last).contains(*at)).map(|at| (*at, Fate::Missed)).collect();
            assert_eq!(span.len() as u64, count, "{run:?}");
            assert!(settled_after(last) > plan.grace(), "it was in time: {run:?}");
            span
        }
        (ScheduledState::Skipped, _) => {
            assert!(settled_after(run.due_at) <= plan.grace(), "it was missed: {run:?}");
            vec![(run.due_at, Fate::Skipped)]
        }
        (_, Trigger::CatchUp) => vec![(run.due_at, Fate::CaughtUp)],
        (_, trigger) => {
            assert_eq!(trigger, Trigger::Schedule, "nobody asked for {run:?}");
            vec![(run.due_at, Fate::Ran)]
        }
    }
}
