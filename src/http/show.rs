//! What people see of facts: grouped money, states as icon, word and colour, ages in words.

use facts::{Bucket, CompositionState, Deposit, DepositState, ExceptionCode, MatchState, PayoutStatus, PayoutVerdict};
use jiff::Timestamp;
use money::{Amount, Currency};

/// An amount with its code.
#[derive(Clone, Debug)]
pub struct Money {
    /// Grouped, with a true minus sign.
    pub text: String,
    /// Upper-case code.
    pub code: String,
    /// Shown softer.
    pub zero: bool,
}

impl From<Amount> for Money {
    fn from(amount: Amount) -> Self {
        Self { text: amount.grouped(), code: amount.currency().upper(), zero: amount.minor() == 0 }
    }
}

/// Grouped text of minor units, where the currency stands in the heading.
pub fn grouped(minor: i64, currency: Currency) -> String {
    Amount::new(minor, currency).grouped()
}

/// A state: never colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chip {
    /// The stylesheet's tone: `ok`, `wait`, `open`, `bad`, `off`.
    pub tone: &'static str,
    /// The icon's name in the page's sprite.
    pub icon: &'static str,
    /// The word.
    pub word: &'static str,
}

/// Shorthand for the tables below.
pub const fn chip(tone: &'static str, icon: &'static str, word: &'static str) -> Chip {
    Chip { tone, icon, word }
}

/// Before the first `reconcile`.
pub const NOT_JUDGED: Chip = chip("off", "dash", "Not judged yet");

/// A payout against the bank.
pub fn deposit(verdict: Option<&PayoutVerdict>) -> Chip {
    verdict.map_or(NOT_JUDGED, |verdict| deposit_chip(&verdict.deposit))
}

fn deposit_chip(deposit: &Deposit) -> Chip {
    match deposit.state {
        DepositState::Matched if deposit.difference_minor < 0 => chip("open", "bang", "Matched, short"),
        DepositState::Matched if deposit.difference_minor > 0 => chip("open", "bang", "Matched, over"),
        DepositState::Matched => chip("ok", "tick", "Matched"),
        DepositState::Proposed => chip("open", "half", "Proposed"),
        DepositState::Ambiguous => chip("open", "question", "Ambiguous"),
        DepositState::Awaiting => chip("wait", "clock", "Awaiting"),
        DepositState::Missing => chip("bad", "cross", "Missing"),
        DepositState::Failed => chip("bad", "bang", "Failed"),
    }
}

/// A payout against its txns.
pub fn composition(verdict: Option<&PayoutVerdict>) -> Chip {
    verdict.map_or(NOT_JUDGED, |verdict| match verdict.composition.state {
        CompositionState::Tied => chip("ok", "tick", "Tied"),
        CompositionState::Gap => chip("bad", "bang", "Gap"),
        CompositionState::Unitemised => chip("off", "dash", "Unitemised"),
        CompositionState::Pending => chip("wait", "clock", "Pending"),
    })
}

/// What Stripe says of a payout.
pub fn payout_status(status: &PayoutStatus) -> Chip {
    match status {
        PayoutStatus::Pending => chip("wait", "clock", "Stripe: pending"),
        PayoutStatus::InTransit => chip("wait", "clock", "Stripe: in transit"),
        PayoutStatus::Paid => chip("off", "tick", "Stripe: paid"),
        PayoutStatus::Failed => chip("bad", "bang", "Stripe: failed"),
        PayoutStatus::Canceled => chip("bad", "cross", "Stripe: canceled"),
        PayoutStatus::Unknown(_) => chip("off", "question", "Stripe: unknown state"),
    }
}

/// How far a match is decided.
pub fn match_state(state: MatchState) -> Chip {
    match state {
        MatchState::Accepted => chip("ok", "tick", "Matched"),
        MatchState::Proposed => chip("open", "half", "Proposed"),
        MatchState::Ambiguous => chip("open", "question", "Ambiguous"),
        MatchState::Rejected => chip("off", "cross", "Rejected"),
        MatchState::Undone => chip("off", "dash", "Undone"),
    }
}

