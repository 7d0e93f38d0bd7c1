//! How a platform's bank books top-ups: Stripe takes the money, and gives it back where the bank calls the debit off.

use super::{Booking, Known, Line, Origin, wording};
use crate::{
    random::Random,
    truth::TopupTruth,
    world::{
        merchant::Cast,
        rows::DAY,
        treasury::topups::{Topup, TopupEnd},
    },
};

/// The lines of the banks whose files end on `ends`.
pub(super) fn debits(seed: u64, cast: &Cast, topups: &[Topup], ends: &[i64]) -> Vec<Line> {
    let mut random = Random::new(seed, "topup lines", 0);
    let mut lines = Vec::new();
    for (place, topup) in topups.iter().enumerate() {
        let Some((bank, end)) = cast.banks.get(topup.bank).zip(ends.get(topup.bank)) else { continue };
        let taken = bank.region.add_business_days(topup.created.div_euclid(DAY), 1);
        let mut booked = vec![(taken, -topup.amount, wording::topup(&mut random, bank, taken))];
        match topup.end {
            // The bank refuses: nothing moves.
            TopupEnd::Failed { .. } => booked.clear(),
            TopupEnd::Reversed { back_at, .. } => {
                let back = bank.region.business_day_from(back_at.div_euclid(DAY));
                booked.push((back, topup.amount, wording::debit_called_off(&mut random, bank, back)));
            }
            TopupEnd::Open | TopupEnd::Succeeded { .. } => {}
        }
        for (day, amount, words) in booked.into_iter().filter(|(day, _, _)| day <= end) {
            let booking = if amount < 0 { Booking::Debit } else { Booking::Credit };
            lines.push(Line::of(topup.bank, day, amount, booking, Origin::Topup(place), words));
        }
    }
    lines
}

/// What is true of each top-up at the instant `end`.
pub(super) fn truths(cast: &Cast, topups: &[Topup], lines: &[Known], end: i64) -> Vec<TopupTruth> {
    // Only the platform tops up.
    let Some(platform) = cast.merchants.first() else { return Vec::new() };
    let of = |place: usize| lines.iter().filter(move |(line, _)| line.origin == Origin::Topup(place));
    let truth = |(place, topup): (usize, &Topup)| TopupTruth {
        id: platform.stamp.topup_id(topup.serial),
        account: platform.stamp.account.clone(),
        currency: topup.currency.to_string(),
        amount_minor: topup.amount,
        status: topup.status(end).to_owned(),
        bank_lines: of(place).map(|(_, truth)| truth.clone()).collect(),
    };
    topups.iter().enumerate().map(truth).collect()
}
