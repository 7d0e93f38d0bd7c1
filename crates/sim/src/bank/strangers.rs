//! Money that is no payout's: exactly as much as one, or with Stripe's words.

use super::{
    Booking, Origin,
    arrivals::{Road, arrival},
    dial::Trouble,
    fates::Fate,
    wording,
};
use crate::world::{merchant::Bank, payouts::Paid, rows::PayoutStatus};

/// Days that are tried for a deposit that nothing explains.
const UNKNOWN_TRIES: u32 = 12;

impl Road<'_> {
    /// Somebody else's money, exactly a payout's amount, within three days of its arrival.
    pub(super) fn decoy(&mut self, place: usize, customer: bool) {
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
    pub(super) fn unknown_deposits(&mut self) {
        if self.dial.permille(Trouble::Missing) == Some(0) || !self.random.chance(600) {
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
                let lost = self.fates.get(&place).is_some_and(|fate| matches!(fate, Fate::Missing | Fate::Late | Fate::Split));
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
