//! The catalog with what makes it quick to serve: positions by id, by the fields that lists are filtered on, and by payout.
//!
//! The objects stay where they are: an index holds positions in the catalog's own, newest-first lists. Bodies are made when
//! they are asked for, so an index on a field of theirs is built the first time somebody filters on it.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::catalog::{AccountObjects, Catalog, ObjectKind, StripeObject};

/// A catalog and the indexes over it.
pub(super) struct CatalogIndex {
    catalog: Arc<Catalog>,
    accounts: BTreeMap<String, AccountIndex>,
    connected: Vec<StripeObject>,
    connected_order: Order,
}

struct AccountIndex {
    orders: BTreeMap<ObjectKind, Order>,
    members: HashMap<String, Vec<u32>>,
}

/// The positions of one list by id, and by each field that other objects are found through.
struct Order {
    by_id: Vec<u32>,
    by_field: Vec<(&'static str, OnceLock<ByField>)>,
}

/// The values of a field, ascending, and beside each the position that holds it; equal values by position.
#[derive(Default)]
struct ByField {
    values: Vec<Box<str>>,
    positions: Vec<u32>,
}

/// One list of objects, newest first, and how to find things in it.
#[derive(Clone, Copy)]
pub(super) struct Shelf<'a> {
    objects: &'a [StripeObject],
    order: &'a Order,
}

/// One account as the API shows it.
#[derive(Clone, Copy)]
pub(super) struct AccountView<'a> {
    id: &'a str,
    objects: &'a AccountObjects,
    index: &'a AccountIndex,
}

/// What stands where a list has nothing to show.
static NO_ORDER: Order = Order { by_id: Vec::new(), by_field: Vec::new() };

impl CatalogIndex {
    /// Indexes a catalog: O(n log n) in its objects, once.
    pub(super) fn new(catalog: Arc<Catalog>) -> Self {
        let accounts = catalog.accounts.iter().map(|(id, objects)| (id.clone(), AccountIndex::new(objects))).collect();
        let connected = connected(&catalog);
        let connected_order = Order::new(&connected, &[]);
        Self { catalog, accounts, connected, connected_order }
    }

    /// The account of the key itself.
    pub(super) fn owner(&self) -> Option<AccountView<'_>> {
        self.account(&self.catalog.owner)
    }

    /// The account with this id, the owner or a connected one.
    pub(super) fn account(&self, id: &str) -> Option<AccountView<'_>> {
        let (id, objects) = self.catalog.accounts.get_key_value(id)?;
        Some(AccountView { id, objects, index: self.accounts.get(id)? })
    }

    /// The accounts connected to `account`: all others for the owner, none for a connected one.
    pub(super) fn connected_to(&self, account: AccountView<'_>) -> Shelf<'_> {
        if account.id == self.catalog.owner {
            Shelf { objects: &self.connected, order: &self.connected_order }
        } else {
            Shelf { objects: &[], order: &NO_ORDER }
        }
    }
}

impl AccountIndex {
    fn new(account: &AccountObjects) -> Self {
        let orders: BTreeMap<ObjectKind, Order> =
            account.objects.iter().map(|(kind, objects)| (*kind, Order::new(objects, found_through(*kind)))).collect();
        let txns = Shelf {
            objects: account.objects.get(&ObjectKind::BalanceTransaction).map_or(&[], Vec::as_slice),
            order: orders.get(&ObjectKind::BalanceTransaction).unwrap_or(&NO_ORDER),
        };
        let members = account
            .members
            .iter()
            .map(|(payout, ids)| {
                let mut positions: Vec<u32> = ids.iter().filter_map(|id| txns.order.find(txns.objects, id)).collect();
                positions.sort_unstable();
                (payout.clone(), positions)
            })
            .collect();
        Self { orders, members }
    }
}

/// The fields of a kind by which other objects are asked for, each of which gets an index.
fn found_through(kind: ObjectKind) -> &'static [&'static str] {
    match kind {
        ObjectKind::BalanceTransaction => &["source"],
        ObjectKind::Refund | ObjectKind::Dispute => &["charge", "payment_intent"],
        ObjectKind::Charge => &["payment_intent"],
        ObjectKind::Payout => &[],
    }
}

fn connected(catalog: &Catalog) -> Vec<StripeObject> {
    let mut connected: Vec<StripeObject> = catalog
        .accounts
        .iter()
        .filter(|(id, _)| **id != catalog.owner)
        .map(|(id, objects)| {
            let created = objects.account.get("created").and_then(Value::as_i64).unwrap_or(catalog.now);
            StripeObject::new(id.clone(), created, objects.account.clone())
        })
        .collect();
    connected.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
    connected
}

impl Order {
    fn new(objects: &[StripeObject], fields: &[&'static str]) -> Self {
        let mut by_id: Vec<u32> = (0..u32::try_from(objects.len()).unwrap_or(u32::MAX)).collect();
        by_id.sort_unstable_by_key(|position| id_at(objects, *position));
        Self { by_id, by_field: fields.iter().map(|field| (*field, OnceLock::new())).collect() }
    }

    fn find(&self, objects: &[StripeObject], id: &str) -> Option<u32> {
        let at = self.by_id.binary_search_by_key(&id, |position| id_at(objects, *position)).ok()?;
        self.by_id.get(at).copied()
    }
}

fn id_at(objects: &[StripeObject], position: u32) -> &str {
    objects.get(position as usize).map_or("", |object| object.id.as_str())
}

impl ByField {
    fn new(objects: &[StripeObject], field: &str) -> Self {
        let value = |object: &StripeObject| object.body().get(field).and_then(Value::as_str).map(Box::from);
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
    /// All objects, newest first.
    pub(super) fn objects(self) -> &'a [StripeObject] {
        self.objects
    }

    /// Where the object with this id stands.
    pub(super) fn position(self, id: &str) -> Option<u32> {
        self.order.find(self.objects, id)
    }

    /// The object with this id.
    pub(super) fn get(self, id: &str) -> Option<&'a StripeObject> {
        self.objects.get(self.position(id)? as usize)
    }

    /// The positions whose `field` is `value`, ascending; `None` when there is no index on that field.
    pub(super) fn with(self, field: &str, value: &str) -> Option<&'a [u32]> {
        let (field, index) = self.order.by_field.iter().find(|(known, _)| *known == field)?;
        Some(index.get_or_init(|| ByField::new(self.objects, field)).positions(value))
    }

    /// The stretch of the list that was created within `from..=until`.
    pub(super) fn created_within(self, from: i64, until: i64) -> Range<u32> {
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
    pub(super) fn account(self) -> &'a Value {
        &self.objects.account
    }

    /// The balance object.
    pub(super) fn balance(self) -> &'a Value {
        &self.objects.balance
    }

    /// The account's objects of a kind.
    pub(super) fn shelf(self, kind: ObjectKind) -> Shelf<'a> {
        Shelf {
            objects: self.objects.objects.get(&kind).map_or(&[], Vec::as_slice),
            order: self.index.orders.get(&kind).unwrap_or(&NO_ORDER),
        }
    }

    /// The object with this id, whatever it is.
    pub(super) fn object(self, id: &str) -> Option<&'a StripeObject> {
        ObjectKind::ALL.iter().find_map(|kind| self.shelf(*kind).get(id))
    }

    /// The positions of a payout's transactions as Stripe lists them now, ascending.
    pub(super) fn members(self, payout: &str) -> &'a [u32] {
        self.index.members.get(payout).map_or(&[], Vec::as_slice)
    }
}
