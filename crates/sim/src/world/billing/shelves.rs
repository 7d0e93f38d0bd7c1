//! A ledger as the lists of Stripe's objects that it makes.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    super::rows::{Charge, Stamp},
    Customer, Invoice, Ledger, OwnIntent, Subscription,
    objects::{InvoiceLine, SubscriptionItem},
    offered::Plan,
};
use crate::catalog::{ObjectKind, Row, StripeObject};

fn all<R: Row + 'static>(stamp: &Arc<Stamp>, rows: impl IntoIterator<Item = R>) -> Vec<StripeObject> {
    StripeObject::all(stamp, rows.into_iter().collect::<Vec<R>>())
}

/// Every object of Billing's that an account has, by kind where there is any; `buyers` are its customers who have no subscription.
pub(in crate::world) fn shelves(
    stamp: &Arc<Stamp>,
    ledger: Ledger,
    buyers: Vec<Customer>,
    charges: &[Arc<Charge>],
) -> BTreeMap<ObjectKind, Vec<StripeObject>> {
    let subscriptions: Vec<Arc<Subscription>> = ledger.subscriptions.into_iter().map(Arc::new).collect();
    let invoices: Vec<Arc<Invoice>> = ledger.invoices.into_iter().map(Arc::new).collect();
    let items = subscriptions.iter().flat_map(|subscription| {
        let places = 0..subscription.told.last().items.len();
        places.map(|place| SubscriptionItem { subscription: Arc::clone(subscription), place })
    });
    let lines = invoices
        .iter()
        .flat_map(|invoice| (0..invoice.lines.len()).map(|place| InvoiceLine { invoice: Arc::clone(invoice), place }));
    let plans = ledger.prices.iter().filter(|price| price.every.months().is_some()).map(Arc::clone).map(Plan);
    let plans = all(stamp, plans);
    let mut intents = all(stamp, charges.iter().filter_map(OwnIntent::of));
    intents.extend(all(stamp, ledger.intents.into_values()));
    let shelves = [
        (ObjectKind::PaymentIntent, intents),
        (ObjectKind::Customer, all(stamp, buyers.into_iter().chain(ledger.customers))),
        (ObjectKind::CustomerBalanceTransaction, all(stamp, ledger.entries)),
        (ObjectKind::Product, all(stamp, ledger.products)),
        (ObjectKind::Price, all(stamp, ledger.prices)),
        (ObjectKind::Plan, plans),
        (ObjectKind::PromotionCode, all(stamp, ledger.codes)),
        (ObjectKind::SubscriptionSchedule, all(stamp, ledger.schedules)),
        (ObjectKind::Coupon, all(stamp, ledger.coupons)),
        (ObjectKind::Discount, all(stamp, ledger.discounts)),
        (ObjectKind::TaxRate, all(stamp, ledger.tax_rates)),
        (ObjectKind::SubscriptionItem, all(stamp, items)),
        (ObjectKind::InvoiceLine, all(stamp, lines)),
        (ObjectKind::InvoiceItem, all(stamp, ledger.items)),
        (ObjectKind::InvoicePayment, all(stamp, ledger.payments)),
        (ObjectKind::CreditNote, all(stamp, ledger.notes)),
        (ObjectKind::Invoice, all(stamp, invoices)),
        (ObjectKind::Subscription, all(stamp, subscriptions)),
    ];
    shelves.into_iter().filter(|(_, objects)| !objects.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::Date;

    use crate::{ObjectKind, Options, World};

    #[test]
    fn every_history_begins_with_the_object_and_goes_forward() {
        let mut events = BTreeSet::new();
        for seed in 0..20 {
            let until = Date::new(2026, 9, 1 + (seed % 28) as i8).expect("a date");
            let options = Options { days: 150, per_day: 1, subscriptions: 30, ..Options::quarter(seed, until) };
            let world = World::generate(&options).expect("a world");
            let mut ids = BTreeSet::new();
            let kinds = world.catalog.accounts.values().flat_map(|account| &account.objects);
            for (kind, object) in kinds.flat_map(|(kind, objects)| objects.iter().map(move |object| (*kind, object))) {
                // A plan has the id of the price that it mirrors.
                let is_new = kind == ObjectKind::Plan || ids.insert(object.id());
                assert!(is_new, "seed {seed}: {} twice", object.id());
                let steps = object.steps();
                assert!(steps.is_sorted_by_key(|step| step.at), "seed {seed}: {} {steps:?}", object.id());
                assert!(steps.iter().all(|step| step.at >= object.created), "seed {seed}: {} {steps:?}", object.id());
                events.extend(steps.iter().map(|step| step.event));
            }
        }
        for event in [
            "customer.created",
            "customer.subscription.created",
            "customer.subscription.deleted",
            "customer.subscription.trial_will_end",
            "customer.subscription.updated",
            "customer.updated",
            "credit_note.created",
            "invoice.created",
            "invoice.finalized",
            "invoice.marked_uncollectible",
            "invoice.overdue",
            "invoice.paid",
            "invoice.payment_failed",
            "invoice.sent",
            "invoice.voided",
            "invoice_payment.paid",
            "invoiceitem.created",
            "payment_intent.canceled",
            "payment_intent.created",
            "payment_intent.payment_failed",
            "payment_intent.succeeded",
            "plan.created",
            "plan.updated",
            "price.updated",
            "promotion_code.created",
            "promotion_code.updated",
            "subscription_schedule.canceled",
            "subscription_schedule.completed",
            "subscription_schedule.created",
            "subscription_schedule.expiring",
            "subscription_schedule.released",
            "subscription_schedule.updated",
        ] {
            assert!(events.contains(event), "{event} never happens");
        }
    }
}
