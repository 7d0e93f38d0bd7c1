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
        follows: None,
        zone: Some("America/New_York".to_owned()),
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
pub fn with_a_run(store: &mut Store, name: &str, since: i64) {
    store.add_schedule(&daily(name)).unwrap();
    let settled = DueSettled { runs: vec![(minute(since), false)], next_at: Some(minute(1_447)), ..nothing_due(minute(since)) };
    assert_eq!(store.settle_schedules(&[(daily(name), settled)]).unwrap(), 1);
}

pub fn nothing_due(until: Timestamp) -> DueSettled {
    DueSettled { until, runs: Vec::new(), skipped: Vec::new(), missed: None, next_at: None }
}

pub fn begin(store: &mut Store, now: i64) -> Option<ScheduledRun> {
    store.begin_scheduled(minute(now), "1.0", &[]).unwrap()
}

fn states(store: &Store) -> Vec<(String, &'static str)> {
    let runs = store.scheduled_runs(&ScheduledRunFilter::default()).unwrap();
    runs.into_iter().map(|run| (run.schedule, run.state.as_str())).collect()
}

pub fn ended(state: ScheduledState) -> RunEnd {
    let summary = r#"{"synced":7}"#.to_owned();
    RunEnd {
        state,
        tried: state,
        try_at: None,
        http_status: None,
        volume: Some(7),
        error: None,
        summary,
        measured: Measured::default(),
    }
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
        until: minute(7),
        runs: vec![(minute(5), true), (minute(6), false)],
        skipped: vec![minute(7)],
        missed: Some((3, minute(1), minute(4))),
        next_at: Some(minute(1_447)),
    };
    let mut other = Store::open(fresh.place.location(), Arc::new(NoPoints)).unwrap();
    let due = [(daily("a"), settled)];
    assert_eq!(other.settle_schedules(&due).unwrap(), 1);
    assert_eq!(store.settle_schedules(&due).unwrap(), 0, "another has settled it");
    let runs = store.scheduled_runs(&ScheduledRunFilter::default()).unwrap();
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
    assert_eq!(begin(store, 6), None, "before its time");
    let first = begin(store, 10).unwrap();
    assert_eq!((first.schedule.as_str(), first.attempts, first.started_at), ("a", 1, Some(minute(10))));
    let second = begin(store, 10).unwrap();
    assert_eq!(second.schedule, "b");
    assert_eq!(begin(store, 10), None);
    assert!(store.end_scheduled(&first, minute(12), &ended(ScheduledState::Done)).unwrap());
    let asked = begin(store, 12).unwrap();
    assert_eq!((asked.schedule.as_str(), asked.trigger), ("a", Trigger::Person));
    let done = store
        .scheduled_runs(&ScheduledRunFilter { schedule: Some("a".to_owned()), ..ScheduledRunFilter::default() })
        .unwrap()
        .pop()
        .unwrap();
    assert_eq!((done.ended_at, done.summary.as_str(), done.try_at), (Some(minute(12)), r#"{"synced":7}"#, None));
}

#[test]
fn one_that_failed_waits_to_be_tried_again_and_remembers_its_tries() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    let run = begin(store, 7).unwrap();
    let again = RunEnd {
        try_at: Some(minute(9)),
        http_status: Some(429),
        tried: ScheduledState::Failed,
        error: Some("refused".to_owned()),
        ..ended(ScheduledState::Waiting)
    };
    assert!(store.end_scheduled(&run, minute(8), &again).unwrap());
    assert_eq!((begin(store, 8), store.next_due().unwrap()), (None, Some(minute(9))));
    let second = begin(store, 9).unwrap();
    assert_eq!((second.id, second.attempts, second.started_at, second.http_status), (run.id, 2, Some(minute(7)), Some(429)));
    let told: Vec<_> = store.scheduled_tries(run.id).unwrap().into_iter().map(|one| (one.number, one.state, one.error)).collect();
    assert_eq!(told, [(1, "failed".to_owned(), Some("refused".to_owned())), (2, "running".to_owned(), None)]);
}

