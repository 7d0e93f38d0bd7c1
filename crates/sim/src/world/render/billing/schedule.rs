//! Subscription schedules.

use serde_json::{Map, Value, json};

use super::{
    super::super::{
        billing::{Course, Item, Phase, Schedule},
        rows::Stamp,
    },
    goods::tax_rate,
    number,
};

pub(crate) fn schedule(stamp: &Stamp, row: &Schedule, at: i64) -> Value {
    let course = *row.told.at(at);
    let (completed, released, canceled) = match course {
        Course::NotStarted | Course::Active(_) => (None, None, None),
        Course::Completed(since) => (Some(since), None, None),
        Course::Released(since) => (None, Some(since), None),
        Course::Canceled(since) => (None, None, Some(since)),
    };
    let phase = match course {
        Course::Active(place) => row.phases.get(place),
        _ => None,
    };
    let subscription = row.subscription.map(|serial| stamp.subscription_id(serial));
    let (governed, let_go) = if released.is_some() { (None, subscription) } else { (subscription, None) };
    let phases: Vec<Value> = row.phases.iter().map(|phase| phase_of(stamp, row, phase)).collect();
    json!({
        "id": stamp.schedule_id(row.serial),
        "object": "subscription_schedule",
        "application": stamp.application.as_deref(),
        "billing_mode": {"flexible": null, "type": "classic"},
        "canceled_at": canceled,
        "completed_at": completed,
        "created": row.created,
        "current_phase": phase.map(|phase| json!({"end_date": phase.end, "start_date": phase.start})),
        "customer": stamp.customer_id(row.customer),
        "customer_account": null,
        "default_settings": default_settings(row),
        "end_behavior": "release",
        "livemode": false,
        "metadata": {},
        "pause_schedules": [],
        "phases": phases,
        "released_at": released,
        "released_subscription": let_go,
        "status": course.as_str(),
        "subscription": governed,
        "test_clock": null,
    })
}

fn automatic_tax() -> Value {
    json!({"disabled_reason": null, "enabled": false, "liability": null})
}

fn default_settings(row: &Schedule) -> Value {
    json!({
        "application_fee_percent": row.application_basis_points.map(|points| number(points, 2)),
        "automatic_tax": automatic_tax(),
        "billing_cycle_anchor": "automatic",
        "billing_thresholds": null,
        "collection_method": if row.days_until_due.is_some() { "send_invoice" } else { "charge_automatically" },
        "default_payment_method": null,
        "description": null,
        "invoice_settings": {
            "account_tax_ids": null,
            "custom_fields": null,
            "days_until_due": row.days_until_due,
            "description": null,
            "footer": null,
            "issuer": {"type": "self"},
        },
        "on_behalf_of": null,
        "transfer_data": null,
    })
}

fn phase_of(stamp: &Stamp, row: &Schedule, phase: &Phase) -> Value {
    let rates: Vec<Value> = row.tax.iter().map(|rate| tax_rate(stamp, rate)).collect();
    let discounts = phase.discount.iter();
    let discounts: Vec<Value> = discounts
        .map(|discount| json!({"coupon": null, "discount": stamp.discount_id(discount.serial), "promotion_code": null}))
        .collect();
    let items: Vec<Value> = phase.items.iter().map(|item| item_of(stamp, item)).collect();
    json!({
        "add_invoice_items": [],
        "application_fee_percent": row.application_basis_points.map(|points| number(points, 2)),
        "automatic_tax": automatic_tax(),
        "billing_cycle_anchor": null,
        "billing_thresholds": null,
        "collection_method": null,
        "currency": row.currency.as_str(),
        "default_payment_method": null,
        "default_tax_rates": rates,
        "description": null,
        "discounts": discounts,
        "end_date": phase.end,
        "invoice_settings": null,
        "items": items,
        "metadata": {},
        "on_behalf_of": null,
        "proration_behavior": if phase.bills_at_once { "always_invoice" } else { "create_prorations" },
        "start_date": phase.start,
        "transfer_data": null,
        "trial_end": phase.trial_end,
    })
}

fn item_of(stamp: &Stamp, item: &Item) -> Value {
    let price = stamp.price_id(item.price.serial);
    let mut fields = Map::new();
    let all = json!({
        "billing_thresholds": null, "discounts": [], "metadata": {}, "plan": price, "price": price, "tax_rates": [],
    });
    if let Value::Object(all) = all {
        fields = all;
    }
    fields.extend(item.quantity.map(|quantity| ("quantity".to_owned(), quantity.into())));
    Value::Object(fields)
}
