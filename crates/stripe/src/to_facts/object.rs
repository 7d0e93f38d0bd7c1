//! Objects that are read by their declaration: the columns that people query, and what stands within them.

use std::borrow::Cow;
use std::collections::HashMap;

use facts::{AccountId, Cell, Fact, Object, ObjectKind, Parts, RefusalCause, Value};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Doubt, Found, in_words, instant};
use crate::objects::{Column, Declaration, Holds, Listing, Part, declaration, of_word};
use crate::wire::{Link, Pairs, rate};

/// An object's fields, as they came.
type Fields<'a> = HashMap<Cow<'a, str>, &'a RawValue>;

/// A list within an object.
#[derive(Deserialize)]
struct Embedded<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
    has_more: bool,
}

/// Reads an object of `account` by its declaration.
pub(crate) fn object(declared: &'static Declaration, account: &AccountId, raw: &str) -> Found {
    let read = read(declared, account, raw);
    match read {
        Ok(object) => (Some(object.id.clone()), Ok(Fact::Object(object))),
        Err(doubt) => {
            let id = fields(raw).ok().and_then(|fields| id(&fields).ok());
            (id, Err(doubt))
        }
    }
}

fn read(declared: &'static Declaration, account: &AccountId, raw: &str) -> Result<Object, Doubt> {
    let fields = fields(raw)?;
    let id = id(&fields)?;
    let deleted = fields.get("deleted").is_some_and(|raw| raw.get() == "true");
    let created_at = created(declared, &fields)?;
    let cells = match declared.kind {
        _ if deleted => Vec::new(),
        ObjectKind::Event => about(&fields),
        _ => declared.columns.iter().map(|column| cell(column, &fields)).collect(),
    };
    let parts = declared.part.as_ref().filter(|_| !deleted).map(|part| parts(part, account, &fields)).transpose()?.flatten();
    Ok(Object { kind: declared.kind, id, account: account.clone(), created_at, cells, deleted, parts })
}

fn fields(raw: &str) -> Result<Fields<'_>, Doubt> {
    let none = |error| Doubt::new(RefusalCause::NotAnObject, format!("it is not an object: {}", in_words(&error)));
    serde_json::from_str(raw).map_err(none)
}

/// Any id that Stripe's own could be, which has no control characters and is not too long.
fn id(fields: &Fields<'_>) -> Result<String, Doubt> {
    let text: Option<String> = fields.get("id").and_then(|raw| serde_json::from_str(raw.get()).ok());
    let text = text.ok_or_else(|| Doubt::new(RefusalCause::MissingField, "it has no id"))?;
    let bad = |error: facts::BadId| Doubt::new(RefusalCause::BadId, error.to_string().replace("account id", "id"));
    facts::AccountId::parse(&text).map(|_| text).map_err(bad)
}

fn created(declared: &Declaration, fields: &Fields<'_>) -> Result<Option<Timestamp>, Doubt> {
    let seconds: Option<i64> = fields.get(declared.created).and_then(|raw| serde_json::from_str(raw.get()).ok());
    seconds.map(|seconds| instant(declared.created, seconds)).transpose()
}

/// The objects that stand within this one; `None` where the list is not there.
fn parts(part: &Part, account: &AccountId, fields: &Fields<'_>) -> Result<Option<Parts>, Doubt> {
    let embedded: Option<Embedded<'_>> = fields.get(part.field).and_then(|raw| serde_json::from_str(raw.get()).ok());
    let Some(embedded) = embedded else { return Ok(None) };
    let inner = declaration(part.kind);
    let objects: Vec<Object> = embedded
        .data
        .iter()
        .map(|raw| read(inner, account, raw.get()))
        .collect::<Result<_, _>>()
        .map_err(|why: Doubt| Doubt { reason: format!("its {}: {}", part.field, why.reason), ..why })?;
    let ids = (!embedded.has_more).then(|| objects.iter().map(|object| object.id.clone()).collect());
    Ok(Some(Parts { kind: part.kind, whole: part.whole, objects, ids }))
}

