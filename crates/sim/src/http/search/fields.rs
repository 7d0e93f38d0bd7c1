//! What each kind of object can be searched by, as Stripe lists it.

use serde_json::Value;

use super::query::{Clause, Operator};
use crate::catalog::ObjectKind;

/// The fewest characters of which a part of a text may consist.
const PART_MIN: usize = 3;

/// What can be done with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    /// Equal, whatever the case.
    Token,
    /// The same, and to contain.
    Text,
    /// Whole numbers, which have an order.
    Number,
}

use Type::{Number, Text, Token};

const CHARGE: &[(&str, Type)] = &[
    ("amount", Number),
    ("billing_details.address.postal_code", Token),
    ("created", Number),
    ("currency", Token),
    ("customer", Token),
    ("disputed", Token),
    ("payment_method_details.card.brand", Token),
    ("payment_method_details.card.exp_month", Number),
    ("payment_method_details.card.exp_year", Number),
    ("payment_method_details.card.fingerprint", Token),
    ("payment_method_details.card.last4", Token),
    ("refunded", Token),
    ("status", Token),
];
const CUSTOMER: &[(&str, Type)] = &[("created", Number), ("email", Text), ("name", Text), ("phone", Text)];
const INVOICE: &[(&str, Type)] = &[
    ("created", Number),
    ("currency", Token),
    ("customer", Token),
    ("number", Text),
    ("receipt_number", Text),
    ("status", Token),
    ("subscription", Text),
    ("total", Number),
];
const INTENT: &[(&str, Type)] =
    &[("amount", Number), ("created", Number), ("currency", Token), ("customer", Token), ("status", Token)];
const PRICE: &[(&str, Type)] =
    &[("active", Token), ("currency", Token), ("lookup_key", Text), ("product", Text), ("type", Token)];
const PRODUCT: &[(&str, Type)] = &[("active", Token), ("description", Text), ("name", Text), ("shippable", Token), ("url", Text)];
const SUBSCRIPTION: &[(&str, Type)] = &[("canceled_at", Number), ("created", Number), ("status", Token)];

/// The fields beside `metadata`, which all have; `None` for a kind that cannot be searched.
const fn of(kind: ObjectKind) -> Option<&'static [(&'static str, Type)]> {
    match kind {
        ObjectKind::Charge => Some(CHARGE),
        ObjectKind::Customer => Some(CUSTOMER),
        ObjectKind::Invoice => Some(INVOICE),
        ObjectKind::PaymentIntent => Some(INTENT),
        ObjectKind::Price => Some(PRICE),
        ObjectKind::Product => Some(PRODUCT),
        ObjectKind::Subscription => Some(SUBSCRIPTION),
        _ => None,
    }
}

/// Whether there is a search for a kind.
pub(in super::super) const fn is_searchable(kind: ObjectKind) -> bool {
    of(kind).is_some()
}

/// A clause that can be asked of an object's JSON.
#[derive(Debug)]
pub(super) struct Test {
    /// Where the field stands.
    pointer: String,
    negated: bool,
    asks: Asks,
}

#[derive(Debug)]
enum Asks {
    Missing,
    Equal(String),
    Contains(String),
    Number(Operator, i64),
}

impl Test {
    /// What a clause asks of objects of a kind; `collection` is the kind's name in addresses.
    ///
    /// # Errors
    /// Why it cannot be asked, in a sentence.
    pub(super) fn new(kind: ObjectKind, collection: &str, clause: &Clause) -> Result<Self, String> {
        let Clause { negated, field, key, operator, value } = clause;
        let known = of(kind).unwrap_or_default().iter().find(|(name, _)| name == field);
        let (pointer, field_type) = match (known, key) {
            (Some((name, field_type)), None) => (place(kind, name), *field_type),
            // Stripe's keys hold neither `~` nor `/` by its own rules for pointers, but ours may be asked for anything.
            (None, Some(key)) if field == "metadata" => {
                (format!("/metadata/{}", key.replace('~', "~0").replace('/', "~1")), Token)
            }
            _ => return Err(unsupported(field, collection)),
        };
        let asks = match (operator, value, field_type) {
            (Operator::Is, None, _) => Asks::Missing,
            (_, None, _) => return Err("null can only be asked for with `:`.".to_owned()),
            (Operator::Is, Some(value), Token | Text) => Asks::Equal(value.to_lowercase()),
            (Operator::Contains, Some(value), Text) if value.chars().count() < PART_MIN => {
                return Err(format!("A part of `{field}` must have at least {PART_MIN} characters."));
            }
            (Operator::Contains, Some(value), Text) => Asks::Contains(value.to_lowercase()),
            (Operator::Contains, Some(_), Token | Number) => {
                return Err(format!("Field `{field}` does not support the operator `~`."));
            }
            (operator, Some(value), Number) => {
                let number = value.parse().map_err(|_| format!("Field `{field}` takes a whole number, and not `{value}`."))?;
                Asks::Number(*operator, number)
            }
            (_, Some(_), Token | Text) => return Err(format!("Field `{field}` does not support comparisons by size.")),
        };
        Ok(Self { pointer, negated: *negated, asks })
    }

