//! Money between a platform and a connected account: what lacks its other side, or contradicts it, and nothing else.

use facts::legs::{LegKind, OpenLeg};
use facts::{AccountId, Cell, Charge, Fact, Object, ObjectKind, Refund, RefundId, Txn, TxnId, Value};
use money::{Amount, Currency};
use store::{Changed, Owed, Store, Walk};

use super::world::{self, *};

const HOUR: i64 = 3_600;

fn platform() -> AccountId {
    AccountId::parse("acct_platform").unwrap()
}

/// Puts an object of the platform that was made in the third hour.
fn put_own(store: &mut Store, kind: ObjectKind, id: &str, texts: &[(&'static str, &str)], minor: i64) {
    let text = |(column, value): &(&'static str, &str)| Cell { column, value: Value::Text((*value).to_owned()) };
    let amounts = [Cell { column: "amount_minor", value: Value::Number(minor) }];
    let cells = texts.iter().map(text).chain(amounts).collect();
    let created_at = Some(at(3 * HOUR));
    let object = Object { kind, id: id.to_owned(), account: platform(), created_at, cells, deleted: false, parts: None };
    let raw = format!("{object:?}").into_bytes();
    put(store, &list(kind, vec![world::Object { id: id.to_owned(), raw, fact: Fact::Object(object) }]));
}

fn transfer(store: &mut Store, id: &str, payment: &str, minor: i64) {
    let account = own();
    let columns = [("currency", "usd"), ("destination", account.as_str()), ("destination_charge", payment)];
    put_own(store, ObjectKind::Transfer, id, &columns, minor);
}

fn fee(store: &mut Store, id: &str, charge: &str, minor: i64) {
    let account = own();
    let columns = [("currency", "usd"), ("paid_by", account.as_str()), ("charge", charge)];
    put_own(store, ObjectKind::ApplicationFee, id, &columns, minor);
}

/// A connected account whose charges and refunds were walked through.
fn walked(store: &mut Store) {
    put(store, &list(ObjectKind::Account, vec![account().into()]));
    for kind in [ObjectKind::Charge, ObjectKind::Refund] {
        let walk = Walk {
            started_at: at(1),
            since: None,
            after: None,
            complete: true,
            complete_until: Some(at(1)),
            stretches: Vec::new(),
        };
        put(store, &Page { walk: Some(walk), ..list(kind, Vec::new()) });
    }
}

/// A charge of the connected account whose txn bears these fees.
fn charged(store: &mut Store, id: &str, amount: Amount, fee_minor: i64) {
    let txn_id = format!("txn_{id}");
    let net_minor = amount.minor() - fee_minor;
    put(store, &list(ObjectKind::Txn, vec![Txn { amount, fee_minor, ..txn(&txn_id, net_minor) }.into()]));
    let txn = Some(TxnId::parse(&txn_id).unwrap());
    put(store, &list(ObjectKind::Charge, vec![Charge { txn, ..charge(id, amount) }.into()]));
}

fn open(store: &Store) -> Vec<(LegKind, String, Option<i64>)> {
    store.open_legs(9).unwrap().into_iter().map(|leg| (leg.kind, leg.id, leg.other_minor)).collect()
}

#[test]
fn a_transfer_without_its_payment_is_open_once_the_account_was_read_after_it() {
    let Fresh { mut store, place: _place } = fresh();
    walked(&mut store);
    let revision = store.revision().unwrap();
    transfer(&mut store, "tr_1", "py_1", 500);
    assert!(store.revision().unwrap() > revision, "a reconciliation that did not see it is out of date");
    assert_eq!(open(&store), [], "the account was never read to the end");
    store.mark_synced(&own(), at(3 * HOUR + 60)).unwrap();
    assert_eq!(open(&store), [], "it may not have been visible yet");
    store.mark_synced(&own(), at(5 * HOUR)).unwrap();
    let leg = OpenLeg {
        kind: LegKind::Transfer,
        platform: platform(),
        id: "tr_1".to_owned(),
        created_at: at(3 * HOUR),
        amount: usd(500),
        connected: own(),
        other: "py_1".to_owned(),
        other_minor: None,
    };
    assert_eq!(store.open_legs(9).unwrap(), [leg]);
    charged(&mut store, "py_1", usd(500), 0);
    assert_eq!(open(&store), []);
}

#[test]
fn a_transfer_that_stripe_no_longer_has_is_open_no_more_and_a_reconciliation_that_saw_it_is_out_of_date() {
    let Fresh { mut store, place: _place } = fresh();
    walked(&mut store);
    transfer(&mut store, "tr_1", "py_1", 500);
    store.mark_synced(&own(), at(5 * HOUR)).unwrap();
    assert_eq!(open(&store).len(), 1);
    let gone = Changed { kind: ObjectKind::Transfer, object_id: "tr_1".to_owned(), events: Vec::new(), created_at: None };
    let revision = store.revision().unwrap();
    store.settle_changed(&platform(), &[(gone.clone(), false)]).unwrap();
    assert_eq!(store.revision().unwrap(), revision, "it was read again, and is as it was");
    store.settle_changed(&platform(), &[(gone.clone(), true)]).unwrap();
    assert!(store.revision().unwrap() > revision && open(&store).is_empty());
    let revision = store.revision().unwrap();
    store.settle_changed(&platform(), &[(gone, true)]).unwrap();
    assert_eq!(store.revision().unwrap(), revision, "that is no news");
}

#[test]
fn amounts_are_compared_in_one_currency_and_what_was_converted_is_not() {
    let Fresh { mut store, place: _place } = fresh();
    walked(&mut store);
    transfer(&mut store, "tr_less", "py_less", 500);
    charged(&mut store, "py_less", usd(480), 0);
    transfer(&mut store, "tr_converted", "py_converted", 500);
    charged(&mut store, "py_converted", Amount::new(460, Currency::EUR), 0);
    assert_eq!(open(&store), [(LegKind::Transfer, "tr_less".to_owned(), Some(480))]);
}

#[test]
fn a_reversal_is_held_against_the_refund_that_it_is_at_the_connected_account() {
    let Fresh { mut store, place: _place } = fresh();
    walked(&mut store);
    store.mark_synced(&own(), at(5 * HOUR)).unwrap();
    transfer(&mut store, "tr_1", "py_1", 500);
    charged(&mut store, "py_1", usd(500), 0);
    for (id, refund) in [("trr_1", "pyr_1"), ("trr_2", "pyr_2"), ("trr_3", "pyr_3")] {
        let columns = [("currency", "usd"), ("transfer", "tr_1"), ("destination_refund", refund)];
        put_own(&mut store, ObjectKind::TransferReversal, id, &columns, 100);
    }
    let refund = |id: &str, minor: i64| Refund {
        id: RefundId::parse(id).unwrap(),
        account: own(),
        amount: usd(minor),
        charge: None,
        reason: None,
        status: Some("succeeded".to_owned()),
        created_at: at(3 * HOUR),
        txn: None,
        failure_txn: None,
        metadata: Vec::new(),
    };
    put(&mut store, &list(ObjectKind::Refund, vec![refund("pyr_1", 100).into(), refund("pyr_2", 70).into()]));
    let reversal = |id: &str, other| (LegKind::TransferReversal, id.to_owned(), other);
    assert_eq!(open(&store), [reversal("trr_2", Some(70)), reversal("trr_3", None)]);
}

#[test]
fn an_application_fee_is_within_the_fees_of_its_charge() {
    let Fresh { mut store, place: _place } = fresh();
    walked(&mut store);
    store.mark_synced(&own(), at(5 * HOUR)).unwrap();
    charged(&mut store, "ch_1", usd(1_000), 80);
    fee(&mut store, "fee_1", "ch_1", 50);
    charged(&mut store, "ch_2", usd(1_000), 30);
    fee(&mut store, "fee_2", "ch_2", 50);
    fee(&mut store, "fee_3", "ch_none", 50);
    let open_fee = |id: &str, other| (LegKind::ApplicationFee, id.to_owned(), other);
    assert_eq!(open(&store), [open_fee("fee_2", Some(30)), open_fee("fee_3", None)]);
    assert_eq!(store.open_legs(1).unwrap().len(), 1);
}

#[test]
fn what_was_made_before_the_account_begins_here_need_not_be_here() {
    let Fresh { mut store, place: _place } = fresh();
    put(&mut store, &list(ObjectKind::Account, vec![account().into()]));
    store.begin_at(&own(), at(4 * HOUR)).unwrap();
    walked(&mut store);
    store.mark_synced(&own(), at(9 * HOUR)).unwrap();
    transfer(&mut store, "tr_1", "py_1", 500);
    assert_eq!(open(&store), []);
}

#[test]
fn what_a_platform_passed_on_and_took_is_summed_for_each_currency_beside_the_balance() {
    let Fresh { mut store, place } = fresh();
    assert_eq!(store.owed(&own()).unwrap(), []);
    put(&mut store, &list(ObjectKind::Account, vec![account().into()]));
    transfer(&mut store, "tr_1", "py_1", 500);
    transfer(&mut store, "tr_2", "py_2", 250);
    fee(&mut store, "fee_1", "ch_1", 40);
    let owed = Owed {
        currency: Currency::USD,
        transferred_minor: 750,
        reversed_minor: 0,
        fees_minor: 40,
        fees_refunded_minor: 0,
        balance_minor: None,
    };
    assert_eq!(store.owed(&own()).unwrap(), [owed]);
    store.put_balance(&balance_write(&own(), b"{}", 90)).unwrap();
    let balance_minor = store.owed(&own()).unwrap()[0].balance_minor;
    assert_eq!(balance_minor, Some(95), "available and pending");
    let sql = "SELECT transferred_minor, reversed_minor, fees_minor, passed_on_minor, balance_minor FROM bi_connected";
    assert_eq!(place.ask(sql), "750|0|40|710|95", "the view says the same");
}
