//! Whether what became of a payout can be told from what a statement shows: amounts, days, names and references.
//!
//! The simulator knows by which law its banks book, so it can weigh every consistent reading of payouts and lines of one
//! amount: a payout is told when the readings in which it has exactly its true line carry nearly all of the weight. A reader
//! who does not know the law cannot do better, and may do worse: hence a band between what must be told and what must not.

#![expect(clippy::float_arithmetic, reason = "weights of readings are chances, never money")]

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Known, Line, Voice,
    arrivals::{DELAY_PERMILLE, GRACE_WEEKDAYS, LATE_DAYS, arrival},
    chances::Chances,
    strays::Strays,
};
use crate::{
    truth::Distinguishable,
    world::{
        calendar::{Region, add_weekdays},
        merchant::Cast,
        payouts::Paid,
        rows::{PayoutKind, PayoutStatus},
    },
};

/// What is told of each payout that has a rival, by its place: whether, and the places of the lines that it could be.
pub(super) type Told = BTreeMap<usize, (Distinguishable, Vec<usize>)>;

/// A payout is told when its true line has this share of all weight …
const SURE: f64 = 0.9999;
/// … and likely from this share on. Below, whoever claims a line guesses.
const LIKELY: f64 = 0.99;

/// Competitions of more payouts or lines are not weighed: every set of lines is a state, and all of them weigh at once.
const WEIGHED_MAX: usize = 16;

/// Weighs every competition of payouts and lines of one amount. `reach` is the last day of each bank's files.
pub(super) fn tell(cast: &Cast, paid: &[Paid], lines: &[Known], reach: &[i64], chances: Chances) -> Told {
    let mut by_amount: BTreeMap<(usize, i64), Vec<usize>> = BTreeMap::new();
    for (at, (line, _)) in lines.iter().enumerate() {
        by_amount.entry((line.bank, line.amount)).or_default().push(at);
    }
    // A payout's own reference in a line settles that it is that payout's, and no other line competes for it.
    let settled: BTreeSet<usize> = lines.iter().filter_map(|(line, _)| line.traced).collect();
    let mut edges = Edges::default();
    for (place, of) in paid.iter().enumerate() {
        let Some(bank) = cast.banks.get(of.bank) else { continue };
        let law = Law { paid: of, place, region: bank.region, chances };
        for (amount, share) in chances.bookings(of.row.amount) {
            for at in by_amount.get(&(of.bank, amount)).into_iter().flatten() {
                let Some((line, _)) = lines.get(*at) else { continue };
                if line.traced == Some(place) {
                    edges.add(place, *at, 1.0);
                } else if !settled.contains(&place) {
                    edges.add(place, *at, share * law.weight(line));
                }
            }
        }
    }
    let mut told = Told::new();
    let strays = Strays::of(paid, lines, chances);
    let starts: Vec<usize> = edges.of_payout.keys().copied().collect();
    for start in starts {
        if !told.contains_key(&start) {
            let competition = edges.competition(start, paid, reach, &strays, chances);
            competition.judge(lines, &mut told);
        }
    }
    told
}

/// How a payout's bank books it.
struct Law<'a> {
    paid: &'a Paid,
    place: usize,
    region: Region,
    chances: Chances,
}

impl Law<'_> {
    /// How likely it is that the payout arrives as this line; zero where it cannot.
    fn weight(&self, line: &Line) -> f64 {
        let voice = match line.voice {
            Voice::Other => 0.0,
            Voice::Silent => self.chances.silent,
            Voice::Stripe => 1.0,
        };
        let shown = line.traced.is_none_or(|of| of == self.place);
        if shown { voice * self.on(line.day) } else { 0.0 }
    }

    /// How likely it is booked on `day`.
    fn on(&self, day: i64) -> f64 {
        let first = self.region.business_day_from(arrival(self.paid));
        match (self.paid.status, self.paid.row.kind) {
            // Stripe says that it failed: the bank saw it only if it came back, and then on its day.
            (PayoutStatus::Failed, _) if self.paid.returned => f64::from(u8::from(day == first)),
            (PayoutStatus::Failed | PayoutStatus::Canceled, _) => 0.0,
            (_, PayoutKind::Instant) => f64::from(u8::from(day == first)),
            (_, PayoutKind::Automatic | PayoutKind::Manual) => self.usually_on(first, day) + self.late_on(day),
        }
    }

    fn usually_on(&self, first: i64, day: i64) -> f64 {
        let last = add_weekdays(arrival(self.paid), GRACE_WEEKDAYS);
        let mut share = 0.0;
        for (delay, permille) in (0_u32..).zip(DELAY_PERMILLE) {
            let booked = self.region.add_business_days(first, delay);
            if day == if booked <= last { booked } else { first } {
                share += permille as f64 / 1000.0;
            }
        }
        share
    }

    fn late_on(&self, day: i64) -> f64 {
        let days = (0..LATE_DAYS).map(|late| add_weekdays(arrival(self.paid), GRACE_WEEKDAYS + 1 + late));
        let hits = days.filter(|booked| self.region.business_day_from(*booked) == day).count();
        if hits == 0 { 0.0 } else { self.chances.late * hits as f64 / f64::from(LATE_DAYS) }
    }
}

