//! The two sides as the passes see them, and what has been decided so far.

use std::collections::{BTreeSet, HashMap, HashSet};

use facts::{AccountId, BankAccountName, BankLine, DestinationId, Evidence, Payout, PayoutStatus};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::Currency;

use super::fee;
use super::text::{LineText, Party, descriptor, tokens};
use crate::business_days::BusinessDay;
use crate::rules::Rules;
use crate::snapshot::Snapshot;

/// Both sides, sorted by what they are and not by how they came, and the links between them.
pub(crate) struct Board<'a> {
    /// The policy.
    pub rules: &'a Rules,
    /// Payouts that exist on the day, by arrival date and id.
    pub payouts: Vec<PayoutSide<'a>>,
    /// Bank lines booked by the day, by date and id.
    pub lines: Vec<LineSide<'a>>,
    /// What was decided.
    pub links: Vec<Link>,
    /// Where each route's deposits arrive.
    pub routes: HashMap<Route<'a>, &'a BankAccountName>,
    /// Lines that send money back, each with the payouts it could be: none that we know, or more than one.
    pub returns_unplaced: Vec<(usize, Vec<usize>)>,
    /// The payout descriptors of each Stripe account, as [`descriptor`] cuts them.
    descriptors: HashMap<&'a AccountId, BTreeSet<String>>,
}

/// What payouts have in common that arrive in the same place.
pub(crate) type Route<'a> = (&'a AccountId, Currency, Option<&'a DestinationId>);

/// A payout and what became of it.
pub(crate) struct PayoutSide<'a> {
    pub payout: &'a Payout,
    pub day: BusinessDay,
    /// The first day on which a line may be booked that bears its reference.
    pub booked_from: Date,
    /// Stripe says that it did not arrive.
    pub failed: bool,
    /// Stripe says that it failed, and the bank shows money of its amount that came and went: it may have been there.
    pub came_and_went: bool,
    descriptor: Option<String>,
    /// Index of its link.
    pub link: Option<usize>,
}

/// A bank line and what became of it.
pub(crate) struct LineSide<'a> {
    pub line: &'a BankLine,
    pub text: LineText,
    pub day: BusinessDay,
    /// It reads as proven deposits of its bank account read.
    pub reads_as_route: bool,
    /// Index of the link that holds it.
    pub link: Option<usize>,
    /// It is a rival in an ambiguous link.
    pub contested: bool,
    /// The payout descriptors that stand in it, of whatever account.
    bears: Vec<String>,
}

/// Payouts and the lines that they are, or could be.
pub(crate) struct Link {
    pub standing: Standing,
    /// Indices of payouts.
    pub payouts: Vec<usize>,
    /// Indices of lines.
    pub lines: Vec<usize>,
    /// Which payout has how much of which line: (payout, line, minor units).
    pub allocations: Vec<(usize, usize, i64)>,
    pub evidence: Vec<Evidence>,
    /// How many other pairings were possible.
    pub rivals: u32,
}

/// How far a link is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The findings are proof.
    Accepted,
    /// A person should confirm.
    Proposed,
    /// The lines are rivals.
    Ambiguous,
    /// It arrived and went back.
    Returned,
}

impl<'a> Board<'a> {
    /// Lays out both sides as they stood at the end of `today`.
    pub fn set_up(snapshot: &'a Snapshot, rules: &'a Rules, today: Date) -> Self {
        let own_words: HashSet<String> = snapshot.own_names.iter().flat_map(|name| tokens(name)).collect();
        let mut payouts: Vec<PayoutSide<'a>> = snapshot.payouts.iter().map(|item| PayoutSide::of(&item.payout)).collect();
        payouts.sort_unstable_by_key(|side| (side.payout.arrives_on, &side.payout.id, &side.payout.account));
        let mut lines: Vec<LineSide<'a>> = snapshot
            .bank_lines
            .iter()
            .filter(|line| line.date_on <= today)
            .map(|line| LineSide::of(line, LineText::read(line, &own_words)))
            .collect();
        lines.sort_unstable_by_key(|side| (side.line.date_on, &side.line.id));
        let mut descriptors: HashMap<&AccountId, BTreeSet<String>> = HashMap::new();
        for side in &payouts {
            descriptors.entry(&side.payout.account).or_default().extend(side.descriptor.clone());
        }
        let all: BTreeSet<&String> = descriptors.values().flatten().collect();
        for side in &mut lines {
            side.bears = all.iter().filter(|descriptor| side.text.bears(descriptor)).map(|text| (*text).clone()).collect();
        }
        Self { rules, payouts, lines, links: Vec::new(), routes: HashMap::new(), returns_unplaced: Vec::new(), descriptors }
    }

