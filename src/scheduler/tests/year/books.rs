//! What must have become of everything, kept apart from the database, and held against it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use schedule::retry::Fault;
use store::{AlertsSettled, Schedule, ScheduledRun, ScheduledRunFilter, ScheduledState, Store, Trigger};

use super::shop::{Shop, occurrences};
use crate::scheduler::JobEnd;

/// What is not well is told within this, of the time in which somebody was there to tell it.
const TOLD_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// What must have become of an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Runs,
    CatchesUp,
    Skipped,
    Missed,
}

/// A schedule with all its occurrences, and what must have become of those that are settled.
struct Timetable {
    schedule: Schedule,
    due: Vec<Timestamp>,
    fates: Vec<Fate>,
}

/// What a step must settle: schedule, fates, and whether something was missed.
pub type Expected = Vec<(String, Vec<(Timestamp, Fate)>, bool)>;

/// Something not well that has not been told of yet.
struct Trouble {
    alert: (&'static str, String),
    /// How long somebody had been there.
    lived: SignedDuration,
}

/// Counts, so that a person sees that a life was one.
#[derive(Debug, Default)]
pub struct Counted {
    pub occurrences: u64,
    pub runs: u64,
    pub tries: u64,
    pub lost: u64,
    pub skipped: u64,
    pub missed: u64,
    pub died: u64,
    pub overtaken: u64,
    pub outages: u64,
    pub looks: u64,
    pub opened: u64,
    pub recovered: u64,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { occurrences, runs, tries, lost, skipped, missed, died, overtaken, outages, looks, opened, recovered } = self;
        write!(
            f,
            "{occurrences} occurrences: {missed} missed, {skipped} skipped; {runs} runs, {tries} tries, {lost} lost; {died} died, \
             {overtaken} overtaken, {outages} outages; {looks} looks, {opened} alerts, {recovered} recovered"
        )
    }
}

pub struct Books {
    store: Store,
    schedules: BTreeMap<String, Schedule>,
    timetables: BTreeMap<String, Timetable>,
    now: Timestamp,
    /// How long somebody had the lease and lived, until now.
    lived: SignedDuration,
    /// What is to run and has not begun, and when it is late by whoever's clock counts.
    unbegun: BTreeMap<(String, Timestamp), Timestamp>,
    troubles: Vec<Trouble>,
    /// What people were told of, and when.
    standing: BTreeMap<(String, String), Timestamp>,
    /// The newest ends that were well: of all, and of those that were in time.
    done: BTreeMap<String, [Option<Timestamp>; 2]>,
    /// The highest run that is over.
    over: BTreeMap<String, i64>,
    /// Those that must run, because the one that they follow did all.
    called: BTreeSet<String>,
    messages: BTreeSet<String>,
    pub counted: Counted,
}

impl Books {
    pub fn new(shop: &Shop) -> Self {
        let schedules: BTreeMap<String, Schedule> =
            shop.schedules().into_iter().map(|schedule| (schedule.name.clone(), schedule)).collect();
        let timed = schedules.iter().filter(|(_, schedule)| schedule.follows.is_none());
        let timetables = timed.map(|(name, schedule)| {
            let due = occurrences(&schedule.cron, schedule.zone.as_deref(), shop.begins).collect();
            (name.clone(), Timetable { schedule: schedule.clone(), due, fates: Vec::new() })
        });
        Self {
            store: shop.store(),
            timetables: timetables.collect(),
            schedules,
            now: shop.begins,
            lived: SignedDuration::ZERO,
            unbegun: BTreeMap::new(),
            troubles: Vec::new(),
            standing: BTreeMap::new(),
            done: BTreeMap::new(),
            over: BTreeMap::new(),
            called: BTreeSet::new(),
            messages: BTreeSet::new(),
            counted: Counted::default(),
        }
    }

