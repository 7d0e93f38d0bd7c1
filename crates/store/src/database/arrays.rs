//! A column of many rows, as PostgreSQL takes an array.

use std::error::Error as StdError;

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql as PostgresToSql, Type, to_sql_checked};

use super::postgres::Bound;
use super::{Error, Read, ValueRef};

/// What stands for the length of an element that is NULL.
const NO_ELEMENT: i32 = -1;

/// Bytes of an element's length.
const LENGTH: usize = size_of::<i32>();

/// Values of one type, in the order in which they came.
#[derive(Debug)]
pub(super) struct Array {
    element: Type,
    count: i32,
    /// Each value behind its length.
    values: BytesMut,
}

impl Array {
    pub(super) fn new(element: Type) -> Self {
        Self { element, count: 0, values: BytesMut::new() }
    }

    pub(super) fn of_texts(texts: &[&str]) -> Read<Self> {
        let mut array = Self::new(Type::TEXT);
        texts.iter().try_for_each(|text| array.add(ValueRef::Text(text)).map(|_| ()))?;
        Ok(array)
    }

    /// Takes a value; returns how many bytes the array is longer now.
    pub(super) fn add(&mut self, value: ValueRef<'_>) -> Read<usize> {
        let before = self.values.len();
        self.values.extend_from_slice(&NO_ELEMENT.to_be_bytes());
        let written = Bound(value).to_sql(&self.element, &mut self.values);
        let unfit = |why: &dyn std::fmt::Display| Error::Unfit { column: self.element.to_string(), value: why.to_string() };
        if let IsNull::No = written.map_err(|why| unfit(&why))? {
            let length = i32::try_from(self.values.len() - before - LENGTH).map_err(|why| unfit(&why))?;
            if let Some(place) = self.values.get_mut(before..before + LENGTH) {
                place.copy_from_slice(&length.to_be_bytes());
            }
        }
        self.count += 1;
        Ok(self.values.len() - before)
    }

    pub(super) fn clear(&mut self) {
        self.count = 0;
        self.values.clear();
    }
}

impl PostgresToSql for Array {
    /// One dimension, which begins at 1, of elements that may be NULL.
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        let [dimensions, may_be_null, first] = [1_i32, 1, 1];
        for head in [dimensions, may_be_null] {
            out.extend_from_slice(&head.to_be_bytes());
        }
        out.extend_from_slice(&self.element.oid().to_be_bytes());
        for head in [self.count, first] {
            out.extend_from_slice(&head.to_be_bytes());
        }
        out.extend_from_slice(&self.values);
        Ok(IsNull::No)
    }

    /// It stands where the statement was made for it.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
