//! Objects that could not be taken, as a person sees them.

use facts::{ObjectKind, RefusalCause};
use store::{RefusalFilter, RefusalRow};

use super::world::*;

fn rows(fresh: &Fresh) -> Vec<RefusalRow> {
    fresh.store.refusals(&RefusalFilter::default()).unwrap()
}

#[test]
fn a_refused_object_says_why_since_when_and_who_brought_the_version_that_is_refused() {
    let mut fresh = fresh();
    let first = fresh.store.begin_run("sync", at(1)).unwrap();
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![refused(ObjectKind::Txn, "txn_1", "net is not amount less fee")]));
    let row = RefusalRow {
        account: own(),
        kind: ObjectKind::Txn,
        object_id: "txn_1".to_owned(),
        cause: RefusalCause::Contradicts,
        reason: "net is not amount less fee".to_owned(),
        payout: None,
        since: Some(at(0)),
        run: Some(first),
        request_id: Some("req_1".to_owned()),
    };
    assert_eq!(rows(&fresh), std::slice::from_ref(&row));
    let second = fresh.store.begin_run("sync", at(2)).unwrap();
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![refused(ObjectKind::Txn, "txn_1", "net is not amount less fee")]));
    assert_eq!(rows(&fresh), std::slice::from_ref(&row), "the same version says nothing new");
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![refused(ObjectKind::Txn, "txn_1", "another reason")]));
    let changed = RefusalRow { reason: "another reason".to_owned(), run: Some(second), ..row };
    assert_eq!(rows(&fresh), [changed], "since when it is refused stays");
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![txn("txn_1", 100).into()]));
    assert_eq!(rows(&fresh), []);
}

#[test]
fn a_txn_that_a_second_payout_lists_names_that_payout_and_filters_narrow_the_list() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 100).into(), payout("po_2", 100).into()]));
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 100).into()], true));
    put(&mut fresh.store, &members("po_2", vec![txn("txn_1", 100).into()], true));
    put(&mut fresh.store, &list(ObjectKind::Charge, vec![refused(ObjectKind::Charge, "ch_1", "no")]));
    let told: Vec<_> = rows(&fresh).into_iter().map(|row| (row.object_id, row.cause, row.payout, row.since)).collect();
    let claimed = ("txn_1".to_owned(), RefusalCause::ClaimedTwice, Some("po_2".to_owned()), Some(at(0)));
    let charge = ("ch_1".to_owned(), RefusalCause::Contradicts, None, Some(at(0)));
    assert_eq!(told, [charge, claimed]);
    let count = |filter: RefusalFilter| fresh.store.refusals(&filter).unwrap().len();
    assert_eq!(count(RefusalFilter { cause: Some(RefusalCause::ClaimedTwice), ..RefusalFilter::default() }), 1);
    assert_eq!(
        count(RefusalFilter { account: Some(facts::AccountId::parse("acct_other").unwrap()), ..RefusalFilter::default() }),
        0
    );
    assert_eq!(count(RefusalFilter { from_at: Some(at(1)), ..RefusalFilter::default() }), 0);
    assert_eq!(count(RefusalFilter { before_at: Some(at(1)), limit: Some(1), ..RefusalFilter::default() }), 1);
    assert_eq!(fresh.place.ask("SELECT COUNT(*) FROM bi_refusal WHERE payout = 'po_2' AND cause = 'claimed_twice'"), "1");
}
