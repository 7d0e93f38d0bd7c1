//! Stripe's price lists in a rich world: by method, by the card's country and brand, and for conversion.
//!
//! Rates are those of Stripe's public price lists for the merchant's country (stripe.com/pricing, without custom prices), in
//! basis points of what is settled. What is charged for a plain card of the merchant's own region stands in [`fees`].

use money::Currency;

use super::{
    calendar::Region,
    fees,
    methods::Method,
    rows::{Card, FeeKind},
};

/// America: on top for cards of another country.
const US_INTERNATIONAL: i64 = 150;
/// Europe (2.5 % instead of 1.5 %): on top for British cards in the European Economic Area, and for its cards in Britain.
const NEIGHBOR: i64 = 100;
/// Europe (3.25 % instead of 1.5 %): on top for cards from elsewhere.
const INTERNATIONAL: i64 = 175;
/// Europe: American Express cards of the merchant's own region, instead of 1.5 %. In America and Japan they cost what others do.
const AMEX: i64 = 290;
/// On top where the currency is converted: 1 % in America, 2 % elsewhere.
const US_CONVERSION: i64 = 100;
const CONVERSION: i64 = 200;
/// A debit by ACH: 0.8 %, at most five dollars.
const ACH: i64 = 80;
const ACH_MOST: i64 = 500;
/// A SEPA debit: 35 cents.
const SEPA: i64 = 35;
/// Klarna: 5.99 % in America, 4.99 % in Britain, 2.99 % elsewhere, and the fixed part of a card's price.
const US_KLARNA: i64 = 599;
const GB_KLARNA: i64 = 499;
const KLARNA: i64 = 299;

/// The countries of the European Economic Area whose cards occur.
const EEA: [&str; 5] = ["DE", "FR", "HU", "NL", "SE"];

/// A payment that succeeded, as far as its price depends on it.
#[derive(Clone, Copy)]
pub(super) struct Sale<'a> {
    pub(super) region: Region,
    /// The merchant's country.
    pub(super) country: &'a str,
    pub(super) method: Method,
    pub(super) card: &'a Card,
    pub(super) settled: Currency,
    pub(super) converted: bool,
}

impl Sale<'_> {
    /// The parts of the fee of `amount`, minor units of what is settled; `application` is what the platform takes.
    pub(super) fn fees(&self, amount: i64, application: Option<i64>) -> [Option<(FeeKind, i64)>; 3] {
        let whole = |fee: i64| fees::whole(fee.min(amount), self.settled);
        let conversion = if self.region == Region::Us { US_CONVERSION } else { CONVERSION };
        [
            Some((FeeKind::Processing, whole(self.processing(amount)))),
            self.converted.then(|| (FeeKind::Conversion, whole(fees::share(amount, conversion)))),
            application.map(|amount| (FeeKind::Application, amount)),
        ]
    }

    fn processing(&self, amount: i64) -> i64 {
        let (basis_points, fixed) = fees::card(self.region, self.settled);
        let klarna = match self.region {
            Region::Us => US_KLARNA,
            Region::Gb => GB_KLARNA,
            Region::Eu | Region::Jp => KLARNA,
        };
        match self.method {
            Method::UsBankAccount => fees::share(amount, ACH).min(ACH_MOST),
            Method::SepaDebit => SEPA,
            Method::Klarna => fees::share(amount, klarna) + fixed,
            Method::Card | Method::ApplePay | Method::GooglePay | Method::Link => {
                fees::share(amount, self.card(basis_points)) + fixed
            }
        }
    }

    /// Basis points for the card, where one of the merchant's own region costs `domestic`.
    fn card(&self, domestic: i64) -> i64 {
        let is_amex = self.card.brand == "amex" && self.method != Method::Link;
        match (self.region, self.card.country) {
            (Region::Us, country) if country == self.country => domestic,
            (Region::Us, _) => domestic + US_INTERNATIONAL,
            (Region::Jp, _) => domestic,
            (Region::Eu, country) if EEA.contains(&country) => {
                if is_amex {
                    AMEX
                } else {
                    domestic
                }
            }
            (Region::Gb, "GB") => {
                if is_amex {
                    AMEX
                } else {
                    domestic
                }
            }
            (Region::Eu, "GB") => domestic + NEIGHBOR,
            (Region::Gb, country) if EEA.contains(&country) => domestic + NEIGHBOR,
            (Region::Eu | Region::Gb, _) => domestic + INTERNATIONAL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basis_points(region: Region, home: &str, brand: &'static str, country: &'static str) -> i64 {
        let card = Card { brand, country, ..Card::default() };
        let settled = Currency::EUR;
        Sale { region, country: home, method: Method::Card, card: &card, settled, converted: false }.card(150)
    }

    #[test]
    fn a_card_costs_by_where_it_is_from() {
        let german = |brand, country| basis_points(Region::Eu, "DE", brand, country);
        assert_eq!(
            (german("visa", "DE"), german("visa", "SE"), german("visa", "GB"), german("visa", "AU")),
            (150, 150, 250, 325)
        );
        assert_eq!((german("amex", "FR"), german("amex", "CA")), (290, 325));
        assert_eq!((basis_points(Region::Gb, "GB", "visa", "GB"), basis_points(Region::Gb, "GB", "visa", "FR")), (150, 250));
        assert_eq!((basis_points(Region::Us, "US", "amex", "US"), basis_points(Region::Us, "US", "visa", "CA")), (150, 300));
        assert_eq!(basis_points(Region::Jp, "JP", "amex", "FR"), 150);
    }
}