/// Which payout can be which line, and how likely.
#[derive(Default)]
struct Edges {
    of_payout: BTreeMap<usize, BTreeMap<usize, f64>>,
    of_line: BTreeMap<usize, Vec<usize>>,
}

impl Edges {
    fn add(&mut self, place: usize, at: usize, weight: f64) {
        if weight > 0.0 {
            self.of_payout.entry(place).or_default().insert(at, weight);
            self.of_line.entry(at).or_default().push(place);
        }
    }

    /// Everything that competes with the payout at `start`, directly or through others.
    fn competition(&self, start: usize, paid: &[Paid], reach: &[i64], strays: &Strays<'_>, chances: Chances) -> Competition {
        let (mut payouts, mut lines, mut open) = (BTreeSet::from([start]), BTreeSet::new(), vec![start]);
        while let Some(place) = open.pop() {
            for at in self.of_payout.get(&place).into_iter().flat_map(BTreeMap::keys) {
                if lines.insert(*at) {
                    open.extend(self.of_line.get(at).into_iter().flatten().copied().filter(|other| payouts.insert(*other)));
                }
            }
        }
        let lines: Vec<usize> = lines.into_iter().collect();
        let weight = |place: &usize, at: &usize| self.of_payout.get(place).and_then(|row| row.get(at)).copied().unwrap_or(0.0);
        let weights = payouts.iter().map(|place| lines.iter().map(|at| weight(place, at)).collect()).collect();
        let absent = payouts.iter().map(|place| absent(paid.get(*place), reach, chances.absent)).collect();
        let strays = lines.iter().map(|at| strays.weight(*at)).collect();
        Competition { payouts: payouts.into_iter().collect(), lines, weights, absent, strays }
    }
}

/// How likely a payout stands in none of these lines.
fn absent(paid: Option<&Paid>, reach: &[i64], missing: f64) -> f64 {
    let Some(paid) = paid else { return 1.0 };
    let due = add_weekdays(arrival(paid), GRACE_WEEKDAYS + LATE_DAYS);
    let covered = reach.get(paid.bank).is_some_and(|reach| due <= *reach);
    match paid.status {
        PayoutStatus::Failed | PayoutStatus::Canceled => 1.0,
        PayoutStatus::Pending | PayoutStatus::InTransit | PayoutStatus::Paid if covered => missing,
        // The files end before it has to be there.
        PayoutStatus::Pending | PayoutStatus::InTransit | PayoutStatus::Paid => 0.5,
    }
}

/// Payouts and lines that could be each other's: of one amount, or where the dial is turned of a fee's difference.
struct Competition {
    payouts: Vec<usize>,
    lines: Vec<usize>,
    /// `weights[payout][line]`.
    weights: Vec<Vec<f64>>,
    /// For each payout, the weight of its standing in none.
    absent: Vec<f64>,
    /// For each line, the weight of its being nobody's.
    strays: Vec<f64>,
}

impl Competition {
    fn judge(&self, known: &[Known], told: &mut Told) {
        let shares = (self.payouts.len().max(self.lines.len()) <= WEIGHED_MAX).then(|| self.shares());
        let group = self.payouts.len() == self.lines.len()
            && self.of_one_amount(known)
            && self.lines.iter().all(|at| self.is_alone(known, *at));
        for (row, place) in self.payouts.iter().enumerate() {
            let share = shares.as_ref().map_or(0.0, |shares| shares[row][self.truth(known, *place)]);
            let verdict = if share >= SURE {
                Distinguishable::Yes
            } else if share >= LIKELY {
                Distinguishable::Likely
            } else if group && self.payouts.len() > 1 {
                Distinguishable::Group
            } else {
                Distinguishable::No
            };
            let rivals = if verdict == Distinguishable::Yes { Vec::new() } else { self.lines.clone() };
            told.insert(*place, (verdict, rivals));
        }
    }