#[test]
fn what_a_dead_process_ran_is_taken_back_and_tried_again() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    let run = begin(store, 7).unwrap();
    assert_eq!((store.take_back_scheduled(minute(8)).unwrap(), store.take_back_scheduled(minute(8)).unwrap()), (1, 0));
    assert!(!store.end_scheduled(&run, minute(9), &ended(ScheduledState::Done)).unwrap(), "it is not that process's any more");
    assert_eq!(begin(store, 9).unwrap().attempts, 2);
}

#[test]
fn one_that_follows_another_runs_after_each_that_did_all_and_once_for_two() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    let after = |name: &str| Schedule { follows: Some("a".to_owned()), next_at: None, ..daily(name) };
    store.add_schedule(&after("b")).unwrap();
    store.add_schedule(&Schedule { paused: true, ..after("c") }).unwrap();
    with_a_run(store, "a", 7);
    let run = begin(store, 7).unwrap();
    let again = RunEnd { try_at: Some(minute(9)), tried: ScheduledState::Failed, ..ended(ScheduledState::Waiting) };
    store.end_scheduled(&run, minute(8), &again).unwrap();
    let run = begin(store, 9).unwrap();
    store.end_scheduled(&run, minute(10), &ended(ScheduledState::Done)).unwrap();
    store.ask_for_run("a", minute(11)).unwrap();
    let run = begin(store, 11).unwrap();
    assert_eq!(run.schedule, "b", "it waits longer");
    let asked = begin(store, 11).unwrap();
    for _ in 0..2 {
        store.end_scheduled(&asked, minute(12), &ended(ScheduledState::Done)).unwrap();
    }
    let told: Vec<_> = store
        .scheduled_runs(&ScheduledRunFilter::default())
        .unwrap()
        .into_iter()
        .map(|run| (run.schedule, run.trigger))
        .collect();
    let expected = [("b", Trigger::After), ("a", Trigger::Person), ("b", Trigger::After), ("a", Trigger::Schedule)];
    assert_eq!(told, expected.map(|(name, trigger)| (name.to_owned(), trigger)));
    assert_eq!(run.due_at, minute(7), "for the day of the one that it follows");
}

#[test]
fn a_run_is_done_once_more_with_what_it_was_to_do_though_its_schedule_is_gone() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    let run = begin(store, 7).unwrap();
    assert!(matches!(store.repeat_run(run.id, minute(8)).unwrap_err(), StoreError::Absent { .. }), "it is not over");
    store.end_scheduled(&run, minute(8), &ended(ScheduledState::Failed)).unwrap();
    store.remove_schedule("a", minute(9)).unwrap();
    assert!(matches!(store.ask_for_run("a", minute(9)).unwrap_err(), StoreError::Absent { .. }));
    let id = store.repeat_run(run.id, minute(9)).unwrap();
    let again = begin(store, 9).unwrap();
    assert_eq!((again.id, again.repeats, again.job, again.due_at), (id, Some(run.id), run.job, minute(7)));
}

#[test]
fn old_runs_are_forgotten_with_their_tries_but_for_the_newest_of_each_schedule() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    for (name, since) in [("a", 1), ("b", 2)] {
        with_a_run(store, name, since);
    }
    store.ask_for_run("a", minute(3)).unwrap();
    while let Some(run) = begin(store, 10) {
        store.end_scheduled(&run, minute(10), &ended(ScheduledState::Done)).unwrap();
    }
    assert_eq!(store.forget_scheduled_runs(minute(10)).unwrap(), 0);
    assert_eq!(store.forget_scheduled_runs(minute(11)).unwrap(), 1);
    let left: Vec<_> =
        store.scheduled_runs(&ScheduledRunFilter::default()).unwrap().into_iter().map(|run| run.schedule).collect();
    assert_eq!(left, ["a", "b"]);
    assert!(store.scheduled_tries(1).unwrap().is_empty() && !store.scheduled_tries(2).unwrap().is_empty());
}

