//! Money between a platform and its connected accounts: what is said where the two sides disagree.

#![expect(clippy::unwrap_used, reason = "tests")]

use facts::legs::{LegKind, OpenLeg};
use facts::{AccountId, Class, Exception};
use jiff::Timestamp;
use money::{Amount, Currency};
use recon::{Rules, Snapshot, conclude};

fn leg(kind: LegKind, other_minor: Option<i64>) -> OpenLeg {
    OpenLeg {
        kind,
        platform: AccountId::parse("acct_platform").unwrap(),
        id: "tr_1".to_owned(),
        created_at: Timestamp::UNIX_EPOCH,
        amount: Amount::new(5_000, Currency::USD),
        connected: AccountId::parse("acct_shop").unwrap(),
        other: "py_1".to_owned(),
        other_minor,
    }
}

fn raised(legs: Vec<OpenLeg>) -> Vec<Exception> {
    let snapshot = Snapshot { legs, ..Snapshot::default() };
    conclude(&snapshot, &Rules::standard(), "2026-07-31".parse().unwrap()).exceptions
}

fn told(exception: &Exception) -> (String, i64, String) {
    (exception.id.to_string(), i64::try_from(exception.amount_minor).unwrap(), exception.explanation.clone())
}

#[test]
fn a_transfer_that_did_not_arrive_is_of_the_account_that_lacks_it_and_names_both_sides() {
    let raised = raised(vec![leg(LegKind::Transfer, None)]);
    let explanation = "The platform transferred 50.00 USD to acct_shop, and the payment py_1 that it is there is not among what was \
                       read of that account since.";
    assert_eq!(told(&raised[0]), ("leg_missing:tr_1".to_owned(), 5_000, explanation.to_owned()));
    let subjects: Vec<(&str, &str)> = raised[0].subjects.iter().map(|one| (one.kind, one.id.as_str())).collect();
    assert_eq!(subjects, [("transfer", "tr_1"), ("charge", "py_1"), ("account", "acct_platform")]);
    assert_eq!(raised[0].account.as_ref().map(AccountId::as_str), Some("acct_shop"));
    assert_eq!((raised[0].class, raised.len()), (Class::True, 1));
}

#[test]
fn sides_that_differ_are_told_with_both_amounts_and_the_difference() {
    let raised = raised(vec![leg(LegKind::TransferReversal, Some(4_200))]);
    let explanation = "The platform took 50.00 USD back from acct_shop, and the refund py_1 there is of 42.00 USD.";
    assert_eq!(told(&raised[0]), ("leg_differs:tr_1".to_owned(), 800, explanation.to_owned()));
}

#[test]
fn a_charge_bears_at_least_the_platforms_fee() {
    let fee = |fees: i64| raised(vec![leg(LegKind::ApplicationFee, Some(fees))]);
    assert_eq!(told(&fee(4_999)[0]).1, 1);
    assert!(fee(5_000).is_empty() && fee(6_000).is_empty());
    assert!(raised(vec![leg(LegKind::Transfer, Some(5_000))]).is_empty());
}
