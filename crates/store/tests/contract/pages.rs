//! Pages, versions and walks.

use facts::{Mode, ObjectKind, TxnStatus};
use store::{Gap, Known, PageOutcome, StoreError, Stretch, Walk};

use super::world::*;

fn outcome(inserted: u64, updated: u64, unchanged: u64) -> PageOutcome {
    PageOutcome { inserted, updated, unchanged }
}

#[test]
fn the_same_page_twice_changes_nothing() {
    let mut fresh = fresh();
    let page = list(ObjectKind::Txn, vec![txn("txn_1", 100).into(), txn("txn_2", 200).into()]);
    assert_eq!(put(&mut fresh.store, &page), outcome(2, 0, 0));
    let (digest, revision) = (fresh.store.content_digest().unwrap(), fresh.store.revision().unwrap());
    assert_eq!(put(&mut fresh.store, &page), outcome(0, 0, 2));
    assert_eq!(fresh.store.content_digest().unwrap(), digest);
    assert_eq!(fresh.store.revision().unwrap(), revision, "nothing changed, so that no snapshot is out of date");
}

#[test]
fn an_object_that_goes_back_to_an_earlier_version_is_that_version_again() {
    let mut fresh = fresh();
    let a = txn("txn_1", 100);
    let mut b = a.clone();
    b.status = TxnStatus::Pending;
    let version = |txn: &facts::Txn| list(ObjectKind::Txn, vec![txn.clone().into()]);
    assert_eq!(put(&mut fresh.store, &version(&a)), outcome(1, 0, 0));
    assert_eq!(put(&mut fresh.store, &version(&b)), outcome(0, 1, 0));
    assert_eq!(fresh.store.txn("txn_1").unwrap().unwrap().txn, b);
    assert_eq!(put(&mut fresh.store, &version(&a)), outcome(0, 1, 0));
    assert_eq!(fresh.store.txn("txn_1").unwrap().unwrap().txn, a);
    assert_eq!(put(&mut fresh.store, &version(&a)), outcome(0, 0, 1));
}

#[test]
fn every_version_is_found_again_by_its_hash_byte_for_byte() {
    let mut fresh = fresh();
    let object: Object = txn("txn_1", 100).into();
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![object.clone()]));
    assert_eq!(fresh.store.raw(&hash(&object.raw)).unwrap(), Some(object.raw));
    assert_eq!(fresh.store.raw(&[0; 32]).unwrap(), None);
}

#[test]
fn a_refused_version_keeps_its_bytes_and_leaves_what_was_known_until_a_good_one_comes() {
    let mut fresh = fresh();
    let good = txn("txn_1", 100);
    let bad = refused(ObjectKind::Txn, "txn_1", "net is not amount less fee");
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![good.clone().into()]));
    assert_eq!(put(&mut fresh.store, &list(ObjectKind::Txn, vec![bad.clone()])), outcome(0, 1, 0));
    assert_eq!(put(&mut fresh.store, &list(ObjectKind::Txn, vec![bad.clone()])), outcome(0, 0, 1));
    let snapshot = fresh.store.deposit_snapshot().unwrap();
    assert_eq!(snapshot.refusals.len(), 1);
    assert_eq!(snapshot.refusals[0].reason, "net is not amount less fee");
    assert_eq!(fresh.store.txn("txn_1").unwrap().unwrap().txn, good);
    assert_eq!(fresh.store.raw(&hash(&bad.raw)).unwrap(), Some(bad.raw));
    assert_eq!(put(&mut fresh.store, &list(ObjectKind::Txn, vec![good.into()])), outcome(0, 1, 0));
    assert!(fresh.store.deposit_snapshot().unwrap().refusals.is_empty());
}

#[test]
fn a_refused_object_that_was_never_seen_counts_as_new_once() {
    let mut fresh = fresh();
    let page = list(ObjectKind::Payout, vec![refused(ObjectKind::Payout, "po_1", "no currency")]);
    assert_eq!(put(&mut fresh.store, &page), outcome(1, 0, 0));
    assert_eq!(put(&mut fresh.store, &page), outcome(0, 0, 1));
    assert!(fresh.store.payout("po_1").unwrap().is_none());
}

