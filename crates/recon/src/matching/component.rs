//! Payouts and lines that hang together by possible pairs: what one of them is depends on no other component.

use std::collections::{BTreeMap, BTreeSet};

/// One connected part of the possible pairs, both sides in order.
pub(crate) struct Component {
    pub payouts: Vec<usize>,
    pub lines: Vec<usize>,
}

/// The connected parts of `pairs` of (payout, line), in order of their first payout.
pub(crate) fn components(pairs: &BTreeSet<(usize, usize)>) -> Vec<Component> {
    let mut lines_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut payouts_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &(payout, line) in pairs {
        lines_of.entry(payout).or_default().push(line);
        payouts_of.entry(line).or_default().push(payout);
    }
    let mut seen = BTreeSet::new();
    let mut components = Vec::new();
    for &start in lines_of.keys() {
        if seen.contains(&start) {
            continue;
        }
        let (mut payouts, mut lines, mut open) = (BTreeSet::from([start]), BTreeSet::new(), vec![start]);
        while let Some(payout) = open.pop() {
            for &line in lines_of.get(&payout).into_iter().flatten() {
                if lines.insert(line) {
                    open.extend(payouts_of.get(&line).into_iter().flatten().filter(|other| payouts.insert(**other)));
                }
            }
        }
        seen.extend(payouts.iter().copied());
        components.push(Component { payouts: payouts.into_iter().collect(), lines: lines.into_iter().collect() });
    }
    components
}
