//! Customers and the changes of their balance.

use super::super::super::{
    billing::{BalanceEntry, Cause, Customer},
    rows::Stamp,
};
use crate::json::{Json, json};

const ABROAD: [&str; 4] = ["GB", "FR", "CA", "NL"];

/// Where a customer lives: mostly where the merchant does.
pub(super) fn country(stamp: &Stamp, number: u32) -> &'static str {
    let dice = stamp.dice(number);
    let abroad = ABROAD.get((dice >> 24) as usize % ABROAD.len()).copied().filter(|_| dice.is_multiple_of(5));
    abroad.unwrap_or(stamp.country)
}

/// An address of which only the country is known.
pub(super) fn address(country: &str) -> Json<'_> {
    json!({"city": null, "country": country, "line1": null, "line2": null, "postal_code": null, "state": null})
}

pub(crate) fn customer<'a>(stamp: &'a Stamp, row: &'a Customer, at: i64) -> Json<'a> {
    let account = row.told.at(at);
    let person = stamp.customer(row.number);
    json!({
        "id": stamp.customer_id(row.number),
        "object": "customer",
        "address": address(country(stamp, row.number)),
        "balance": account.balance,
        "created": row.created,
        "currency": row.currency.map(|currency| currency.as_str().to_owned()),
        "customer_account": null,
        "default_source": null,
        "delinquent": account.delinquent,
        "description": null,
        "discount": null,
        "email": person.email,
        "invoice_prefix": stamp.invoice_prefix(row.number),
        "invoice_settings": {"custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null},
        "livemode": false,
        "metadata": {},
        "name": person.name,
        "next_invoice_sequence": account.invoices + 1,
        "phone": null,
        "preferred_locales": [],
        "shipping": null,
        "tax_exempt": "none",
        "test_clock": null,
    })
}

pub(crate) fn balance_entry<'a>(stamp: &'a Stamp, row: &'a BalanceEntry) -> Json<'a> {
    let (word, invoice, note) = match row.cause {
        Cause::Adjustment => ("adjustment", None, None),
        Cause::AppliedToInvoice(invoice) => ("applied_to_invoice", Some(invoice), None),
        Cause::UnappliedFromInvoice(invoice) => ("unapplied_from_invoice", Some(invoice), None),
        Cause::InvoiceTooSmall(invoice) => ("invoice_too_small", Some(invoice), None),
        Cause::CreditNote { note, invoice } => ("credit_note", Some(invoice), Some(note)),
    };
    json!({
        "id": stamp.balance_entry_id(row.serial),
        "object": "customer_balance_transaction",
        "amount": row.amount,
        "checkout_session": null,
        "created": row.created,
        "credit_note": note.map(|note| stamp.credit_note_id(note)),
        "currency": row.currency.as_str(),
        "customer": stamp.customer_id(row.customer),
        "customer_account": null,
        "description": null,
        "ending_balance": row.ending,
        "invoice": invoice.map(|invoice| stamp.invoice_id(invoice)),
        "livemode": false,
        "metadata": {},
        "type": word,
    })
}
