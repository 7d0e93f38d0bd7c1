//! Deliveries as Stripe makes them, against the built binary: signed or forged, doubled, unknown, and those of a whole simulated
//! world whose time runs.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "webhooks/check.rs"]
mod check;
#[path = "webhooks/shop.rs"]
mod shop;

use serde_json::Value;
use shop::{SECRETS, Shop, Simulated, signature};

fn event(id: &str, kind: &str, object: &str) -> String {
    format!(r#"{{"id":"{id}","object":"event","type":"{kind}","livemode":false,"created":1,"data":{{"object":{object}}}}}"#)
}

fn charge_event(id: &str, charge: &str) -> String {
    event(id, "charge.updated", &format!(r#"{{"object":"charge","id":"{charge}"}}"#))
}

/// Id, state and how often it came, of every delivery that the database holds, oldest id first.
fn states(shop: &Shop) -> Vec<(String, String, u64)> {
    let mut rows: Vec<_> =
        shop.deliveries().iter().map(|row| (text(row, "id"), text(row, "state"), row["times"].as_u64().unwrap())).collect();
    rows.sort();
    rows
}

fn text(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap_or_default().to_owned()
}

#[test]
fn only_what_is_signed_for_this_endpoint_is_taken() {
    let shop = Shop::new().synced(Simulated::still()).serving(&SECRETS.join(","));
    let body = charge_event("evt_1", "ch_none");
    let signed = signature(SECRETS[0], shop::now(), body.as_bytes());
    for (what, headers) in [
        ("no signature", vec![]),
        ("another secret", vec![signature("whsec_theirs", shop::now(), body.as_bytes())]),
        ("another body", vec![signature(SECRETS[0], shop::now(), b"{}")]),
        ("an old one", vec![signature(SECRETS[0], shop::now() - 301, body.as_bytes())]),
        ("one from the future", vec![signature(SECRETS[0], shop::now() + 400, body.as_bytes())]),
        ("another scheme", vec![signed.replace("v1=", "v0=")]),
        ("two headers", vec![signed.clone(), signed.clone()]),
        ("nothing that can be read", vec!["t=,v1=".to_owned()]),
    ] {
        let (status, answer) = shop.post(&headers, body.as_bytes());
        assert_eq!((status, answer.as_str()), (400, "This is not signed by Stripe for this endpoint.\n"), "{what}");
    }
    assert_eq!(states(&shop), []);
    for (n, secret) in SECRETS.iter().enumerate() {
        let body = charge_event(&format!("evt_by_{n}"), "ch_none");
        assert_eq!(shop.post(&[signature(secret, shop::now(), body.as_bytes())], body.as_bytes()).0, 200, "{secret}");
    }
    assert_eq!(states(&shop).len(), 2);
}

#[test]
fn other_methods_and_bodies_beyond_a_megabyte_are_refused() {
    let shop = Shop::new().synced(Simulated::still()).serving(SECRETS[0]);
    assert_eq!(shop.send("GET", &[], b"").0, 405);
    let huge = vec![b' '; 1024 * 1024 + 1];
    assert_eq!(shop.post(&[signature(SECRETS[0], shop::now(), &huge)], &huge).0, 413);
    assert_eq!(shop.deliver("not JSON at all").0, 400);
    assert_eq!(states(&shop), []);
}

#[test]
fn without_a_secret_nothing_is_taken_and_the_answer_says_what_to_set() {
    let shop = Shop::new().synced(Simulated::still()).serving("");
    let (status, answer) = shop.deliver(&charge_event("evt_1", "ch_none"));
    assert_eq!(status, 503);
    assert!(answer.contains("STRIPE_WEBHOOK_SECRET"), "{answer}");
}

#[test]
fn doubled_unknown_foreign_and_vanished_events_all_end_well() {
    let shop = Shop::new().synced(Simulated::still()).serving(SECRETS[0]);
    let charge = shop.a_charge();
    let known = charge_event("evt_known", &charge);
    for body in [
        &known,
        &known,
        &known,
        &charge_event("evt_vanished", "ch_that_stripe_does_not_have"),
        &event("evt_unknown_type", "moon.landed", r#"{"object":"moon","id":"mo_1"}"#),
        &charge_event("evt_live", &charge).replace(r#""livemode":false"#, r#""livemode":true"#),
    ] {
        assert_eq!(shop.deliver(body).0, 200, "{body}");
    }
    let row = |id: &str, state: &str, times: u64| (id.to_owned(), state.to_owned(), times);
    let expected = [
        row("evt_known", "done", 3),
        row("evt_live", "ignored", 1),
        row("evt_unknown_type", "ignored", 1),
        row("evt_vanished", "done", 1),
    ];
    shop.until("all is settled", || states(&shop) == expected);
    let known = shop.deliveries().into_iter().find(|row| row["id"] == "evt_known").unwrap();
    assert_eq!((text(&known, "type"), text(&known, "object")), ("charge.updated".to_owned(), charge));
    assert_eq!(text(&known, "account"), shop.own_account());
}

#[test]
fn what_was_acknowledged_survives_the_death_of_the_server() {
    let mut shop = Shop::new().synced(Simulated::still()).serving(SECRETS[0]);
    for n in 0..20 {
        assert_eq!(shop.deliver(&charge_event(&format!("evt_{n:02}"), "ch_none")).0, 200);
    }
    shop.kill();
    assert_eq!(states(&shop).len(), 20);
}

#[test]
fn of_two_servers_on_one_database_the_other_works_off_what_one_had_taken_when_it_died() {
    let mut shop = Shop::new().synced(Simulated::still()).serving(SECRETS[0]);
    let other = shop.beside();
    let settled = |count: usize| {
        let states = states(&other);
        states.len() == count && states.iter().all(|(_, state, times)| state == "done" && *times == 1)
    };
    other.until("both have caught up", || other.runs().iter().filter(|(job, _)| job == "sync").count() == 3);
    (0..3).for_each(|n| assert_eq!(other.deliver(&charge_event(&format!("evt_other_{n}"), "ch_none")).0, 200));
    other.until("the other works off its own", || settled(3));
    (0..3).for_each(|n| assert_eq!(shop.deliver(&charge_event(&format!("evt_{n}"), "ch_none")).0, 200));
    // It gathers for a moment before it works them off.
    shop.kill();
    assert_eq!(other.deliver(&charge_event("evt_later", "ch_none")).0, 200);
    other.until("the other works off all", || settled(7));
    assert!(!other.said().contains("fault of"), "{}", other.said());
}

#[test]
fn what_failed_can_be_replayed_once_its_cause_is_mended() {
    // The key may not read charges at first.
    let shop = Shop::new().synced(Simulated::still()).with_key("rk_test_only_accounts_kyc_basic_payout").serving(SECRETS[0]);
    let charge = shop.a_charge();
    assert_eq!(shop.deliver(&charge_event("evt_1", &charge)).0, 200);
    shop.until("it failed", || states(&shop) == [("evt_1".to_owned(), "failed".to_owned(), 1)]);
    let row = shop.deliveries().remove(0);
    assert!(text(&row, "problem").contains("rak_charge_read"), "{row}");
    let run = shop.with_whole_key().tieout(&["webhook", "replay", "--failed", "--json"]);
    assert_eq!(run, serde_json::json!({"replayed": 1, "complete": true}));
    assert_eq!(states(&shop), [("evt_1".to_owned(), "done".to_owned(), 1)]);
}

#[test]
fn one_object_that_the_key_may_not_read_keeps_nothing_else_from_being_reconciled() {
    let key = "rk_test_only_balance_payout_charge_dispute_balance_transaction_source_event_accounts_kyc_basic_connected_account";
    let shop = Shop::new().with_key(key).synced(Simulated::still()).serving(SECRETS[0]);
    // Nothing has changed while the server was away, so that nothing is judged again.
    shop.until("it has caught up", || shop.runs() == done(&["sync", "reconcile", "sync"]));
    // As if the payout had come since: it is not here, and its exception neither.
    let payout = shop.forget_a_payout();
    assert!(shop.exceptions_about(&payout).is_empty());
    let customer = event("evt_customer", "customer.updated", r#"{"object":"customer","id":"cus_1"}"#);
    let paid = event("evt_payout", "payout.paid", &format!(r#"{{"object":"payout","id":"{payout}"}}"#));
    for body in [&customer, &paid] {
        assert_eq!(shop.deliver(body).0, 200);
    }
    shop.until("the payout is judged", || shop.is_judged(&payout));
    let row = |id: &str, state: &str| (id.to_owned(), state.to_owned(), 1);
    assert_eq!(states(&shop), [row("evt_customer", "ignored"), row("evt_payout", "done")]);
}

#[test]
fn what_is_acknowledged_is_in_the_database_that_stands_there_now() {
    let shop = Shop::new().synced(Simulated::still()).serving(SECRETS[0]);
    assert_eq!(shop.deliver(&charge_event("evt_before", "ch_none")).0, 200);
    shop.remove_database();
    assert_eq!(shop.deliver(&charge_event("evt_after", "ch_none")).0, 200);
    let ids: Vec<String> = states(&shop).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(ids, ["evt_after"]);
}

#[test]
fn a_client_that_never_ends_its_body_does_not_keep_the_server_alive() {
    let mut shop = Shop::new().synced(Simulated::still()).serving(SECRETS[0]);
    let slow = shop.begin_and_never_end();
    assert!(shop.ends_when_it_is_told_to(), "it was killed after a while");
    drop(slow);
}

#[test]
fn an_id_that_never_came_cannot_be_replayed() {
    let shop = Shop::new().synced(Simulated::still()).serving(SECRETS[0]);
    let (code, talk) = shop.fails(&["webhook", "replay", "evt_never"]);
    assert_eq!(code, 1, "{talk}");
    assert!(talk.contains("evt_never"), "{talk}");
}

/// These jobs, each done, the oldest first.
fn done(jobs: &[&str]) -> Vec<(String, String)> {
    jobs.iter().map(|job| ((*job).to_owned(), "done".to_owned())).collect()
}

/// What `tieout txn list` and `payout list` say of a world that was read at once.
fn read_at_once(stripe: Simulated) -> (Value, Value) {
    let shop = Shop::new().synced(stripe);
    (shop.tieout(&["txn", "list", "--json"]), shop.tieout(&["payout", "list", "--json"]))
}

#[test]
fn what_happened_while_the_server_was_down_is_read_once_it_starts_again() {
    let shop = Shop::new().synced(Simulated::three_days_earlier()).at(Simulated::still()).serving(SECRETS[0]);
    let (txns, payouts) = read_at_once(Simulated::still());
    shop.until("it has caught up and reconciled", || shop.tieout(&["payout", "list", "--json"]) == payouts);
    assert_eq!(shop.tieout(&["txn", "list", "--json"]), txns);
    assert!(shop.count("txn") > shop.txns_before());
    shop.until("its runs are kept", || shop.runs() == done(&["sync", "reconcile", "sync", "reconcile"]));
    assert!(shop.deliveries().is_empty());
}

#[test]
fn a_server_that_starts_before_the_first_sync_says_so_and_reads_nothing() {
    let shop = Shop::new().at(Simulated::still()).serving(SECRETS[0]);
    shop.until("it says what to do", || shop.said().contains("run tieout sync once"));
    assert_eq!(shop.deliver(&charge_event("evt_1", "ch_none")).0, 200);
    assert!(shop.runs().iter().all(|(job, _)| job != "sync"), "{:?}", shop.runs());
}

#[test]
fn a_server_that_starts_while_a_sync_runs_serves_and_catches_up_after_it() {
    let shop = Shop::new().synced(Simulated::three_days_earlier()).at(Simulated::still());
    let mut other = shop.store();
    other.lease(store::LeaseName::Sync, store::Pace::STANDARD).unwrap();
    let (code, talk) = shop.fails(&["sync"]);
    assert!(code == 6 && talk.contains("another sync"), "{code}: {talk}");
    let shop = shop.serving(SECRETS[0]);
    shop.until("it waits", || shop.said().contains("another sync"));
    assert_eq!(shop.deliver(&charge_event("evt_1", "ch_none")).0, 200);
    drop(other);
    shop.until("it has caught up", || shop.count("txn") > shop.txns_before());
}

#[test]
fn a_world_whose_time_runs_is_followed_by_its_deliveries_alone() {
    let shop = Shop::followed(&[]);
    shop.until("charges, txns and payouts came by webhook", || {
        let grown = |noun: &str, before: usize| shop.count(noun) > before;
        grown("txn", shop.txns_before()) && shop.deliveries().iter().filter(|row| row["state"] == "done").count() >= 30
    });
    assert!(shop.deliveries().iter().all(|row| row["state"] != "failed"), "{:?}", shop.deliveries());
    // Txns are written a moment before the balance that they make.
    shop.until("the balance agrees", || shop.tieout(&["status", "--json"])["accounts"][0]["balance"]["difference_minor"] == 0);
}

#[test]
fn thin_events_lead_to_the_same() {
    let shop = Shop::followed(&["--webhook-payload", "thin"]);
    shop.until("thin events were worked off", || {
        shop.count("txn") > shop.txns_before() && shop.deliveries().iter().filter(|row| row["state"] == "done").count() >= 10
    });
    assert!(shop.deliveries().iter().all(|row| row["state"] != "failed"));
}