    /// Time passes; `off` is how wrong the clock of the one is that has the lease and lives. Returns whether something has become late.
    pub fn pass(&mut self, from: Timestamp, to: Timestamp, off: Option<SignedDuration>) -> bool {
        self.now = to;
        let Some(off) = off else { return false };
        self.lived += to.duration_since(from);
        let late: Vec<_> =
            self.unbegun.iter().filter(|(_, late)| to + off > **late).map(|(key, late)| (key.clone(), *late)).collect();
        for ((schedule, due), late) in &late {
            let since = (to + off).duration_since(*late).min(to.duration_since(from));
            self.troubles.push(Trouble { alert: ("run_missed", schedule.clone()), lived: self.lived - since });
            self.unbegun.remove(&(schedule.clone(), *due));
        }
        for Trouble { alert, lived } in &self.troubles {
            let untold = self.lived - *lived;
            assert!(
                untold <= TOLD_WITHIN,
                "at {to}: {alert:?} has been so for {untold:#}, somebody was there, and nobody was told"
            );
        }
        !late.is_empty()
    }

    /// When the next one that waits will be late, by the clock of the one who asks.
    pub fn late_next(&self, local: Timestamp) -> Option<Timestamp> {
        let late = self.unbegun.values().filter(|late| **late >= local).min();
        late.map(|late| *late + SignedDuration::from_millis(1))
    }

    /// What a step must settle.
    pub fn expects(&self, local: Timestamp) -> Expected {
        let expected = self.timetables.iter().filter_map(|(name, timetable)| {
            let due: Vec<Timestamp> =
                timetable.due[timetable.fates.len()..].iter().copied().take_while(|at| *at <= local).collect();
            let Timetable { schedule, .. } = timetable;
            let late = due.iter().filter(|at| local.duration_since(**at) > schedule.grace).count();
            let caught_up = match schedule.missed.as_str() {
                "each" => late.min(100),
                "once" if late == due.len() => late.min(1),
                _ => 0,
            };
            let room = if schedule.overlap == "queue" { 10 } else { 1 };
            let mut unfinished = usize::try_from(self.store.unfinished_runs(name).unwrap()).unwrap() + caught_up;
            let fates = due.iter().enumerate().map(|(index, at)| {
                let fate = if index + caught_up < late {
                    Fate::Missed
                } else if index < late {
                    Fate::CatchesUp
                } else if unfinished < room {
                    unfinished += 1;
                    Fate::Runs
                } else {
                    Fate::Skipped
                };
                (*at, fate)
            });
            let fates: Vec<(Timestamp, Fate)> = fates.collect();
            (!fates.is_empty()).then(|| (name.clone(), fates, late > 0))
        });
        expected.collect()
    }

    /// It was settled.
    pub fn settle(&mut self, expected: Expected) {
        for (name, fates, is_missed) in expected {
            let kept = self.store.schedule(&name).unwrap().unwrap().settled_until;
            assert!(fates.iter().all(|(at, _)| *at <= kept), "at {}: '{name}' is settled until {kept}, not {fates:?}", self.now);
            let timetable = self.timetables.get_mut(&name).unwrap();
            for (at, fate) in fates {
                timetable.fates.push(fate);
                self.counted.occurrences += 1;
                match fate {
                    Fate::Runs => {
                        self.unbegun.insert((name.clone(), at), at + timetable.schedule.grace);
                    }
                    Fate::Skipped => self.counted.skipped += 1,
                    Fate::Missed | Fate::CatchesUp => self.counted.missed += 1,
                }
            }
            if is_missed {
                self.troubles.push(Trouble { alert: ("run_missed", name), lived: self.lived });
            }
        }
    }

    pub fn begin(&mut self, run: &ScheduledRun, local: Timestamp) {
        // What follows another is for that one's day, which a faster clock may have begun.
        let is_due = run.due_at <= local || run.trigger == Trigger::After;
        assert!(run.attempts > 1 || is_due, "at {}: {run:?} begins before it is due", self.now);
        if self.unbegun.remove(&(run.schedule.clone(), run.due_at)).is_some_and(|late| local > late) {
            self.troubles.push(Trouble { alert: ("run_missed", run.schedule.clone()), lived: self.lived });
        }
        self.called.remove(&run.schedule);
    }

