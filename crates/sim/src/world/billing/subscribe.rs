//! How a subscription begins, turns from period to period, and ends.

use std::sync::Arc;

use super::{
    super::rows::DAY,
    cycle,
    desk::{Action, Desk},
    goods::Price,
    invoice::{Entry, Of, Origin, Status as Stage},
    subscription::{Item, Standing, Status, Subscription},
    terms::{Discount, Lasts, Off},
    timeline::Timeline,
};
use crate::options::SimError;

/// Days of a trial.
const TRIAL_DAYS: i64 = 14;
/// Seconds after which a first invoice that is not paid ends its subscription.
const EXPIRES: i64 = 23 * 3_600;
/// Seconds between an invoice's draft and its end.
const DRAFT: i64 = 3_600;

impl Desk<'_, '_> {
    /// The customer subscribes.
    pub(super) fn subscribe(&mut self, at: i64) -> Result<(), SimError> {
        let serial = self.ledger.subscriptions.len() as u32;
        let items = self.choose_items();
        let days_until_due = self.random.chance(150).then(|| self.random.pick(&[14, 30]));
        let trial = (days_until_due.is_none() && self.random.chance(220)).then_some((at, at + TRIAL_DAYS * DAY));
        let tax = self.random.chance(600).then(|| self.random.below(2) as usize);
        let months = items.first().and_then(|item| item.price.every.months()).unwrap_or(1);
        let anchor = trial.map_or(at, |(_, end)| end);
        let status = match (trial, days_until_due) {
            (Some(_), _) => Status::Trialing,
            (None, Some(_)) => Status::Active,
            (None, None) => Status::Incomplete,
        };
        let standing = Standing {
            status,
            items: items.into(),
            period: if let Some(trial) = trial { trial } else { cycle::period(at, months, 0)? },
            anchor,
            turn: if trial.is_some() { -1 } else { 0 },
            ends_with_period: false,
            canceled_at: None,
            ended_at: None,
            reason: None,
            discount: self.redeem(serial, at)?,
            latest_invoice: None,
        };
        let end = standing.period.1;
        let tax = tax.and_then(|place| self.ledger.tax_rates.get(place)).cloned();
        let told = Timeline::new(at, &["customer.subscription.created"], standing);
        let (customer, currency) = (self.customer, self.offer.currency);
        let application_basis_points = self.shop.merchant.application_basis_points;
        self.ledger.subscriptions.push(Subscription {
            serial,
            customer,
            created: at,
            currency,
            tax,
            days_until_due,
            trial,
            application_basis_points,
            governed: None,
            told,
        });
        self.plan_life(serial, at);
        self.plan(end, Action::Turn(serial));
        if let Some((_, end)) = trial {
            self.plan(end - 3 * DAY, Action::TrialEndsSoon(serial));
        }
        let entries = self.coming(serial)?;
        let invoice = self.draw_up(Some(serial), "subscription_create", entries, at)?;
        if days_until_due.is_some() {
            self.plan(at + DRAFT, Action::Finalize(invoice));
            return Ok(());
        }
        self.finalize(invoice, at)?;
        if self.subscription(serial).is_some_and(|subscription| subscription.told.last().status == Status::Incomplete) {
            self.plan(at + EXPIRES, Action::Expire(serial));
        }
        Ok(())
    }

    /// What a customer will want of its subscription later.
    fn plan_life(&mut self, serial: u32, at: i64) {
        for _ in 0..self.random.pick(&[0, 0, 1, 1, 2]) {
            let at = at + self.random.between(5 * DAY, 75 * DAY);
            self.plan(at, Action::Alter(serial));
        }
        let leaves = at + self.random.between(4 * DAY, 110 * DAY);
        match self.random.weighted(&[70, 19, 11]) {
            1 => self.plan(leaves, Action::AskToEnd(serial)),
            2 => self.plan(leaves, Action::EndNow(serial)),
            _ => {}
        }
    }

    fn choose_items(&mut self) -> Vec<Item> {
        let offer = self.offer;
        let plan = self.random.below(3) as usize;
        let mut prices: Vec<(Option<&Arc<Price>>, Option<i64>)> = Vec::new();
        match self.random.weighted(&[44, 20, 18, 5, 13]) {
            1 => prices.push((offer.yearly.get(plan), Some(1))),
            2 => prices.push((Some(&offer.seats), Some(self.random.between(2, 60)))),
            3 => {
                prices.push((offer.monthly.last(), Some(1)));
                prices.extend(offer.add_ons.iter().map(|price| (Some(price), Some(1))));
            }
            kind => {
                prices.push((offer.monthly.get(plan), Some(1)));
                if kind == 4 {
                    prices.push((Some(&offer.storage), None));
                }
            }
        }
        let mut item = |price: &Arc<Price>, quantity| {
            let serial = self.ledger.subscription_items;
            self.ledger.subscription_items += 1;
            Item { serial, price: Arc::clone(price), quantity }
        };
        prices.into_iter().filter_map(|(price, quantity)| Some(item(price?, quantity))).collect()
    }

    /// Some customers have a coupon.
    fn redeem(&mut self, subscription: u32, at: i64) -> Result<Option<Arc<Discount>>, SimError> {
        if !self.random.chance(280) {
            return Ok(None);
        }
        let place = self.random.below(self.ledger.coupons.len() as u64) as usize;
        let currency = self.offer.currency;
        let fits = |off: Off| !matches!(off, Off::Amount(_, of) if of != currency);
        let Some(redeemed) = self.ledger.coupons.get_mut(place).filter(|redeemed| fits(redeemed.coupon.off)) else {
            return Ok(None);
        };
        redeemed.at.push(at);
        let coupon = Arc::clone(&redeemed.coupon);
        let serial = self.ledger.discounts.len() as u32;
        let code = self.type_in(&coupon, serial, at);
        let end = match coupon.lasts {
            Lasts::Months(months) => Some(cycle::months_after(at, months)?),
            Lasts::Once | Lasts::Forever => None,
        };
        let customer = self.customer;
        let discount = Arc::new(Discount { serial, coupon, code, customer, subscription, start: at, end });
        self.ledger.discounts.push(Arc::clone(&discount));
        Ok(Some(discount))
    }

