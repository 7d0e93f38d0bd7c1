//! What must be true of Stripe's objects in every world, computed from their JSON alone.

#![expect(clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "worlds/many.rs"]
mod many;
#[path = "worlds/seeds.rs"]
mod seeds;
mod worlds;

use std::collections::{BTreeMap, BTreeSet};

use many::many;
use serde_json::Value;
use sim::{AccountObjects, ObjectKind, World};
use worlds::quarter;

/// Every object's body of one kind at the instant `at`, by id.
fn bodies(objects: &AccountObjects, kind: ObjectKind, at: i64) -> BTreeMap<String, Value> {
    objects.objects[&kind].iter().map(|object| (object.id(), object.body(at))).collect()
}

/// An integer field.
fn int(body: &Value, field: &str) -> i64 {
    body[field].as_i64().unwrap_or_else(|| panic!("{field} of {body} is not an integer"))
}

/// A text field.
fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap_or_else(|| panic!("{field} of {body} is not text"))
}

fn accounts(world: &World) -> impl Iterator<Item = &AccountObjects> {
    world.catalog.accounts.values()
}

fn held(balance: &Value, part: &str) -> BTreeMap<String, i64> {
    let list = balance[part].as_array().expect("a list");
    list.iter().map(|entry| (text(entry, "currency").to_owned(), int(entry, "amount"))).collect()
}

#[test]
fn the_balance_is_the_sum_of_all_txns() {
    for (seed, world) in many() {
        for objects in accounts(&world) {
            let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
            for txn in bodies(objects, ObjectKind::BalanceTransaction, world.catalog.now).values() {
                assert_eq!(int(txn, "net"), int(txn, "amount") - int(txn, "fee"));
                let fees: i64 = txn["fee_details"].as_array().expect("a list").iter().map(|fee| int(fee, "amount")).sum();
                assert_eq!(fees, int(txn, "fee"), "{txn}");
                *sums.entry((text(txn, "currency").to_owned(), text(txn, "status").to_owned())).or_default() += int(txn, "net");
            }
            for part in ["available", "pending"] {
                for (currency, amount) in held(&objects.balance.body(world.catalog.now), part) {
                    let sum = sums.remove(&(currency, part.to_owned())).unwrap_or(0);
                    assert_eq!(sum, amount, "seed {seed}, {part}");
                }
            }
            assert!(sums.is_empty(), "a txn in a currency that the balance does not name");
        }
    }
}

#[test]
fn a_completed_automatic_payout_is_the_sum_of_its_txns() {
    for (seed, world) in many() {
        for objects in accounts(&world) {
            let txns = bodies(objects, ObjectKind::BalanceTransaction, world.catalog.now);
            let mut checked = 0;
            for (id, payout) in bodies(objects, ObjectKind::Payout, world.catalog.now) {
                let own = &txns[text(&payout, "balance_transaction")];
                assert_eq!(int(own, "amount"), -int(&payout, "amount"), "{payout}");
                assert_eq!(text(own, "source"), id);
                if text(&payout, "reconciliation_status") != "completed" {
                    continue;
                }
                let members: Vec<String> = objects.members[&id].listed(world.catalog.now).iter().collect();
                assert!(members.iter().any(|member| *member == text(&payout, "balance_transaction")));
                let sum: i64 = members
                    .iter()
                    .filter(|member| **member != text(&payout, "balance_transaction"))
                    .map(|member| int(&txns[member], "net"))
                    .sum();
                assert_eq!(sum, int(&payout, "amount") + int(own, "fee"), "seed {seed}, {payout}");
                assert!(members.iter().all(|member| txns[member]["currency"] == payout["currency"]));
                assert!(members.iter().all(|member| int(&txns[member], "created") <= int(&payout, "created")));
                checked += 1;
            }
            assert!(checked > 30, "seed {seed}: {checked} payouts");
        }
    }
}

#[test]
fn no_txn_is_in_two_payouts_and_none_in_a_manual_one() {
    for (seed, world) in many() {
        for objects in accounts(&world) {
            let mut seen = BTreeSet::new();
            for members in objects.members.values() {
                for member in members.listed(world.catalog.now).iter() {
                    assert!(!seen.contains(&member), "seed {seed}: {member} is in two payouts");
                    seen.insert(member);
                }
            }
            for (id, payout) in bodies(objects, ObjectKind::Payout, world.catalog.now) {
                let automatic = payout["automatic"] == true;
                assert_eq!(objects.members.contains_key(&id), automatic);
                assert_eq!(text(&payout, "reconciliation_status") == "not_applicable", !automatic);
            }
        }
    }
}

