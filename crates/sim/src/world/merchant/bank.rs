//! Real bank accounts, and how each bank writes.

use std::collections::BTreeMap;

use money::Currency;

use super::{super::calendar::Region, Cast, origin::Origin};
use crate::random::Random;

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

impl Cast {
    /// The bank account of a stream: its own, or the first in its currency. Own accounts, and the first connected one in euros,
    /// always share the platform's.
    pub(super) fn bank(
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
