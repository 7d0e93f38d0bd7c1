//! The catalog with what makes it quick to serve: positions by id, by the fields that lists are filtered on, and by payout.
//!
//! The objects stay where they are: an index holds positions in the catalog's own, newest-first lists. Bodies are made when
//! they are asked for, so an index on a field of theirs is built the first time somebody filters on it.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::event;
use crate::catalog::{AccountObjects, Catalog, Members, ObjectKind, StripeObject};
use crate::random::mix;
use crate::world::render;

/// A catalog and the indexes over it.
pub(super) struct CatalogIndex {
    catalog: Arc<Catalog>,
    accounts: BTreeMap<String, AccountIndex>,
    connected: Vec<StripeObject>,
    connected_order: Order,
}

struct AccountIndex {
    orders: BTreeMap<ObjectKind, Order>,
    members: HashMap<String, Listed>,
    events: Vec<StripeObject>,
}

/// The positions of a payout's transactions, ascending: those that Stripe lists at first, and all.
#[derive(Default)]
struct Listed {
    first: Vec<u32>,
    all: Vec<u32>,
    completed_at: i64,
}

/// The positions of one list by id, and by each field that other objects are found through.
struct Order {
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
    objects: &'a [StripeObject],
    order: &'a Order,
    time: Time,
}

/// The world's time now, and its end; unix seconds.
#[derive(Clone, Copy)]
struct Time {
    now: i64,
    end: i64,
}

/// One account as the API shows it at an instant.
#[derive(Clone, Copy)]
pub(super) struct AccountView<'a> {
    id: &'a str,
    objects: &'a AccountObjects,
    index: &'a AccountIndex,
    time: Time,
}

/// What stands where a list has nothing to show.
static NO_ORDER: Order = Order { by_id: Vec::new(), by_field: Vec::new(), end: 0 };

impl CatalogIndex {
    /// Indexes a catalog that is to be served from the instant `start` on: O(n log n) in its objects, once.
    pub(super) fn new(catalog: Arc<Catalog>, start: i64) -> Self {
        let end = catalog.now;
        let accounts = catalog
            .accounts
            .iter()
            .map(|(id, objects)| (id.clone(), AccountIndex::new(id, *id != catalog.owner, objects, start, end)))
            .collect();
        let connected = connected(&catalog);
        let connected_order = Order::new(&connected, &[], end);
        Self { catalog, accounts, connected, connected_order }
    }

    /// The world's end, unix seconds.
    pub(super) fn end(&self) -> i64 {
        self.catalog.now
    }

    /// What is indexed.
    pub(super) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The account of the key itself.
    pub(super) fn owner(&self, now: i64) -> Option<AccountView<'_>> {
        self.account(&self.catalog.owner, now)
    }

    /// The account with this id, the owner or a connected one.
    pub(super) fn account(&self, id: &str, now: i64) -> Option<AccountView<'_>> {
        let (id, objects) = self.catalog.accounts.get_key_value(id)?;
        Some(AccountView { id, objects, index: self.accounts.get(id)?, time: Time { now, end: self.catalog.now } })
    }

    /// Each account's events, newest first.
    pub(super) fn events(&self) -> impl Iterator<Item = &[StripeObject]> {
        self.accounts.values().map(|account| account.events.as_slice())
    }

    /// The accounts connected to `account`: all others for the owner, none for a connected one.
    pub(super) fn connected_to(&self, account: AccountView<'_>) -> Shelf<'_> {
        if account.id == self.catalog.owner {
            Shelf { objects: &self.connected, order: &self.connected_order, time: account.time }
        } else {
            Shelf { objects: &[], order: &NO_ORDER, time: account.time }
        }
    }
}

impl AccountIndex {
    fn new(id: &str, connected: bool, account: &AccountObjects, start: i64, end: i64) -> Self {
        let mut orders: BTreeMap<ObjectKind, Order> =
            account.objects.iter().map(|(kind, objects)| (*kind, Order::new(objects, found_through(*kind), end))).collect();
        let txns = account.objects.get(&ObjectKind::BalanceTransaction).map_or(&[][..], Vec::as_slice);
        let order = orders.get(&ObjectKind::BalanceTransaction).unwrap_or(&NO_ORDER);
        let members =
            account.members.iter().map(|(payout, members)| (payout.clone(), Listed::new(members, txns, order))).collect();
        let events = event::of_account(id, connected, account, start, end);
        orders.insert(ObjectKind::Event, Order::new(&events, &[], end));
        Self { orders, members, events }
    }
}

