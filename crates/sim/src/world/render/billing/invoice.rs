//! Invoices.

use serde_json::{Value, json};

use super::{
    super::super::{
        billing::{Invoice, Status, Sums},
        rows::Stamp,
    },
    customer::{address, country},
    embedded,
    goods::tax_rate,
    line::{invoice_parent, line},
    taxes,
};

pub(crate) fn invoice(stamp: &Stamp, row: &Invoice, at: i64) -> Value {
    let state = row.told.at(at);
    let id = stamp.invoice_id(row.serial);
    let person = stamp.customer(row.customer);
    let is_final = state.status != Status::Draft;
    let discount = row.discount.as_ref().map(|discount| stamp.discount_id(discount.serial));
    let discounted = row.discounted();
    let discounts: Vec<Value> = discount.iter().map(|id| json!({"amount": discounted, "discount": id})).collect();
    let pretax: Vec<Value> =
        discount.iter().map(|id| json!({"amount": discounted, "discount": id, "type": "discount"})).collect();
    let rate = row.tax.as_ref().map(|rate| (stamp.tax_rate_id(rate.serial), rate.inclusive));
    let taxable: i64 = row.lines.iter().filter_map(|line| line.tax).map(|tax| tax.taxable).sum();
    let within = row.taxes() - row.taxes_on_top();
    let rates: Vec<Value> = row.tax.iter().map(|rate| tax_rate(stamp, rate)).collect();
    let number = state.number.map(|number| format!("{}-{number:04}", stamp.invoice_prefix(row.customer)));
    let mut body = json!({
        "id": id,
        "object": "invoice",
        "account_country": stamp.country,
        "account_name": null,
        "account_tax_ids": null,
        "amount_due": state.due,
        "amount_overpaid": 0,
        "amount_paid": state.paid,
        "amount_remaining": state.remaining(),
        "amount_shipping": 0,
        "application": stamp.application.as_deref().filter(|_| row.subscription.is_some()),
        "attempt_count": state.attempts,
        "attempted": state.attempts > 0 || state.status == Status::Paid,
        "auto_advance": state.advances && matches!(state.status, Status::Draft | Status::Open),
        "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null},
        "automatically_finalizes_at": (state.advances && !is_final).then_some(row.created + 3_600),
        "billing_reason": row.reason,
        "collection_method": if row.days_until_due.is_some() { "send_invoice" } else { "charge_automatically" },
        "created": row.created,
        "currency": row.currency.as_str(),
        "custom_fields": null,
        "customer": stamp.customer_id(row.customer),
        "customer_account": null,
        "customer_address": Value::from(address(country(stamp, row.customer))),
        "customer_email": person.email,
        "customer_name": person.name,
        "customer_phone": null,
        "customer_shipping": null,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": rates,
        "description": null,
        "discounts": discount.iter().collect::<Vec<_>>(),
        "due_date": state.due_date,
        "effective_at": state.finalized_at,
        "ending_balance": state.ending,
        "footer": null,
        "from_invoice": null,
        "hosted_invoice_url": null,
        "invoice_pdf": null,
        "issuer": {"type": "self"},
        "last_finalization_error": null,
        "latest_revision": null,
        "lines": embedded(row.lines.len(), format!("/v1/invoices/{id}/lines"), |place| {
            row.lines.get(place).map(|one| line(stamp, row, one))
        }),
        "livemode": false,
        "metadata": {},
        "next_payment_attempt": state.next_attempt,
        "number": number,
        "on_behalf_of": null,
        "parent": invoice_parent(stamp, row),
        "payment_settings": {"default_mandate": null, "payment_method_options": null, "payment_method_types": null},
        "period_end": row.window.1,
        "period_start": row.window.0,
        "post_payment_credit_notes_amount": state.credited_after,
        "pre_payment_credit_notes_amount": state.credited_before,
        "receipt_number": null,
        "rendering": null,
        "shipping_cost": null,
        "shipping_details": null,
        "starting_balance": state.starting,
        "statement_descriptor": null,
        "status": state.status.as_str(),
        "status_transitions": {
            "finalized_at": state.finalized_at,
            "marked_uncollectible_at": state.uncollectible_at,
            "paid_at": state.paid_at,
            "voided_at": state.voided_at,
        },
        "subtotal": row.subtotal(),
        "subtotal_excluding_tax": row.subtotal() - within,
        "test_clock": null,
        "total": row.total(),
        "total_discount_amounts": discounts,
        "total_excluding_tax": row.total() - row.taxes(),
        "total_pretax_credit_amounts": pretax,
        "total_taxes": taxes(rate.as_ref().map(|(id, inclusive)| (id.as_str(), *inclusive)), row.taxes(), taxable),
        "webhooks_delivered_at": row.created,
    });
    if let (Some(why), Status::Uncollectible, Some(fields)) = (state.given_up, state.status, body.as_object_mut()) {
        fields.insert("status_details".to_owned(), json!({"uncollectible": {"reason": why}}));
    }
    body
}
