//! Lines of invoices, and the items that wait for an invoice.

use serde_json::{Value, json};

use super::{
    super::super::{
        billing::{Entry, Invoice, InvoiceItem, Line, Of, Origin, Proration},
        rows::Stamp,
    },
    decimal, taxes,
};

/// What an entry costs; for a proration, which has no price for a unit, its whole amount.
fn pricing(stamp: &Stamp, entry: &Entry) -> Value {
    let unit = if entry.proration.is_some() { entry.amount * 1_000 } else { entry.unit_milli };
    json!({
        "price_details": {
            "price": stamp.price_id(entry.price.serial), "product": stamp.product_id(entry.price.product.serial),
        },
        "type": "price_details",
        "unit_amount_decimal": decimal(unit, 3),
    })
}

fn period(entry: &Entry) -> Value {
    json!({"end": entry.period.1, "start": entry.period.0})
}

/// The lines that a proration takes back.
fn credited(stamp: &Stamp, entry: &Entry) -> Option<Value> {
    match entry.proration {
        Some(Proration::Unused { invoice, line }) => {
            Some(json!({"invoice": stamp.invoice_id(invoice), "invoice_line_items": [stamp.line_id(line)]}))
        }
        Some(Proration::Remaining) | None => None,
    }
}

fn parent(stamp: &Stamp, line: &Line) -> Value {
    let proration = line.entry.proration.is_some();
    match line.origin {
        Origin::Subscription(Of { subscription, item }) => json!({
            "invoice_item_details": null,
            "subscription_item_details": {
                "invoice_item": null,
                "proration": proration,
                "proration_details": {"credited_items": credited(stamp, &line.entry)},
                "subscription": stamp.subscription_id(subscription),
                "subscription_item": stamp.subscription_item_id(item),
            },
            "type": "subscription_item_details",
        }),
        Origin::Item(serial, of) => json!({
            "invoice_item_details": {
                "invoice_item": stamp.invoice_item_id(serial),
                "proration": proration,
                "proration_details": {"credited_items": credited(stamp, &line.entry)},
                "subscription": of.map(|of| stamp.subscription_id(of.subscription)),
            },
            "subscription_item_details": null,
            "type": "invoice_item_details",
        }),
    }
}

pub(crate) fn line(stamp: &Stamp, invoice: &Invoice, line: &Line) -> Value {
    let entry = &line.entry;
    let discount = invoice.discount.as_ref().map(|discount| stamp.discount_id(discount.serial)).filter(|_| line.discount != 0);
    let amounts: Vec<Value> = discount.iter().map(|id| json!({"amount": line.discount, "discount": id})).collect();
    let pretax: Vec<Value> =
        discount.iter().map(|id| json!({"amount": line.discount, "discount": id, "type": "discount"})).collect();
    let rate = invoice.tax.as_ref().map(|rate| (stamp.tax_rate_id(rate.serial), rate.inclusive));
    let tax = line.tax.map_or((0, 0), |tax| (tax.amount, tax.taxable));
    let subscription = match line.origin {
        Origin::Subscription(of) | Origin::Item(_, Some(of)) => Some(stamp.subscription_id(of.subscription)),
        Origin::Item(_, None) => None,
    };
    json!({
        "id": stamp.line_id(line.serial),
        "object": "line_item",
        "amount": entry.amount,
        "currency": invoice.currency.as_str(),
        "description": entry.description,
        "discount_amounts": amounts,
        "discountable": entry.proration.is_none(),
        "discounts": [],
        "invoice": stamp.invoice_id(invoice.serial),
        "livemode": false,
        "metadata": {},
        "parent": parent(stamp, line),
        "period": period(entry),
        "pretax_credit_amounts": pretax,
        "pricing": pricing(stamp, entry),
        "quantity": entry.quantity,
        "quantity_decimal": entry.quantity.to_string(),
        "subscription": subscription,
        "subtotal": entry.amount,
        "taxes": taxes(rate.as_ref().map(|(id, inclusive)| (id.as_str(), *inclusive)), tax.0, tax.1),
    })
}

pub(crate) fn invoice_item(stamp: &Stamp, row: &InvoiceItem, at: i64) -> Value {
    let entry = &row.entry;
    let parent = row.of.map(|Of { subscription, item }| {
        json!({
            "subscription_details": {
                "subscription": stamp.subscription_id(subscription), "subscription_item": stamp.subscription_item_id(item),
            },
            "type": "subscription_details",
        })
    });
    let mut body = json!({
        "id": stamp.invoice_item_id(row.serial),
        "object": "invoiceitem",
        "amount": entry.amount,
        "currency": row.currency.as_str(),
        "customer": stamp.customer_id(row.customer),
        "customer_account": null,
        "date": row.made,
        "description": entry.description,
        "discountable": entry.proration.is_none(),
        "discounts": [],
        "invoice": row.told.at(at).map(|invoice| stamp.invoice_id(invoice)),
        "livemode": false,
        "metadata": {},
        "net_amount": entry.amount,
        "parent": parent,
        "period": period(entry),
        "pricing": pricing(stamp, entry),
        "proration": entry.proration.is_some(),
        "quantity": entry.quantity,
        "quantity_decimal": entry.quantity.to_string(),
        "tax_rates": [],
        "test_clock": null,
    });
    if let (true, Some(fields)) = (entry.proration.is_some(), body.as_object_mut()) {
        let items = credited(stamp, entry).map(|lines| json!({"invoice_line_item_details": lines, "type": "invoice_line_items"}));
        fields.insert("proration_details".to_owned(), json!({"credited_items": items, "discount_amounts": []}));
    }
    body
}

/// Where the lines of a subscription's invoice come from.
pub(super) fn invoice_parent(stamp: &Stamp, invoice: &Invoice) -> Value {
    let Some(subscription) = invoice.subscription else { return Value::Null };
    json!({
        "quote_details": null,
        "subscription_details": {"metadata": {}, "subscription": stamp.subscription_id(subscription)},
        "type": "subscription_details",
    })
}
