//! What pages and commands show.

use std::sync::Arc;

use facts::{
    Bucket, DepositState, Dispute, DisputeId, MatchState, ObjectKind, Payout, PayoutId, Refund, RefundId, SourceRef, Txn,
    TxnStatus,
};
use money::{Amount, Currency};
use store::{BankLineFilter, ExceptionFilter, MatchFilter, NoPoints, PayoutFilter, RunState, Store, StoreError, TxnFilter};

use super::world::*;

fn arriving(id: &str, on: i8, minor: i64) -> Payout {
    Payout { arrives_on: day(on), ..payout(id, minor) }
}

/// Three payouts, the first two judged; two bank lines, the first matched.
fn shop() -> Fresh {
    let mut fresh = fresh();
    let mut named = arriving("po_b", 4, 300);
    named.statement_descriptor = Some("MY_SHOP 100%".to_owned());
    let payouts = vec![arriving("po_a", 4, 50).into(), named.into(), arriving("po_c", 6, -20).into()];
    put(&mut fresh.store, &list(ObjectKind::Account, vec![account().into()]));
    put(&mut fresh.store, &list(ObjectKind::Payout, payouts));
    import(&mut fresh.store, b"a", &[line("bl_1", 4, 300), line("bl_2", 5, 9)], 1, 31).unwrap();
    let mut write = outcome(100);
    let mut missing = verdict("po_a", Vec::new());
    (missing.bucket, missing.deposit.state) = (Bucket::Exceptions, DepositState::Missing);
    write.verdicts = vec![missing, verdict("po_b", vec![allocation("bl_1", 300)])];
    write.matches = vec![match_of("m_1", "po_b", "bl_1")];
    write.exceptions_open = vec![exception("x_1", "po_a")];
    let revision = fresh.store.revision().unwrap();
    fresh.store.apply(&write, revision).unwrap();
    fresh
}

fn ids(fresh: &Fresh, filter: &PayoutFilter) -> Vec<String> {
    fresh.store.payouts(filter).unwrap().iter().map(|row| row.payout.id.to_string()).collect()
}

#[test]
fn payouts_come_latest_arrival_first_and_page_after_page_without_gap_or_repeat() {
    let fresh = shop();
    assert_eq!(ids(&fresh, &PayoutFilter::default()), ["po_c", "po_b", "po_a"]);
    let mut filter = PayoutFilter { limit: Some(1), ..PayoutFilter::default() };
    let mut seen = Vec::new();
    while let Some(row) = fresh.store.payouts(&filter).unwrap().pop() {
        filter.after = Some((row.payout.arrives_on, row.payout.id.clone()));
        seen.push(row.payout.id.to_string());
    }
    assert_eq!(seen, ["po_c", "po_b", "po_a"]);
}

#[test]
fn payouts_are_narrowed_by_what_they_are_and_what_was_concluded() {
    let fresh = shop();
    let all = PayoutFilter::default;
    assert_eq!(ids(&fresh, &PayoutFilter { bucket: Some(Bucket::Matched), ..all() }), ["po_b"]);
    assert_eq!(ids(&fresh, &PayoutFilter { deposit: Some(DepositState::Missing), ..all() }), ["po_a"]);
    assert_eq!(ids(&fresh, &PayoutFilter { from_on: Some(day(5)), ..all() }), ["po_c"]);
    assert_eq!(ids(&fresh, &PayoutFilter { to_on: Some(day(4)), ..all() }), ["po_b", "po_a"]);
    assert_eq!(ids(&fresh, &PayoutFilter { currency: Some(Currency::EUR), ..all() }), [""; 0]);
    assert_eq!(ids(&fresh, &PayoutFilter { status: Some("paid".to_owned()), limit: Some(2), ..all() }), ["po_c", "po_b"]);
}

#[test]
fn totals_of_payouts_are_the_sums_of_the_same_list_without_its_limit() {
    let fresh = shop();
    for filter in [
        PayoutFilter::default(),
        PayoutFilter { limit: Some(1), ..PayoutFilter::default() },
        PayoutFilter { bucket: Some(Bucket::Matched), ..PayoutFilter::default() },
        PayoutFilter { after: Some((day(5), PayoutId::parse("po_c").unwrap())), ..PayoutFilter::default() },
        PayoutFilter { currency: Some(Currency::EUR), ..PayoutFilter::default() },
    ] {
        let listed = fresh.store.payouts(&PayoutFilter { limit: None, ..filter.clone() }).unwrap();
        let totals = fresh.store.payout_totals(&filter).unwrap();
        let sums = totals.iter().fold((0, 0), |sum, total| (sum.0 + total.count, sum.1 + total.amount_minor));
        let amounts: i64 = listed.iter().map(|row| row.payout.amount.minor()).sum();
        assert_eq!(sums, (listed.len() as u64, amounts), "{filter:?}");
    }
}

