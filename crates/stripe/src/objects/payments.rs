//! What moves money on one account. Most of it is read into facts of its own types.

use facts::ObjectKind;

use super::{Column, Declaration, Holds, Listing, column, listed};

pub(super) const ACCOUNT: Declaration =
    Declaration { quiet_days: 0, ..listed(ObjectKind::Account, "account", "/v1/accounts", "rak_connected_account_read", &[]) };

pub(super) const BALANCE: Declaration = Declaration {
    listing: Listing::Single("/v1/balance"),
    ..listed(ObjectKind::Balance, "balance", "/v1/balance", "rak_balance_read", &[])
};

/// No event tells of a txn, nor of its becoming available.
pub(super) const TXN: Declaration =
    listed(ObjectKind::Txn, "balance_transaction", "/v1/balance_transactions", "rak_balance_read", &[]);

/// A paid payout can fail, and its trace id appear, up to ten days after its arrival, which lies days after its creation.
pub(super) const PAYOUT: Declaration =
    Declaration { quiet_days: 16, ..listed(ObjectKind::Payout, "payout", "/v1/payouts", "rak_payout_read", &[]) };

pub(super) const CHARGE: Declaration = listed(ObjectKind::Charge, "charge", "/v1/charges", "rak_charge_read", &[]);

pub(super) const REFUND: Declaration = listed(ObjectKind::Refund, "refund", "/v1/refunds", "rak_charge_read", &[]);

pub(super) const DISPUTE: Declaration = listed(ObjectKind::Dispute, "dispute", "/v1/disputes", "rak_dispute_read", &[]);

pub(super) const EARLY_FRAUD_WARNING: Declaration = listed(
    ObjectKind::EarlyFraudWarning,
    "radar.early_fraud_warning",
    "/v1/radar/early_fraud_warnings",
    "rak_charge_read",
    &[
        column("charge", "charge", Holds::Link),
        column("payment_intent", "payment_intent", Holds::Link),
        column("kind", "fraud_type", Holds::Text),
        column("actionable", "actionable", Holds::Flag),
    ],
);

pub(super) const PAYMENT_INTENT: Declaration = listed(
    ObjectKind::PaymentIntent,
    "payment_intent",
    "/v1/payment_intents",
    "rak_payment_intent_read",
    &[
        column("currency", "currency", Holds::Text),
        column("amount_minor", "amount", Holds::Number),
        column("received_minor", "amount_received", Holds::Number),
        column("status", "status", Holds::Text),
        column("customer", "customer", Holds::Link),
        column("charge", "latest_charge", Holds::Link),
        column("description", "description", Holds::Text),
        column("canceled_at", "canceled_at", Holds::Number),
        column("cancellation_reason", "cancellation_reason", Holds::Text),
        METADATA,
    ],
);

pub(super) const TOPUP: Declaration = listed(
    ObjectKind::Topup,
    "topup",
    "/v1/topups",
    "rak_top_up_read",
    &[
        column("currency", "currency", Holds::Text),
        column("amount_minor", "amount", Holds::Number),
        column("status", "status", Holds::Text),
        column("txn", "balance_transaction", Holds::Link),
        column("failure_code", "failure_code", Holds::Text),
        column("expected_at", "expected_availability_date", Holds::Number),
        column("description", "description", Holds::Text),
        METADATA,
    ],
);

/// Its columns are found by a reader of its own: what it is about stands in the object that it carries.
pub(super) const EVENT: Declaration = listed(ObjectKind::Event, "event", "/v1/events", "rak_event_read", &[]);

pub(super) const METADATA: Column = column("metadata", "metadata", Holds::Metadata);
