//! Schedules, and what becomes of their occurrences.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use store::*;

use super::world::*;

fn minute(minute: i64) -> Timestamp {
    at(minute * 60)
}

pub fn daily(name: &str) -> Schedule {
    Schedule {
        name: name.to_owned(),
        job: r#"{"job":"sync"}"#.to_owned(),
        expression: "every day at 7".to_owned(),
        cron: "0 7 * * *".to_owned(),
        zone: "America/New_York".to_owned(),
        retries: 3,
        missed: "once".to_owned(),
        overlap: "skip".to_owned(),
        grace: SignedDuration::from_mins(5),
        paused: false,
        added_at: minute(0),
        settled_until: minute(0),
        next_at: Some(minute(7)),
    }
}

/// A schedule, of which one run waits since the minute.
fn with_a_run(store: &mut Store, name: &str, since: i64) {
    store.add_schedule(&daily(name)).unwrap();
    let settled = DueSettled { runs: vec![(minute(since), false)], next_at: Some(minute(1_447)), ..DueSettled::default() };
    assert!(store.settle_schedule(&daily(name), minute(since), &settled).unwrap());
}

fn states(store: &Store) -> Vec<(String, &'static str)> {
    let runs = store.scheduled_runs(&RunFilter::default()).unwrap();
    runs.into_iter().map(|run| (run.schedule, run.state.as_str())).collect()
}

fn ended(state: ScheduledState) -> RunEnd {
    RunEnd { state, try_at: None, http_status: None, summary: r#"{"synced":7}"#.to_owned() }
}

#[test]
fn a_schedule_is_kept_as_it_was_added_and_one_of_its_name_stays() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    assert!(store.add_schedule(&daily("b")).unwrap());
    assert!(store.add_schedule(&Schedule { next_at: None, paused: true, ..daily("a") }).unwrap());
    assert!(!store.add_schedule(&Schedule { cron: "0 8 * * *".to_owned(), ..daily("b") }).unwrap());
    assert_eq!(store.schedules().unwrap(), [Schedule { next_at: None, paused: true, ..daily("a") }, daily("b")]);
    assert_eq!((store.schedule("b").unwrap(), store.schedule("c").unwrap()), (Some(daily("b")), None));
}

#[test]
fn what_is_due_is_settled_once_and_each_occurrence_has_its_row() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    store.add_schedule(&daily("a")).unwrap();
    assert_eq!(store.next_due().unwrap(), Some(minute(7)));
    assert!(store.due_schedules(minute(6), 9).unwrap().is_empty());
    assert_eq!(store.due_schedules(minute(7), 9).unwrap(), [daily("a")]);
    let settled = DueSettled {
        runs: vec![(minute(5), true), (minute(6), false)],
        skipped: vec![minute(7)],
        missed: Some((3, minute(1), minute(4))),
        next_at: Some(minute(1_447)),
    };
    let mut other = Store::open(fresh.place.location(), Arc::new(NoPoints)).unwrap();
    assert!(other.settle_schedule(&daily("a"), minute(7), &settled).unwrap());
    assert!(!store.settle_schedule(&daily("a"), minute(7), &settled).unwrap(), "another has settled it");
    let runs = store.scheduled_runs(&RunFilter::default()).unwrap();
    let told: Vec<_> = runs.iter().rev().map(|run| (run.state, run.trigger, run.due_at, run.missed)).collect();
    assert_eq!(
        told,
        [
            (ScheduledState::Missed, Trigger::Schedule, minute(1), Some((3, minute(4)))),
            (ScheduledState::Waiting, Trigger::CatchUp, minute(5), None),
            (ScheduledState::Waiting, Trigger::Schedule, minute(6), None),
            (ScheduledState::Skipped, Trigger::Schedule, minute(7), None),
        ]
    );
    assert_eq!((store.unfinished_runs("a").unwrap(), store.next_due().unwrap()), (2, Some(minute(7))));
}

#[test]
fn of_one_schedule_one_runs_at_a_time_and_of_two_both() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    with_a_run(store, "b", 8);
    store.ask_for_run("a", minute(9)).unwrap();
    assert_eq!(store.begin_scheduled(minute(6)).unwrap(), None, "before its time");
    let first = store.begin_scheduled(minute(10)).unwrap().unwrap();
    assert_eq!((first.schedule.as_str(), first.attempts, first.started_at), ("a", 1, Some(minute(10))));
    let second = store.begin_scheduled(minute(10)).unwrap().unwrap();
    assert_eq!(second.schedule, "b");
    assert_eq!(store.begin_scheduled(minute(10)).unwrap(), None);
    assert!(store.end_scheduled(first.id, minute(12), &ended(ScheduledState::Done)).unwrap());
    let asked = store.begin_scheduled(minute(12)).unwrap().unwrap();
    assert_eq!((asked.schedule.as_str(), asked.trigger), ("a", Trigger::Person));
    let done = store.scheduled_runs(&RunFilter { schedule: Some("a".to_owned()), limit: None }).unwrap().pop().unwrap();
    assert_eq!((done.ended_at, done.summary.as_str(), done.try_at), (Some(minute(12)), r#"{"synced":7}"#, None));
}

#[test]
fn one_that_failed_waits_to_be_tried_again_and_remembers_its_tries() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    let id = store.begin_scheduled(minute(7)).unwrap().unwrap().id;
    let again = RunEnd { try_at: Some(minute(9)), http_status: Some(429), ..ended(ScheduledState::Waiting) };
    assert!(store.end_scheduled(id, minute(8), &again).unwrap());
    assert_eq!((store.begin_scheduled(minute(8)).unwrap(), store.next_due().unwrap()), (None, Some(minute(9))));
    let second = store.begin_scheduled(minute(9)).unwrap().unwrap();
    assert_eq!((second.id, second.attempts, second.started_at, second.http_status), (id, 2, Some(minute(7)), Some(429)));
}

