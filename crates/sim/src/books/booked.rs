//! What an undamaged book says of a subject: in which currency, and how much.

use money::Currency;

use super::{
    damage::month_after,
    keeper::Keeper,
    row::Book,
    subject::{Kind, Money, Subject},
};
use crate::{options::SimError, random::Random};

/// What a subject is in a book.
pub(super) struct Booked {
    pub(super) money: Money,
    pub(super) converted: Option<(Currency, i64, u64)>,
}

impl Keeper {
    /// What an undamaged row says of a subject. In the ledger a payout leaves the clearing account.
    pub(super) fn booked(&self, subject: &Subject) -> Result<Booked, SimError> {
        if self.habit.book == Book::Journal {
            let sign = if subject.kind == Kind::Payout { -1 } else { 1 };
            let money = Money { minor: sign * subject.settled.minor, ..subject.settled };
            return Ok(Booked { money, converted: None });
        }
        let (from, to) = (subject.presented, subject.settled.currency);
        if from.currency == to || self.habit.home != Some(to) {
            return Ok(Booked { money: from, converted: None });
        }
        let rate = self.own_rate(subject)?;
        let minor = convert(from, to, rate)?;
        Ok(Booked { money: Money { currency: to, minor }, converted: Some((from.currency, from.minor, rate)) })
    }

    /// The merchant takes rates from elsewhere: all month long some hundredths of a percent off Stripe's.
    pub(super) fn own_rate(&self, subject: &Subject) -> Result<u64, SimError> {
        let month = month_after(subject.day)?.unsigned_abs();
        let label = format!("books rate {}", subject.presented.currency);
        let swing = 10_000 + Random::new(self.seed, &label, month).between(-120, 120);
        Ok(subject.rate_millionths.saturating_mul(swing.unsigned_abs()) / 10_000)
    }
}

/// To the nearest minor unit, halves away from zero.
fn convert(from: Money, to: Currency, rate_millionths: u64) -> Result<i64, SimError> {
    let numerator = i128::from(from.minor) * i128::from(rate_millionths) * 10_i128.pow(to.exponent());
    let denominator = 1_000_000_i128 * 10_i128.pow(from.currency.exponent());
    let half = numerator.signum() * denominator / 2;
    i64::try_from((numerator + half) / denominator).map_err(|_| SimError::Amount("a converted document"))
}
