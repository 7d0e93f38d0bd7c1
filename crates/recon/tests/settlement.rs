//! Money that is available and in no payout: when that is late, and when it is not.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::HashMap;

use facts::txn_types::UnknownType;
use facts::{
    AccountId, Exception, ExceptionCode, Payout, PayoutId, PayoutStatus, ReconciliationStatus, SettlementWindow, Txn, TxnId,
    TxnStatus,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, Currency};
use recon::settlement::windows;
use recon::{Members, PayoutItem, PayoutTxns, Rules, Snapshot, Unsettled, conclude};

fn account() -> AccountId {
    AccountId::parse("acct_1").unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A payout that was made in the night to this day.
fn payout(made_on: &str, automatic: bool, complete: bool) -> PayoutItem {
    let (made, own) = (day(made_on), TxnId::parse(&format!("txn_own_{made_on}")).unwrap());
    let payout = Payout {
        id: PayoutId::parse(&format!("po_{made_on}")).unwrap(),
        account: account(),
        amount: Amount::new(5_000, Currency::USD),
        arrives_on: made.tomorrow().unwrap(),
        created_at: made.at(0, 30, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp(),
        status: PayoutStatus::Paid,
        automatic,
        method: "standard".to_owned(),
        reconciliation_status: if automatic { ReconciliationStatus::Completed } else { ReconciliationStatus::NotApplicable },
        own_txn: Some(own),
        failure_txn: None,
        failure_code: None,
        destination: None,
        statement_descriptor: None,
        description: None,
        trace_id: None,
        original_payout: None,
        reversed_by: None,
    };
    PayoutItem { payout, complete, txns: PayoutTxns::Added(Members::default()) }
}

fn txn(id: &str, kind: &str, net_minor: i64, available_on: &str) -> Txn {
    Txn {
        id: TxnId::parse(id).unwrap(),
        account: account(),
        amount: Amount::new(net_minor, Currency::USD),
        fee_minor: 0,
        net_minor,
        kind: kind.to_owned(),
        reporting_category: kind.to_owned(),
        status: TxnStatus::Available,
        balance_type: "payments".to_owned(),
        created_at: jiff::Timestamp::UNIX_EPOCH,
        available_on: day(available_on),
        description: None,
        source: None,
        exchange_rate: None,
    }
}

/// One a weekday from Monday, 6 July.
fn daily() -> Vec<PayoutItem> {
    ["06", "07", "08", "09", "10", "13", "14"].iter().map(|day| payout(&format!("2026-07-{day}"), true, true)).collect()
}

fn window(payouts: &[PayoutItem], today: &str) -> Option<SettlementWindow> {
    windows(payouts, &HashMap::from([(account(), day(today))])).pop()
}

fn raised(window: &SettlementWindow, txns: Vec<Txn>) -> Vec<Exception> {
    let txns = txns.into_iter().filter(|txn| txn.available_on <= window.available_until).collect();
    let unsettled = vec![Unsettled { window: window.clone(), txns }];
    conclude(&Snapshot { unsettled, ..Snapshot::default() }, &Rules::standard(), day("2026-07-31")).exceptions
}

fn subjects(exception: &Exception) -> Vec<&str> {
    exception.subjects.iter().map(|subject| subject.id.as_str()).collect()
}

#[test]
fn what_a_later_payout_passed_over_is_missing_and_what_the_next_may_still_take_is_not() {
    let window = window(&daily(), "2026-07-14").unwrap();
    assert_eq!(window.overtaken_until, Some(day("2026-07-12")));
    let found = raised(&window, vec![txn("txn_late", "charge", 900, "2026-07-08"), txn("txn_new", "charge", 70, "2026-07-14")]);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].code, found[0].amount_minor), (ExceptionCode::SettlementMissing, 900));
    assert_eq!(subjects(&found[0]), ["txn_late"]);
    assert!(found[0].explanation.contains("2026-07-08"), "{}", found[0].explanation);
}

#[test]
fn nothing_is_passed_over_by_a_payout_whose_list_is_not_known_yet() {
    let mut payouts = daily();
    payouts[3] = payout("2026-07-09", true, false);
    assert_eq!(window(&payouts, "2026-07-14").unwrap().overtaken_until, Some(day("2026-07-06")));
    payouts[0] = payout("2026-07-06", true, false);
    assert_eq!(window(&payouts, "2026-07-14"), None);
}

