//! Field types that several objects share.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::value::RawValue;

/// Only the id of an object whose other fields could not be read.
#[derive(Deserialize)]
pub struct Id {
    pub id: String,
}

/// Another object: its id alone, or the object itself where it was expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub id: String,
    pub object: Option<String>,
}

impl<'de> Deserialize<'de> for Link {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LinkVisitor)
    }
}

struct LinkVisitor;

impl<'de> Visitor<'de> for LinkVisitor {
    type Value = Link;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id or an object with one")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Link, E> {
        Ok(Link { id: text.to_owned(), object: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Link, A::Error> {
        let (mut id, mut object) = (None, None);
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "id" => id = Some(map.next_value()?),
                "object" => object = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let id = id.ok_or_else(|| de::Error::missing_field("id"))?;
        Ok(Link { id, object })
    }
}

/// Reads an optional field that nothing hangs on: what is not a `T` counts as absent.
pub fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    let raw: &RawValue = Deserialize::deserialize(deserializer)?;
    Ok(if raw.get() == "null" { None } else { serde_json::from_str(raw.get()).ok() })
}

/// Reads names and values in Stripe's order. Stripe sends text only; another value is kept as its JSON text.
pub fn metadata<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    let raw: &RawValue = Deserialize::deserialize(deserializer)?;
    let pairs: Option<Pairs<&RawValue>> = serde_json::from_str(raw.get()).ok();
    let text = |raw: &RawValue| serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned());
    Ok(pairs.map(|pairs| pairs.0.into_iter().map(|(name, raw)| (name, text(raw))).collect()).unwrap_or_default())
}

/// A JSON object as pairs, in its own order.
pub struct Pairs<T>(pub Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

struct PairsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
    type Value = Pairs<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("names and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

/// A rate's own decimal text, whether it came as a JSON number or as text; never through a float.
///
/// `Err` holds what is neither.
pub fn rate(raw: &RawValue) -> Result<String, String> {
    let text = raw.get().trim_matches('"');
    let decimal = text.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    let some_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    if decimal && some_digit { Ok(text.to_owned()) } else { Err(raw.get().chars().take(40).collect()) }
}
