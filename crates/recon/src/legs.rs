//! Money between a platform and its connected accounts: each side must be in its ledger, and both must say the same.

use facts::legs::{LegKind, OpenLeg};
use facts::{Exception, ExceptionCode, Subject};
use money::Amount;

use crate::exception::{class_of, exception_id, remedy_of};

/// A `leg_missing` or `leg_differs` for every leg whose sides disagree.
pub(crate) fn disagreements(legs: &[OpenLeg]) -> Vec<Exception> {
    legs.iter().filter_map(disagreement).collect()
}

fn disagreement(leg: &OpenLeg) -> Option<Exception> {
    let (code, minor, explanation) = match leg.other_minor {
        None => (ExceptionCode::LegMissing, leg.amount.minor(), missing(leg)),
        Some(other) => {
            (ExceptionCode::LegDiffers, difference(leg, other)?, differs(leg, Amount::new(other, leg.amount.currency())))
        }
    };
    let (own, other) = nouns(leg.kind);
    Some(Exception {
        id: exception_id(code, &Subject { kind: own, id: leg.id.clone() })?,
        code,
        class: class_of(code),
        account: Some(leg.connected.clone()),
        currency: leg.amount.currency(),
        amount_minor: minor.unsigned_abs(),
        subjects: vec![
            Subject { kind: own, id: leg.id.clone() },
            Subject { kind: other, id: leg.other.clone() },
            Subject { kind: "account", id: leg.platform.to_string() },
        ],
        explanation,
        remedy: remedy_of(code).to_owned(),
    })
}

/// How far the sides are apart; `None` where they agree. A charge's fees hold the platform's and Stripe's own, so that only too little
/// contradicts.
fn difference(leg: &OpenLeg, other_minor: i64) -> Option<i64> {
    let apart = leg.amount.minor().checked_sub(other_minor)?;
    match leg.kind {
        LegKind::Transfer | LegKind::TransferReversal => (apart != 0).then_some(apart),
        LegKind::ApplicationFee => (apart > 0).then_some(apart),
    }
}

/// The nouns of the two sides.
const fn nouns(kind: LegKind) -> (&'static str, &'static str) {
    match kind {
        LegKind::Transfer => ("transfer", "charge"),
        LegKind::TransferReversal => ("transfer_reversal", "refund"),
        LegKind::ApplicationFee => ("application_fee", "charge"),
    }
}

fn missing(leg: &OpenLeg) -> String {
    let OpenLeg { amount, connected, other, .. } = leg;
    let what = match leg.kind {
        LegKind::Transfer => {
            format!("The platform transferred {amount} to {connected}, and the payment {other} that it is there")
        }
        LegKind::TransferReversal => {
            format!("The platform took {amount} back from {connected}, and the refund {other} that it is there")
        }
        LegKind::ApplicationFee => {
            format!("The platform took a fee of {amount} from {connected}, and the charge {other} that it is of")
        }
    };
    format!("{what} is not among what was read of that account since.")
}

fn differs(leg: &OpenLeg, found: Amount) -> String {
    let OpenLeg { amount, connected, other, .. } = leg;
    match leg.kind {
        LegKind::Transfer => {
            format!("The platform transferred {amount} to {connected}, and the payment {other} there is of {found}.")
        }
        LegKind::TransferReversal => {
            format!("The platform took {amount} back from {connected}, and the refund {other} there is of {found}.")
        }
        LegKind::ApplicationFee => {
            format!("The platform took a fee of {amount} from {connected}, and all fees of the charge {other} there are {found}.")
        }
    }
}
