//! Opening a database: by several at once, for reading only, after a hand was in it.

use std::sync::Arc;

use facts::ObjectKind;
use store::{LeaseName, NoPoints, Pace, RunState, Store, StoreError};

use super::world::*;
use crate::database::Place;

#[test]
fn several_that_open_an_empty_database_at_once_all_get_it() {
    let place = Place::new();
    let open = || Store::open(place.location(), Arc::new(NoPoints)).map(|store| store.revision());
    std::thread::scope(|scope| {
        let opened: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
        for one in opened {
            assert_eq!(one.join().unwrap().unwrap().unwrap(), 0);
        }
    });
}

#[test]
fn a_reader_reads_what_a_writer_wrote_and_cannot_write() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 1).into()]));
    let mut reader = Store::open_existing(fresh.place.location()).unwrap().unwrap();
    assert!(reader.payout("po_1").unwrap().is_some());
    let refused = reader.begin_run("sync", at(1)).unwrap_err();
    assert!(matches!(refused, StoreError::Unwritable { .. }), "{refused}");
}

#[test]
fn a_sync_that_died_is_not_said_to_be_running_once_the_next_one_begins() {
    let mut fresh = fresh();
    fresh.store.begin_run("sync", at(1)).unwrap();
    fresh.store.begin_run("webhook", at(2)).unwrap();
    fresh.store.begin_run("reconcile", at(2)).unwrap();
    fresh.store.lease(LeaseName::Sync, Pace::STANDARD).unwrap();
    fresh.store.begin_run("sync", at(3)).unwrap();
    let runs = fresh.store.runs(4).unwrap();
    let states: Vec<_> = runs.iter().map(|run| (run.state, run.ended_at)).collect();
    let (running, died) = ((RunState::Running, None), (RunState::Failed, Some(at(3))));
    assert_eq!(states, [running, running, died, died], "a reconciliation may run beside a sync");
}

#[test]
fn a_value_changed_by_hand_is_named_with_its_column() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 1).into()]));
    fresh.place.change("UPDATE payout SET arrives_on = 'soon'");
    let refused = fresh.store.payout("po_1").unwrap_err();
    assert!(matches!(refused, StoreError::BadRow { .. }), "{refused}");
    assert!(refused.to_string().contains("arrives_on") && refused.to_string().contains("soon"), "{refused}");
}
