//! How hard the bank makes it, by the difficulty that was asked for.

use crate::options::Difficulty;

/// What a bank does to deposits and to its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The deposit never comes.
    Missing,
    /// The bank takes its fee off.
    Fee,
    /// It comes after the grace.
    Late,
    /// It comes with something on top.
    Over,
    /// The bank writes nothing with it.
    Empty,
    /// It comes in two lines.
    Split,
    /// It comes in one line with others.
    Merged,
    /// Another processor pays exactly as much.
    DecoyProcessor,
    /// A customer pays exactly as much.
    DecoyCustomer,
    /// No reference stands in the line.
    Blanked,
    /// The text is cut off early.
    TextCut,
    /// The text is wrapped at the width of the bank's form, through words and references.
    TextWrapped,
    /// A row that is not booked yet stands in the file that ends before it is.
    Pending,
    /// The account's files stand the other way round than its bank's usually do.
    Turned,
}

/// Kind, and how many of a thousand it happens to at each difficulty from light to hardened: eligible deposits, texts, rows that
/// are on their way when a file ends, and accounts.
const RATES: [(Trouble, [u64; 4]); 14] = [
    (Trouble::Missing, [5, 15, 40, 150]),
    (Trouble::Fee, [8, 25, 40, 60]),
    (Trouble::Late, [8, 20, 40, 50]),
    (Trouble::Over, [2, 4, 8, 15]),
    (Trouble::Empty, [5, 20, 25, 30]),
    (Trouble::Split, [5, 15, 30, 40]),
    (Trouble::Merged, [8, 20, 40, 60]),
    (Trouble::DecoyProcessor, [10, 30, 60, 100]),
    (Trouble::DecoyCustomer, [5, 15, 30, 50]),
    (Trouble::Blanked, [10, 50, 120, 250]),
    (Trouble::TextCut, [10, 50, 100, 150]),
    (Trouble::TextWrapped, [10, 80, 150, 200]),
    (Trouble::Pending, [200, 500, 800, 1_000]),
    (Trouble::Turned, [0, 250, 500, 500]),
];

/// How far the bank's dial is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dial {
    /// No difficulty was asked for: the usual world's own quotas, and none of what the dial alone brings.
    Usual,
    /// Nothing goes wrong.
    Off,
    /// By this column of the rates.
    At(usize),
}

impl Dial {
    pub(super) const fn of(difficulty: Option<Difficulty>) -> Self {
        match difficulty {
            None => Self::Usual,
            Some(Difficulty::Clean) => Self::Off,
            Some(Difficulty::Light) => Self::At(0),
            Some(Difficulty::Real) => Self::At(1),
            Some(Difficulty::Hard) => Self::At(2),
            Some(Difficulty::Hardened) => Self::At(3),
        }
    }

    /// In a thousand; `None` in the usual world, which has its own quotas.
    pub(super) fn permille(self, trouble: Trouble) -> Option<u64> {
        match self {
            Self::Usual => None,
            Self::Off => Some(0),
            Self::At(column) => {
                let rates = RATES.iter().find(|(kind, _)| *kind == trouble).and_then(|(_, rates)| rates.get(column));
                Some(rates.copied().unwrap_or(0))
            }
        }
    }

    /// In a thousand, of what the usual world does not have.
    pub(super) fn beyond_usual(self, trouble: Trouble) -> u64 {
        self.permille(trouble).unwrap_or(0)
    }

    /// How many of `count` it happens to, at least one where it happens at all; `usual` in the usual world.
    pub(super) fn quota(self, trouble: Trouble, count: usize, usual: usize) -> usize {
        let of_all = |permille: u64| usize::try_from((count as u64 * permille).div_ceil(1_000)).unwrap_or(usize::MAX);
        self.permille(trouble).map_or(usual, of_all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_harder_bank_does_nothing_less_often() {
        for (trouble, rates) in RATES {
            assert!(rates.is_sorted(), "{trouble:?} {rates:?}");
        }
    }

    #[test]
    fn a_clean_bank_does_nothing_and_the_usual_one_keeps_its_quotas() {
        for (trouble, _) in RATES {
            assert_eq!(Dial::of(Some(Difficulty::Clean)).quota(trouble, 1_000, 7), 0);
            assert_eq!(Dial::of(None).quota(trouble, 1_000, 7), 7);
        }
        assert_eq!(Dial::of(Some(Difficulty::Hardened)).quota(Trouble::Missing, 1_000, 7), 150);
        assert_eq!(Dial::of(Some(Difficulty::Light)).quota(Trouble::Missing, 30, 7), 1);
    }
}