fn cell(column: &Column, fields: &Fields<'_>) -> Cell {
    Cell { column: column.name, value: value(column.holds, column.field, fields).unwrap_or(Value::None) }
}

/// The value of a field; `None` where it is not there, or is not what the column holds.
fn value(holds: Holds, field: &str, fields: &Fields<'_>) -> Option<Value> {
    if let Some((outer, inner)) = field.split_once('.') {
        let level: Fields<'_> = serde_json::from_str(fields.get(outer)?.get()).ok()?;
        return value(holds, inner, &level);
    }
    let raw = fields.get(field)?.get();
    match holds {
        Holds::Text => serde_json::from_str(raw).ok().map(Value::Text),
        Holds::Link => serde_json::from_str(raw).ok().map(|link: Link| Value::Text(link.id)),
        Holds::Number => serde_json::from_str(raw).ok().map(Value::Number),
        Holds::Flag => serde_json::from_str(raw).ok().map(|flag: bool| Value::Number(flag.into())),
        Holds::Decimal => rate(fields.get(field)?).ok().map(Value::Text),
        Holds::Metadata => {
            let Pairs(pairs): Pairs<String> = serde_json::from_str(raw).ok()?;
            serde_json::to_string(&pairs).ok().map(Value::Text)
        }
    }
}

/// What an event is about: the object that it carries, or the one in which that stands.
fn about(fields: &Fields<'_>) -> Vec<Cell> {
    let subject = subject(fields);
    let text = |text: Option<String>| text.map_or(Value::None, Value::Text);
    let (kind, id) = subject.map_or((None, None), |(kind, id)| (Some(kind.as_str().to_owned()), Some(id)));
    vec![
        Cell { column: "kind", value: value(Holds::Text, "type", fields).unwrap_or(Value::None) },
        Cell { column: "object", value: text(kind) },
        Cell { column: "object_id", value: text(id) },
        Cell { column: "api_version", value: value(Holds::Text, "api_version", fields).unwrap_or(Value::None) },
    ]
}

/// The object that a snapshot event says has changed, or the one in which that stands; `None` where it is none that is kept.
pub(crate) fn subject_of_event(raw: &str) -> Option<(ObjectKind, String)> {
    subject(&fields(raw).ok()?)
}

fn subject(fields: &Fields<'_>) -> Option<(ObjectKind, String)> {
    let data: Fields<'_> = serde_json::from_str(fields.get("data")?.get()).ok()?;
    let object: Fields<'_> = serde_json::from_str(data.get("object")?.get()).ok()?;
    let word: String = serde_json::from_str(object.get("object")?.get()).ok()?;
    if word == "discount" {
        return redeemed(&object);
    }
    let declared = of_word(&word)?;
    let Listing::Within(whole) = declared.listing else { return Some((declared.kind, id(&object).ok()?)) };
    let named = declaration(whole).part.and_then(|part| declared.columns.iter().find(|column| column.name == part.whole))?;
    let link: Link = serde_json::from_str(object.get(named.field)?.get()).ok()?;
    Some((whole, link.id))
}

