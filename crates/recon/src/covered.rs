//! Of which days the statements of a bank account can tell. Nothing is missing on a day that no statement speaks for.
//!
//! Where one statement begins with the balance that the one before ended with, nothing lies between. Where it begins with another,
//! something does, on however few days. Many say no balance, and only which lines they hold: between two of these lie days without
//! lines, or days of which nobody has a statement.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use facts::{BankAccount, BankAccountName, BankLine, Coverage, Payout, Reach, StatementSpan};
use jiff::civil::Date;

use crate::business_days::{BusinessDay, add_business_days};
use crate::rules::Rules;

/// So many business days between two statements are days without lines, as long as no balance says otherwise: an account that is moved
/// once a week leaves as many between the files of two months.
const QUIET_DAYS_MAX: i32 = 5;

/// The stretches of days without a hole that the statements of each bank account speak for.
pub(crate) fn stretches(accounts: &[BankAccount], lines: &[BankLine]) -> BTreeMap<BankAccountName, Vec<Coverage>> {
    let common = Common::of(accounts, lines);
    accounts.iter().map(|account| (account.name.clone(), joined(account, &common))).collect()
}

/// How far the statements reach by which a payout is judged: to the end of the stretch that speaks for the days on which it may be
/// booked. `None` where its bank account is not known, or no statement was read of these days.
pub(crate) fn reach_of(reach: &Reach, payout: &Payout, rules: &Rules) -> Option<Date> {
    let route = (payout.account.clone(), payout.amount.currency(), payout.destination.clone());
    let stretches = reach.stretches.get(reach.routes.get(&route)?)?;
    let days = booked_within(payout, rules);
    let begun = stretches.partition_point(|stretch| stretch.from_on <= days.from_on);
    let stretch = stretches.get(begun.checked_sub(1)?)?;
    (days.until_on <= stretch.until_on || begun == stretches.len()).then_some(stretch.until_on)
}

/// The days on which a payout may be booked before it is missing: statements have to speak for all of them.
#[must_use]
pub fn booked_within(payout: &Payout, rules: &Rules) -> Coverage {
    let from_on = BusinessDay::of(payout.arrives_on).plus(-rules.early_days).date().min(payout.arrives_on);
    Coverage { from_on, until_on: add_business_days(payout.arrives_on, rules.grace_days) }
}

fn joined(account: &BankAccount, common: &Common<'_>) -> Vec<Coverage> {
    let mut stretches: Vec<Coverage> = Vec::new();
    // The statement that reaches furthest so far.
    let mut last: Option<StatementSpan> = None;
    for span in &account.spans {
        match (stretches.last_mut(), &last) {
            (Some(stretch), Some(before)) if !is_hole(before, span, || common.holds(&account.name, before)) => {
                stretch.until_on = stretch.until_on.max(span.days.until_on);
            }
            _ => stretches.push(span.days),
        }
        let reach = |span: &StatementSpan| (span.days.until_on, span.closing_minor.is_some());
        last = last.filter(|last| reach(last) >= reach(span)).or(Some(*span));
    }
    stretches
}

/// Whether statements are lacking between one and the next.
fn is_hole(before: &StatementSpan, next: &StatementSpan, is_common: impl FnOnce() -> bool) -> bool {
    if next.days.from_on <= before.days.until_on {
        return false;
    }
    match (before.closing_minor, next.opening_minor) {
        (Some(closing), Some(opening)) if closing != opening => true,
        (Some(_), Some(_)) if !is_common() => false,
        _ => weekdays_between(before.days.until_on, next.days.from_on) > QUIET_DAYS_MAX,
    }
}

/// How many days from Monday to Friday lie strictly between two days.
fn weekdays_between(until: Date, from: Date) -> i32 {
    BusinessDay::of(from.yesterday().unwrap_or(from)).since(BusinessDay::of(until))
}

/// Balances that a bank account has at the end of many a day. An account that is emptied each night, or filled up to the same sum, begins
/// every day with that, which does not show that nothing happened in between.
struct Common<'a>(HashMap<(&'a BankAccountName, i64), BTreeSet<Date>>);

impl<'a> Common<'a> {
    fn of(accounts: &'a [BankAccount], lines: &'a [BankLine]) -> Self {
        let mut days: HashMap<(&BankAccountName, i64), BTreeSet<Date>> = HashMap::new();
        for account in accounts {
            for span in &account.spans {
                if let Some(closing) = span.closing_minor {
                    days.entry((&account.name, closing)).or_default().insert(span.days.until_on);
                }
            }
        }
        for line in lines {
            let balance = line.balance_after_minor.and_then(|after| days.get_mut(&(&line.bank_account, after)));
            if let Some(days) = balance {
                days.insert(line.date_on);
            }
        }
        Self(days)
    }

    fn holds(&self, account: &'a BankAccountName, before: &StatementSpan) -> bool {
        let Some(closing) = before.closing_minor else { return false };
        closing == 0 || self.0.get(&(account, closing)).is_some_and(|days| days.len() > 1)
    }
}
