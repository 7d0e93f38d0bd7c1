//! The days on which something out of the ordinary happens to one stream's payouts.

use money::Currency;

use super::super::{fees, merchant::Stream, sales::Span};
use crate::random::Random;

/// The days on which something out of the ordinary happens.
pub(super) struct Plan {
    pub(super) manual_until: Option<i64>,
    pub(super) instant: Option<i64>,
    pub(super) manual: Option<i64>,
    pub(super) canceled: Option<i64>,
    /// The next payout from this day on fails; whether the bank books it first.
    pub(super) fails: Vec<(i64, bool)>,
    /// What the merchant takes by hand each time, once it is known.
    pub(super) habit_amount: i64,
}

impl Plan {
    /// What is drawn for a stream.
    pub(super) fn draw(random: &mut Random, stream: &Stream, span: Span) -> Self {
        let length = span.last - span.first;
        let manual_until = (stream.manual_first && length >= 30).then_some(span.first + length / 3);
        let mut at = |least: i64, most: i64, permille: u64| {
            let day = span.first + length * random.between(least, most) / 100;
            random.chance(permille).then_some(day)
        };
        if fees::payout_step(stream.currency) == 100 {
            // By hand everything would go, and that the bank cannot take.
            return Self { manual_until: None, instant: None, manual: None, canceled: None, fails: Vec::new(), habit_amount: 0 };
        }
        let usd = stream.currency == Currency::USD;
        let fails = [
            at(50, 72, if usd { 1_000 } else { 400 }).map(|day| (day, true)),
            at(35, 48, if usd { 300 } else { 500 }).map(|day| (day, false)),
        ];
        Self {
            manual_until,
            instant: at(20, 80, if usd { 900 } else { 200 }),
            manual: at(20, 80, if usd { 700 } else { 300 }),
            canceled: at(15, 80, if usd { 700 } else { 300 }),
            fails: fails.into_iter().flatten().collect(),
            habit_amount: 0,
        }
    }
}

/// Whether the day of a plan has come; a plan is used once.
pub(super) fn due(plan: &mut Option<i64>, day: i64) -> bool {
    plan.is_some_and(|planned| planned <= day) && plan.take().is_some()
}