/// What a discount was given by: that it was redeemed is told by no event of its own.
fn redeemed(discount: &Fields<'_>) -> Option<(ObjectKind, String)> {
    let linked = |field: &str| match value(Holds::Link, field, discount) {
        Some(Value::Text(id)) => Some(id),
        _ => None,
    };
    let code = linked("promotion_code").map(|code| (ObjectKind::PromotionCode, code));
    code.or_else(|| linked("source.coupon").map(|coupon| (ObjectKind::Coupon, coupon)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acct() -> AccountId {
        AccountId::parse("acct_1").unwrap()
    }

    fn read_as(kind: ObjectKind, raw: &str) -> Object {
        let (_, Ok(Fact::Object(object))) = object(declaration(kind), &acct(), raw) else { panic!("refused: {raw}") };
        object
    }

    fn column<'a>(object: &'a Object, name: &str) -> &'a Value {
        &object.cells.iter().find(|cell| cell.column == name).unwrap().value
    }

    #[test]
    fn columns_are_found_at_any_depth_and_what_they_cannot_hold_stays_in_the_bytes() {
        let invoice = read_as(
            ObjectKind::Invoice,
            r#"{"id":"in_1","created":5,"total":"a lot","customer":{"id":"cus_1","object":"customer"},"new":[1],
                "parent":{"type":"x","subscription_details":{"subscription":"sub_1"}},"metadata":{"b":"2","a":"1"}}"#,
        );
        assert_eq!(column(&invoice, "subscription"), &Value::Text("sub_1".to_owned()));
        assert_eq!(column(&invoice, "customer"), &Value::Text("cus_1".to_owned()));
        assert_eq!(column(&invoice, "total_minor"), &Value::None);
        assert_eq!(column(&invoice, "metadata"), &Value::Text(r#"[["b","2"],["a","1"]]"#.to_owned()));
        assert_eq!((invoice.created_at.map(Timestamp::as_second), invoice.parts), (Some(5), None));
    }

    #[test]
    fn a_decimal_keeps_its_digits() {
        let coupon = read_as(ObjectKind::Coupon, r#"{"id":"c","percent_off":12.345678901234567890}"#);
        assert_eq!(column(&coupon, "percent_off"), &Value::Text("12.345678901234567890".to_owned()));
    }

    #[test]
    fn the_parts_of_a_whole_list_are_known_and_those_of_a_cut_one_are_not() {
        let with = |more: bool| {
            read_as(
                ObjectKind::Invoice,
                &format!(r#"{{"id":"in_1","lines":{{"data":[{{"id":"il_1","invoice":"in_1","amount":7}}],"has_more":{more}}}}}"#),
            )
        };
        let parts = with(false).parts.unwrap();
        assert_eq!((parts.objects.len(), parts.ids), (1, Some(vec!["il_1".to_owned()])));
        assert_eq!(with(true).parts.unwrap().ids, None);
    }

    #[test]
    fn what_is_deleted_says_only_that() {
        let customer = read_as(ObjectKind::Customer, r#"{"id":"cus_1","object":"customer","deleted":true}"#);
        assert!(customer.deleted && customer.cells.is_empty());
    }

    #[test]
    fn an_event_is_about_what_it_carries_or_what_that_stands_in() {
        let event = |object: &str| {
            read_as(ObjectKind::Event, &format!(r#"{{"id":"evt_1","created":1,"type":"t","data":{{"object":{object}}}}}"#))
        };
        let plain = event(r#"{"object":"invoice","id":"in_1"}"#);
        assert_eq!(
            (column(&plain, "object"), column(&plain, "object_id")),
            (&Value::Text("invoice".to_owned()), &Value::Text("in_1".to_owned()))
        );
        let part = event(r#"{"object":"fee_refund","id":"fr_1","fee":"fee_1"}"#);
        assert_eq!(
            (column(&part, "object"), column(&part, "object_id")),
            (&Value::Text("application_fee".to_owned()), &Value::Text("fee_1".to_owned()))
        );
        let foreign = event(r#"{"object":"checkout.session","id":"cs_1"}"#);
        assert_eq!(column(&foreign, "object"), &Value::None);
    }

    #[test]
    fn an_object_without_an_id_is_refused() {
        for raw in [r#"{"object":"invoice"}"#, r#"{"id":""}"#, "[]", "7"] {
            assert!(object(declaration(ObjectKind::Invoice), &acct(), raw).1.is_err(), "{raw}");
        }
    }

    #[test]
    fn an_event_of_a_discount_is_about_the_code_or_the_coupon_that_was_redeemed() {
        let about = |code: &str| {
            let event = format!(
                r#"{{"data":{{"object":{{"id":"di_1","object":"discount","promotion_code":{code},
                    "source":{{"type":"coupon","coupon":{{"id":"half off","object":"coupon"}}}}}}}}}}"#
            );
            subject_of_event(&event).map(|(kind, id)| (kind.as_str(), id))
        };
        assert_eq!(about("\"promo_1\""), Some(("promotion_code", "promo_1".to_owned())));
        assert_eq!(about("null"), Some(("coupon", "half off".to_owned())));
    }
}
