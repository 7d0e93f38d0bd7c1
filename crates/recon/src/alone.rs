//! Payouts that are judged alone: no bank line reaches them, so that they change nothing for any other payout, and what becomes of
//! them follows from themselves and from how far the statements are read of the bank account where their route arrives.
//!
//! It ends as judging everything does. Each pass of [`crate::matching`] looks at pairs of a payout and a line, and at no payout beside a
//! line that it cannot be paired with; [`Beside::reaches`] holds whenever any of them may. What else one payout is to others,
//! [`is_unreached`] names.

use std::collections::{BTreeSet, HashMap};

use facts::{BankLine, Exception, ExceptionCode, Payout, PayoutId, PayoutStatus, PayoutVerdict, Reach};
use jiff::civil::Date;
use money::Currency;

use crate::business_days::BusinessDay;
use crate::composition;
use crate::covered::reach_of;
use crate::matching::{Board, booked_from, descriptor, may_bear, squeezed};
use crate::plan::judged;
use crate::rules::Rules;
use crate::snapshot::{PayoutItem, Snapshot};

/// What is raised of a payout that no line reaches.
const ALONE_CODES: [ExceptionCode; 2] = [ExceptionCode::PayoutFailed, ExceptionCode::DepositMissing];

/// A payout that is new, or that has changed, or whose txns have, since it was last judged.
#[derive(Clone, Copy, Debug)]
pub struct DuePayout<'a> {
    /// The payout, its txns added up.
    pub item: &'a PayoutItem,
    /// What it was when it was last judged, where it may be another now.
    pub before: Option<&'a Payout>,
    /// What was last concluded; `None` where it is new.
    pub verdict: Option<&'a PayoutVerdict>,
}

/// Another payout of the same account, and what was last concluded of it.
pub type Kin<'a> = (&'a Payout, &'a PayoutVerdict);

/// What payouts are judged beside that are judged alone.
pub struct Beside<'a> {
    rules: &'a Rules,
    today: Date,
    first_arrivals: &'a HashMap<Currency, Date>,
    reach: &'a Reach,
    lines: Vec<Near>,
}

/// What a payout may be reached by.
struct Near {
    day: BusinessDay,
    currency: Currency,
    squeezed: String,
}

/// What holds of an account's payouts that are due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alone {
    /// One for each.
    pub verdicts: Vec<PayoutVerdict>,
    /// What is open of those whose deposits were judged anew.
    pub exceptions: Vec<Exception>,
    /// Those whose deposits were.
    pub anew: BTreeSet<PayoutId>,
}

impl Alone {
    /// Whether the exception is one that was judged anew: open no more where it is not in [`Self::exceptions`].
    #[must_use]
    pub fn judges(&self, exception: &Exception) -> bool {
        let about = |payout: &PayoutId| exception.subjects.first().is_some_and(|subject| subject.id == payout.as_str());
        ALONE_CODES.contains(&exception.code) && self.anew.iter().any(about)
    }
}

/// The day on which the first payout of each currency arrives.
#[must_use]
pub fn first_arrivals(payouts: &[PayoutItem]) -> HashMap<Currency, Date> {
    let mut first: HashMap<Currency, Date> = HashMap::new();
    for PayoutItem { payout, .. } in payouts {
        let day = first.entry(payout.amount.currency()).or_insert(payout.arrives_on);
        *day = payout.arrives_on.min(*day);
    }
    first
}