#[test]
fn what_a_dead_process_ran_is_taken_back_and_tried_again() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    let id = store.begin_scheduled(minute(7)).unwrap().unwrap().id;
    assert_eq!((store.take_back_scheduled(minute(8)).unwrap(), store.take_back_scheduled(minute(8)).unwrap()), (1, 0));
    assert!(!store.end_scheduled(id, minute(9), &ended(ScheduledState::Done)).unwrap(), "it is not that process's any more");
    assert_eq!(store.begin_scheduled(minute(9)).unwrap().unwrap().attempts, 2);
}

#[test]
fn what_was_called_off_stays_so_whatever_its_job_comes_to() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    let id = store.begin_scheduled(minute(7)).unwrap().unwrap().id;
    store.cancel_scheduled(id, minute(8)).unwrap();
    assert!(!store.end_scheduled(id, minute(9), &ended(ScheduledState::Done)).unwrap());
    assert_eq!(states(store), [("a".to_owned(), "canceled")]);
    for over in [id, 99] {
        assert!(matches!(store.cancel_scheduled(over, minute(9)).unwrap_err(), StoreError::Absent { .. }));
    }
}

#[test]
fn one_that_is_paused_is_never_due_and_goes_on_with_what_comes_then() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    store.add_schedule(&daily("a")).unwrap();
    store.pause_schedule("a", true, minute(1), Some(minute(7))).unwrap();
    assert!(store.due_schedules(minute(9), 9).unwrap().is_empty() && store.next_due().unwrap().is_none());
    store.pause_schedule("a", false, minute(3_000), Some(minute(4_000))).unwrap();
    let kept = store.schedule("a").unwrap().unwrap();
    assert_eq!((kept.paused, kept.settled_until, kept.next_at), (false, minute(3_000), Some(minute(4_000))));
    store.pause_schedule("a", false, minute(2), Some(minute(4_000))).unwrap();
    assert_eq!(
        store.schedule("a").unwrap().unwrap().settled_until,
        minute(3_000),
        "a clock that was set back settles nothing twice"
    );
    assert!(matches!(store.pause_schedule("b", true, minute(1), None).unwrap_err(), StoreError::Absent { .. }));
}

#[test]
fn one_that_is_removed_leaves_its_history_and_nothing_that_waits() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    with_a_run(store, "b", 7);
    let id = store.begin_scheduled(minute(7)).unwrap().unwrap().id;
    store.end_scheduled(id, minute(8), &ended(ScheduledState::Done)).unwrap();
    store.ask_for_run("a", minute(8)).unwrap();
    store.remove_schedule("a", minute(9)).unwrap();
    let told = [("a", "canceled"), ("b", "waiting"), ("a", "done")].map(|(name, state)| (name.to_owned(), state));
    assert_eq!(states(store), told);
    assert!(matches!(store.remove_schedule("a", minute(9)).unwrap_err(), StoreError::Absent { .. }));
    assert!(!store.settle_schedule(&daily("a"), minute(9), &DueSettled::default()).unwrap());
}

#[test]
fn who_has_been_overtaken_settles_begins_and_ends_nothing() {
    let mut stopped = fresh();
    with_a_run(&mut stopped.store, "a", 7);
    let pace =
        Pace { beat: std::time::Duration::from_secs(3_600), still: std::time::Duration::from_millis(300), ..Pace::STANDARD };
    stopped.store.lease(LeaseName::Schedule, pace).unwrap();
    let id = stopped.store.begin_scheduled(minute(7)).unwrap().unwrap().id;
    let mut next = Store::open(stopped.place.location(), Arc::new(NoPoints)).unwrap();
    next.lease(LeaseName::Schedule, pace).unwrap();
    assert_eq!(next.take_back_scheduled(minute(8)).unwrap(), 1);
    let refused = stopped.store.end_scheduled(id, minute(9), &ended(ScheduledState::Done)).unwrap_err();
    assert!(matches!(refused, StoreError::Overtaken { .. }), "{refused}");
    assert!(matches!(stopped.store.begin_scheduled(minute(9)).unwrap_err(), StoreError::Overtaken { .. }));
    assert_eq!(next.begin_scheduled(minute(9)).unwrap().unwrap().attempts, 2);
}
