//! What happens between a merchant and its customers: charges, refunds, disputes, and Stripe's own fees.

use std::collections::BTreeMap;

use money::Currency;

use super::{
    billing::{self, Ledger},
    calendar::{Region, is_weekday, midnight, weekday},
    fees,
    merchant::Merchant,
    methods::Method,
    prices::Sale,
    rows::{Card, Charge, DAY, Dispute, Refund, Source, Txn, TxnKind},
    season,
    variety::Doubled,
};
use crate::{
    catalog::{ObjectKind, StripeObject},
    options::{Difficulty, Options, SimError},
    random::Random,
};

/// First and last day of the world.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) first: i64,
    pub(super) last: i64,
}

impl Span {
    /// The world's last second.
    pub(super) const fn end(self) -> i64 {
        midnight(self.last + 1) - 1
    }
}

/// Everything of one account but its payouts. A txn's serial is its place in `txns`.
#[derive(Default)]
pub(super) struct Sales {
    pub(super) txns: Vec<Txn>,
    pub(super) charges: Vec<Charge>,
    pub(super) refunds: Vec<Refund>,
    pub(super) disputes: Vec<Dispute>,
    pub(super) ledger: Ledger,
    /// Objects of kinds that only rich worlds have.
    pub(super) others: BTreeMap<ObjectKind, Vec<StripeObject>>,
    pub(super) doubled: Vec<Doubled>,
}

/// A platform's share of a connected account's charge.
#[derive(Clone, Copy, Debug)]
pub(super) struct ApplicationFee {
    pub(super) serial: u32,
    /// Place of the merchant, and the charge's serial there.
    pub(super) merchant: usize,
    pub(super) charge: u32,
    pub(super) created: i64,
    pub(super) currency: Currency,
    pub(super) amount: i64,
}

/// A short list of prices, so that many charges are equal.
const LIST_PRICES: [i64; 6] = [1_900, 1_900, 2_900, 4_900, 4_900, 9_900];
/// Declined charges in a thousand.
pub(super) const DECLINED: u64 = 30;

impl Sales {
    /// Books a txn and gives its serial.
    pub(super) fn book(&mut self, mut txn: Txn) -> u32 {
        txn.serial = self.txns.len() as u32;
        self.txns.push(txn);
        txn.serial
    }
}

/// A txn to be booked: everything set but its serial.
pub(super) fn txn(kind: TxnKind, created: i64, currency: Currency, amount: i64, source: Source) -> Txn {
    let available_on = created - created.rem_euclid(DAY);
    Txn { serial: 0, created, available_on, currency, amount, fees: [None; 3], rate_millionths: 0, kind, source }
}

/// One merchant, selling.
pub(super) struct Shop<'a> {
    pub(super) merchant: &'a Merchant,
    pub(super) seed: u64,
    pub(super) span: Span,
    pub(super) random: Random,
    pub(super) sales: Sales,
    pub(super) application_fees: Vec<ApplicationFee>,
    pub(super) first_application_fee: u32,
    /// Whether all prices come from a short list.
    pub(super) list_prices: bool,
    pub(super) rich: bool,
}

/// Everything that `merchant` sells. The fees that the platform takes of it are given apart, numbered from `first_application_fee`.
pub(super) fn sell(
    options: &Options,
    merchant: &Merchant,
    span: Span,
    first_application_fee: u32,
) -> Result<(Sales, Vec<ApplicationFee>), SimError> {
    let random = Random::new(options.seed, "sales", merchant.index as u64);
    let (sales, application_fees) = (Sales::default(), Vec::new());
    let list_prices = options.difficulty == Some(Difficulty::Hardened);
    let (seed, rich) = (options.seed, options.rich);
    let mut shop = Shop { merchant, seed, span, random, sales, application_fees, first_application_fee, list_prices, rich };
    for day in span.first..=span.last {
        let busy = if is_weekday(day) { shop.random.between(80, 120) } else { shop.random.between(45, 80) };
        let exact = if options.rich {
            merchant.charges_permille.cast_signed() * busy * season::percent(merchant.rank, day, span) / 100_000
        } else {
            i64::from(options.per_day) * busy
        };
        // The part of a charge that is left over happens in proportion.
        let count = exact / 100 + i64::from(shop.random.between(0, 99) < exact % 100);
        let available = merchant.region.add_business_days(day, 2);
        for _ in 0..count {
            shop.charge(day, available)?;
        }
        if weekday(day) == 1 && !(options.rich && count == 0) {
            shop.stripe_fee(day, count);
        }
    }
    shop.call_off_events()?;
    shop.sales.ledger = billing::bill(options, &mut shop)?;
    Ok((shop.sales, shop.application_fees))
}

