//! Which txns a payout holds.

use facts::{ObjectKind, ReconciliationStatus};
use store::{MemberTally, OwnTxn, PayoutMembers, Store};

use super::world::*;

fn held(store: &Store, txn: &str) -> Option<String> {
    store.txn(txn).unwrap().unwrap().payout.map(|payout| payout.to_string())
}

fn members_of(store: &Store, payout: &str) -> PayoutMembers {
    let snapshot = store.deposit_snapshot().unwrap();
    snapshot.payouts.into_iter().find(|one| one.payout.id.as_str() == payout).unwrap()
}

fn tally(store: &Store, payout: &str) -> MemberTally {
    members_of(store, payout).txns.added().unwrap()
}

fn is_complete(store: &Store, payout: &str) -> bool {
    members_of(store, payout).members_complete
}

fn with_payouts(payouts: &[&str]) -> Fresh {
    let mut fresh = fresh();
    let objects = payouts.iter().map(|id| payout(id, 300).into()).collect();
    put(&mut fresh.store, &list(ObjectKind::Payout, objects));
    fresh
}

#[test]
fn a_payouts_list_is_complete_with_its_last_page_and_not_before() {
    let mut fresh = with_payouts(&["po_1"]);
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 100).into()], false));
    assert!(!is_complete(&fresh.store, "po_1"));
    assert_eq!(fresh.store.sync_window(&own()).unwrap().members_due.len(), 1);
    put(&mut fresh.store, &members("po_1", vec![txn("txn_2", 200).into()], true));
    let tally = tally(&fresh.store, "po_1");
    assert_eq!((is_complete(&fresh.store, "po_1"), tally.txn_count, tally.sum_net_minor), (true, 2, 300));
    assert!(fresh.store.sync_window(&own()).unwrap().members_due.is_empty());
}

#[test]
fn a_list_that_stripe_is_still_making_is_never_complete() {
    let mut fresh = fresh();
    let mut growing = payout("po_1", 300);
    growing.reconciliation_status = ReconciliationStatus::InProgress;
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![growing.into()]));
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 100).into()], true));
    assert!(!is_complete(&fresh.store, "po_1"));
}

#[test]
fn a_payout_without_any_txn_has_a_complete_and_empty_list() {
    let mut fresh = with_payouts(&["po_1"]);
    put(&mut fresh.store, &members("po_1", Vec::new(), true));
    assert!(is_complete(&fresh.store, "po_1"));
    assert_eq!(tally(&fresh.store, "po_1"), MemberTally::default());
}

#[test]
fn a_list_page_read_later_leaves_the_txn_in_its_payout() {
    let mut fresh = with_payouts(&["po_1"]);
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 100).into()], true));
    let mut described = txn("txn_1", 100);
    described.description = Some("new".to_owned());
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![described.into()]));
    assert_eq!(held(&fresh.store, "txn_1").as_deref(), Some("po_1"));
}

#[test]
fn a_txn_claimed_by_two_payouts_stays_in_the_first_and_the_refusal_names_both() {
    let mut fresh = with_payouts(&["po_1", "po_2"]);
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 100).into()], true));
    let second = members("po_2", vec![txn("txn_1", 100).into(), txn("txn_2", 200).into()], true);
    put(&mut fresh.store, &second);
    assert_eq!(held(&fresh.store, "txn_1").as_deref(), Some("po_1"));
    assert_eq!(held(&fresh.store, "txn_2").as_deref(), Some("po_2"));
    let refusals = fresh.store.deposit_snapshot().unwrap().refusals;
    assert_eq!(refusals.len(), 1);
    assert_eq!((refusals[0].kind, refusals[0].object_id.as_str()), (ObjectKind::Txn, "txn_1"));
    assert!(refusals[0].reason.contains("po_1") && refusals[0].reason.contains("po_2"));
    let revision = fresh.store.revision().unwrap();
    put(&mut fresh.store, &second);
    assert_eq!(fresh.store.revision().unwrap(), revision, "the same claim again says nothing new");
}

#[test]
fn a_txn_that_several_payouts_claim_is_one_refusal_that_names_them_all() {
    let mut fresh = with_payouts(&["po_1", "po_2", "po_3"]);
    for payout in ["po_1", "po_2", "po_3"] {
        put(&mut fresh.store, &members(payout, vec![txn("txn_1", 100).into()], true));
    }
    let refusals = fresh.store.deposit_snapshot().unwrap().refusals;
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert!(["po_1", "po_2", "po_3"].iter().all(|payout| refusals[0].reason.contains(payout)), "{refusals:?}");
}

