//! Credit notes.

use serde_json::{Value, json};

use super::{
    super::super::{
        billing::{CreditNote, Given, NoteLine, Sums},
        rows::Stamp,
    },
    embedded,
    goods::tax_rate,
    taxes,
};

/// An amount of a discount, where there is one.
fn discounts(stamp: &Stamp, note: &CreditNote, amount: i64) -> Vec<Value> {
    let discount = note.discount.iter().filter(|_| amount != 0);
    discount.map(|discount| json!({"amount": amount, "discount": stamp.discount_id(discount.serial)})).collect()
}

fn pretax(stamp: &Stamp, note: &CreditNote, amount: i64) -> Vec<Value> {
    let discount = note.discount.iter().filter(|_| amount != 0);
    discount
        .map(|discount| json!({"amount": amount, "discount": stamp.discount_id(discount.serial), "type": "discount"}))
        .collect()
}

fn note_line(stamp: &Stamp, note: &CreditNote, line: &NoteLine) -> Value {
    let rate = note.tax.as_ref().map(|rate| (stamp.tax_rate_id(rate.serial), rate.inclusive));
    let tax = line.tax.map_or((0, 0), |tax| (tax.amount, tax.taxable));
    let rates: Vec<Value> = note.tax.iter().map(|rate| tax_rate(stamp, rate)).collect();
    json!({
        "id": stamp.credit_note_line_id(line.serial),
        "object": "credit_note_line_item",
        "amount": line.amount,
        "description": line.description,
        "discount_amount": line.discount,
        "discount_amounts": discounts(stamp, note, line.discount),
        "invoice_line_item": stamp.line_id(line.line),
        "livemode": false,
        "metadata": {},
        "pretax_credit_amounts": pretax(stamp, note, line.discount),
        "quantity": null,
        "tax_rates": rates,
        "taxes": taxes(rate.as_ref().map(|(id, inclusive)| (id.as_str(), *inclusive)), tax.0, tax.1),
        "type": "invoice_line_item",
        "unit_amount": null,
        "unit_amount_decimal": null,
    })
}

/// All lines, of which the note itself shows the first.
pub(crate) fn credit_note_lines(stamp: &Stamp, row: &CreditNote) -> Vec<Value> {
    row.lines.iter().map(|line| note_line(stamp, row, line)).collect()
}

pub(crate) fn credit_note(stamp: &Stamp, row: &CreditNote) -> Value {
    let id = stamp.credit_note_id(row.serial);
    let (total, is_before) = (row.total(), row.given == Given::LessDue);
    let rate = row.tax.as_ref().map(|rate| (stamp.tax_rate_id(rate.serial), rate.inclusive));
    let taxable: i64 = row.lines.iter().filter_map(|line| line.tax).map(|tax| tax.taxable).sum();
    let within = row.taxes() - row.taxes_on_top();
    let refunds: Vec<Value> = match row.given {
        Given::Refund(refund) => vec![json!({
            "amount_refunded": total, "payment_record_refund": null, "refund": stamp.refund_id(refund), "type": "refund",
        })],
        Given::LessDue | Given::Balance(_) | Given::OffStripe => Vec::new(),
    };
    let entry = match row.given {
        Given::Balance(entry) => Some(stamp.balance_entry_id(entry)),
        Given::LessDue | Given::Refund(_) | Given::OffStripe => None,
    };
    let number = format!("{}-{:04}-CN-{:02}", stamp.invoice_prefix(row.customer), row.invoice_number, row.number);
    json!({
        "id": id,
        "object": "credit_note",
        "amount": total,
        "amount_shipping": 0,
        "created": row.created,
        "currency": row.currency.as_str(),
        "customer": stamp.customer_id(row.customer),
        "customer_account": null,
        "customer_balance_transaction": entry,
        "discount_amount": row.discounted(),
        "discount_amounts": discounts(stamp, row, row.discounted()),
        "effective_at": row.created,
        "invoice": stamp.invoice_id(row.invoice),
        "lines": embedded(row.lines.len(), format!("/v1/credit_notes/{id}/lines"), |place| {
            row.lines.get(place).map(|line| note_line(stamp, row, line))
        }),
        "livemode": false,
        "memo": null,
        "metadata": {},
        "number": number,
        "out_of_band_amount": (row.given == Given::OffStripe).then_some(total),
        "pdf": format!("https://api.stripe.com/v1/credit_notes/{id}/pdf"),
        "post_payment_amount": if is_before { 0 } else { total },
        "pre_payment_amount": if is_before { total } else { 0 },
        "pretax_credit_amounts": pretax(stamp, row, row.discounted()),
        "reason": row.reason,
        "refunds": refunds,
        "shipping_cost": null,
        "status": "issued",
        "subtotal": row.subtotal(),
        "subtotal_excluding_tax": row.subtotal() - within,
        "total": total,
        "total_excluding_tax": total - row.taxes(),
        "total_taxes": taxes(rate.as_ref().map(|(id, inclusive)| (id.as_str(), *inclusive)), row.taxes(), taxable),
        "type": if is_before { "pre_payment" } else { "post_payment" },
        "voided_at": null,
    })
}