    /// Payouts that could still be found at the bank.
    pub fn open_payouts(&self) -> impl Iterator<Item = (usize, &PayoutSide<'a>)> {
        self.payouts.iter().enumerate().filter(|(_, side)| side.is_open())
    }

    /// Lines that nothing explains yet.
    pub fn open_lines(&self) -> impl Iterator<Item = (usize, &LineSide<'a>)> {
        self.lines.iter().enumerate().filter(|(_, side)| side.link.is_none() && !side.contested)
    }

    /// Open payouts whose window holds the line, on any bank account.
    pub fn open_payouts_near(&self, line: &LineSide<'a>) -> impl Iterator<Item = usize> {
        let (first, last) = (line.day.plus(-self.rules.window_days), line.day.plus(self.rules.early_days));
        let start = self.payouts.partition_point(|side| side.day < first);
        let end = self.payouts.partition_point(|side| side.day <= last);
        (start..end.max(start)).filter(|&payout| self.payouts[payout].is_open())
    }

    /// Open lines in a payout's window, on any bank account.
    pub fn open_lines_near(&self, payout: &PayoutSide<'a>) -> impl Iterator<Item = usize> {
        self.open_lines_within(payout, self.rules.window_days)
    }

    /// Open lines from the earliest day to `days` business days after a payout's arrival, on any bank account.
    pub fn open_lines_within(&self, payout: &PayoutSide<'a>, days: i32) -> impl Iterator<Item = usize> {
        let (first, last) = (payout.day.plus(-self.rules.early_days), payout.day.plus(days));
        let start = self.lines.partition_point(|side| side.day < first);
        let end = self.lines.partition_point(|side| side.day <= last);
        (start..end.max(start)).filter(|&line| self.lines[line].link.is_none() && !self.lines[line].contested)
    }

    /// Whether a payout, alone or with others, can have arrived on a line: same currency, and the route's place where that is
    /// known.
    pub fn same_place(&self, payout: &PayoutSide<'a>, line: &LineSide<'a>) -> bool {
        payout.payout.amount.currency() == line.line.amount.currency()
            && self.routes.get(&payout.route()).is_none_or(|place| **place == line.line.bank_account)
    }

    /// Whether a payout alone can be a line: it can have arrived there, and no other account's descriptor stands in the line.
    pub fn can_be(&self, payout: &PayoutSide<'a>, line: &LineSide<'a>) -> bool {
        self.same_place(payout, line) && (line.bears.is_empty() || self.bears_own(payout, line))
    }

    fn bears_own(&self, payout: &PayoutSide<'a>, line: &LineSide<'a>) -> bool {
        self.descriptors.get(&payout.payout.account).is_some_and(|own| line.bears.iter().any(|text| own.contains(text)))
    }

    /// Payouts that are shown with rivals.
    pub fn ambiguous_payouts(&self) -> impl Iterator<Item = &PayoutSide<'a>> {
        let standing = |side: &PayoutSide<'a>| side.link.and_then(|link| self.links.get(link)).map(|link| link.standing);
        self.payouts.iter().filter(move |side| standing(side) == Some(Standing::Ambiguous))
    }

    /// Whether the line is near a payout's day and about its amount, whatever else is known of either.
    pub fn could_be(&self, payout: &PayoutSide<'a>, line: &LineSide<'a>) -> bool {
        let lag = line.day.since(payout.day);
        let within = |days: i32| (-self.rules.early_days..=days).contains(&lag);
        let equal = within(self.rules.late_days) && payout.payout.amount == line.line.amount;
        let less_a_fee = within(self.rules.window_days) && fee::is_small(self, payout, line);
        self.can_be(payout, line) && (equal || less_a_fee)
    }

    /// The only Stripe account whose payouts arrive on a bank account; `None` where there is none or are several.
    pub fn sole_account_of(&self, bank_account: &BankAccountName) -> Option<AccountId> {
        let places = self.routes.iter().filter(|(_, place)| **place == bank_account);
        let accounts: BTreeSet<&AccountId> = places.map(|((account, ..), _)| *account).collect();
        if accounts.len() == 1 { accounts.first().map(|account| (*account).clone()) } else { None }
    }

    /// Whether the line says it is Stripe's money: by name, by how this bank writes it, or by the payout's own descriptor.
    pub fn says_stripe(&self, payout: &PayoutSide<'a>, line: &LineSide<'a>) -> bool {
        line.says_stripe() || payout.descriptor.as_ref().is_some_and(|descriptor| line.bears.contains(descriptor))
    }

    /// Records a decision. Both sides are then taken; the rivals of an ambiguous link are only contested.
    pub fn record(&mut self, link: Link) {
        let index = self.links.len();
        for &payout in &link.payouts {
            self.payouts[payout].link = Some(index);
        }
        for &line in &link.lines {
            match link.standing {
                Standing::Ambiguous => self.lines[line].contested = true,
                Standing::Accepted | Standing::Proposed | Standing::Returned => self.lines[line].link = Some(index),
            }
        }
        self.links.push(link);
    }
}