#[test]
fn what_was_called_off_stays_so_whatever_its_job_comes_to() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    let run = begin(store, 7).unwrap();
    store.cancel_scheduled(run.id, minute(8)).unwrap();
    assert!(!store.end_scheduled(&run, minute(9), &ended(ScheduledState::Done)).unwrap());
    assert_eq!(states(store), [("a".to_owned(), "canceled")]);
    for over in [run.id, 99] {
        assert!(matches!(store.cancel_scheduled(over, minute(9)).unwrap_err(), StoreError::Absent { .. }));
    }
}

#[test]
fn what_was_called_off_and_goes_on_lets_no_other_run_of_its_schedule_begin() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    let run = begin(store, 7).unwrap();
    store.cancel_scheduled(run.id, minute(8)).unwrap();
    store.ask_for_run("a", minute(8)).unwrap();
    assert_eq!(store.begin_scheduled(minute(9), "1.0", &["b", "a"]).unwrap(), None);
    assert_eq!(store.begin_scheduled(minute(9), "1.0", &["b"]).unwrap().unwrap().schedule, "a");
}

#[test]
fn what_was_running_of_a_schedule_that_was_removed_is_not_tried_again() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    begin(store, 7).unwrap();
    store.remove_schedule("a", minute(8)).unwrap();
    assert_eq!(store.take_back_scheduled(minute(9)).unwrap(), 0);
    assert_eq!((states(store), begin(store, 9)), (vec![("a".to_owned(), "canceled")], None));
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
    let run = begin(store, 7).unwrap();
    store.end_scheduled(&run, minute(8), &ended(ScheduledState::Done)).unwrap();
    store.ask_for_run("a", minute(8)).unwrap();
    let counts = store.run_counts().unwrap();
    assert_eq!((counts.last, counts.open), (vec![("done".to_owned(), 1)], vec![("waiting".to_owned(), 2)]));
    store.remove_schedule("a", minute(9)).unwrap();
    let told = [("a", "canceled"), ("b", "waiting"), ("a", "done")].map(|(name, state)| (name.to_owned(), state));
    assert_eq!(states(store), told);
    assert!(matches!(store.remove_schedule("a", minute(9)).unwrap_err(), StoreError::Absent { .. }));
    assert_eq!(store.settle_schedules(&[(daily("a"), nothing_due(minute(9)))]).unwrap(), 0);
}

#[test]
fn who_has_been_overtaken_settles_begins_and_ends_nothing() {
    let mut stopped = fresh();
    with_a_run(&mut stopped.store, "a", 7);
    let pace =
        Pace { beat: std::time::Duration::from_secs(3_600), still: std::time::Duration::from_millis(300), ..Pace::STANDARD };
    stopped.store.lease(LeaseName::Schedule, pace).unwrap();
    let run = begin(&mut stopped.store, 7).unwrap();
    let mut next = Store::open(stopped.place.location(), Arc::new(NoPoints)).unwrap();
    next.lease(LeaseName::Schedule, pace).unwrap();
    assert_eq!(next.take_back_scheduled(minute(8)).unwrap(), 1);
    let refused = stopped.store.end_scheduled(&run, minute(9), &ended(ScheduledState::Done)).unwrap_err();
    assert!(matches!(refused, StoreError::Overtaken { .. }), "{refused}");
    assert!(matches!(stopped.store.begin_scheduled(minute(9), "1.0", &[]).unwrap_err(), StoreError::Overtaken { .. }));
    assert_eq!(begin(&mut next, 9).unwrap().attempts, 2);
}

