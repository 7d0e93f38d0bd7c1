//! A payout against its txns: what ties, what does not, and what may explain it.

#![expect(clippy::unwrap_used, reason = "tests")]

use facts::{
    AccountId, Composition, CompositionState, Payout, PayoutId, PayoutStatus, ReconciliationStatus, Txn, TxnId, TxnStatus,
};
use money::{Amount, Currency};
use recon::composition::{judge, likely_causes};
use recon::{GapContext, Members, OwnTxn, PayoutItem, PayoutTxns};

fn item(amount_minor: i64, sum_net_minor: i64) -> PayoutItem {
    let payout = Payout {
        id: PayoutId::parse("po_1").unwrap(),
        account: AccountId::parse("acct_1").unwrap(),
        amount: Amount::new(amount_minor, Currency::USD),
        arrives_on: jiff::civil::date(2026, 7, 3),
        created_at: jiff::Timestamp::UNIX_EPOCH,
        status: PayoutStatus::Paid,
        automatic: true,
        method: "standard".to_owned(),
        reconciliation_status: ReconciliationStatus::Completed,
        own_txn: Some(TxnId::parse("txn_own").unwrap()),
        failure_txn: None,
        failure_code: None,
        destination: None,
        statement_descriptor: None,
        description: None,
        trace_id: None,
        original_payout: None,
        reversed_by: None,
    };
    let own = Some(OwnTxn { amount_minor: -amount_minor, fee_minor: 0 });
    let members = Members { txn_count: 4, sum_net_minor, other_currency_count: 0, own };
    PayoutItem { payout, complete: true, txns: PayoutTxns::Added(members) }
}

fn members(item: &mut PayoutItem) -> &mut Members {
    let added = match &mut item.txns {
        PayoutTxns::Added(members) => Some(members),
        PayoutTxns::Kept(_) => None,
    };
    added.unwrap()
}

fn txn(id: &str, net_minor: i64, fee_minor: i64) -> Txn {
    Txn {
        id: TxnId::parse(id).unwrap(),
        account: AccountId::parse("acct_1").unwrap(),
        amount: Amount::new(net_minor + fee_minor, Currency::USD),
        fee_minor,
        net_minor,
        kind: "charge".to_owned(),
        reporting_category: "charge".to_owned(),
        status: TxnStatus::Available,
        balance_type: "payments".to_owned(),
        created_at: jiff::Timestamp::UNIX_EPOCH,
        available_on: jiff::civil::date(2026, 7, 1),
        description: None,
        source: None,
        exchange_rate: None,
    }
}

fn state(item: &PayoutItem) -> (CompositionState, i64) {
    let Composition { state, difference_minor, .. } = judge(item);
    (state, difference_minor)
}

#[test]
fn a_payout_that_is_the_sum_of_its_txns_ties() {
    assert_eq!(state(&item(94_100, 94_100)), (CompositionState::Tied, 0));
    assert_eq!(state(&item(-500, -500)), (CompositionState::Tied, 0));
}

#[test]
fn one_cent_is_a_gap() {
    assert_eq!(state(&item(94_100, 94_099)), (CompositionState::Gap, -1));
    assert_eq!(state(&item(94_100, 94_101)), (CompositionState::Gap, 1));
}

#[test]
fn a_fee_on_the_payout_itself_is_paid_by_its_txns() {
    let mut item = item(94_100, 94_200);
    members(&mut item).own = Some(OwnTxn { amount_minor: -94_100, fee_minor: 100 });
    assert_eq!(state(&item), (CompositionState::Tied, 0));
}

#[test]
fn a_txn_in_another_currency_never_ties() {
    let mut item = item(94_100, 94_100);
    members(&mut item).other_currency_count = 1;
    assert_eq!(state(&item).0, CompositionState::Gap);
    assert!(likely_causes(&item, judge(&item), None)[0].contains("not in USD"));
}

#[test]
fn an_unfinished_list_is_pending_whatever_it_adds_up_to() {
    for sum in [0, 94_100] {
        let mut in_progress = item(94_100, sum);
        in_progress.payout.reconciliation_status = ReconciliationStatus::InProgress;
        let mut half_read = item(94_100, sum);
        half_read.complete = false;
        assert_eq!(state(&in_progress), (CompositionState::Pending, 0));
        assert_eq!(state(&half_read), (CompositionState::Pending, 0));
    }
}

#[test]
fn a_payout_made_by_hand_is_not_itemised() {
    let mut by_hand = item(94_100, 0);
    by_hand.payout.automatic = false;
    by_hand.payout.reconciliation_status = ReconciliationStatus::NotApplicable;
    assert_eq!(state(&by_hand), (CompositionState::Unitemised, 0));
}

#[test]
fn the_txn_that_would_close_the_gap_is_named() {
    let short = item(94_100, 90_000);
    let context = GapContext {
        payout: short.payout.id.clone(),
        members: vec![txn("txn_a", 90_000, 300)],
        unassigned: vec![txn("txn_b", 4_100, 0), txn("txn_c", 4_000, 0)],
    };
    let causes = likely_causes(&short, judge(&short), Some(&context));
    assert!(causes[0].contains("txn_b") && causes.len() == 1, "{causes:?}");
}

#[test]
fn a_txn_listed_by_mistake_and_a_fee_taken_twice_are_named() {
    let over = item(94_100, 94_400);
    let members = vec![txn("txn_a", 300, 0), txn("txn_b", 94_100, 300)];
    let context = GapContext { payout: over.payout.id.clone(), members, unassigned: Vec::new() };
    let causes = likely_causes(&over, judge(&over), Some(&context)).join(" ");
    assert!(causes.contains("txn_a") && causes.contains("txn_b"), "{causes}");
}

#[test]
fn a_gap_without_a_cause_still_says_its_size() {
    let short = item(94_100, 94_099);
    let causes = likely_causes(&short, judge(&short), None);
    assert!(causes[0].contains("0.01 USD less"), "{causes:?}");
}
