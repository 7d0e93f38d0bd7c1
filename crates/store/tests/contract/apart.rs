//! Whether what is known adds up.

use facts::{ObjectKind, SourceRef};
use store::{BalanceWrite, Begun, Walk};

use super::world::*;

fn put_balance(store: &mut store::Store, minor: i64, steady: bool) {
    let balances = vec![facts::Balance { account: own(), available: usd(minor), pending: usd(0) }];
    let (account, raw) = (own(), minor.to_string().into_bytes());
    let hash = [u8::try_from(minor.rem_euclid(200)).unwrap(); 32];
    store.put_balance(&BalanceWrite { account: &account, balances, raw: &raw, hash, read_at: at(9), steady }).unwrap();
}

#[test]
fn a_balance_is_apart_until_its_txns_add_up_to_it_and_what_was_noted_is_forgotten_then() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![txn("txn_1", 100).into(), txn("txn_2", 70).into()]));
    put_balance(&mut fresh.store, 200, false);
    assert_eq!(fresh.store.balances_apart(&own()).unwrap(), [], "one that moved while it was read cannot be compared");
    put_balance(&mut fresh.store, 200, true);
    for readings in 0..2 {
        let apart = fresh.store.balances_apart(&own()).unwrap();
        assert_eq!((apart[0].minor(), apart[0].before.map_or(0, |before| before.readings)), (-30, readings));
        fresh.store.note_apart(&own(), &apart, at(10)).unwrap();
    }
    put_balance(&mut fresh.store, 190, true);
    let moved = fresh.store.balances_apart(&own()).unwrap();
    fresh.store.note_apart(&own(), &moved, at(11)).unwrap();
    assert_eq!(fresh.store.balances_apart(&own()).unwrap()[0].before.unwrap().readings, 1, "another difference counts anew");
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![txn("txn_3", 20).into()]));
    assert_eq!(fresh.store.balances_apart(&own()).unwrap(), []);
    put_balance(&mut fresh.store, 191, true);
    assert_eq!(fresh.store.balances_apart(&own()).unwrap()[0].before, None);
}

#[test]
fn what_txns_name_and_nobody_brought_is_told_by_kind() {
    let mut fresh = fresh();
    let from = |id: &str, source: &str| {
        let mut txn = txn(id, 1);
        txn.source = Some(SourceRef { id: source.to_owned(), object: None });
        txn.into()
    };
    let txns =
        vec![from("txn_1", "ch_1"), from("txn_2", "py_2"), from("txn_3", "po_1"), from("txn_4", "cho_1"), from("txn_5", "CH_9")];
    put(&mut fresh.store, &list(ObjectKind::Txn, txns));
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 100).into()]));
    let missing = |limit| fresh.store.missing_sources(&own(), None, limit).unwrap();
    let charge = |id: &str| (ObjectKind::Charge, id.to_owned());
    assert_eq!(missing(9), [charge("ch_1"), charge("py_2")]);
    assert_eq!(missing(1), [charge("ch_1")]);
    assert_eq!(fresh.store.missing_sources(&own(), Some(jiff::Timestamp::MAX), 9).unwrap(), []);
}

#[test]
fn an_account_begins_once_and_sooner_only_by_being_read_again() {
    let mut fresh = fresh();
    assert!(fresh.store.begin_at(&own(), at(50)).is_err(), "an account that is not here");
    put(&mut fresh.store, &list(ObjectKind::Account, vec![account().into()]));
    assert_eq!(fresh.store.begin_at(&own(), at(50)).unwrap(), Begun::Now);
    assert_eq!(fresh.store.sync_window(&own()).unwrap().begins_at, Some(at(50)));
    assert!(!fresh.store.open_balances(&own()).unwrap(), "no balance was read");

    let made = |id: &str, net: i64, seconds: i64| {
        let mut txn = txn(id, net);
        txn.created_at = at(seconds);
        txn
    };
    let mut page = list(ObjectKind::Txn, vec![made("txn_1", 100, 60).into()]);
    let (started_at, complete_until) = (at(60), Some(at(60)));
    page.walk = Some(Walk { started_at, since: None, after: None, complete: true, complete_until, stretches: Vec::new() });
    put(&mut fresh.store, &page);
    put_balance(&mut fresh.store, 175, true);
    assert!(fresh.store.open_balances(&own()).unwrap());
    assert!(!fresh.store.open_balances(&own()).unwrap(), "once");
    assert_eq!(fresh.store.opening_balances(&own()).unwrap(), [(money::Currency::USD, 75)]);
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![made("txn_0", 30, 40).into()]));
    assert_eq!(fresh.store.balances_apart(&own()).unwrap(), [], "what is here from before then stands in the opening balance");
    assert_eq!(fresh.store.deposit_snapshot().unwrap().balances[0].computed_minor, 175);
    assert_eq!(fresh.place.ask("SELECT computed_minor FROM bi_balance"), "175");

    assert_eq!(fresh.store.begin_at(&own(), at(55)).unwrap(), Begun::Already(Some(at(50))));
    assert_eq!(fresh.store.begin_at(&own(), at(20)).unwrap(), Begun::Sooner);
    assert_eq!(fresh.store.walk(&own(), ObjectKind::Txn).unwrap(), None, "everything since then is read again");
    assert_eq!(fresh.store.opening_balances(&own()).unwrap(), []);
}
