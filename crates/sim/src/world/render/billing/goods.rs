//! Products, prices and the plans that mirror them, coupons and tax rates.

use serde_json::{Value, json};

use super::{
    super::super::{
        billing::{Every, Lasts, Off, Price, Product, Redeemed, Scheme, TaxRate, Tier},
        rows::Stamp,
    },
    decimal, number,
};

pub(crate) fn product(stamp: &Stamp, row: &Product) -> Value {
    json!({
        "id": stamp.product_id(row.serial),
        "object": "product",
        "active": true,
        "created": row.created,
        "default_price": null,
        "description": null,
        "images": [],
        "livemode": false,
        "marketing_features": [],
        "metadata": {},
        "name": row.name,
        "package_dimensions": null,
        "shippable": null,
        "statement_descriptor": null,
        "tax_code": null,
        "tax_details": null,
        "type": "service",
        "unit_label": row.unit,
        "updated": row.created,
        "url": null,
    })
}

const fn interval(every: Every) -> Option<&'static str> {
    match every {
        Every::Once => None,
        Every::Month => Some("month"),
        Every::Year => Some("year"),
    }
}

/// Stripe's `billing_scheme`, `tiers_mode`, and the amount of a unit where it is one for all.
const fn scheme(row: &Price) -> (&'static str, Option<&'static str>, Option<i64>) {
    match row.scheme {
        Scheme::Unit(minor) => ("per_unit", None, Some(minor)),
        Scheme::Graduated(_) => ("tiered", Some("graduated"), None),
        Scheme::Volume(_) => ("tiered", Some("volume"), None),
    }
}

const fn usage(row: &Price) -> &'static str {
    if row.metered { "metered" } else { "licensed" }
}

fn is_active(row: &Price, at: i64) -> bool {
    row.archived.is_none_or(|since| at < since)
}

pub(crate) fn price(stamp: &Stamp, row: &Price, at: i64) -> Value {
    let (scheme, tiers_mode, unit) = scheme(row);
    let recurring = interval(row.every).map(|interval| {
        json!({
            "interval": interval,
            "interval_count": 1,
            "meter": row.metered.then(|| stamp.meter_id(row.serial)),
            "trial_period_days": null,
            "usage_type": usage(row),
        })
    });
    json!({
        "id": stamp.price_id(row.serial),
        "object": "price",
        "active": is_active(row, at),
        "billing_scheme": scheme,
        "created": row.created,
        "currency": row.currency.as_str(),
        "custom_unit_amount": null,
        "livemode": false,
        "lookup_key": null,
        "metadata": {},
        "nickname": null,
        "product": stamp.product_id(row.product.serial),
        "recurring": recurring,
        "tax_behavior": "unspecified",
        "tiers_mode": tiers_mode,
        "transform_quantity": null,
        "type": if recurring.is_some() { "recurring" } else { "one_time" },
        "unit_amount": unit,
        "unit_amount_decimal": unit.map(|unit| unit.to_string()),
    })
}

/// The tiers of a price, which Stripe shows only when asked to.
pub(crate) fn tiers(row: &Price) -> Option<Value> {
    let tiers = match row.scheme {
        Scheme::Unit(_) => return None,
        Scheme::Graduated(tiers) | Scheme::Volume(tiers) => tiers,
    };
    let tier = |tier: &Tier| {
        let whole = (tier.unit_milli % 1_000 == 0).then_some(tier.unit_milli / 1_000);
        json!({
            "flat_amount": (tier.flat > 0).then_some(tier.flat),
            "flat_amount_decimal": (tier.flat > 0).then(|| tier.flat.to_string()),
            "unit_amount": whole,
            "unit_amount_decimal": decimal(tier.unit_milli, 3),
            "up_to": tier.up_to,
        })
    };
    Some(tiers.iter().map(tier).collect())
}

/// The plan that older clients see instead of a price; none for what is paid once.
pub(crate) fn plan(stamp: &Stamp, row: &Price, at: i64) -> Value {
    let (scheme, tiers_mode, unit) = scheme(row);
    json!({
        "id": stamp.price_id(row.serial),
        "object": "plan",
        "active": is_active(row, at),
        "amount": unit,
        "amount_decimal": unit.map(|unit| unit.to_string()),
        "billing_scheme": scheme,
        "created": row.created,
        "currency": row.currency.as_str(),
        "interval": interval(row.every),
        "interval_count": 1,
        "livemode": false,
        "metadata": {},
        "meter": row.metered.then(|| stamp.meter_id(row.serial)),
        "nickname": null,
        "product": stamp.product_id(row.product.serial),
        "tiers_mode": tiers_mode,
        "transform_usage": null,
        "trial_period_days": null,
        "usage_type": usage(row),
    })
}

pub(crate) fn coupon(stamp: &Stamp, row: &Redeemed, at: i64) -> Value {
    let coupon = &row.coupon;
    let (duration, months) = match coupon.lasts {
        Lasts::Once => ("once", None),
        Lasts::Months(months) => ("repeating", Some(months)),
        Lasts::Forever => ("forever", None),
    };
    let (percent, amount) = match coupon.off {
        Off::Permille(permille) => (number(permille, 1), None),
        Off::Amount(minor, currency) => (Value::Null, Some((minor, currency))),
    };
    json!({
        "id": stamp.coupon_id(coupon.serial),
        "object": "coupon",
        "amount_off": amount.map(|(minor, _)| minor),
        "created": coupon.created,
        "currency": amount.map(|(_, currency)| currency.as_str().to_owned()),
        "duration": duration,
        "duration_in_months": months,
        "livemode": false,
        "max_redemptions": null,
        "metadata": {},
        "name": coupon.name,
        "percent_off": percent,
        "redeem_by": null,
        "times_redeemed": row.at.iter().filter(|redeemed| **redeemed <= at).count(),
        "valid": true,
    })
}

pub(crate) fn tax_rate(stamp: &Stamp, row: &TaxRate) -> Value {
    let percentage = number(row.basis_points, 2);
    json!({
        "id": stamp.tax_rate_id(row.serial),
        "object": "tax_rate",
        "active": true,
        "country": row.country,
        "created": row.created,
        "description": null,
        "display_name": row.name,
        "effective_percentage": percentage,
        "flat_amount": null,
        "inclusive": row.inclusive,
        "jurisdiction": row.state.unwrap_or(row.country),
        "jurisdiction_level": if row.state.is_some() { "state" } else { "country" },
        "livemode": false,
        "metadata": {},
        "percentage": percentage,
        "rate_type": "percentage",
        "state": row.state,
        "tax_type": row.kind,
    })
}
