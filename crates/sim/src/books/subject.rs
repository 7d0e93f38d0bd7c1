//! What the books ought to hold: charges, refunds, fees and payouts, read from Stripe's own JSON of them.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use money::Currency;
use serde::Serialize;

use crate::{
    catalog::{AccountObjects, ObjectKind, StripeObject},
    json::Json,
    world::rows::DAY,
};

/// What kind of thing happened at Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Charge,
    Refund,
    /// The fee of one balance transaction, whose id it bears.
    Fee,
    Payout,
}

/// An amount as Stripe has it, signed: charges and payouts are positive, refunds and fees negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Money {
    pub(super) currency: Currency,
    pub(super) minor: i64,
}

/// One thing that the books ought to hold.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) kind: Kind,
    /// The day it happened; of a payout, the day it arrives.
    pub(super) day: i64,
    /// As the customer sees it.
    pub(super) presented: Money,
    /// As it moved Stripe's balance.
    pub(super) settled: Money,
    /// Major units settled for one presented, in millionths; 0 where nothing was converted.
    pub(super) rate_millionths: u64,
    /// Everything that the books may write for it: its own id first, then the payment intent or trace, then the order.
    pub(super) ids: [Box<str>; 3],
    pub(super) name: Box<str>,
    pub(super) email: Box<str>,
    /// A payout that failed or was called off is never booked.
    pub(super) failed: bool,
}

impl Subject {
    /// Its own id.
    pub(super) fn id(&self) -> &str {
        let [id, ..] = &self.ids;
        id
    }
}

/// A charge's customer, kept for its later refunds.
type Customer = (Box<str>, Box<str>);

/// Reads one account's subjects, month by month.
pub(super) struct Reader<'a> {
    objects: &'a AccountObjects,
    now: i64,
    refunded: HashSet<Box<str>>,
    customers: HashMap<Box<str>, Customer>,
}

/// A charge's or refund's balance transaction.
struct Movement {
    money: Money,
    rate_millionths: u64,
}

impl<'a> Reader<'a> {
    /// `now` is the world's end: books are kept with hindsight.
    pub(super) fn new(objects: &'a AccountObjects, now: i64) -> Self {
        let refunds = objects.objects.get(&ObjectKind::Refund).into_iter().flatten();
        let refunded = refunds.map(|refund| text(&refund.json(now), "charge")).collect();
        Self { objects, now, refunded, customers: HashMap::new() }
    }

    /// What was made from the day `first` up to the day `last`, oldest first. Months must be asked for in their order.
    pub(super) fn between(&mut self, first: i64, last: i64) -> Vec<Rc<Subject>> {
        let now = self.now;
        let (mut movements, mut found) = (HashMap::new(), Vec::new());
        for txn in self.slice(ObjectKind::BalanceTransaction, first, last) {
            let body = txn.json(now);
            found.extend(fee(&body).map(|fee| (txn.created, fee)));
            if matches!(body.text("type"), Some("charge" | "refund")) {
                movements.insert(text(&body, "source"), movement(&body));
            }
        }
        for object in self.slice(ObjectKind::Charge, first, last) {
            let body = object.json(now);
            let id = text(&body, "id");
            let Some(movement) = movements.get(&id) else { continue };
            let customer = (inner(&body, "billing_details", "name"), inner(&body, "billing_details", "email"));
            if self.refunded.contains(&id) {
                self.customers.insert(id, customer.clone());
            }
            found.push((object.created, sale(Kind::Charge, &body, movement, customer)));
        }
        for object in self.slice(ObjectKind::Refund, first, last) {
            let body = object.json(now);
            let Some(movement) = movements.get(&text(&body, "id")) else { continue };
            let customer = self.customers.get(&text(&body, "charge")).cloned().unwrap_or_default();
            found.push((object.created, sale(Kind::Refund, &body, movement, customer)));
        }
        found.extend(self.slice(ObjectKind::Payout, first, last).map(|object| (object.created, payout(&object.json(now)))));
        found.sort_by(|(at, a), (other, b)| (at, a.kind, a.id()).cmp(&(other, b.kind, b.id())));
        found.into_iter().map(|(_, subject)| Rc::new(subject)).collect()
    }

