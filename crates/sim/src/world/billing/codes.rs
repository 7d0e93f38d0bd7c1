//! Promotion codes: words by which customers come by a coupon.

use std::sync::Arc;

use money::Currency;

use super::{
    desk::Desk,
    terms::{Coupon, Off},
};
use crate::random::Random;

/// Coupons that are redeemed by a code, in a thousand; a merchant gives the others itself.
const BY_CODE: u64 = 600;
/// Codes that are one customer's alone, in a thousand, where there are others too.
const PERSONAL: u64 = 200;
/// Seconds between a coupon and its code.
const AFTER: i64 = 600;

/// A promotion code.
#[derive(Clone, Debug)]
pub(crate) struct PromotionCode {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) coupon: Arc<Coupon>,
    pub(crate) word: String,
    /// Who alone may redeem it, once.
    pub(crate) customer: Option<u32>,
    /// Whether only a customer who never paid may redeem it.
    pub(crate) first_time: bool,
    /// What an order must come to at least.
    pub(crate) minimum: Option<(i64, Currency)>,
    withdrawn: Option<i64>,
    /// When it was redeemed: unix seconds, in no order.
    pub(crate) at: Vec<i64>,
}

impl PromotionCode {
    /// Since when it cannot be redeemed any more.
    pub(crate) fn ended(&self) -> Option<i64> {
        let used_up = if self.customer.is_some() { self.at.first().copied() } else { None };
        self.withdrawn.or(used_up)
    }

    /// Whether it can be redeemed after what happened at `at`.
    pub(crate) fn is_active(&self, at: i64) -> bool {
        self.ended().is_none_or(|ended| at < ended)
    }
}

/// The codes that a merchant tells everybody, one of which it takes back at `withdrawn`.
pub(super) fn offered(coupons: &[Arc<Coupon>], withdrawn: i64) -> Vec<PromotionCode> {
    let mut all = Vec::new();
    for coupon in coupons {
        let (plain, minimum) = match coupon.off {
            Off::Permille(_) => (String::new(), None),
            Off::Amount(_, currency) => (format!("-{}", currency.as_str().to_uppercase()), Some((1_500, currency))),
        };
        let words: &[(&str, bool, bool)] = match coupon.name {
            "Welcome" => &[("WELCOME20", true, false), ("SPRING20", false, true)],
            "Quarter of a launch" => &[("LAUNCH", false, false)],
            "A fiver a month" => &[("FIVER", false, false)],
            "A ten at once" => &[("TENNER", true, false)],
            _ => &[],
        };
        for (word, first_time, is_withdrawn) in words {
            let created = coupon.created + AFTER;
            all.push(PromotionCode {
                serial: all.len() as u32,
                created,
                coupon: Arc::clone(coupon),
                word: format!("{word}{plain}"),
                customer: None,
                first_time: *first_time,
                minimum,
                withdrawn: is_withdrawn.then_some(withdrawn.max(created + AFTER)),
                at: Vec::new(),
            });
        }
    }
    all
}

impl Desk<'_, '_> {
    /// The code by which the customer comes by a coupon, where there is one: its serial. It is drawn apart from the rest of the
    /// customer's story, which is the same without it.
    pub(super) fn type_in(&mut self, coupon: &Arc<Coupon>, discount: u32, at: i64) -> Option<u32> {
        let number = (self.shop.merchant.index as u64) << 32 | u64::from(discount);
        let mut random = Random::new(self.shop.seed, "promotion code", number);
        if !random.chance(BY_CODE) {
            return None;
        }
        let fits = |code: &&PromotionCode| code.coupon.serial == coupon.serial && code.customer.is_none() && code.is_active(at);
        let known: Vec<u32> = self.ledger.codes.iter().filter(fits).map(|code| code.serial).collect();
        let serial = if known.is_empty() || random.chance(PERSONAL) { self.give(coupon, at) } else { random.pick(&known) };
        if let Some(code) = self.ledger.codes.get_mut(serial as usize) {
            code.at.push(at);
        }
        Some(serial)
    }

    /// A code for this customer alone, made a moment before it is redeemed.
    fn give(&mut self, coupon: &Arc<Coupon>, at: i64) -> u32 {
        let serial = self.ledger.codes.len() as u32;
        let word = format!("FOR-YOU-{}", self.shop.merchant.stamp.personal_letters(serial));
        let (customer, coupon) = (Some(self.customer), Arc::clone(coupon));
        let code = PromotionCode {
            serial,
            created: at - 10,
            coupon,
            word,
            customer,
            first_time: false,
            minimum: None,
            withdrawn: None,
            at: vec![],
        };
        self.ledger.codes.push(code);
        serial
    }
}
