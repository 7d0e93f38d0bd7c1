//! Subscription schedules: what a subscription is to become, and when.
//!
//! They are told after the subscriptions whose changes they foresaw, so that no story depends on them.

use std::{collections::BTreeSet, sync::Arc};

use money::Currency;

use super::{
    super::rows::DAY,
    Ledger, cycle,
    subscription::{Item, Subscription},
    terms::{Discount, TaxRate},
    timeline::Timeline,
};
use crate::{options::SimError, random::Random};

const HOUR: i64 = 3_600;
/// Subscriptions whose changes were planned, of those that change, in a thousand.
const PLANNED: u64 = 600;
/// Schedules that let go of their subscription before they end, in a thousand.
const LETS_GO: u64 = 350;
/// Customers who left and have agreed to come back, in a thousand.
const COMES_BACK: u64 = 400;
/// How long before its end Stripe tells that a schedule ends.
const EXPIRES_SOON: i64 = 7 * DAY;

/// A schedule.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) serial: u32,
    pub(crate) customer: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    /// What it governs; none before it has begun.
    pub(crate) subscription: Option<u32>,
    pub(crate) tax: Option<Arc<TaxRate>>,
    pub(crate) days_until_due: Option<i64>,
    pub(crate) application_basis_points: Option<i64>,
    pub(crate) phases: Vec<Phase>,
    pub(crate) told: Timeline<Course>,
}

/// A stretch of time in which the same is subscribed to.
#[derive(Clone, Debug)]
pub(crate) struct Phase {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) items: Arc<[Item]>,
    pub(crate) discount: Option<Arc<Discount>>,
    pub(crate) trial_end: Option<i64>,
    /// Whether what the change to it costs is billed at once.
    pub(crate) bills_at_once: bool,
}

/// How far a schedule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    NotStarted,
    /// In the phase at this place.
    Active(usize),
    /// Since then, unix seconds.
    Completed(i64),
    Released(i64),
    Canceled(i64),
}

impl Course {
    /// Stripe's word for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::Active(_) => "active",
            Self::Completed(_) => "completed",
            Self::Released(_) => "released",
            Self::Canceled(_) => "canceled",
        }
    }
}

/// The schedule that governs a subscription, and from when until when, unix seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Governed {
    pub(crate) schedule: u32,
    pub(crate) from: i64,
    pub(crate) until: Option<i64>,
}

impl Ledger {
    /// Says of some subscriptions that their changes were planned, and of some customers who left that they come back after the
    /// world's `end`.
    pub(super) fn schedule(&mut self, seed: u64, index: u64, end: i64) -> Result<(), SimError> {
        let updates = self.invoices.iter().filter(|invoice| invoice.reason == "subscription_update");
        let billed: BTreeSet<(u32, i64)> = updates.filter_map(|invoice| Some((invoice.subscription?, invoice.created))).collect();
        for subscription in &mut self.subscriptions {
            let mut random = Random::new(seed, "schedule", index << 32 | u64::from(subscription.serial));
            let serial = self.schedules.len() as u32;
            let phases = phases(subscription, &billed, &mut random)?;
            if phases.len() > 1 && random.chance(PLANNED) {
                let (schedule, governed) = governing(subscription, serial, phases, end, &mut random);
                subscription.governed = Some(governed);
                self.schedules.push(schedule);
            } else {
                self.schedules.extend(returning(subscription, serial, end, &mut random)?);
            }
        }
        Ok(())
    }
}

impl Schedule {
    fn new(of: &Subscription, serial: u32, created: i64, phases: Vec<Phase>, course: Course) -> Self {
        Self {
            serial,
            customer: of.customer,
            created,
            currency: of.currency,
            subscription: (course != Course::NotStarted).then_some(of.serial),
            tax: of.tax.clone(),
            days_until_due: of.days_until_due,
            application_basis_points: of.application_basis_points,
            phases,
            told: Timeline::new(created, &["subscription_schedule.created"], course),
        }
    }
}

