//! Holds rendered objects against the table.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::table::{Field, Presence, Shape, Table};

/// What was found in all objects that were looked at. Counts are by a field's number in the table.
pub struct Findings<'a> {
    table: &'a Table,
    /// How often a field was there, null or not.
    pub seen: Vec<u64>,
    /// How often an object was there without it.
    pub missing: Vec<u64>,
    /// How often there was an object in it.
    pub held: Vec<u64>,
    /// Fields that the table does not have, by `object path`, with an example of the value.
    pub extra: BTreeMap<String, String>,
    /// What no object of Stripe's says, with an example.
    pub wrong: BTreeMap<String, String>,
}

/// Where in an object a value stands.
enum Place<'p> {
    Object(&'p str),
    Below(&'p Place<'p>, &'p str),
}

impl Place<'_> {
    /// `object path`, as the table writes it.
    fn name(&self) -> String {
        match self {
            Self::Object(kind) => (*kind).to_owned(),
            Self::Below(whole, "[]") => format!("{}[]", whole.name()),
            Self::Below(Self::Object(kind), segment) => format!("{kind} {segment}"),
            Self::Below(whole, segment) => format!("{}.{segment}", whole.name()),
        }
    }
}

impl<'a> Findings<'a> {
    pub fn new(table: &'a Table) -> Self {
        let none = || vec![0; table.size];
        Self { table, seen: none(), missing: none(), held: none(), extra: BTreeMap::new(), wrong: BTreeMap::new() }
    }

    /// Looks at one object, whose `object` field names its kind.
    pub fn look(&mut self, body: &Value) {
        let kind = body["object"].as_str().unwrap_or("(without object)");
        match (self.table.kinds.get(kind), body.as_object()) {
            (Some(root), Some(fields)) => self.fields(root, fields, &Place::Object(kind)),
            _ => self.wrong_in(
                &Place::Object(kind),
                "is no object of fields.txt; add its fields there, each as a line `object path type`",
                body,
            ),
        }
    }

    fn fields(&mut self, holder: &Field, fields: &Map<String, Value>, place: &Place<'_>) {
        self.held[holder.number] += 1;
        for (name, value) in fields {
            let place = Place::Below(place, name);
            match holder.fields.get(name) {
                Some(field) => self.value(field, value, &place),
                None => drop(self.extra.entry(place.name()).or_insert_with(|| value.to_string())),
            }
        }
        let named = fields.get("type").and_then(Value::as_str);
        for (name, field) in &holder.fields {
            let is_there = fields.contains_key(name);
            self.missing[field.number] += u64::from(!is_there);
            if field.presence == Presence::Variant && is_there != (named == Some(name)) {
                let found = Value::Object(fields.clone());
                self.wrong_in(&Place::Below(place, name), "is there without its type, or its type without it", &found);
            }
        }
    }

    fn value(&mut self, field: &Field, value: &Value, place: &Place<'_>) {
        self.seen[field.number] += 1;
        match (&field.shape, value) {
            (Shape::Open, _) => {}
            (_, Value::Null) if field.nullable => {}
            (Shape::Object, Value::Object(fields)) => self.fields(field, fields, place),
            (Shape::List, Value::Array(items)) => {
                let item = field.item.as_ref().unwrap_or_else(|| panic!("fields.txt does not say what {} holds", place.name()));
                items.iter().for_each(|one| self.value(item, one, &Place::Below(place, "[]")));
            }
            (Shape::Embedded(kinds), Value::Object(_)) => self.embedded(kinds, value, place),
            (Shape::Page(kinds), Value::Object(page)) => self.page(kinds, page, place),
            (shape, value) if !fits(shape, value) => self.wrong_in(place, &format!("is not {shape:?}"), value),
            (_, Value::String(text)) if !field.words.is_empty() && !field.words.contains(text) => {
                self.wrong_in(place, "is none of Stripe's words for it", value);
            }
            _ => {}
        }
    }

    fn embedded(&mut self, kinds: &[String], value: &Value, place: &Place<'_>) {
        let kind = value["object"].as_str().unwrap_or_default();
        if !kinds.iter().any(|allowed| allowed == kind || allowed == "*") {
            self.wrong_in(place, &format!("is not one of {kinds:?}"), value);
        }
        self.look(value);
    }

    fn page(&mut self, kinds: &[String], page: &Map<String, Value>, place: &Place<'_>) {
        let is_page = page.len() == 4
            && page.get("object").is_some_and(|object| object == "list")
            && page.get("has_more").is_some_and(Value::is_boolean)
            && page.get("url").and_then(Value::as_str).is_some_and(|url| url.starts_with("/v1/"));
        match page.get("data").and_then(Value::as_array) {
            Some(data) if is_page => data.iter().for_each(|one| self.embedded(kinds, one, place)),
            _ => self.wrong_in(place, "is no list of objects", &Value::Object(page.clone())),
        }
    }

    fn wrong_in(&mut self, place: &Place<'_>, what: &str, value: &Value) {
        self.wrong.entry(format!("{} {what}", place.name())).or_insert_with(|| value.to_string());
    }
}

fn fits(shape: &Shape, value: &Value) -> bool {
    let text = value.as_str();
    let lettered = |length: usize, of: fn(&char) -> bool| {
        text.is_some_and(|text| text.len() == length && text.chars().all(|letter| of(&letter)))
    };
    match shape {
        Shape::Text => text.is_some(),
        Shape::Integer => value.as_i64().is_some(),
        Shape::Number => value.is_number(),
        Shape::Boolean => value.is_boolean(),
        Shape::Decimal => text.is_some_and(is_decimal),
        // From 1990 on; milliseconds would lie beyond.
        Shape::Second => value.as_i64().is_some_and(|second| (631_152_000..10_000_000_000).contains(&second)),
        Shape::Currency => lettered(3, char::is_ascii_lowercase),
        Shape::Country => lettered(2, char::is_ascii_uppercase),
        Shape::Map => value.as_object().is_some_and(|entries| entries.values().all(Value::is_string)),
        Shape::Id(prefixes) => text.is_some_and(|id| id.len() <= 255 && prefixes.iter().any(|prefix| is_id(id, prefix))),
        Shape::Open | Shape::Object | Shape::List | Shape::Embedded(_) | Shape::Page(_) => false,
    }
}

fn is_id(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    !rest.is_empty() && rest.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

fn is_decimal(text: &str) -> bool {
    let (whole, part) = text.strip_prefix('-').unwrap_or(text).split_once('.').unwrap_or((text.trim_start_matches('-'), "0"));
    let digits = |text: &str| !text.is_empty() && text.chars().all(|digit| digit.is_ascii_digit());
    digits(whole) && digits(part) && part.len() <= 12
}
