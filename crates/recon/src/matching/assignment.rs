//! Which of several equal payouts is which of several equal lines: the best consistent set, and how sure it is.
//!
//! Minimum-cost assignment on the small dense matrices that equal amounts make (Jonker and Volgenant's shortest augmenting
//! path form of Kuhn–Munkres), and the classes of pairs that can be exchanged without loss.

/// Weights of pairs: `weights[left][right]`, `None` where the two cannot be one. Higher is better.
pub(crate) type Weights = Vec<Vec<Option<i32>>>;

/// A pair left out costs this much, so that the best set first pairs as many as it can, then weighs.
const UNPAIRED: i64 = 1_000_000;

/// The best set of pairs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// For each left, its right.
    pub right_of: Vec<Option<usize>>,
    /// What it is worth; comparable only between assignments of the same weights.
    pub worth: i64,
}

/// The best consistent set of pairs: as many as possible, then of the greatest weight. Equal sets: the one of lowest indices.
pub(crate) fn best(weights: &Weights) -> Assignment {
    let lefts = weights.len();
    let rights = weights.first().map_or(0, Vec::len);
    // Each left has a column of its own for "unpaired", so every row can always be served.
    let columns = rights + lefts;
    let cost = |left: usize, column: usize| -> i64 {
        match weights.get(left).and_then(|row| row.get(column)) {
            Some(Some(weight)) => -i64::from(*weight),
            Some(None) => UNPAIRED * 4,
            None if column == rights + left => UNPAIRED,
            None => UNPAIRED * 4,
        }
    };
    let owner = shortest_augmenting_paths(lefts, columns, cost);
    let mut right_of = vec![None; lefts];
    let mut worth = 0;
    for (column, left) in owner.into_iter().enumerate() {
        let Some(left) = left else { continue };
        worth -= cost(left, column);
        if column < rights && weights[left][column].is_some() {
            right_of[left] = Some(column);
        }
    }
    Assignment { right_of, worth }
}

/// For each column, the row it serves, at the least total cost.
fn shortest_augmenting_paths(rows: usize, columns: usize, cost: impl Fn(usize, usize) -> i64) -> Vec<Option<usize>> {
    let mut owner: Vec<Option<usize>> = vec![None; columns];
    let mut row_price = vec![0_i64; rows];
    let mut column_price = vec![0_i64; columns];
    for start in 0..rows {
        let mut nearest = vec![(i64::MAX, None::<usize>); columns];
        let mut settled = vec![false; columns];
        let (mut row, mut from) = (start, None::<usize>);
        let end = loop {
            let mut step = (i64::MAX, 0_usize);
            for column in (0..columns).filter(|&column| !settled[column]) {
                let reduced = cost(row, column) - row_price[row] - column_price[column];
                if reduced < nearest[column].0 {
                    nearest[column] = (reduced, from);
                }
                if nearest[column].0 < step.0 {
                    step = (nearest[column].0, column);
                }
            }
            row_price[start] += step.0;
            for column in 0..columns {
                if settled[column] {
                    column_price[column] -= step.0;
                    if let Some(owned) = owner[column] {
                        row_price[owned] += step.0;
                    }
                } else {
                    nearest[column].0 = nearest[column].0.saturating_sub(step.0);
                }
            }
            settled[step.1] = true;
            match owner[step.1] {
                Some(next) => (row, from) = (next, Some(step.1)),
                None => break step.1,
            }
        };
        let mut column = end;
        while let Some(previous) = nearest[column].1 {
            owner[column] = owner[previous];
            column = previous;
        }
        owner[column] = Some(start);
    }
    owner
}

/// For each left, the pairs that it and others can exchange with each other and still all be paired: its class. Lefts of one
/// class of size one are paired the same way in every complete set.
///
/// Two pairs are in one class when a cycle of possible exchanges runs through both (strongly connected components).
pub(crate) fn exchange_classes(weights: &Weights, assignment: &Assignment) -> Vec<usize> {
    let lefts = weights.len();
    let left_of: std::collections::HashMap<usize, usize> =
        assignment.right_of.iter().enumerate().filter_map(|(left, right)| right.map(|right| (right, left))).collect();
    let next = |left: usize| -> Vec<usize> {
        let possible = weights[left].iter().enumerate().filter(|(_, weight)| weight.is_some());
        possible.filter_map(|(right, _)| left_of.get(&right).copied()).collect()
    };
    let forward: Vec<Vec<usize>> = (0..lefts).map(next).collect();
    let reach: Vec<Vec<bool>> = (0..lefts).map(|left| reachable(&forward, left)).collect();
    (0..lefts).map(|left| (0..left).find(|&earlier| reach[left][earlier] && reach[earlier][left]).unwrap_or(left)).collect()
}

fn reachable(forward: &[Vec<usize>], from: usize) -> Vec<bool> {
    let mut seen = vec![false; forward.len()];
    let mut open = vec![from];
    seen[from] = true;
    while let Some(at) = open.pop() {
        for &next in &forward[at] {
            if !seen[next] {
                seen[next] = true;
                open.push(next);
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every way to pair, tried one by one.
    fn by_hand(weights: &Weights, left: usize, used: &mut Vec<bool>) -> (usize, i64) {
        let Some(row) = weights.get(left) else { return (0, 0) };
        let mut top = by_hand(weights, left + 1, used);
        for (right, weight) in row.iter().enumerate() {
            if let (Some(weight), false) = (weight, used[right]) {
                used[right] = true;
                let (count, sum) = by_hand(weights, left + 1, used);
                used[right] = false;
                top = top.max((count + 1, sum + i64::from(*weight)));
            }
        }
        top
    }

    proptest! {
        #[test]
        fn the_best_set_is_as_good_as_trying_every_one(
            weights in (0_usize..6, 1_usize..6).prop_flat_map(|(lefts, rights)| {
                prop::collection::vec(prop::collection::vec(prop::option::of(-500_i32..500), rights), lefts)
            })
        ) {
            let found = best(&weights);
            let rights = weights.first().map_or(0, Vec::len);
            let (count, sum) = by_hand(&weights, 0, &mut vec![false; rights]);
            let pairs: Vec<(usize, usize)> =
                found.right_of.iter().enumerate().filter_map(|(left, right)| right.map(|right| (left, right))).collect();
            let worth: i64 = pairs.iter().map(|&(left, right)| i64::from(weights[left][right].unwrap())).sum();
            prop_assert_eq!((pairs.len(), worth), (count, sum));
            let distinct: std::collections::HashSet<usize> = pairs.iter().map(|pair| pair.1).collect();
            prop_assert_eq!(distinct.len(), pairs.len());
        }
    }

    #[test]
    fn pairs_that_can_be_exchanged_are_one_class() {
        let weights = vec![vec![Some(1), Some(1), None], vec![Some(1), Some(1), None], vec![None, Some(1), Some(1)]];
        let classes = exchange_classes(&weights, &best(&weights));
        assert_eq!(classes, vec![0, 0, 2]);
    }
}
