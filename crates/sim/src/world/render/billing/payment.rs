//! Invoice payments and payment intents.

use super::super::super::{
    billing::{INVOICED, Intent, InvoicePayment},
    rows::Stamp,
};
use crate::{
    json::{Json, json},
    world::render::order,
};

pub(crate) fn invoice_payment<'a>(stamp: &'a Stamp, row: &'a InvoicePayment, at: i64) -> Json<'a> {
    let progress = row.told.at(at);
    let payment = if row.off_stripe {
        json!({"payment_record": stamp.payment_record_id(row.serial), "type": "payment_record"})
    } else {
        json!({"payment_intent": stamp.payment_intent_id(INVOICED + row.serial), "type": "payment_intent"})
    };
    json!({
        "id": stamp.invoice_payment_id(row.serial),
        "object": "invoice_payment",
        "amount_paid": progress.paid_at.map(|_| progress.requested),
        "amount_requested": progress.requested,
        "created": row.created,
        "currency": row.currency.as_str(),
        "invoice": stamp.invoice_id(row.invoice),
        "is_default": row.is_default,
        "livemode": false,
        "payment": payment,
        "status": progress.status(),
        "status_transitions": {"canceled_at": progress.canceled_at, "paid_at": progress.paid_at},
    })
}

/// What Stripe says of the attempt that failed.
fn refusal(stamp: &Stamp, charge: u32, method: &str) -> Json<'static> {
    if method != "card" {
        return json!({
            "charge": stamp.charge_id(charge),
            "code": "insufficient_funds",
            "doc_url": "https://stripe.com/docs/error-codes/insufficient-funds",
            "message": "The customer's account has insufficient funds to cover this payment.",
            "type": "invalid_request_error",
        });
    }
    json!({
        "advice_code": "try_again_later",
        "charge": stamp.charge_id(charge),
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "doc_url": "https://stripe.com/docs/error-codes/card-declined",
        "message": "Your card has insufficient funds.",
        "type": "card_error",
    })
}

pub(crate) fn intent<'a>(stamp: &'a Stamp, row: &Intent, at: i64) -> Json<'a> {
    let state = row.told.at(at);
    let id = stamp.payment_intent_id(row.number);
    let is_paid = state.received > 0;
    let refused = state.charge.filter(|_| !is_paid && !state.is_processing);
    let metadata = row.order.map_or_else(|| json!({}), |number| json!({"order_id": order(number)}));
    json!({
        "id": id.clone(),
        "object": "payment_intent",
        "allowed_payment_method_types": null,
        "amount": state.amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": state.received,
        "application": row.application_fee.and(stamp.application.as_deref()),
        "application_fee_amount": row.application_fee,
        "automatic_payment_methods": null,
        "canceled_at": state.canceled.map(|(at, _)| at),
        "cancellation_reason": state.canceled.map(|(_, why)| why),
        "capture_method": "automatic",
        "client_secret": format!("{id}_secret_sim"),
        "confirmation_method": "automatic",
        "created": row.created,
        "currency": row.currency.as_str().to_owned(),
        "customer": stamp.customer_id(row.customer),
        "customer_account": null,
        "description": stamp.goods,
        "excluded_payment_method_types": null,
        "last_payment_error": refused.map(|charge| refusal(stamp, charge, row.method)),
        "latest_charge": state.charge.map(|charge| stamp.charge_id(charge)),
        "livemode": false,
        "managed_payments": {"enabled": false},
        "metadata": metadata,
        "next_action": null,
        "on_behalf_of": null,
        "payment_method": state.charge.filter(|_| refused.is_none()).map(|charge| stamp.payment_method_id(charge)),
        "payment_method_configuration_details": null,
        "payment_method_options": {},
        "payment_method_types": [row.method],
        "payment_record": null,
        "processing": null,
        "receipt_email": null,
        "review": null,
        "setup_future_usage": null,
        "shipping": null,
        "source": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": state.status(),
        "transfer_data": null,
        "transfer_group": null,
    })
}
