//! JSON as this crate makes it by the million: names and fixed texts are borrowed, and an object is one list.

use std::borrow::Cow;

use serde::ser::{Serialize, Serializer};
use serde_json::{Number, Value};

/// A piece of JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Json<'a> {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    /// Any other number.
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    /// Ordered by name, as [`Value`] orders them.
    Object(Vec<(Cow<'a, str>, Self)>),
}

impl<'a> Json<'a> {
    /// An object of these fields, no two of which have one name.
    pub(crate) fn object(mut fields: Vec<(Cow<'a, str>, Self)>) -> Self {
        fields.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Self::Object(fields)
    }

    /// The field of an object, where it is there.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// What a JSON pointer such as `/card/brand` leads to.
    pub(crate) fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        pointer.split('/').skip(1).try_fold(self, |at, name| match at {
            Self::Object(fields) => fields.iter_mut().find(|(field, _)| field == name).map(|(_, value)| value),
            _ => None,
        })
    }

    /// Lets an object say `value` in a field, whether it has it or not.
    pub(crate) fn insert(&mut self, name: &'a str, value: Self) {
        self.remove(name);
        if let Self::Object(fields) = self {
            let at = fields.partition_point(|(field, _)| **field < *name);
            fields.insert(at, (name.into(), value));
        }
    }

    /// Takes a field out of an object.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Self::Object(fields) = self {
            fields.retain(|(field, _)| field != name);
        }
    }

    /// A text field of an object.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A field of an object that is a whole number.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Self::Int(int) => Some(*int),
            _ => None,
        }
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(bool) => serializer.serialize_bool(*bool),
            Self::Int(int) => serializer.serialize_i64(*int),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(list) => serializer.collect_seq(list),
            Self::Object(fields) => serializer.collect_map(fields.iter().map(|(name, value)| (name, value))),
        }
    }
}

impl From<Json<'_>> for Value {
    fn from(json: Json<'_>) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(bool) => Self::Bool(bool),
            Json::Int(int) => int.into(),
            Json::Number(number) => Self::Number(number),
            Json::Text(text) => Self::String(text.into_owned()),
            Json::List(list) => list.into_iter().map(Self::from).collect(),
            Json::Object(fields) => fields.into_iter().map(|(name, value)| (name.into_owned(), Self::from(value))).collect(),
        }
    }
}

impl From<Value> for Json<'_> {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(bool),
            Value::Number(number) => number.as_i64().map_or(Self::Number(number), Self::Int),
            Value::String(text) => Self::Text(text.into()),
            Value::Array(list) => Self::List(list.into_iter().map(Self::from).collect()),
            Value::Object(fields) => Self::Object(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect()),
        }
    }
}

impl From<bool> for Json<'_> {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}

impl From<i32> for Json<'_> {
    fn from(int: i32) -> Self {
        Self::Int(int.into())
    }
}

impl From<i64> for Json<'_> {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<u32> for Json<'_> {
    fn from(int: u32) -> Self {
        Self::Int(int.into())
    }
}

impl<'a> From<&'a str> for Json<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Json<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<Vec<Self>> for Json<'a> {
    fn from(list: Vec<Self>) -> Self {
        Self::List(list)
    }
}

impl<'a, T: Into<Self>> From<Option<T>> for Json<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// An object as JSON writes it; values that are no object, list or `null` are expressions.
macro_rules! json {
    (@ $fields:ident) => {};
    (@ $fields:ident $name:literal: null $(, $($rest:tt)*)?) => {
        $fields.push(($name.into(), $crate::json::Json::Null));
        $crate::json::json!(@ $fields $($($rest)*)?);
    };
    (@ $fields:ident $name:literal: {$($inner:tt)*} $(, $($rest:tt)*)?) => {
        $fields.push(($name.into(), $crate::json::json!({$($inner)*})));
        $crate::json::json!(@ $fields $($($rest)*)?);
    };
    (@ $fields:ident $name:literal: [$($item:expr),*] $(, $($rest:tt)*)?) => {
        $fields.push(($name.into(), $crate::json::Json::List(vec![$($item.into()),*])));
        $crate::json::json!(@ $fields $($($rest)*)?);
    };
    (@ $fields:ident $name:literal: $value:expr $(, $($rest:tt)*)?) => {
        $fields.push(($name.into(), $crate::json::Json::from($value)));
        $crate::json::json!(@ $fields $($($rest)*)?);
    };
    ({}) => { $crate::json::Json::Object(Vec::new()) };
    ({$($fields:tt)*}) => {{
        let mut fields = Vec::with_capacity(16);
        $crate::json::json!(@ fields $($fields)*);
        $crate::json::Json::object(fields)
    }};
}
pub(crate) use json;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_a_value_is() {
        let (three, some, none) = (3, Some("x".to_owned()), None::<&str>);
        let make = || json!({"z": three, "id": "a\"b", "list": ["ü", -1], "none": none, "some": some.clone(), "in": {"e": {}, "b": true, "a": null}});
        let text = r#"{"id":"a\"b","in":{"a":null,"b":true,"e":{}},"list":["ü",-1],"none":null,"some":"x","z":3}"#;
        assert_eq!(serde_json::to_string(&make()).expect("JSON"), text);
        let value = Value::from(make());
        assert_eq!(value.to_string(), text);
        assert_eq!(Json::from(value), make());
    }

    #[test]
    fn fields_come_and_go() {
        let mut body = json!({"id": "x", "card": {"wallet": null}});
        body.insert("amount", Json::Int(5));
        body.insert("id", "y".into());
        body.remove("none");
        *body.pointer_mut("/card/wallet").expect("a wallet") = true.into();
        assert_eq!(body.pointer_mut("/none/at/all"), None);
        assert_eq!((body.int("amount"), body.text("id"), body.text("amount")), (Some(5), Some("y"), None));
        assert_eq!(serde_json::to_string(&body).expect("JSON"), r#"{"amount":5,"card":{"wallet":true},"id":"y"}"#);
    }
}
