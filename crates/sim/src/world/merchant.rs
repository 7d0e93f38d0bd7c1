//! Who sells what, where, and into which bank accounts.

use std::sync::Arc;

use money::Currency;

use super::{calendar::Region, rows::Stamp};
use crate::{
    options::{Options, SimError},
    random::{Random, base62, mix},
};

/// A merchant behind one Stripe account.
pub(crate) struct Merchant {
    pub(crate) index: usize,
    pub(crate) stamp: Arc<Stamp>,
    pub(crate) region: Region,
    pub(crate) name: &'static str,
    /// Presentment currency, weight in a thousand, settlement currency.
    pub(crate) menu: Vec<(Currency, u64, Currency)>,
    pub(crate) streams: Vec<Stream>,
    /// The platform's share of each charge, in basis points.
    pub(crate) application_basis_points: Option<i64>,
}

/// The payouts of one account in one currency.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) currency: Currency,
    /// Place of its bank account in [`Cast::banks`].
    pub(crate) bank: usize,
    /// Whether its first third is paid out by hand.
    pub(crate) manual_first: bool,
    /// Whether Stripe debits the bank when the balance is negative.
    pub(crate) debits: bool,
    pub(crate) trace: TraceStyle,
    pub(crate) descriptor: Option<&'static str>,
}

/// How the bank network numbers a stream's payouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TraceStyle {
    /// 15 digits: the originating bank's eight, then a count.
    Ach,
    /// A SEPA end-to-end reference.
    Sepa,
    Unsupported,
}

/// How a bank writes its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BankFormat {
    Chase,
    Sparkasse,
    Camt02,
    Camt08,
}

impl BankFormat {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Chase => "csv:chase",
            Self::Sparkasse => "csv:sparkasse",
            Self::Camt02 => "camt.053.001.02",
            Self::Camt08 => "camt.053.001.08",
        }
    }
}

/// How a bank writes Stripe's deposits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Everything the network sent, the trace number too.
    Whole,
    /// An `ST-` token and the merchant's name.
    Token,
    /// Stripe's name and a short reference.
    Name,
}

/// A real bank account.
#[derive(Clone, Debug)]
pub(crate) struct Bank {
    pub(crate) name: String,
    pub(crate) currency: Currency,
    pub(crate) region: Region,
    pub(crate) format: BankFormat,
    pub(crate) habit: Habit,
    pub(crate) holder: &'static str,
    pub(crate) number: String,
}

/// Everybody.
pub(crate) struct Cast {
    pub(crate) merchants: Vec<Merchant>,
    pub(crate) banks: Vec<Bank>,
}

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

fn currency(code: &str) -> Result<Currency, SimError> {
    Currency::parse(code).map_err(|_| SimError::Amount("a currency code"))
}

fn region(index: usize) -> Region {
    match (index, index % 3) {
        (0, _) => Region::Us,
        (_, 1) => Region::Jp,
        (_, 2) => Region::Eu,
        _ => Region::Us,
    }
}

fn menu(index: usize, region: Region) -> Result<Vec<(Currency, u64, Currency)>, SimError> {
    let lines: &[(&str, u64, &str)] = match region {
        Region::Us if index == 0 => {
            &[("usd", 600, "usd"), ("eur", 220, "eur"), ("gbp", 90, "usd"), ("cad", 50, "usd"), ("sek", 40, "eur")]
        }
        Region::Us => &[("usd", 760, "usd"), ("gbp", 140, "usd"), ("cad", 100, "usd")],
        Region::Eu => &[("eur", 800, "eur"), ("gbp", 120, "eur"), ("sek", 80, "eur")],
        Region::Jp => &[("jpy", 860, "jpy"), ("usd", 140, "jpy")],
    };
    lines.iter().map(|(from, weight, to)| Ok((currency(from)?, *weight, currency(to)?))).collect()
}

const fn settles_in(index: usize, region: Region) -> &'static [Currency] {
    match region {
        Region::Us if index == 0 => &[Currency::USD, Currency::EUR],
        Region::Us => &[Currency::USD],
        Region::Eu => &[Currency::EUR],
        Region::Jp => &[Currency::JPY],
    }
}

