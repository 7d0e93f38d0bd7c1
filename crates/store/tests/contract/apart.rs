//! Whether what is known adds up.

use facts::{ObjectKind, SourceRef};
use store::BalanceWrite;

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
