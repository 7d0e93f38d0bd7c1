//! What is billed to whom, for what, and how it is paid.

use facts::ObjectKind;

use super::payments::METADATA;
use super::{Declaration, Holds, Listing, Part, Rest, column, listed};

/// Names and addresses stay in the object's bytes: nothing asks for them in columns.
pub(super) const CUSTOMER: Declaration = listed(
    ObjectKind::Customer,
    "customer",
    "/v1/customers",
    "rak_customer_read",
    &[
        column("currency", "currency", Holds::Text),
        column("balance_minor", "balance", Holds::Number),
        column("delinquent", "delinquent", Holds::Flag),
        METADATA,
    ],
);

/// No event tells of one; a change of its customer's balance, an invoice's or a credit note's does.
pub(super) const CUSTOMER_BALANCE_TXN: Declaration = Declaration {
    listing: Listing::Within(ObjectKind::Customer),
    ..listed(
        ObjectKind::CustomerBalanceTxn,
        "customer_balance_transaction",
        "",
        "rak_customer_read",
        &[
            column("customer", "customer", Holds::Link),
            column("currency", "currency", Holds::Text),
            column("amount_minor", "amount", Holds::Number),
            column("ending_balance_minor", "ending_balance", Holds::Number),
            column("kind", "type", Holds::Text),
            column("invoice", "invoice", Holds::Link),
            column("credit_note", "credit_note", Holds::Link),
            column("description", "description", Holds::Text),
            METADATA,
        ],
    )
};

pub(super) const PRODUCT: Declaration = listed(
    ObjectKind::Product,
    "product",
    "/v1/products",
    "rak_product_read",
    &[
        column("name", "name", Holds::Text),
        column("active", "active", Holds::Flag),
        column("default_price", "default_price", Holds::Link),
        column("description", "description", Holds::Text),
        METADATA,
    ],
);

pub(super) const PRICE: Declaration = listed(
    ObjectKind::Price,
    "price",
    "/v1/prices",
    "rak_plan_read",
    &[
        column("product", "product", Holds::Link),
        column("currency", "currency", Holds::Text),
        column("unit_amount_minor", "unit_amount", Holds::Number),
        column("unit_amount_decimal", "unit_amount_decimal", Holds::Decimal),
        column("kind", "type", Holds::Text),
        column("billing_scheme", "billing_scheme", Holds::Text),
        column("recurring_interval", "recurring.interval", Holds::Text),
        column("recurring_count", "recurring.interval_count", Holds::Number),
        column("usage_type", "recurring.usage_type", Holds::Text),
        column("active", "active", Holds::Flag),
        column("nickname", "nickname", Holds::Text),
        column("lookup_key", "lookup_key", Holds::Text),
        METADATA,
    ],
);

/// No event tells that one was redeemed.
pub(super) const COUPON: Declaration = Declaration {
    quiet_days: 62,
    ..listed(
        ObjectKind::Coupon,
        "coupon",
        "/v1/coupons",
        "rak_coupon_read",
        &[
            column("name", "name", Holds::Text),
            column("currency", "currency", Holds::Text),
            column("amount_off_minor", "amount_off", Holds::Number),
            column("percent_off", "percent_off", Holds::Decimal),
            column("duration", "duration", Holds::Text),
            column("duration_in_months", "duration_in_months", Holds::Number),
            column("valid", "valid", Holds::Flag),
            column("times_redeemed", "times_redeemed", Holds::Number),
            METADATA,
        ],
    )
};

/// That one was redeemed is told by an event of the discount, where a customer or a subscription gets it, and else by none.
pub(super) const PROMOTION_CODE: Declaration = Declaration {
    quiet_days: 62,
    ..listed(
        ObjectKind::PromotionCode,
        "promotion_code",
        "/v1/promotion_codes",
        "rak_promotion_code_read",
        &[
            column("code", "code", Holds::Text),
            column("coupon", "promotion.coupon", Holds::Link),
            column("customer", "customer", Holds::Link),
            column("active", "active", Holds::Flag),
            column("expires_at", "expires_at", Holds::Number),
            column("max_redemptions", "max_redemptions", Holds::Number),
            column("times_redeemed", "times_redeemed", Holds::Number),
            column("first_time_only", "restrictions.first_time_transaction", Holds::Flag),
            column("minimum_minor", "restrictions.minimum_amount", Holds::Number),
            column("minimum_currency", "restrictions.minimum_amount_currency", Holds::Text),
            METADATA,
        ],
    )
};

