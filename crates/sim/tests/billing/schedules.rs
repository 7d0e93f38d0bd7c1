//! Subscription schedules, promotion codes and plans: they agree with the subscriptions, discounts and prices that they are
//! about, and their lists are narrowed and expanded as Stripe's are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sim::ObjectKind;

use crate::bodies::{Account, int, maybe, subscribed, text};
use crate::over_http::Server;
use crate::seeds::seeds;

const DAY: i64 = 86_400;

/// What is subscribed to: prices and quantities, in no order.
fn bought(items: &Value) -> BTreeSet<(String, Option<i64>)> {
    let price = |item: &Value| item["price"].as_str().or_else(|| item["price"]["id"].as_str()).unwrap().to_owned();
    items.as_array().unwrap().iter().map(|item| (price(item), item["quantity"].as_i64())).collect()
}

/// Holds one schedule against its subscription at the same instant.
fn agrees(schedule: &Value, subscriptions: &BTreeMap<String, Value>, now: i64) {
    let (id, status) = (text(schedule, "id"), text(schedule, "status"));
    let phases = schedule["phases"].as_array().unwrap();
    assert!(phases.windows(2).all(|pair| pair[0]["end_date"] == pair[1]["start_date"]), "{schedule}");
    assert!(phases.iter().all(|phase| int(phase, "start_date") < int(phase, "end_date")), "{schedule}");
    for (ended, field) in [("canceled", "canceled_at"), ("completed", "completed_at"), ("released", "released_at")] {
        assert_eq!(status == ended, maybe(schedule, field).is_some_and(|at| at <= now), "{schedule}");
    }
    assert_eq!(status == "active", !schedule["current_phase"].is_null(), "{schedule}");
    let subscription = schedule["subscription"].as_str().map(|id| &subscriptions[id]);
    match status {
        "active" => {
            let subscription = subscription.unwrap();
            assert_eq!(subscription["schedule"], id);
            assert_eq!(subscription["customer"], schedule["customer"]);
            let phase = phases.iter().find(|phase| phase["start_date"] == schedule["current_phase"]["start_date"]).unwrap();
            assert!((int(phase, "start_date")..int(phase, "end_date")).contains(&now), "{schedule} at {now}");
            // A long list is cut in the subscription, and none of those changes.
            if subscription["items"]["has_more"] == false {
                assert_eq!(bought(&subscription["items"]["data"]), bought(&phase["items"]), "{schedule} at {now}");
            }
        }
        "not_started" => assert!(subscription.is_none() && int(&phases[0], "start_date") > now, "{schedule}"),
        "released" => {
            assert!(subscription.is_none());
            assert!(subscriptions[text(schedule, "released_subscription")]["schedule"].is_null());
        }
        "completed" => assert!(subscription.unwrap()["schedule"].is_null()),
        "canceled" => assert!(subscription.is_none_or(|of| of["status"] == "canceled"), "{schedule}"),
        other => panic!("{other}"),
    }
}

#[test]
fn a_schedule_and_its_subscription_agree_at_any_instant() {
    let mut seen = BTreeSet::new();
    for seed in seeds(6) {
        let world = subscribed(seed);
        for (objects, days) in world.catalog.accounts.values().flat_map(|account| [0, 20, 45, 80].map(|days| (account, days))) {
            let account = Account::new(objects, world.catalog.now - days * DAY);
            let subscriptions = account.by_id(ObjectKind::Subscription);
            let schedules = account.objects(ObjectKind::SubscriptionSchedule).iter();
            let schedules: Vec<Value> =
                schedules.filter(|object| object.created <= account.now).map(|object| object.body(account.now)).collect();
            for schedule in &schedules {
                agrees(schedule, &subscriptions, account.now);
                seen.insert(text(schedule, "status").to_owned());
            }
            let known: BTreeSet<&str> = schedules.iter().map(|schedule| text(schedule, "id")).collect();
            let named = subscriptions.values().filter_map(|of| of["schedule"].as_str());
            assert!(named.into_iter().all(|schedule| known.contains(schedule)), "seed {seed}");
        }
    }
    let all = ["active", "canceled", "completed", "not_started", "released"].map(str::to_owned);
    assert_eq!(seen, BTreeSet::from(all));
}

