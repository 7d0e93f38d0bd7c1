//! Stripe's reports over HTTP: they add up with one another and with what the API lists.

#![expect(clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "worlds/seeds.rs"]
mod seeds;
#[path = "reports/served.rs"]
mod served;
mod worlds;

use std::collections::{BTreeMap, BTreeSet};

use seeds::seeds;
use serde_json::Value;
use served::{Served, int, text};

const DAY: i64 = 86_400;
/// So many worlds without a campaign.
const SEEDS: u64 = 5;

/// Rows of a CSV, each by its columns.
type Rows = Vec<BTreeMap<String, String>>;

/// The pairs of a POST.
type Form<'a> = &'a [(&'a str, &'a str)];

/// Amounts by currency; minor units.
type Sums = BTreeMap<String, i64>;

/// Major units as minor ones, by the decimals that a currency of these worlds has.
fn minor(row: &BTreeMap<String, String>, column: &str) -> i64 {
    let (amount, decimals) = (&row[column], if row["currency"] == "jpy" { 0 } else { 2 });
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    assert_eq!(fraction.len(), decimals, "{amount} {}", row["currency"]);
    format!("{whole}{fraction}").parse().unwrap_or_else(|_| panic!("{amount}"))
}

/// Adds up without the currencies that come to nothing.
fn summed(parts: impl IntoIterator<Item = (String, i64)>) -> Sums {
    let mut sums = Sums::new();
    for (currency, minor) in parts {
        *sums.entry(currency).or_default() += minor;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

fn nets(rows: &Rows, column: &str) -> Sums {
    summed(rows.iter().map(|row| (row["currency"].clone(), minor(row, column))))
}

fn of_category(rows: &Rows, category: &str) -> Sums {
    summed(rows.iter().filter(|row| row["category"] == category).map(|row| (row["currency"].clone(), minor(row, "net_amount"))))
}

/// A third of the quarter, and the time that follows it.
fn intervals(served: &Served) -> [(i64, i64); 3] {
    let end = served.end + 1;
    [(end - 60 * DAY, end - 30 * DAY), (end - 30 * DAY, end - 11 * DAY - 5_000), (end - 11 * DAY - 5_000, end)]
}

#[tokio::test]
async fn itemized_rows_add_up_to_the_summary() {
    for seed in seeds(SEEDS) {
        let served = Served::ended(seed);
        for (summary, itemized) in [
            ("balance_change_from_activity.summary.1", "balance_change_from_activity.itemized.3"),
            ("payouts.summary.1", "payouts.itemized.3"),
            ("payout_reconciliation.summary.1", "payout_reconciliation.itemized.5"),
            ("ending_balance_reconciliation.summary.1", "ending_balance_reconciliation.itemized.4"),
        ] {
            let (start, end) = intervals(&served)[1];
            let (summary, itemized) = (served.report(summary, start, end).await, served.report(itemized, start, end).await);
            let mut told: BTreeMap<(String, String), [i64; 4]> = BTreeMap::new();
            for row in &itemized {
                let sums = told.entry((row["reporting_category"].clone(), row["currency"].clone())).or_default();
                for (sum, part) in sums.iter_mut().zip([1, minor(row, "gross"), minor(row, "fee"), minor(row, "net")]) {
                    *sum += part;
                }
            }
            assert!(!told.is_empty() && told.len() == summary.len(), "seed {seed}: {summary:?}");
            for row in &summary {
                let sums = told[&(row["reporting_category"].clone(), row["currency"].clone())];
                let count: i64 = row["count"].parse().expect("a count");
                assert_eq!(sums, [count, minor(row, "gross"), minor(row, "fee"), minor(row, "net")], "seed {seed}: {row:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_balance_rolls_forward_into_the_next_interval() {
    for seed in seeds(SEEDS) {
        let served = Served::ended(seed);
        let mut before: Option<Sums> = None;
        for (start, end) in intervals(&served) {
            let balance = served.report("balance.summary.1", start, end).await;
            let [opening, activity, payouts, closing] =
                ["starting_balance", "activity", "payouts", "ending_balance"].map(|category| of_category(&balance, category));
            let minus = payouts.iter().map(|(currency, minor)| (currency.clone(), -minor));
            assert_eq!(summed(opening.clone().into_iter().chain(activity.clone()).chain(minus)), closing, "seed {seed}");
            assert!(before.is_none_or(|before| before == opening), "seed {seed}: {opening:?}");
            let moved = served.report("balance_change_from_activity.summary.1", start, end).await;
            assert_eq!(nets(&moved, "net"), activity, "seed {seed}");
            assert_eq!(nets(&served.report("payouts.summary.1", start, end).await, "net"), payouts, "seed {seed}");
            let unsettled = served.report("ending_balance_reconciliation.itemized.4", start, end).await;
            assert_eq!(nets(&unsettled, "net"), closing, "seed {seed}");
            before = Some(closing);
        }
    }
}

#[tokio::test]
async fn a_payout_is_what_it_settled() {
    for seed in seeds(SEEDS) {
        let served = Served::ended(seed);
        let (start, end) = (served.start(), served.end + 1);
        let rows = served.report("payout_reconciliation.itemized.5", start, end).await;
        let mut settled: BTreeMap<&str, i64> = BTreeMap::new();
        for row in &rows {
            *settled.entry(&row["automatic_payout_id"]).or_default() += minor(row, "net");
        }
        let payouts = served.all("/v1/payouts").await;
        let arrived: Vec<&Value> =
            payouts.iter().filter(|payout| payout["automatic"] == true && int(payout, "arrival_date") < end).collect();
        assert!(arrived.len() > 10 && arrived.len() == settled.len(), "seed {seed}: {} payouts", settled.len());
        for payout in &arrived {
            assert_eq!(settled[text(payout, "id")], int(payout, "amount"), "seed {seed}: {payout}");
        }
        let one = text(arrived[arrived.len() / 2], "id");
        let by_id = served.run(&[("report_type", "payout_reconciliation.by_id.itemized.4"), ("parameters[payout]", one)]).await;
        let same: Rows = rows.iter().filter(|row| row["automatic_payout_id"] == one).cloned().collect();
        assert_eq!(by_id, same, "seed {seed}");
        let summary = served.run(&[("report_type", "payout_reconciliation.by_id.summary.1"), ("parameters[payout]", one)]).await;
        assert_eq!(nets(&summary, "net"), nets(&same, "net"), "seed {seed}");
    }
}

/// The payouts that the report counts at their arrival date are re-dated here; the rest counts when it was made.
#[tokio::test]
async fn reports_hold_exactly_the_txns_of_the_api() {
    for seed in seeds(SEEDS) {
        let served = Served::ended(seed);
        let (start, end) = intervals(&served)[1];
        let arrivals: BTreeMap<String, i64> = served
            .all("/v1/payouts")
            .await
            .iter()
            .filter(|payout| payout["automatic"] == true)
            .map(|payout| (text(payout, "balance_transaction").to_owned(), int(payout, "arrival_date")))
            .collect();
        let (mut activity, mut payouts, mut held) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for txn in served.all("/v1/balance_transactions").await {
            let (id, is_payout) = (text(&txn, "id").to_owned(), text(&txn, "reporting_category").starts_with("payout"));
            let at = arrivals.get(&id).copied().unwrap_or_else(|| int(&txn, "created"));
            if at < end {
                held.push((text(&txn, "currency").to_owned(), int(&txn, "net")));
            }
            if (start..end).contains(&at) {
                if is_payout {
                    payouts.insert(id)
                } else {
                    activity.insert(id)
                };
            }
        }
        let ids = |rows: &Rows| rows.iter().map(|row| row["balance_transaction_id"].clone()).collect::<BTreeSet<String>>();
        let of = async |kind: &str| served.report(kind, start, end).await;
        assert_eq!(ids(&of("balance_change_from_activity.itemized.3").await), activity, "seed {seed}");
        assert_eq!(ids(&of("payouts.itemized.3").await), payouts, "seed {seed}");
        let balance = of("balance.summary.1").await;
        assert_eq!(of_category(&balance, "ending_balance"), summed(held), "seed {seed}");
    }
}

#[tokio::test]
async fn the_last_ending_balance_is_the_balance() {
    for seed in seeds(SEEDS) {
        let served = Served::ended(seed);
        let unsettled = served.report("ending_balance_reconciliation.summary.1", 0, served.end + 1).await;
        let mut told = nets(&unsettled, "net");
        // Automatic payouts on their way have left the balance, though not the reports' balance.
        for payout in served.all("/v1/payouts").await {
            if payout["automatic"] == true && int(&payout, "arrival_date") > served.end {
                *told.entry(text(&payout, "currency").to_owned()).or_default() -= int(&payout, "amount");
            }
        }
        let balance = served.get("/v1/balance").await.body;
        let parts = ["available", "pending"].into_iter().flat_map(|part| balance[part].as_array().expect("a list"));
        let held = summed(parts.map(|part| (text(part, "currency").to_owned(), int(part, "amount"))));
        assert_eq!(summed(told), held, "seed {seed}");
    }
}

#[tokio::test]
async fn columns_come_as_they_were_asked_for_and_times_in_their_zone() {
    let served = Served::ended(1);
    let (start, end) = intervals(&served)[0];
    let (start, end) = (start.to_string(), end.to_string());
    let asked = [
        "fee",
        "created_utc",
        "created",
        "source_id",
        "charge_id",
        "payment_metadata[order_id]",
        "refund_metadata[ticket]",
        "customer_facing_currency",
        "regulatory_tag",
        "automatic_payout_id",
    ];
    let mut form = vec![
        ("report_type", "balance_change_from_activity.itemized.3"),
        ("parameters[interval_start]", start.as_str()),
        ("parameters[interval_end]", end.as_str()),
        ("parameters[timezone]", "Asia/Tokyo"),
        ("parameters[reporting_category]", "refund"),
        ("parameters[currency]", "USD"),
    ];
    form.extend(asked.iter().map(|column| ("parameters[columns][]", *column)));
    if served.post(&form, &[]).await.error() == (400, "", "parameters[timezone]") {
        // This machine has no time zones: all that can be asked for is UTC.
        form[3].1 = "UTC";
    }
    let csv = served.csv(&form).await;
    assert_eq!(csv.lines().next(), Some(asked.join(",").as_str()));
    let rows = served::rows(&csv);
    assert!(!rows.is_empty());
    for row in rows {
        let refund = served.get(&format!("/v1/refunds/{}", row["source_id"])).await.body;
        assert_eq!(text(&refund, "charge"), row["charge_id"]);
        assert_eq!(text(&refund["metadata"], "order_id"), row["payment_metadata[order_id]"]);
        assert_eq!(text(&refund["metadata"], "ticket"), row["refund_metadata[ticket]"]);
        assert_eq!(text(&refund, "currency"), row["customer_facing_currency"]);
        let hour = |column: &str| row[column][11..13].parse::<u32>().expect("an hour");
        let hours = if form[3].1 == "UTC" { 0 } else { 9 };
        assert_eq!(hour("created"), (hour("created_utc") + hours) % 24, "{row:?}");
    }
}

#[tokio::test]
async fn a_request_that_stripe_would_refuse_is_refused_by_name() {
    let served = Served::ended(2);
    let (start, end) = intervals(&served)[0];
    let (start, end) = (start.to_string(), end.to_string());
    let after = (served.end + 2).to_string();
    let manual = served.all("/v1/payouts").await.into_iter().find(|payout| payout["automatic"] == false).expect("one");
    let (from, to) = (("parameters[interval_start]", start.as_str()), ("parameters[interval_end]", end.as_str()));
    let kind = ("report_type", "balance_change_from_activity.itemized.3");
    let one = ("report_type", "payout_reconciliation.by_id.itemized.4");
    let cases: [(Form<'_>, &str, &str); 17] = [
        (&[from, to], "parameter_missing", "report_type"),
        (&[("report_type", "balance.summary.99"), from, to], "resource_missing", "report_type"),
        (&[kind, to], "parameter_missing", "parameters[interval_start]"),
        (&[kind, from], "parameter_missing", "parameters[interval_end]"),
        (&[("report_type", "payout_reconciliation.by_id.summary.1")], "parameter_missing", "parameters[payout]"),
        (&[kind, ("parameters[interval_start]", "1000"), to], "", "parameters.interval_start"),
        (&[kind, from, ("parameters[interval_end]", after.as_str())], "", "parameters.interval_end"),
        (&[kind, from, ("parameters[interval_end]", start.as_str())], "", "parameters.interval_end"),
        (&[kind, from, ("parameters[interval_end]", "soon")], "parameter_invalid_integer", "parameters[interval_end]"),
        (&[kind, from, to, ("parameters[columns][]", "colour")], "", "parameters[columns]"),
        (&[kind, from, to, ("parameters[timezone]", "Mars/Olympus")], "", "parameters[timezone]"),
        (&[kind, from, to, ("parameters[currency]", "dollars")], "", "parameters[currency]"),
        (&[kind, from, to, ("parameters[reporting_category]", "gifts")], "", "parameters[reporting_category]"),
        (&[kind, from, to, ("parameters[payout]", "po_1")], "parameter_unknown", "parameters[payout]"),
        (&[kind, from, to, ("colour", "red")], "parameter_unknown", "colour"),
        (&[one, ("parameters[payout]", "po_none")], "resource_missing", "parameters[payout]"),
        (&[one, ("parameters[payout]", text(&manual, "id"))], "", "parameters[payout]"),
    ];
    for (form, code, param) in cases {
        let refused = served.post(form, &[]).await;
        assert_eq!(refused.error(), (400, code, param), "{form:?}: {}", refused.body);
    }
    assert_eq!(served.get("/v1/reporting/report_runs").await.body["data"], Value::Array(Vec::new()));
    for path in ["/v1/reporting/report_types/none", "/v1/reporting/report_runs/frr_none", "/v1/files/file_none/contents"] {
        assert_eq!(served.get(path).await.error(), (404, "resource_missing", "id"), "{path}");
    }
}

#[tokio::test]
async fn only_report_runs_can_be_made() {
    let served = Served::ended(2);
    for path in ["/v1/reporting/report_types", "/v1/reporting/report_runs/frr_1", "/v1/files/file_1", "/v1/payouts"] {
        assert_eq!(served.post_to(path, &[], &[]).await.status, 405, "{path}");
    }
}

#[tokio::test]
async fn a_key_makes_one_run() {
    let served = Served::ended(3);
    let (start, end) = intervals(&served)[0];
    let (start, end) = (start.to_string(), end.to_string());
    let broken = [("report_type", "balance.summary.1"), ("parameters[interval_start]", start.as_str())];
    let form = [broken[0], broken[1], ("parameters[interval_end]", end.as_str())];
    let key = [("idempotency-key", "month-1")];
    assert_eq!(served.post(&broken, &key).await.status, 400, "which leaves the key free");
    let first = served.post(&form, &key).await;
    assert!(first.status == 200 && !first.headers.contains_key("idempotent-replayed"));
    served.get(&format!("/v1/reporting/report_runs/{}", text(&first.body, "id"))).await;
    let again = served.post(&form, &key).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let other = served.post(&[form[0], form[1], form[2], ("parameters[currency]", "usd")], &key).await;
    assert_eq!((other.status, text(&other.body["error"], "type")), (400, "idempotency_error"));
    let new = served.post(&form, &[("idempotency-key", "month-2")]).await;
    assert_ne!(new.body["id"], first.body["id"]);
    let runs = served.get("/v1/reporting/report_runs?limit=1").await.body;
    assert_eq!((&runs["data"][0]["id"], &runs["has_more"]), (&new.body["id"], &Value::Bool(true)));
    let older = served.get(&format!("/v1/reporting/report_runs?starting_after={}", text(&new.body, "id"))).await.body;
    assert_eq!((&older["data"][0]["id"], &older["has_more"]), (&first.body["id"], &Value::Bool(false)));
}

#[tokio::test]
async fn a_run_is_created_polled_and_downloaded() {
    let served = Served::running(4, 20);
    let kind = served.get("/v1/reporting/report_types/balance.summary.1").await.body;
    let (start, end) = (int(&kind, "data_available_start").to_string(), int(&kind, "data_available_end"));
    assert!(end <= served.now() - 12 * 3_600 && end > served.now() - DAY - 1, "cut twice a day, ready half a day later");
    let end = end.to_string();
    let form = [
        ("report_type", "balance.summary.1"),
        ("parameters[interval_start]", start.as_str()),
        ("parameters[interval_end]", end.as_str()),
    ];
    let run = served.post(&form, &[]).await.body;
    assert_eq!((text(&run, "object"), text(&run, "status")), ("reporting.report_run", "pending"));
    let path = format!("/v1/reporting/report_runs/{}", text(&run, "id"));
    assert_eq!(served.get(&path).await.body, run, "the world's time has not moved");
    served.pass(60);
    let done = served.get(&path).await.body;
    let file = &done["result"];
    assert_eq!((text(&done, "status"), text(file, "purpose"), text(file, "type")), ("succeeded", "finance_report_run", "csv"));
    assert!(int(&done, "succeeded_at") > int(&done, "created"));
    assert_eq!(served.get(&format!("/v1/files/{}", text(file, "id"))).await.body, *file);
    let url = text(file, "url").strip_prefix("http://127.0.0.1:12111").expect("the host that was asked");
    let csv = served.get(url).await;
    assert_eq!(csv.headers["content-type"], "text/csv");
    assert_eq!(csv.text.len() as i64, int(file, "size"));
    assert!(csv.text.starts_with("category,currency,description,net_amount\n"));
    served.pass(9 * DAY);
    assert_eq!(served.get(url).await.text, csv.text, "a file never changes");
    let accounts = served.get("/v1/accounts").await.body;
    let others = served.post(&form, &[("stripe-account", text(&accounts["data"][0], "id"))]).await.body;
    assert_eq!(served.get(&format!("/v1/reporting/report_runs/{}", text(&others, "id"))).await.status, 404, "not this account's");
}

/// A summary of the balance over the time for which there is data.
async fn summary(served: &Served, headers: &[(&str, &str)]) -> Value {
    let kind = served.get("/v1/reporting/report_types/balance.summary.1").await.body;
    let (start, end) = (int(&kind, "data_available_start").to_string(), int(&kind, "data_available_end").to_string());
    let interval = [("parameters[interval_start]", start.as_str()), ("parameters[interval_end]", end.as_str())];
    let form = [("report_type", "balance.summary.1"), interval[0], interval[1]];
    served.post(&form, headers).await.body
}

#[tokio::test]
async fn where_time_stands_still_a_run_ends_by_requests_of_any_kind() {
    for (first, second) in [("/v1/reporting/report_runs", "/v1/reporting/report_runs"), ("/v1/balance", "/v1/nowhere")] {
        let served = Served::ended(6);
        let run = summary(&served, &[]).await;
        served.get(first).await;
        served.get(second).await;
        let events = served.get("/v1/events?type=reporting.*").await.body;
        let runs = served.get("/v1/reporting/report_runs").await.body;
        assert_eq!((text(&runs["data"][0], "id"), text(&runs["data"][0], "status")), (text(&run, "id"), "succeeded"));
        assert_eq!(events["data"][0]["data"]["object"], runs["data"][0], "{events}");
        assert_eq!(text(&events["data"][0], "type"), "reporting.report_run.succeeded");
        assert_eq!(events["data"].as_array().map(Vec::len), Some(1));
        let event = served.get(&format!("/v1/events/{}", text(&events["data"][0], "id"))).await.body;
        assert_eq!(event, events["data"][0]);
        assert!(served.all("/v1/events").await.contains(&event), "among all others");
    }
}

#[tokio::test]
async fn where_time_runs_a_run_ends_by_it_and_is_told_then() {
    let served = Served::running(6, 9);
    let accounts = served.get("/v1/accounts").await.body;
    let shop = text(&accounts["data"][0], "id");
    let run = summary(&served, &[]).await;
    for _ in 0..9 {
        assert_eq!(served.get("/v1/events?type=reporting.report_run.succeeded").await.body["data"], Value::Array(Vec::new()));
    }
    summary(&served, &[("stripe-account", shop)]).await;
    served.pass(60);
    let told = served.get("/v1/events?type=reporting.report_run.succeeded").await.body;
    let done = served.get(&format!("/v1/reporting/report_runs/{}", text(&run, "id"))).await.body;
    assert_eq!(told["data"].as_array().map(Vec::len), Some(1), "the connected account's event is its own");
    assert_eq!(told["data"][0]["data"]["object"], done);
    assert_eq!(told["data"][0]["created"], done["succeeded_at"]);
    assert!(told["data"][0].get("account").is_none());
    let theirs = served.get_of(shop, "/v1/events?type=reporting.report_run.succeeded").await.body;
    assert_eq!((theirs["data"].as_array().map(Vec::len), text(&theirs["data"][0], "account")), (Some(1), shop));
    let kept = served.all("/v1/events").await;
    assert!(kept.is_sorted_by_key(|event| std::cmp::Reverse(int(event, "created"))));
}

#[tokio::test]
async fn a_run_that_fails_has_an_error_and_no_file() {
    let served = Served::failing(6);
    let run = summary(&served, &[]).await;
    let path = format!("/v1/reporting/report_runs/{}", text(&run, "id"));
    assert_eq!(served.get(&path).await.body["status"], "pending");
    let failed = served.get(&path).await.body;
    assert_eq!(text(&failed, "status"), "failed");
    assert!(!text(&failed, "error").is_empty() && failed["result"].is_null() && failed["succeeded_at"].is_null());
    let told = served.get("/v1/events?type=reporting.report_run.failed").await.body;
    assert_eq!(told["data"][0]["data"]["object"], failed);
}

#[tokio::test]
async fn every_type_runs_with_what_it_needs() {
    let served = Served::ended(5);
    let listed = |payout: &Value| payout["reconciliation_status"] == "completed";
    let payout = served.all("/v1/payouts").await.into_iter().find(listed).expect("one");
    let kinds = served.get("/v1/reporting/report_types").await.body;
    let kinds = kinds["data"].as_array().expect("a list");
    assert_eq!(kinds.len(), 11);
    for kind in kinds {
        let (start, end) = (int(kind, "data_available_start").to_string(), int(kind, "data_available_end").to_string());
        let needs: &[(&str, &str)] = match text(kind, "id") {
            id if id.contains("by_id") => &[("parameters[payout]", text(&payout, "id"))],
            id if id.starts_with("ending") => &[("parameters[interval_end]", end.as_str())],
            _ => &[("parameters[interval_start]", start.as_str()), ("parameters[interval_end]", end.as_str())],
        };
        let form: Vec<(&str, &str)> = [("report_type", text(kind, "id"))].iter().chain(needs).copied().collect();
        let csv = served.csv(&form).await;
        let columns: Vec<&str> = kind["default_columns"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        assert_eq!(csv.lines().next(), Some(columns.join(",").as_str()));
        assert!(csv.lines().count() > 1, "{kind}");
    }
}
