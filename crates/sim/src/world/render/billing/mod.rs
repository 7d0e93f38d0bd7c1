//! Stripe's JSON of what is billed.

mod code;
mod customer;
mod goods;
mod invoice;
mod line;
mod note;
mod payment;
mod schedule;
mod subscription;

use serde_json::{Number, Value, json};

pub(crate) use code::{discount, promotion_code};
pub(crate) use customer::{balance_entry, customer};
pub(crate) use goods::{coupon, plan, price, product, tax_rate, tiers};
pub(crate) use invoice::invoice;
pub(crate) use line::{invoice_item, line};
pub(crate) use note::{credit_note, credit_note_lines};
pub(crate) use payment::{intent, invoice_payment};
pub(crate) use schedule::schedule;
pub(crate) use subscription::{subscription, subscription_item};

/// How many objects Stripe shows in a list within an object.
const EMBEDDED: usize = 10;

/// The first of `all`, as a list within an object; the others are at `url`.
fn embedded(all: usize, url: String, one: impl FnMut(usize) -> Option<Value>) -> Value {
    let data: Vec<Value> = (0..all.min(EMBEDDED)).filter_map(one).collect();
    json!({"object": "list", "data": data, "has_more": all > EMBEDDED, "url": url})
}

/// `value` ÷ 10^`places` as text without zeros at its end, such as `12.5`.
fn decimal(value: i64, places: u32) -> String {
    let unit = 10_u64.pow(places);
    let (whole, part) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
    let sign = if value < 0 { "-" } else { "" };
    let fraction = format!("{part:0width$}", width = places as usize);
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

/// The same as a JSON number.
fn number(value: i64, places: u32) -> Value {
    decimal(value, places).parse::<Number>().map_or(Value::Null, Value::Number)
}

/// Taxes of one rate as Stripe lists them on lines and in totals; none where nothing is taxed.
fn taxes(rate: Option<(&str, bool)>, amount: i64, taxable: i64) -> Value {
    let Some((rate, inclusive)) = rate else { return json!([]) };
    json!([{
        "amount": amount,
        "tax_behavior": if inclusive { "inclusive" } else { "exclusive" },
        "tax_rate_details": {"tax_rate": rate},
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable,
        "type": "tax_rate_details",
    }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_print_what_they_have() {
        for (value, places, text) in [(12_500, 3, "12.5"), (1_900, 2, "19"), (825, 2, "8.25"), (-1_050, 3, "-1.05"), (0, 3, "0")]
        {
            assert_eq!(decimal(value, places), text);
        }
        assert_eq!(number(125, 1).to_string(), "12.5");
    }
}
