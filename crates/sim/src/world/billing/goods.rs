//! What a merchant sells by subscription and by invoice: products and their prices.

use std::sync::Arc;

use money::Currency;

use super::shares::share;
use crate::options::SimError;

/// A product.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) name: &'static str,
    /// What one of it is called, such as `seat`.
    pub(crate) unit: Option<&'static str>,
}

/// How often a price is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Every {
    Once,
    Month,
    Year,
}

impl Every {
    /// Months of a period; `None` for what is paid once.
    pub(crate) const fn months(self) -> Option<i64> {
        match self {
            Self::Once => None,
            Self::Month => Some(1),
            Self::Year => Some(12),
        }
    }
}

/// A step of a tiered price.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tier {
    /// The last unit of the tier; `None` for all beyond.
    pub(crate) up_to: Option<i64>,
    /// Thousandths of a minor unit for each unit.
    pub(crate) unit_milli: i64,
    /// Minor units for reaching the tier.
    pub(crate) flat: i64,
}

/// How a quantity becomes an amount.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scheme {
    /// Minor units for each unit.
    Unit(i64),
    /// Each slice of the quantity at its own tier.
    Graduated(&'static [Tier]),
    /// The whole quantity at the tier that it reaches.
    Volume(&'static [Tier]),
}

/// A price.
#[derive(Clone, Debug)]
pub(crate) struct Price {
    pub(crate) serial: u32,
    pub(crate) product: Arc<Product>,
    pub(crate) created: i64,
    /// Since when it cannot be bought any more.
    pub(crate) archived: Option<i64>,
    pub(crate) currency: Currency,
    pub(crate) every: Every,
    pub(crate) scheme: Scheme,
    /// Billed afterwards, by what was used.
    pub(crate) metered: bool,
}

/// A part of what a quantity costs: one line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) quantity: i64,
    pub(crate) amount: i64,
    /// Thousandths of a minor unit for each unit.
    pub(crate) unit_milli: i64,
    /// The number of its tier, from 1, where the price has graduated ones.
    pub(crate) tier: Option<usize>,
}

impl Price {
    /// What `quantity` costs, line by line.
    pub(crate) fn parts(&self, quantity: i64) -> Result<Vec<Part>, SimError> {
        match self.scheme {
            Scheme::Unit(minor) => Ok(vec![priced(quantity, minor * 1_000, 0, None)?]),
            Scheme::Volume(tiers) => {
                let reached = tiers.iter().find(|tier| tier.up_to.is_none_or(|last| quantity <= last));
                reached.map(|tier| priced(quantity, tier.unit_milli, tier.flat, None)).into_iter().collect()
            }
            Scheme::Graduated(tiers) => {
                let (mut from, mut parts) = (0, Vec::new());
                for (place, tier) in tiers.iter().enumerate() {
                    let until = tier.up_to.map_or(quantity, |last| last.min(quantity));
                    if until > from || place == 0 {
                        parts.push(priced(until - from, tier.unit_milli, tier.flat, Some(place + 1))?);
                        from = until;
                    }
                }
                Ok(parts)
            }
        }
    }

    /// What `quantity` costs in all.
    pub(crate) fn amount(&self, quantity: i64) -> Result<i64, SimError> {
        Ok(self.parts(quantity)?.iter().map(|part| part.amount).sum())
    }
}

fn priced(quantity: i64, unit_milli: i64, flat: i64, tier: Option<usize>) -> Result<Part, SimError> {
    Ok(Part { quantity, amount: share(quantity, unit_milli, 1_000)? + flat, unit_milli, tier })
}

const STORAGE: [Tier; 3] = [
    Tier { up_to: Some(100), unit_milli: 0, flat: 0 },
    Tier { up_to: Some(1_000), unit_milli: 12_500, flat: 0 },
    Tier { up_to: None, unit_milli: 8_000, flat: 500 },
];
const SEATS: [Tier; 3] = [
    Tier { up_to: Some(10), unit_milli: 1_200_000, flat: 0 },
    Tier { up_to: Some(50), unit_milli: 1_000_000, flat: 0 },
    Tier { up_to: None, unit_milli: 850_000, flat: 0 },
];
const ADD_ONS: [&str; 12] = [
    "Archive",
    "Backups",
    "Calendar",
    "Dashboards",
    "E-signatures",
    "Forms",
    "Groups",
    "Help desk",
    "Imports",
    "Journals",
    "Kiosk mode",
    "Labels",
];

