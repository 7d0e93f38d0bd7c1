//! Where a merchant is at home, and what follows from it.

use money::Currency;

use super::super::{
    calendar::Region,
    homes::{Home, currency},
};
use crate::options::SimError;

const NAMES: [(&str, &str); 8] = [
    ("Brightline Studio LLC", "Brightline design course"),
    ("Kawabata Denki KK", "Kawabata replacement parts"),
    ("Hofgarten Kaffee GmbH", "Hofgarten coffee subscription"),
    ("Cedar & Vine Goods Inc", "Cedar & Vine order"),
    ("Minato Books KK", "Minato Books order"),
    ("Nordlicht Tickets GmbH", "Nordlicht concert ticket"),
    ("Pine Street Bikes Inc", "Pine Street bike service"),
    ("Sumida Gakki KK", "Sumida Gakki order"),
];

fn region(rank: usize) -> Region {
    match (rank, rank % 3) {
        (0, _) => Region::Us,
        (_, 1) => Region::Jp,
        (_, 2) => Region::Eu,
        _ => Region::Us,
    }
}

fn menu(rank: usize, region: Region) -> Result<Vec<(Currency, u64, Currency)>, SimError> {
    let lines: &[(&str, u64, &str)] = match region {
        Region::Us if rank == 0 => {
            &[("usd", 600, "usd"), ("eur", 220, "eur"), ("gbp", 90, "usd"), ("cad", 50, "usd"), ("sek", 40, "eur")]
        }
        Region::Us | Region::Gb => &[("usd", 760, "usd"), ("gbp", 140, "usd"), ("cad", 100, "usd")],
        Region::Eu => &[("eur", 800, "eur"), ("gbp", 120, "eur"), ("sek", 80, "eur")],
        Region::Jp => &[("jpy", 860, "jpy"), ("usd", 140, "jpy")],
    };
    lines.iter().map(|(from, weight, to)| Ok((currency(from)?, *weight, currency(to)?))).collect()
}

const fn settles_in(rank: usize, region: Region) -> &'static [Currency] {
    match region {
        Region::Us if rank == 0 => &[Currency::USD, Currency::EUR],
        Region::Us | Region::Gb => &[Currency::USD],
        Region::Eu => &[Currency::EUR],
        Region::Jp => &[Currency::JPY],
    }
}

/// Where a merchant is at home and what follows from it.
pub(super) struct Origin {
    pub(super) region: Region,
    pub(super) country: &'static str,
    pub(super) name: String,
    pub(super) goods: &'static str,
    pub(super) currencies: Vec<Currency>,
    pub(super) menu: Vec<(Currency, u64, Currency)>,
}

impl Origin {
    /// Of a plain world's merchant; own accounts have rank 0.
    pub(super) fn plain(rank: usize) -> Result<Self, SimError> {
        let region = region(rank);
        let (name, goods) = NAMES[rank % NAMES.len()];
        let country = match region {
            Region::Us => "US",
            Region::Eu => "DE",
            Region::Gb => "GB",
            Region::Jp => "JP",
        };
        let (name, currencies) = (name.to_owned(), settles_in(rank, region).to_vec());
        Ok(Self { region, country, name, goods, currencies, menu: menu(rank, region)? })
    }

    /// The same in a rich world.
    pub(super) fn rich(rank: usize) -> Result<Self, SimError> {
        let home = Home::of(rank);
        let (name, goods) = home.name(rank);
        let (currencies, menu) = (home.settles_in()?, home.menu()?);
        Ok(Self { region: home.region, country: home.country, name, goods, currencies, menu })
    }
}
