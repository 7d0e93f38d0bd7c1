//! What a merchant bills: customers, what they subscribe to, their invoices, and how those are paid. The charges that pay them
//! are the merchant's own, so that payouts hold them.
//!
//! Each customer's story is told from its first second to the world's end, action by action; every object keeps its states.

mod alter;
mod codes;
mod collect;
mod credit;
mod customer;
mod cycle;
mod desk;
mod draw;
mod goods;
mod ids;
mod invoice;
mod note;
mod objects;
mod offered;
mod once;
mod payment;
mod schedule;
mod sent;
mod shares;
mod shelves;
mod subscribe;
mod subscription;
mod sums;
mod terms;
mod till;
mod timeline;
mod truths;

use std::{collections::BTreeMap, sync::Arc};

use money::Currency;

use super::{
    calendar::{Region, midnight},
    rows::{Charge, DAY},
    sales::{Shop, Span},
};
use crate::{
    options::{Options, SimError},
    random::{Random, mix},
};
pub(crate) use codes::PromotionCode;
pub(crate) use customer::{BalanceEntry, Cause, Customer};
pub(crate) use goods::{Every, Price, Product, Scheme, Tier};
pub(crate) use ids::INVOICED;
pub(crate) use invoice::{Entry, Invoice, InvoiceItem, Line, Of, Origin, Proration, Status};
pub(crate) use note::{CreditNote, Given, NoteLine};
pub(crate) use payment::{Intent, InvoicePayment, OwnIntent};
pub(crate) use schedule::{Course, Phase, Schedule};
pub(super) use shelves::shelves;
pub(crate) use subscription::{Item, Standing, Subscription};
pub(crate) use sums::Sums;
pub(crate) use terms::{Discount, Lasts, Off, Redeemed, TaxRate};

/// Accounts besides the platform that bill, in a thousand.
const BILLS: u64 = 700;
/// Customers who pay in the merchant's second currency, in a thousand.
const FOREIGN: u64 = 200;

/// Everything that one account bills. An object's serial is its place in its list.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) products: Vec<Arc<Product>>,
    pub(crate) prices: Vec<Arc<Price>>,
    pub(crate) coupons: Vec<Redeemed>,
    pub(crate) codes: Vec<PromotionCode>,
    pub(crate) tax_rates: Vec<Arc<TaxRate>>,
    pub(crate) discounts: Vec<Arc<Discount>>,
    pub(crate) customers: Vec<Customer>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) schedules: Vec<Schedule>,
    pub(crate) invoices: Vec<Invoice>,
    pub(crate) items: Vec<InvoiceItem>,
    pub(crate) payments: Vec<InvoicePayment>,
    /// By the invoice payment that they are for; those outside of Stripe have none.
    pub(crate) intents: BTreeMap<u32, Intent>,
    pub(crate) notes: Vec<CreditNote>,
    pub(crate) entries: Vec<BalanceEntry>,
    lines: u32,
    subscription_items: u32,
    note_lines: u32,
}

/// Everything that the shop's merchant bills, if it is one who does; its charges and refunds are booked into the shop's sales.
pub(super) fn bill(options: &Options, shop: &mut Shop<'_>) -> Result<Ledger, SimError> {
    let index = shop.merchant.index;
    let mut ledger = Ledger::default();
    if options.subscriptions == 0 || shop.merchant.rank > 0 && !Random::new(options.seed, "bills", index as u64).chance(BILLS) {
        return Ok(ledger);
    }
    let founded = midnight(shop.span.first) - 30 * DAY;
    let currencies: Vec<Currency> = shop.merchant.menu.iter().take(2).map(|(currency, _, _)| *currency).collect();
    let mut range = goods::Range::new(founded);
    let archived = midnight(i64::midpoint(shop.span.first, shop.span.last));
    let offers: Vec<goods::Offer> = currencies.iter().map(|currency| range.offer(*currency, archived)).collect();
    (ledger.products, ledger.prices) = (range.products, range.prices);
    let coupons = terms::coupons(founded + 7_200, &currencies);
    ledger.codes = codes::offered(&coupons, archived);
    ledger.coupons = coupons.into_iter().map(|coupon| Redeemed { coupon, at: Vec::new() }).collect();
    ledger.tax_rates = terms::tax_rates(founded + 9_000, shop.merchant.region);
    for nth in 0..options.subscriptions {
        let mut random = Random::new(options.seed, "billing", (index as u64) << 32 | u64::from(nth));
        let offer = offers.get(usize::from(random.chance(FOREIGN))).or_else(|| offers.first());
        if let Some(offer) = offer {
            desk::Desk::open(shop, &mut ledger, offer, random, nth).run()?;
        }
    }
    ledger.schedule(options.seed, index as u64, shop.span.end())?;
    Ok(ledger)
}

/// The customers of charges that no invoice asked for: one for each, made shortly before its first charge.
pub(super) fn buyers<'a>(charges: impl Iterator<Item = &'a Charge>) -> Vec<Customer> {
    let mut first: BTreeMap<u32, i64> = BTreeMap::new();
    for charge in charges.filter(|charge| charge.intent.is_none()) {
        let since = first.entry(charge.customer).or_insert(charge.created);
        *since = charge.created.min(*since);
    }
    let before = |number: u32| 20 + mix(u64::from(number)).rem_euclid(3_600) as i64;
    first.into_iter().map(|(number, since)| Customer::new(number, since - before(number), None)).collect()
}

/// When a customer comes: many early, so that there is something to tell of.
fn arrival(random: &mut Random, span: Span) -> i64 {
    let length = span.end() - midnight(span.first);
    let most = if random.chance(450) { length / 10 } else { length * 3 / 5 };
    midnight(span.first) + 7_200 + random.between(0, most)
}