    /// How a run must stand after a try.
    pub fn stands_after(&self, run: &ScheduledRun, end: &JobEnd) -> ScheduledState {
        let is_tried_again =
            matches!(end.fault, Some(Fault::Passing { .. })) && run.attempts <= self.schedules[&run.schedule].retries;
        if is_tried_again { ScheduledState::Waiting } else { end.state }
    }

    /// A try has ended, and its run stands so.
    pub fn end(&mut self, run: &ScheduledRun, state: ScheduledState) {
        let schedule = &self.schedules[&run.schedule];
        let newest = self.over.entry(run.schedule.clone()).or_default();
        match state {
            ScheduledState::Waiting => return,
            ScheduledState::Done => {
                let begun = run.started_at.unwrap();
                let is_late = match run.trigger {
                    Trigger::Schedule => begun.duration_since(run.due_at) > schedule.grace,
                    Trigger::CatchUp => true,
                    Trigger::After | Trigger::Person => false,
                };
                let done = self.done.entry(run.schedule.clone()).or_default();
                done[0] = Some(self.now);
                if !is_late {
                    done[1] = Some(self.now);
                }
                let following = self.schedules.values().filter(|one| one.follows.as_ref() == Some(&run.schedule));
                self.called.extend(following.map(|one| one.name.clone()));
            }
            _ if run.id > *newest => {
                self.troubles.push(Trouble { alert: ("run_failed", run.schedule.clone()), lived: self.lived });
            }
            _ => {}
        }
        *newest = run.id.max(*newest);
    }

    /// A look was kept.
    pub fn looked(&mut self, settled: &AlertsSettled) {
        self.counted.looks += 1;
        for message in &settled.messages {
            assert!(self.messages.insert(message.id.clone()), "at {}: a message is told twice", self.now);
            let body: serde_json::Value = serde_json::from_str(&message.body).unwrap();
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let alert = (text(&body["data"]["rule"]), text(&body["data"]["subject"]));
            match body["type"].as_str().unwrap() {
                "alert.opened" => {
                    self.counted.opened += 1;
                    let before = self.standing.insert(alert.clone(), self.now);
                    assert_eq!(before, None, "at {}: {alert:?} is told of as new, and it stood", self.now);
                }
                "alert.recovered" => self.recovered(&alert),
                "alert.again" => {
                    assert!(self.standing.contains_key(&alert), "at {}: {alert:?} still stands, and never began", self.now)
                }
                other => panic!("{other}"),
            }
        }
        let told =
            self.store.alerts().unwrap().into_iter().filter(|row| row.told_at.is_some()).map(|row| (row.rule, row.subject));
        assert!(told.eq(self.standing.keys().cloned()), "at {}: what stands is not what was told of", self.now);
        let Self { troubles, standing, .. } = self;
        troubles
            .retain(|Trouble { alert: (rule, schedule), .. }| !standing.contains_key(&((*rule).to_owned(), schedule.clone())));
    }

    fn recovered(&mut self, alert: &(String, String)) {
        self.counted.recovered += 1;
        let Some(opened) = self.standing.remove(alert) else {
            panic!("at {}: {alert:?} is well again, and never was not", self.now)
        };
        let done = self.done.get(&alert.1).and_then(|done| done[usize::from(alert.0 == "run_missed")]);
        assert!(
            done.is_some_and(|done| done > opened),
            "at {}: {alert:?} is called well again, told of at {opened}, and no run has done all in time since {done:?}",
            self.now
        );
    }

    /// Somebody died: what it had begun at its last commit nobody was told.
    pub fn died(&mut self) {
        self.counted.died += 1;
        let begun = self.open_runs().into_iter().filter(|run| run.attempts > 0);
        for run in begun {
            self.unbegun.remove(&(run.schedule, run.due_at));
        }
    }

