//! Discounts and the promotion codes that they come from.

use serde_json::{Value, json};

use super::super::super::{
    billing::{Discount, PromotionCode},
    rows::Stamp,
};

pub(crate) fn promotion_code(stamp: &Stamp, row: &PromotionCode, at: i64) -> Value {
    json!({
        "id": stamp.promotion_code_id(row.serial),
        "object": "promotion_code",
        "active": row.is_active(at),
        "code": row.word,
        "created": row.created,
        "customer": row.customer.map(|customer| stamp.customer_id(customer)),
        "customer_account": null,
        "expires_at": null,
        "livemode": false,
        "max_redemptions": row.customer.map(|_| 1),
        "metadata": {},
        "promotion": {"coupon": stamp.coupon_id(row.coupon.serial), "type": "coupon"},
        "restrictions": {
            "first_time_transaction": row.first_time,
            "minimum_amount": row.minimum.map(|(minor, _)| minor),
            "minimum_amount_currency": row.minimum.map(|(_, currency)| currency.as_str().to_owned()),
        },
        "times_redeemed": row.at.iter().filter(|redeemed| **redeemed <= at).count(),
    })
}

pub(crate) fn discount(stamp: &Stamp, row: &Discount) -> Value {
    json!({
        "id": stamp.discount_id(row.serial),
        "object": "discount",
        "checkout_session": null,
        "customer": stamp.customer_id(row.customer),
        "customer_account": null,
        "end": row.end,
        "invoice": null,
        "invoice_item": null,
        "promotion_code": row.code.map(|code| stamp.promotion_code_id(code)),
        "source": {"coupon": stamp.coupon_id(row.coupon.serial), "type": "coupon"},
        "start": row.start,
        "subscription": stamp.subscription_id(row.subscription),
        "subscription_item": null,
    })
}
