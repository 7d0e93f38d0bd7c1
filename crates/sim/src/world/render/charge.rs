//! A charge.

use super::{
    super::{
        dress::Dress,
        rows::{Card, Charge, Stamp},
    },
    order,
};
use crate::json::{Json, json};

fn address() -> Json<'static> {
    json!({"city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null})
}

/// Which of a network's numbers says that the customer did not have to prove who they are. Only two networks tell.
fn commerce_indicator(brand: &str) -> Option<&'static str> {
    match brand {
        "visa" => Some("07"),
        "mastercard" => Some("00"),
        _ => None,
    }
}

fn card(stamp: &Stamp, card: &Card, amount: i64) -> Json<'static> {
    json!({
        "amount_authorized": amount,
        "authorization_code": null,
        "brand": card.brand,
        "checks": {"address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass"},
        "country": card.country,
        "electronic_commerce_indicator": commerce_indicator(card.brand),
        "exp_month": card.number % 12 + 1,
        "exp_year": 2028 + card.number % 5,
        "extended_authorization": {"status": "disabled"},
        "fingerprint": stamp.fingerprint(card.number),
        "funding": if card.number.is_multiple_of(3) { "debit" } else { "credit" },
        "incremental_authorization": {"status": "unavailable"},
        "installments": null,
        "last4": format!("{:04}", card.last4),
        "mandate": null,
        "multicapture": {"status": "unavailable"},
        "network": card.brand,
        "network_token": {"used": false},
        "network_transaction_id": null,
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": null,
        "transaction_link_id": null,
        "wallet": null,
    })
}

fn outcome(paid: bool) -> Json<'static> {
    let refused = |word: &'static str| (!paid).then_some(word);
    json!({
        "advice_code": refused("try_again_later"),
        "network_advice_code": null,
        "network_decline_code": refused("51"),
        "network_status": if paid { "approved_by_network" } else { "declined_by_network" },
        "reason": refused("insufficient_funds"),
        "risk_level": "normal",
        "risk_score": 17,
        "seller_message": if paid { "Payment complete." } else { "The bank returned the decline code `insufficient_funds`." },
        "type": if paid { "authorized" } else { "issuer_declined" },
    })
}

pub(crate) fn charge<'a>(stamp: &'a Stamp, row: &'a Charge, at: i64) -> Json<'a> {
    let refunded = row.refunded(at);
    let paid = row.txn.is_some();
    let person = stamp.person(row.customer);
    let (name, email) = person.map(|person| (person.name, person.email)).unzip();
    let text = |text: &'static str| (!paid).then_some(text);
    // What an invoice charges is no order.
    let metadata = if row.intent.is_some() { json!({}) } else { json!({"order_id": order(row.order)}) };
    let mut body = json!({
        "id": stamp.charge_id(row.serial),
        "object": "charge",
        "amount": row.amount,
        "amount_captured": if paid { row.amount } else { 0 },
        "amount_refunded": refunded,
        "application": row.application_fee.and(stamp.application.as_deref()),
        "application_fee": row.application_fee.map(|(serial, _)| stamp.application_fee_id(serial)),
        "application_fee_amount": row.application_fee.map(|(_, amount)| amount),
        "balance_transaction": row.txn.map(|serial| stamp.txn_id(serial)),
        "billing_details": {"address": address(), "email": email, "name": name, "phone": null, "tax_id": null},
        "calculated_statement_descriptor": stamp.goods.to_ascii_uppercase().chars().take(22).collect::<String>(),
        "captured": paid,
        "created": row.created,
        "currency": row.currency.as_str(),
        "customer": stamp.customer_id(row.customer),
        "description": stamp.goods,
        "disputed": row.is_disputed(at),
        "failure_balance_transaction": null,
        "failure_code": text("card_declined"),
        "failure_message": text("Your card has insufficient funds."),
        "fraud_details": {},
        "livemode": false,
        "metadata": metadata,
        "on_behalf_of": null,
        "outcome": outcome(paid),
        "paid": paid,
        "payment_intent": stamp.payment_intent_id(row.intent()),
        "payment_method": stamp.payment_method_id(row.serial),
        "payment_method_details": {"card": card(stamp, &row.card, row.amount), "type": "card"},
        "radar_options": {},
        "receipt_email": null,
        "receipt_number": null,
        "receipt_url": null,
        "refunded": paid && refunded == row.amount,
        "review": null,
        "shipping": null,
        "source": null,
        "source_transfer": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": if paid { "succeeded" } else { "failed" },
        "transfer_data": null,
        "transfer_group": null,
    });
    dress(stamp, row).over(&mut body, at);
    body
}

/// What it says otherwise than a plain card payment.
fn dress(stamp: &Stamp, row: &Charge) -> Dress {
    let mut dress = Dress::default();
    row.method.dress(&mut dress, row.created, &row.card, &stamp.fingerprint(row.card.number));
    if let Some(debit) = &row.debit {
        debit.dress(&mut dress, row.created, stamp);
    }
    if let Some(tie) = &row.tie {
        tie.dress(&mut dress, row.created, stamp);
    }
    dress
}
