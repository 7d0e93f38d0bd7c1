//! What is delivered is kept once, however often it comes, and waits until it is settled.

use store::{Delivery, DeliveryFilter, DeliveryState, Replay, Settled, Store, StoreError};

use super::world::*;

fn all(store: &Store, state: Option<DeliveryState>) -> Vec<Delivery> {
    store.deliveries(&DeliveryFilter { state, ..DeliveryFilter::default() }).unwrap()
}

#[test]
fn an_event_that_comes_twice_is_one_delivery() {
    let Fresh { mut store, place: _place } = fresh();
    store.take_deliveries(&[delivery("evt_1", "po_1"), delivery("evt_1", "po_1")]).unwrap();
    store.take_deliveries(&[delivery("evt_1", "po_1"), delivery("evt_2", "po_1")]).unwrap();
    let found = all(&store, None);
    assert_eq!(found.iter().map(|one| (one.id.as_str(), one.times)).collect::<Vec<_>>(), [("evt_1", 3), ("evt_2", 1)]);
    assert_eq!(store.waiting_deliveries(1).unwrap().len(), 1);
}

#[test]
fn what_is_settled_waits_no_more_and_its_coming_again_changes_nothing() {
    let Fresh { mut store, place: _place } = fresh();
    store.take_deliveries(&[delivery("evt_1", "po_1"), delivery("evt_2", "po_2")]).unwrap();
    store.settle_deliveries(&[settled("evt_1", DeliveryState::Done), settled("evt_2", DeliveryState::Ignored)], at(2)).unwrap();
    store.take_deliveries(&[delivery("evt_1", "po_1"), delivery("evt_2", "po_2")]).unwrap();
    assert_eq!(store.waiting_deliveries(10).unwrap(), []);
    assert_eq!(all(&store, Some(DeliveryState::Done)).len(), 1);
}

#[test]
fn what_failed_waits_again_when_it_is_delivered_or_replayed() {
    let Fresh { mut store, place: _place } = fresh();
    store.take_deliveries(&[delivery("evt_1", "po_1"), delivery("evt_2", "po_2")]).unwrap();
    let failed = |id: &str| Settled { problem: Some("no".to_owned()), ..settled(id, DeliveryState::Failed) };
    store.settle_deliveries(&[failed("evt_1"), failed("evt_2")], at(2)).unwrap();
    assert_eq!(all(&store, Some(DeliveryState::Failed))[0].problem.as_deref(), Some("no"));
    store.take_deliveries(&[delivery("evt_1", "po_1")]).unwrap();
    assert_eq!(store.waiting_deliveries(10).unwrap().len(), 1);
    assert_eq!(store.replay_deliveries(&Replay::Failed).unwrap(), 1);
    assert_eq!(store.waiting_deliveries(10).unwrap().len(), 2);
}

#[test]
fn an_id_that_never_came_cannot_be_replayed_and_then_none_is() {
    let Fresh { mut store, place: _place } = fresh();
    store.take_deliveries(&[delivery("evt_1", "po_1")]).unwrap();
    store.settle_deliveries(&[settled("evt_1", DeliveryState::Done)], at(2)).unwrap();
    let ids = vec!["evt_1".to_owned(), "evt_9".to_owned()];
    assert!(matches!(store.replay_deliveries(&Replay::Ids(ids)), Err(StoreError::Absent { .. })));
    assert_eq!(store.waiting_deliveries(10).unwrap(), []);
    assert_eq!(store.replay_deliveries(&Replay::Ids(vec!["evt_1".to_owned()])).unwrap(), 1);
}