#[test]
fn what_deliveries_and_reconciliations_left_is_forgotten_after_a_while_and_syncs_and_imports_stay() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    for (job, minutes) in
        [("sync", 1), ("webhook", 2), ("reconcile", 3), ("webhook", 4), ("import", 5), ("reconcile", 6), ("webhook", 7)]
    {
        let run = store.begin_run(job, minute(minutes)).unwrap();
        store.end_run(run, minute(minutes), RunState::Done, "{}").unwrap();
    }
    assert_eq!(store.forget_runs(minute(6)).unwrap(), 3);
    let left: Vec<_> = store.runs(99).unwrap().into_iter().map(|run| run.job).collect();
    assert_eq!(left, ["webhook", "reconcile", "import", "sync"]);
    assert_eq!(store.forget_runs(minute(99)).unwrap(), 0, "the newest of each stays");
}

#[test]
fn runs_of_one_state_are_found_and_the_failed_ones_of_late_are_counted() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    let ends =
        [(1, ScheduledState::Failed), (2, ScheduledState::Done), (3, ScheduledState::Incomplete), (4, ScheduledState::Failed)];
    store.add_schedule(&daily("a")).unwrap();
    for (at, state) in ends {
        store.ask_for_run("a", minute(at)).unwrap();
        let run = begin(store, at).unwrap();
        assert!(store.end_scheduled(&run, minute(at + 1), &ended(state)).unwrap());
    }
    let failed = |filter: ScheduledRunFilter| {
        let runs = store.runs_in_state(Some(ScheduledState::Failed), &filter).unwrap();
        runs.into_iter().map(|run| run.id).collect::<Vec<_>>()
    };
    let before = ScheduledRunFilter { before: Some(4), ..ScheduledRunFilter::default() };
    let of_another = ScheduledRunFilter { schedule: Some("b".to_owned()), ..ScheduledRunFilter::default() };
    assert_eq!((failed(ScheduledRunFilter::default()), failed(before), failed(of_another)), (vec![4, 1], vec![1], vec![]));
    assert_eq!(store.runs_in_state(None, &ScheduledRunFilter::default()).unwrap().len(), 4);
    let exactly = |count| FailedRuns { count, is_at_least: false };
    let count = |since| store.failed_runs(minute(since), 5).unwrap();
    assert_eq!([0, 2, 3, 4, 5, 6].map(count), [3, 3, 2, 2, 1, 0].map(exactly));
    let of_two = |since| store.failed_runs(minute(since), 2).unwrap();
    assert_eq!([of_two(4), of_two(5)], [FailedRuns { count: 2, is_at_least: true }, exactly(1)]);
}

#[test]
fn marks_of_runs_say_how_long_each_took_and_what_was_missed() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    store.add_schedule(&daily("a")).unwrap();
    let settled =
        DueSettled { runs: vec![(minute(7), false)], missed: Some((3, minute(1), minute(4))), ..nothing_due(minute(7)) };
    store.settle_schedules(&[(daily("a"), settled)]).unwrap();
    let run = begin(store, 8).unwrap();
    store.end_scheduled(&run, minute(10), &ended(ScheduledState::Done)).unwrap();
    let marks = store.run_marks("a", 9).unwrap();
    let told: Vec<_> = marks.iter().map(|mark| (mark.id, mark.state, mark.due_at, mark.volume, mark.missed)).collect();
    assert_eq!(
        told,
        [(2, ScheduledState::Done, minute(7), Some(7), None), (1, ScheduledState::Missed, minute(1), None, Some((3, minute(4)))),]
    );
    assert_eq!((marks[0].took(), marks[1].took()), (Some(SignedDuration::from_mins(2)), None));
    assert_eq!((store.run_marks("a", 1).unwrap().len(), store.run_marks("b", 9).unwrap()), (1, vec![]));
}