#[test]
fn a_payout_without_a_verdict_is_found_where_every_output_puts_it() {
    let fresh = shop();
    let rows = fresh.store.payouts(&PayoutFilter::default()).unwrap();
    let unjudged: Vec<String> = rows.iter().filter(|row| row.verdict.is_none()).map(|row| row.payout.id.to_string()).collect();
    assert!(!unjudged.is_empty(), "the shop has no payout without a verdict");
    let in_transit = ids(&fresh, &PayoutFilter { bucket: Some(Bucket::InTransit), ..PayoutFilter::default() });
    let awaiting = ids(&fresh, &PayoutFilter { deposit: Some(DepositState::Awaiting), ..PayoutFilter::default() });
    assert!(unjudged.iter().all(|id| in_transit.contains(id) && awaiting.contains(id)), "{in_transit:?} {awaiting:?}");
}

#[test]
fn reads_at_one_instant_do_not_see_what_is_written_meanwhile() {
    let fresh = shop();
    let mut writer = Store::open(fresh.place.location(), Arc::new(NoPoints)).unwrap();
    let seen: Result<(usize, usize), StoreError> = fresh.store.at_one_instant(|store| {
        let before = store.runs(100)?.len();
        writer.begin_run("sync", at(0))?;
        Ok((before, store.runs(100)?.len()))
    });
    let (before, after) = seen.unwrap();
    assert_eq!(before, after);
    assert_eq!(fresh.store.runs(100).unwrap().len(), before + 1);
}

#[test]
fn a_search_takes_wildcards_literally_and_ignores_case() {
    let fresh = shop();
    let search = |text: &str| ids(&fresh, &PayoutFilter { search: Some(text.to_owned()), ..PayoutFilter::default() });
    assert_eq!(search("my_shop 100%"), ["po_b"]);
    assert_eq!(search("PO_A"), ["po_a"]);
    assert_eq!(search("myxshop"), [""; 0]);
    assert_eq!(search("' OR 1=1 --"), [""; 0]);
    assert_eq!(search("").len(), 3);
}

#[test]
fn a_payout_brings_its_verdict_and_its_bank_lines() {
    let fresh = shop();
    let row = fresh.store.payout("po_b").unwrap().unwrap();
    assert_eq!(row.verdict, Some(verdict("po_b", vec![allocation("bl_1", 300)])));
    assert_eq!(row.bank_lines, [line("bl_1", 4, 300)]);
    assert_eq!(fresh.store.payout("po_c").unwrap().unwrap().verdict, None);
    assert_eq!(fresh.store.payout("po_x").unwrap(), None);
}

#[test]
fn bank_lines_bring_their_matches_and_are_narrowed_by_having_one() {
    let fresh = shop();
    let row = fresh.store.bank_line("bl_1").unwrap().unwrap();
    assert_eq!(row.matches, [match_of("m_1", "po_b", "bl_1")]);
    let of = |matched| {
        let rows = fresh.store.bank_lines(&BankLineFilter { matched, ..BankLineFilter::default() }).unwrap();
        rows.iter().map(|row| row.line.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(
        (of(None), of(Some(true)), of(Some(false))),
        (vec!["bl_2".to_owned(), "bl_1".to_owned()], vec!["bl_1".to_owned()], vec!["bl_2".to_owned()])
    );
}

#[test]
fn matches_and_exceptions_are_found_by_what_they_are_about() {
    let fresh = shop();
    let matches = |kind, id| {
        let filter = MatchFilter { member: Some(subject(kind, id)), ..MatchFilter::default() };
        fresh.store.matches(&filter).unwrap().len()
    };
    assert_eq!((matches("payout", "po_b"), matches("bank_line", "bl_1"), matches("bank_line", "po_b")), (1, 1, 0));
    let rejected = MatchFilter { state: Some(MatchState::Rejected), ..MatchFilter::default() };
    assert!(fresh.store.matches(&rejected).unwrap().is_empty());
    assert_eq!(fresh.store.match_("m_1").unwrap().unwrap(), match_of("m_1", "po_b", "bl_1"));
    let exceptions = |id| {
        let filter = ExceptionFilter { subject: Some(subject("payout", id)), ..ExceptionFilter::default() };
        fresh.store.exceptions(&filter).unwrap().len()
    };
    assert_eq!((exceptions("po_a"), exceptions("po_b")), (1, 0));
}

#[test]
fn the_parts_of_the_status_sum_to_its_totals() {
    let mut fresh = shop();
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![txn("txn_1", 100).into()]));
    fresh.store.put_balance(&balance_write(&own(), b"{}", 100)).unwrap();
    fresh.store.mark_synced(&own(), at(9)).unwrap();
    let status = fresh.store.account_status().unwrap();
    assert_eq!(status.len(), 1);
    let status = &status[0];
    assert_eq!((status.synced_at, status.exceptions_open), (Some(at(9)), 1));
    assert_eq!((status.balance.stripe_minor, status.balance.computed_minor), (Some(105), 100));
    let b = status.buckets;
    assert_eq!((b.matched_minor, b.exceptions_minor, b.unjudged_minor, b.total_minor), (300, 50, -20, 330));
    let c = status.payouts;
    assert_eq!((c.total, c.matched, c.missing, c.unjudged), (3, 1, 1, 1));
}