pub(super) const TAX_RATE: Declaration = listed(
    ObjectKind::TaxRate,
    "tax_rate",
    "/v1/tax_rates",
    "rak_tax_rate_read",
    &[
        column("display_name", "display_name", Holds::Text),
        column("percentage", "percentage", Holds::Decimal),
        column("inclusive", "inclusive", Holds::Flag),
        column("kind", "tax_type", Holds::Text),
        column("country", "country", Holds::Text),
        column("state", "state", Holds::Text),
        column("jurisdiction", "jurisdiction", Holds::Text),
        column("active", "active", Holds::Flag),
        column("description", "description", Holds::Text),
        METADATA,
    ],
);

pub(super) const INVOICE: Declaration = Declaration {
    part: Some(Part { kind: ObjectKind::InvoiceLine, field: "lines", rest: Rest::Below("lines"), whole: "invoice" }),
    ..listed(
        ObjectKind::Invoice,
        "invoice",
        "/v1/invoices",
        "rak_invoice_read",
        &[
            column("number", "number", Holds::Text),
            column("customer", "customer", Holds::Link),
            column("subscription", "parent.subscription_details.subscription", Holds::Link),
            column("status", "status", Holds::Text),
            column("billing_reason", "billing_reason", Holds::Text),
            column("collection_method", "collection_method", Holds::Text),
            column("currency", "currency", Holds::Text),
            column("subtotal_minor", "subtotal", Holds::Number),
            column("total_minor", "total", Holds::Number),
            column("due_minor", "amount_due", Holds::Number),
            column("paid_minor", "amount_paid", Holds::Number),
            column("remaining_minor", "amount_remaining", Holds::Number),
            column("starting_balance_minor", "starting_balance", Holds::Number),
            column("ending_balance_minor", "ending_balance", Holds::Number),
            column("credited_before_minor", "pre_payment_credit_notes_amount", Holds::Number),
            column("credited_after_minor", "post_payment_credit_notes_amount", Holds::Number),
            column("due_at", "due_date", Holds::Number),
            column("period_start_at", "period_start", Holds::Number),
            column("period_end_at", "period_end", Holds::Number),
            column("finalized_at", "status_transitions.finalized_at", Holds::Number),
            column("paid_at", "status_transitions.paid_at", Holds::Number),
            column("voided_at", "status_transitions.voided_at", Holds::Number),
            column("uncollectible_at", "status_transitions.marked_uncollectible_at", Holds::Number),
            column("attempt_count", "attempt_count", Holds::Number),
            METADATA,
        ],
    )
};

pub(super) const INVOICE_LINE: Declaration = Declaration {
    listing: Listing::Within(ObjectKind::Invoice),
    ..listed(
        ObjectKind::InvoiceLine,
        "line_item",
        "",
        "rak_invoice_read",
        &[
            column("invoice", "invoice", Holds::Link),
            column("currency", "currency", Holds::Text),
            column("amount_minor", "amount", Holds::Number),
            column("subtotal_minor", "subtotal", Holds::Number),
            column("quantity", "quantity_decimal", Holds::Decimal),
            column("price", "pricing.price_details.price", Holds::Link),
            column("product", "pricing.price_details.product", Holds::Link),
            column("subscription", "subscription", Holds::Link),
            column("subscription_item", "parent.subscription_item_details.subscription_item", Holds::Link),
            column("invoice_item", "parent.invoice_item_details.invoice_item", Holds::Link),
            column("prorated_subscription", "parent.subscription_item_details.proration", Holds::Flag),
            column("prorated_item", "parent.invoice_item_details.proration", Holds::Flag),
            column("period_start_at", "period.start", Holds::Number),
            column("period_end_at", "period.end", Holds::Number),
            column("description", "description", Holds::Text),
            METADATA,
        ],
    )
};

/// Events tell when one is made and deleted, not when it is edited or put on an invoice.
pub(super) const INVOICE_ITEM: Declaration = Declaration {
    created: "date",
    quiet_days: 62,
    ..listed(
        ObjectKind::InvoiceItem,
        "invoiceitem",
        "/v1/invoiceitems",
        "rak_invoice_read",
        &[
            column("customer", "customer", Holds::Link),
            column("invoice", "invoice", Holds::Link),
            column("subscription", "parent.subscription_details.subscription", Holds::Link),
            column("price", "pricing.price_details.price", Holds::Link),
            column("currency", "currency", Holds::Text),
            column("amount_minor", "amount", Holds::Number),
            column("quantity", "quantity_decimal", Holds::Decimal),
            column("proration", "proration", Holds::Flag),
            column("period_start_at", "period.start", Holds::Number),
            column("period_end_at", "period.end", Holds::Number),
            column("description", "description", Holds::Text),
            METADATA,
        ],
    )
};

