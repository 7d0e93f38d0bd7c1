//! How Stripe pays out: automatic, by hand, instantly; and what fails.

mod automatic;
mod by_hand;
mod plan;
mod trace;
mod undone;

use std::collections::BTreeSet;

use money::Currency;

use super::{
    calendar::{Region, midnight},
    fees,
    merchant::{Merchant, Stream},
    rows::{DAY, FeeKind, Payout, PayoutKind, PayoutStatus, Source, Trace, TxnKind},
    sales::{Sales, Span, txn},
};
use crate::{
    options::{Options, SimError},
    random::Random,
};
use plan::{Plan, due};

/// A payout, and what is true of it.
#[derive(Clone, Debug)]
pub(crate) struct Paid {
    /// Place of its merchant and of its bank account.
    pub(crate) merchant: usize,
    pub(crate) bank: usize,
    pub(crate) row: Payout,
    /// Serials of the txns that it pays, its own left out; none for manual and instant ones.
    pub(crate) members: Vec<u32>,
    /// What Stripe says of it at the world's end.
    pub(crate) status: PayoutStatus,
    pub(crate) trace: Trace,
    pub(crate) listed_completely: bool,
    /// Failed after the bank had booked it.
    pub(crate) returned: bool,
}

/// How long Stripe needs at least to list what a payout holds.
const LISTING_SECONDS: i64 = 2 * 3_600;

struct Treasury<'a> {
    merchant: &'a Merchant,
    stream: &'a Stream,
    span: Span,
    random: Random,
    sales: &'a mut Sales,
    /// Txns that no payout has taken: when they can be, and their serial.
    waiting: BTreeSet<(i64, u32)>,
    /// What is available and in no payout.
    pool: Vec<u32>,
    paid: Vec<Paid>,
    first_serial: u32,
    trace_count: u64,
    plan: Plan,
    /// Whether the payout by hand is a mistake that is taken back.
    regrets: bool,
    /// Place of the payout that is to be taken back, and from which day on.
    regret: Option<(usize, i64)>,
}

/// Every payout of one stream, booked into `sales`, numbered from `first_serial`.
pub(super) fn pay_out(
    options: &Options,
    merchant: &Merchant,
    stream: &Stream,
    sales: &mut Sales,
    span: Span,
    first_serial: u32,
) -> Result<Vec<Paid>, SimError> {
    let number = (merchant.index as u64) << 8 | u64::from(stream.currency.as_str().bytes().next().unwrap_or(0));
    let mut random = Random::new(options.seed, "payouts", number);
    let plan = Plan::draw(&mut random, stream, span);
    let waiting =
        sales.txns.iter().filter(|txn| txn.currency == stream.currency).map(|txn| (txn.eligible_at(), txn.serial)).collect();
    let (pool, paid) = (Vec::new(), Vec::new());
    let trace_count = random.below(1_000_000);
    // A platform can take back what it paid out for a connected account in America.
    let regrets = options.rich && merchant.rank > 0 && stream.currency == Currency::USD;
    let mut treasury = Treasury {
        merchant,
        stream,
        span,
        random,
        sales,
        waiting,
        pool,
        paid,
        first_serial,
        trace_count,
        plan,
        regrets,
        regret: None,
    };
    for day in span.first..=span.last {
        if merchant.region.is_business_day(day) {
            treasury.business_day(day)?;
        }
    }
    treasury.finish();
    Ok(treasury.paid)
}

impl Treasury<'_> {
    fn business_day(&mut self, day: i64) -> Result<(), SimError> {
        let midnight = midnight(day);
        if self.plan.manual_until.is_some() {
            return self.manual_day(day);
        }
        self.fill(midnight + 60);
        let pool = self.pool_sum()?;
        if pool >= 1_000 && due(&mut self.plan.instant, day) {
            self.instant(midnight + 61, pool)?;
        } else if pool >= 1_000 && due(&mut self.plan.canceled, day) {
            self.canceled(midnight + 62, pool)?;
        } else if pool >= 1_000 && due(&mut self.plan.manual, day) {
            self.by_hand(midnight + 63, pool)?;
            self.pool.clear();
            let place = self.paid.len() - 1;
            self.regret = self.regrets.then_some((place, day + 7));
        } else if let Some((place, from)) = self.regret
            && from <= day
        {
            self.take_back(place, midnight + 64);
        }
        let created = midnight + self.random.between(1_800, 5_400);
        if !self.stream.schedule.is_due(day, self.merchant.region) {
            return Ok(());
        }
        self.fill(created);
        self.automatic(created)
    }

    /// Moves into the pool what is available before `instant`.
    fn fill(&mut self, instant: i64) {
        let later = self.waiting.split_off(&(instant, 0));
        let now = std::mem::replace(&mut self.waiting, later);
        self.pool.extend(now.into_iter().map(|(_, serial)| serial));
    }

    fn pool_sum(&self) -> Result<i64, SimError> {
        fees::sum_net(self.pool.iter().filter_map(|serial| self.sales.txns.get(*serial as usize)))
    }

    fn pay(&mut self, kind: PayoutKind, created: i64, arrival: i64, amount: i64, fee: i64, members: Vec<u32>) -> u32 {
        let serial = self.first_serial + self.paid.len() as u32;
        let mut own = txn(TxnKind::Payout, created, self.stream.currency, -amount, Source::Payout(serial));
        own.fees[0] = (fee > 0).then_some((FeeKind::Payout, fee));
        let own = self.sales.book(own);
        let (trace, traced_at) = self.trace(arrival, kind);
        let row = Payout {
            serial,
            created,
            arrival: midnight(arrival),
            currency: self.stream.currency,
            amount,
            kind,
            completed_at: created + LISTING_SECONDS + i64::from(serial % 13) * 3_600,
            txn: own,
            failure: None,
            descriptor: self.stream.descriptor,
            trace,
            traced_at,
            reverses: None,
            reversed_by: None,
        };
        let (merchant, bank) = (self.merchant.index, self.stream.bank);
        let (status, trace) = (PayoutStatus::Pending, Trace::Pending);
        self.paid.push(Paid { merchant, bank, row, members, status, trace, listed_completely: false, returned: false });
        own
    }

    /// Its bank's days decide when money arrives, the merchant's country when Stripe sends it.
    fn bank_region(&self) -> Region {
        Region::of_bank(self.stream.currency, self.merchant.region)
    }

    /// Stripe is still listing the newest automatic payout when the world ends soon after.
    fn finish(&mut self) {
        let end = self.span.end();
        if let Some(paid) = self.paid.iter_mut().rev().find(|paid| paid.row.kind == PayoutKind::Automatic)
            && paid.row.created.div_euclid(DAY) + 3 >= self.span.last
            && paid.row.status(end) != PayoutStatus::Paid
        {
            paid.row.completed_at = end + LISTING_SECONDS;
        }
        for paid in &mut self.paid {
            paid.status = paid.row.status(end);
            paid.trace = paid.row.trace(end).clone();
            paid.listed_completely = paid.row.is_listed_completely(end);
        }
    }
}
