//! Balances: Σ net of the txns is what Stripe says it holds.

use facts::txn_types::UnknownType;
use facts::{Exception, ExceptionCode, Subject};
use money::Amount;

use crate::exception::{class_of, exception_id, remedy_of, remedy_of_refusal};
use crate::snapshot::{BalanceCheck, Refusal};

/// A `balance_drift` for every balance that our sum does not meet.
pub(crate) fn balance_drifts(checks: &[BalanceCheck]) -> Vec<Exception> {
    checks.iter().filter_map(balance_drift).collect()
}

fn balance_drift(check: &BalanceCheck) -> Option<Exception> {
    let BalanceCheck { account, currency, stripe_minor, computed_minor } = check;
    let drift_minor = computed_minor.checked_sub(*stripe_minor)?;
    if drift_minor == 0 {
        return None;
    }
    let code = ExceptionCode::BalanceDrift;
    let subject = Subject { kind: "account", id: account.to_string() };
    // One account drifts in several currencies independently, so the currency is part of the identity.
    let identity = Subject { kind: "account", id: format!("{account}:{currency}") };
    let (ours, theirs) = (Amount::new(*computed_minor, *currency), Amount::new(*stripe_minor, *currency));
    Some(Exception {
        id: exception_id(code, &identity)?,
        code,
        class: class_of(code),
        account: Some(account.clone()),
        currency: *currency,
        amount_minor: drift_minor.unsigned_abs(),
        subjects: vec![subject],
        explanation: format!("Its txns add up to {ours}; Stripe reports available and pending of {theirs}."),
        remedy: remedy_of(code).to_owned(),
    })
}

/// A `fact_refused` for every object that could not be taken as a fact.
pub(crate) fn refusals(refused: &[Refusal]) -> Vec<Exception> {
    refused.iter().filter_map(refusal).collect()
}

fn refusal(refused: &Refusal) -> Option<Exception> {
    let code = ExceptionCode::FactRefused;
    let subject = Subject { kind: refused.kind, id: refused.object_id.clone() };
    // An id is one of its account and kind alone: two accounts may refuse an object each under the same one.
    let identity = Subject { kind: refused.kind, id: format!("{}:{}:{}", refused.account, refused.kind, refused.object_id) };
    Some(Exception {
        id: exception_id(code, &identity)?,
        code,
        class: class_of(code),
        account: Some(refused.account.clone()),
        currency: refused.currency.unwrap_or(money::Currency::USD),
        amount_minor: 0,
        subjects: vec![subject],
        explanation: refused.reason.clone(),
        remedy: remedy_of_refusal(refused.cause).to_owned(),
    })
}

/// A `type_unknown` for every type of an account and currency that is not understood.
pub(crate) fn unknown_types(unknown: &[UnknownType]) -> Vec<Exception> {
    unknown.iter().filter_map(unknown_type).collect()
}

fn unknown_type(unknown: &UnknownType) -> Option<Exception> {
    let UnknownType { account, currency, kind, txn_count, sum_net_minor, first } = unknown;
    let code = ExceptionCode::TypeUnknown;
    let identity = Subject { kind: "account", id: format!("{account}:{currency}:{}", plain(kind)) };
    let sum = Amount::new(*sum_net_minor, *currency);
    let told = match txn_count {
        1 => format!("One transaction of {sum} is of the type '{kind}'"),
        count => format!("{count} transactions, {sum} together, are of the type '{kind}'"),
    };
    Some(Exception {
        id: exception_id(code, &identity)?,
        code,
        class: class_of(code),
        account: Some(account.clone()),
        currency: *currency,
        amount_minor: sum_net_minor.unsigned_abs(),
        subjects: vec![Subject { kind: "txn", id: first.to_string() }],
        explanation: format!("{told}, which is none that is understood. Every sum counts it all the same."),
        remedy: remedy_of(code).to_owned(),
    })
}

/// A word of Stripe's as part of an id: what no id may hold is written as its number.
fn plain(word: &str) -> String {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || ['_', '-', '.'].contains(&sign);
    word.chars().map(|sign| if is_plain(sign) { sign.to_string() } else { format!("~{:x}", u32::from(sign)) }).collect()
}
