//! How payouts reach the bank, and what is planted on the way.

use std::{collections::BTreeMap, ops::RangeInclusive};

use super::{
    Booking, Line, Origin,
    dial::Dial,
    fates::Fate,
    form, pending,
    wording::{self, Wording},
};
use crate::{
    random::Random,
    world::{
        calendar::add_weekdays,
        merchant::{Bank, Cast},
        payouts::Paid,
        rows::{DAY, PayoutKind, PayoutStatus},
    },
};

/// The lines that payouts cause, and what was planted: kind, place of the payout, amount in question.
pub(super) struct Arrived {
    pub(super) lines: Vec<Line>,
    pub(super) planted: Vec<(&'static str, usize, i64)>,
}

/// Weekdays after its arrival day up to which an unseen payout is not missing.
pub(super) const GRACE_WEEKDAYS: u32 = 3;

/// How many of a thousand payouts are booked 0, 1, 2 and 3 business days after they arrive.
pub(super) const DELAY_PERMILLE: [u64; 4] = [820, 130, 35, 15];
/// A late payout comes on one of this many weekdays after the grace.
pub(super) const LATE_DAYS: u32 = 3;

/// What a bank takes off where its fee is fixed …
pub(super) const FIXED_FEES: [i64; 2] = [500, 1_500];
/// … of payouts of at least so many times the fee; else the payout by so much.
pub(super) const FIXED_FEE_SHARE: i64 = 20;
pub(super) const PERCENT_FEE: i64 = 100;
/// What stands on top of a deposit that is over.
pub(super) const OVER: RangeInclusive<i64> = 12..=95;

/// What is on its way, and what has been booked so far.
pub(super) struct Road<'a> {
    pub(super) seed: u64,
    pub(super) dial: Dial,
    pub(super) cast: &'a Cast,
    pub(super) paid: &'a [Paid],
    pub(super) ends: &'a [i64],
    pub(super) random: Random,
    pub(super) fates: BTreeMap<usize, Fate>,
    pub(super) lines: Vec<Line>,
    pub(super) planted: Vec<(&'static str, usize, i64)>,
}

/// Everything that `paid` causes at the banks whose files end on `ends`.
pub(super) fn arrive(seed: u64, dial: Dial, cast: &Cast, paid: &[Paid], ends: &[i64]) -> Arrived {
    let random = Random::new(seed, "arrivals", 0);
    let mut road = Road { seed, dial, cast, paid, ends, random, fates: BTreeMap::new(), lines: Vec::new(), planted: Vec::new() };
    let decoys = road.draw_fates();
    road.drop_a_twin();
    for place in 0..paid.len() {
        road.travel(place);
    }
    for (place, customer) in decoys {
        road.decoy(place, customer);
    }
    road.unknown_deposits();
    Arrived { lines: road.lines, planted: road.planted }
}

pub(super) fn arrival(paid: &Paid) -> i64 {
    paid.row.arrival.div_euclid(DAY)
}

impl<'a> Road<'a> {
    pub(super) fn bank(&self, paid: &Paid) -> Option<(&'a Bank, i64)> {
        self.cast.banks.get(paid.bank).zip(self.ends.get(paid.bank).copied())
    }

    fn travel(&mut self, place: usize) {
        let Some(paid) = self.paid.get(place) else { return };
        match paid.status {
            PayoutStatus::Canceled => self.planted.push(("canceled", place, paid.row.amount)),
            PayoutStatus::Failed if paid.returned => self.returned(place, paid),
            PayoutStatus::Failed => self.planted.push(("failed", place, paid.row.amount)),
            PayoutStatus::Pending | PayoutStatus::InTransit | PayoutStatus::Paid => self.deposit(place, paid),
        }
    }

    fn returned(&mut self, place: usize, paid: &Paid) {
        let Some((bank, end)) = self.bank(paid) else { return };
        let day = bank.region.business_day_from(arrival(paid));
        let back = bank.region.add_business_days(day, 2);
        let text = self.word(place, paid, bank, day, false);
        self.planted.push(("returned", place, paid.row.amount));
        self.push(place, paid, day, paid.row.amount, end, text, Booking::Credit);
        let text = wording::returned(&mut self.random, bank, back);
        self.push(place, paid, back, -paid.row.amount, end, text, Booking::Debit);
    }

    fn deposit(&mut self, place: usize, paid: &Paid) {
        let Some((bank, end)) = self.bank(paid) else { return };
        let fate = self.fates.get(&place).copied().unwrap_or(Fate::Normal);
        let day = self.booking_day(bank, arrival(paid), paid.row.kind == PayoutKind::Instant);
        let amount = paid.row.amount;
        let booking = if amount < 0 { Booking::Debit } else { Booking::Credit };
        self.note_kind(place, paid);
        match fate {
            Fate::Missing => self.planted.push(("missing", place, amount)),
            Fate::MergedInto(_) => self.planted.push(("merged", place, amount)),
            Fate::Fee => {
                let fee = self.bank_fee(paid);
                self.planted.push(("fee_taken", place, fee));
                let text = self.word(place, paid, bank, day, false);
                self.push(place, paid, day, amount - fee, end, text, booking);
            }
            Fate::Over => {
                let more = self.random.between(*OVER.start(), *OVER.end());
                self.planted.push(("over", place, more));
                let text = self.word(place, paid, bank, day, false);
                self.push(place, paid, day, amount + more, end, text, booking);
            }
            Fate::Late => {
                let late = GRACE_WEEKDAYS + 1 + self.random.below(u64::from(LATE_DAYS)) as u32;
                let day = bank.region.business_day_from(add_weekdays(arrival(paid), late));
                self.planted.push(("late", place, amount));
                let text = self.word(place, paid, bank, day, false);
                self.push(place, paid, day, amount, end, text, booking);
            }
            Fate::Empty => {
                self.planted.push(("empty_description", place, amount));
                self.push(place, paid, day, amount, end, Wording::silent(), booking);
            }
            Fate::Split => self.in_two(place, paid, bank, day, end, booking),
            Fate::Normal => self.ordinary(place, paid, bank, day, end, booking),
        }
    }

