//! How often a bank does what, as the law by which its lines are weighed has it.

#![expect(clippy::float_arithmetic, reason = "weights of readings are chances, never money")]

use super::{
    arrivals::{FIXED_FEE_SHARE, FIXED_FEES, OVER, PERCENT_FEE},
    dial::{Dial, Trouble},
};

/// Chances that depend on how far the bank's dial is turned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chances {
    /// How often a payout stands in no line that is weighed with it.
    pub(super) absent: f64,
    /// How often it is late.
    pub(super) late: f64,
    /// How often a bank writes nothing with it.
    pub(super) silent: f64,
    /// How often a line of just this amount and near this day that says Stripe, or nothing, is nobody's payout.
    pub(super) stray: f64,
    /// The same of a line that the statement shows to be neither a part of a payout nor a sum of two.
    pub(super) stray_unexplained: f64,
    /// How often the bank takes a fee off, and how often it puts something on top. Zero in the usual world, where both are so
    /// rare that such a reading weighs nothing.
    fee: f64,
    over: f64,
}

/// Lines that are no payout's own are mostly parts of one or the sum of two, of quite other amounts: each so seldom comes to
/// just one amount near one day.
const STRAY_AMOUNT: f64 = 1.5e-5;
/// Of such lines, how many stand in a statement that does not show the rest: cut off by the end of a file, or of three and more.
const STRAY_UNEXPLAINED: f64 = 0.02;
/// What no bank can rule out, however little goes wrong.
const LEAST: f64 = 0.001;

impl Chances {
    pub(super) fn of(dial: Dial) -> Self {
        let share = |trouble| dial.beyond_usual(trouble) as f64 / 1000.0;
        match dial {
            Dial::Usual => {
                Self { absent: 0.015, late: 0.015, silent: 0.02, stray: 1e-5, stray_unexplained: 1e-5, fee: 0.0, over: 0.0 }
            }
            Dial::Off | Dial::At(_) => {
                let stray = STRAY_AMOUNT * (2.0 * share(Trouble::Split) + share(Trouble::Merged)).max(LEAST);
                Self {
                    absent: (share(Trouble::Missing) + share(Trouble::Split) + 2.0 * share(Trouble::Merged)).max(LEAST),
                    late: share(Trouble::Late).max(LEAST),
                    silent: share(Trouble::Empty).max(LEAST),
                    stray,
                    stray_unexplained: stray * STRAY_UNEXPLAINED,
                    fee: share(Trouble::Fee),
                    over: share(Trouble::Over),
                }
            }
        }
    }

    /// In what amounts a payout of `amount` can be booked, and how often in each.
    pub(super) fn bookings(&self, amount: i64) -> Vec<(i64, f64)> {
        let mut booked = vec![(amount, 1.0)];
        if self.fee > 0.0 && amount > 0 {
            let each = self.fee / (FIXED_FEES.len() + 1) as f64;
            let fixed = FIXED_FEES.into_iter().filter(|fee| amount >= FIXED_FEE_SHARE * fee);
            let of_fixed: Vec<(i64, f64)> = fixed.map(|fee| (amount - fee, each)).collect();
            let rest = self.fee - each * of_fixed.len() as f64;
            booked.extend(of_fixed);
            booked.push((amount - (amount / PERCENT_FEE).max(1), rest));
        }
        if self.over > 0.0 && amount > 0 {
            let each = self.over / (OVER.end() - OVER.start() + 1) as f64;
            booked.extend(OVER.map(|more| (amount + more, each)));
        }
        booked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Difficulty;

    #[test]
    fn the_bookings_of_a_payout_are_its_own_amount_and_what_the_dial_takes_off_or_adds() {
        assert_eq!(Chances::of(Dial::Usual).bookings(50_000).len(), 1);
        let hard = Chances::of(Dial::of(Some(Difficulty::Hard)));
        let booked = hard.bookings(50_000);
        for amount in [50_000, 49_500, 48_500, 50_012, 50_095] {
            assert!(booked.iter().any(|(booked, _)| *booked == amount), "{amount}");
        }
        let taken: f64 = booked.iter().filter(|(booked, _)| *booked < 50_000).map(|(_, weight)| weight).sum();
        assert!((taken - hard.fee).abs() < 1e-9);
        assert_eq!(hard.bookings(-50_000).len(), 1);
    }
}