#[test]
fn several_pages_are_stored_together_and_answered_in_their_order() {
    let mut fresh = fresh();
    let pages = [
        list(ObjectKind::Payout, vec![payout("po_1", 300).into()]),
        list(ObjectKind::Txn, vec![txn("txn_1", 100).into(), txn("txn_2", 200).into()]),
        list(ObjectKind::Txn, vec![txn("txn_1", 100).into()]),
    ];
    let outcomes = put_all(&mut fresh.store, &pages).unwrap();
    assert_eq!(outcomes, [outcome(1, 0, 0), outcome(2, 0, 0), outcome(0, 0, 1)]);
}

#[test]
fn a_walk_is_saved_with_its_page_and_read_back() {
    let mut fresh = fresh();
    assert_eq!(fresh.store.walk(&own(), ObjectKind::Txn).unwrap(), None);
    let mut page = list(ObjectKind::Txn, vec![txn("txn_1", 100).into()]);
    let first = Walk {
        started_at: at(5),
        since: None,
        after: Some("txn_1".to_owned()),
        complete: false,
        complete_until: None,
        stretches: Vec::new(),
    };
    let head = Stretch { from: Some(at(3)), until: None, after: Some("txn_1".to_owned()) };
    let older = Stretch { from: None, until: Some(at(3)), after: None };
    let side_by_side = Walk { stretches: vec![head, older.clone()], ..first.clone() };
    let one_left = Walk { stretches: vec![older], ..first.clone() };
    let last = Walk { since: Some(at(2)), complete: true, complete_until: Some(at(9)), ..first.clone() };
    for walk in [first, side_by_side, one_left, last] {
        page.walk = Some(walk.clone());
        put(&mut fresh.store, &page);
        assert_eq!(fresh.store.walk(&own(), ObjectKind::Txn).unwrap(), Some(walk));
        assert_eq!(fresh.store.walk(&own(), ObjectKind::Payout).unwrap(), None);
    }
}

#[test]
fn what_was_read_of_a_kind_is_known_and_what_is_left_of_it_is_a_gap() {
    let mut fresh = fresh();
    let (own, txn_kind) = (own(), ObjectKind::Txn);
    assert_eq!((fresh.store.known(&own).unwrap(), fresh.store.unfinished(10).unwrap()), (vec![], vec![]));
    let mut page = list(txn_kind, vec![txn("txn_1", 100).into()]);
    let begun = Walk {
        started_at: at(900),
        since: None,
        after: Some("txn_1".to_owned()),
        complete: false,
        complete_until: None,
        stretches: Vec::new(),
    };
    let head = Stretch { from: Some(at(50)), until: None, after: Some("txn_1".to_owned()) };
    let older = Stretch { from: None, until: Some(at(50)), after: None };
    let side_by_side = Walk { stretches: vec![head, older], ..begun.clone() };
    let ended = Walk { complete: true, complete_until: Some(at(900)), ..begun.clone() };
    let again = Walk { complete: false, ..ended.clone() };
    let nothing = Walk { complete: true, after: None, ..begun.clone() };
    let gap = |from: Option<i64>, until: i64| Gap { from: from.map(at), until: Some(at(until)) };
    let cases = [
        (begun, false, None, vec![gap(None, 100)]),
        (side_by_side, false, None, vec![gap(Some(50), 100), gap(None, 49)]),
        (ended, true, Some(at(900)), vec![]),
        (again, true, Some(at(900)), vec![]),
        (nothing, true, None, vec![]),
    ];
    let mut read_by = None;
    for (walk, whole, until, gaps) in cases {
        let run = fresh.store.begin_run("sync", at(1)).unwrap();
        read_by = if walk.complete { Some(run) } else { read_by };
        page.walk = Some(walk);
        put(&mut fresh.store, &page);
        assert_eq!(
            fresh.store.known(&own).unwrap(),
            [Known { kind: txn_kind, whole, until, run: read_by, gaps, ranges: vec![] }]
        );
        let unfinished = if whole { vec![] } else { vec![(own.clone(), txn_kind)] };
        assert_eq!(fresh.store.unfinished(10).unwrap(), unfinished);
    }
}

