//! Stripe's price list and exchange rates, in integers.

use money::Currency;

use super::{
    calendar::Region,
    rows::{FeeKind, Txn},
};
use crate::{options::SimError, random::Random};

/// What a processor takes: basis points of the amount and a fixed part in minor units.
struct Price {
    basis_points: i64,
    fixed: i64,
    dispute: i64,
}

/// On top for a card of another country.
const INTERNATIONAL_BASIS_POINTS: i64 = 150;
/// On top where the currency is converted.
const CONVERSION_BASIS_POINTS: i64 = 100;

fn price(region: Region, currency: Currency) -> Price {
    match (region, currency.as_str()) {
        (_, "kwd") => Price { basis_points: 290, fixed: 100, dispute: 5_000 },
        (_, "huf") => Price { basis_points: 150, fixed: 8_500, dispute: 750_000 },
        (_, "twd") => Price { basis_points: 340, fixed: 1_000, dispute: 50_000 },
        (Region::Gb, _) => Price { basis_points: 150, fixed: 20, dispute: 2_000 },
        (Region::Jp, _) => Price { basis_points: 360, fixed: 0, dispute: 1_500 },
        (Region::Eu, _) => Price { basis_points: 150, fixed: 25, dispute: 2_000 },
        (Region::Us, "eur") => Price { basis_points: 290, fixed: 25, dispute: 2_000 },
        (Region::Us, _) => Price { basis_points: 290, fixed: 30, dispute: 1_500 },
    }
}

/// Stripe takes three-decimal amounts in tens, and amounts of currencies that know no smaller coin in hundreds.
pub(super) fn charge_step(currency: Currency) -> i64 {
    match currency.as_str() {
        "isk" | "ugx" => 100,
        _ if currency.exponent() == 3 => 10,
        _ => 1,
    }
}

/// What a payout's amount must be a multiple of.
pub(super) fn payout_step(currency: Currency) -> i64 {
    match currency.as_str() {
        "huf" | "twd" => 100,
        _ => charge_step(currency),
    }
}

/// `amount`, to the next amount towards zero that Stripe takes in this currency.
pub(super) fn whole(amount: i64, currency: Currency) -> i64 {
    amount - amount % charge_step(currency)
}

/// `amount` × `basis_points`, to the nearest minor unit, halves up.
pub(super) const fn share(amount: i64, basis_points: i64) -> i64 {
    (amount * basis_points + 5_000) / 10_000
}

/// The parts of a charge's fee; `application` is what the platform takes, in the settlement currency.
pub(super) fn charge_fees(
    region: Region,
    currency: Currency,
    amount: i64,
    international: bool,
    converted: bool,
    application: Option<i64>,
) -> [Option<(FeeKind, i64)>; 3] {
    let price = price(region, currency);
    let basis_points = price.basis_points + if international { INTERNATIONAL_BASIS_POINTS } else { 0 };
    let processing = whole((share(amount, basis_points) + price.fixed).min(amount), currency);
    [
        Some((FeeKind::Processing, processing)),
        converted.then(|| (FeeKind::Conversion, whole(share(amount, CONVERSION_BASIS_POINTS), currency))),
        application.map(|amount| (FeeKind::Application, amount)),
    ]
}

/// What a plain card of the merchant's own region costs: basis points, and a fixed part in minor units.
pub(super) fn card(region: Region, currency: Currency) -> (i64, i64) {
    let price = price(region, currency);
    (price.basis_points, price.fixed)
}

/// What a dispute costs.
pub(super) fn dispute_fee(region: Region, currency: Currency) -> i64 {
    price(region, currency).dispute
}

/// What an instant payout of everything in `pool` leaves and costs: 1 % of the payout, rounded up.
pub(super) fn instant(pool: i64, currency: Currency) -> (i64, i64) {
    let amount = pool * 100 / 101;
    let amount = amount - amount % payout_step(currency);
    (amount, pool - amount)
}