impl Listed {
    fn new(members: &Members, txns: &[StripeObject], order: &Order) -> Self {
        let positions = |ids: &mut dyn Iterator<Item = String>| {
            let mut positions: Vec<u32> = ids.filter_map(|id| order.find(txns, &id)).collect();
            positions.sort_unstable();
            positions
        };
        let first = positions(&mut members.ids.iter().take(members.first));
        Self { first, all: positions(&mut members.ids.iter()), completed_at: members.completed_at }
    }
}

/// The fields of a kind by which other objects are asked for, each of which gets an index.
fn found_through(kind: ObjectKind) -> &'static [&'static str] {
    match kind {
        ObjectKind::BalanceTransaction => &["source"],
        ObjectKind::Refund | ObjectKind::Dispute => &["charge", "payment_intent"],
        ObjectKind::PaymentIntent | ObjectKind::Invoice | ObjectKind::Subscription | ObjectKind::CustomerBalanceTransaction => {
            &["customer"]
        }
        ObjectKind::InvoiceLine | ObjectKind::InvoicePayment | ObjectKind::InvoiceItem | ObjectKind::CreditNote => &["invoice"],
        ObjectKind::SubscriptionItem => &["subscription"],
        ObjectKind::Price => &["product"],
        ObjectKind::Customer => &["email"],
        ObjectKind::Payout
        | ObjectKind::Product
        | ObjectKind::Coupon
        | ObjectKind::Discount
        | ObjectKind::TaxRate
        | ObjectKind::Topup
        | ObjectKind::Event => &[],
        ObjectKind::Charge => &["payment_intent", "transfer_group"],
        ObjectKind::Transfer => &["destination", "transfer_group"],
        ObjectKind::TransferReversal => &["transfer"],
        ObjectKind::ApplicationFee => &["charge"],
        ObjectKind::FeeRefund => &["fee"],
        ObjectKind::EarlyFraudWarning => &["charge", "payment_intent"],
    }
}

fn connected(catalog: &Catalog) -> Vec<StripeObject> {
    let mut connected: Vec<StripeObject> =
        catalog.accounts.iter().filter(|(id, _)| **id != catalog.owner).map(|(_, objects)| objects.account.clone()).collect();
    connected.sort_by(StripeObject::newest_first);
    connected
}

impl Order {
    fn new(objects: &[StripeObject], fields: &[&'static str], end: i64) -> Self {
        let mut by_id: Vec<(u32, u32)> = objects.iter().map(|object| sum(&object.id())).zip(0..).collect();
        by_id.sort_unstable();
        Self { by_id, by_field: fields.iter().map(|field| (*field, OnceLock::new())).collect(), end }
    }

    fn find(&self, objects: &[StripeObject], id: &str) -> Option<u32> {
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
    /// The instant at which it is looked at, unix seconds.
    pub(super) fn now(self) -> i64 {
        self.time.now
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

impl<'a> AccountView<'a> {
    /// The account's id.
    pub(super) fn id(self) -> &'a str {
        self.id
    }

    /// The account object.
    pub(super) fn account(self) -> Value {
        self.objects.account.body(self.time.now)
    }

    /// The instant at which it is looked at, unix seconds.
    pub(super) fn now(self) -> i64 {
        self.time.now
    }

    /// The balance object: the sums of what has moved by now.
    pub(super) fn balance(self) -> Value {
        if self.time.now >= self.time.end {
            return self.objects.balance.body(self.time.end);
        }
        let txns = self.objects.objects.get(&ObjectKind::BalanceTransaction).map_or(&[][..], Vec::as_slice);
        let start = txns.partition_point(|txn| txn.created > self.time.now);
        let moved = txns.iter().skip(start).filter_map(StripeObject::movement);
        render::balance_of(&self.objects.balance.body(self.time.end), moved, self.time.now)
    }

    /// The account's objects of a kind.
    pub(super) fn shelf(self, kind: ObjectKind) -> Shelf<'a> {
        let objects = match kind {
            ObjectKind::Event => &self.index.events,
            _ => self.objects.objects.get(&kind).map_or(&[][..], Vec::as_slice),
        };
        Shelf { objects, order: self.index.orders.get(&kind).unwrap_or(&NO_ORDER), time: self.time }
    }

    /// The object with this id, whatever it is.
    pub(super) fn object(self, id: &str) -> Option<&'a StripeObject> {
        ObjectKind::ALL.iter().find_map(|kind| self.shelf(*kind).get(id))
    }

    /// The positions of a payout's transactions as Stripe lists them now, ascending.
    pub(super) fn members(self, payout: &str) -> &'a [u32] {
        match self.index.members.get(payout) {
            Some(listed) if self.time.now >= listed.completed_at => &listed.all,
            Some(listed) => &listed.first,
            None => &[],
        }
    }
}
