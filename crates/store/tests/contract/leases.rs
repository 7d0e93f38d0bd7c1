//! Leases: one at a time, the next once it is gone, and nothing written by who was overtaken.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use facts::ObjectKind;
use store::{LeaseName, NoPoints, Pace, RunState, Store, StoreError};

use super::world::*;
use crate::database::Place;

/// As everybody beats, and ten times faster.
const QUICK: Pace =
    Pace { beat: Duration::from_millis(20), still: Duration::from_millis(1_500), patience: Duration::from_secs(120) };

/// A process that was stopped: its beat never comes.
const STOPPED: Pace = Pace { beat: Duration::from_secs(3_600), ..QUICK };

/// Who does not wait for long.
const HASTY: Pace = Pace { patience: Duration::from_millis(100), ..QUICK };

fn another(place: &Place) -> Store {
    Store::open(place.location(), Arc::new(NoPoints)).unwrap()
}

#[test]
fn one_at_a_time_may_sync_and_the_next_once_it_is_gone() {
    let (mut first, mut second) = (fresh(), fresh());
    first.store.lease(LeaseName::Sync, QUICK).unwrap();
    second.store.lease(LeaseName::Sync, QUICK).unwrap();
    let open = || another(&first.place);
    let refused = open().lease(LeaseName::Sync, HASTY).unwrap_err();
    assert!(matches!(refused, StoreError::Leased { .. }), "{refused}");
    open().lease(LeaseName::Reconcile, HASTY).unwrap();
    open().begin_run("webhook", at(1)).unwrap();
    drop(first.store);
    open().lease(LeaseName::Sync, HASTY).unwrap();
}

#[test]
fn anybody_sees_whether_a_lease_is_taken_and_takes_nothing_by_looking() {
    let mut first = fresh();
    let onlooker = another(&first.place);
    let seen = || [LeaseName::Schedule, LeaseName::Sync].map(|name| onlooker.is_leased(name).unwrap());
    assert_eq!(seen(), [false, false], "nobody has ever had it");
    // A server takes a moment to notice that a connection is gone, and gives its locks back then.
    let is_given_back = || {
        let since = Instant::now();
        while seen() != [false, false] {
            assert!(since.elapsed() < Duration::from_secs(20), "it was not given back");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    another(&first.place).lease(LeaseName::Sync, QUICK).unwrap();
    is_given_back();
    first.store.lease(LeaseName::Schedule, QUICK).unwrap();
    assert_eq!(seen(), [true, false]);
    let within = onlooker.at_one_instant(|store| store.is_leased(LeaseName::Schedule));
    assert!(within.unwrap(), "a page reads all it shows at one instant");
    drop(first.store);
    is_given_back();
    another(&first.place).lease(LeaseName::Schedule, HASTY).unwrap();
}

#[test]
fn a_sync_that_waits_long_for_an_answer_is_not_overtaken() {
    let mut first = fresh();
    first.store.lease(LeaseName::Sync, QUICK).unwrap();
    let patience = QUICK.still * 2;
    let refused = another(&first.place).lease(LeaseName::Sync, Pace { patience, ..QUICK }).unwrap_err();
    assert!(matches!(refused, StoreError::Leased { .. }), "{refused}");
    put(&mut first.store, &list(ObjectKind::Payout, vec![payout("po_1", 1).into()]));
}

#[test]
fn a_sync_that_stood_still_is_overtaken_and_changes_nothing_when_it_wakes_up() {
    let mut stopped = fresh();
    stopped.store.lease(LeaseName::Sync, STOPPED).unwrap();
    let run = stopped.store.begin_run("sync", at(1)).unwrap();
    put(&mut stopped.store, &list(ObjectKind::Payout, vec![payout("po_1", 1).into()]));

    let mut next = another(&stopped.place);
    next.lease(LeaseName::Sync, QUICK).unwrap();
    next.begin_run("sync", at(2)).unwrap();
    let before = next.content_digest().unwrap();
    let page = list(ObjectKind::Payout, vec![payout("po_1", 2).into()]);
    let written = put_all(&mut stopped.store, std::slice::from_ref(&page)).map(drop);
    for woken in [written, stopped.store.end_run(run, at(3), RunState::Done, "{}")] {
        let refused = woken.unwrap_err();
        assert!(matches!(refused, StoreError::Overtaken { .. }), "{refused}");
    }
    assert_eq!(next.content_digest().unwrap(), before);
    assert_eq!(next.runs(2).unwrap()[1].state, RunState::Failed);
    put(&mut next, &page);
}

#[test]
fn who_has_taken_over_keeps_the_lease_while_the_other_holds_the_lock_and_after_it_has_let_go() {
    let mut stopped = fresh();
    stopped.store.lease(LeaseName::Sync, STOPPED).unwrap();
    let mut next = another(&stopped.place);
    next.lease(LeaseName::Sync, QUICK).unwrap();
    let third = || another(&stopped.place).lease(LeaseName::Sync, HASTY);
    assert!(matches!(third().unwrap_err(), StoreError::Leased { .. }));
    drop(next);
    third().unwrap();

    let mut next = another(&stopped.place);
    next.lease(LeaseName::Sync, QUICK).unwrap();
    let place = stopped.place;
    drop(stopped.store);
    assert!(matches!(another(&place).lease(LeaseName::Sync, HASTY).unwrap_err(), StoreError::Leased { .. }));
    drop(next);
    another(&place).lease(LeaseName::Sync, HASTY).unwrap();
}

#[test]
fn of_many_who_want_it_one_at_a_time_has_it_though_some_stand_still() {
    const CONTENDERS: u64 = 6;
    const TURNS: u64 = 4;
    let mut fresh = fresh();
    let (done, overtaken, never_begun) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    // One has it, and stands still, before the others come.
    fresh.store.lease(LeaseName::Sync, STOPPED).unwrap();
    let stood_still = fresh.store.begin_run("sync", at(1)).unwrap();
    let contend = |who: u64| {
        for turn in 0..TURNS {
            let stands_still = who == 0 && turn == 0;
            let mut store = another(&fresh.place);
            store.lease(LeaseName::Sync, if stands_still { STOPPED } else { QUICK }).unwrap();
            let Ok(run) = store.begin_run("sync", at(1)) else {
                // A busy machine may stop anybody for that long.
                never_begun.fetch_add(1, Ordering::SeqCst);
                continue;
            };
            std::thread::sleep(if stands_still { QUICK.still * 2 } else { Duration::from_millis(2) });
            match store.end_run(run, at(2), RunState::Done, "{}") {
                Ok(()) => done.fetch_add(1, Ordering::SeqCst),
                Err(StoreError::Overtaken { .. }) => overtaken.fetch_add(1, Ordering::SeqCst),
                Err(error) => panic!("{error}"),
            };
        }
    };
    std::thread::scope(|scope| {
        let contend = &contend;
        (0..CONTENDERS).for_each(|who| drop(scope.spawn(move || contend(who))));
    });
    let woken = fresh.store.end_run(stood_still, at(2), RunState::Done, "{}").unwrap_err();
    assert!(matches!(woken, StoreError::Overtaken { .. }), "{woken}");
    let runs = another(&fresh.place).runs(1_000).unwrap();
    let count = |state| runs.iter().filter(|run| run.state == state).count() as u64;
    assert_eq!(runs.len() as u64 + never_begun.into_inner(), CONTENDERS * TURNS + 1);
    assert_eq!((count(RunState::Done), count(RunState::Failed)), (done.into_inner(), overtaken.into_inner() + 1));
}
