//! Rows that are written together are worth the same as rows that are written one after the other.

use facts::{Cell, Fact, ObjectKind, Parts, PayoutStatus, Value};
use proptest::prelude::*;
use store::{PageOutcome, StoreError, Walk};

use super::world::*;

fn outcome(inserted: u64, updated: u64, unchanged: u64) -> PageOutcome {
    PageOutcome { inserted, updated, unchanged }
}

/// An object of a kind that is read by declaration.
fn declared(kind: ObjectKind, id: &str, cells: Vec<(&'static str, Value)>, parts: Option<Parts>) -> Object {
    let cells = cells.into_iter().map(|(column, value)| Cell { column, value }).collect();
    let object = facts::Object { kind, id: id.to_owned(), account: own(), created_at: Some(at(0)), cells, deleted: false, parts };
    Object { id: id.to_owned(), raw: format!("{object:?}").into_bytes(), fact: Fact::Object(object) }
}

fn coupon(id: &str, valid: i64) -> Object {
    declared(ObjectKind::Coupon, id, vec![("valid", Value::Number(valid))], None)
}

fn deleted(id: &str) -> Object {
    let Fact::Object(object) = coupon(id, 0).fact else { unreachable!("a coupon is read by declaration") };
    let gone = facts::Object { deleted: true, cells: Vec::new(), ..object };
    Object { id: id.to_owned(), raw: format!("{gone:?}").into_bytes(), fact: Fact::Object(gone) }
}

fn line_of(invoice: &str, id: &str) -> Object {
    declared(ObjectKind::InvoiceLine, id, vec![("invoice", Value::Text(invoice.to_owned()))], None)
}

/// An invoice with some of three lines; lines may move between invoices.
fn invoice(id: &str, lines: u8, all: bool) -> Object {
    let ids: Vec<String> = (0..3).filter(|bit| lines & (1 << bit) != 0).map(|bit| format!("il_{bit}")).collect();
    let objects = ids.iter().filter_map(|line| match line_of(id, line).fact {
        Fact::Object(object) => Some(object),
        _ => None,
    });
    let parts =
        Parts { kind: ObjectKind::InvoiceLine, whole: "invoice", objects: objects.collect(), ids: all.then(|| ids.clone()) };
    declared(ObjectKind::Invoice, id, vec![("total_minor", Value::Number(lines.into()))], Some(parts))
}

fn payout_in(id: &str, version: u8) -> Object {
    let mut payout = payout(id, 300);
    payout.status = if version == 0 { PayoutStatus::Paid } else { PayoutStatus::InTransit };
    if version == 2 {
        payout.reconciliation_status = facts::ReconciliationStatus::InProgress;
    }
    payout.into()
}

fn named(version: u8) -> Object {
    let mut account = account();
    account.display_name = Some(format!("Shop {version}"));
    account.into()
}

/// A page of one object: of several kinds, with few ids and few versions, so that most are met again.
fn page() -> impl Strategy<Value = Page> {
    (0_u8..12, 0_u8..3, 0_u8..3).prop_map(|(what, id, version)| {
        let (txn_id, charge_id, coupon_id) = (format!("txn_{id}"), format!("ch_{id}"), format!("c_{id}"));
        let txn = || Object::from(txn(&txn_id, i64::from(version)));
        match what {
            0 | 1 => list(ObjectKind::Txn, vec![txn()]),
            2 | 3 => members(&format!("po_{}", id % 2), vec![txn()], version != 0),
            4 => list(ObjectKind::Txn, vec![refused(ObjectKind::Txn, &txn_id, &format!("bad {version}"))]),
            5 => list(ObjectKind::Payout, vec![payout_in(&format!("po_{}", id % 2), version)]),
            6 => list(ObjectKind::Charge, vec![charge(&charge_id, usd(version.into())).into()]),
            7 => list(ObjectKind::Charge, vec![refused(ObjectKind::Charge, &charge_id, "bad")]),
            8 if version == 2 => list(ObjectKind::Coupon, vec![deleted(&coupon_id)]),
            8 => list(ObjectKind::Coupon, vec![coupon(&coupon_id, version.into())]),
            9 => list(ObjectKind::Account, vec![named(version)]),
            10 => list(ObjectKind::InvoiceLine, vec![line_of(&format!("in_{version}"), &format!("il_{id}"))]),
            _ => list(ObjectKind::Invoice, vec![invoice(&format!("in_{}", id % 2), id + version * 2, version != 1)]),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::database::CASES, ..ProptestConfig::default() })]

    #[test]
    fn pages_in_one_transaction_do_what_they_do_one_by_one(
        pages in prop::collection::vec(page(), 1..60),
        group in 2_usize..20,
    ) {
        let (mut alone, mut together) = (fresh(), fresh());
        for group in pages.chunks(group) {
            let expected: Vec<PageOutcome> = group.iter().map(|page| put(&mut alone.store, page)).collect();
            prop_assert_eq!(put_all(&mut together.store, group).unwrap(), expected);
            prop_assert_eq!(together.store.content_digest().unwrap(), alone.store.content_digest().unwrap());
        }
    }
}

#[test]
fn a_line_that_an_invoice_has_won_is_not_gone_because_its_list_of_before_lacked_it() {
    let pages = [("in_0", 0b100, false), ("in_1", 0b101, true), ("in_1", 0b011, false)]
        .map(|(id, lines, all)| list(ObjectKind::Invoice, vec![invoice(id, lines, all)]));
    let (mut alone, mut together) = (fresh(), fresh());
    for page in &pages {
        put(&mut alone.store, page);
    }
    put_all(&mut together.store, &pages).unwrap();
    assert_eq!(together.store.differing_tables(&alone.store).unwrap(), [""; 0]);
}

#[test]
fn of_an_object_that_a_page_lists_twice_the_last_version_stays() {
    let versions = |nets: &[i64]| list(ObjectKind::Txn, nets.iter().map(|net| txn("txn_1", *net).into()).collect());
    let cases: [(&[i64], PageOutcome); 4] = [
        (&[1, 1], outcome(1, 0, 1)),
        (&[1, 2], outcome(1, 1, 0)),
        (&[1, 2, 1], outcome(1, 2, 0)),
        (&[1, 2, 2, 3], outcome(1, 2, 1)),
    ];
    for (nets, expected) in cases {
        let mut fresh = fresh();
        assert_eq!(put(&mut fresh.store, &versions(nets)), expected, "{nets:?}");
        assert_eq!(fresh.store.txn("txn_1").unwrap().unwrap().txn.net_minor, nets[nets.len() - 1], "{nets:?}");
        for net in nets {
            assert!(fresh.store.raw(&hash(&Object::from(txn("txn_1", *net)).raw)).unwrap().is_some(), "{nets:?}");
        }
    }
}

#[test]
fn a_page_without_objects_is_a_page() {
    let mut fresh = fresh();
    let ended =
        Walk { started_at: at(5), since: None, after: None, complete: true, complete_until: Some(at(5)), stretches: Vec::new() };
    let page = Page { walk: Some(ended.clone()), ..list(ObjectKind::Txn, Vec::new()) };
    assert_eq!(put(&mut fresh.store, &page), outcome(0, 0, 0));
    assert_eq!(fresh.store.walk(&own(), ObjectKind::Txn).unwrap(), Some(ended));
    assert_eq!(put_all(&mut fresh.store, &[]).unwrap(), []);
}

#[test]
fn texts_come_back_as_they_were_however_odd_or_long() {
    let mut fresh = fresh();
    let odd = ["", "NULL", "{a,\"b\"}", "\\x00", "it's $1 and ?1, each.p1", "\u{FEFF}ü\u{10FFFF}\r\n\t", "a\0b"];
    let long = "long, with 'quotes' ".repeat(150_000);
    let texts: Vec<&str> = odd.into_iter().chain([long.as_str()]).collect();
    let objects = texts.iter().enumerate().map(|(at, text)| {
        let mut txn = txn(&format!("txn_{at}"), 100);
        txn.description = Some((*text).to_owned());
        txn.into()
    });
    let page = list(ObjectKind::Txn, objects.chain([txn("txn_none", 100).into()]).collect());
    assert_eq!(put(&mut fresh.store, &page), outcome(9, 0, 0));
    assert_eq!(put(&mut fresh.store, &page), outcome(0, 0, 9));
    let description = |id: &str| fresh.store.txn(id).unwrap().unwrap().txn.description;
    for (at, text) in texts.iter().enumerate() {
        // PostgreSQL's texts cannot hold U+0000; the object's own bytes keep it.
        assert_eq!(description(&format!("txn_{at}")), Some(text.replace('\0', "\u{FFFD}")));
    }
    assert_eq!(description("txn_none"), None);
    for object in &page.objects {
        assert_eq!(fresh.store.raw(&hash(&object.raw)).unwrap().as_ref(), Some(&object.raw));
    }
}

#[test]
fn a_row_that_the_database_refuses_takes_all_of_its_pages_with_it() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![txn("txn_1", 100).into()]));
    let before = fresh.store.content_digest().unwrap();
    let unfit = declared(ObjectKind::Event, "evt_1", vec![("done", Value::None)], None);
    let pages = [
        list(ObjectKind::Txn, (2..400).map(|n| txn(&format!("txn_{n}"), n).into()).collect()),
        list(ObjectKind::Event, vec![unfit]),
        list(ObjectKind::Charge, vec![charge("ch_1", usd(5)).into()]),
    ];
    let refused = put_all(&mut fresh.store, &pages).unwrap_err();
    assert!(matches!(refused, StoreError::Refused { .. }), "{refused:?}");
    assert_eq!(fresh.store.content_digest().unwrap(), before);
    assert_eq!(put_all(&mut fresh.store, &[pages[0].clone(), pages[2].clone()]).unwrap(), [outcome(398, 0, 0), outcome(1, 0, 0)]);
}
