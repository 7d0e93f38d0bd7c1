//! A whole world: who sells what, what Stripe does with it, what the bank shows, and what is true.

mod aftermath;
mod billing;
pub(crate) mod calendar;
mod connect;
pub(crate) mod dress;
mod fees;
mod history;
mod homes;
pub(crate) mod merchant;
pub(crate) mod methods;
pub(crate) mod payouts;
mod prices;
mod redirect;
pub(crate) mod render;
pub(crate) mod rows;
mod sales;
mod schedule;
mod season;
pub(crate) mod ties;
pub(crate) mod treasury;
mod variety;
mod warnings;

use std::sync::Arc;

use jiff::Timestamp;
use money::Currency;

use crate::{
    bank,
    catalog::{AccountObjects, Catalog, Members, ObjectKind, Row, StripeObject, TxnIds, key_mark},
    options::{Options, SimError},
    truth::{BalanceTruth, DoubledTruth, InvoiceTruth, OwnerTruth, RecurringTruth, Truth, TruthOptions},
};
use merchant::{Cast, Merchant};
use payouts::Paid;
use render::{Held, Holdings};
use rows::PayoutKind;
use sales::{Sales, Span};
use schedule::Schedule;
use treasury::topups::Topup;

/// A file as a bank hands it out.
#[derive(Clone, Debug)]
pub struct BankFile {
    /// Its name, unique in the world.
    pub name: String,
    /// The name to import it under.
    pub bank_account: String,
    /// Its currency where the file itself does not say.
    pub currency: Option<Currency>,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A simulated world.
#[derive(Clone, Debug)]
pub struct World {
    /// What the simulated Stripe can be asked for.
    pub catalog: Catalog,
    /// What is true.
    pub truth: Truth,
    /// The bank's files, oldest first within each bank account.
    pub bank_files: Vec<BankFile>,
    /// The world's end: nothing later exists.
    pub as_of: Timestamp,
}

impl World {
    /// Makes the world of `options`. The same options give the same bytes.
    ///
    /// # Errors
    /// [`SimError`] when an option is out of its range, or the world's amounts outgrow 64 bits.
    pub fn generate(options: &Options) -> Result<Self, SimError> {
        options.check()?;
        let last = calendar::number(options.until)?;
        let span = Span { first: last - i64::from(options.days) + 1, last };
        let cast = Cast::new(options)?;
        let (mut sales, topups) = sell(options, &cast, span)?;
        let paid = pay(options, &cast, &mut sales, span)?;
        let statements = bank::statements(options, &cast, &paid, &topups, span.first, span.last)?;
        let as_of = Timestamp::from_second(span.end())?;
        let truth = Truth {
            options: TruthOptions {
                seed: options.seed,
                days: options.days,
                until_on: options.until,
                per_day: options.per_day,
                accounts: options.accounts,
                owners: options.owners,
                difficulty: options.difficulty,
                subscriptions: options.subscriptions,
                rich: options.rich,
            },
            owners: owners(&cast),
            as_of: as_of.to_string(),
            payouts: bank::payout_truths(&cast, &paid, &statements)?,
            planted: statements.planted.clone(),
            balances: balances(&cast, &sales, span.end())?,
            bank_accounts: statements.accounts.clone(),
            unknown_deposits: statements.unknown.clone(),
            decoys: statements.decoys.clone(),
            pending_rows: statements.pending.clone(),
            invoices: invoices(&cast, &sales),
            recurring: recurring(&cast, &sales, span)?,
            topups: statements.topups.clone(),
            doubled_charges: doubled(&cast, &sales),
        };
        let catalog = catalog(&cast, sales, &paid, span);
        Ok(Self { catalog, truth, bank_files: statements.files, as_of })
    }
}

/// The connected accounts first, because the platform earns from them; then what passes between the accounts, and what tops up
/// the platform.
fn sell(options: &Options, cast: &Cast, span: Span) -> Result<(Vec<Sales>, Vec<Topup>), SimError> {
    let mut all: Vec<Sales> = Vec::new();
    let mut shares = Vec::new();
    for merchant in cast.merchants.iter().skip(1) {
        let (sales, taken) = sales::sell(options, merchant, span, shares.len() as u32)?;
        shares.extend(taken);
        all.push(sales);
    }
    if let Some(platform) = cast.merchants.first() {
        let (mut own, _) = sales::sell(options, platform, span, 0)?;
        let earned = sales::earn(options.seed, platform, &mut own, &shares)?;
        all.insert(0, own);
        if options.rich {
            let direct: Vec<_> = shares.into_iter().zip(earned).collect();
            connect::connect(options, cast, &mut all, &direct, span)?;
            let own = all.first_mut().map(|own| treasury::treasury(options.seed, platform, own, span));
            return Ok((all, own.unwrap_or_default()));
        }
    }
    Ok((all, Vec::new()))
}

/// The connected accounts' payouts decide which of them owe, and so what Stripe sets aside of the platform's money.
fn pay(options: &Options, cast: &Cast, sales: &mut [Sales], span: Span) -> Result<Vec<Paid>, SimError> {
    let mut connected: Vec<Paid> = Vec::new();
    for (merchant, sales) in cast.merchants.iter().zip(sales.iter_mut()).skip(1) {
        pay_out(options, merchant, sales, span, &mut connected)?;
    }
    if options.rich {
        connect::cover(cast, sales, span);
    }
    let mut paid: Vec<Paid> = Vec::new();
    if let Some((merchant, sales)) = cast.merchants.first().zip(sales.first_mut()) {
        pay_out(options, merchant, sales, span, &mut paid)?;
    }
    paid.append(&mut connected);
    Ok(paid)
}

fn pay_out(options: &Options, merchant: &Merchant, sales: &mut Sales, span: Span, paid: &mut Vec<Paid>) -> Result<(), SimError> {
    let before = paid.len();
    for stream in &merchant.streams {
        let first_serial = (paid.len() - before) as u32;
        paid.extend(payouts::pay_out(options, merchant, stream, sales, span, first_serial)?);
    }
    Ok(())
}

/// The own accounts and their keys, where there are several.
fn owners(cast: &Cast) -> Vec<OwnerTruth> {
    let others = cast.other_owners();
    let mut owners: Vec<&Merchant> = cast.merchants.iter().take(1).chain(others).collect();
    if owners.len() == 1 {
        owners.clear();
    }
    let told = |(place, merchant): (usize, &Merchant)| OwnerTruth {
        account: merchant.stamp.account.clone(),
        key: format!("rk_test_{}", key_mark(place)),
    };
    owners.into_iter().enumerate().map(told).collect()
}

/// Every charge that a retry made twice.
fn doubled(cast: &Cast, sales: &[Sales]) -> Vec<DoubledTruth> {
    let of = |(merchant, sales): (&Merchant, &Sales)| -> Vec<DoubledTruth> {
        let stamp = &merchant.stamp;
        let told = |doubled: &variety::Doubled| DoubledTruth {
            account: stamp.account.clone(),
            first: stamp.charge_id(doubled.first),
            second: stamp.charge_id(doubled.second),
            refund: doubled.refund.map(|serial| stamp.refund_id(serial)),
        };
        sales.doubled.iter().map(told).collect()
    };
    cast.merchants.iter().zip(sales).flat_map(of).collect()
}

fn holdings(merchant: &Merchant, sales: &Sales, end: i64) -> Result<Holdings, SimError> {
    let mut holdings = Holdings(merchant.streams.iter().map(|stream| (stream.currency, Held::default())).collect());
    for movement in sales.txns.iter().filter_map(Row::movement) {
        let held = holdings.0.entry(movement.currency).or_default();
        *held = held.with(movement, end).ok_or(SimError::Amount("a balance"))?;
    }
    Ok(holdings)
}

fn balances(cast: &Cast, sales: &[Sales], end: i64) -> Result<Vec<BalanceTruth>, SimError> {
    let mut truths = Vec::new();
    for (merchant, sales) in cast.merchants.iter().zip(sales) {
        for (currency, held) in holdings(merchant, sales, end)?.0 {
            let account = merchant.stamp.account.clone();
            let (available_minor, pending_minor) = (held.available, held.pending);
            truths.push(BalanceTruth { account, currency: currency.to_string(), available_minor, pending_minor });
        }
    }
    Ok(truths)
}

/// What is true of every invoice of every account.
fn invoices(cast: &Cast, sales: &[Sales]) -> Vec<InvoiceTruth> {
    let accounts = cast.merchants.iter().zip(sales);
    accounts.flat_map(|(merchant, sales)| sales.ledger.truths(&merchant.stamp)).collect()
}

fn recurring(cast: &Cast, sales: &[Sales], span: Span) -> Result<Vec<RecurringTruth>, SimError> {
    let accounts = cast.merchants.iter().zip(sales);
    let all: Result<Vec<_>, _> = accounts.map(|(merchant, sales)| sales.ledger.recurring(&merchant.stamp, span)).collect();
    Ok(all?.concat())
}

fn catalog(cast: &Cast, sales: Vec<Sales>, paid: &[Paid], span: Span) -> Catalog {
    let owner = cast.merchants.first().map(|merchant| merchant.stamp.account.clone()).unwrap_or_default();
    let accounts = cast
        .merchants
        .iter()
        .zip(sales)
        .map(|(merchant, sales)| (merchant.stamp.account.clone(), account_objects(merchant, sales, paid, span)))
        .collect();
    let other_owners = cast.other_owners().map(|merchant| merchant.stamp.account.clone()).collect();
    Catalog { now: span.end(), owner, other_owners, accounts }
}

fn account_objects(merchant: &Merchant, sales: Sales, paid: &[Paid], span: Span) -> AccountObjects {
    let stamp = &merchant.stamp;
    // Payouts stand merchant by merchant.
    let start = paid.partition_point(|paid| paid.merchant < merchant.index);
    let own: Vec<&Paid> = paid.iter().skip(start).take_while(|paid| paid.merchant == merchant.index).collect();
    let balance = StripeObject::row(stamp, holdings(merchant, &sales, span.end()).unwrap_or_default());
    let members = own.iter().filter(|paid| paid.row.kind == PayoutKind::Automatic).map(|paid| listed(merchant, paid)).collect();
    let buyers = billing::buyers(sales.charges.iter());
    let charges: Vec<_> = sales.charges.into_iter().map(Arc::new).collect();
    let mut objects = billing::shelves(stamp, sales.ledger, buyers, &charges);
    let payouts: Vec<_> = own.iter().map(|paid| paid.row.clone()).collect();
    objects.insert(ObjectKind::Payout, StripeObject::all(stamp, payouts));
    objects.insert(ObjectKind::BalanceTransaction, StripeObject::all(stamp, sales.txns));
    objects.insert(ObjectKind::Charge, StripeObject::all(stamp, charges));
    objects.insert(ObjectKind::Refund, StripeObject::all(stamp, sales.refunds));
    objects.insert(ObjectKind::Dispute, StripeObject::all(stamp, sales.disputes));
    objects.extend(sales.others);
    for list in objects.values_mut() {
        list.sort_unstable_by(StripeObject::newest_first);
    }
    AccountObjects { account: account(merchant, span), balance, objects, members }
}

/// What Stripe lists for a payout, its own txn first.
fn listed(merchant: &Merchant, paid: &Paid) -> (String, Members) {
    let own = std::iter::once(paid.row.txn);
    let ids = TxnIds::of(&merchant.stamp, own.chain(paid.members.iter().copied()).collect());
    let members = Members { ids, first: 1 + paid.members.len() * 3 / 5, completed_at: paid.row.completed_at };
    (merchant.stamp.payout_id(paid.row.serial), members)
}

fn account(merchant: &Merchant, span: Span) -> StripeObject {
    let time_zone = match merchant.region {
        calendar::Region::Us => "America/New_York",
        calendar::Region::Eu => "Europe/Berlin",
        calendar::Region::Gb => "Europe/London",
        calendar::Region::Jp => "Asia/Tokyo",
    };
    let default_currency = merchant.streams.first().map_or(Currency::USD, |stream| stream.currency);
    let profile = render::Profile {
        name: merchant.name.clone(),
        default_currency,
        time_zone,
        created: calendar::midnight(span.first) - 40 * rows::DAY,
        schedule: merchant.streams.first().map_or(Schedule::Daily, |stream| stream.schedule),
        delay_days: 2,
        debit_negative_balances: merchant.streams.iter().any(|stream| stream.debits),
    };
    StripeObject::row(&merchant.stamp, profile)
}