#[test]
fn where_payouts_stop_everything_since_is_missing_once_twice_their_distance_and_a_week_are_over() {
    // The weekend is the longest distance: three days, so that thirteen days later it is time.
    assert_eq!(window(&daily(), "2026-07-26").unwrap().available_until, day("2026-07-12"));
    let stalled = window(&daily(), "2026-07-28").unwrap();
    assert_eq!(stalled.available_until, day("2026-07-15"));
    let found = raised(&stalled, vec![txn("txn_1", "charge", 900, "2026-07-14"), txn("txn_2", "refund", -100, "2026-07-15")]);
    assert_eq!((found[0].amount_minor, subjects(&found[0])), (800, vec!["txn_1", "txn_2"]));
    assert!(found[0].explanation.contains("2026-07-14"), "{}", found[0].explanation);
}

#[test]
fn a_balance_that_is_negative_or_next_to_nothing_waits_for_no_payout() {
    let stalled = window(&daily(), "2026-07-28").unwrap();
    for net_minor in [-5_000, 99] {
        assert_eq!(raised(&stalled, vec![txn("txn_1", "charge", net_minor, "2026-07-14")]), []);
    }
}

#[test]
fn what_a_payout_by_hand_may_have_taken_is_not_asked_for() {
    let mut payouts = daily();
    payouts.push(payout("2026-07-11", false, false));
    let created = payouts.last().unwrap().payout.created_at;
    assert_eq!(window(&payouts, "2026-07-14").unwrap().created_after, Some(created));
    assert_eq!(window(&[payout("2026-07-11", false, false)], "2026-07-31"), None, "nobody pays out by itself");
}

#[test]
fn an_account_that_was_never_completely_read_is_not_judged_nor_one_beyond_the_day_it_is_known_to() {
    assert_eq!(windows(&daily(), &HashMap::new()), []);
    let known = window(&daily(), "2026-07-09").unwrap();
    assert_eq!((known.last_payout_on, known.overtaken_until), (day("2026-07-09"), Some(day("2026-07-07"))));
}

#[test]
fn moves_within_the_balance_and_payouts_own_txns_are_never_late() {
    let window = window(&daily(), "2026-07-14").unwrap();
    let txns = ["payout", "payout_failure", "reserved_funds", "payout_minimum_balance_release"]
        .map(|kind| txn(&format!("txn_{kind}"), kind, -700, "2026-07-08"));
    assert_eq!(raised(&window, txns.to_vec()), []);
}

#[test]
fn a_type_that_is_not_understood_is_raised_once_for_all_its_txns() {
    let unknown = UnknownType {
        account: account(),
        currency: Currency::USD,
        kind: "lunar_levy".to_owned(),
        txn_count: 3,
        sum_net_minor: -450,
        first: TxnId::parse("txn_1").unwrap(),
    };
    let snapshot = Snapshot { unknown_types: vec![unknown], ..Snapshot::default() };
    let found = conclude(&snapshot, &Rules::standard(), day("2026-07-31")).exceptions;
    assert_eq!((found.len(), found[0].code, found[0].amount_minor), (1, ExceptionCode::TypeUnknown, 450));
    assert_eq!(subjects(&found[0]), ["txn_1"]);
    assert!(found[0].explanation.contains("lunar_levy"), "{}", found[0].explanation);
}

#[test]
fn a_type_whose_word_no_id_may_hold_is_raised_all_the_same() {
    for kind in ["", "lunar levy", "lunar\u{1b}levy", "月"] {
        let unknown = UnknownType {
            account: account(),
            currency: Currency::USD,
            kind: kind.to_owned(),
            txn_count: 1,
            sum_net_minor: 5,
            first: TxnId::parse("txn_1").unwrap(),
        };
        let snapshot = Snapshot { unknown_types: vec![unknown], ..Snapshot::default() };
        assert_eq!(conclude(&snapshot, &Rules::standard(), day("2026-07-31")).exceptions.len(), 1, "{kind:?}");
    }
}
