//! The `events` of each declaration, beside one another: Stripe gives them one name space.

use facts::ObjectKind;

/// The types of events that tell of a kind's changes.
pub(super) const fn of(kind: ObjectKind) -> &'static [&'static str] {
    match kind {
        ObjectKind::Account => &["account.updated"],
        ObjectKind::Balance => &["balance.available"],
        ObjectKind::Payout => &[
            "payout.canceled",
            "payout.created",
            "payout.failed",
            "payout.paid",
            "payout.reconciliation_completed",
            "payout.updated",
        ],
        ObjectKind::Charge => &[
            "charge.captured",
            "charge.expired",
            "charge.failed",
            "charge.pending",
            "charge.refunded",
            "charge.succeeded",
            "charge.updated",
        ],
        ObjectKind::Refund => &["charge.refund.updated", "refund.created", "refund.failed", "refund.updated"],
        ObjectKind::Dispute => &[
            "charge.dispute.closed",
            "charge.dispute.created",
            "charge.dispute.funds_reinstated",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.updated",
        ],
        ObjectKind::EarlyFraudWarning => &["radar.early_fraud_warning.created", "radar.early_fraud_warning.updated"],
        ObjectKind::PaymentIntent => &[
            "payment_intent.amount_capturable_updated",
            "payment_intent.canceled",
            "payment_intent.created",
            "payment_intent.partially_funded",
            "payment_intent.payment_failed",
            "payment_intent.processing",
            "payment_intent.requires_action",
            "payment_intent.succeeded",
        ],
        ObjectKind::Transfer => &["transfer.created", "transfer.reversed", "transfer.updated"],
        ObjectKind::ApplicationFee => &["application_fee.created", "application_fee.refund.updated", "application_fee.refunded"],
        ObjectKind::Topup => &["topup.canceled", "topup.created", "topup.failed", "topup.reversed", "topup.succeeded"],
        ObjectKind::Customer => &["customer.created", "customer.deleted", "customer.updated"],
        ObjectKind::Product => &["product.created", "product.deleted", "product.updated"],
        ObjectKind::Price => &["price.created", "price.deleted", "price.updated"],
        ObjectKind::Coupon => &[
            "coupon.created",
            "coupon.deleted",
            "coupon.updated",
            "customer.discount.created",
            "customer.discount.deleted",
            "customer.discount.updated",
        ],
        ObjectKind::PromotionCode => &[
            "customer.discount.created",
            "customer.discount.deleted",
            "customer.discount.updated",
            "promotion_code.created",
            "promotion_code.updated",
        ],
        ObjectKind::TaxRate => &["tax_rate.created", "tax_rate.updated"],
        ObjectKind::Invoice => &[
            "invoice.created",
            "invoice.deleted",
            "invoice.finalization_failed",
            "invoice.finalized",
            "invoice.marked_uncollectible",
            "invoice.overdue",
            "invoice.overpaid",
            "invoice.paid",
            "invoice.payment_action_required",
            "invoice.payment_attempt_required",
            "invoice.payment_failed",
            "invoice.payment_succeeded",
            "invoice.sent",
            "invoice.updated",
            "invoice.voided",
            "invoice.will_be_due",
        ],
        ObjectKind::InvoiceItem => &["invoiceitem.created", "invoiceitem.deleted"],
        ObjectKind::InvoicePayment => &["invoice_payment.paid"],
        ObjectKind::CreditNote => &["credit_note.created", "credit_note.updated", "credit_note.voided"],
        ObjectKind::Subscription => &[
            "customer.subscription.created",
            "customer.subscription.deleted",
            "customer.subscription.paused",
            "customer.subscription.pending_update_applied",
            "customer.subscription.pending_update_expired",
            "customer.subscription.resumed",
            "customer.subscription.trial_will_end",
            "customer.subscription.updated",
        ],
        ObjectKind::SubscriptionSchedule => &[
            "subscription_schedule.aborted",
            "subscription_schedule.canceled",
            "subscription_schedule.completed",
            "subscription_schedule.created",
            "subscription_schedule.expiring",
            "subscription_schedule.released",
            "subscription_schedule.updated",
        ],
        ObjectKind::Txn
        | ObjectKind::TransferReversal
        | ObjectKind::ApplicationFeeRefund
        | ObjectKind::CustomerBalanceTxn
        | ObjectKind::InvoiceLine
        | ObjectKind::SubscriptionItem
        | ObjectKind::Event => &[],
    }
}