#[test]
fn a_code_was_redeemed_as_often_as_discounts_name_it() {
    let (mut personal, mut withdrawn, mut without) = (0, 0, 0);
    for seed in seeds(4) {
        let world = subscribed(seed);
        for objects in world.catalog.accounts.values() {
            let account = Account::new(objects, world.catalog.now);
            let codes = account.by_id(ObjectKind::PromotionCode);
            let discounts = account.list(ObjectKind::Discount);
            let mut redeemed: BTreeMap<&str, i64> = BTreeMap::new();
            for discount in &discounts {
                let Some(code) = discount["promotion_code"].as_str() else {
                    without += 1;
                    continue;
                };
                *redeemed.entry(code).or_default() += 1;
                let code = &codes[code];
                assert_eq!(code["promotion"]["coupon"], discount["source"]["coupon"], "seed {seed}: {code}");
                assert!(code["customer"].is_null() || code["customer"] == discount["customer"], "seed {seed}: {code}");
                assert!(int(code, "created") <= int(discount, "start"), "seed {seed}: {code}");
            }
            for (id, code) in &codes {
                let times = redeemed.get(id.as_str()).copied().unwrap_or_default();
                assert_eq!(int(code, "times_redeemed"), times, "seed {seed}: {code}");
                let used_up = maybe(code, "max_redemptions") == Some(times);
                assert!(!used_up || code["active"] == false, "seed {seed}: {code}");
                personal += i64::from(used_up);
                withdrawn += i64::from(code["active"] == false && !used_up);
            }
        }
    }
    assert!(personal > 0 && withdrawn > 0 && without > 0, "{personal} {withdrawn} {without}");
}

#[test]
fn plans_mirror_the_prices_that_recur() {
    let server = Server::start();
    let prices = server.walk("/v1/prices?type=recurring&expand[]=data.tiers");
    let plans = server.walk("/v1/plans?expand[]=data.tiers&expand[]=data.product");
    assert_eq!(plans.len(), prices.len());
    for (plan, price) in plans.iter().zip(&prices) {
        let said = |body: &Value, fields: [&str; 5]| fields.map(|field| body[field].clone());
        let same = ["id", "active", "currency", "created", "tiers"];
        assert_eq!(said(plan, same), said(price, same));
        assert_eq!((&plan["amount"], &plan["product"]["id"]), (&price["unit_amount"], &price["product"]));
        assert_eq!((&plan["interval"], text(plan, "object")), (&price["recurring"]["interval"], "plan"));
    }
    let id = text(&plans[0], "id");
    assert_eq!(server.get(&format!("/v1/plans/{id}"))["object"], "plan");
    assert_eq!(server.get(&format!("/v1/prices/{id}"))["object"], "price");
    let old = server.walk("/v1/plans?active=false");
    assert!(!old.is_empty() && old.iter().all(|plan| plan["active"] == false));
    let of_one = server.walk(&format!("/v1/plans?product={}", text(&plans[0]["product"], "id")));
    assert!(!of_one.is_empty() && of_one.len() < plans.len());
}

