//! Which few amounts add up to one: counted, never guessed.

use std::collections::BTreeSet;

/// A group over this many members wants a person anyway.
pub(crate) const GROUP_MEMBERS_MAX: usize = 8;

/// Candidates beyond this many are not searched: C(24, 8) is 735,471 sums, a few milliseconds, and a pool that large holds
/// chance sums.
pub(crate) const POOL_MAX: usize = 24;

/// How many exact solutions are looked for: one is an answer, two are a question.
const SOLUTIONS_MAX: usize = 2;

/// What adds up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sums {
    /// Nothing does.
    None,
    /// Exactly these indices, in order.
    One(Vec<usize>),
    /// More than one set does: every index that is in one of the first two.
    Several(Vec<usize>),
    /// There were too many candidates to say.
    TooMany,
}

/// The sets of `members_min` to [`GROUP_MEMBERS_MAX`] of `amounts` (signed, any order) that add up to `target`.
pub(crate) fn sums_to(target: i64, amounts: &[i64], members_min: usize) -> Sums {
    if amounts.len() > POOL_MAX {
        return Sums::TooMany;
    }
    let mut search = Search { amounts, members_min, bounds: bounds(amounts), chosen: Vec::new(), found: Vec::new() };
    search.from(0, i128::from(target));
    match search.found.len() {
        0 => Sums::None,
        1 => search.found.pop().map_or(Sums::None, Sums::One),
        _ => Sums::Several(search.found.concat().into_iter().collect::<BTreeSet<usize>>().into_iter().collect()),
    }
}

struct Search<'a> {
    amounts: &'a [i64],
    members_min: usize,
    bounds: Vec<(i128, i128)>,
    chosen: Vec<usize>,
    found: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn from(&mut self, at: usize, left: i128) {
        if left == 0 && self.chosen.len() >= self.members_min {
            self.found.push(self.chosen.clone());
        }
        let Some(&(least, most)) = self.bounds.get(at) else { return };
        if left < least || left > most || self.found.len() >= SOLUTIONS_MAX || self.chosen.len() == GROUP_MEMBERS_MAX {
            return;
        }
        for next in at..self.amounts.len() {
            self.chosen.push(next);
            self.from(next + 1, left - i128::from(self.amounts[next]));
            self.chosen.pop();
        }
    }
}

/// For each start, the least and the greatest sum that the amounts from there on can make.
fn bounds(amounts: &[i64]) -> Vec<(i128, i128)> {
    let mut bounds = vec![(0, 0); amounts.len()];
    let (mut least, mut most) = (0_i128, 0_i128);
    for (bound, &amount) in bounds.iter_mut().zip(amounts).rev() {
        least += i128::from(amount.min(0));
        most += i128::from(amount.max(0));
        *bound = (least, most);
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn solutions_are_counted_as_by_hand(amounts in prop::collection::vec(-20_i64..60, 0..10), target in -20_i64..150) {
            let sets = (0_u32..1 << amounts.len()).filter(|set| (2..=8).contains(&set.count_ones()));
            let hits: Vec<u32> = sets
                .filter(|set| (0..amounts.len()).filter(|at| set >> at & 1 == 1).map(|at| amounts[at]).sum::<i64>() == target)
                .collect();
            match sums_to(target, &amounts, 2) {
                Sums::None => prop_assert!(hits.is_empty()),
                Sums::One(chosen) => {
                    prop_assert_eq!(hits.len(), 1);
                    prop_assert_eq!(chosen.iter().map(|&at| amounts[at]).sum::<i64>(), target);
                }
                Sums::Several(_) => prop_assert!(hits.len() > 1),
                Sums::TooMany => prop_assert!(false, "ten are not too many"),
            }
        }
    }

    #[test]
    fn too_many_candidates_are_a_question_for_a_person() {
        assert_eq!(sums_to(3, &[1; POOL_MAX + 1], 2), Sums::TooMany);
        assert_eq!(sums_to(i64::MAX, &[i64::MAX, i64::MAX], 2), Sums::None);
    }
}
