//! The payouts of one account in one currency.

use money::Currency;

use super::{
    super::{calendar::Region, schedule::Schedule, season::CLOSING},
    STATEMENTS,
};
use crate::random::Random;

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

/// How the bank network numbers a stream's payouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TraceStyle {
    /// 15 digits: the originating bank's eight, then a count.
    Ach,
    /// A SEPA end-to-end reference.
    Sepa,
    Unsupported,
}

pub(super) fn stream(seed: u64, random: &mut Random, rank: usize, currency: Currency, bank: usize) -> Stream {
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
    pub(super) fn enrich(mut self, seed: u64, index: usize, rank: usize, home: Region) -> Self {
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
