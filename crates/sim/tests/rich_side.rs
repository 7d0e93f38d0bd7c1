//! What must be true of every rich world, computed from its objects' JSON, its truth and its files alone.

#![expect(clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::Value;
use sim::{AccountObjects, ObjectKind, Options, World};

#[path = "worlds/seeds.rs"]
mod seeds;

use seeds::seeds;

const DAY: i64 = 86_400;
/// Objects behind txns that Stripe lists nowhere.
const UNLISTED: [&str; 2] = ["rsx_", "connct_"];

fn rich(seed: u64, days: u32, accounts: u32, per_day: u32) -> World {
    let until = Date::new(2026, 12, 1 + (seed % 28) as i8).expect("a date");
    let options = Options { days, accounts, per_day, rich: true, ..Options::quarter(seed, until) };
    World::generate(&options).expect("a world")
}

/// A world and its accounts' objects as JSON at its end.
struct Seen {
    seed: u64,
    world: World,
    accounts: BTreeMap<String, Account>,
}

#[derive(Default)]
struct Account {
    kinds: BTreeMap<ObjectKind, BTreeMap<String, Value>>,
}

impl Account {
    fn new(objects: &AccountObjects, at: i64) -> Self {
        let bodies = |list: &[sim::StripeObject]| list.iter().map(|object| (object.id(), object.body(at))).collect();
        Self { kinds: objects.objects.iter().map(|(kind, list)| (*kind, bodies(list))).collect() }
    }

    fn all(&self, kind: ObjectKind) -> impl Iterator<Item = &Value> {
        self.kinds.get(&kind).into_iter().flat_map(BTreeMap::values)
    }

    fn get(&self, kind: ObjectKind, id: &str) -> &Value {
        self.kinds.get(&kind).and_then(|list| list.get(id)).unwrap_or_else(|| panic!("no {} {id}", kind.as_str()))
    }

    fn txns(&self) -> impl Iterator<Item = &Value> {
        self.all(ObjectKind::BalanceTransaction)
    }

    fn txn(&self, id: &str) -> &Value {
        self.get(ObjectKind::BalanceTransaction, id)
    }
}

impl Seen {
    fn new(seed: u64, world: World) -> Self {
        let at = world.catalog.now;
        let accounts = world.catalog.accounts.iter().map(|(id, objects)| (id.clone(), Account::new(objects, at))).collect();
        Self { seed, world, accounts }
    }

    fn platform(&self) -> &Account {
        &self.accounts[&self.world.catalog.owner]
    }

    fn connected(&self) -> impl Iterator<Item = (&String, &Account)> {
        self.accounts.iter().filter(|(id, _)| **id != self.world.catalog.owner)
    }
}

fn int(body: &Value, field: &str) -> i64 {
    body[field].as_i64().unwrap_or_else(|| panic!("{field} of {body} is not an integer"))
}

fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap_or_else(|| panic!("{field} of {body} is not text"))
}

fn is(body: &Value, kind: &str) -> bool {
    body["type"] == kind
}

