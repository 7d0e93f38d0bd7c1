//! One list of objects, newest first, and how to find things in it at an instant.
//!
//! The objects stay where they are: an order holds positions in the list. Bodies are made when they are asked for, so an index
//! on a field of theirs is built the first time somebody filters on it.

use std::ops::Range;
use std::sync::OnceLock;

use serde_json::Value;

use super::event;
use super::webhook::Delivered;
use crate::catalog::StripeObject;
use crate::random::mix;

/// The positions of one list by id, and by each field that other objects are found through.
pub(super) struct Order {
    /// The sum of each id, ascending, with its position: ids themselves are made when they are asked for.
    by_id: Vec<(u32, u32)>,
    by_field: Vec<(&'static str, OnceLock<ByField>)>,
    end: i64,
}

/// The values of a field, ascending, and beside each the position that holds it; equal values by position.
#[derive(Default)]
struct ByField {
    values: Vec<Box<str>>,
    positions: Vec<u32>,
}

/// One list of objects, newest first, and how to find things in it at an instant.
#[derive(Clone, Copy)]
pub(super) struct Shelf<'a> {
    pub(super) objects: &'a [StripeObject],
    pub(super) order: &'a Order,
    pub(super) delivered: &'a Delivered,
    pub(super) time: Time,
}

/// The world's time now, and its end; unix seconds.
#[derive(Clone, Copy)]
pub(super) struct Time {
    pub(super) now: i64,
    pub(super) end: i64,
}

/// What stands where a list has nothing to show.
pub(super) static NO_ORDER: Order = Order { by_id: Vec::new(), by_field: Vec::new(), end: 0 };

impl Order {
    /// Sorts a list's positions; the fields are those that get an index.
    pub(super) fn new(objects: &[StripeObject], fields: &[&'static str], end: i64) -> Self {
        let mut by_id: Vec<(u32, u32)> = objects.iter().map(|object| sum(&object.id())).zip(0..).collect();
        by_id.sort_unstable();
        Self { by_id, by_field: fields.iter().map(|field| (*field, OnceLock::new())).collect(), end }
    }

    /// Where the object with this id stands, whether or not it can be seen.
    pub(super) fn find(&self, objects: &[StripeObject], id: &str) -> Option<u32> {
        let sum = sum(id);
        let first = self.by_id.partition_point(|(known, _)| *known < sum);
        let mut alike = self.by_id.iter().skip(first).take_while(|(known, _)| *known == sum).map(|(_, position)| *position);
        alike.find(|position| objects.get(*position as usize).is_some_and(|object| object.id() == id))
    }
}

/// A number that few other ids have.
fn sum(id: &str) -> u32 {
    id.bytes().fold(0, |sum, byte| mix(sum ^ u64::from(byte))) as u32
}

impl ByField {
    /// The fields that have an index never change, so that the world's end shows them.
    fn new(objects: &[StripeObject], field: &str, end: i64) -> Self {
        let value = |object: &StripeObject| object.body(end).get(field).and_then(Value::as_str).map(Box::from);
        let mut pairs: Vec<(Box<str>, u32)> =
            (0_u32..).zip(objects).filter_map(|(position, object)| Some((value(object)?, position))).collect();
        pairs.sort_unstable();
        let (values, positions) = pairs.into_iter().unzip();
        Self { values, positions }
    }

    fn positions(&self, value: &str) -> &[u32] {
        let start = self.values.partition_point(|known| &**known < value);
        let end = self.values.partition_point(|known| &**known <= value);
        self.positions.get(start..end).unwrap_or_default()
    }
}

impl<'a> Shelf<'a> {
    /// What an object of it says now.
    pub(super) fn body(self, object: &StripeObject) -> Value {
        let mut body = object.body(self.time.now);
        if object.event_type().is_some() {
            event::count_pending(&mut body, self.delivered.pending(object));
        }
        body
    }

    /// The object at a position, if it can be seen now.
    pub(super) fn visible(self, position: u32) -> Option<&'a StripeObject> {
        self.objects.get(position as usize).filter(|object| object.is_visible(self.time.now, self.time.end))
    }

    /// Where the object with this id stands.
    pub(super) fn position(self, id: &str) -> Option<u32> {
        self.order.find(self.objects, id).filter(|position| self.visible(*position).is_some())
    }

    /// The object with this id.
    pub(super) fn get(self, id: &str) -> Option<&'a StripeObject> {
        self.visible(self.order.find(self.objects, id)?)
    }

    /// The positions whose `field` is `value`, ascending; `None` when there is no index on that field.
    pub(super) fn with(self, field: &str, value: &str) -> Option<&'a [u32]> {
        let (field, index) = self.order.by_field.iter().find(|(known, _)| *known == field)?;
        Some(index.get_or_init(|| ByField::new(self.objects, field, self.order.end)).positions(value))
    }

    /// The stretch of the list that was created within `from..=until`, and not later than now.
    pub(super) fn created_within(self, from: i64, until: i64) -> Range<u32> {
        let until = until.min(self.time.now);
        let start = self.objects.partition_point(|object| object.created > until);
        let end = self.objects.partition_point(|object| object.created >= from);
        let narrow = |position: usize| u32::try_from(position).unwrap_or(u32::MAX);
        narrow(start)..narrow(end.max(start))
    }
}