    /// In two lines of one text, the second on the same or the next business day.
    fn in_two(&mut self, place: usize, paid: &Paid, bank: &Bank, day: i64, end: i64, booking: Booking) {
        let amount = paid.row.amount;
        let first = amount / 100 * self.random.between(25, 75);
        let next = bank.region.add_business_days(day, self.random.below(2) as u32);
        let words = self.word(place, paid, bank, day, false);
        self.planted.push(("split", place, amount));
        self.push(place, paid, day, first, end, words.clone(), booking);
        self.push(place, paid, next, amount - first, end, Wording { harm: None, ..words }, booking);
    }

    /// Alone, or with the payouts that were merged into this one.
    fn ordinary(&mut self, place: usize, paid: &Paid, bank: &Bank, day: i64, end: i64, booking: Booking) {
        let with: Vec<(usize, i64)> = self
            .fates
            .iter()
            .filter(|(_, fate)| **fate == Fate::MergedInto(place))
            .filter_map(|(other, _)| self.paid.get(*other).map(|paid| (*other, paid.row.amount)))
            .collect();
        let merged = !with.is_empty();
        let text = self.word(place, paid, bank, day, merged);
        let total = paid.row.amount + with.iter().map(|(_, amount)| amount).sum::<i64>();
        let pushed = self.push(place, paid, day, total, end, text, booking);
        if let Some(line) = self.lines.last_mut()
            && pushed
            && merged
        {
            line.parts = std::iter::once((place, paid.row.amount)).chain(with).collect();
        }
        if merged {
            self.planted.push(("merged", place, paid.row.amount));
        }
    }

    fn note_kind(&mut self, place: usize, paid: &Paid) {
        let amount = paid.row.amount;
        match paid.row.kind {
            PayoutKind::Instant => self.planted.push(("instant", place, amount)),
            PayoutKind::Manual => self.planted.push(("manual", place, amount)),
            PayoutKind::Automatic if amount < 0 => self.planted.push(("negative", place, amount)),
            PayoutKind::Automatic => {}
        }
        if paid.row.kind == PayoutKind::Automatic && !paid.listed_completely {
            self.planted.push(("in_progress", place, amount));
        }
    }

    /// 0 to 3 days after arrival, mostly 0; never on a day on which the bank is closed, never after the grace.
    fn booking_day(&mut self, bank: &Bank, arrival: i64, instant: bool) -> i64 {
        let delay = if instant { 0 } else { self.random.weighted(&DELAY_PERMILLE) as u32 };
        let first = bank.region.business_day_from(arrival);
        let day = bank.region.add_business_days(first, delay);
        if day <= add_weekdays(arrival, GRACE_WEEKDAYS) { day } else { first }
    }

    /// 5.00, 15.00 or one percent; the fixed ones only where they are small beside the payout.
    fn bank_fee(&mut self, paid: &Paid) -> i64 {
        let [small, large] = FIXED_FEES;
        let fixed = self.random.pick(&[small, large, 0]);
        if fixed > 0 && paid.row.amount >= FIXED_FEE_SHARE * fixed { fixed } else { (paid.row.amount / PERCENT_FEE).max(1) }
    }

    fn word(&mut self, place: usize, paid: &Paid, bank: &Bank, day: i64, merged: bool) -> Wording {
        // Its own stream, so that one payout's words do not shift the next one's fate.
        let mut random = Random::new(self.seed, "words", place as u64);
        let words = wording::deposit(&mut random, bank, paid, place, day, merged);
        form::filled_in(&mut Random::new(self.seed, "form", place as u64), self.dial, bank, words)
    }

    #[expect(clippy::too_many_arguments, reason = "a line has that many sides")]
    pub(super) fn push(
        &mut self,
        place: usize,
        paid: &Paid,
        day: i64,
        amount: i64,
        end: i64,
        words: Wording,
        booking: Booking,
    ) -> bool {
        if day > pending::horizon(self.dial, end) || amount == 0 {
            return false;
        }
        if let Some(harm) = words.harm.filter(|_| day <= end) {
            self.planted.push((harm, place, paid.row.amount));
        }
        let allocated = paid.row.amount.abs() * amount.signum();
        let part = if amount.abs() < allocated.abs() { amount } else { allocated };
        let line = Line::of(paid.bank, day, amount, booking, Origin::Payouts, words);
        self.lines.push(Line { parts: vec![(place, part)], ..line });
        day <= end
    }
}
