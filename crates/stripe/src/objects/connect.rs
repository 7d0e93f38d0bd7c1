//! What moves money between a platform and its connected accounts.

use facts::ObjectKind;

use super::payments::METADATA;
use super::{Declaration, Holds, Listing, Part, Rest, column, listed};

pub(super) const TRANSFER: Declaration = Declaration {
    part: Some(Part {
        kind: ObjectKind::TransferReversal,
        field: "reversals",
        rest: Rest::Below("reversals"),
        whole: "transfer",
    }),
    ..listed(
        ObjectKind::Transfer,
        "transfer",
        "/v1/transfers",
        "rak_transfer_read",
        &[
            column("currency", "currency", Holds::Text),
            column("amount_minor", "amount", Holds::Number),
            column("reversed_minor", "amount_reversed", Holds::Number),
            column("txn", "balance_transaction", Holds::Link),
            column("destination", "destination", Holds::Link),
            column("destination_charge", "destination_payment", Holds::Link),
            column("charge", "source_transaction", Holds::Link),
            column("transfer_group", "transfer_group", Holds::Text),
            column("description", "description", Holds::Text),
            METADATA,
        ],
    )
};

pub(super) const TRANSFER_REVERSAL: Declaration = Declaration {
    listing: Listing::Within(ObjectKind::Transfer),
    ..listed(
        ObjectKind::TransferReversal,
        "transfer_reversal",
        "",
        "rak_transfer_read",
        &[
            column("transfer", "transfer", Holds::Link),
            column("currency", "currency", Holds::Text),
            column("amount_minor", "amount", Holds::Number),
            column("txn", "balance_transaction", Holds::Link),
            column("refund", "source_refund", Holds::Link),
            column("destination_refund", "destination_payment_refund", Holds::Link),
            METADATA,
        ],
    )
};

pub(super) const APPLICATION_FEE: Declaration = Declaration {
    part: Some(Part {
        kind: ObjectKind::ApplicationFeeRefund,
        field: "refunds",
        rest: Rest::Below("refunds"),
        whole: "application_fee",
    }),
    ..listed(
        ObjectKind::ApplicationFee,
        "application_fee",
        "/v1/application_fees",
        "rak_application_fee_read",
        &[
            column("currency", "currency", Holds::Text),
            column("amount_minor", "amount", Holds::Number),
            column("refunded_minor", "amount_refunded", Holds::Number),
            column("txn", "balance_transaction", Holds::Link),
            column("paid_by", "account", Holds::Link),
            column("charge", "charge", Holds::Link),
            column("originating_charge", "originating_transaction", Holds::Link),
        ],
    )
};

pub(super) const APPLICATION_FEE_REFUND: Declaration = Declaration {
    listing: Listing::Within(ObjectKind::ApplicationFee),
    ..listed(
        ObjectKind::ApplicationFeeRefund,
        "fee_refund",
        "",
        "rak_application_fee_read",
        &[
            column("application_fee", "fee", Holds::Link),
            column("currency", "currency", Holds::Text),
            column("amount_minor", "amount", Holds::Number),
            column("txn", "balance_transaction", Holds::Link),
            METADATA,
        ],
    )
};