/// From which day on the bank lines are to be known so that [`judge_alone`] can tell; `None` where none are.
#[must_use]
pub fn lines_from(due: &[DuePayout<'_>]) -> Option<Date> {
    let moved = due.iter().filter(|one| !(is_alike(one) && same_trace(one)));
    moved.flat_map(|one| one.before.into_iter().chain([&one.item.payout])).map(booked_from).min()
}

/// What holds of the payouts of one account that are due; `kin` are all of its others. `None` where one of them may be reached by a
/// bank line or be something to another payout: then everything is to be judged.
#[must_use]
pub fn judge_alone(due: &[DuePayout<'_>], kin: &[Kin<'_>], beside: &Beside<'_>) -> Option<Alone> {
    let (standing, anew): (Vec<DuePayout<'_>>, Vec<DuePayout<'_>>) = due.iter().partition(|one| beside.stands(one));
    let stand = || standing.iter().filter_map(|one| Some((one.item, one.verdict?)));
    let kin: Vec<Kin<'_>> = kin.iter().copied().chain(stand().map(|(item, verdict)| (&item.payout, verdict))).collect();
    if !anew.iter().all(|one| beside.is_nothing_to_others(one, &kin)) {
        return None;
    }
    let mut alone = Alone::default();
    alone
        .verdicts
        .extend(stand().map(|(item, verdict)| PayoutVerdict { composition: composition::judge(item), ..verdict.clone() }));
    let snapshot = Snapshot { payouts: anew.iter().map(|one| one.item.clone()).collect(), ..Snapshot::default() };
    let items: HashMap<&PayoutId, &PayoutItem> = snapshot.payouts.iter().map(|item| (&item.payout.id, item)).collect();
    let board = Board::set_up(&snapshot, beside.rules, beside.today);
    for (index, side) in board.payouts.iter().enumerate() {
        let Some(item) = items.get(&side.payout.id) else { continue };
        let (verdict, exceptions) = judged(&board, index, item, reach_of(beside.reach, side.payout, beside.rules), beside.today);
        alone.verdicts.push(verdict);
        alone.exceptions.extend(exceptions);
        alone.anew.insert(side.payout.id.clone());
    }
    Some(alone)
}

/// Whether matching sees the same payout as before, its trace id aside.
fn is_alike(due: &DuePayout<'_>) -> bool {
    let seen = |payout: &Payout| {
        let failed = matches!(payout.status, PayoutStatus::Failed | PayoutStatus::Canceled);
        (
            (payout.amount, payout.arrives_on, payout.created_at, payout.destination.clone()),
            payout.statement_descriptor.as_deref().and_then(descriptor),
            failed.then(|| (payout.status.clone(), payout.failure_code.clone())),
        )
    };
    due.verdict.is_some() && due.before.is_none_or(|before| seen(before) == seen(&due.item.payout))
}

fn same_trace(due: &DuePayout<'_>) -> bool {
    let trace = |payout: &Payout| payout.trace_id.as_ref().and_then(|trace| trace.value.clone());
    due.before.is_none_or(|before| trace(before) == trace(&due.item.payout))
}

impl<'a> Beside<'a> {
    /// `lines` are the bank lines from the day of [`lines_from`] on, or more; of when everything was judged last, `first_arrivals` what
    /// [`first_arrivals`] found and `reach` that of [`crate::Outcomes`].
    #[must_use]
    pub fn new(
        lines: &[BankLine],
        (first_arrivals, reach): (&'a HashMap<Currency, Date>, &'a Reach),
        rules: &'a Rules,
        today: Date,
    ) -> Self {
        let near = |line: &BankLine| Near {
            day: BusinessDay::of(line.date_on),
            currency: line.amount.currency(),
            squeezed: squeezed(line),
        };
        let lines = lines.iter().filter(|line| line.date_on <= today).map(near).collect();
        Self { rules, today, first_arrivals, reach, lines }
    }

    /// Whether the deposit of a payout that is due is what it was: matching sees the same payout. A trace id that stands in no
    /// line is nothing to see.
    fn stands(&self, due: &DuePayout<'_>) -> bool {
        let unseen = || {
            let mut versions = due.before.into_iter().chain([&due.item.payout]);
            versions.all(|payout| !self.lines.iter().any(|line| may_bear(payout, &line.squeezed)))
        };
        is_alike(due) && (same_trace(due) || unseen())
    }

    /// Whether neither what the payout was nor what it is can be a line, alone or with others, nor is anything to another payout.
    fn is_nothing_to_others(&self, due: &DuePayout<'_>, kin: &[Kin<'_>]) -> bool {
        let now = &due.item.payout;
        // Where a line names Stripe and nothing explains it, it matters from which day on payouts are known.
        let first = |payout: &Payout| self.first_arrivals.get(&payout.amount.currency()).copied();
        let leaves =
            due.verdict.is_none() || due.before.unwrap_or(now).arrives_on > first(due.before.unwrap_or(now)).unwrap_or(Date::MAX);
        let comes = first(now).is_some_and(|first| now.arrives_on >= first);
        leaves && comes && self.is_unreached(now, kin) && due.before.is_none_or(|before| self.is_unreached(before, kin))
    }

    fn is_unreached(&self, payout: &Payout, kin: &[Kin<'_>]) -> bool {
        // A descriptor tells the account's lines from others' on whatever day.
        let text = |payout: &Payout| payout.statement_descriptor.as_deref().and_then(descriptor);
        let is_told = text(payout).is_none_or(|own| kin.iter().any(|(other, _)| text(other).as_ref() == Some(&own)));
        is_told && !self.lines.iter().any(|line| self.reaches(line, payout))
    }

    /// Whether any pass may look at the payout and the line together.
    fn reaches(&self, line: &Near, payout: &Payout) -> bool {
        let lag = line.day.since(BusinessDay::of(payout.arrives_on));
        let in_time = (-self.rules.early_days..=self.rules.late_days).contains(&lag);
        in_time && line.currency == payout.amount.currency() || may_bear(payout, &line.squeezed)
    }
}