impl Cast {
    pub(crate) fn new(options: &Options) -> Result<Self, SimError> {
        let mut cast = Self { merchants: Vec::new(), banks: Vec::new() };
        for index in 0..options.accounts as usize {
            let merchant = cast.merchant(options, index)?;
            cast.merchants.push(merchant);
        }
        Ok(cast)
    }

    fn merchant(&mut self, options: &Options, index: usize) -> Result<Merchant, SimError> {
        let mut random = Random::new(options.seed, "merchant", index as u64);
        let region = region(index);
        let (name, goods) = NAMES[index % NAMES.len()];
        let currencies = settles_in(index, region);
        let application = (index > 0).then(|| format!("ca_{}", base62(mix(options.seed ^ 0xca), 14)));
        let country = match region {
            Region::Us => "US",
            Region::Eu => "DE",
            Region::Jp => "JP",
        };
        let mut stamp = Stamp::new(options.seed, index as u64, country, goods, currencies, application);
        stamp.names = options.difficulty.is_some();
        let mut streams = Vec::new();
        for currency in currencies {
            let bank = self.bank(&mut random, index, *currency, region, name);
            streams.push(stream(options.seed, &mut random, index, *currency, bank));
        }
        let shares = index > 0 && (index == 1 && options.seed.is_multiple_of(2) || index > 1 && random.chance(500));
        Ok(Merchant {
            index,
            stamp: Arc::new(stamp),
            region,
            name,
            menu: menu(index, region)?,
            streams,
            application_basis_points: shares.then_some(200),
        })
    }

    /// The bank account of a stream: its own, or that of an earlier stream in its currency. The first connected account in
    /// euros always shares the platform's.
    fn bank(&mut self, random: &mut Random, index: usize, currency: Currency, region: Region, holder: &'static str) -> usize {
        let shared = self.banks.iter().position(|bank| bank.currency == currency);
        if let Some(place) = shared
            && (index == 2 || random.chance(250))
        {
            return place;
        }
        let (format, habits): (_, &[Habit]) = match currency {
            Currency::USD => (BankFormat::Chase, &[Habit::Whole, Habit::Whole, Habit::Token]),
            Currency::EUR if random.chance(600) => (BankFormat::Sparkasse, &[Habit::Whole, Habit::Name]),
            _ if random.chance(500) => (BankFormat::Camt02, &[Habit::Whole, Habit::Name]),
            _ => (BankFormat::Camt08, &[Habit::Whole, Habit::Name]),
        };
        let habit = habits.get(random.below(habits.len() as u64) as usize).copied().unwrap_or(Habit::Whole);
        let region = if currency == Currency::EUR { Region::Eu } else { region };
        let number = match format {
            BankFormat::Chase => random.digits(9),
            _ => format!("DE{}37040044{}", random.between(11, 98), random.digits(10)),
        };
        let name = format!("{currency}-{}", self.banks.len() + 1);
        self.banks.push(Bank { name, currency, region, format, habit, holder, number });
        self.banks.len() - 1
    }
}

fn stream(seed: u64, random: &mut Random, index: usize, currency: Currency, bank: usize) -> Stream {
    let trace = match currency {
        Currency::USD => TraceStyle::Ach,
        Currency::EUR if index == 0 || random.chance(600) => TraceStyle::Sepa,
        _ => TraceStyle::Unsupported,
    };
    // Drawn for the bank account: accounts that share one ask for the same words, so that nothing tells them apart.
    let own_words = Random::new(seed, "descriptor", bank as u64).chance(250);
    let descriptor = match (own_words, currency) {
        (true, Currency::USD) => Some("WEBSHOP PAYOUT"),
        (true, Currency::EUR) => Some("WEBSHOP AUSZAHLUNG"),
        _ => None,
    };
    Stream {
        currency,
        bank,
        manual_first: index == 0 && currency == Currency::EUR,
        debits: currency != Currency::JPY,
        trace,
        descriptor,
    }
}
