//! How payouts reach the bank, and what is planted on the way.

use std::collections::BTreeMap;

use super::{
    Booking, Line, Origin,
    fates::Fate,
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

/// Days that are tried for a deposit that nothing explains.
const UNKNOWN_TRIES: u32 = 12;

/// What is on its way, and what has been booked so far.
pub(super) struct Road<'a> {
    pub(super) seed: u64,
    pub(super) cast: &'a Cast,
    pub(super) paid: &'a [Paid],
    pub(super) ends: &'a [i64],
    pub(super) random: Random,
    pub(super) fates: BTreeMap<usize, Fate>,
    pub(super) lines: Vec<Line>,
    pub(super) planted: Vec<(&'static str, usize, i64)>,
}

/// Everything that `paid` causes at the banks whose files end on `ends`.
pub(super) fn arrive(seed: u64, cast: &Cast, paid: &[Paid], ends: &[i64]) -> Arrived {
    let random = Random::new(seed, "arrivals", 0);
    let mut road = Road { seed, cast, paid, ends, random, fates: BTreeMap::new(), lines: Vec::new(), planted: Vec::new() };
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
                let more = self.random.between(12, 95);
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
            Fate::Normal => self.ordinary(place, paid, bank, day, end, booking),
        }
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
        let fixed = self.random.pick(&[500, 1_500, 0]);
        if fixed > 0 && paid.row.amount >= 20 * fixed { fixed } else { (paid.row.amount / 100).max(1) }
    }

    fn word(&mut self, place: usize, paid: &Paid, bank: &Bank, day: i64, merged: bool) -> Wording {
        // Its own stream, so that one payout's words do not shift the next one's fate.
        let mut random = Random::new(self.seed, "words", place as u64);
        wording::deposit(&mut random, bank, paid, place, day, merged)
    }

    #[expect(clippy::too_many_arguments, reason = "a line has that many sides")]
    fn push(&mut self, place: usize, paid: &Paid, day: i64, amount: i64, end: i64, words: Wording, booking: Booking) -> bool {
        if day > end || amount == 0 {
            return false;
        }
        let allocated = paid.row.amount.abs() * amount.signum();
        let part = if amount.abs() < allocated.abs() { amount } else { allocated };
        let line = Line::of(paid.bank, day, amount, booking, Origin::Payouts, words);
        self.lines.push(Line { parts: vec![(place, part)], ..line });
        true
    }

    /// Somebody else's money, exactly a payout's amount, within three days of its arrival.
    fn decoy(&mut self, place: usize, customer: bool) {
        let Some(paid) = self.paid.get(place) else { return };
        let Some((bank, end)) = self.bank(paid) else { return };
        let day = bank.region.business_day_from(arrival(paid) + self.random.between(-1, 2));
        let words =
            if customer { wording::customer(&mut self.random, bank) } else { wording::processor(&mut self.random, bank, day) };
        let pushed = self.push(place, paid, day, paid.row.amount, end, words, Booking::Credit);
        if let Some(line) = self.lines.last_mut()
            && pushed
        {
            self.planted.push((if customer { "decoy_customer" } else { "decoy_processor" }, place, paid.row.amount));
            line.origin = Origin::Decoy(place, customer);
            line.parts.clear();
        }
    }

    /// Rarely, Stripe's words stand on money that no payout explains; never near a payout that is missing.
    fn unknown_deposits(&mut self) {
        if !self.random.chance(600) {
            return;
        }
        for _ in 0..UNKNOWN_TRIES {
            let place = self.random.below(self.paid.len() as u64) as usize;
            let Some(paid) = self.paid.get(place) else { return };
            let Some((bank, end)) = self.bank(paid) else { return };
            let day = bank.region.business_day_from(arrival(paid));
            if day <= end && self.is_calm(paid.bank, day) {
                self.unknown_deposit(place, paid, bank, day, end);
                return;
            }
        }
    }

    /// Whether every payout to this bank within a week of `day` arrives as it should.
    fn is_calm(&self, bank: usize, day: i64) -> bool {
        self.paid.iter().enumerate().filter(|(_, paid)| paid.bank == bank && (arrival(paid) - day).abs() <= 7).all(
            |(place, paid)| {
                let lost = self.fates.get(&place).is_some_and(|fate| matches!(fate, Fate::Missing | Fate::Late));
                !lost && paid.status == PayoutStatus::Paid
            },
        )
    }

    fn unknown_deposit(&mut self, place: usize, paid: &Paid, bank: &Bank, day: i64, end: i64) {
        let scale = if bank.currency == money::Currency::JPY { 1 } else { 10 };
        let amount = self.random.between(311, 989) * scale + 7;
        let text = wording::deposit(&mut self.random, bank, paid, place, day, true);
        let pushed = self.push(place, paid, day, amount, end, text, Booking::Credit);
        if let Some(line) = self.lines.last_mut()
            && pushed
        {
            line.origin = Origin::Unknown;
            line.parts.clear();
        }
    }
}