#[test]
fn fifty_platforms_of_all_lengths_and_sizes_add_up() {
    let mut types = BTreeSet::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in seeds(50) {
        let days = [45, 90, 130, 20, 270][(seed % 5) as usize];
        let accounts = [2, 9, 14, 1, 8][(seed / 5 % 5) as usize];
        let seen = Seen::new(seed, rich(seed, days, accounts, if days > 200 { 3 } else { 6 }));
        let found = [
            ("balances", balances_are_sums(&seen)),
            ("payouts", payouts_are_sums(&seen)),
            ("transfers", legs_agree(&seen)),
            ("converted", converted_legs_carry_their_rate(&seen)),
            ("reversals", reversals_agree(&seen)),
            ("fees", fees_are_the_charges_fee_details(&seen)),
            ("fee refunds", fee_refunds_are_what_accounts_got_back(&seen)),
            ("holds", holds_are_released(&seen)),
            ("owed", what_accounts_owe_is_set_aside(&seen)),
            ("sources", every_source_is_there(&seen)),
            ("whole", amounts_are_what_their_currencies_know(&seen)),
            ("topups", topups_are_bank_debits(&seen)),
            ("doubled", doubled_charges_are_named_and_twins_are_not(&seen)),
            ("failed debits", failed_debits_leave_nothing(&seen)),
            ("taken back", payouts_taken_back_name_each_other(&seen)),
        ];
        for (name, count) in found {
            *counts.entry(name).or_default() += count;
        }
        types.extend(seen.accounts.values().flat_map(Account::txns).map(|txn| text(txn, "type").to_owned()));
    }
    assert!(counts.values().all(|count| *count >= 20), "{counts:?}");
    let expected = [
        "adjustment",
        "application_fee",
        "application_fee_refund",
        "charge",
        "connect_collection_transfer",
        "payment",
        "payment_failure_refund",
        "payment_refund",
        "payout",
        "payout_cancel",
        "payout_failure",
        "payout_minimum_balance_hold",
        "payout_minimum_balance_release",
        "refund",
        "refund_failure",
        "reserve_transaction",
        "reserved_funds",
        "stripe_fee",
        "topup",
        "topup_reversal",
        "transfer",
        "transfer_refund",
    ];
    assert_eq!(types.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

fn balances_are_sums(seen: &Seen) -> usize {
    let mut checked = 0;
    for (id, account) in &seen.accounts {
        let mut sums: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        for txn in account.txns() {
            let fees: i64 = txn["fee_details"].as_array().expect("a list").iter().map(|fee| int(fee, "amount")).sum();
            assert_eq!((int(txn, "net"), int(txn, "fee")), (int(txn, "amount") - fees, fees), "{txn}");
            *sums.entry((text(txn, "currency"), text(txn, "status"))).or_default() += int(txn, "net");
        }
        let balance = seen.world.catalog.accounts[id].balance.body(seen.world.catalog.now);
        for part in ["available", "pending"] {
            for entry in balance[part].as_array().expect("a list") {
                let sum = sums.remove(&(text(entry, "currency"), part)).unwrap_or(0);
                assert_eq!(sum, int(entry, "amount"), "seed {}, {id}, {part}", seen.seed);
                checked += 1;
            }
        }
        assert!(sums.is_empty(), "seed {}: a txn in a currency that the balance of {id} does not name", seen.seed);
    }
    checked
}

fn payouts_are_sums(seen: &Seen) -> usize {
    let mut checked = 0;
    for (id, account) in &seen.accounts {
        let members = &seen.world.catalog.accounts[id].members;
        let mut taken = BTreeSet::new();
        for member in members.values().flat_map(|members| members.ids.iter()) {
            assert!(taken.insert(member.clone()), "seed {}: {member} is in two payouts", seen.seed);
        }
        for (payout, members) in members {
            let payout = account.get(ObjectKind::Payout, payout);
            let own = text(payout, "balance_transaction");
            let of = members.ids.iter().filter(|member| member != own).map(|member| account.txn(&member));
            let mut sum = 0;
            for txn in of {
                assert_eq!(txn["currency"], payout["currency"]);
                assert!(int(txn, "created") <= int(payout, "created") && int(txn, "available_on") <= int(payout, "created"));
                sum += int(txn, "net");
            }
            assert_eq!(sum, int(payout, "amount"), "seed {}: {payout}", seen.seed);
            assert_eq!(int(account.txn(own), "net"), -sum);
            checked += 1;
        }
    }
    checked
}

/// The payment of a transfer at the account that got it, and both txns: the platform's, the account's.
fn legs<'a>(seen: &'a Seen, transfer: &Value) -> (&'a Value, &'a Value, &'a Value) {
    let to = &seen.accounts[text(transfer, "destination")];
    let payment = to.get(ObjectKind::Charge, text(transfer, "destination_payment"));
    let out = seen.platform().txn(text(transfer, "balance_transaction"));
    (payment, out, to.txn(text(payment, "balance_transaction")))
}

fn legs_agree(seen: &Seen) -> usize {
    for transfer in seen.platform().all(ObjectKind::Transfer) {
        let (payment, out, into) = legs(seen, transfer);
        let amount = int(transfer, "amount");
        assert!(amount > 0 && text(payment, "id").starts_with("py_"));
        assert_eq!((payment["source_transfer"].as_str(), int(payment, "amount")), (transfer["id"].as_str(), amount));
        assert_eq!((int(out, "amount"), &out["currency"], &out["source"]), (-amount, &transfer["currency"], &transfer["id"]));
        assert_eq!((text(into, "type"), &into["source"]), ("payment", &payment["id"]));
        if into["currency"] == out["currency"] {
            assert_eq!(int(into, "amount"), amount, "seed {}: {transfer}", seen.seed);
            assert!(into["exchange_rate"].is_null());
        }
        if let Some(source) = transfer["source_transaction"].as_str() {
            let charge = seen.platform().get(ObjectKind::Charge, source);
            let funded = seen.platform().txn(text(charge, "balance_transaction"));
            assert!(int(out, "available_on") >= int(funded, "available_on"));
        }
    }
    let mut spent: BTreeMap<&str, i64> = BTreeMap::new();
    for transfer in seen.platform().all(ObjectKind::Transfer) {
        if let Some(source) = transfer["source_transaction"].as_str() {
            *spent.entry(source).or_default() += int(transfer, "amount");
        }
    }
    for (charge, spent) in &spent {
        let charge = seen.platform().get(ObjectKind::Charge, charge);
        let settled = seen.platform().txn(text(charge, "balance_transaction"));
        assert!(*spent <= int(settled, "amount"), "seed {}: {charge} passes on {spent}", seen.seed);
    }
    seen.platform().all(ObjectKind::Transfer).count()
}

/// Major units for one, in millionths.
fn millionths(rate: &Value) -> i128 {
    let rate = rate.to_string();
    let (whole, part) = rate.split_once('.').unwrap_or((&rate, ""));
    format!("{whole}{part:0<6}").parse().expect("a decimal")
}

fn exponent(currency: &str) -> u32 {
    match currency {
        "jpy" => 0,
        "kwd" => 3,
        _ => 2,
    }
}

fn converted_legs_carry_their_rate(seen: &Seen) -> usize {
    let mut converted = 0;
    for transfer in seen.platform().all(ObjectKind::Transfer) {
        let (_, out, into) = legs(seen, transfer);
        if into["currency"] != out["currency"] {
            let (from, to) = (exponent(text(out, "currency")), exponent(text(into, "currency")));
            let exact = i128::from(int(transfer, "amount")) * millionths(&into["exchange_rate"]) * 10_i128.pow(to);
            let settled = i128::from(int(into, "amount")) * 1_000_000 * 10_i128.pow(from);
            assert!((exact - settled).abs() <= 10_000_000 * 10_i128.pow(from), "seed {}: {into}", seen.seed);
            converted += 1;
        }
    }
    converted
}

fn reversals_agree(seen: &Seen) -> usize {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for reversal in seen.platform().all(ObjectKind::TransferReversal) {
        let transfer = seen.platform().get(ObjectKind::Transfer, text(reversal, "transfer"));
        *sums.entry(text(transfer, "id")).or_default() += int(reversal, "amount");
        let to = &seen.accounts[text(transfer, "destination")];
        let refund = to.get(ObjectKind::Refund, text(reversal, "destination_payment_refund"));
        assert_eq!(refund["source_transfer_reversal"], reversal["id"]);
        assert_eq!(refund["charge"], transfer["destination_payment"]);
        assert_eq!(int(refund, "amount"), int(reversal, "amount"));
        let back = seen.platform().txn(text(reversal, "balance_transaction"));
        let given = to.txn(text(refund, "balance_transaction"));
        assert_eq!((text(back, "type"), text(given, "type")), ("transfer_refund", "payment_refund"));
        assert_eq!((int(back, "amount"), &back["source"]), (int(reversal, "amount"), &reversal["id"]));
        if given["currency"] == back["currency"] {
            assert_eq!(int(given, "amount"), -int(back, "amount"), "seed {}: {reversal}", seen.seed);
        }
        if let Some(cause) = reversal["source_refund"].as_str() {
            assert_eq!(seen.platform().get(ObjectKind::Refund, cause)["transfer_reversal"], reversal["id"]);
        }
    }
    for transfer in seen.platform().all(ObjectKind::Transfer) {
        let sum = sums.remove(text(transfer, "id")).unwrap_or(0);
        assert_eq!(int(transfer, "amount_reversed"), sum, "seed {}", seen.seed);
        assert!(sum <= int(transfer, "amount") && (transfer["reversed"] == true) == (sum == int(transfer, "amount")));
        let (payment, _, _) = legs(seen, transfer);
        assert_eq!(int(payment, "amount_refunded"), sum, "seed {}: {payment}", seen.seed);
    }
    seen.platform().all(ObjectKind::TransferReversal).count()
}

/// What a txn's fee details say went to the platform.
fn application_part(txn: &Value) -> i64 {
    let details = txn["fee_details"].as_array().expect("a list");
    details.iter().filter(|detail| is(detail, "application_fee")).map(|detail| int(detail, "amount")).sum()
}

fn fees_are_the_charges_fee_details(seen: &Seen) -> usize {
    let mut of_charges = 0;
    for (id, account) in seen.connected() {
        for charge in account.all(ObjectKind::Charge).filter(|charge| !charge["application_fee"].is_null()) {
            let fee = seen.platform().get(ObjectKind::ApplicationFee, text(charge, "application_fee"));
            assert_eq!((fee["account"].as_str(), &fee["charge"]), (Some(id.as_str()), &charge["id"]));
            let txn = account.txn(text(charge, "balance_transaction"));
            if txn["currency"] == fee["currency"] {
                assert_eq!(application_part(txn), int(fee, "amount"), "seed {}: {fee}", seen.seed);
            }
            let earned = seen.platform().txn(text(fee, "balance_transaction"));
            assert_eq!((text(earned, "type"), &earned["source"]), ("application_fee", &fee["id"]));
            if earned["currency"] == fee["currency"] {
                assert_eq!(int(earned, "amount"), int(fee, "amount"));
            }
            of_charges += 1;
        }
    }
    assert_eq!(seen.platform().all(ObjectKind::ApplicationFee).count(), of_charges, "seed {}", seen.seed);
    of_charges
}

fn fee_refunds_are_what_accounts_got_back(seen: &Seen) -> usize {
    let mut given: BTreeMap<&str, i64> = BTreeMap::new();
    for refund in seen.platform().all(ObjectKind::FeeRefund) {
        *given.entry(text(refund, "fee")).or_default() += int(refund, "amount");
        let txn = seen.platform().txn(text(refund, "balance_transaction"));
        assert_eq!((text(txn, "type"), &txn["source"]), ("application_fee_refund", &refund["id"]));
    }
    for fee in seen.platform().all(ObjectKind::ApplicationFee) {
        let sum = given.get(text(fee, "id")).copied().unwrap_or(0);
        assert_eq!(int(fee, "amount_refunded"), sum);
        assert!(sum <= int(fee, "amount"), "seed {}: {fee}", seen.seed);
        let account = &seen.accounts[text(fee, "account")];
        let refunds = account.all(ObjectKind::Refund).filter(|refund| refund["charge"] == fee["charge"]);
        let txns: Vec<&Value> = refunds.map(|refund| account.txn(text(refund, "balance_transaction"))).collect();
        if sum > 0 && txns.iter().all(|txn| txn["currency"] == fee["currency"]) {
            assert_eq!(txns.iter().map(|txn| application_part(txn)).sum::<i64>(), -sum, "seed {}: {fee}", seen.seed);
        }
    }
    seen.platform().all(ObjectKind::FeeRefund).count()
}

fn holds_are_released(seen: &Seen) -> usize {
    let mut pairs = 0;
    for (id, account) in &seen.accounts {
        let members = &seen.world.catalog.accounts[id].members;
        let inside: BTreeSet<String> = members.values().flat_map(|members| members.ids.iter()).collect();
        let of = |kind: &'static str| account.txns().filter(move |txn| is(txn, kind));
        let holds: BTreeMap<&str, &Value> = of("payout_minimum_balance_hold").map(|txn| (text(txn, "source"), txn)).collect();
        for release in of("payout_minimum_balance_release") {
            let payout = text(release, "source");
            let hold = holds[payout];
            assert_eq!(int(hold, "net"), -int(release, "net"), "seed {}: {release}", seen.seed);
            let ids = &members[payout].ids;
            assert!(ids.iter().any(|member| member == text(hold, "id")));
            assert!(ids.iter().all(|member| member != text(release, "id")));
            pairs += 1;
        }
        assert_eq!(of("payout_minimum_balance_release").count(), holds.len());
        assert!(holds.values().all(|hold| inside.contains(text(hold, "id"))));
        let days = |sign: i64| -> BTreeMap<i64, i64> {
            let of_sign = of("reserved_funds").filter(|txn| int(txn, "net").signum() == sign);
            of_sign.map(|txn| (int(txn, "created").div_euclid(DAY), int(txn, "net").abs())).collect()
        };
        let (held, mut released) = (days(-1), days(1));
        for (day, amount) in held {
            let due = day + 30 <= seen.world.catalog.now.div_euclid(DAY);
            assert_eq!(released.remove(&(day + 30)), due.then_some(amount), "seed {}: reserved on {day}", seen.seed);
        }
        assert!(released.is_empty());
        pairs += of("reserved_funds").count();
    }
    pairs
}

fn what_accounts_owe_is_set_aside(seen: &Seen) -> usize {
    let today = seen.world.catalog.now.div_euclid(DAY);
    let is_set_aside = |txn: &&Value| is(txn, "reserve_transaction");
    let mut set_aside: BTreeMap<&str, i64> = BTreeMap::new();
    for txn in seen.platform().txns().filter(is_set_aside) {
        *set_aside.entry(text(txn, "currency")).or_default() -= int(txn, "net");
    }
    let mut owed: BTreeMap<&str, i64> = BTreeMap::new();
    for (_, account) in seen.connected() {
        let mut balances: BTreeMap<&str, i64> = BTreeMap::new();
        for txn in account.txns().filter(|txn| int(txn, "created") < today * DAY) {
            *balances.entry(text(txn, "currency")).or_default() += int(txn, "net");
        }
        for (currency, balance) in balances.into_iter().filter(|(_, balance)| *balance < 0) {
            if ["usd", "eur", "gbp"].contains(&currency) {
                *owed.entry(currency).or_default() -= balance;
            }
        }
    }
    let balance = seen.world.catalog.accounts[&seen.world.catalog.owner].balance.body(seen.world.catalog.now);
    for entry in balance["connect_reserved"].as_array().expect("a list") {
        assert_eq!(set_aside.get(text(entry, "currency")).copied().unwrap_or(0), int(entry, "amount"), "seed {}", seen.seed);
    }
    set_aside.retain(|_, amount| *amount != 0);
    assert_eq!(set_aside, owed, "seed {}", seen.seed);
    let collected = |account: &Account| -> i64 {
        account.txns().filter(|txn| is(txn, "connect_collection_transfer")).map(|txn| int(txn, "net")).sum()
    };
    assert_eq!(seen.accounts.values().map(collected).sum::<i64>(), 0);
    seen.platform().txns().filter(is_set_aside).count()
}

fn every_source_is_there(seen: &Seen) -> usize {
    let mut checked = 0;
    for account in seen.accounts.values() {
        let ids: BTreeSet<&String> = account.kinds.values().flat_map(BTreeMap::keys).collect();
        for txn in account.txns() {
            if let Some(source) = txn["source"].as_str() {
                let listed = !UNLISTED.iter().any(|prefix| source.starts_with(prefix));
                assert!(!listed || ids.contains(&source.to_owned()), "seed {}: {txn}", seen.seed);
                checked += 1;
            }
        }
    }
    checked
}

fn amounts_are_what_their_currencies_know(seen: &Seen) -> usize {
    let mut checked = 0;
    for account in seen.accounts.values() {
        for charge in account.all(ObjectKind::Charge).chain(account.all(ObjectKind::Refund)) {
            let step = match text(charge, "currency") {
                "isk" | "ugx" => 100,
                "kwd" => 10,
                _ => continue,
            };
            assert_eq!(int(charge, "amount") % step, 0, "seed {}: {charge}", seen.seed);
            checked += 1;
        }
        for payout in account.all(ObjectKind::Payout) {
            let step = match text(payout, "currency") {
                "huf" | "twd" => 100,
                "kwd" => 10,
                _ => continue,
            };
            assert_eq!(int(payout, "amount") % step, 0, "seed {}: {payout}", seen.seed);
            checked += 1;
        }
    }
    checked
}

fn topups_are_bank_debits(seen: &Seen) -> usize {
    for truth in &seen.world.truth.topups {
        let topup = seen.platform().get(ObjectKind::Topup, &truth.id);
        assert_eq!((text(topup, "status"), int(topup, "amount")), (truth.status.as_str(), truth.amount_minor));
        let moved = seen.platform().txns().filter(|txn| txn["source"] == topup["id"]).map(|txn| int(txn, "net")).sum::<i64>();
        assert_eq!(moved, if truth.status == "succeeded" { truth.amount_minor } else { 0 }, "seed {}: {topup}", seen.seed);
        assert_eq!(topup["balance_transaction"].is_null(), ["pending", "failed"].contains(&truth.status.as_str()));
        let seen_at_bank: i64 = truth.bank_lines.iter().map(|line| line.amount_minor).sum();
        let possible = match truth.status.as_str() {
            "failed" => vec![0],
            "pending" | "reversed" => vec![0, -truth.amount_minor],
            _ => vec![-truth.amount_minor],
        };
        assert!(possible.contains(&seen_at_bank), "seed {}: {truth:?}", seen.seed);
    }
    seen.world.truth.topups.len()
}

fn doubled_charges_are_named_and_twins_are_not(seen: &Seen) -> usize {
    let named: BTreeSet<&String> = seen.world.truth.doubled_charges.iter().map(|doubled| &doubled.second).collect();
    for doubled in &seen.world.truth.doubled_charges {
        let account = &seen.accounts[&doubled.account];
        let (first, second) = (account.get(ObjectKind::Charge, &doubled.first), account.get(ObjectKind::Charge, &doubled.second));
        for field in ["amount", "currency", "customer", "metadata"] {
            assert_eq!(first[field], second[field], "seed {}", seen.seed);
        }
        assert!((1..=900).contains(&(int(second, "created") - int(first, "created"))));
        if let Some(refund) = &doubled.refund {
            assert_eq!(second["refunded"], true);
            assert_eq!(account.get(ObjectKind::Refund, refund)["charge"], second["id"]);
        }
    }
    for account in seen.accounts.values() {
        let mut orders: BTreeMap<&str, u32> = BTreeMap::new();
        for charge in account.all(ObjectKind::Charge).filter(|charge| charge["paid"] == true) {
            if let Some(order) = charge["metadata"]["order_id"].as_str()
                && !named.contains(&text(charge, "id").to_owned())
            {
                *orders.entry(order).or_default() += 1;
            }
        }
        assert!(orders.values().all(|count| *count == 1), "seed {}: an order paid twice that the truth does not name", seen.seed);
    }
    named.len()
}

fn failed_debits_leave_nothing(seen: &Seen) -> usize {
    let mut failed = 0;
    for account in seen.accounts.values() {
        for charge in account.all(ObjectKind::Charge).filter(|charge| !charge["failure_balance_transaction"].is_null()) {
            let made = account.txn(text(charge, "balance_transaction"));
            let back = account.txn(text(charge, "failure_balance_transaction"));
            assert_eq!(charge["status"], "failed");
            assert_eq!(
                (text(back, "type"), int(back, "net")),
                ("payment_failure_refund", -int(made, "net")),
                "seed {}",
                seen.seed
            );
            failed += 1;
        }
    }
    failed
}

fn payouts_taken_back_name_each_other(seen: &Seen) -> usize {
    let mut pairs = 0;
    for account in seen.accounts.values() {
        let payouts: Vec<&Value> = account.all(ObjectKind::Payout).collect();
        for payout in payouts.iter().filter(|payout| !payout["original_payout"].is_null()) {
            let original = account.get(ObjectKind::Payout, text(payout, "original_payout"));
            assert_eq!((&original["reversed_by"], int(original, "amount")), (&payout["id"], -int(payout, "amount")));
            assert_eq!((original["automatic"] == true, payout["automatic"] == true), (false, false), "seed {}", seen.seed);
            pairs += 1;
        }
        assert!(payouts.iter().filter(|payout| !payout["reversed_by"].is_null()).count() <= pairs);
    }
    pairs
}

#[test]
fn ids_are_unique_with_subscriptions_too() {
    let until = Date::new(2026, 9, 20).expect("a date");
    let options = Options { rich: true, accounts: 6, per_day: 8, subscriptions: 10, ..Options::quarter(4, until) };
    let world = World::generate(&options).expect("a world");
    for objects in world.catalog.accounts.values() {
        let mut seen = BTreeSet::new();
        // A plan has the id of the price that it mirrors.
        for object in objects.objects.iter().filter(|(kind, _)| **kind != ObjectKind::Plan).flat_map(|(_, list)| list) {
            assert!(seen.insert(object.id()), "{} twice", object.id());
        }
    }
}

#[test]
fn an_object_says_nothing_before_it_happens() {
    let world = rich(3, 90, 6, 10);
    for object in world.catalog.accounts.values().flat_map(|objects| objects.objects.values().flatten()) {
        let body = object.body(object.created);
        for (field, none) in [("amount_reversed", 0), ("amount_refunded", 0)] {
            if !body[field].is_null() {
                assert_eq!(int(&body, field), none, "{body}");
            }
        }
        if body["object"] == "topup" {
            assert_eq!(body["status"], "pending");
        }
    }
}

#[test]
fn the_first_accounts_are_big_and_most_are_small() {
    let world = rich(5, 60, 400, 20);
    let sizes: Vec<usize> = world.catalog.accounts.values().map(|account| account.objects[&ObjectKind::Charge].len()).collect();
    let small = sizes.iter().filter(|size| **size <= 40).count();
    assert!(small > 250 && sizes.iter().any(|size| *size > 800), "{small} small, biggest {:?}", sizes.iter().max());
    assert!(world.truth.bank_accounts.len() <= 16);
}
