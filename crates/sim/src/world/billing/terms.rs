//! What changes a price: coupons, the discounts that they give, and taxes.

use std::sync::Arc;

use money::Currency;

use super::{Region, shares::share};
use crate::options::SimError;

/// What a coupon takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Off {
    /// Tenths of a percent.
    Permille(i64),
    /// Minor units of one currency.
    Amount(i64, Currency),
}

/// For how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lasts {
    Once,
    Months(i64),
    Forever,
}

/// A coupon.
#[derive(Clone, Debug)]
pub(crate) struct Coupon {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) name: &'static str,
    pub(crate) off: Off,
    pub(crate) lasts: Lasts,
}

/// A coupon as it is, and when it was redeemed.
#[derive(Clone, Debug)]
pub(crate) struct Redeemed {
    pub(crate) coupon: Arc<Coupon>,
    /// Unix seconds, in no order.
    pub(crate) at: Vec<i64>,
}

/// A coupon at work on one subscription.
#[derive(Clone, Debug)]
pub(crate) struct Discount {
    pub(crate) serial: u32,
    pub(crate) coupon: Arc<Coupon>,
    /// The promotion code that the customer typed in.
    pub(crate) code: Option<u32>,
    pub(crate) customer: u32,
    pub(crate) subscription: u32,
    pub(crate) start: i64,
    pub(crate) end: Option<i64>,
}

impl Discount {
    /// Whether it still takes something off at `at`.
    pub(crate) fn is_on(&self, at: i64) -> bool {
        self.end.is_none_or(|end| at < end)
    }

    /// What it takes off a positive `amount`; nothing off others.
    pub(crate) fn off(&self, amount: i64) -> Result<i64, SimError> {
        match self.coupon.off {
            _ if amount <= 0 => Ok(0),
            Off::Permille(permille) => share(amount, permille, 1_000),
            Off::Amount(minor, _) => Ok(minor.min(amount)),
        }
    }
}

/// The coupons of an account that sells in `currencies`.
pub(crate) fn coupons(created: i64, currencies: &[Currency]) -> Vec<Arc<Coupon>> {
    let percent = [
        ("Welcome", Off::Permille(200), Lasts::Once),
        ("Quarter of a launch", Off::Permille(125), Lasts::Months(3)),
        ("Partner", Off::Permille(100), Lasts::Forever),
    ];
    let amounts = currencies.iter().flat_map(|currency| {
        [
            ("A fiver a month", Off::Amount(500, *currency), Lasts::Months(2)),
            ("A ten at once", Off::Amount(1_000, *currency), Lasts::Once),
        ]
    });
    let all = percent.into_iter().chain(amounts);
    (0..).zip(all).map(|(serial, (name, off, lasts))| Arc::new(Coupon { serial, created, name, off, lasts })).collect()
}

/// A tax rate.
#[derive(Clone, Debug)]
pub(crate) struct TaxRate {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) country: &'static str,
    pub(crate) state: Option<&'static str>,
    /// Hundredths of a percent.
    pub(crate) basis_points: i64,
    /// Whether prices hold it already.
    pub(crate) inclusive: bool,
}

/// The tax of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tax {
    /// What is taxed, without the tax.
    pub(crate) taxable: i64,
    pub(crate) amount: i64,
}

impl TaxRate {
    /// The tax on `amount`, which holds it already where the rate is inclusive.
    pub(crate) fn tax(&self, amount: i64) -> Result<Tax, SimError> {
        if self.inclusive {
            let tax = share(amount, self.basis_points, 10_000 + self.basis_points)?;
            return Ok(Tax { taxable: amount - tax, amount: tax });
        }
        Ok(Tax { taxable: amount, amount: share(amount, self.basis_points, 10_000)? })
    }
}

/// The tax rates of a merchant: one on top of its prices, one within them.
pub(crate) fn tax_rates(created: i64, region: Region) -> Vec<Arc<TaxRate>> {
    let (name, kind, country, state, rates) = match region {
        Region::Us => ("Sales Tax", "sales_tax", "US", Some("CA"), [(825, false), (725, true)]),
        Region::Eu => ("VAT", "vat", "DE", None, [(1_900, false), (700, true)]),
        Region::Gb => ("VAT", "vat", "GB", None, [(2_000, false), (500, true)]),
        Region::Jp => ("JCT", "jct", "JP", None, [(1_000, false), (800, true)]),
    };
    let rate = |(serial, (basis_points, inclusive))| {
        Arc::new(TaxRate { serial, created, name, kind, country, state, basis_points, inclusive })
    };
    (0..).zip(rates).map(rate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tax_is_on_top_or_within() {
        let rates = tax_rates(0, Region::Eu);
        let taxes: Vec<Tax> = rates.iter().map(|rate| rate.tax(10_000).expect("in range")).collect();
        assert_eq!(taxes, [Tax { taxable: 10_000, amount: 1_900 }, Tax { taxable: 9_346, amount: 654 }]);
        assert_eq!(rates[0].tax(-105).expect("in range").amount, -20, "19.95");
    }

    #[test]
    fn a_discount_never_takes_more_than_there_is() {
        let coupons = coupons(0, &[Currency::USD]);
        let off = |place: usize, amount| {
            let coupon = Arc::clone(&coupons[place]);
            let discount = Discount { serial: 0, coupon, code: None, customer: 0, subscription: 0, start: 0, end: Some(9) };
            assert!(discount.is_on(8) && !discount.is_on(9));
            discount.off(amount).expect("in range")
        };
        assert_eq!([off(0, 1_999), off(1, 4_900), off(3, 4_900), off(3, 120), off(0, -500)], [400, 613, 500, 120, 0]);
    }
}
