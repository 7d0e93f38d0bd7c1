//! Where each kind of object is listed.

use facts::ObjectKind;

/// The path under which Stripe lists a kind; its objects stand one level below by their ids.
#[must_use]
pub const fn path(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Account => "/v1/accounts",
        ObjectKind::Balance => "/v1/balance",
        ObjectKind::Txn => "/v1/balance_transactions",
        ObjectKind::Payout => "/v1/payouts",
        ObjectKind::Charge => "/v1/charges",
        ObjectKind::Refund => "/v1/refunds",
        ObjectKind::Dispute => "/v1/disputes",
    }
}