    /// A period ends: the next one is billed, or the subscription is over.
    pub(super) fn turn(&mut self, serial: u32, at: i64) -> Result<(), SimError> {
        let Some(standing) = self.subscription(serial).map(|subscription| subscription.told.last().clone()) else {
            return Ok(());
        };
        if standing.period.1 != at || standing.status.is_over() {
            return Ok(());
        }
        if standing.ends_with_period {
            return self.end(serial, standing.reason, true, at);
        }
        let mut entries = if standing.status == Status::Trialing { Vec::new() } else { self.used(serial, at)? };
        let turn = standing.turn + 1;
        let period = cycle::period(standing.anchor, standing.months(), turn)?;
        self.stand(serial, at, &["customer.subscription.updated"], |standing| {
            (standing.turn, standing.period) = (turn, period);
            standing.discount = standing.discount(at).cloned();
            if standing.status == Status::Trialing {
                standing.status = Status::Active;
            }
        });
        entries.extend(self.coming(serial)?);
        let invoice = self.draw_up(Some(serial), "subscription_cycle", entries, at)?;
        if standing.status == Status::Unpaid {
            // Nobody tries to collect what is billed to a customer who does not pay.
            self.state(invoice, at, &[], |state| state.advances = false);
        } else {
            self.plan(at + DRAFT, Action::Finalize(invoice));
        }
        self.plan(period.1, Action::Turn(serial));
        Ok(())
    }

    /// What the subscription's period costs in advance, item by item.
    pub(super) fn coming(&self, serial: u32) -> Result<Vec<(Origin, Entry)>, SimError> {
        let Some(subscription) = self.subscription(serial) else { return Ok(Vec::new()) };
        let standing = subscription.told.last();
        let mut entries = Vec::new();
        for item in standing.items.iter() {
            let of = Origin::Subscription(Of { subscription: serial, item: item.serial });
            let Some(quantity) = item.quantity else { continue };
            if standing.status == Status::Trialing {
                entries.push((of, Entry::trial(&item.price, quantity, standing.period)));
            } else {
                entries.extend(Entry::of(&item.price, quantity, standing.period)?.into_iter().map(|entry| (of, entry)));
            }
        }
        Ok(entries)
    }

    /// What was used of the subscription's metered items until `at`.
    pub(super) fn used(&mut self, serial: u32, at: i64) -> Result<Vec<(Origin, Entry)>, SimError> {
        let Some(standing) = self.subscription(serial).map(|subscription| subscription.told.last().clone()) else {
            return Ok(Vec::new());
        };
        let mut entries = Vec::new();
        for item in standing.items.iter().filter(|item| item.quantity.is_none()) {
            let of = Origin::Subscription(Of { subscription: serial, item: item.serial });
            let quantity = self.random.between(0, 2_400);
            let used = Entry::of(&item.price, quantity, (standing.period.0, at))?;
            entries.extend(used.into_iter().map(|entry| (of, entry)));
        }
        Ok(entries)
    }

    pub(super) fn ask_to_end(&mut self, serial: u32, at: i64) -> Result<(), SimError> {
        let standing = self.subscription(serial).map(|subscription| subscription.told.last());
        if standing.is_some_and(|standing| matches!(standing.status, Status::Active | Status::Trialing)) {
            self.stand(serial, at, &["customer.subscription.updated"], |standing| {
                standing.ends_with_period = true;
                standing.canceled_at = Some(at);
                standing.reason = Some("cancellation_requested");
            });
        }
        Ok(())
    }

    /// The subscription is over. What is still to be billed for it is, where `bills`.
    pub(super) fn end(&mut self, serial: u32, reason: Option<&'static str>, bills: bool, at: i64) -> Result<(), SimError> {
        let entries = if bills { self.used(serial, at)? } else { Vec::new() };
        let waits = self.pending.iter().filter_map(|item| self.ledger.items.get(*item as usize));
        let waits = waits.filter_map(|item| item.of).any(|of| of.subscription == serial);
        self.stand(serial, at, &["customer.subscription.deleted"], |standing| {
            standing.status = Status::Canceled;
            standing.canceled_at = standing.canceled_at.or(Some(at));
            standing.ended_at = Some(at);
            standing.reason = reason;
        });
        if bills && (waits || !entries.is_empty()) {
            let invoice = self.draw_up(Some(serial), "subscription_cycle", entries, at)?;
            self.plan(at + DRAFT, Action::Finalize(invoice));
        }
        Ok(())
    }

    /// The first invoice was not paid in time: the subscription never was.
    pub(super) fn expire(&mut self, serial: u32, at: i64) -> Result<(), SimError> {
        let Some(standing) = self.subscription(serial).map(|subscription| subscription.told.last().clone()) else {
            return Ok(());
        };
        if standing.status != Status::Incomplete {
            return Ok(());
        }
        self.stand(serial, at, &["customer.subscription.updated"], |standing| {
            standing.status = Status::IncompleteExpired;
            standing.ended_at = Some(at);
        });
        let open = standing
            .latest_invoice
            .filter(|serial| self.invoice(*serial).is_some_and(|invoice| invoice.told.last().status == Stage::Open));
        open.map_or(Ok(()), |invoice| self.void(invoice, at))
    }
}
