//! Objects that nothing is concluded from: rows by declaration, what stands within them, and what events say of them.

use facts::{Cell, Fact, Object, ObjectKind, Parts, Value};
use store::{CreditDue, Store, Stretch, Walk};

use super::world::{self, *};

fn object(kind: ObjectKind, id: &str, cells: Vec<(&'static str, Value)>) -> Object {
    let cells = cells.into_iter().map(|(column, value)| Cell { column, value }).collect();
    Object { kind, id: id.to_owned(), account: own(), created_at: Some(at(0)), cells, deleted: false, parts: None }
}

fn put_one(store: &mut Store, object: Object) -> (u64, u64, u64) {
    let fact =
        world::Object { id: object.id.clone(), raw: format!("{object:?}").into_bytes(), fact: Fact::Object(object.clone()) };
    let outcome = put(store, &list(object.kind, vec![fact]));
    (outcome.inserted, outcome.updated, outcome.unchanged)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn invoice(total_minor: i64, lines: &[&str], all: bool) -> Object {
    let line = |id: &&str| object(ObjectKind::InvoiceLine, id, vec![("invoice", text("in_1"))]);
    let parts = Parts {
        kind: ObjectKind::InvoiceLine,
        whole: "invoice",
        objects: lines.iter().map(line).collect(),
        ids: all.then(|| lines.iter().map(|id| (*id).to_owned()).collect()),
    };
    Object { parts: Some(parts), ..object(ObjectKind::Invoice, "in_1", vec![("total_minor", Value::Number(total_minor))]) }
}

fn event(id: &str, kind: &str, object_id: &str) -> Object {
    object(ObjectKind::Event, id, vec![("kind", text("x.updated")), ("object", text(kind)), ("object_id", text(object_id))])
}

#[test]
fn an_object_is_written_once_for_each_version_and_moves_no_revision() {
    let mut fresh = fresh();
    let revision = fresh.store.revision().unwrap();
    let coupon = |valid| object(ObjectKind::Coupon, "c", vec![("valid", Value::Number(valid))]);
    assert_eq!(put_one(&mut fresh.store, coupon(1)), (1, 0, 0));
    assert_eq!(put_one(&mut fresh.store, coupon(1)), (0, 0, 1));
    let digest = fresh.store.content_digest().unwrap();
    assert_eq!(put_one(&mut fresh.store, coupon(0)), (0, 1, 0));
    assert_ne!(fresh.store.content_digest().unwrap(), digest);
    assert_eq!(fresh.store.revision().unwrap(), revision, "no verdict stands on it");
}

#[test]
fn a_line_that_a_whole_list_no_longer_holds_is_gone_and_one_that_a_cut_list_lacks_is_not() {
    let mut fresh = fresh();
    put_one(&mut fresh.store, invoice(3, &["il_1", "il_2", "il_3"], true));
    put_one(&mut fresh.store, invoice(2, &["il_1"], false));
    assert_eq!(fresh.store.object_ids(ObjectKind::InvoiceLine).unwrap(), ["il_1", "il_2", "il_3"]);
    put_one(&mut fresh.store, invoice(1, &["il_1", "il_3"], true));
    assert_eq!(fresh.store.object_ids(ObjectKind::InvoiceLine).unwrap(), ["il_1", "il_3"]);
}

#[test]
fn what_is_deleted_keeps_what_was_known_of_it() {
    let mut fresh = fresh();
    let columns = vec![("balance_minor", Value::Number(-5))];
    put_one(&mut fresh.store, object(ObjectKind::Customer, "cus_1", columns));
    let gone = Object { deleted: true, created_at: None, ..object(ObjectKind::Customer, "cus_1", Vec::new()) };
    assert_eq!(put_one(&mut fresh.store, gone), (0, 1, 0));
    assert!(fresh.store.object_ids(ObjectKind::Customer).unwrap().is_empty());
    assert_eq!(fresh.place.ask("SELECT balance_minor, deleted FROM customer"), "-5|1");
}

#[test]
fn events_wait_until_their_object_was_read_or_is_gone() {
    let mut fresh = fresh();
    put_one(&mut fresh.store, object(ObjectKind::Coupon, "c", vec![("valid", Value::Number(1))]));
    put_one(&mut fresh.store, event("evt_1", "coupon", "c"));
    put_one(&mut fresh.store, event("evt_2", "coupon", "c"));
    put_one(&mut fresh.store, event("evt_3", "invoice", "in_9"));
    let changed = fresh.store.changed_objects(&own()).unwrap();
    let told: Vec<(&str, usize, bool)> =
        changed.iter().map(|changed| (changed.object_id.as_str(), changed.events.len(), changed.created_at.is_some())).collect();
    assert_eq!(told, [("c", 2, true), ("in_9", 1, false)]);
    fresh.store.settle_changed(&own(), &[(changed[0].clone(), true)]).unwrap();
    assert_eq!(fresh.store.changed_objects(&own()).unwrap(), changed[1..]);
    assert!(fresh.store.object_ids(ObjectKind::Coupon).unwrap().is_empty(), "Stripe no longer has it");
    put_one(&mut fresh.store, event("evt_1", "coupon", "c"));
    assert_eq!(fresh.store.changed_objects(&own()).unwrap().len(), 1, "an event that is read again is as done as before");
}

#[test]
fn credit_is_due_for_a_customer_with_some_until_it_was_read_in_that_version() {
    let mut fresh = fresh();
    let customer = |id: &str, balance| object(ObjectKind::Customer, id, vec![("balance_minor", Value::Number(balance))]);
    let due = |store: &Store| store.credit_due(&own()).unwrap();
    let ids = |due: &[CreditDue]| due.iter().map(|due| due.customer.clone()).collect::<Vec<_>>();
    put_one(&mut fresh.store, customer("cus_1", 0));
    put_one(&mut fresh.store, customer("cus_2", -100));
    put_one(&mut fresh.store, customer("cus_3", 0));
    let spent = vec![("customer", text("cus_3")), ("starting_balance_minor", Value::Number(-7))];
    put_one(&mut fresh.store, object(ObjectKind::Invoice, "in_1", spent));
    assert_eq!(ids(&due(&fresh.store)), ["cus_2", "cus_3"]);
    let read = due(&fresh.store);
    fresh.store.credit_read(&own(), &read).unwrap();
    assert!(due(&fresh.store).is_empty());
    put_one(&mut fresh.store, customer("cus_2", 0));
    assert_eq!(ids(&due(&fresh.store)), ["cus_2"], "it had credit, and has changed");
}

#[test]
fn a_walk_that_is_forgotten_begins_anew_and_no_other() {
    let mut fresh = fresh();
    let left = Stretch { from: None, until: Some(at(1)), after: None };
    let walk = Walk {
        started_at: at(1),
        since: None,
        after: None,
        complete: false,
        complete_until: Some(at(1)),
        stretches: vec![left.clone()],
    };
    for kind in [ObjectKind::Coupon, ObjectKind::Txn] {
        let walk = walk.clone();
        put(&mut fresh.store, &Page { walk: Some(walk), ..list(kind, Vec::new()) });
    }
    fresh.store.forget_walks(&own(), &[ObjectKind::Coupon, ObjectKind::Invoice]).unwrap();
    assert_eq!(fresh.store.walk(&own(), ObjectKind::Coupon).unwrap(), None);
    assert_eq!(fresh.store.walk(&own(), ObjectKind::Txn).unwrap().unwrap().stretches, [left]);
    let anew = Walk { after: Some("co_1".to_owned()), stretches: Vec::new(), ..walk };
    put(&mut fresh.store, &Page { walk: Some(anew.clone()), ..list(ObjectKind::Coupon, Vec::new()) });
    assert_eq!(fresh.store.walk(&own(), ObjectKind::Coupon).unwrap(), Some(anew), "nothing is left of the walk before");
}