/// US dollars for one major unit, in millionths, around which the rates swing.
const fn dollars_millionths(currency: &[u8]) -> i64 {
    match currency {
        b"eur" => 1_084_000,
        b"gbp" => 1_271_000,
        b"cad" => 731_000,
        b"sek" => 95_400,
        b"jpy" => 6_640,
        b"huf" => 2_760,
        b"twd" => 31_200,
        b"kwd" => 3_255_000,
        b"isk" => 7_250,
        b"ugx" => 272,
        _ => 1_000_000,
    }
}

/// The day's rate from one currency to another: major units for one major unit, in millionths.
pub(super) fn rate(seed: u64, day: i64, from: Currency, to: Currency) -> u64 {
    if from == to {
        return 0;
    }
    let label = format!("rate {from} {to}");
    let swing = Random::new(seed, &label, day as u64).between(-12_000, 12_000);
    let base = dollars_millionths(from.as_str().as_bytes()) * 1_000_000 / dollars_millionths(to.as_str().as_bytes());
    (base + base * swing / 1_000_000).unsigned_abs().max(1)
}

/// `minor` of `from` in minor units of `to`, to the nearest, halves away from zero; of those, what Stripe takes in `to`.
pub(super) fn convert(minor: i64, from: Currency, to: Currency, rate_millionths: u64) -> Result<i64, SimError> {
    if from == to {
        return Ok(minor);
    }
    let numerator = i128::from(minor) * i128::from(rate_millionths) * 10_i128.pow(to.exponent());
    let denominator = 1_000_000_i128 * 10_i128.pow(from.exponent());
    let half = if numerator < 0 { -denominator / 2 } else { denominator / 2 };
    let exact = i64::try_from((numerator + half) / denominator).map_err(|_| SimError::Amount("a converted charge"))?;
    Ok(whole(exact, to))
}

/// Σ net, refused where it leaves its range.
pub(super) fn sum_net<'a>(txns: impl Iterator<Item = &'a Txn>) -> Result<i64, SimError> {
    txns.map(Txn::net).try_fold(0_i64, i64::checked_add).ok_or(SimError::Amount("a sum of txns"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_dollars_cost_three_dollars_twenty() {
        let fees = charge_fees(Region::Us, Currency::USD, 10_000, false, false, None);
        assert_eq!(fees, [Some((FeeKind::Processing, 320)), None, None]);
        let fees = charge_fees(Region::Eu, Currency::EUR, 10_000, true, true, Some(200));
        assert_eq!(fees, [Some((FeeKind::Processing, 325)), Some((FeeKind::Conversion, 100)), Some((FeeKind::Application, 200))]);
    }

    #[test]
    fn converting_minds_the_decimals_of_both_sides() {
        assert_eq!(convert(10_000, Currency::USD, Currency::JPY, 150_500_000).ok(), Some(15_050));
        assert_eq!(convert(1_000, Currency::JPY, Currency::USD, 6_640).ok(), Some(664));
        assert_eq!(convert(-333, Currency::GBP, Currency::USD, 1_271_000).ok(), Some(-423));
    }

    #[test]
    fn dinars_move_in_tens_and_kronur_in_hundreds() {
        let of = |code| Currency::parse(code).expect("a currency");
        assert_eq!(whole(12_345, of("kwd")), 12_340);
        assert_eq!(whole(-12_345, of("isk")), -12_300);
        assert_eq!(convert(10_000, Currency::USD, of("kwd"), 307_777).ok(), Some(30_770));
        assert_eq!((payout_step(of("huf")), payout_step(of("kwd")), payout_step(Currency::JPY)), (100, 10, 1));
        let fees = charge_fees(Region::Gb, of("kwd"), 12_340, true, true, None);
        assert!(fees.iter().flatten().all(|(_, amount)| amount % 10 == 0), "{fees:?}");
    }

    #[test]
    fn an_instant_payout_and_its_fee_are_the_whole_pool() {
        for pool in [101, 55_731, 1_000_000] {
            let (amount, fee) = instant(pool, Currency::USD);
            assert_eq!(amount + fee, pool);
            assert!(fee >= amount / 100);
        }
    }
}