/// What is on offer in one currency.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) currency: Currency,
    /// Plans, cheapest first: monthly, and the same ones for a year.
    pub(crate) monthly: Vec<Arc<Price>>,
    pub(crate) yearly: Vec<Arc<Price>>,
    pub(crate) seats: Arc<Price>,
    pub(crate) storage: Arc<Price>,
    pub(crate) add_ons: Vec<Arc<Price>>,
    /// Sold once.
    pub(crate) once: Vec<Arc<Price>>,
}

/// Makes the products and prices of an account, numbered in the order in which they were made.
pub(crate) struct Range {
    pub(crate) products: Vec<Arc<Product>>,
    pub(crate) prices: Vec<Arc<Price>>,
    created: i64,
}

impl Range {
    /// Nothing yet; what is made is made from `created` on, a minute apart.
    pub(crate) const fn new(created: i64) -> Self {
        Self { products: Vec::new(), prices: Vec::new(), created }
    }

    fn product(&mut self, name: &'static str, unit: Option<&'static str>) -> Arc<Product> {
        if let Some(known) = self.products.iter().find(|product| product.name == name) {
            return Arc::clone(known);
        }
        let serial = self.products.len() as u32;
        let product = Arc::new(Product { serial, created: self.created + 120 * i64::from(serial), name, unit });
        self.products.push(Arc::clone(&product));
        product
    }

    fn price(&mut self, product: &Arc<Product>, currency: Currency, every: Every, scheme: Scheme, metered: bool) -> Arc<Price> {
        let serial = self.prices.len() as u32;
        let created = product.created.max(self.created + 60 * i64::from(serial)) + 30;
        let product = Arc::clone(product);
        let price = Arc::new(Price { serial, product, created, archived: None, currency, every, scheme, metered });
        self.prices.push(Arc::clone(&price));
        price
    }

    /// Everything that is sold in `currency`, and a price of old that is not sold any more from `archived` on.
    pub(crate) fn offer(&mut self, currency: Currency, archived: i64) -> Offer {
        let (mut monthly, mut yearly) = (Vec::new(), Vec::new());
        for (name, minor) in [("Starter", 1_900), ("Pro", 4_900), ("Scale", 14_900)] {
            let product = self.product(name, None);
            monthly.push(self.price(&product, currency, Every::Month, Scheme::Unit(minor), false));
            yearly.push(self.price(&product, currency, Every::Year, Scheme::Unit(minor * 10), false));
        }
        let team = self.product("Team", Some("seat"));
        let seats = self.price(&team, currency, Every::Month, Scheme::Volume(&SEATS), false);
        let store = self.product("Storage", Some("gigabyte"));
        let storage = self.price(&store, currency, Every::Month, Scheme::Graduated(&STORAGE), true);
        let add_ons = (300..).step_by(110).zip(ADD_ONS).map(|(minor, name)| {
            let product = self.product(name, None);
            self.price(&product, currency, Every::Month, Scheme::Unit(minor), false)
        });
        let add_ons = add_ons.collect();
        let once = [("Setup", 15_000), ("Consulting hour", 9_500), ("Training day", 120_000), ("Migrated record", 45)];
        let once = once.map(|(name, minor)| {
            let product = self.product(name, None);
            self.price(&product, currency, Every::Once, Scheme::Unit(minor), false)
        });
        self.retire(currency, archived);
        Offer { currency, monthly, yearly, seats, storage, add_ons, once: once.into() }
    }

    fn retire(&mut self, currency: Currency, archived: i64) {
        let product = self.product("Starter", None);
        let old = self.price(&product, currency, Every::Month, Scheme::Unit(1_500), false);
        if let Some(slot) = self.prices.last_mut() {
            *slot = Arc::new(Price { archived: Some(archived.max(old.created + 60)), ..(*old).clone() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graduated_slices_and_volumes_cost_what_their_tiers_say() {
        let offer = Range::new(0).offer(Currency::USD, 900);
        assert_eq!(offer.storage.amount(0).expect("in range"), 0);
        let parts = offer.storage.parts(1_203).expect("in range");
        let amounts: Vec<(i64, i64)> = parts.iter().map(|part| (part.quantity, part.amount)).collect();
        assert_eq!(amounts, [(100, 0), (900, 11_250), (203, 2_124)]);
        assert_eq!(offer.seats.amount(10).expect("in range"), 12_000);
        assert_eq!(offer.seats.amount(11).expect("in range"), 11_000);
        assert_eq!(offer.storage.amount(101).expect("in range"), 13, "12.5 rounds up");
    }
}
