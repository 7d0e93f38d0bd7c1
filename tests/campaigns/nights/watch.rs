//! Who looks at the database from outside, again and again, while the servers work.
//!
//! What is held against what goes by the order in which things were committed, and by nobody's clock: a machine that is busy makes
//! nothing red. Two looks of a server at everything stand for the minute in which something is to be told, for it looks each thirty
//! seconds of its clock, and keeps when.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use store::{ScheduledRun, ScheduledRunFilter, ScheduledState, Store, Trigger};

use super::clock::{Clock, OFF};
use super::plan::{PLANS, Plan};

/// More than come between two frames.
const NEWEST: u64 = 200;

/// Looks within which everything is settled and told.
const WITHIN: u64 = 2;

const MISSED: &str = "run_missed";

/// Rule and subject.
type Alert = (String, String);

/// An occurrence that nobody ran in time, of which nobody was told yet.
struct Untold {
    run: i64,
    plan: &'static Plan,
    /// How many looks there had been when it was there.
    looks: u64,
}

/// Something that was told.
struct News {
    kind: String,
    alert: Alert,
    at: Timestamp,
}

pub struct Watch {
    store: Store,
    clock: Clock,
    pub runs: BTreeMap<i64, ScheduledRun>,
    looked_at: Option<Timestamp>,
    pub looks: u64,
    messages: BTreeSet<String>,
    pub standing: BTreeSet<Alert>,
    /// Those that were missed or late.
    pub misses: BTreeSet<i64>,
    untold: Vec<Untold>,
    /// The newest run that was there at each of the last two frames.
    newest: [i64; 2],
    /// What was due by then is settled once there were so many looks.
    settled_by: Option<(u64, Timestamp)>,
    pub opened: u64,
    pub recovered: u64,
    /// How long it took at most from when something was found missed until it was written to be told, by whose clock each was noted. For a
    /// person to read: what must hold is held by the order of looks.
    pub slowest: SignedDuration,
}

