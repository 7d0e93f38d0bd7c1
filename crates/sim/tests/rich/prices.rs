//! What Stripe takes, by Stripe's price lists.

use std::collections::BTreeMap;

use serde_json::Value;
use sim::ObjectKind::{BalanceTransaction, Charge};

use super::{bodies, int, text, world};

/// Basis points and the fixed part of a card's price in `home`; `None` where no price list of this test says.
fn card(home: &str, settled: &str, country: &str, brand: &str) -> Option<(i64, i64)> {
    let european = ["DE", "FR", "HU", "NL", "SE"].contains(&country);
    Some(match (home, settled) {
        ("US", "usd") => (if country == "US" { 290 } else { 440 }, 30),
        ("JP", "jpy") => (360, 0),
        ("DE", "eur") if european => (if brand == "amex" { 290 } else { 150 }, 25),
        ("DE", "eur") => (if country == "GB" { 250 } else { 325 }, 25),
        ("GB", "gbp") if country == "GB" => (if brand == "amex" { 290 } else { 150 }, 20),
        ("GB", "gbp") => (if european { 250 } else { 325 }, 20),
        _ => return None,
    })
}

/// What a fee's part comes to: of `amount` so many basis points, halves up.
const fn share(amount: i64, basis_points: i64) -> i64 {
    (amount * basis_points + 5_000) / 10_000
}

fn part(txn: &Value, description: &str) -> Option<i64> {
    let details = txn["fee_details"].as_array().expect("a list");
    details.iter().find(|detail| detail["description"] == description).map(|detail| int(detail, "amount"))
}

#[test]
fn cards_cost_by_country_and_brand_and_conversion_costs_extra() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 1..=4 {
        let world = world(seed);
        for objects in world.catalog.accounts.values() {
            let account = objects.account.body(world.catalog.now);
            let home = text(&account, "country");
            let txns = bodies(objects, BalanceTransaction, world.catalog.now);
            for charge in bodies(objects, Charge, world.catalog.now).values() {
                let card_details = &charge["payment_method_details"]["card"];
                let (Some(id), Some(country)) = (charge["balance_transaction"].as_str(), card_details["country"].as_str()) else {
                    continue;
                };
                let (txn, brand) = (&txns[id], text(card_details, "brand"));
                let Some((basis_points, fixed)) = card(home, text(txn, "currency"), country, brand) else { continue };
                let amount = int(txn, "amount");
                let expected = (share(amount, basis_points) + fixed).min(amount);
                assert_eq!(part(txn, "Stripe processing fees"), Some(expected), "seed {seed}: {home} {charge} {txn}");
                let conversion = part(txn, "Stripe currency conversion fee");
                let converted = charge["currency"] != txn["currency"];
                let rate = if home == "US" { 100 } else { 200 };
                assert_eq!(conversion, converted.then(|| share(amount, rate)), "seed {seed}: {home} {charge} {txn}");
                *seen.entry(format!("{home} {basis_points}")).or_default() += 1;
                *seen.entry(format!("{home} converted {converted}")).or_default() += 1;
            }
        }
    }
    for price in ["US 290", "US 440", "DE 150", "DE 250", "DE 290", "DE 325", "GB 150", "GB 250", "JP 360", "DE converted true"] {
        assert!(seen.get(price).is_some_and(|count| *count >= 3), "{price} in {seen:?}");
    }
}

#[test]
fn other_methods_have_prices_of_their_own() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 1..=4 {
        let world = world(seed);
        for objects in world.catalog.accounts.values() {
            let account = objects.account.body(world.catalog.now);
            let txns = bodies(objects, BalanceTransaction, world.catalog.now);
            for charge in bodies(objects, Charge, world.catalog.now).values().filter(|charge| charge["source_transfer"].is_null())
            {
                let Some(txn) = charge["balance_transaction"].as_str().map(|id| &txns[id]) else { continue };
                let amount = int(txn, "amount");
                let (method, expected) = match (text(&charge["payment_method_details"], "type"), text(&account, "country")) {
                    ("us_bank_account", "US") => ("ach", share(amount, 80).min(500)),
                    ("sepa_debit", "DE") => ("sepa", 35.min(amount)),
                    ("klarna", "US") if txn["currency"] == "usd" => ("klarna in America", share(amount, 599) + 30),
                    ("klarna", "DE") => ("klarna in Europe", share(amount, 299) + 25),
                    _ => continue,
                };
                assert_eq!(part(txn, "Stripe processing fees"), Some(expected), "seed {seed}: {charge} {txn}");
                *seen.entry(method).or_default() += 1;
            }
        }
    }
    assert!(seen.len() == 4 && seen.values().all(|count| *count >= 5), "{seen:?}");
}