#[test]
fn a_list_that_was_read_before_stripe_made_it_is_read_again() {
    let mut fresh = fresh();
    let stands = |word: &str| {
        let mut itemised = payout("po_1", 300);
        itemised.reconciliation_status = facts::ReconciliationStatus::from_word(word);
        list(ObjectKind::Payout, vec![itemised.into()])
    };
    put(&mut fresh.store, &stands("not_applicable"));
    put(&mut fresh.store, &members("po_1", vec![], true));
    assert!(fresh.store.sync_window(&own()).unwrap().members_due.is_empty());
    put(&mut fresh.store, &stands("completed"));
    assert_eq!(fresh.store.sync_window(&own()).unwrap().members_due.len(), 1);
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 300).into()], true));
    put(&mut fresh.store, &stands("completed"));
    assert!(fresh.store.sync_window(&own()).unwrap().members_due.is_empty(), "what is settled is not asked again");
}

#[test]
fn a_second_claim_is_taken_once_the_first_payout_lets_go() {
    let mut fresh = with_payouts(&["po_1", "po_2"]);
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 100).into()], true));
    put(&mut fresh.store, &members("po_2", vec![txn("txn_1", 100).into()], true));
    put(&mut fresh.store, &members("po_1", vec![txn("txn_3", 100).into()], true));
    assert_eq!(held(&fresh.store, "txn_1"), None);
    let due = fresh.store.sync_window(&own()).unwrap().members_due;
    assert_eq!(due.iter().map(|due| due.payout.as_str()).collect::<Vec<_>>(), ["po_2"], "its list is to be read again");
    put(&mut fresh.store, &members("po_2", vec![txn("txn_1", 100).into()], true));
    assert_eq!(held(&fresh.store, "txn_1").as_deref(), Some("po_2"));
    assert!(fresh.store.deposit_snapshot().unwrap().refusals.is_empty());
}

#[test]
fn a_txn_that_the_list_names_no_more_is_released_at_the_end_of_the_reading() {
    let mut fresh = with_payouts(&["po_1"]);
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 100).into(), txn("txn_2", 200).into()], true));
    put(&mut fresh.store, &members("po_1", vec![txn("txn_3", 300).into()], false));
    assert_eq!(held(&fresh.store, "txn_1").as_deref(), Some("po_1"), "the reading has not ended");
    put(&mut fresh.store, &members("po_1", vec![txn("txn_2", 200).into()], true));
    assert_eq!(held(&fresh.store, "txn_1"), None);
    assert_eq!(held(&fresh.store, "txn_2").as_deref(), Some("po_1"));
    assert_eq!(tally(&fresh.store, "po_1").sum_net_minor, 500);
}

#[test]
fn the_last_page_alone_a_second_time_releases_nothing() {
    let mut fresh = with_payouts(&["po_1"]);
    let last = members("po_1", vec![txn("txn_2", 200).into()], true);
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 100).into()], false));
    put(&mut fresh.store, &last);
    let (digest, revision) = (fresh.store.content_digest().unwrap(), fresh.store.revision().unwrap());
    put(&mut fresh.store, &last);
    assert_eq!((fresh.store.content_digest().unwrap(), fresh.store.revision().unwrap()), (digest, revision));
}

#[test]
fn a_reading_that_goes_on_in_another_process_keeps_what_the_first_one_saw() {
    let mut fresh = with_payouts(&["po_1"]);
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 100).into()], false));
    let mut second = Store::open(fresh.place.location(), std::sync::Arc::new(store::NoPoints)).unwrap();
    put(&mut second, &members("po_1", vec![txn("txn_2", 200).into()], true));
    assert_eq!(tally(&second, "po_1").txn_count, 2);
}

#[test]
fn the_payouts_own_txn_is_told_by_its_id_and_left_out_of_the_sum() {
    let mut fresh = fresh();
    let mut itemised = payout("po_1", 300);
    itemised.own_txn = Some(facts::TxnId::parse("txn_own").unwrap());
    let mut own_txn = txn("txn_own", -300);
    own_txn.amount = usd(-300);
    own_txn.fee_minor = 0;
    own_txn.kind = "payout".to_owned();
    let mut returned = txn("txn_back", 50);
    returned.kind = "payout".to_owned();
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![itemised.into()]));
    let all = vec![own_txn.into(), txn("txn_1", 250).into(), returned.into()];
    put(&mut fresh.store, &members("po_1", all, true));
    let own_txn = OwnTxn { amount_minor: -300, fee_minor: 0, net_minor: -300, currency: money::Currency::USD };
    let expected = MemberTally { txn_count: 2, sum_net_minor: 300, other_currency_count: 0, own_txn: Some(own_txn) };
    assert_eq!(tally(&fresh.store, "po_1"), expected);
}

#[test]
fn an_own_txn_that_the_list_does_not_name_is_known_and_not_taken_off_twice() {
    let mut fresh = fresh();
    let mut itemised = payout("po_1", 300);
    itemised.own_txn = Some(facts::TxnId::parse("txn_own").unwrap());
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![itemised.into()]));
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![txn("txn_own", -300).into()]));
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 300).into()], true));
    let tally = tally(&fresh.store, "po_1");
    assert_eq!((tally.txn_count, tally.sum_net_minor, tally.own_txn.unwrap().net_minor), (1, 300, -300));
}
