//! Subscriptions and their items.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::{
    super::super::{
        billing::{Item, Standing, Subscription},
        rows::Stamp,
    },
    embedded,
    goods::{plan, price, tax_rate},
    number,
};

pub(crate) fn subscription(stamp: &Stamp, row: &Subscription, at: i64) -> Value {
    let standing = row.told.at(at);
    let id = stamp.subscription_id(row.serial);
    let rates: Vec<Value> = row.tax.iter().map(|rate| tax_rate(stamp, rate)).collect();
    let discounts: Vec<String> = standing.discount(at).iter().map(|discount| stamp.discount_id(discount.serial)).collect();
    // In the order of the list of items, which are all of one second.
    let mut listed: Vec<&Item> = standing.items.iter().collect();
    listed.sort_by_key(|item| Reverse(stamp.subscription_item_id(item.serial)));
    let items = embedded(listed.len(), format!("/v1/subscription_items?subscription={id}"), |place| {
        listed.get(place).map(|item| item_of(stamp, row, standing, item, at))
    });
    json!({
        "id": id,
        "object": "subscription",
        "application": stamp.application.as_deref(),
        "application_fee_percent": row.application_basis_points.map(|points| number(points, 2)),
        "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null},
        "billing_cycle_anchor": standing.anchor,
        "billing_cycle_anchor_config": null,
        "billing_mode": {"flexible": null, "type": "classic"},
        "billing_schedules": [],
        "billing_thresholds": null,
        "cancel_at": standing.ends_with_period.then_some(standing.period.1),
        "cancel_at_period_end": standing.ends_with_period,
        "canceled_at": standing.canceled_at,
        "cancellation_details": {"comment": null, "feedback": null, "feedback_option": null, "reason": standing.reason},
        "collection_method": if row.days_until_due.is_some() { "send_invoice" } else { "charge_automatically" },
        "created": row.created,
        "currency": row.currency.as_str(),
        "customer": stamp.customer_id(row.customer),
        "customer_account": null,
        "days_until_due": row.days_until_due,
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": rates,
        "description": null,
        "discounts": discounts,
        "ended_at": standing.ended_at,
        "invoice_settings": {
            "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": {"type": "self"},
        },
        "items": items,
        "latest_invoice": standing.latest_invoice.map(|invoice| stamp.invoice_id(invoice)),
        "livemode": false,
        "managed_payments": {"enabled": false},
        "metadata": {},
        "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null,
        "pause_collection": null,
        "payment_settings": {
            "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": null,
        "pending_setup_intent": null,
        "pending_update": null,
        "schedule": row.schedule(at).map(|schedule| stamp.schedule_id(schedule)),
        "start_date": row.created,
        "status": standing.status.as_str(),
        "test_clock": null,
        "transfer_data": null,
        "trial_end": row.trial.map(|(_, end)| end),
        "trial_settings": {"end_behavior": {"billing_cycle_anchor": null, "missing_payment_method": "create_invoice"}},
        "trial_start": row.trial.map(|(start, _)| start),
    })
}

/// The item at `place` of a subscription.
pub(crate) fn subscription_item(stamp: &Stamp, row: &Subscription, place: usize, at: i64) -> Option<Value> {
    let standing = row.told.at(at);
    standing.items.get(place).map(|item| item_of(stamp, row, standing, item, at))
}

fn item_of(stamp: &Stamp, row: &Subscription, standing: &Standing, item: &Item, at: i64) -> Value {
    let mut body = json!({
        "id": stamp.subscription_item_id(item.serial),
        "object": "subscription_item",
        "billing_thresholds": null,
        "created": row.created,
        "current_period_end": standing.period.1,
        "current_period_start": standing.period.0,
        "current_trial": null,
        "discounts": [],
        "metadata": {},
        "plan": plan(stamp, &item.price, at),
        "price": price(stamp, &item.price, at),
        "subscription": stamp.subscription_id(row.serial),
        "tax_rates": [],
    });
    if let (Some(quantity), Some(fields)) = (item.quantity, body.as_object_mut()) {
        fields.insert("quantity".to_owned(), quantity.into());
    }
    body
}