    fn of_one_amount(&self, known: &[Known]) -> bool {
        let mut amounts = self.lines.iter().filter_map(|at| known.get(*at)).map(|(line, _)| line.amount);
        amounts.next().is_none_or(|first| amounts.all(|amount| amount == first))
    }

    /// Whether the line is one payout's of this competition, and no part of anything else.
    fn is_alone(&self, known: &[Known], at: usize) -> bool {
        known.get(at).is_some_and(|(line, _)| match line.parts.as_slice() {
            [(of, _)] => self.payouts.contains(of),
            _ => false,
        })
    }

    /// The column of the payout's own line; the one behind the last where it has none here.
    fn truth(&self, known: &[Known], place: usize) -> usize {
        let own = |at: &usize| known.get(*at).is_some_and(|(line, _)| line.parts.iter().any(|(of, _)| *of == place));
        self.lines.iter().position(own).unwrap_or(self.lines.len())
    }

    /// For each payout, the share of all consistent readings' weight in which it is each line, and behind the last, none.
    ///
    /// Forwards and backwards over the payouts, with the set of lines taken so far as the state.
    fn shares(&self) -> Vec<Vec<f64>> {
        let (rows, columns) = (self.payouts.len(), self.lines.len());
        let sets = 1_usize << columns;
        let mut forwards = vec![vec![0.0; sets]; rows + 1];
        forwards[0][0] = 1.0;
        for row in 0..rows {
            for set in 0..sets {
                let so_far = forwards[row][set];
                for (column, weight) in self.choices(row, set) {
                    forwards[row + 1][with(set, column, columns)] += so_far * weight;
                }
            }
        }
        let mut backwards = vec![vec![0.0; sets]; rows + 1];
        for (set, weight) in backwards[rows].iter_mut().enumerate() {
            let left = self.strays.iter().enumerate().filter(|(column, _)| set & (1 << column) == 0);
            *weight = left.map(|(_, stray)| stray).product();
        }
        for row in (0..rows).rev() {
            for set in 0..sets {
                let onward =
                    self.choices(row, set).map(|(column, weight)| weight * backwards[row + 1][with(set, column, columns)]);
                backwards[row][set] = onward.sum();
            }
        }
        let all = backwards[0][0];
        let mut shares = vec![vec![0.0; columns + 1]; rows];
        for row in 0..rows {
            for set in 0..sets {
                for (column, weight) in self.choices(row, set) {
                    let onward = backwards[row + 1][with(set, column, columns)];
                    shares[row][column] += forwards[row][set] * weight * onward / all;
                }
            }
        }
        shares
    }

    /// The free lines that a payout can be, and none of them.
    fn choices(&self, row: usize, set: usize) -> impl Iterator<Item = (usize, f64)> {
        let free = self.weights[row].iter().copied().enumerate();
        let free = free.filter(move |(column, weight)| *weight > 0.0 && set & (1 << column) == 0);
        free.chain(std::iter::once((self.lines.len(), self.absent[row])))
    }
}

/// `set` with a line taken; the column behind the last takes none.
const fn with(set: usize, column: usize, columns: usize) -> usize {
    if column == columns { set } else { set | (1 << column) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MISSING: f64 = 0.015;

    fn competition(weights: &[&[f64]], absent: f64) -> Competition {
        let lines = weights.first().map_or(0, |row| row.len());
        Competition {
            payouts: (0..weights.len()).collect(),
            lines: (0..lines).collect(),
            weights: weights.iter().map(|row| row.to_vec()).collect(),
            absent: vec![absent; weights.len()],
            strays: vec![1e-5; lines],
        }
    }

    #[test]
    fn a_line_that_only_one_payout_can_be_tells_the_other_too() {
        let shares = competition(&[&[0.8, 0.1], &[0.0, 0.8]], MISSING).shares();
        assert!(shares[0][0] > LIKELY && shares[1][1] > LIKELY, "{shares:?}");
    }

    #[test]
    fn equal_payouts_on_one_day_are_not_told() {
        let shares = competition(&[&[0.8, 0.1], &[0.8, 0.1]], MISSING).shares();
        assert!((0.4..0.6).contains(&shares[0][0]), "{shares:?}");
    }

    #[test]
    fn one_of_two_that_is_missing_is_not_told() {
        let shares = competition(&[&[0.8], &[0.8]], MISSING).shares();
        assert!((0.4..0.6).contains(&shares[0][0]) && (0.4..0.6).contains(&shares[0][1]), "{shares:?}");
    }
}
