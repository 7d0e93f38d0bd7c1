//! How Stripe pays out: automatic, by hand, instantly; and what fails.

use std::collections::BTreeSet;

use money::Currency;

use super::{
    calendar::{Region, midnight},
    fees,
    merchant::{Merchant, Stream, TraceStyle},
    rows::{DAY, FeeKind, Payout, PayoutFailure, PayoutKind, PayoutStatus, Source, Trace, TxnKind},
    sales::{Sales, Span, txn},
};
use crate::{
    options::{Options, SimError},
    random::Random,
};

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

/// Days after arrival at which the bank's reference of a payout is known, and the few for which it takes longer.
const TRACE_DAYS: i64 = 4;
const TRACE_DAYS_LATE: i64 = 10;
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

/// The days on which something out of the ordinary happens.
struct Plan {
    manual_until: Option<i64>,
    instant: Option<i64>,
    manual: Option<i64>,
    canceled: Option<i64>,
    /// The next payout from this day on fails; whether the bank books it first.
    fails: Vec<(i64, bool)>,
    /// What the merchant takes by hand each time, once it is known.
    habit_amount: i64,
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
    let plan = plan(&mut random, stream, span);
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

fn plan(random: &mut Random, stream: &Stream, span: Span) -> Plan {
    let length = span.last - span.first;
    let manual_until = (stream.manual_first && length >= 30).then_some(span.first + length / 3);
    let mut at = |least: i64, most: i64, permille: u64| {
        let day = span.first + length * random.between(least, most) / 100;
        random.chance(permille).then_some(day)
    };
    if fees::payout_step(stream.currency) == 100 {
        // By hand everything would go, and that the bank cannot take.
        return Plan { manual_until: None, instant: None, manual: None, canceled: None, fails: Vec::new(), habit_amount: 0 };
    }
    let usd = stream.currency == Currency::USD;
    let fails = [
        at(50, 72, if usd { 1_000 } else { 400 }).map(|day| (day, true)),
        at(35, 48, if usd { 300 } else { 500 }).map(|day| (day, false)),
    ];
    Plan {
        manual_until,
        instant: at(20, 80, if usd { 900 } else { 200 }),
        manual: at(20, 80, if usd { 700 } else { 300 }),
        canceled: at(15, 80, if usd { 700 } else { 300 }),
        fails: fails.into_iter().flatten().collect(),
        habit_amount: 0,
    }
}

/// Whether the day of a plan has come; a plan is used once.
fn due(plan: &mut Option<i64>, day: i64) -> bool {
    plan.is_some_and(|planned| planned <= day) && plan.take().is_some()
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

    fn automatic(&mut self, created: i64) -> Result<(), SimError> {
        let amount = self.hold_back(created)?;
        if amount == 0 || amount < 0 && !(self.stream.debits && self.random.chance(850)) {
            return Ok(());
        }
        let day = created.div_euclid(DAY);
        let days = if amount < 0 { 4 } else { 2 };
        let arrival = self.bank_region().business_day_from(self.merchant.region.add_business_days(day, days));
        let members = std::mem::take(&mut self.pool);
        self.pay(PayoutKind::Automatic, created, arrival, amount, 0, members);
        if amount > 0
            && let Some(at) = self.plan.fails.iter().position(|(planned, _)| *planned <= day)
        {
            let (_, returned) = self.plan.fails.remove(at);
            self.fail(returned);
        }
        Ok(())
    }

    /// What is to be paid of the pool. What has to stay, the minimum and what the bank knows no coins for, leaves the payout by
    /// one txn and comes back outside of it by another.
    fn hold_back(&mut self, created: i64) -> Result<i64, SimError> {
        let (currency, step) = (self.stream.currency, fees::payout_step(self.stream.currency));
        let pool = self.pool_sum()?;
        let above = pool - self.stream.minimum;
        if pool <= 0 || self.stream.minimum == 0 && pool % step == 0 {
            return Ok(if pool % step == 0 { pool } else { 0 });
        }
        let amount = above - above.rem_euclid(step);
        if amount <= 0 {
            return Ok(0);
        }
        let payout = Source::Payout(self.first_serial + self.paid.len() as u32);
        let hold = self.sales.book(txn(TxnKind::MinimumHold, created, currency, amount - pool, payout));
        self.pool.push(hold);
        let row = txn(TxnKind::MinimumRelease, created, currency, pool - amount, payout);
        let release = self.sales.book(row);
        self.waiting.insert((row.eligible_at(), release));
        Ok(amount)
    }

    /// A day of the world's first part, in which the merchant takes the same round amount whenever it can, sometimes twice.
    fn manual_day(&mut self, day: i64) -> Result<(), SimError> {
        self.fill(midnight(day) + 12 * 3_600);
        let pool = self.pool_sum()?;
        if self.plan.manual_until.is_some_and(|until| day >= until) && pool > 0 {
            self.plan.manual_until = None;
            self.by_hand(midnight(day) + 12 * 3_600, pool)?;
            self.pool.clear();
            return Ok(());
        }
        if self.plan.habit_amount == 0 && pool >= 20_000 {
            self.plan.habit_amount = (pool * 2 / 5 / 10_000).max(1) * 10_000;
        }
        let usual = self.plan.habit_amount;
        let amount = if self.random.chance(600) { usual } else { usual * self.random.between(6, 14) / 10 };
        if amount > 0 && pool >= 2 * amount && self.random.chance(500) {
            self.by_hand(midnight(day) + 13 * 3_600, amount)?;
            if self.random.chance(400) {
                self.by_hand(midnight(day) + 13 * 3_600 + 240, amount)?;
            }
        }
        Ok(())
    }

    /// A payout by hand; its own txn stays in the pool with what it was taken from.
    fn by_hand(&mut self, created: i64, amount: i64) -> Result<(), SimError> {
        let day = created.div_euclid(DAY);
        let arrival = self.bank_region().business_day_from(self.merchant.region.add_business_days(day, 2));
        let own = self.pay(PayoutKind::Manual, created, arrival, amount, 0, Vec::new());
        self.pool.push(own);
        Ok(())
    }

    /// Takes a payout back from the bank by one of the same amount the other way. Its money leaves again in a later payout.
    fn take_back(&mut self, place: usize, created: i64) {
        self.regret = None;
        let Some((serial, amount)) = self.paid.get(place).map(|paid| (paid.row.serial, paid.row.amount)) else { return };
        let arrival = self.merchant.region.add_business_days(created.div_euclid(DAY), 2);
        let own = self.pay(PayoutKind::Manual, created, self.bank_region().business_day_from(arrival), -amount, 0, Vec::new());
        self.pool.push(own);
        let by = self.paid.last_mut().map(|paid| {
            paid.row.reverses = Some(serial);
            paid.row.serial
        });
        if let (Some(paid), Some(by)) = (self.paid.get_mut(place), by) {
            paid.row.reversed_by = Some((by, created));
        }
    }

    fn instant(&mut self, created: i64, pool: i64) -> Result<(), SimError> {
        let (amount, fee) = fees::instant(pool, self.stream.currency);
        self.pay(PayoutKind::Instant, created, created.div_euclid(DAY), amount, fee, Vec::new());
        self.pool.clear();
        Ok(())
    }

    /// A payout by hand that is called off in time; its money comes back as a txn that a later payout holds.
    fn canceled(&mut self, created: i64, pool: i64) -> Result<(), SimError> {
        self.by_hand(created, pool)?;
        self.pool.clear();
        let at = created + 5 * 3_600;
        let serial = self.give_back(TxnKind::PayoutCancel, at);
        if let (Some(paid), Some(serial)) = (self.paid.last_mut(), serial) {
            paid.row.failure = Some(PayoutFailure { at, txn: serial, code: None });
            paid.row.trace = Trace::Unsupported;
        }
        Ok(())
    }

    /// The payout that was made last fails two business days after its arrival.
    fn fail(&mut self, returned: bool) {
        let Some(arrival) = self.paid.last().map(|paid| paid.row.arrival.div_euclid(DAY)) else { return };
        let at = midnight(self.bank_region().add_business_days(arrival, 2)) + 11 * 3_600;
        let code = if returned { "account_closed" } else { "no_account" };
        let serial = self.give_back(TxnKind::PayoutFailure, at);
        if let (Some(paid), Some(serial)) = (self.paid.last_mut(), serial) {
            paid.row.failure = Some(PayoutFailure { at, txn: serial, code: Some(code) });
            paid.returned = returned;
        }
    }

    /// The money of the payout that was made last comes back, unless the world ends before.
    fn give_back(&mut self, kind: TxnKind, at: i64) -> Option<u32> {
        let paid = self.paid.last()?;
        if at > self.span.end() {
            return None;
        }
        let row = txn(kind, at, self.stream.currency, paid.row.amount, Source::Payout(paid.row.serial));
        let serial = self.sales.book(row);
        self.waiting.insert((row.eligible_at(), serial));
        Some(serial)
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

    /// The bank's reference, and when Stripe knows it.
    fn trace(&mut self, arrival: i64, kind: PayoutKind) -> (Trace, i64) {
        self.trace_count += 1 + self.random.below(50_000);
        let late = self.random.chance(40);
        let known = midnight(arrival + if late { TRACE_DAYS_LATE } else { TRACE_DAYS });
        let trace = if self.stream.trace == TraceStyle::Unsupported || kind == PayoutKind::Instant {
            Trace::Unsupported
        } else if self.stream.trace == TraceStyle::Ach {
            Trace::Supported(format!("0910{:04}{:07}", self.merchant.index % 10_000, self.trace_count % 10_000_000))
        } else {
            Trace::Supported(format!("010F{:04}{:08}", self.merchant.index % 10_000, self.trace_count % 100_000_000))
        };
        (trace, known)
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
