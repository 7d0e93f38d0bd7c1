//! A past day that was listed again.

use std::collections::BTreeSet;

use facts::ObjectKind;
use store::{DayCheck, DayDifference, DayFound, Gap, RangeRead, TxnsKnown, Walk};

use super::world::*;

fn ended() -> Walk {
    let after = Some("txn_1".to_owned());
    Walk { started_at: at(900), since: None, after, complete: true, complete_until: Some(at(900)), stretches: Vec::new() }
}

/// Txns that were made at their net, all of them read.
fn with_txns() -> Fresh {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Account, vec![account().into()]));
    let mut page = list(ObjectKind::Txn, vec![txn("txn_3", 300).into(), txn("txn_2", 200).into(), txn("txn_1", 100).into()]);
    page.walk = Some(ended());
    put(&mut fresh.store, &page);
    fresh
}

fn check(found: Option<DayFound>) -> DayCheck {
    DayCheck { day: day(3), from: at(100), until: at(300), at: at(1_000), run: None, found }
}

#[test]
fn ids_are_compared_within_the_stretch_and_what_is_here_with_another_time_is_not_missing() {
    let fresh = with_txns();
    let listed = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<String>>();
    let compare = |ids| fresh.store.compare_day(&own(), (at(100), at(300)), &listed(ids)).unwrap();
    assert_eq!(compare(&["txn_1", "txn_2"]), DayDifference::default());
    assert_eq!(compare(&["txn_1", "txn_2", "txn_3"]), DayDifference::default(), "made at another time");
    let differs = compare(&["txn_1", "txn_4"]);
    assert_eq!((differs.missing, differs.extra), (vec!["txn_4".to_owned()], vec!["txn_2".to_owned()]));
    let others = fresh.store.compare_day(&facts::AccountId::parse("acct_other").unwrap(), (at(0), at(999)), &listed(&["txn_1"]));
    assert_eq!(others.unwrap().missing, ["txn_1"], "of another account");
}

#[test]
fn only_what_was_read_to_its_end_is_checked_from_where_the_account_begins() {
    let mut fresh = fresh();
    assert_eq!(fresh.store.txns_known(&own()).unwrap(), None);
    put(&mut fresh.store, &list(ObjectKind::Account, vec![account().into()]));
    fresh.store.begin_at(&own(), at(50)).unwrap();
    let mut page = list(ObjectKind::Txn, vec![txn("txn_1", 100).into()]);
    page.walk = Some(Walk { complete: false, ..ended() });
    put(&mut fresh.store, &page);
    assert_eq!(fresh.store.txns_known(&own()).unwrap(), None);
    page.walk = Some(ended());
    put(&mut fresh.store, &page);
    assert_eq!(fresh.store.txns_known(&own()).unwrap(), Some(TxnsKnown { from: at(50), until: at(900) }));
    assert_eq!(with_txns().store.txns_known(&own()).unwrap(), Some(TxnsKnown { from: at(100), until: at(900) }));
}

#[test]
fn a_day_that_lacked_a_txn_puts_all_history_in_doubt_and_any_other_leaves_it_whole() {
    let mut fresh = with_txns();
    let first = fresh.store.begin_run("sync", at(1)).unwrap();
    assert_eq!((fresh.store.day_check(&own()).unwrap(), fresh.store.day_checks().unwrap()), (None, vec![]));
    let whole = |fresh: &Fresh| fresh.store.known(&own()).unwrap()[0].whole;
    for found in [None, Some(DayFound { listed: 2, missing: 0, extra: 1 })] {
        fresh.store.note_day_check(&own(), &check(found)).unwrap();
        let kept = DayCheck { run: Some(first), ..check(found) };
        assert_eq!(fresh.store.day_checks().unwrap(), [(own(), kept)]);
        assert!(whole(&fresh));
    }
    let lacked = Some(DayFound { listed: 3, missing: 1, extra: 0 });
    fresh.store.note_day_check(&own(), &check(lacked)).unwrap();
    assert_eq!(fresh.store.day_check(&own()).unwrap().unwrap().found, lacked);
    let known = fresh.store.known(&own()).unwrap();
    assert_eq!((known[0].whole, &known[0].gaps), (false, &vec![Gap { from: None, until: None }]));
    assert_eq!(known[0].ranges, Vec::<RangeRead>::new());
    assert_eq!(fresh.store.unfinished(10).unwrap(), [(own(), ObjectKind::Txn)]);
    let mut page = list(ObjectKind::Txn, vec![txn("txn_1", 100).into()]);
    page.walk = Some(ended());
    put(&mut fresh.store, &page);
    assert!(whole(&fresh), "all of it was read again");
}
