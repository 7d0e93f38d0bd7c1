//! The catalog with what makes it quick to serve: positions by id, by the fields that lists are filtered on, and by payout.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;

use super::event;
use super::made::Made;
use super::shelf::{NO_ORDER, Order, Shelf, Time};
use super::webhook::Delivered;
use crate::catalog::{AccountObjects, Catalog, Members, ObjectKind, StripeObject};
use crate::world::render;
use crate::world::rows::Stamp;

/// A catalog and the indexes over it.
pub(super) struct CatalogIndex {
    catalog: Arc<Catalog>,
    accounts: BTreeMap<String, AccountIndex>,
    connected: Vec<StripeObject>,
    connected_order: Order,
    delivered: Delivered,
    made: Made,
}

struct AccountIndex {
    orders: BTreeMap<ObjectKind, Order>,
    members: HashMap<String, Listed>,
    events: RwLock<Arc<EventList>>,
}

/// An account's events, newest first.
pub(super) struct EventList {
    objects: Vec<StripeObject>,
    order: Order,
}

/// The positions of a payout's transactions, ascending: those that Stripe lists at first, and all.
#[derive(Default)]
struct Listed {
    first: Vec<u32>,
    all: Vec<u32>,
    completed_at: i64,
}

/// One account as the API shows it at an instant.
#[derive(Clone, Copy)]
pub(super) struct AccountView<'a> {
    id: &'a str,
    objects: &'a AccountObjects,
    index: &'a AccountIndex,
    is_connected: bool,
    delivered: &'a Delivered,
    time: Time,
}

impl CatalogIndex {
    /// Indexes a catalog that is to be served from the instant `start` on: O(n log n) in its objects, once.
    pub(super) fn new(catalog: Arc<Catalog>, start: i64) -> Self {
        let end = catalog.now;
        let accounts = catalog
            .accounts
            .iter()
            .map(|(id, objects)| (id.clone(), AccountIndex::new(id, is_connected(&catalog, id), objects, start, end)))
            .collect();
        let connected = connected(&catalog);
        let connected_order = Order::new(&connected, &[], end);
        Self { catalog, accounts, connected, connected_order, delivered: Delivered::none(), made: Made::default() }
    }

    /// The world's end, unix seconds.
    pub(super) fn end(&self) -> i64 {
        self.catalog.now
    }

    /// What is indexed.
    pub(super) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The id of the company's own account at `place`, which its keys read.
    pub(super) fn owner(&self, place: usize) -> Option<&str> {
        let others = self.catalog.other_owners.iter().map(String::as_str);
        std::iter::once(self.catalog.owner.as_str()).chain(others).nth(place)
    }

    /// The account with this id, if the keys of the own account at `place` reach it: their own, and for the first every
    /// connected one.
    pub(super) fn reached(&self, place: usize, id: &str, now: i64) -> Option<AccountView<'_>> {
        let reaches = self.owner(place) == Some(id) || place == 0 && is_connected(&self.catalog, id);
        self.account(id, now).filter(|_| reaches)
    }

    /// The account with this id, an own or a connected one.
    pub(super) fn account(&self, id: &str, now: i64) -> Option<AccountView<'_>> {
        let (id, objects) = self.catalog.accounts.get_key_value(id)?;
        let time = Time { now, end: self.catalog.now };
        let (index, is_connected) = (self.accounts.get(id)?, *id != self.catalog.owner);
        Some(AccountView { id, objects, index, is_connected, delivered: &self.delivered, time })
    }

    /// The events of the first own account and of each connected one: what one webhook endpoint hears.
    pub(super) fn events(&self) -> impl Iterator<Item = Arc<EventList>> {
        let heard = self.accounts.iter().filter(|(id, _)| !self.catalog.other_owners.contains(id));
        heard.map(|(_, account)| account.events())
    }

    /// Adds an event to those of an account: it can be seen from when on it was created.
    pub(super) fn tell(&self, account: &str, event: StripeObject) {
        if let Some(account) = self.accounts.get(account) {
            let mut events = account.events.write().unwrap_or_else(PoisonError::into_inner);
            *events = Arc::new(events.with(event.clone(), self.end()));
            self.made.push(event);
        }
    }

    /// The events that were added.
    pub(super) fn made(&self) -> &Made {
        &self.made
    }

    /// What became of the events' deliveries.
    pub(super) fn delivered(&self) -> &Delivered {
        &self.delivered
    }

    /// The accounts connected to `account`: none but for the first own one.
    pub(super) fn connected_to(&self, account: AccountView<'_>) -> Shelf<'_> {
        let (objects, order) = match account.id == self.catalog.owner {
            true => (self.connected.as_slice(), &self.connected_order),
            false => (&[][..], &NO_ORDER),
        };
        Shelf { objects, order, delivered: &self.delivered, time: account.time }
    }
}