#[test]
fn schedules_are_narrowed_and_expanded() {
    let server = Server::start();
    let all = server.walk("/v1/subscription_schedules");
    for (field, status) in [("canceled_at", "canceled"), ("completed_at", "completed"), ("released_at", "released")] {
        let ended: Vec<&Value> = all.iter().filter(|schedule| schedule["status"] == status).collect();
        let found = server.walk(&format!("/v1/subscription_schedules?{field}[gt]=0"));
        assert_eq!(found.iter().collect::<Vec<_>>(), ended, "{field}");
        if let Some(one) = ended.first() {
            let at = int(one, field);
            assert!(server.walk(&format!("/v1/subscription_schedules?{field}={at}")).contains(one));
            assert!(!server.walk(&format!("/v1/subscription_schedules?{field}[gt]={at}")).contains(one));
        }
    }
    let coming = server.walk("/v1/subscription_schedules?scheduled=true");
    let others = server.walk("/v1/subscription_schedules?scheduled=false");
    assert!(!coming.is_empty() && coming.iter().all(|schedule| schedule["status"] == "not_started"));
    assert_eq!(coming.len() + others.len(), all.len());
    assert_eq!(server.get("/v1/subscription_schedules?scheduled=soon")["error"]["param"], "scheduled");
    let one = others.iter().find(|schedule| schedule["subscription"].is_string()).unwrap();
    let id = text(one, "id");
    assert!(server.walk(&format!("/v1/subscription_schedules?customer={}", text(one, "customer"))).contains(one));
    let whole = server.get(&format!(
        "/v1/subscription_schedules/{id}?expand[]=subscription&expand[]=customer&expand[]=phases.items.plan\
         &expand[]=phases.items.price.product"
    ));
    assert_eq!((&whole["subscription"]["object"], &whole["customer"]["object"]), (&"subscription".into(), &"customer".into()));
    let item = &whole["phases"][0]["items"][0];
    assert_eq!((&item["plan"]["object"], &item["price"]["object"]), (&"plan".into(), &"price".into()));
    assert_eq!(item["price"]["product"]["object"], "product");
    let governed = server.walk("/v1/subscriptions?expand[]=data.schedule");
    assert!(governed.iter().any(|subscription| subscription["schedule"]["object"] == "subscription_schedule"));
}

#[test]
fn codes_are_found_by_what_they_say() {
    let server = Server::start();
    let all = server.walk("/v1/promotion_codes");
    let found = server.walk("/v1/promotion_codes?code=welcome20");
    assert!(!found.is_empty() && found.iter().all(|code| code["code"] == "WELCOME20"));
    let coupon = text(&found[0]["promotion"], "coupon");
    let of_coupon = server.walk(&format!("/v1/promotion_codes?coupon={coupon}"));
    assert!(of_coupon.len() > 1 && of_coupon.len() < all.len());
    let personal = all.iter().find(|code| code["customer"].is_string()).unwrap();
    let for_one = server.walk(&format!("/v1/promotion_codes?customer={}", text(personal, "customer")));
    assert_eq!(for_one.iter().collect::<Vec<_>>(), [personal]);
    let inactive = server.walk("/v1/promotion_codes?active=false");
    assert!(inactive.contains(personal) && inactive.len() < all.len());
    let expanded = server.get("/v1/promotion_codes?limit=1&expand[]=data.promotion.coupon");
    assert_eq!(expanded["data"][0]["promotion"]["coupon"]["object"], "coupon");
    let invoices = server.walk("/v1/invoices?expand[]=data.discounts.promotion_code");
    let named = invoices.iter().find_map(|invoice| invoice.pointer("/discounts/0/promotion_code/code"));
    assert!(named.is_some(), "a discount that came from a code names it");
}

#[test]
fn each_list_needs_its_permission() {
    let server = Server::start();
    for (path, permission) in [
        ("/v1/subscription_schedules", "subscription"),
        ("/v1/plans", "plan"),
        ("/v1/promotion_codes", "promotion_code"),
        ("/v1/webhook_endpoints", "webhook"),
    ] {
        assert_eq!(server.ask(path, &format!("rk_test_only_{permission}"))["object"], "list", "{path}");
        let refused = server.ask(path, "rk_test_only_payout");
        let message = text(&refused["error"], "message");
        assert!(message.contains(&format!("'rak_{permission}_read'")), "{message}");
    }
    assert_eq!(server.walk("/v1/webhook_endpoints"), Vec::<Value>::new(), "nothing is sent anywhere");
}
