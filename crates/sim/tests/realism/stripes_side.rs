//! Amounts, collisions, counts and lags of what Stripe holds.

use std::collections::{BTreeMap, HashMap};

use sim::{ObjectKind, World};

use crate::{
    figures::{cents, days, share, share_of, spread},
    sample::{Kind, Object, after_charge, int, objects},
    subsets,
    table::Row,
};

const DAY: i64 = 86_400;

fn charges(world: &World) -> Vec<Vec<Object>> {
    let paid = |list: Vec<Object>| list.into_iter().filter(|(_, body)| body["paid"] == true).collect();
    objects(world, ObjectKind::Charge).into_iter().map(paid).collect()
}

pub fn amounts(kind: &Kind) -> Vec<Row> {
    let all: Vec<i64> =
        kind.worlds.iter().flat_map(charges).flatten().filter(in_hundredths).map(|(_, body)| int(&body, "amount")).collect();
    let ends = |ending: i64| share_of(&all, |amount| amount % 100 == ending);
    vec![
        Row::new(kind, "charges, dollars and euros, 5 / 25 / 50 / 75 / 95 / 100 %", spread(all.clone(), cents)),
        Row::new(kind, "… that end in .00, .99, .95, .50", format!("{}, {}, {}, {}", ends(0), ends(99), ends(95), ends(50))),
    ]
}

fn in_hundredths((_, body): &Object) -> bool {
    matches!(body["currency"].as_str(), Some("usd" | "eur"))
}

/// Charges with an equal one in the same account and currency on the same day, and within seven days; payouts with an equal one
/// to the same bank account that arrives within five days.
pub fn collisions(kind: &Kind) -> Vec<Row> {
    let (mut charged, mut same_day, mut same_week) = (0, 0, 0);
    for list in kind.worlds.iter().flat_map(charges) {
        let mut by_amount: HashMap<(String, i64), Vec<i64>> = HashMap::new();
        for (at, body) in &list {
            by_amount.entry((body["currency"].to_string(), int(body, "amount"))).or_default().push(at.div_euclid(DAY));
        }
        charged += list.len();
        same_day += by_amount.values_mut().map(|days| colliding(days, 0)).sum::<usize>();
        same_week += by_amount.values_mut().map(|days| colliding(days, 7)).sum::<usize>();
    }
    let (mut paid, mut equal) = (0, 0);
    for world in &kind.worlds {
        let mut by_amount: HashMap<(&str, i64), Vec<i64>> = HashMap::new();
        for payout in &world.truth.payouts {
            let day = payout.arrives_on.to_zoned(jiff::tz::TimeZone::UTC).expect("a day").timestamp().as_second() / DAY;
            by_amount.entry((&payout.bank_account, payout.amount_minor)).or_default().push(day);
        }
        paid += world.truth.payouts.len();
        equal += by_amount.values_mut().map(|days| colliding(days, 5)).sum::<usize>();
    }
    vec![
        Row::new(
            kind,
            "charges with an equal one the same day; within 7 days",
            format!("{}; {}", share(same_day, charged), share(same_week, charged)),
        ),
        Row::new(kind, "payouts with an equal one to the same bank account within 5 days", share(equal, paid)),
    ]
}

/// How many of the days have another one at most `within` days away.
fn colliding(days: &mut [i64], within: i64) -> usize {
    days.sort_unstable();
    let near = |at: usize, other: Option<usize>| {
        other.and_then(|other| days.get(other)).is_some_and(|day| (days[at] - day).abs() <= within)
    };
    (0..days.len()).filter(|at| near(*at, at.checked_sub(1)) || near(*at, Some(at + 1))).count()
}

pub fn counts(kind: &Kind) -> Vec<Row> {
    let payouts: Vec<_> = kind.worlds.iter().flat_map(|world| &world.truth.payouts).collect();
    let members: Vec<i64> = payouts.iter().filter(|payout| payout.automatic).map(|payout| payout.members.len() as i64).collect();
    let account_days: u64 =
        kind.worlds.iter().map(|world| u64::from(world.truth.options.days) * world.catalog.accounts.len() as u64).sum();
    let txns: usize =
        kind.worlds.iter().flat_map(|world| objects(world, ObjectKind::BalanceTransaction)).map(|list| list.len()).sum();
    let tenths = |count: usize| {
        let tenths = count as u64 * 10 / account_days.max(1);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    vec![
        Row::new(kind, "a day and account: txns, payouts", format!("{}, {}", tenths(txns), tenths(payouts.len()))),
        Row::new(kind, "txns in an automatic payout, 5 / 25 / 50 / 75 / 95 / 100 %", spread(members, |count| count.to_string())),
    ]
}

pub fn lags(kind: &Kind) -> Vec<Row> {
    let of = |lag: &dyn Fn(&World) -> Vec<i64>| spread(kind.worlds.iter().flat_map(lag).collect(), days);
    let arrival = |world: &World| {
        let payouts = objects(world, ObjectKind::Payout).concat();
        payouts.iter().map(|(at, body)| int(body, "arrival_date") - at.div_euclid(DAY) * DAY).collect()
    };
    vec![
        Row::new(kind, "days from a payout's creation to its arrival, 5 / 25 / 50 / 75 / 95 / 100 %", of(&arrival)),
        Row::new(kind, "days from charge to refund", of(&|world| after_charge(world, ObjectKind::Refund))),
        Row::new(kind, "days from charge to dispute", of(&|world| after_charge(world, ObjectKind::Dispute))),
    ]
}

/// How many sets of the last `n` open charges come to what a fourth of them came to.
pub fn ambiguity(kind: &Kind) -> Vec<Row> {
    let mut rows = Vec::new();
    for n in [12, 20, 30] {
        let mut counts: Vec<i64> = Vec::new();
        for list in kind.worlds.iter().flat_map(|world| objects(world, ObjectKind::BalanceTransaction)) {
            let mut nets: BTreeMap<String, Vec<i64>> = BTreeMap::new();
            for (_, body) in list.iter().filter(|(_, body)| body["type"] == "charge") {
                nets.entry(body["currency"].to_string()).or_default().push(int(body, "net"));
            }
            for pool in nets.values().flat_map(|nets| nets.chunks_exact(n).take(10)) {
                // Every fourth, as if these had been paid out.
                let target = pool.iter().step_by(4).sum();
                counts.push(i64::try_from(subsets::count(pool, target)).unwrap_or(i64::MAX));
            }
        }
        let unique = share_of(&counts, |count| *count == 1);
        let spread = spread(counts, |count| count.to_string());
        rows.push(Row::new(
            kind,
            &format!("{n} open charges, {} paid: sets that come to it, 5 / 25 / 50 / 75 / 95 / 100 %; only one", n.div_ceil(4)),
            format!("{spread}; {unique}"),
        ));
    }
    rows
}