impl Shop<'_> {
    fn charge(&mut self, day: i64, available: i64) -> Result<(), SimError> {
        let weights: Vec<u64> = self.merchant.menu.iter().map(|(_, weight, _)| *weight).collect();
        let choice = self.random.weighted(&weights);
        let Some((currency, _, settled)) = self.merchant.menu.get(choice).copied() else { return Ok(()) };
        let created = midnight(day) + self.random.between(0, DAY - 1);
        let amount = self.price(currency);
        let card = self.card(currency != settled);
        let serial = self.sales.charges.len() as u32;
        let customer = self.random.below(2_000) as u32 + serial / 3;
        let mut charge = Charge {
            serial,
            created,
            currency,
            amount,
            changes: Vec::new(),
            txn: None,
            customer,
            order: 100_000 + serial,
            card,
            application_fee: None,
            intent: None,
            method: Method::Card,
            debit: None,
            tie: None,
        };
        if self.rich {
            return self.vary(charge, settled);
        }
        if !self.random.chance(DECLINED) {
            let txn = self.settle(&mut charge, available, settled, Method::Card)?;
            charge.txn = Some(txn);
            self.aftermath(&mut charge, settled)?;
        }
        self.sales.charges.push(charge);
        Ok(())
    }

    /// Books a charge's txn, and the platform's share where there is one.
    pub(super) fn settle(
        &mut self,
        charge: &mut Charge,
        available: i64,
        settled: Currency,
        method: Method,
    ) -> Result<u32, SimError> {
        let rate = fees::rate(self.seed, charge.created.div_euclid(DAY), charge.currency, settled);
        let amount = fees::convert(charge.amount, charge.currency, settled, rate)?;
        let points = self.merchant.application_basis_points.filter(|_| !method.is_debit());
        let share = points.map(|points| fees::whole(fees::share(amount, points), settled)).filter(|share| *share > 0);
        if let Some(share) = share {
            let serial = self.first_application_fee + self.application_fees.len() as u32;
            charge.application_fee = Some((serial, share));
            self.application_fees.push(ApplicationFee {
                serial,
                merchant: self.merchant.index,
                charge: charge.serial,
                created: charge.created,
                currency: settled,
                amount: share,
            });
        }
        let kind = if method.is_payment() { TxnKind::Payment } else { TxnKind::Charge };
        let mut row = txn(kind, charge.created, settled, amount, Source::Charge(charge.serial));
        let home = self.merchant.stamp.country;
        row.available_on = midnight(available);
        row.rate_millionths = rate;
        let (region, converted) = (self.merchant.region, charge.currency != settled);
        row.fees = if self.rich {
            Sale { region, country: home, method, card: &charge.card, settled, converted }.fees(amount, share)
        } else {
            fees::charge_fees(region, settled, amount, charge.card.country != home, converted, share)
        };
        Ok(self.sales.book(row))
    }

    /// A price as shops make them: mostly small, ending in 9 or 0, in the charge's currency.
    fn price(&mut self, currency: Currency) -> i64 {
        if self.list_prices {
            let listed = self.random.pick(&LIST_PRICES);
            return if matches!(currency.as_str(), "jpy" | "sek") { listed * 10 } else { listed };
        }
        let (least, most) = match self.random.weighted(&[55, 33, 11, 1]) {
            0 => (900, 6_000),
            1 => (6_000, 25_000),
            2 => (25_000, 120_000),
            _ => (120_000, 500_000),
        };
        let whole = self.random.between(least, most) / 100;
        let ending = self.random.pick(&[0, 0, 50, 90, 95, 99, 99, 37, 12]);
        match currency.as_str() {
            "jpy" => whole * 150 + ending * 10,
            "sek" => (whole * 100 + ending) * 10,
            "huf" => whole * 36_000 + ending * 100,
            "twd" => whole * 3_200,
            "isk" => whole * 13_800,
            "ugx" => whole * 367_600,
            "kwd" => whole * 310 + ending * 10,
            _ => whole * 100 + ending,
        }
    }

    fn card(&mut self, foreign: bool) -> Card {
        let home = self.merchant.stamp.country;
        let abroad = foreign || self.random.chance(80);
        let country = if abroad { self.random.pick(&["GB", "CA", "FR", "SE", "NL", "AU"]) } else { home };
        let brand = self.random.pick(&["visa", "visa", "mastercard", "mastercard", "amex"]);
        Card { number: self.random.below(1 << 20) as u32, brand, country, last4: self.random.below(10_000) as u16 }
    }

    /// Stripe's own fees come as rows of their own: the amount is the fee.
    fn stripe_fee(&mut self, day: i64, count: i64) {
        let Some((_, _, currency)) = self.merchant.menu.first().copied() else { return };
        let each = if currency == Currency::JPY { 8 } else { 7 };
        let row = txn(TxnKind::StripeFee, midnight(day) + 4 * 3_600 + 11, currency, -(each * (count * 7).max(1)), Source::None);
        self.sales.book(row);
    }
}

/// The platform's side of the fees that it takes: its txns, in their order.
pub(super) fn earn(
    seed: u64,
    platform: &Merchant,
    sales: &mut Sales,
    application_fees: &[ApplicationFee],
) -> Result<Vec<u32>, SimError> {
    let mut earned = Vec::new();
    for fee in application_fees {
        let settled =
            platform.streams.iter().map(|s| s.currency).find(|currency| *currency == fee.currency).unwrap_or(Currency::USD);
        let day = fee.created.div_euclid(DAY);
        let rate = fees::rate(seed, day, fee.currency, settled);
        let amount = fees::convert(fee.amount, fee.currency, settled, rate)?;
        let mut row = txn(TxnKind::ApplicationFee, fee.created, settled, amount, Source::ApplicationFee(fee.serial));
        row.rate_millionths = rate;
        row.available_on = midnight(Region::Us.add_business_days(day, 2));
        earned.push(sales.book(row));
    }
    Ok(earned)
}
