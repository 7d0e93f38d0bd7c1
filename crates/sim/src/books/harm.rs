//! What goes wrong in books, and how often.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::options::Difficulty;

/// A kind of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Harm {
    /// The reference is not there.
    ReferenceMissing,
    /// One digit of it is another.
    ReferenceMistyped,
    /// Two neighbours are swapped.
    ReferenceTransposed,
    /// Its end is cut off.
    ReferenceCut,
    /// It stands in the memo, and its own column is empty.
    ReferenceInMemo,
    /// It has a prefix, a suffix, spaces, or small letters.
    ReferenceDressed,
    NameAbbreviated,
    NameSwapped,
    NameWithoutUmlauts,
    NameWithoutForm,
    NameMisspelt,
    EmailMissing,
    /// Less what somebody took for a fee.
    AmountLessFee,
    /// A cent or two off.
    AmountRounded,
    /// A second row says the same.
    BookedTwice,
    /// Not in the book.
    Missing,
    /// Only in the book.
    Invented,
    /// A refund as a sale of a negative amount.
    NegativeSale,
    CurrencyWrong,
    /// Dated in the next month.
    CutOff,
}

/// How often each kind happens, in a thousand of the rows that it can happen to; by the kind's place.
#[derive(Clone, Debug)]
pub(super) struct Damage([u64; RATES.len()]);

/// Kind, in the order of their definition, and its rate at each difficulty from light to hardened.
const RATES: [(Harm, [u64; 4]); 20] = [
    (Harm::ReferenceMissing, [10, 50, 120, 250]),
    (Harm::ReferenceMistyped, [3, 8, 20, 20]),
    (Harm::ReferenceTransposed, [2, 6, 15, 15]),
    (Harm::ReferenceCut, [2, 8, 20, 20]),
    (Harm::ReferenceInMemo, [5, 15, 40, 40]),
    (Harm::ReferenceDressed, [8, 30, 60, 60]),
    (Harm::NameAbbreviated, [5, 20, 40, 40]),
    (Harm::NameSwapped, [5, 20, 40, 40]),
    (Harm::NameWithoutUmlauts, [20, 80, 150, 150]),
    (Harm::NameWithoutForm, [20, 80, 150, 150]),
    (Harm::NameMisspelt, [3, 10, 30, 30]),
    (Harm::EmailMissing, [10, 50, 150, 300]),
    (Harm::AmountLessFee, [2, 6, 15, 15]),
    (Harm::AmountRounded, [3, 8, 20, 20]),
    (Harm::BookedTwice, [2, 5, 10, 10]),
    (Harm::Missing, [3, 10, 40, 150]),
    (Harm::Invented, [3, 10, 40, 150]),
    (Harm::NegativeSale, [50, 150, 300, 300]),
    (Harm::CurrencyWrong, [1, 3, 8, 8]),
    (Harm::CutOff, [2, 5, 10, 10]),
];

impl Damage {
    pub(super) fn of(difficulty: Difficulty) -> Self {
        let place = match difficulty {
            Difficulty::Clean => None,
            Difficulty::Light => Some(0),
            Difficulty::Real => Some(1),
            Difficulty::Hard => Some(2),
            Difficulty::Hardened => Some(3),
        };
        let rate = |rates: [u64; 4]| place.and_then(|place: usize| rates.get(place).copied()).unwrap_or(0);
        Self(RATES.map(|(_, rates)| rate(rates)))
    }

    pub(super) fn permille(&self, harm: Harm) -> u64 {
        self.0.get(harm as usize).copied().unwrap_or(0)
    }
}

/// Every kind's rate at a difficulty, in a thousand.
pub(super) fn rates(difficulty: Difficulty) -> BTreeMap<Harm, u64> {
    let damage = Damage::of(difficulty);
    RATES.into_iter().map(|(harm, _)| (harm, damage.permille(harm))).collect()
}

/// How often a kind could have happened and did.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Tally {
    pub(super) eligible: u64,
    pub(super) planted: u64,
}

/// The tallies of one book, by the kind's place.
#[derive(Clone, Debug, Default)]
pub(super) struct Tallies([Tally; RATES.len()]);

impl Tallies {
    /// Counts one time that a kind could have happened.
    pub(super) fn count(&mut self, harm: Harm, struck: bool) {
        if let Some(tally) = self.0.get_mut(harm as usize) {
            tally.eligible += 1;
            tally.planted += u64::from(struck);
        }
    }

    /// Those of the kinds that could have happened.
    pub(super) fn by_kind(&self) -> BTreeMap<Harm, Tally> {
        let all = RATES.into_iter().zip(self.0);
        all.filter(|(_, tally)| tally.eligible > 0).map(|((harm, _), tally)| (harm, tally)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_place() {
        assert!(RATES.iter().enumerate().all(|(place, (harm, _))| *harm as usize == place));
    }
}