    /// The objects of a kind that were made on these days. Lists stand newest first.
    fn slice(&self, kind: ObjectKind, first: i64, last: i64) -> impl Iterator<Item = &'a StripeObject> + use<'a> {
        let list = self.objects.objects.get(&kind).map(Vec::as_slice).unwrap_or_default();
        let start = list.partition_point(|object| object.created >= (last + 1) * DAY);
        let stop = list.partition_point(|object| object.created >= first * DAY);
        list.get(start..stop).unwrap_or_default().iter()
    }
}

fn text(body: &Json<'_>, field: &str) -> Box<str> {
    body.text(field).unwrap_or_default().into()
}

/// A text field of an object within the body.
fn inner(body: &Json<'_>, object: &str, field: &str) -> Box<str> {
    body.get(object).map(|object| text(object, field)).unwrap_or_default()
}

fn int(body: &Json<'_>, field: &str) -> i64 {
    body.int(field).unwrap_or_default()
}

fn money(body: &Json<'_>, minor: i64) -> Money {
    let currency = body.text("currency").and_then(|code| Currency::parse(code).ok());
    Money { currency: currency.unwrap_or(Currency::USD), minor }
}

fn movement(body: &Json<'_>) -> Movement {
    let rate = match body.get("exchange_rate") {
        Some(Json::Number(rate)) => rate.to_string(),
        _ => String::new(),
    };
    let (whole, part) = rate.split_once('.').unwrap_or((&rate, ""));
    let millionths = format!("{whole}{part:0<6.6}").parse().unwrap_or(0);
    Movement { money: money(body, int(body, "amount")), rate_millionths: millionths }
}

/// What a txn cost, where it cost something. Stripe's own fees are txns of which the amount is the fee.
fn fee(body: &Json<'_>) -> Option<Subject> {
    let cost = if body.text("type") == Some("stripe_fee") { -int(body, "amount") } else { int(body, "fee") };
    let money = money(body, -cost);
    (cost != 0).then(|| Subject {
        kind: Kind::Fee,
        day: int(body, "created").div_euclid(DAY),
        presented: money,
        settled: money,
        rate_millionths: 0,
        ids: [text(body, "id"), text(body, "source"), "".into()],
        name: "Stripe".into(),
        email: "".into(),
        failed: false,
    })
}

fn sale(kind: Kind, body: &Json<'_>, movement: &Movement, (name, email): Customer) -> Subject {
    let sign = if kind == Kind::Refund { -1 } else { 1 };
    Subject {
        kind,
        day: int(body, "created").div_euclid(DAY),
        presented: money(body, sign * int(body, "amount")),
        settled: movement.money,
        rate_millionths: movement.rate_millionths,
        ids: [text(body, "id"), text(body, "payment_intent"), inner(body, "metadata", "order_id")],
        name,
        email,
        failed: false,
    }
}

fn payout(body: &Json<'_>) -> Subject {
    let money = money(body, int(body, "amount"));
    Subject {
        kind: Kind::Payout,
        day: int(body, "arrival_date").div_euclid(DAY),
        presented: money,
        settled: money,
        rate_millionths: 0,
        ids: [text(body, "id"), inner(body, "trace_id", "value"), "".into()],
        name: "Stripe".into(),
        email: "".into(),
        failed: matches!(body.text("status"), Some("failed" | "canceled")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_rate_is_read_to_its_last_digit() {
        let of = |rate: Value| movement(&json!({"amount": 5, "currency": "usd", "exchange_rate": rate}).into()).rate_millionths;
        assert_eq!((of(json!(1.085_432)), of(json!(150.5)), of(Value::Null)), (1_085_432, 150_500_000, 0));
    }

    #[test]
    fn a_fee_is_negative_and_stands_apart_from_its_charge() {
        let found = fee(
            &json!({"id": "txn_1", "type": "charge", "amount": 1_000, "fee": 59, "currency": "eur", "source": "ch_1"}).into(),
        );
        assert_eq!(found.map(|fee| fee.settled.minor), Some(-59));
        let own = fee(&json!({"id": "txn_2", "type": "stripe_fee", "amount": -700, "fee": 0, "currency": "eur"}).into());
        assert_eq!(own.map(|fee| fee.settled.minor), Some(-700));
    }
}
