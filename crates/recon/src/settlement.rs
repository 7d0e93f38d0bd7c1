//! Money that is available, and that no payout took although it should have.
//!
//! An automatic payout takes everything of its currency that is available when it is made. So a txn is late when a later payout
//! took what became available after it, or when no payout came for much longer than the account's payouts lie apart: the
//! account's own payouts are its schedule, whatever changed in its settings meanwhile.

use std::collections::{BTreeMap, HashMap};

use facts::{AccountId, Exception, ExceptionCode, Payout, ReconciliationStatus, SettlementWindow, Subject, Txn};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, Currency};

use crate::exception::{class_of, exception_id, remedy_of};
use crate::snapshot::{PayoutItem, Unsettled};

/// Stripe makes payouts early in a day of the account's own zone; a txn of the same day or the day before may miss one.
const MARGIN_DAYS: i64 = 2;

/// From how many payouts the usual distance is known.
const PAYOUTS_MIN: usize = 4;

/// How many of the newest payouts tell the usual distance.
const PAYOUTS_MAX: usize = 24;

/// What a week's holidays and a late night at Stripe may add to twice the longest distance between payouts.
const STALL_DAYS: i64 = 7;

/// How many txns an exception names.
const SUBJECTS_MAX: usize = 100;

/// So much, in major units of the currency, may lie: Stripe pays out nothing below about that.
const LEFT_LYING_MAJOR: i64 = 1;

/// Moves between parts of the balance, and payouts' own txns: they are in no payout, or in one whose list leaves them out.
pub const NEVER_LATE: [&str; 15] = [
    "advance",
    "advance_funding",
    "issuing_authorization_hold",
    "issuing_authorization_release",
    "payment_network_reserve_hold",
    "payment_network_reserve_release",
    "payout",
    "payout_cancel",
    "payout_failure",
    "payout_minimum_balance_hold",
    "payout_minimum_balance_release",
    "reserve_hold",
    "reserve_release",
    "reserve_transaction",
    "reserved_funds",
];

/// The windows of accounts that are paid out by themselves. `known_until` is the day to which an account's txns and payouts are
/// completely known; an account without one has no window.
#[must_use]
pub fn windows(payouts: &[PayoutItem], known_until: &HashMap<AccountId, Date>) -> Vec<SettlementWindow> {
    let mut by_money: BTreeMap<(&AccountId, Currency), Vec<&PayoutItem>> = BTreeMap::new();
    for item in payouts {
        by_money.entry((&item.payout.account, item.payout.amount.currency())).or_default().push(item);
    }
    let window = |((account, currency), mut items): ((&AccountId, Currency), Vec<&PayoutItem>)| {
        items.sort_unstable_by_key(|item| (item.payout.created_at, item.payout.id.clone()));
        let today = *known_until.get(account)?;
        items.retain(|item| day_of(&item.payout) <= today);
        window(account, currency, &items, today)
    };
    by_money.into_iter().filter_map(window).collect()
}

fn window(account: &AccountId, currency: Currency, items: &[&PayoutItem], today: Date) -> Option<SettlementWindow> {
    let automatic: Vec<&PayoutItem> = items.iter().filter(|item| is_itemised(&item.payout)).copied().collect();
    let last_payout_on = day_of(&automatic.last()?.payout);
    let known = automatic.iter().take_while(|item| item.complete).last();
    let overtaken_until = known.and_then(|item| day_of(&item.payout).checked_sub(MARGIN_DAYS.days()).ok());
    let available_until = overtaken_until.max(stalled_until(&automatic, last_payout_on, today))?;
    let created_after = items.iter().filter(|item| !item.payout.automatic).map(|item| item.payout.created_at).max();
    Some(SettlementWindow { account: account.clone(), currency, created_after, available_until, overtaken_until, last_payout_on })
}

/// Whether Stripe lists what the payout took.
fn is_itemised(payout: &Payout) -> bool {
    payout.automatic && payout.reconciliation_status != ReconciliationStatus::NotApplicable
}

/// What was available on this day or before should have been paid out, if no payout came for so long.
fn stalled_until(automatic: &[&PayoutItem], last: Date, today: Date) -> Option<Date> {
    let newest = automatic.get(automatic.len().saturating_sub(PAYOUTS_MAX)..)?;
    if newest.len() < PAYOUTS_MIN {
        return None;
    }
    let days: Vec<Date> = newest.iter().map(|item| day_of(&item.payout)).collect();
    let longest = days.windows(2).filter_map(|pair| Some(days_between(*pair.first()?, *pair.last()?))).max()?;
    let until = today.checked_sub((longest.checked_mul(2)?.checked_add(STALL_DAYS)?).days()).ok()?;
    (last <= until).then_some(until)
}

fn days_between(from: Date, to: Date) -> i64 {
    i64::from(to.since(from).map_or(0, |span| span.get_days()))
}

fn day_of(payout: &Payout) -> Date {
    payout.created_at.to_zoned(TimeZone::UTC).date()
}

/// A `settlement_missing` for every account and currency with money that should have been paid out.
pub(crate) fn missing(unsettled: &[Unsettled]) -> Vec<Exception> {
    unsettled.iter().filter_map(missing_of).collect()
}

fn missing_of(unsettled: &Unsettled) -> Option<Exception> {
    let window = &unsettled.window;
    let late: Vec<&Txn> = unsettled.txns.iter().filter(|txn| can_be_late(txn)).collect();
    let overtaken: Vec<&Txn> =
        late.iter().filter(|txn| window.overtaken_until.is_some_and(|until| txn.available_on <= until)).copied().collect();
    let sum_of = |txns: &[&Txn]| txns.iter().try_fold(0_i64, |sum, txn| sum.checked_add(txn.net_minor));
    // Nothing is paid out of a balance that is negative or next to nothing.
    let lying = sum_of(&late)? >= Amount::from_major(&LEFT_LYING_MAJOR.to_string(), window.currency).ok()?.minor();
    let (txns, why) = match (lying, overtaken.is_empty()) {
        (true, true) => (late, format!("The last automatic payout was made on {}.", window.last_payout_on)),
        (_, false) => (overtaken, "Later payouts took what became available after that.".to_owned()),
        (false, true) => return None,
    };
    let sum_minor = sum_of(&txns)?;
    let first = txns.iter().map(|txn| txn.available_on).min()?;
    let code = ExceptionCode::SettlementMissing;
    let identity = Subject { kind: "account", id: format!("{}:{}", window.account, window.currency) };
    let count = match txns.len() {
        1 => "One transaction".to_owned(),
        count => format!("{count} transactions"),
    };
    let sum = Amount::new(sum_minor, window.currency);
    Some(Exception {
        id: exception_id(code, &identity)?,
        code,
        class: class_of(code),
        account: Some(window.account.clone()),
        currency: window.currency,
        amount_minor: sum_minor.unsigned_abs(),
        subjects: txns.iter().take(SUBJECTS_MAX).map(|txn| Subject { kind: "txn", id: txn.id.to_string() }).collect(),
        explanation: format!("{count} of {sum}, available since {first}, in no payout. {why}"),
        remedy: remedy_of(code).to_owned(),
    })
}

fn can_be_late(txn: &Txn) -> bool {
    txn.net_minor != 0 && !NEVER_LATE.contains(&txn.kind.as_str())
}
