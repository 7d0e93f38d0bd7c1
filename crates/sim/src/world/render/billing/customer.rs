//! Customers and the changes of their balance.

use serde_json::{Value, json};

use super::super::super::{
    billing::{BalanceEntry, Cause, Customer},
    rows::Stamp,
};

const GIVEN: [&str; 16] = [
    "Aiko", "Anna", "Ben", "Chloé", "David", "Elif", "Fatima", "George", "Hannah", "Ines", "Jonas", "Kenji", "Lena", "Marc",
    "Nora", "Olu",
];
const FAMILY: [&str; 16] = [
    "Abe", "Baker", "Costa", "Dupont", "Evans", "Fischer", "Garcia", "Huber", "Ito", "Jansen", "Kaya", "Lindgren", "Meyer",
    "Novak", "O'Brien", "Sato",
];
const ABROAD: [&str; 4] = ["GB", "FR", "CA", "NL"];

/// Who a customer is.
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) country: &'static str,
}

/// The person behind a customer's number.
pub(crate) fn person(stamp: &Stamp, number: u32) -> Person {
    let dice = stamp.dice(number);
    let pick = |shift: u32, from: &[&'static str]| from.get((dice >> shift) as usize % from.len().max(1)).copied().unwrap_or("");
    let (given, family) = (pick(0, &GIVEN), pick(8, &FAMILY));
    let letters = |name: &str| name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    let country = if (dice >> 16).is_multiple_of(5) { pick(24, &ABROAD) } else { stamp.country };
    let email = format!("{}.{}.{number}@example.com", letters(given), letters(family));
    Person { name: format!("{given} {family}"), email, country }
}

/// An address of which only the country is known.
pub(super) fn address(country: &str) -> Value {
    json!({"city": null, "country": country, "line1": null, "line2": null, "postal_code": null, "state": null})
}

pub(crate) fn customer(stamp: &Stamp, row: &Customer, at: i64) -> Value {
    let account = row.told.at(at);
    let person = person(stamp, row.number);
    json!({
        "id": stamp.customer_id(row.number),
        "object": "customer",
        "address": address(person.country),
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

pub(crate) fn balance_entry(stamp: &Stamp, row: &BalanceEntry) -> Value {
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
