//! How likely a line is nobody's payout: a part of one, or the sum of two, whose amount comes near another's by chance.
//!
//! Where such a line stands, the statement shows the rest too: the other part, or the two payouts. A line for which it shows
//! neither is hardly one.

use std::collections::BTreeMap;

use super::{Known, arrivals::arrival, chances::Chances};
use crate::world::payouts::Paid;

/// A payout's parts and a sum's payouts lie no further apart, in days: one business day over a long weekend.
const APART_DAYS: i64 = 5;
/// A payout is booked this long after its arrival at most, in days.
const BOOKED_DAYS: i64 = 30;

/// What the statements of each bank account show, by amount and by day.
pub(super) struct Strays<'a> {
    lines: &'a [Known],
    chances: Chances,
    /// Arrival days of payouts, by bank and amount.
    arrivals: BTreeMap<(usize, i64), Vec<i64>>,
    /// Payouts' (arrival, amount) of each bank, by arrival.
    payouts: BTreeMap<usize, Vec<(i64, i64)>>,
    /// Lines' (day, place) of each bank, by day.
    days: BTreeMap<usize, Vec<(i64, usize)>>,
}

impl<'a> Strays<'a> {
    pub(super) fn of(paid: &[Paid], lines: &'a [Known], chances: Chances) -> Self {
        let mut strays = Self { lines, chances, arrivals: BTreeMap::new(), payouts: BTreeMap::new(), days: BTreeMap::new() };
        for of in paid {
            strays.arrivals.entry((of.bank, of.row.amount)).or_default().push(arrival(of));
            strays.payouts.entry(of.bank).or_default().push((arrival(of), of.row.amount));
        }
        for (place, (line, _)) in lines.iter().enumerate() {
            strays.days.entry(line.bank).or_default().push((line.day, place));
        }
        strays.payouts.values_mut().for_each(|payouts| payouts.sort_unstable());
        strays.days.values_mut().for_each(|days| days.sort_unstable());
        strays
    }

    /// The weight of the line's being nobody's.
    pub(super) fn weight(&self, line: usize) -> f64 {
        if self.may_be_part(line) || self.may_be_sum(line) { self.chances.stray } else { self.chances.stray_unexplained }
    }

    /// Another line makes a payout with it.
    fn may_be_part(&self, place: usize) -> bool {
        let Some((line, _)) = self.lines.get(place) else { return false };
        let near = within(self.days.get(&line.bank), line.day - APART_DAYS, line.day + APART_DAYS);
        let others = near.iter().filter(|(_, other)| *other != place).filter_map(|(_, other)| self.lines.get(*other));
        others.filter(|(other, _)| other.amount.signum() == line.amount.signum()).any(|(other, _)| {
            let whole = line.amount.checked_add(other.amount);
            let booked = whole.and_then(|whole| self.arrivals.get(&(line.bank, whole)));
            booked.is_some_and(|days| days.iter().any(|day| (0..=BOOKED_DAYS).contains(&(line.day - day))))
        })
    }

    /// Two payouts make it.
    fn may_be_sum(&self, place: usize) -> bool {
        let Some((line, _)) = self.lines.get(place) else { return false };
        let near = within(self.payouts.get(&line.bank), line.day - BOOKED_DAYS, line.day);
        near.iter().any(|(day, amount)| {
            let rest = line.amount.checked_sub(*amount);
            let others = rest.and_then(|rest| self.arrivals.get(&(line.bank, rest)));
            let same_payout = rest == Some(*amount);
            let least = if same_payout { 2 } else { 1 };
            others.is_some_and(|days| days.iter().filter(|other| (*other - day).abs() <= APART_DAYS).count() >= least)
        })
    }
}

/// The entries of `sorted` from the day `first` to the day `last`.
fn within<T>(sorted: Option<&Vec<(i64, T)>>, first: i64, last: i64) -> &[(i64, T)] {
    let Some(sorted) = sorted else { return &[] };
    let start = sorted.partition_point(|(day, _)| *day < first);
    let end = sorted.partition_point(|(day, _)| *day <= last);
    sorted.get(start..end.max(start)).unwrap_or_default()
}
