//! What is offered as Stripe's objects, on which terms: their ids, their JSON at an instant, and their events.

use std::sync::Arc;

use serde_json::Value;

use super::{
    super::{render::billing as render, rows::Stamp},
    Discount, Price, Product, PromotionCode, Redeemed, TaxRate,
    objects::step,
};
use crate::catalog::{Row, Step};

/// The plan that mirrors a recurring price.
#[derive(Debug)]
pub(super) struct Plan(pub(super) Arc<Price>);

impl Row for Arc<Product> {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.product_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, _at: i64) -> Value {
        render::product(stamp, self)
    }
    fn steps(&self) -> Vec<Step> {
        vec![step(self.created, "product.created")]
    }
}

impl Row for Arc<Price> {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.price_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        render::price(stamp, self, at)
    }
    fn asked(&self, field: &str, _at: i64) -> Option<Value> {
        if field == "tiers" { render::tiers(self) } else { None }
    }
    fn steps(&self) -> Vec<Step> {
        std::iter::once(step(self.created, "price.created")).chain(self.archived.map(|at| step(at, "price.updated"))).collect()
    }
}

impl Row for Plan {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.price_id(self.0.serial)
    }
    fn created(&self) -> i64 {
        self.0.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        render::plan(stamp, &self.0, at)
    }
    fn asked(&self, field: &str, _at: i64) -> Option<Value> {
        if field == "tiers" { render::tiers(&self.0) } else { None }
    }
    fn steps(&self) -> Vec<Step> {
        let archived = self.0.archived.map(|at| step(at, "plan.updated"));
        std::iter::once(step(self.0.created, "plan.created")).chain(archived).collect()
    }
}

impl Row for Redeemed {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.coupon_id(self.coupon.serial)
    }
    fn created(&self) -> i64 {
        self.coupon.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        render::coupon(stamp, self, at)
    }
    fn steps(&self) -> Vec<Step> {
        vec![step(self.coupon.created, "coupon.created")]
    }
}

impl Row for PromotionCode {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.promotion_code_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        render::promotion_code(stamp, self, at)
    }
    fn steps(&self) -> Vec<Step> {
        let ended = self.ended().map(|at| step(at, "promotion_code.updated"));
        std::iter::once(step(self.created, "promotion_code.created")).chain(ended).collect()
    }
}

impl Row for Arc<Discount> {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.discount_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.start
    }
    fn body(&self, stamp: &Stamp, _at: i64) -> Value {
        render::discount(stamp, self)
    }
    fn steps(&self) -> Vec<Step> {
        std::iter::once(step(self.start, "customer.discount.created"))
            .chain(self.end.map(|at| step(at, "customer.discount.deleted")))
            .collect()
    }
}

impl Row for Arc<TaxRate> {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.tax_rate_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, _at: i64) -> Value {
        render::tax_rate(stamp, self)
    }
    fn steps(&self) -> Vec<Step> {
        vec![step(self.created, "tax_rate.created")]
    }
}