    /// A person asks for a run.
    pub fn ask(&mut self, schedule: &str, now: Timestamp) {
        self.store.ask_for_run(schedule, now).unwrap();
    }

    /// How many runs there are, and how many are over.
    pub fn rows(&self) -> (usize, usize) {
        let open = self.open_runs();
        (open.len(), open.iter().filter(|run| run.state == ScheduledState::Running).count())
    }

    fn open_runs(&self) -> Vec<ScheduledRun> {
        let of = |state| self.store.runs_in_state(Some(state), &ScheduledRunFilter::default()).unwrap();
        [ScheduledState::Waiting, ScheduledState::Running].into_iter().flat_map(of).collect()
    }

    /// Holds the database against all of this.
    pub fn close(mut self) -> Counted {
        let runs = self.store.scheduled_runs(&ScheduledRunFilter::default()).unwrap();
        for (name, timetable) in &self.timetables {
            let mut fates = BTreeMap::new();
            for run in runs.iter().filter(|run| run.schedule == *name && is_of_an_occurrence(run)) {
                for (at, fate) in fates_of(run, &timetable.due) {
                    assert_eq!(fates.insert(at, fate), None, "'{name}' at {at} was settled twice");
                }
            }
            let expected: BTreeMap<_, _> = timetable.due.iter().copied().zip(timetable.fates.iter().copied()).collect();
            for (at, fate) in &expected {
                assert_eq!(fates.get(at), Some(fate), "'{name}' at {at}");
            }
            assert_eq!(fates.len(), expected.len(), "'{name}' has occurrences that nobody saw settled");
        }
        for run in runs.iter().filter(|run| run.attempts > 0) {
            self.count_tries(run);
        }
        for name in &self.called {
            assert!(
                runs.iter().any(|run| run.schedule == *name && run.ended_at.is_none()),
                "'{name}' was called, and does not run"
            );
        }
        let messages = self.store.due_messages(Timestamp::MAX, u32::MAX).unwrap();
        let messages: BTreeSet<String> = messages.into_iter().map(|row| row.message.id).collect();
        assert!(messages == self.messages, "the messages that are kept are not those that were written");
        self.counted
    }

    fn count_tries(&mut self, run: &ScheduledRun) {
        let tries = self.store.scheduled_tries(run.id).unwrap();
        assert!(tries.iter().map(|one| one.number).eq(1..=run.attempts), "{run:?}: {tries:?}");
        assert!(tries.iter().all(|one| one.ended_at.is_some() && one.state != "running"), "{run:?}: {tries:?}");
        let lost = tries.iter().filter(|one| one.state == "lost").count();
        self.counted.runs += 1;
        self.counted.tries += tries.len() as u64;
        self.counted.lost += lost as u64;
        let done = tries.iter().filter(|one| one.state == "done").count();
        assert_eq!(done, usize::from(run.state == ScheduledState::Done), "{run:?}: {tries:?}");
    }
}

const fn is_of_an_occurrence(run: &ScheduledRun) -> bool {
    matches!(run.trigger, Trigger::Schedule | Trigger::CatchUp)
}

/// What a row says of occurrences.
fn fates_of(run: &ScheduledRun, due: &[Timestamp]) -> Vec<(Timestamp, Fate)> {
    let fate = match (run.state, run.trigger) {
        (ScheduledState::Missed, _) => {
            let (count, until) = run.missed.unwrap();
            let span: Vec<_> = due.iter().filter(|at| (run.due_at..=until).contains(*at)).map(|at| (*at, Fate::Missed)).collect();
            assert_eq!(span.len() as u64, count, "{run:?}");
            return span;
        }
        (ScheduledState::Skipped, _) => Fate::Skipped,
        (_, Trigger::CatchUp) => Fate::CatchesUp,
        _ => Fate::Runs,
    };
    vec![(run.due_at, fate)]
}
