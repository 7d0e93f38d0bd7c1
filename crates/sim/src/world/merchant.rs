//! Who sells what, where, and into which bank accounts.

use std::{collections::BTreeMap, sync::Arc};

use money::Currency;

use super::{
    calendar::Region,
    homes::{Home, currency},
    rows::Stamp,
    schedule::Schedule,
    season::CLOSING,
};
use crate::{
    options::{Options, SimError},
    random::{Random, base62, mix},
};

/// A merchant behind one Stripe account.
pub(crate) struct Merchant {
    /// Its place in [`Cast::merchants`].
    pub(crate) index: usize,
    /// 0 for the company's own accounts; the connected ones are counted from 1.
    pub(crate) rank: usize,
    pub(crate) stamp: Arc<Stamp>,
    pub(crate) region: Region,
    pub(crate) name: String,
    /// Presentment currency, weight in a thousand, settlement currency.
    pub(crate) menu: Vec<(Currency, u64, Currency)>,
    pub(crate) streams: Vec<Stream>,
    /// The platform's share of each charge, in basis points.
    pub(crate) application_basis_points: Option<i64>,
    /// Charges on an average day, in thousandths.
    pub(crate) charges_permille: u64,
}

/// The payouts of one account in one currency.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) currency: Currency,
    /// Place of its bank account in [`Cast::banks`], or [`ELSEWHERE`].
    pub(crate) bank: usize,
    /// Whether its first third is paid out by hand.
    pub(crate) manual_first: bool,
    /// Whether Stripe debits the bank when the balance is negative.
    pub(crate) debits: bool,
    pub(crate) trace: TraceStyle,
    pub(crate) descriptor: Option<&'static str>,
    /// When Stripe pays out by itself.
    pub(crate) schedule: Schedule,
    /// What always stays in the balance, minor units.
    pub(crate) minimum: i64,
}

/// The place of bank accounts whose statements nobody hands us.
pub(crate) const ELSEWHERE: usize = usize::MAX;
/// Accounts of a rich world whose bank statements are there to be read, the platform's among them.
const STATEMENTS: usize = 8;

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
    pub(crate) holder: String,
    pub(crate) number: String,
}

/// Everybody: the first own account, which is the platform, the accounts that are connected to it, and the other own accounts.
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
        Region::Us | Region::Gb => &[("usd", 760, "usd"), ("gbp", 140, "usd"), ("cad", 100, "usd")],
        Region::Eu => &[("eur", 800, "eur"), ("gbp", 120, "eur"), ("sek", 80, "eur")],
        Region::Jp => &[("jpy", 860, "jpy"), ("usd", 140, "jpy")],
    };
    lines.iter().map(|(from, weight, to)| Ok((currency(from)?, *weight, currency(to)?))).collect()
}

const fn settles_in(index: usize, region: Region) -> &'static [Currency] {
    match region {
        Region::Us if index == 0 => &[Currency::USD, Currency::EUR],
        Region::Us | Region::Gb => &[Currency::USD],
        Region::Eu => &[Currency::EUR],
        Region::Jp => &[Currency::JPY],
    }
}

/// Where a merchant is at home and what follows from it.
struct Origin {
    region: Region,
    country: &'static str,
    name: String,
    goods: &'static str,
    currencies: Vec<Currency>,
    menu: Vec<(Currency, u64, Currency)>,
}

impl Origin {
    fn plain(index: usize) -> Result<Self, SimError> {
        let region = region(index);
        let (name, goods) = NAMES[index % NAMES.len()];
        let country = match region {
            Region::Us => "US",
            Region::Eu => "DE",
            Region::Gb => "GB",
            Region::Jp => "JP",
        };
        let (name, currencies) = (name.to_owned(), settles_in(index, region).to_vec());
        Ok(Self { region, country, name, goods, currencies, menu: menu(index, region)? })
    }

    fn rich(index: usize) -> Result<Self, SimError> {
        let home = Home::of(index);
        let (name, goods) = home.name(index);
        let (currencies, menu) = (home.settles_in()?, home.menu()?);
        Ok(Self { region: home.region, country: home.country, name, goods, currencies, menu })
    }
}

impl Cast {
    pub(crate) fn new(options: &Options) -> Result<Self, SimError> {
        let mut cast = Self { merchants: Vec::new(), banks: Vec::new() };
        // Currency → the first bank account in it.
        let mut first = BTreeMap::new();
        for rank in 0..options.accounts as usize {
            let merchant = cast.merchant(options, rank, &mut first)?;
            cast.merchants.push(merchant);
        }
        for number in 2..=options.owners {
            let mut merchant = cast.merchant(options, 0, &mut first)?;
            merchant.name = format!("{}, shop {number}", merchant.name);
            cast.merchants.push(merchant);
        }
        Ok(cast)
    }

    /// The company's accounts other than the first: they have nothing to do with the platform.
    pub(crate) fn other_owners(&self) -> impl Iterator<Item = &Merchant> {
        self.merchants.iter().skip(1).filter(|merchant| merchant.rank == 0)
    }