#[test]
fn a_failure_stands_until_a_later_run_did_all_and_a_miss_until_one_did_all_in_time() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    store.add_schedule(&daily("a")).unwrap();
    let standing = |store: &Store| {
        let ids = |runs: Vec<ScheduledRun>| runs.into_iter().map(|run| run.id).collect::<Vec<_>>();
        (ids(store.last_failures().unwrap()), ids(store.last_misses().unwrap()))
    };
    let settle = |store: &mut Store, settled: DueSettled| {
        let schedule = store.schedule("a").unwrap().unwrap();
        assert_eq!(store.settle_schedules(&[(schedule, settled)]).unwrap(), 1);
    };
    let end = |store: &mut Store, now: i64, state| {
        let run = begin(store, now).unwrap();
        store.end_scheduled(&run, minute(now), &ended(state)).unwrap();
    };
    let missed = DueSettled { missed: Some((2, minute(1), minute(2))), runs: vec![(minute(3), true)], ..nothing_due(minute(30)) };
    settle(store, missed);
    assert_eq!(standing(store), (vec![], vec![1]));
    end(store, 30, ScheduledState::Failed);
    assert_eq!(standing(store), (vec![2], vec![2]), "late, and failed");
    store.ask_for_run("a", minute(31)).unwrap();
    end(store, 31, ScheduledState::Incomplete);
    assert_eq!(standing(store), (vec![2], vec![2]), "a sync that did not read everything hides no failure");
    store.ask_for_run("a", minute(32)).unwrap();
    end(store, 32, ScheduledState::Done);
    assert_eq!(standing(store), (vec![], vec![]), "a person made it good");
    settle(store, DueSettled { runs: vec![(minute(40), false)], ..nothing_due(minute(50)) });
    end(store, 50, ScheduledState::Done);
    assert_eq!(standing(store), (vec![], vec![5]), "it did all, and began later than its grace lets it");
    settle(store, DueSettled { runs: vec![(minute(60), false)], ..nothing_due(minute(60)) });
    end(store, 61, ScheduledState::Done);
    assert_eq!(standing(store), (vec![], vec![]));
}

#[test]
fn of_one_that_is_paused_nothing_is_tried_but_what_a_person_asks_for() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    store.pause_schedule("a", true, minute(8), None).unwrap();
    assert_eq!(begin(store, 9), None);
    let id = store.ask_for_run("a", minute(9)).unwrap();
    assert_eq!(begin(store, 9).unwrap().id, id);
}

#[test]
fn what_each_try_took_in_and_gave_out_is_kept_and_a_run_knows_the_one_before_and_those_after() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    let first = begin(store, 7).unwrap();
    let measured = Measured {
        requests: Some(3),
        bytes: Some(u64::from(u32::MAX) + 1),
        changed: None,
        input_hash: Some("in".to_owned()),
        output_hash: Some("out".to_owned()),
        log: "one\ntwo".to_owned(),
    };
    let again = RunEnd { try_at: Some(minute(8)), measured: measured.clone(), ..ended(ScheduledState::Waiting) };
    store.end_scheduled(&first, minute(7), &again).unwrap();
    let second = begin(store, 8).unwrap();
    store.end_scheduled(&second, minute(9), &ended(ScheduledState::Done)).unwrap();
    let kept: Vec<_> = store.scheduled_tries(first.id).unwrap().into_iter().map(|tried| tried.measured).collect();
    assert_eq!(kept, [measured, Measured::default()]);
    store.ask_for_run("a", minute(10)).unwrap();
    let third = begin(store, 10).unwrap();
    assert_eq!(store.done_before(&third).unwrap().map(|run| run.id), Some(first.id));
    assert_eq!(store.done_before(&first).unwrap(), None);
    store.add_schedule(&Schedule { name: "b".to_owned(), follows: Some("a".to_owned()), ..daily("b") }).unwrap();
    assert_eq!((store.followers("a").unwrap(), store.followers("b").unwrap()), (vec!["b".to_owned()], vec![]));
}