    /// Whether it holds of an object.
    pub(super) fn holds(&self, body: &Value) -> bool {
        let found = body.pointer(&self.pointer).filter(|value| !value.is_null());
        let holds = match (&self.asks, found) {
            (Asks::Missing, found) => found.is_none(),
            (_, None) => false,
            (Asks::Equal(text), Some(value)) => plain(value) == *text,
            (Asks::Contains(part), Some(value)) => plain(value).contains(part),
            (Asks::Number(operator, number), Some(value)) => {
                value.as_i64().is_some_and(|value| compare(value, *operator, *number))
            }
        };
        holds != self.negated
    }
}

/// Where an object says what a field means.
fn place(kind: ObjectKind, field: &str) -> String {
    match (kind, field) {
        (ObjectKind::Invoice, "subscription") => "/parent/subscription_details/subscription".to_owned(),
        _ => format!("/{}", field.replace('.', "/")),
    }
}

fn compare(value: i64, operator: Operator, number: i64) -> bool {
    match operator {
        Operator::Greater => value > number,
        Operator::AtLeast => value >= number,
        Operator::Less => value < number,
        Operator::AtMost => value <= number,
        Operator::Is | Operator::Contains => value == number,
    }
}

/// A value as text to compare.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_lowercase(),
        other => other.to_string(),
    }
}

fn unsupported(field: &str, collection: &str) -> String {
    format!(
        "Field `{field}` is an unsupported search field for resource `{collection}`. See \
         https://stripe.com/docs/search#query-fields-for-{} for a list of supported fields.",
        collection.replace('_', "-")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::query::Query;
    use super::*;

    fn test(kind: ObjectKind, text: &str) -> Result<Test, String> {
        let query = Query::parse(text).unwrap();
        Test::new(kind, "things", &query.clauses[0])
    }

    fn holds(text: &str) -> bool {
        let invoice = json!({
            "total": 1_000, "number": "ABC-0001", "status": "paid", "receipt_number": null, "metadata": {"a/b": "Yes"},
            "parent": {"subscription_details": {"subscription": "sub_1"}},
        });
        test(ObjectKind::Invoice, text).unwrap().holds(&invoice)
    }

    #[test]
    fn texts_are_equal_or_contained_whatever_their_case() {
        assert!(holds("status:PAID") && !holds("status:open") && holds("-status:open"));
        assert!(holds("number~'bc-0'") && !holds("number~'xyz'") && !holds("number:'bc-0'"));
        assert!(holds("subscription:'sub_1'"));
    }

    #[test]
    fn numbers_have_an_order() {
        assert!(holds("total:1000") && holds("total>999") && holds("total>=1000") && holds("total<=1000"));
        assert!(!holds("total>1000") && !holds("total<1000") && holds("-total<1000"));
    }

    #[test]
    fn null_asks_whether_there_is_a_value() {
        assert!(holds("receipt_number:null") && holds("-number:null"));
        assert!(holds("metadata['x']:null") && holds("-metadata['a/b']:null") && holds("metadata['a/b']:yes"));
        assert!(!holds("receipt_number:'x'") && !holds("created>0"));
    }

    #[test]
    fn what_a_field_cannot_be_asked_is_refused() {
        for text in [
            "id:1",
            "metadata:1",
            "status['a']:1",
            "status~'pai'",
            "status>'a'",
            "number~'ab'",
            "total:'a'",
            "total~'100'",
            "total>99999999999999999999",
            "total>null",
            "number~null",
        ] {
            assert!(test(ObjectKind::Invoice, text).is_err(), "{text}");
        }
        assert!(test(ObjectKind::Payout, "created>0").is_err());
    }
}