/// An event tells when one is paid, and no other change.
pub(super) const INVOICE_PAYMENT: Declaration = Declaration {
    quiet_days: 62,
    ..listed(
        ObjectKind::InvoicePayment,
        "invoice_payment",
        "/v1/invoice_payments",
        "rak_invoice_read",
        &[
            column("invoice", "invoice", Holds::Link),
            column("currency", "currency", Holds::Text),
            column("requested_minor", "amount_requested", Holds::Number),
            column("paid_minor", "amount_paid", Holds::Number),
            column("status", "status", Holds::Text),
            column("kind", "payment.type", Holds::Text),
            column("payment_intent", "payment.payment_intent", Holds::Link),
            column("charge", "payment.charge", Holds::Link),
            column("paid_at", "status_transitions.paid_at", Holds::Number),
        ],
    )
};

pub(super) const CREDIT_NOTE: Declaration = listed(
    ObjectKind::CreditNote,
    "credit_note",
    "/v1/credit_notes",
    "rak_credit_note_read",
    &[
        column("number", "number", Holds::Text),
        column("invoice", "invoice", Holds::Link),
        column("customer", "customer", Holds::Link),
        column("status", "status", Holds::Text),
        column("kind", "type", Holds::Text),
        column("reason", "reason", Holds::Text),
        column("currency", "currency", Holds::Text),
        column("subtotal_minor", "subtotal", Holds::Number),
        column("total_minor", "total", Holds::Number),
        column("before_payment_minor", "pre_payment_amount", Holds::Number),
        column("after_payment_minor", "post_payment_amount", Holds::Number),
        column("out_of_band_minor", "out_of_band_amount", Holds::Number),
        column("customer_balance_txn", "customer_balance_transaction", Holds::Link),
        column("effective_at", "effective_at", Holds::Number),
        column("voided_at", "voided_at", Holds::Number),
        METADATA,
    ],
);

/// A list without `status` hides those that have ended.
pub(super) const SUBSCRIPTION: Declaration = Declaration {
    all: Some(("status", "all")),
    part: Some(Part {
        kind: ObjectKind::SubscriptionItem,
        field: "items",
        rest: Rest::By("/v1/subscription_items", "subscription"),
        whole: "subscription",
    }),
    ..listed(
        ObjectKind::Subscription,
        "subscription",
        "/v1/subscriptions",
        "rak_subscription_read",
        &[
            column("customer", "customer", Holds::Link),
            column("status", "status", Holds::Text),
            column("currency", "currency", Holds::Text),
            column("collection_method", "collection_method", Holds::Text),
            column("started_at", "start_date", Holds::Number),
            column("anchor_at", "billing_cycle_anchor", Holds::Number),
            column("trial_start_at", "trial_start", Holds::Number),
            column("trial_end_at", "trial_end", Holds::Number),
            column("cancel_at", "cancel_at", Holds::Number),
            column("cancel_at_period_end", "cancel_at_period_end", Holds::Flag),
            column("canceled_at", "canceled_at", Holds::Number),
            column("ended_at", "ended_at", Holds::Number),
            column("latest_invoice", "latest_invoice", Holds::Link),
            METADATA,
        ],
    )
};

pub(super) const SUBSCRIPTION_ITEM: Declaration = Declaration {
    listing: Listing::Within(ObjectKind::Subscription),
    ..listed(
        ObjectKind::SubscriptionItem,
        "subscription_item",
        "",
        "rak_subscription_read",
        &[
            column("subscription", "subscription", Holds::Link),
            column("price", "price", Holds::Link),
            column("quantity", "quantity", Holds::Decimal),
            column("period_start_at", "current_period_start", Holds::Number),
            column("period_end_at", "current_period_end", Holds::Number),
            METADATA,
        ],
    )
};

/// The phases themselves stay in the object's bytes.
pub(super) const SUBSCRIPTION_SCHEDULE: Declaration = listed(
    ObjectKind::SubscriptionSchedule,
    "subscription_schedule",
    "/v1/subscription_schedules",
    "rak_subscription_read",
    &[
        column("customer", "customer", Holds::Link),
        column("subscription", "subscription", Holds::Link),
        column("released_subscription", "released_subscription", Holds::Link),
        column("status", "status", Holds::Text),
        column("end_behavior", "end_behavior", Holds::Text),
        column("phase_start_at", "current_phase.start_date", Holds::Number),
        column("phase_end_at", "current_phase.end_date", Holds::Number),
        column("completed_at", "completed_at", Holds::Number),
        column("released_at", "released_at", Holds::Number),
        column("canceled_at", "canceled_at", Holds::Number),
        METADATA,
    ],
);
