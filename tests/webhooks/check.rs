//! `tieout webhook check` against a simulated Stripe.

use serde_json::{Value, json};

use crate::shop::{SECRETS, Shop, Simulated};

/// Nobody has to listen there: only what is registered is asked for.
const ADDRESS: &str = "http://127.0.0.1:9/webhooks/stripe";

fn json_of(shop: &Shop, secrets: &str, args: &[&str]) -> (i32, Value) {
    let (code, out) = shop.checks(secrets, &[&["--json"], args].concat());
    let mut keys: Vec<Value> = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"));
    (code, keys.pop().unwrap())
}

fn codes(checked: &Value) -> Vec<&str> {
    checked["problems"].as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap()).collect()
}

#[test]
fn where_every_event_is_sent_nothing_is_missing() {
    let shop = Shop::new().at(Simulated::delivering(ADDRESS, "1", &[]));
    let (code, told) = shop.checks(&SECRETS.join(","), &[]);
    assert!(code == 0 && told.contains(ADDRESS) && told.contains("every type of event"), "{told}");
    assert!(told.ends_with("\nStripe is set up to send all that Tieout acts upon.\n"), "{told}");
    let (code, checked) = json_of(&shop, SECRETS[0], &["--url", ADDRESS]);
    assert_eq!((code, &checked["complete"], &checked["secrets"], codes(&checked).len()), (0, &json!(true), &json!(1), 0));
    assert_eq!(checked["endpoints"][0]["enabled_events"], json!(["*"]), "{checked}");
    let (code, checked) = json_of(&shop, "", &["--url", "https://books.example"]);
    assert_eq!((code, &checked["complete"]), (0, &json!(false)), "{checked}");
    assert_eq!(codes(&checked), ["secret_missing", "endpoint_missing"], "another address, and no secret");
    assert_eq!(checked["endpoints"][0]["checked"], false);
}

#[test]
fn the_events_of_connected_accounts_need_an_endpoint_of_their_own() {
    let shop = Shop::new().at(Simulated::delivering(ADDRESS, "2", &[]));
    let (code, checked) = json_of(&shop, &SECRETS.join(","), &[]);
    assert_eq!((code, &checked["complete"], &checked["has_connected_accounts"]), (0, &json!(true), &json!(true)), "{checked}");
    let mut hears: Vec<&str> =
        checked["endpoints"].as_array().unwrap().iter().map(|endpoint| endpoint["hears"].as_str().unwrap()).collect();
    hears.sort_unstable();
    assert_eq!(hears, ["connected", "own"]);
    let (_, told) = shop.checks(SECRETS[0], &[]);
    assert!(told.contains("1 set here, for 2 endpoints: Stripe gives each its own"), "{told}");
}

#[test]
fn without_an_endpoint_it_is_said_how_to_make_one() {
    let shop = Shop::new().at(Simulated::still());
    let (code, checked) = json_of(&shop, SECRETS[0], &["--url", "https://books.example"]);
    assert_eq!((code, &checked["complete"], codes(&checked)), (0, &json!(false), vec!["endpoint_missing"]));
    let command = "stripe webhook_endpoints create -d 'url=https://books.example/webhooks/stripe' -d 'enabled_events[]=*'";
    assert_eq!(checked["problems"][0]["command"], command);
    let (code, told) = shop.checks(SECRETS[0], &["--url", "https://books.example"]);
    assert!(code == 0 && told.contains(&format!("\n    {command}\n")), "{told}");
}

#[test]
fn a_key_without_the_permission_leaves_it_unknown_and_is_told_which() {
    let shop = Shop::new().at(Simulated::still()).with_key("rk_test_only_accounts_kyc_basic_connected_account_balance");
    let (code, checked) = json_of(&shop, SECRETS[0], &[]);
    assert_eq!((code, &checked["complete"], &checked["endpoints"]), (4, &Value::Null, &Value::Null), "{checked}");
    assert_eq!((codes(&checked), &checked["has_connected_accounts"]), (vec!["endpoints_unknown"], &json!(false)));
    let (code, told) = shop.checks(SECRETS[0], &[]);
    assert!(code == 4 && told.contains("not known") && told.contains("rak_webhook_read"), "{told}");
    let (_, checked) = json_of(&shop, "", &[]);
    assert_eq!(codes(&checked), ["secret_missing", "endpoints_unknown"], "what is known is said all the same");
}
