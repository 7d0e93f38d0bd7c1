//! How many sets of amounts make one sum.

use std::collections::HashMap;

/// How many subsets of `amounts` come to `target`. Every half's sums at once: meant for some thirty amounts.
pub fn count(amounts: &[i64], target: i64) -> u64 {
    let (left, right) = amounts.split_at(amounts.len() / 2);
    let (left, right) = (sums(left), sums(right));
    left.iter().map(|(sum, count)| count * right.get(&(target - sum)).copied().unwrap_or(0)).sum()
}

/// Each sum that a subset makes, and how many make it.
fn sums(amounts: &[i64]) -> HashMap<i64, u64> {
    let mut all = HashMap::from([(0, 1)]);
    for amount in amounts {
        let with: Vec<(i64, u64)> = all.iter().map(|(sum, count)| (sum + amount, *count)).collect();
        for (sum, count) in with {
            *all.entry(sum).or_default() += count;
        }
    }
    all
}

#[test]
fn every_subset_is_counted_once() {
    assert_eq!(count(&[1, 2, 3, 4], 5), 2);
    assert_eq!(count(&[5, 5, 5], 10), 3);
    assert_eq!(count(&[7], 8), 0);
    assert_eq!(count(&[2; 20], 20), 184_756);
}
