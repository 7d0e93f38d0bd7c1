//! Named findings and what they weigh, in hundredths of natural log-odds.
//!
//! The starting weights follow from how often each finding is seen on true and on false pairs: a trace id is copied from bank
//! to bank and is practically never another payout's; an equal amount is rare among a few days' lines; most deposits are
//! booked on the arrival date or within three business days after it.

use facts::Evidence;
use jiff::civil::Date;
use money::Amount;

use crate::business_days::BusinessDay;

/// The odds before anything is known that a line near a payout's date is the payout: about one in a hundred and fifty.
const PRIOR: i32 = -500;
const REFERENCE: i32 = 1400;
const AMOUNT_EQUAL: i32 = 650;
const AMOUNT_SUM: i32 = 450;
const AMOUNT_NEAR: i32 = 150;
const NAMES_STRIPE: i32 = 400;
const NAMES_ROUTE: i32 = 380;
const NAMES_NOBODY: i32 = 0;
const DATE_USUAL: i32 = 150;
const DATE_WIDE: i32 = 60;
const DATE_STRETCHED: i32 = -100;
const DATE_EARLY: i32 = -400;
const DATE_LATE: i32 = -450;
const FEE_USUAL: i32 = 300;
/// A fee that is not a round sum or share is found about a dozen times less often than one that is.
const FEE_ROUND: i32 = 250;
const ROUNDING: i32 = 200;

/// What every score starts from.
pub(crate) fn prior() -> Evidence {
    named("prior", "any one bank line near the date is unlikely to be this payout", PRIOR)
}

/// A reference of the payout stands in the line.
pub(crate) fn reference(name: &str, value: &str) -> Evidence {
    named(name, format!("{} {value} stands in the line", if name == "trace" { "trace id" } else { name }), REFERENCE)
}

/// The amounts agree.
pub(crate) fn amount_equal(amount: Amount) -> Evidence {
    named("amount", format!("the amounts are equal: {amount}"), AMOUNT_EQUAL)
}

/// Several amounts add up.
pub(crate) fn amount_sum(parts: usize, total: Amount) -> Evidence {
    named("amount", format!("{parts} amounts add up to {total}"), AMOUNT_SUM)
}

/// The amounts differ.
pub(crate) fn amount_differs(found: Amount, expected: Amount) -> Evidence {
    named("amount", format!("{found} was found where {expected} was expected"), AMOUNT_NEAR)
}

/// The line names Stripe.
pub(crate) fn names_stripe() -> Evidence {
    named("descriptor", "the line names Stripe", NAMES_STRIPE)
}

/// The line reads as proven deposits of this bank account read, or bears the payout's own descriptor.
pub(crate) fn names_route() -> Evidence {
    named("descriptor", "the line reads as Stripe's deposits on this bank account do", NAMES_ROUTE)
}

/// The line names nobody.
pub(crate) fn names_nobody() -> Evidence {
    named("descriptor", "the line does not say whose money it is", NAMES_NOBODY)
}

/// The difference is what this bank takes off other deposits too.
pub(crate) fn usual_fee(difference: Amount, times: usize) -> Evidence {
    named("fee", format!("{difference} was taken off {times} deposits here"), FEE_USUAL)
}

/// What a usual fee weighs.
pub(crate) const fn usual_fee_weight() -> i32 {
    FEE_USUAL
}

/// The difference is a round sum or a round share of the payout, as banks' fees are.
pub(crate) fn round_fee(difference: Amount) -> Evidence {
    named("fee", format!("{difference} is round, as banks' fees are"), FEE_ROUND)
}

/// What a round fee weighs.
pub(crate) const fn round_fee_weight() -> i32 {
    FEE_ROUND
}

/// The difference is no more than a bank's rounding.
pub(crate) fn rounding(difference: Amount) -> Evidence {
    named("fee", format!("{difference} is no more than a rounding"), ROUNDING)
}

/// What a rounding weighs.
pub(crate) const fn rounding_weight() -> i32 {
    ROUNDING
}

/// How far apart the arrival date and the booking date are.
pub(crate) fn dates(arrives_on: Date, booked_on: Date) -> Evidence {
    let lag = BusinessDay::of(booked_on).since(BusinessDay::of(arrives_on));
    let days = match lag {
        0 => "on the arrival date".to_owned(),
        1 => "1 business day after the arrival date".to_owned(),
        -1 => "1 business day before the arrival date".to_owned(),
        n if n < 0 => format!("{} business days before the arrival date", -n),
        n => format!("{n} business days after the arrival date"),
    };
    named("date", format!("booked {days}"), date_weight(lag))
}

/// What a lag of `lag` business days weighs.
pub(crate) const fn date_weight(lag: i32) -> i32 {
    match lag {
        0..=1 => DATE_USUAL,
        2..=3 => DATE_WIDE,
        4..=5 => DATE_STRETCHED,
        6.. => DATE_LATE,
        ..0 => DATE_EARLY,
    }
}

/// Other pairings were as possible.
pub(crate) fn rivals(count: u32) -> Evidence {
    // ln(1 + n) in hundredths for the counts that occur; more rivals than that weigh as much as the last.
    const LN: [i32; 11] = [0, 69, 110, 139, 161, 179, 195, 208, 220, 230, 240];
    let weight = LN.get(count as usize).copied().unwrap_or(240);
    let finding = match count {
        0 => "nothing else fits".to_owned(),
        1 => "1 other pairing fits as well".to_owned(),
        n => format!("{n} other pairings fit as well"),
    };
    named("rivals", finding, -weight)
}

/// Equal payouts and equal lines that need not be told apart.
pub(crate) fn equal_group(count: usize) -> Evidence {
    named("group", format!("{count} equal payouts and {count} equal lines: certain together, whichever is which"), DATE_USUAL)
}

/// The score: the sum of the weights.
pub(crate) fn score(evidence: &[Evidence]) -> i32 {
    evidence.iter().fold(0, |sum: i32, finding| sum.saturating_add(finding.weight))
}

/// The probability that a score stands for, in parts per million, from a table of the logistic function.
pub(crate) fn probability_ppm(score: i32) -> u32 {
    /// 1 / (1 + e^−n) for n = 0 … 10, in parts per million; one in ten thousand is as sure as unfitted weights may sound.
    const LOGISTIC: [u32; 10] = [500_000, 731_059, 880_797, 952_574, 982_014, 993_307, 997_527, 999_089, 999_665, 999_877];
    let nats = (score.unsigned_abs() / 100) as usize;
    let certain = match (LOGISTIC.get(nats), LOGISTIC.get(nats + 1)) {
        (Some(low), Some(high)) => low + (high - low) * (score.unsigned_abs() % 100) / 100,
        _ => 999_900,
    };
    if score >= 0 { certain } else { 1_000_000 - certain }
}

fn named(name: &str, finding: impl Into<String>, weight: i32) -> Evidence {
    Evidence { name: name.to_owned(), finding: finding.into(), weight }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_score_is_never_less_likely() {
        let mut last = 0;
        for score in -1500..1500 {
            let ppm = probability_ppm(score);
            assert!(ppm >= last && ppm < 1_000_000, "{score}: {ppm} after {last}");
            last = ppm;
        }
    }
}