#[test]
fn how_runs_stand_changes_with_each_that_comes_or_ends_and_with_each_schedule_and_not_by_a_begin_or_a_pause() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    let mut before = store.runs_stand().unwrap();
    let mut has_changed = |store: &Store| {
        let after = store.runs_stand().unwrap();
        std::mem::replace(&mut before, after) != after
    };
    assert!(!has_changed(store));
    with_a_run(store, "a", 7);
    assert!(has_changed(store), "a schedule with a run that waits");
    let first = begin(store, 7).unwrap();
    store.pause_schedule("a", true, minute(8), None).unwrap();
    assert!(!has_changed(store), "nothing has ended");
    store.end_scheduled(&first, minute(9), &ended(ScheduledState::Failed)).unwrap();
    assert!(has_changed(store), "it failed");
    for at in [10, 9] {
        store.ask_for_run("a", minute(at)).unwrap();
    }
    assert!(has_changed(store));
    for number in [3, 2] {
        let run = begin(store, 11).unwrap();
        store.end_scheduled(&run, minute(12), &ended(ScheduledState::Done)).unwrap();
        assert_eq!((run.id, has_changed(store)), (number, true), "also where the newer one has ended before");
    }
    with_a_run(store, "b", 13);
    let run = begin(store, 13).unwrap();
    assert!(has_changed(store));
    store.cancel_scheduled(run.id, minute(14)).unwrap();
    assert!(has_changed(store), "it was called off");
    store.remove_schedule("a", minute(15)).unwrap();
    store.add_schedule(&daily("c")).unwrap();
    assert!(has_changed(store), "as many schedules, and another one among them");
}

#[test]
fn a_run_is_late_once_its_schedule_lets_it_wait_no_longer_unless_somebody_asked_for_it_or_it_began_in_time() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    for name in ["begun", "late", "waits"] {
        with_a_run(store, name, 7);
    }
    store.add_schedule(&daily("asked")).unwrap();
    store.ask_for_run("asked", minute(7)).unwrap();
    assert_eq!(begin(store, 12).unwrap().schedule, "begun");
    assert_eq!(begin(store, 13).unwrap().schedule, "late");
    let late = |now| store.late_runs(now).unwrap().into_iter().map(|run| run.schedule).collect::<Vec<_>>();
    assert!(late(minute(12)).is_empty(), "five minutes are let to it");
    assert_eq!(late(minute(12) + SignedDuration::from_micros(1)), ["late", "waits"]);
}

#[test]
fn what_makes_up_for_a_miss_is_late_until_it_is_over_though_it_goes_on() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    store.add_schedule(&daily("a")).unwrap();
    let settled = DueSettled { runs: vec![(minute(7), true)], ..nothing_due(minute(20)) };
    store.settle_schedules(&[(daily("a"), settled)]).unwrap();
    let run = begin(store, 20).unwrap();
    assert_eq!(store.late_runs(minute(21)).unwrap(), std::slice::from_ref(&run));
    store.end_scheduled(&run, minute(22), &ended(ScheduledState::Done)).unwrap();
    assert!(store.late_runs(minute(23)).unwrap().is_empty());
}

#[test]
fn schedules_of_one_job_are_found_and_none_that_only_speaks_of_it() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    let of = |name: &str, job: &str| Schedule { job: job.to_owned(), ..daily(name) };
    let backup = of("b", r#"{"job":"backup","folder":"/b","keep":3}"#);
    for one in [of("c", r#"{"job":"http","headers":{"job":"backup"}}"#), daily("a"), backup.clone()] {
        store.add_schedule(&one).unwrap();
    }
    assert_eq!(store.schedules_of_job("backup").unwrap(), [backup]);
    assert!(store.schedules_of_job("digest").unwrap().is_empty());
}

#[test]
fn what_waits_for_a_time_that_a_clock_made_up_need_not_wait_also_where_it_follows_another() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    with_a_run(store, "a", 7);
    let run = begin(store, 7).unwrap();
    let ahead = RunEnd { try_at: Some(minute(99_999)), ..ended(ScheduledState::Waiting) };
    store.end_scheduled(&run, minute(8), &ahead).unwrap();
    store.set_back_schedules(&[], minute(9)).unwrap();
    assert_eq!(begin(store, 9).unwrap().id, run.id);
}