/// What was subscribed to from when on; the last of it is planned to go on for some months.
fn phases(of: &Subscription, billed: &BTreeSet<(u32, i64)>, random: &mut Random) -> Result<Vec<Phase>, SimError> {
    let mut phases: Vec<Phase> = Vec::new();
    for (since, standing) in of.told.states() {
        if phases.last().is_some_and(|phase| Arc::ptr_eq(&phase.items, &standing.items)) {
            continue;
        }
        if let Some(before) = phases.last_mut() {
            before.end = since;
        }
        phases.push(Phase {
            start: since,
            end: since,
            items: Arc::clone(&standing.items),
            discount: standing.discount(since).cloned(),
            trial_end: of.trial.map(|(_, end)| end).filter(|end| since < *end),
            bills_at_once: billed.contains(&(of.serial, since)),
        });
    }
    if let Some(last) = phases.last_mut() {
        let months = random.pick(&[1, 1, 3]) * of.told.last().months();
        last.end = cycle::months_after(last.start, months)?;
    }
    Ok(phases)
}

/// The schedule that foresaw the phases of a subscription, and since when it does.
fn governing(of: &Subscription, serial: u32, phases: Vec<Phase>, end: i64, random: &mut Random) -> (Schedule, Governed) {
    let first_end = phases.first().map_or(of.created, |phase| phase.end);
    let (last_start, last_end) = phases.last().map_or((end, end), |phase| (phase.start, phase.end));
    let created = of.created + random.between(HOUR, (first_end - of.created - HOUR).max(HOUR));
    let changes: Vec<i64> = phases.iter().skip(1).map(|phase| phase.start).collect();
    let mut schedule = Schedule::new(of, serial, created, phases, Course::Active(0));
    for (place, at) in (1..).zip(changes) {
        schedule.told.change(at, &["subscription_schedule.updated"], |course| *course = Course::Active(place));
    }
    let canceled = of.told.last().ended_at.filter(|at| *at < last_end);
    let lives_until = canceled.unwrap_or(last_end).min(end);
    let lets_go = random.chance(LETS_GO) && lives_until > last_start + 2 * HOUR;
    let released = lets_go.then(|| random.between(last_start + HOUR, lives_until - HOUR));
    let soon = last_end - EXPIRES_SOON;
    if last_start < soon && soon < released.unwrap_or(lives_until) {
        schedule.told.change(soon, &["subscription_schedule.expiring"], |_| ());
    }
    let until = match (released, canceled) {
        (Some(at), _) => {
            schedule.told.change(at, &["subscription_schedule.released"], |course| *course = Course::Released(at));
            Some(at)
        }
        (None, Some(at)) => {
            schedule.told.change(at, &["subscription_schedule.canceled"], |course| *course = Course::Canceled(at));
            None
        }
        (None, None) if last_end <= end => {
            let completed = |course: &mut Course| *course = Course::Completed(last_end);
            schedule.told.change(last_end, &["subscription_schedule.completed"], completed);
            Some(last_end)
        }
        (None, None) => None,
    };
    (schedule, Governed { schedule: serial, from: created, until })
}

/// The schedule of a customer who left and will subscribe again, if there is one; some think better of it.
fn returning(of: &Subscription, serial: u32, end: i64, random: &mut Random) -> Result<Option<Schedule>, SimError> {
    let standing = of.told.last();
    let Some(created) = standing.ended_at.map(|ended| ended + random.between(HOUR, 3 * DAY)) else { return Ok(None) };
    if created >= end || !random.chance(COMES_BACK) {
        return Ok(None);
    }
    let start = end + random.between(DAY, 60 * DAY);
    let phase = Phase {
        start,
        end: cycle::months_after(start, 12)?,
        items: Arc::clone(&standing.items),
        discount: None,
        trial_end: None,
        bills_at_once: false,
    };
    let mut schedule = Schedule::new(of, serial, created, vec![phase], Course::NotStarted);
    let canceled = created + random.between(HOUR, 5 * DAY);
    if random.chance(400) && canceled <= end {
        schedule.told.change(canceled, &["subscription_schedule.canceled"], |course| *course = Course::Canceled(canceled));
    }
    Ok(Some(schedule))
}