#[test]
fn what_failed_or_was_canceled_leaves_again_in_a_later_payout() {
    let mut followed = 0;
    for (seed, world) in many() {
        for objects in accounts(&world) {
            let payouts = bodies(objects, ObjectKind::Payout, world.catalog.now);
            for payout in payouts.values().filter(|payout| !payout["failure_balance_transaction"].is_null()) {
                let back = text(payout, "failure_balance_transaction");
                assert!(["failed", "canceled"].contains(&text(payout, "status")), "seed {seed}: {payout}");
                let later = objects
                    .members
                    .iter()
                    .find(|(_, members)| members.listed(world.catalog.now).iter().any(|member| member == back));
                if let Some((id, _)) = later {
                    assert!(int(&payouts[id], "created") > int(payout, "created"));
                    followed += 1;
                }
            }
        }
    }
    assert!(followed >= 30, "{followed}");
}

#[test]
fn ids_are_unique_and_lists_are_newest_first() {
    for seed in [0, 7] {
        let mut seen = BTreeSet::new();
        let world = quarter(seed);
        for objects in accounts(&world) {
            for list in objects.objects.values() {
                assert!(list.is_sorted_by(|a, b| (a.created, a.id()) >= (b.created, b.id())));
                for object in list {
                    assert!(seen.insert(object.id()), "{} twice", object.id());
                    assert_eq!(text(&object.body(world.catalog.now), "id"), object.id());
                    // A few of Billing's objects do not say when they were made, or by another name.
                    if let Some(created) = object.body(world.catalog.now).get("created") {
                        assert_eq!(created, object.created);
                    }
                }
            }
        }
    }
}

#[test]
fn every_source_and_every_charge_of_a_refund_exists() {
    let known = |objects: &AccountObjects, id: &str| objects.objects.values().flatten().any(|object| object.id() == id);
    let world = quarter(4);
    for objects in accounts(&world) {
        for txn in bodies(objects, ObjectKind::BalanceTransaction, world.catalog.now).values() {
            match txn["source"].as_str() {
                None => assert_eq!(text(txn, "type"), "stripe_fee"),
                Some(id) if id.starts_with("fee_") => assert_eq!(text(txn, "reporting_category"), "platform_earning"),
                Some(id) => assert!(known(objects, id), "{id}"),
            }
        }
        let charges = bodies(objects, ObjectKind::Charge, world.catalog.now);
        for refund in bodies(objects, ObjectKind::Refund, world.catalog.now).values() {
            let charge = &charges[text(refund, "charge")];
            assert!(int(refund, "amount") <= int(charge, "amount"));
            assert!(int(charge, "amount_refunded") <= int(charge, "amount"));
        }
        for dispute in bodies(objects, ObjectKind::Dispute, world.catalog.now).values() {
            assert_eq!(charges[text(dispute, "charge")]["disputed"], true);
        }
    }
}

#[test]
fn a_converted_charge_carries_the_rate_at_which_it_was_converted() {
    let mut converted = 0;
    let world = quarter(3);
    for objects in accounts(&world) {
        let charges = bodies(objects, ObjectKind::Charge, world.catalog.now);
        for txn in bodies(objects, ObjectKind::BalanceTransaction, world.catalog.now)
            .values()
            .filter(|txn| text(txn, "type") == "charge")
        {
            let charge = &charges[text(txn, "source")];
            assert_eq!(charge["currency"] != txn["currency"], !txn["exchange_rate"].is_null());
            if txn["exchange_rate"].is_null() {
                assert_eq!(int(charge, "amount"), int(txn, "amount"));
                continue;
            }
            converted += 1;
            let rate = txn["exchange_rate"].to_string();
            let (whole, part) = rate.split_once('.').unwrap_or((&rate, ""));
            let millionths: i128 = format!("{whole}{part:0<6}").parse().expect("a decimal");
            let exponent = |body: &Value| if text(body, "currency") == "jpy" { 0_u32 } else { 2 };
            let exact = i128::from(int(charge, "amount")) * millionths * 10_i128.pow(exponent(txn));
            let settled = i128::from(int(txn, "amount")) * 1_000_000 * 10_i128.pow(exponent(charge));
            assert!((exact - settled).abs() <= 500_000 * 10_i128.pow(exponent(charge)), "{txn}");
        }
    }
    assert!(converted > 100);
}

#[test]
fn nothing_is_younger_than_the_world() {
    let world = quarter(5);
    assert_eq!(world.as_of.as_second(), world.catalog.now);
    for object in accounts(&world).flat_map(|objects| objects.objects.values().flatten()) {
        assert!(object.created <= world.catalog.now);
    }
}

#[test]
fn two_accounts_settle_in_dollars_euros_and_yen() {
    let currencies: BTreeSet<String> =
        accounts(&quarter(2)).flat_map(|objects| held(&objects.balance.body(i64::MAX), "available").into_keys()).collect();
    assert_eq!(currencies.into_iter().collect::<Vec<_>>(), ["eur", "jpy", "usd"]);
}