impl AccountIndex {
    fn new(id: &str, connected: bool, account: &AccountObjects, start: i64, end: i64) -> Self {
        let orders: BTreeMap<ObjectKind, Order> =
            account.objects.iter().map(|(kind, objects)| (*kind, Order::new(objects, found_through(*kind), end))).collect();
        let txns = account.objects.get(&ObjectKind::BalanceTransaction).map_or(&[][..], Vec::as_slice);
        let order = orders.get(&ObjectKind::BalanceTransaction).unwrap_or(&NO_ORDER);
        let members =
            account.members.iter().map(|(payout, members)| (payout.clone(), Listed::new(members, txns, order))).collect();
        let events = EventList::new(event::of_account(id, connected, account, start, end), end);
        Self { orders, members, events: RwLock::new(Arc::new(events)) }
    }

    fn events(&self) -> Arc<EventList> {
        Arc::clone(&self.events.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl EventList {
    fn new(objects: Vec<StripeObject>, end: i64) -> Self {
        Self { order: Order::new(&objects, &[], end), objects }
    }

    /// The same with one more. What is being read stays as it is.
    fn with(&self, event: StripeObject, end: i64) -> Self {
        let place = self.objects.partition_point(|other| other.newest_first(&event).is_lt());
        let mut objects = self.objects.clone();
        objects.insert(place, event);
        Self::new(objects, end)
    }

    /// The events themselves.
    pub(super) fn objects(&self) -> &[StripeObject] {
        &self.objects
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
        ObjectKind::SubscriptionSchedule => &["customer"],
        ObjectKind::InvoiceLine | ObjectKind::InvoicePayment | ObjectKind::InvoiceItem | ObjectKind::CreditNote => &["invoice"],
        ObjectKind::SubscriptionItem => &["subscription"],
        ObjectKind::Price | ObjectKind::Plan => &["product"],
        ObjectKind::Customer => &["email"],
        ObjectKind::Payout
        | ObjectKind::Product
        | ObjectKind::Coupon
        | ObjectKind::PromotionCode
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

fn is_connected(catalog: &Catalog, id: &str) -> bool {
    catalog.owner != id && !catalog.other_owners.iter().any(|own| own == id)
}

fn connected(catalog: &Catalog) -> Vec<StripeObject> {
    let mut connected: Vec<StripeObject> =
        catalog.accounts.iter().filter(|(id, _)| is_connected(catalog, id)).map(|(_, objects)| objects.account.clone()).collect();
    connected.sort_by(StripeObject::newest_first);
    connected
}

impl<'a> AccountView<'a> {
    /// The account's id.
    pub(super) fn id(self) -> &'a str {
        self.id
    }

    /// Whether it is connected to the key's own account.
    pub(super) fn is_connected(self) -> bool {
        self.is_connected
    }

    /// What its objects share; `None` in a catalog made by hand.
    pub(super) fn stamp(self) -> Option<&'a Arc<Stamp>> {
        self.objects.account.stamp()
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

    /// Looks at the account's objects of a kind, events among them: those may become more while they are looked at.
    pub(super) fn look<T>(self, kind: ObjectKind, at: impl FnOnce(Shelf<'_>) -> T) -> T {
        if kind != ObjectKind::Event {
            return at(self.shelf(kind));
        }
        let events = self.index.events();
        at(Shelf { objects: &events.objects, order: &events.order, delivered: self.delivered, time: self.time })
    }

    /// The account's objects of a kind; there are no events among them.
    pub(super) fn shelf(self, kind: ObjectKind) -> Shelf<'a> {
        let objects = self.objects.objects.get(&kind).map_or(&[][..], Vec::as_slice);
        let order = self.index.orders.get(&kind).unwrap_or(&NO_ORDER);
        Shelf { objects, order, delivered: self.delivered, time: self.time }
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