    /// How many accounts are connected to the platform.
    pub(crate) fn connected(&self) -> usize {
        self.merchants.iter().filter(|merchant| merchant.rank > 0).count()
    }

    fn merchant(&mut self, options: &Options, rank: usize, first: &mut BTreeMap<Currency, usize>) -> Result<Merchant, SimError> {
        let index = self.merchants.len();
        let mut random = Random::new(options.seed, "merchant", index as u64);
        let origin = if options.rich { Origin::rich(rank)? } else { Origin::plain(rank)? };
        let application = (rank > 0).then(|| format!("ca_{}", base62(mix(options.seed ^ 0xca), 14)));
        let mut stamp = Stamp::new(options.seed, index as u64, origin.country, origin.goods, &origin.currencies, application);
        stamp.platform = self.merchants.first().filter(|_| options.rich && rank > 0).map(|platform| Arc::clone(&platform.stamp));
        stamp.names = options.difficulty.is_some();
        let mut streams = Vec::new();
        for currency in &origin.currencies {
            let bank = if options.rich && rank >= STATEMENTS {
                ELSEWHERE
            } else {
                self.bank(&mut random, rank, *currency, &origin, first)
            };
            let plain = Stream {
                manual_first: index == 0 && *currency == Currency::EUR,
                ..stream(options.seed, &mut random, rank, *currency, bank)
            };
            streams.push(if options.rich { plain.enrich(options.seed, index, rank, origin.region) } else { plain });
        }
        let shares = rank > 0 && (rank == 1 && options.seed.is_multiple_of(2) || rank > 1 && random.chance(500));
        Ok(Merchant {
            index,
            rank,
            stamp: Arc::new(stamp),
            region: origin.region,
            name: origin.name,
            menu: origin.menu,
            streams,
            application_basis_points: shares.then_some(200),
            charges_permille: options.charges_permille(rank),
        })
    }

    /// The bank account of a stream: its own, or the first in its currency. Own accounts, and the first connected one in euros,
    /// always share the platform's.
    fn bank(
        &mut self,
        random: &mut Random,
        rank: usize,
        currency: Currency,
        origin: &Origin,
        first: &mut BTreeMap<Currency, usize>,
    ) -> usize {
        if let Some(place) = first.get(&currency)
            && (matches!(rank, 0 | 2) || random.chance(250))
        {
            return *place;
        }
        let (format, habits): (_, &[Habit]) = match currency {
            Currency::USD => (BankFormat::Chase, &[Habit::Whole, Habit::Whole, Habit::Token]),
            Currency::EUR if random.chance(600) => (BankFormat::Sparkasse, &[Habit::Whole, Habit::Name]),
            _ if random.chance(500) => (BankFormat::Camt02, &[Habit::Whole, Habit::Name]),
            _ => (BankFormat::Camt08, &[Habit::Whole, Habit::Name]),
        };
        let habit = habits.get(random.below(habits.len() as u64) as usize).copied().unwrap_or(Habit::Whole);
        let number = match format {
            BankFormat::Chase => random.digits(9),
            _ => format!("DE{}37040044{}", random.between(11, 98), random.digits(10)),
        };
        let name = format!("{currency}-{}", self.banks.len() + 1);
        let (region, holder) = (Region::of_bank(currency, origin.region), origin.name.clone());
        self.banks.push(Bank { name, currency, region, format, habit, holder, number });
        let place = self.banks.len() - 1;
        first.entry(currency).or_insert(place);
        place
    }
}

fn stream(seed: u64, random: &mut Random, rank: usize, currency: Currency, bank: usize) -> Stream {
    let trace = match currency {
        Currency::USD => TraceStyle::Ach,
        Currency::EUR if rank == 0 || random.chance(600) => TraceStyle::Sepa,
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
        manual_first: false,
        debits: currency != Currency::JPY,
        trace,
        descriptor,
        schedule: Schedule::Daily,
        minimum: 0,
    }
}

impl Stream {
    /// Most small accounts are paid once a month. Stripe debits banks in America and Britain only.
    fn enrich(mut self, seed: u64, index: usize, rank: usize, home: Region) -> Self {
        let number = (index as u64) << 8 | u64::from(self.currency.as_str().bytes().next().unwrap_or(0));
        let mut random = Random::new(seed, "schedule", number);
        self.debits = matches!(home, Region::Us | Region::Gb) && rank != CLOSING && (rank == 0 || random.chance(500));
        let weights: &[u64] = match rank {
            0 => &[1, 0, 0],
            1..STATEMENTS => &[5, 3, 2],
            _ => &[1, 2, 7],
        };
        self.schedule = match (random.weighted(weights), self.currency) {
            (_, Currency::GBP) if rank == 0 => Schedule::Weekly { weekday: random.between(1, 5) },
            (0, _) => Schedule::Daily,
            (1, _) => Schedule::Weekly { weekday: random.between(1, 5) },
            (_, _) => Schedule::Monthly { day: random.pick(&[1, 1, 15, 28, 31]) },
        };
        if self.currency == Currency::USD && (rank == 0 || random.chance(100)) {
            self.minimum = 50_000;
        }
        self
    }
}