#[test]
fn an_account_without_anything_stands_in_its_default_currency() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Account, vec![account().into()]));
    let status = fresh.store.account_status().unwrap();
    assert_eq!((status.len(), status[0].currency, status[0].payouts.total), (1, Currency::USD, 0));
}

#[test]
fn what_was_charged_is_shown_where_something_was_converted_signed_as_the_txn() {
    let mut fresh = fresh();
    let euro = |minor| Amount::new(minor, Currency::EUR);
    let from = |id: &str, net: i64, source: &str, converted: bool| {
        let mut txn = txn(id, net);
        txn.amount = usd(net);
        txn.fee_minor = 0;
        txn.source = Some(SourceRef { id: source.to_owned(), object: None });
        txn.exchange_rate = converted.then(|| "1.0872".to_owned());
        Object::from(txn)
    };
    let refund = Refund {
        id: RefundId::parse("re_1").unwrap(),
        account: own(),
        amount: euro(400),
        charge: None,
        reason: None,
        status: Some("succeeded".to_owned()),
        created_at: at(2),
        txn: None,
        failure_txn: None,
        metadata: Vec::new(),
    };
    let dispute = Dispute {
        id: DisputeId::parse("dp_1").unwrap(),
        account: own(),
        amount: euro(900),
        charge: facts::ChargeId::parse("ch_1").unwrap(),
        reason: "fraudulent".to_owned(),
        status: "lost".to_owned(),
        created_at: at(3),
        txns: Vec::new(),
    };
    put(&mut fresh.store, &list(ObjectKind::Charge, vec![charge("ch_1", euro(1_000)).into(), charge("ch_2", usd(5)).into()]));
    put(&mut fresh.store, &list(ObjectKind::Refund, vec![refund.into()]));
    put(&mut fresh.store, &list(ObjectKind::Dispute, vec![dispute.into()]));
    let txns = vec![
        from("txn_charge", 1_087, "ch_1", true),
        from("txn_refund", -435, "re_1", true),
        from("txn_dispute", -978, "dp_1", true),
        from("txn_won", 978, "dp_1", true),
        from("txn_plain", 5, "ch_2", false),
        from("txn_unknown", 5, "xx_1", true),
    ];
    put(&mut fresh.store, &list(ObjectKind::Txn, txns));
    let charged = |id: &str| fresh.store.txn(id).unwrap().unwrap().source_amount;
    assert_eq!(charged("txn_charge"), Some(euro(1_000)));
    assert_eq!(charged("txn_refund"), Some(euro(-400)));
    assert_eq!(charged("txn_dispute"), Some(euro(-900)));
    assert_eq!(charged("txn_won"), Some(euro(900)));
    assert_eq!((charged("txn_plain"), charged("txn_unknown")), (None, None));
}