/// A bucket's name.
pub const fn bucket(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Matched => "Matched",
        Bucket::InTransit => "In transit",
        Bucket::Exceptions => "Exceptions",
        Bucket::Excluded => "Excluded",
    }
}

/// An exception's code in plain words.
pub const fn exception(code: ExceptionCode) -> &'static str {
    match code {
        ExceptionCode::PayoutGap => "Payout is not the sum of its transactions",
        ExceptionCode::PayoutFailed => "Payout failed at Stripe",
        ExceptionCode::DepositMissing => "Deposit missing at the bank",
        ExceptionCode::DepositShort => "Deposit is short",
        ExceptionCode::DepositOver => "Deposit is over",
        ExceptionCode::DepositUnknown => "Stripe money at the bank that no payout explains",
        ExceptionCode::DepositAmbiguous => "Several bank lines could be the deposit",
        ExceptionCode::DepositReturned => "Deposit came back from the bank",
        ExceptionCode::SettlementMissing => "Available money that no payout took",
        ExceptionCode::LegMissing => "One side of money between two accounts is missing",
        ExceptionCode::LegDiffers => "The two sides of money between two accounts differ",
        ExceptionCode::TypeUnknown => "Transactions of a type that is not understood",
        ExceptionCode::BalanceDrift => "Stripe's balance differs from its transactions",
        ExceptionCode::FactRefused => "Stripe sent data that contradicts itself",
    }
}

/// A moment: how long ago, for people, and exactly, for machines.
#[derive(Clone, Debug)]
pub struct When {
    /// `3 h`, `2 days`.
    pub age: String,
    /// RFC 3339.
    pub machine: String,
    /// Day and minute, UTC.
    pub text: String,
}

impl When {
    /// The moment as seen from `now`.
    pub fn new(at: Timestamp, now: Timestamp) -> Self {
        Self { age: age(at, now), machine: at.to_string(), text: format!("{} UTC", minute(at)) }
    }
}

/// How long until a moment: `in 3 h`; `now` for one that has come.
pub fn until(at: Timestamp, now: Timestamp) -> String {
    if at <= now { "now".to_owned() } else { format!("in {}", age(now, at)) }
}

/// Day and minute, UTC.
pub fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

fn age(at: Timestamp, now: Timestamp) -> String {
    let minutes = now.as_second().saturating_sub(at.as_second()) / 60;
    match minutes {
        ..1 => "a moment".to_owned(),
        1..60 => format!("{minutes} min"),
        60..2880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}

/// `1 payout`, `2 payouts`, `1,284 payouts`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// `1,284`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Hundredths of natural log-odds with their sign: `+9.10`.
pub fn weight(hundredths: i32) -> String {
    let sign = if hundredths < 0 { '\u{2212}' } else { '+' };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// Parts per million as a percentage, rounded down: `99.8 %`, never a 100 that is not one.
pub fn percent(ppm: u32) -> String {
    let tenths = ppm / 1_000;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_keep_their_sign_below_one() {
        assert_eq!(weight(910), "+9.10");
        assert_eq!(weight(-5), "\u{2212}0.05");
    }

    #[test]
    fn nearly_certain_never_reads_certain() {
        assert_eq!(percent(999_999), "99.9 %");
        assert_eq!(percent(1_000_000), "100.0 %");
    }

    #[test]
    fn counts_are_grouped_and_one_is_singular() {
        assert_eq!(count(1, "payout", "payouts"), "1 payout");
        assert_eq!(count(1_284_000, "payout", "payouts"), "1,284,000 payouts");
    }

    #[test]
    fn a_clock_that_runs_behind_shows_no_negative_age() {
        let at = Timestamp::from_second(1_000_000).unwrap();
        assert_eq!(When::new(at, Timestamp::from_second(0).unwrap()).age, "a moment");
        assert_eq!(When::new(at, Timestamp::from_second(1_000_000 + 5 * 86_400).unwrap()).age, "5 days");
        let soon = |seconds: i64| until(Timestamp::from_second(1_000_000 + seconds).unwrap(), at);
        assert_eq!([0, 1, 600, 90_000].map(soon), ["now", "in a moment", "in 10 min", "in 25 h"]);
    }
}
