//! Who sells what, where, and into which bank accounts.

mod bank;
mod origin;
mod stream;

use std::{collections::BTreeMap, sync::Arc};

use money::Currency;

use super::{calendar::Region, rows::Stamp};
use crate::{
    options::{Options, SimError},
    random::{Random, base62, mix},
};
use origin::Origin;
use stream::stream;

pub(crate) use bank::{Bank, BankFormat, Habit};
pub(crate) use stream::{ELSEWHERE, Stream, TraceStyle};

/// Accounts of a rich world whose bank statements are there to be read, the platform's among them.
const STATEMENTS: usize = 8;

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

/// Everybody: the first own account, which is the platform, the accounts that are connected to it, and the other own accounts.
pub(crate) struct Cast {
    pub(crate) merchants: Vec<Merchant>,
    pub(crate) banks: Vec<Bank>,
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
}