#[test]
fn a_database_takes_the_mode_of_its_first_key_and_refuses_the_other() {
    let mut fresh = fresh();
    assert_eq!(fresh.store.mode().unwrap(), None);
    fresh.store.claim_mode(Mode::Test).unwrap();
    fresh.store.claim_mode(Mode::Test).unwrap();
    let refused = fresh.store.claim_mode(Mode::Live).unwrap_err();
    assert!(matches!(refused, StoreError::OtherMode { holds: Mode::Test, key: Mode::Live }));
    assert_eq!(fresh.store.mode().unwrap(), Some(Mode::Test));
}

#[test]
fn freshness_never_goes_back_and_an_unknown_account_has_none() {
    let mut fresh = fresh();
    assert!(matches!(fresh.store.mark_synced(&own(), at(1)), Err(StoreError::Absent { noun: "account", .. })));
    put(&mut fresh.store, &list(ObjectKind::Account, vec![account().into()]));
    fresh.store.mark_synced(&own(), at(7)).unwrap();
    fresh.store.mark_synced(&own(), at(3)).unwrap();
    let mut renamed = account();
    renamed.display_name = Some("Shop".to_owned());
    put(&mut fresh.store, &list(ObjectKind::Account, vec![renamed.clone().into()]));
    let accounts = fresh.store.accounts().unwrap();
    assert_eq!((accounts[0].account.clone(), accounts[0].synced_at), (renamed, Some(at(7))));
}

#[test]
fn the_window_names_the_oldest_of_what_may_still_change() {
    let mut fresh = fresh();
    assert_eq!(fresh.store.sync_window(&own()).unwrap(), store::SyncWindow::default());
    let mut pending = txn("txn_1", 100);
    pending.status = TxnStatus::Pending;
    let mut travelling = payout("po_1", 100);
    travelling.status = facts::PayoutStatus::InTransit;
    travelling.created_at = at(20);
    let mut growing = payout("po_2", 100);
    growing.reconciliation_status = facts::ReconciliationStatus::InProgress;
    growing.created_at = at(10);
    let mut manual = payout("po_3", 100);
    manual.automatic = false;
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![pending.into(), txn("txn_2", 50).into()]));
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![travelling.into(), growing.into(), manual.into()]));
    let window = fresh.store.sync_window(&own()).unwrap();
    assert_eq!(window.oldest_pending_txn_at, Some(at(100)));
    assert_eq!(window.oldest_open_payout_at, Some(at(10)));
    let due: Vec<&str> = window.members_due.iter().map(|due| due.payout.as_str()).collect();
    assert_eq!(due, ["po_1"], "neither the growing list nor the manual payout has a list to read");
}

#[test]
fn a_balance_replaces_the_one_before_and_the_same_one_changes_nothing() {
    let mut fresh = fresh();
    let id = own();
    assert_eq!(fresh.store.put_balance(&balance_write(&id, b"{1}", 100)).unwrap(), outcome(1, 0, 0));
    assert_eq!(fresh.store.put_balance(&balance_write(&id, b"{1}", 100)).unwrap(), outcome(0, 0, 1));
    assert_eq!(fresh.store.put_balance(&balance_write(&id, b"{2}", 70)).unwrap(), outcome(0, 1, 0));
    let balances = fresh.store.deposit_snapshot().unwrap().balances;
    assert_eq!(balances.len(), 1);
    assert_eq!((balances[0].stripe_minor, balances[0].steady, balances[0].read_at), (Some(75), true, Some(at(9))));
}