impl<'a> PayoutSide<'a> {
    fn of(payout: &'a Payout) -> Self {
        let failed = matches!(payout.status, PayoutStatus::Failed | PayoutStatus::Canceled);
        let descriptor = payout.statement_descriptor.as_deref().and_then(descriptor);
        let (day, booked_from) = (BusinessDay::of(payout.arrives_on), booked_from(payout));
        Self { payout, day, booked_from, failed, came_and_went: false, descriptor, link: None }
    }

    /// It could still be found at the bank.
    fn is_open(&self) -> bool {
        self.link.is_none() && (!self.failed || self.came_and_went)
    }

    /// What it has in common with payouts that arrive in the same place.
    pub fn route(&self) -> Route<'a> {
        (&self.payout.account, self.payout.amount.currency(), self.payout.destination.as_ref())
    }

    /// Minor units of its amount.
    pub fn minor(&self) -> i64 {
        self.payout.amount.minor()
    }
}

/// A payout is made no more than so many days before it arrives; an export may not say when.
const UNDERWAY_DAYS: i64 = 7;

/// The first day on which a line may be booked that bears a payout's reference, or is the payout in whatever way: before it was
/// made, nobody knew of it.
pub(crate) fn booked_from(payout: &Payout) -> Date {
    // A bank's day may begin half a day before Stripe's.
    let made_on = payout.created_at.to_zoned(TimeZone::UTC).date();
    let before = |date: Date, days: i64| date.checked_sub(days.days()).unwrap_or(Date::MIN);
    before(made_on, 1).min(before(payout.arrives_on, UNDERWAY_DAYS))
}

impl<'a> LineSide<'a> {
    fn of(line: &'a BankLine, text: LineText) -> Self {
        Self {
            line,
            text,
            day: BusinessDay::of(line.date_on),
            reads_as_route: false,
            link: None,
            contested: false,
            bears: Vec::new(),
        }
    }

    /// Minor units of its amount.
    pub fn minor(&self) -> i64 {
        self.line.amount.minor()
    }

    /// It names Stripe, reads as its deposits here do, or bears a payout descriptor.
    pub fn is_stripes(&self) -> bool {
        self.says_stripe() || !self.bears.is_empty()
    }

    /// It names Stripe, or reads as proven deposits of its bank account read.
    pub fn says_stripe(&self) -> bool {
        self.text.party == Party::Stripe || self.reads_as_route
    }
}

impl Link {
    /// One payout, one line; the difference between them is the caller's to explain in the evidence.
    pub fn pair(standing: Standing, payout: usize, line: usize, line_minor: i64, evidence: Vec<Evidence>, rivals: u32) -> Self {
        Self {
            standing,
            payouts: vec![payout],
            lines: vec![line],
            allocations: vec![(payout, line, line_minor)],
            evidence,
            rivals,
        }
    }

    /// One payout and every line that it could be.
    pub fn ambiguous(payout: usize, lines: Vec<usize>, evidence: Vec<Evidence>) -> Self {
        let rivals = u32::try_from(lines.len().saturating_sub(1)).unwrap_or(u32::MAX);
        Self { standing: Standing::Ambiguous, payouts: vec![payout], lines, allocations: Vec::new(), evidence, rivals }
    }
}
