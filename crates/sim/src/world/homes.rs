//! Where the merchants of a rich world live, in what they sell and settle, and what they are called.

use money::Currency;

use super::calendar::Region;
use crate::options::SimError;

/// A country and the ways of its merchants.
pub(super) struct Home {
    pub(super) region: Region,
    pub(super) country: &'static str,
    /// How its companies end their names.
    suffix: &'static str,
    /// What accounts there settle in, each with a bank account of its own.
    settles_in: &'static [&'static str],
    /// Presentment currency, weight in a thousand, settlement currency.
    menu: &'static [(&'static str, u64, &'static str)],
}

/// The platform's.
const PLATFORM: Home = Home {
    region: Region::Us,
    country: "US",
    suffix: "LLC",
    settles_in: &["usd", "eur", "gbp"],
    menu: &[
        ("usd", 560, "usd"),
        ("eur", 200, "eur"),
        ("gbp", 110, "gbp"),
        ("cad", 50, "usd"),
        ("sek", 30, "eur"),
        ("isk", 25, "eur"),
        ("ugx", 25, "usd"),
    ],
};

/// The connected accounts', in turn.
const CONNECTED: [Home; 6] = [
    Home {
        region: Region::Jp,
        country: "JP",
        suffix: "KK",
        settles_in: &["jpy"],
        menu: &[("jpy", 860, "jpy"), ("usd", 140, "jpy")],
    },
    Home {
        region: Region::Eu,
        country: "DE",
        suffix: "GmbH",
        settles_in: &["eur"],
        menu: &[("eur", 800, "eur"), ("gbp", 120, "eur"), ("isk", 80, "eur")],
    },
    Home {
        region: Region::Us,
        country: "US",
        suffix: "Inc",
        settles_in: &["usd"],
        menu: &[("usd", 760, "usd"), ("gbp", 140, "usd"), ("cad", 100, "usd")],
    },
    Home {
        region: Region::Gb,
        country: "GB",
        suffix: "Ltd",
        settles_in: &["gbp", "kwd"],
        menu: &[("gbp", 600, "gbp"), ("kwd", 350, "kwd"), ("isk", 50, "gbp")],
    },
    Home {
        region: Region::Eu,
        country: "HU",
        suffix: "Kft",
        settles_in: &["huf", "eur"],
        menu: &[("huf", 700, "huf"), ("eur", 300, "eur")],
    },
    Home {
        region: Region::Us,
        country: "US",
        suffix: "LLC",
        settles_in: &["usd", "twd"],
        menu: &[("usd", 500, "usd"), ("twd", 450, "twd"), ("ugx", 50, "usd")],
    },
];

/// The lengths of the three lists have no common factor, so that a name comes back after 37 × 31 × 16 others.
const FIRST: [&str; 37] = [
    "Amber", "Birch", "Copper", "Dover", "Elm", "Fern", "Garnet", "Harbor", "Indigo", "Juniper", "Kestrel", "Linden", "Maple",
    "North", "Opal", "Pearl", "Quarry", "Raven", "Sable", "Thistle", "Umber", "Violet", "Willow", "Yarrow", "Zephyr", "Aspen",
    "Briar", "Cobalt", "Dune", "Ember", "Falcon", "Granite", "Heron", "Iris", "Jade", "Lark", "Moss",
];
const SECOND: [&str; 31] = [
    "Hill", "Brook", "Lane", "Gate", "Field", "Bay", "Ridge", "Court", "Grove", "Mill", "Bridge", "Cove", "Dale", "Ford", "Glen",
    "Haven", "Isle", "Knoll", "Lake", "Meadow", "Nook", "Orchard", "Park", "Quay", "Row", "Shore", "Tower", "Vale", "Wharf",
    "Yard", "Cross",
];
const TRADES: [(&str, &str); 16] = [
    ("Books", "Book order"),
    ("Coffee", "Coffee subscription"),
    ("Tickets", "Concert ticket"),
    ("Bikes", "Bike service"),
    ("Studio", "Design course"),
    ("Parts", "Replacement parts"),
    ("Goods", "Household order"),
    ("Instruments", "Instrument rental"),
    ("Ceramics", "Ceramics order"),
    ("Gardens", "Garden visit"),
    ("Prints", "Print order"),
    ("Yoga", "Yoga class"),
    ("Tea", "Tea subscription"),
    ("Outdoor", "Camping gear"),
    ("Lighting", "Lamp order"),
    ("Records", "Vinyl record"),
];

impl Home {
    /// Of the account at `index`; 0 is the platform.
    pub(super) fn of(index: usize) -> &'static Self {
        index.checked_sub(1).and_then(|turn| CONNECTED.get(turn % CONNECTED.len())).unwrap_or(&PLATFORM)
    }

    /// What the merchant at `index` is called, and what it sells.
    pub(super) fn name(&self, index: usize) -> (String, &'static str) {
        let of = |list: &[&'static str]| list.get(index % list.len()).copied().unwrap_or_default();
        let (trade, goods) = TRADES.get(index % TRADES.len()).copied().unwrap_or_default();
        (format!("{} {} {trade} {}", of(&FIRST), of(&SECOND), self.suffix), goods)
    }

    /// # Errors
    /// [`SimError::Amount`] where the table names what is no currency.
    pub(super) fn settles_in(&self) -> Result<Vec<Currency>, SimError> {
        self.settles_in.iter().map(|code| currency(code)).collect()
    }

    /// # Errors
    /// [`SimError::Amount`] where the table names what is no currency.
    pub(super) fn menu(&self) -> Result<Vec<(Currency, u64, Currency)>, SimError> {
        self.menu.iter().map(|(from, weight, to)| Ok((currency(from)?, *weight, currency(to)?))).collect()
    }
}

/// # Errors
/// [`SimError::Amount`] for what is no currency code.
pub(super) fn currency(code: &str) -> Result<Currency, SimError> {
    Currency::parse(code).map_err(|_| SimError::Amount("a currency code"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ten_thousand_merchants_have_names_of_their_own() {
        let names: BTreeSet<String> = (0..10_000).map(|index| Home::of(index).name(index).0).collect();
        assert_eq!(names.len(), 10_000);
    }

    #[test]
    fn whoever_sells_in_a_currency_settles_what_it_becomes() {
        for index in 0..=CONNECTED.len() {
            let home = Home::of(index);
            let settled = home.settles_in().expect("currencies");
            let menu = home.menu().expect("currencies");
            assert!(menu.iter().all(|(_, _, to)| settled.contains(to)), "{index}");
            assert_eq!(menu.iter().map(|(_, weight, _)| weight).sum::<u64>(), 1_000);
        }
    }
}