impl Watch {
    pub fn begin(store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            runs: BTreeMap::new(),
            looked_at: None,
            looks: 0,
            messages: BTreeSet::new(),
            standing: BTreeSet::new(),
            misses: BTreeSet::new(),
            untold: Vec::new(),
            newest: [0; 2],
            settled_by: None,
            opened: 0,
            recovered: 0,
            slowest: SignedDuration::ZERO,
        }
    }

    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Looks once. What is read in which order matters: what was there is read before what must have come of it.
    pub fn frame(&mut self) {
        let began = self.clock.now();
        self.count_looks();
        self.all_is_settled();
        let news = self.news();
        let stood: BTreeSet<Alert> = self.standing.iter().chain(news.iter().map(|one| &one.alert)).cloned().collect();
        self.told(&news);
        let before = self.newest[0];
        self.read_runs();
        news.iter()
            .filter(|one| one.kind == "alert.recovered" && one.alert.0 == MISSED)
            .for_each(|one| self.is_well(one, before));
        self.find_misses(&stood);
        news.iter().filter(|one| one.kind == "alert.opened" && one.alert.0 == MISSED).for_each(|one| self.note_wait(one, before));
        self.count_looks();
        self.settled_by = self.settled_by.or(Some((self.looks, began)));
        self.newest = [self.newest[1], self.runs.keys().next_back().copied().unwrap_or_default()];
    }

    /// Whether something waits or runs, or is to be sent.
    pub fn is_busy(&self) -> bool {
        let waits = |(state, count): &(String, u64)| state == "waiting" && *count > 0;
        self.runs.values().any(|run| run.ended_at.is_none()) || self.store.message_counts().expect("messages").iter().any(waits)
    }

    /// Whether people think that occurrences of a schedule are missed.
    pub fn is_missed(&self, schedule: &str) -> bool {
        self.standing.contains(&(MISSED.to_owned(), schedule.to_owned()))
    }

    fn count_looks(&mut self) {
        let looked_at = self.store.looked_at().expect("a look");
        if looked_at != self.looked_at {
            self.looked_at = looked_at;
            self.looks += 1;
        }
    }

    /// Who has looked at everything had settled what was due, by whichever clock. The second look since was begun after the first.
    fn all_is_settled(&mut self) {
        let Some((_, by)) = self.settled_by.take_if(|(looks, _)| self.looks >= *looks + WITHIN) else { return };
        for schedule in self.store.schedules().expect("schedules") {
            let is_settled = schedule.next_at.is_none_or(|next| next > by - OFF);
            assert!(is_settled, "all was looked at since {by}, and '{}' is not settled: {schedule:?}", schedule.name);
        }
    }

    /// What was written to be told since the last frame.
    fn news(&mut self) -> Vec<News> {
        let mut news = Vec::new();
        for row in self.store.messages(NEWEST).expect("messages") {
            if self.messages.insert(row.message.id.clone()) {
                let body: Value = serde_json::from_str(&row.message.body).expect("JSON");
                let text = |value: &Value| value.as_str().expect("a text").to_owned();
                let alert = (text(&body["data"]["rule"]), text(&body["data"]["subject"]));
                news.push(News { kind: text(&body["type"]), alert, at: row.message.added_at });
            }
        }
        news
    }

    fn told(&mut self, news: &[News]) {
        let alerts: BTreeSet<&Alert> = news.iter().map(|one| &one.alert).collect();
        for alert in alerts {
            let count = |kind: &str| news.iter().filter(|one| one.alert == *alert && one.kind == kind).count();
            let (opened, recovered) = (count("alert.opened"), count("alert.recovered"));
            let before = usize::from(self.standing.contains(alert));
            let at = self.clock.now();
            assert!(opened + before <= recovered + 1, "at {at}: {alert:?} is told of as new, and it stood");
            assert!(recovered <= opened + before, "at {at}: {alert:?} is called well again, and never was not");
            assert!(count("alert.again") == 0 || opened + before > 0, "at {at}: {alert:?} still stands, and never began");
            if opened + before > recovered {
                self.standing.insert(alert.clone())
            } else {
                self.standing.remove(alert)
            };
            (self.opened, self.recovered) = (self.opened + opened as u64, self.recovered + recovered as u64);
        }
        let told: BTreeSet<&str> = news
            .iter()
            .filter(|one| one.alert.0 == MISSED && one.kind != "alert.recovered")
            .map(|one| one.alert.1.as_str())
            .collect();
        let is_told = |name: &str| self.standing.contains(&(MISSED.to_owned(), name.to_owned())) || told.contains(name);
        self.untold.retain(|one| !is_told(one.plan.name));
        for Untold { run, plan, looks } in &self.untold {
            assert!(
                self.looks < looks + WITHIN,
                "at {}: '{}' was not run in time, everything was looked at twice since, and nobody was told: {:?}",
                self.clock.now(),
                plan.name,
                self.runs[run]
            );
        }
    }

    fn read_runs(&mut self) {
        let filter = ScheduledRunFilter { limit: Some(NEWEST), ..ScheduledRunFilter::default() };
        let read = self.store.scheduled_runs(&filter).expect("runs");
        let mut running = BTreeSet::new();
        for run in read.iter().filter(|run| run.state == ScheduledState::Running) {
            assert!(running.insert(run.schedule.clone()), "two runs of '{}' go on at once", run.schedule);
        }
        let first = read.last().map_or(0, |run| run.id);
        let older: Vec<i64> = self.runs.range(..first).filter(|(_, run)| run.ended_at.is_none()).map(|(id, _)| *id).collect();
        self.runs.extend(read.into_iter().map(|run| (run.id, run)));
        for id in older {
            let run = self.store.scheduled_run(id).expect("a run").expect("it stays");
            self.runs.insert(id, run);
        }
    }

    /// Of what was missed while people knew that the schedule is not well they need not be told again. `stood` is what they knew of at some time
    /// since the last frame.
    fn find_misses(&mut self, stood: &BTreeSet<Alert>) {
        for (id, run) in &self.runs {
            let plan = plan_of(run);
            if !self.misses.contains(id) && is_missed(plan, run) {
                self.misses.insert(*id);
                // One that was begun within the minute in which it was to be told may be made good before.
                let is_hardly = run.state != ScheduledState::Missed
                    && run.started_at.is_some_and(|at| at.duration_since(run.due_at + plan.grace()).as_secs() < 60);
                if !is_hardly && !stood.contains(&(MISSED.to_owned(), run.schedule.clone())) {
                    self.untold.push(Untold { run: *id, plan, looks: self.looks });
                }
            }
        }
    }

    fn note_wait(&mut self, news: &News, before: i64) {
        let found =
            self.runs.range(before + 1..).map(|(_, run)| run).filter(|run| run.schedule == news.alert.1 && run.missed.is_some());
        let found = found.filter_map(|run| run.ended_at).filter(|at| *at <= news.at).max();
        self.slowest = self.slowest.max(found.map_or(SignedDuration::ZERO, |at| news.at.duration_since(at)));
    }

    /// Of what was missed before nobody may say that it is well again until a newer run was in time and did all. `before` is the newest run
    /// that was certainly there when that was written.
    fn is_well(&self, news: &News, before: i64) {
        let of = |run: &&ScheduledRun| run.schedule == news.alert.1;
        let missed = self.misses.range(..=before).map(|id| &self.runs[id]).filter(of);
        for run in missed.rev().take(1) {
            let in_time = |one: &&ScheduledRun| one.state == ScheduledState::Done && !is_missed(plan_of(one), one);
            let good = self.runs.range(run.id..).map(|(_, run)| run).filter(of).find(in_time);
            assert!(
                good.is_some(),
                "{:?} is called well again at {}, and nothing has made this good: {run:?}",
                news.alert,
                news.at
            );
            assert!(run.ended_at.is_some(), "{:?} is called well again at {}, and this goes on: {run:?}", news.alert, news.at);
        }
    }
}

pub fn plan_of(run: &ScheduledRun) -> &'static Plan {
    PLANS.iter().find(|plan| plan.name == run.schedule).expect("a schedule")
}

/// Whether nobody ran it in time.
fn is_missed(plan: &Plan, run: &ScheduledRun) -> bool {
    match run.trigger {
        Trigger::Schedule => {
            run.state == ScheduledState::Missed || run.started_at.is_some_and(|at| at.duration_since(run.due_at) > plan.grace())
        }
        Trigger::CatchUp => true,
        Trigger::After | Trigger::Person => false,
    }
}
