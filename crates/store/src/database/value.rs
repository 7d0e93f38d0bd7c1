//! Values on their way into a statement and out of a row: the four kinds that both databases hold.

use std::borrow::Cow;

use super::{Error, Read};

/// One value, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueRef<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// One value, owned: a parameter that is chosen while the program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Text(text) => Self::Text(text.to_owned()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// What may be a parameter.
pub(crate) trait ToSql {
    fn value(&self) -> ValueRef<'_>;
}

/// Parameters that were put together while the program runs.
pub(crate) fn dynamic(values: &[Value]) -> Vec<&dyn ToSql> {
    values.iter().map(|value| value as &dyn ToSql).collect()
}

/// Parameters in the order of their numbers.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$(&$value as &dyn $crate::database::ToSql),*] as &[&dyn $crate::database::ToSql]
    };
}
pub(crate) use params;

impl<T: ToSql + ?Sized> ToSql for &T {
    fn value(&self) -> ValueRef<'_> {
        (**self).value()
    }
}

impl<T: ToSql> ToSql for Option<T> {
    fn value(&self) -> ValueRef<'_> {
        self.as_ref().map_or(ValueRef::Null, ToSql::value)
    }
}

impl ToSql for Value {
    fn value(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }
    }
}

impl ToSql for ValueRef<'_> {
    fn value(&self) -> ValueRef<'_> {
        *self
    }
}

macro_rules! integers {
    ($($kind:ty),+) => {
        $(impl ToSql for $kind {
            fn value(&self) -> ValueRef<'_> {
                ValueRef::Integer(i64::from(*self))
            }
        })+
    };
}

integers!(bool, i32, u32, i64);

impl ToSql for str {
    fn value(&self) -> ValueRef<'_> {
        ValueRef::Text(self)
    }
}

impl ToSql for String {
    fn value(&self) -> ValueRef<'_> {
        ValueRef::Text(self)
    }
}

impl ToSql for [u8] {
    fn value(&self) -> ValueRef<'_> {
        ValueRef::Blob(self)
    }
}

impl ToSql for Vec<u8> {
    fn value(&self) -> ValueRef<'_> {
        ValueRef::Blob(self)
    }
}

/// The text that a column holds: U+0000, which PostgreSQL cannot hold, becomes U+FFFD in both databases, so that they hold the
/// same. Nothing is lost by it: every object's own bytes are kept beside its columns.
pub(super) fn storable(text: &str) -> Cow<'_, str> {
    if text.as_bytes().contains(&0) { Cow::Owned(text.replace('\0', "\u{FFFD}")) } else { Cow::Borrowed(text) }
}

/// What a column may be read as. The error says what the column holds instead.
pub(crate) trait FromSql: Sized {
    fn read(value: ValueRef<'_>) -> Result<Self, &'static str>;
}

impl FromSql for i64 {
    fn read(value: ValueRef<'_>) -> Result<Self, &'static str> {
        match value {
            ValueRef::Integer(number) => Ok(number),
            other => Err(noun(other)),
        }
    }
}

impl FromSql for bool {
    fn read(value: ValueRef<'_>) -> Result<Self, &'static str> {
        i64::read(value).map(|number| number != 0)
    }
}

impl FromSql for String {
    fn read(value: ValueRef<'_>) -> Result<Self, &'static str> {
        match value {
            ValueRef::Text(text) => Ok(text.to_owned()),
            other => Err(noun(other)),
        }
    }
}

impl FromSql for Box<str> {
    fn read(value: ValueRef<'_>) -> Result<Self, &'static str> {
        match value {
            ValueRef::Text(text) => Ok(text.into()),
            other => Err(noun(other)),
        }
    }
}

impl FromSql for Vec<u8> {
    fn read(value: ValueRef<'_>) -> Result<Self, &'static str> {
        match value {
            ValueRef::Blob(bytes) => Ok(bytes.to_vec()),
            other => Err(noun(other)),
        }
    }
}

impl<const N: usize> FromSql for [u8; N] {
    fn read(value: ValueRef<'_>) -> Result<Self, &'static str> {
        match value {
            ValueRef::Blob(bytes) => bytes.try_into().map_err(|_| "bytes of another length"),
            other => Err(noun(other)),
        }
    }
}

impl<T: FromSql> FromSql for Option<T> {
    fn read(value: ValueRef<'_>) -> Result<Self, &'static str> {
        if value == ValueRef::Null { Ok(None) } else { T::read(value).map(Some) }
    }
}

fn noun(value: ValueRef<'_>) -> &'static str {
    match value {
        ValueRef::Null => "nothing",
        ValueRef::Integer(_) => "a number",
        ValueRef::Text(_) => "a text",
        ValueRef::Blob(_) => "bytes",
    }
}

/// `None` where a query found no row.
pub(crate) trait OptionalExtension<T> {
    fn optional(self) -> Read<Option<T>>;
}

impl<T> OptionalExtension<T> for Read<T> {
    fn optional(self) -> Read<Option<T>> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoRow) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
