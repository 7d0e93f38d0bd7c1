//! Of which days the statements of a bank account can tell. Nothing is missing on a day that no statement speaks for.
//!
//! Many files say only which lines they hold, so that the days from their first to their last are what they surely speak for. Between
//! two such files lie days without lines, or days of which nobody has a file.

use std::collections::{BTreeMap, BTreeSet};

use facts::{BankAccount, BankAccountName, BankLine, Coverage, Payout, Reach};
use jiff::civil::Date;

use crate::business_days::{BusinessDay, add_business_days};
use crate::rules::Rules;

/// So many business days between two files are days without lines, as long as no balance says otherwise: an account that is moved once
/// a week leaves as many between the files of two months.
const QUIET_DAYS_MAX: i32 = 5;

/// The stretches of days without a hole that the statements of each bank account speak for.
pub(crate) fn stretches(accounts: &[BankAccount], lines: &[BankLine]) -> BTreeMap<BankAccountName, Vec<Coverage>> {
    let of = |account: &BankAccount| {
        let holes = account.files.windows(2).any(|pair| matches!(pair, [one, next] if one.until_on < next.from_on));
        let own = || lines.iter().filter(|line| line.bank_account == account.name);
        let days = if holes { Days::of(own()) } else { Days::default() };
        (account.name.clone(), joined(&account.files, &days))
    };
    accounts.iter().map(of).collect()
}

/// How far the statements reach by which a payout is judged: to the end of the stretch that speaks for the days on which it may be
/// booked. `None` where its bank account is not known, or no statement was read of these days.
pub(crate) fn reach_of(reach: &Reach, payout: &Payout, rules: &Rules) -> Option<Date> {
    let route = (payout.account.clone(), payout.amount.currency(), payout.destination.clone());
    let stretches = reach.stretches.get(reach.routes.get(&route)?)?;
    let booked_from = BusinessDay::of(payout.arrives_on).plus(-rules.early_days).date().min(payout.arrives_on);
    let due_on = add_business_days(payout.arrives_on, rules.grace_days);
    let begun = stretches.partition_point(|stretch| stretch.from_on <= booked_from);
    let stretch = stretches.get(begun.checked_sub(1)?)?;
    (due_on <= stretch.until_on || begun == stretches.len()).then_some(stretch.until_on)
}

fn joined(files: &[Coverage], days: &Days) -> Vec<Coverage> {
    let mut stretches: Vec<Coverage> = Vec::new();
    for file in files {
        match stretches.last_mut() {
            Some(last) if !is_hole(last.until_on, file.from_on, days) => last.until_on = last.until_on.max(file.until_on),
            _ => stretches.push(*file),
        }
    }
    stretches
}

/// Whether statements are lacking between the last day of one stretch and the first day of the next.
fn is_hole(until: Date, from: Date, days: &Days) -> bool {
    // From a Friday to the Monday after it, nothing is between.
    let between = BusinessDay::of(from).since(BusinessDay::of(until)) - 1;
    if between <= 0 {
        return false;
    }
    match days.run_on(until, from) {
        Some(runs_on) => !runs_on,
        None => between > QUIET_DAYS_MAX,
    }
}

/// The balances of each day with lines; none where a line of the day does not say.
#[derive(Default)]
struct Days(BTreeMap<Date, Option<Balances>>);

/// Before and after each line of a day. With one of them it began, and with one it ended.
#[derive(Default)]
struct Balances {
    before: BTreeSet<i64>,
    after: BTreeSet<i64>,
}

impl Days {
    fn of<'l>(lines: impl Iterator<Item = &'l BankLine>) -> Self {
        let mut days: BTreeMap<Date, Option<Balances>> = BTreeMap::new();
        for line in lines {
            let day = days.entry(line.date_on).or_insert_with(|| Some(Balances::default()));
            let after = line.balance_after_minor;
            let before = after.and_then(|after| after.checked_sub(line.amount.minor()));
            match (day.as_mut(), before, after) {
                (Some(balances), Some(before), Some(after)) => {
                    balances.before.insert(before);
                    balances.after.insert(after);
                }
                _ => *day = None,
            }
        }
        Self(days)
    }

    /// Whether the balance at the end of the last day with lines is the one that the next begins with. `None` where either is not known, or
    /// is zero: an account that is emptied each night begins every day like that.
    fn run_on(&self, until: Date, from: Date) -> Option<bool> {
        let (_, closing) = self.0.range(..=until).next_back()?;
        let (_, opening) = self.0.range(from..).next()?;
        let common: Vec<i64> = closing.as_ref()?.after.intersection(&opening.as_ref()?.before).copied().collect();
        if common == [0] { None } else { Some(!common.is_empty()) }
    }
}
