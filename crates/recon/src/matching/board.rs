//! The two sides as the passes see them, and what has been decided so far.

use std::collections::{HashMap, HashSet};

use facts::{AccountId, BankAccountName, BankLine, DestinationId, Evidence, Payout, PayoutStatus};
use jiff::civil::Date;
use money::Currency;

use super::text::{LineText, Party, tokens};
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
}

/// What payouts have in common that arrive in the same place.
pub(crate) type Route<'a> = (&'a AccountId, Currency, Option<&'a DestinationId>);

/// A payout and what became of it.
pub(crate) struct PayoutSide<'a> {
    pub payout: &'a Payout,
    pub day: BusinessDay,
    /// Stripe says that it did not arrive.
    pub failed: bool,
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
        Self { rules, payouts, lines, links: Vec::new(), routes: HashMap::new() }
    }

    /// Payouts that could still be found at the bank.
    pub fn open_payouts(&self) -> impl Iterator<Item = (usize, &PayoutSide<'a>)> {
        self.payouts.iter().enumerate().filter(|(_, side)| side.link.is_none() && !side.failed)
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
        (start..end.max(start)).filter(|&payout| self.payouts[payout].link.is_none() && !self.payouts[payout].failed)
    }

    /// Open lines in a payout's window, on any bank account.
    pub fn open_lines_near(&self, payout: &PayoutSide<'a>) -> impl Iterator<Item = usize> {
        let (first, last) = (payout.day.plus(-self.rules.early_days), payout.day.plus(self.rules.window_days));
        let start = self.lines.partition_point(|side| side.day < first);
        let end = self.lines.partition_point(|side| side.day <= last);
        (start..end.max(start)).filter(|&line| self.lines[line].link.is_none() && !self.lines[line].contested)
    }

    /// Whether a payout can have arrived on a line's bank account: same currency, and the route's place where that is known.
    pub fn same_place(&self, payout: &PayoutSide<'a>, line: &LineSide<'a>) -> bool {
        payout.payout.amount.currency() == line.line.amount.currency()
            && self.routes.get(&payout.route()).is_none_or(|place| **place == line.line.bank_account)
    }

    /// Whether the line says it is Stripe's money: by name, by how this bank writes it, or by the payout's own descriptor.
    pub fn says_stripe(&self, payout: &PayoutSide<'a>, line: &LineSide<'a>) -> bool {
        line.says_stripe() || line.text.bears_descriptor(payout.payout.statement_descriptor.as_deref())
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
        Self { payout, day: BusinessDay::of(payout.arrives_on), failed, link: None }
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

impl<'a> LineSide<'a> {
    fn of(line: &'a BankLine, text: LineText) -> Self {
        Self { line, text, day: BusinessDay::of(line.date_on), reads_as_route: false, link: None, contested: false }
    }

    /// Minor units of its amount.
    pub fn minor(&self) -> i64 {
        self.line.amount.minor()
    }

    /// It names Stripe in so many words.
    pub fn names_stripe(&self) -> bool {
        self.text.party == Party::Stripe
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