#[test]
fn txns_stream_newest_first_and_stop_when_told() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 300).into()]));
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![txn("txn_1", 10).into(), txn("txn_2", 30).into()]));
    put(&mut fresh.store, &members("po_1", vec![txn("txn_3", 20).into()], true));
    let ids = |filter: &TxnFilter| all_txns(&fresh.store, filter).iter().map(|row| row.txn.id.to_string()).collect::<Vec<_>>();
    let all = TxnFilter::default;
    assert_eq!(ids(&all()), ["txn_2", "txn_3", "txn_1"]);
    assert_eq!(ids(&TxnFilter { unassigned: true, ..all() }), ["txn_2", "txn_1"]);
    let of_payout = Some(facts::PayoutId::parse("po_1").unwrap());
    assert_eq!(ids(&TxnFilter { payout: of_payout, ..all() }), ["txn_3"]);
    assert_eq!(ids(&TxnFilter { search: Some("PO_1".to_owned()), ..all() }), ["txn_3"]);
    assert_eq!(ids(&TxnFilter { from_at: Some(at(20)), before_at: Some(at(30)), ..all() }), ["txn_3"]);
    assert_eq!(ids(&TxnFilter { after: Some((at(30), facts::TxnId::parse("txn_2").unwrap())), ..all() }), ["txn_3", "txn_1"]);
    let mut seen = 0;
    fresh
        .store
        .txns(&all(), &mut |_| {
            seen += 1;
            std::ops::ControlFlow::Break(())
        })
        .unwrap();
    assert_eq!(seen, 1);
    let of_payout = fresh.store.payout_txns(&own(), &facts::PayoutId::parse("po_1").unwrap()).unwrap();
    let unassigned = fresh.store.unassigned_txns(&own(), Currency::USD).unwrap();
    assert_eq!((of_payout.len(), unassigned[0].txn.id.as_str(), unassigned.len()), (1, "txn_1", 2));
}

#[test]
fn unsettled_are_available_txns_of_the_payments_balance_that_no_payout_took() {
    let mut fresh = fresh();
    let pending = Txn { status: TxnStatus::Pending, ..txn("txn_pending", 40) };
    let reserved = Txn { balance_type: "risk_reserved".to_owned(), ..txn("txn_reserved", 50) };
    let later = Txn { available_on: day(9), ..txn("txn_later", 60) };
    let taken = Txn { kind: "payout".to_owned(), ..txn("txn_payout", 5) };
    let free =
        vec![taken.into(), txn("txn_2", 30).into(), txn("txn_1", 10).into(), pending.into(), reserved.into(), later.into()];
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 300).into()]));
    put(&mut fresh.store, &list(ObjectKind::Txn, free));
    put(&mut fresh.store, &members("po_1", vec![txn("txn_3", 20).into()], true));
    let ids = |currency, after: Option<i64>, until, limit| {
        let rows = fresh.store.unsettled_txns(&own(), currency, after.map(at), day(until), &["payout"], limit).unwrap();
        rows.iter().map(|row| row.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids(Currency::USD, None, 3, 10), ["txn_1", "txn_2"]);
    assert_eq!(ids(Currency::USD, None, 9, 10), ["txn_1", "txn_2", "txn_later"]);
    assert_eq!(
        (ids(Currency::USD, Some(10), 3, 10), ids(Currency::USD, None, 3, 1)),
        (vec!["txn_2".into()], vec!["txn_1".into()])
    );
    assert!(ids(Currency::parse("eur").unwrap(), None, 9, 10).is_empty() && ids(Currency::USD, None, 2, 10).is_empty());
}

#[test]
fn types_that_are_not_understood_are_told_with_their_sums() {
    let mut fresh = fresh();
    assert_eq!(fresh.store.unknown_types(None).unwrap(), []);
    let odd = |id: &str, kind: &str, net| Txn { kind: kind.to_owned(), ..txn(id, net) };
    let txns = [odd("txn_b", "lunar_levy", 20), odd("txn_a", "lunar_levy", -50), odd("txn_c", "charge", 1), odd("txn_d", "", 7)];
    put(&mut fresh.store, &list(ObjectKind::Txn, txns.map(Into::into).to_vec()));
    let found = fresh.store.unknown_types(None).unwrap();
    let told: Vec<_> =
        found.iter().map(|one| (one.kind.as_str(), one.txn_count, one.sum_net_minor, one.first.as_str())).collect();
    assert_eq!(told, [("", 1, 7, "txn_d"), ("lunar_levy", 2, -30, "txn_a")]);
}

#[test]
fn runs_are_listed_newest_first_with_how_they_ended() {
    let mut fresh = fresh();
    let first = fresh.store.begin_run("sync", at(1)).unwrap();
    let second = fresh.store.begin_run("reconcile", at(2)).unwrap();
    fresh.store.end_run(first, at(3), RunState::Incomplete, r#"{"synced":1}"#).unwrap();
    let runs = fresh.store.runs(10).unwrap();
    assert_eq!((runs[0].id, runs[0].state, runs[0].ended_at), (second, RunState::Running, None));
    assert_eq!(
        (runs[1].state, runs[1].ended_at, runs[1].summary.as_str()),
        (RunState::Incomplete, Some(at(3)), r#"{"synced":1}"#)
    );
    assert_eq!(fresh.store.runs(1).unwrap().len(), 1);
    assert!(matches!(fresh.store.end_run(store::RunId(9), at(3), RunState::Done, "{}"), Err(StoreError::Absent { .. })));
}
