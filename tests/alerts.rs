//! What is told when things go wrong at night, to a real mail server and a real receiver of webhooks, over a clock that runs fast.

#![expect(clippy::unwrap_used, reason = "tests")]

#[expect(dead_code, reason = "its own tests need more of it")]
#[path = "../crates/outgoing/tests/over_sockets/authority.rs"]
mod authority;
#[expect(dead_code, reason = "the faults need more of it")]
#[path = "alerts/gate.rs"]
mod gate;
#[expect(dead_code, reason = "the faults need more of it")]
#[path = "alerts/night.rs"]
mod night;
#[path = "alerts/receiver.rs"]
mod receiver;
#[expect(dead_code, reason = "its own tests need more of it")]
#[path = "../crates/outgoing/tests/over_sockets/smtp.rs"]
mod smtp;

use gate::Weather;
use night::{FAST, Night, SLOW};
use serde_json::json;

#[test]
fn at_seven_in_new_york_stripe_refuses_then_breaks_then_the_database_is_away_and_the_third_try_ends_well() {
    let night = Night::begin(Weather::Refuses, SLOW);
    night.add(
        "daily",
        &["--job", "sync", "--cron", "every day at 7", "--tz", "America/New_York", "--retries", "2", "--grace", "60"],
    );
    night.until("one try failed", |night| night.newest("daily")["attempts"] == 1 && night.newest("daily")["state"] == "waiting");
    night.weather(Weather::Breaks);
    night
        .until("two tries failed", |night| night.newest("daily")["attempts"] == 2 && night.newest("daily")["state"] == "waiting");
    night.without_database(|| std::thread::sleep(std::time::Duration::from_millis(500)));
    night.weather(Weather::Fine);
    night.until("it ended", |night| night.newest("daily")["ended_at"].is_string());
    let run = night.run_with_tries("daily");
    assert_eq!(
        (&run["state"], &run["attempts"], &run["trigger"], &run["due_at"]),
        (&json!("done"), &json!(3), &json!("schedule"), &json!("2026-11-02T12:00:00Z"))
    );
    let tries: Vec<(&str, &str)> = run["tries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["state"].as_str().unwrap(), one["error"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(tries.iter().map(|(state, _)| *state).collect::<Vec<_>>(), ["failed", "failed", "done"]);
    assert!(tries[0].1.contains("429") && tries[1].1.contains("500"), "{tries:?}");
    assert!(run["summary"]["synced"].as_u64().unwrap() > 0);
    night.a_few_looks();
    assert_eq!((night.mails(), night.webhooks().len()), (vec![], 0), "what was made good again wakes nobody");
}

#[test]
fn when_stripe_is_away_for_good_there_is_one_mail_and_one_webhook_and_when_it_is_back_one_recovery() {
    let night = Night::begin(Weather::Fine, FAST);
    night.add("daily", &["--job", "sync", "--cron", "@yearly", "--retries", "1"]);
    night.tieout(&["schedule", "run", "daily"]);
    night.until("it is synced", |night| night.newest("daily")["state"] == "done");
    night.weather(Weather::Away);
    night.tieout(&["schedule", "run", "daily"]);
    night.until("it was told", |night| night.mails().len() == 1 && night.webhooks().len() == 1);
    let failed = night.newest("daily");
    assert_eq!((&failed["state"], &failed["attempts"]), (&json!("failed"), &json!(2)));
    night.a_few_looks();
    assert_eq!((night.mails().len(), night.webhooks().len()), (1, 1), "once, however often it is looked at");
    let mail = &night.mails()[0];
    for told in [
        "Subject: [tieout] The schedule 'daily' failed after 2 tries",
        "Since: 2026-11-0",
        "Done already: tried 2 times from",
        "To do: tieout schedule history",
        "/schedules/daily",
    ] {
        assert!(mail.contains(told), "{told}: {mail}");
    }
    let opened = night.webhooks()[0].clone();
    assert_eq!(
        (&opened["type"], &opened["data"]["rule"], &opened["data"]["subject"]),
        (&json!("alert.opened"), &json!("run_failed"), &json!("daily"))
    );
    assert_eq!(night.tieout(&["alert", "list", "--json"])[0]["state"], "alerting");
    assert!(night.page("/").contains("Unknown since"), "{}", night.page("/"));
    let metrics = night.page("/metrics");
    for line in [
        "tieout_alerts{rule=\"run_failed\",state=\"alerting\"} 1",
        "tieout_schedules_last_run{state=\"failed\"} 1",
        "tieout_database_readable 1",
        "tieout_messages{state=\"sent\"}",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    night.weather(Weather::Fine);
    night.tieout(&["schedule", "run", "daily"]);
    night.until("the recovery was told", |night| night.mails().len() == 2 && night.webhooks().len() == 2);
    night.a_few_looks();
    assert_eq!((night.mails().len(), night.webhooks().len()), (2, 2));
    assert!(night.mails()[1].contains("Subject: [tieout] Well again: The schedule 'daily' failed"), "{}", night.mails()[1]);
    assert_eq!(night.webhooks()[1]["type"], "alert.recovered");
    assert_eq!(night.tieout(&["alert", "list", "--json"]), json!([]));
    assert!(!night.page("/").contains("Unknown since"));
}

#[test]
fn receivers_that_hang_refuse_or_redirect_hold_up_no_other_and_get_the_same_message_again_later() {
    let night = Night::begin(Weather::Away, FAST);
    night.receiver.hang("hangs");
    night.receiver.answer("breaks", 500);
    night.receiver.redirect("redirects", "ops");
    night.add("daily", &["--job", "sync", "--cron", "@yearly", "--retries", "0"]);
    night.tieout(&["schedule", "run", "daily"]);
    night.until("the others were told", |night| night.mails().len() == 1 && night.webhooks().len() == 1);
    night.until("the broken one was tried again", |night| night.receiver.heard("breaks").len() >= 2);
    let ids = night.receiver.ids("breaks");
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    night.receiver.answer("breaks", 204);
    night.until("it took it", |night| night.message_states("breaks") == ["sent"]);
    assert_eq!(night.receiver.ids("breaks").last(), ids.first());
    assert_eq!(night.receiver.heard("ops").len(), 1, "no redirect is followed");
    assert_eq!(night.message_states("redirects"), ["waiting"]);
    night.receiver.answer("redirects", 410);
    night.until("who is gone is disabled", |night| {
        let channels = night.tieout(&["alert", "channels", "--json"]);
        channels.as_array().unwrap().iter().any(|one| one["name"] == "redirects" && one["disabled_at"].is_string())
    });
    night.until("which is told too", |night| night.tieout(&["alert", "list", "--json"]).to_string().contains("channel_failing"));
}

#[test]
fn the_watchman_outside_is_called_as_long_as_all_is_looked_at_and_hears_nothing_once_it_stops() {
    let mut night = Night::begin(Weather::Fine, FAST);
    night.add("daily", &["--job", "sync", "--cron", "@yearly"]);
    night.until("he is called", |night| night.receiver.heard("watchman").len() >= 3);
    night.stop();
    let heard = night.receiver.heard("watchman").len();
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(night.receiver.heard("watchman").len(), heard);
}

#[test]
fn a_channel_is_tested_and_what_lacks_is_named_without_a_secret() {
    let night = Night::begin(Weather::Fine, FAST);
    night.tieout(&["alert", "test", "ops"]);
    assert_eq!(night.webhooks()[0]["type"], "alert.test");
    night.tieout(&["alert", "test", "finance"]);
    assert!(night.mails()[0].contains("Subject: [tieout] A test"));
    let (code, told) = night.fails(&["alert", "test", "private"]);
    assert!(code == 7 && told.contains("10.1.2.3") && !told.contains("hook-secret"), "{code} {told}");
    let (code, told) = night.fails(&["alert", "test", "unset"]);
    assert!(code == 7 && told.contains("NOBODY_SET_THIS"), "{code} {told}");
    assert_eq!(night.fails(&["alert", "test", "nobody"]).0, 2);
    let shown = night.tieout(&["alert", "channels", "--json"]).to_string();
    assert!(shown.contains("NOBODY_SET_THIS") && !shown.contains("hook-secret") && !shown.contains("whsec_"), "{shown}");
}

#[test]
fn what_is_silenced_or_known_is_not_told() {
    let night = Night::begin(Weather::Away, FAST);
    night.add("daily", &["--job", "sync", "--cron", "@yearly", "--retries", "0"]);
    night.tieout(&["alert", "silence", "run_failed", "daily", "--hours", "2000", "--reason", "we move"]);
    night.tieout(&["schedule", "run", "daily"]);
    night.until("it is not well", |night| night.tieout(&["alert", "list", "--json"])[0]["state"] == "alerting");
    night.a_few_looks();
    assert_eq!(night.mails(), Vec::<String>::new());
    night.tieout(&["alert", "unsilence", "1"]);
    night.until("what is still so is told then", |night| night.mails().len() == 1);
    night.tieout(&["alert", "ack", "run_failed", "daily"]);
    assert!(night.tieout(&["alert", "list", "--json"])[0]["acknowledged_at"].is_string());
    assert_eq!(night.fails(&["alert", "ack", "run_failed", "nightly"]).0, 2);
    assert_eq!(night.fails(&["alert", "silence", "run_faild", "--hours", "1", "--reason", "x"]).0, 2);
}

#[test]
fn a_sync_endpoint_of_ones_own_is_called_at_its_hour_tried_again_and_told_of() {
    let night = Night::begin(Weather::Fine, FAST);
    night.receiver.answer("theirs", 500);
    let url = format!("{}/theirs", night.receiving);
    let flags = [
        "--job",
        "http",
        "--url",
        &url,
        "--header",
        "Authorization: Bearer ${MAIL_PASSWORD}",
        "--body",
        "{}",
        "--cron",
        "@yearly",
        "--retries",
        "1",
    ];
    night.add("theirs", &flags);
    night.tieout(&["schedule", "run", "theirs"]);
    night.until("it failed", |night| night.newest("theirs")["state"] == "failed");
    let run = night.newest("theirs");
    assert_eq!((&run["attempts"], &run["http_status"]), (&json!(2), &json!(500)));
    night.until("it was told", |night| night.mails().len() == 1);
    assert!(night.mails()[0].contains("failed after 2 tries: it answered 500"), "{}", night.mails()[0]);
    let heard = night.receiver.heard("theirs");
    let header = |number: usize, name: &str| heard[number].headers[name].to_str().unwrap().to_owned();
    assert_eq!(header(0, "authorization"), "Bearer mail-secret");
    assert_eq!(header(0, "idempotency-key"), header(1, "idempotency-key"), "the same run");
    assert!(!night.tieout(&["schedule", "list", "--json"]).to_string().contains("mail-secret"));
    night.receiver.answer("theirs", 200);
    night.tieout(&["schedule", "retry", &run["id"].to_string()]);
    night.until("it is well again", |night| night.mails().len() == 2);
    assert_eq!(night.newest("theirs")["repeats"], run["id"]);
}

#[test]
fn a_channel_that_is_added_to_the_settings_is_told_once_they_were_read_again() {
    let night = Night::begin(Weather::Away, FAST);
    night.settle(&format!("[[channel]]\nname = \"late\"\nkind = \"slack\"\nurl = \"{}/late\"\n", night.receiving));
    night.add("daily", &["--job", "sync", "--cron", "@yearly", "--retries", "0"]);
    night.tieout(&["schedule", "run", "daily"]);
    night.until("the new channel is told", |night| night.receiver.heard("late").len() == 1);
    let text = &night.receiver.heard("late")[0].body;
    assert!(text.contains(r#"{"text":"*[tieout] The schedule 'daily' failed after 1 try"#), "{text}");
}

#[test]
fn a_digest_tells_how_everything_stands_to_each_channel_that_people_read() {
    let night = Night::begin(Weather::Fine, FAST);
    night.add("daily", &["--job", "sync", "--cron", "@yearly"]);
    night.tieout(&["schedule", "run", "daily"]);
    night.until("it is synced", |night| night.newest("daily")["state"] == "done");
    night.add("weekly", &["--job", "digest", "--period", "week", "--cron", "@yearly"]);
    night.tieout(&["schedule", "run", "weekly"]);
    night.until("it was sent", |night| night.mails().len() == 1);
    let mail = &night.mails()[0];
    for told in [
        "Subject: [tieout] The week until 2026-11-0",
        "Unknown: a check could not run",
        "payouts matched",
        "Exceptions opened: 0",
        "Runs of schedules: 1 did all, 0 did not, 0 were missed.",
        "Alerts that stand now: 0",
    ] {
        assert!(mail.contains(told), "{told}: {mail}");
    }
    assert_eq!(night.newest("weekly")["volume"], 3, "mail and the two of Slack");
}

#[test]
fn a_program_hears_of_each_payout_at_the_bank_each_exception_and_each_run_that_failed() {
    let night = Night::begin(Weather::Fine, FAST);
    let kinds = "\"payout.matched\", \"exception.opened\", \"exception.resolved\", \"run.failed\"";
    night.settle(&night.webhook("books", &format!("alerts = false\nevents = [{kinds}]\n")));
    night.add("daily", &["--job", "sync", "--cron", "@yearly", "--retries", "0"]);
    night.add("judge", &["--job", "reconcile", "--cron", "@yearly", "--retries", "0"]);
    let run = |name: &str, state: &str| {
        night.tieout(&["schedule", "run", name]);
        night.until(name, |night| night.newest(name)["state"] == state);
    };
    run("daily", "done");
    let payouts = night.tieout(&["payout", "list", "--json"]);
    let paid = payouts.as_array().unwrap().iter().find(|one| one["status"] == "paid" && one["currency"] == "usd").unwrap();
    let (id, currency) = (paid["id"].as_str().unwrap(), paid["currency"].as_str().unwrap());
    let (minor, day) = (paid["amount_minor"].as_i64().unwrap(), paid["arrives_on"].as_str().unwrap());
    let csv = format!("Date,Description,Amount\n{day},STRIPE {id},{}.{:02}\n", minor / 100, minor % 100);
    night.write("bank.csv", &csv);
    night.tieout(&["import", "bank", "bank.csv", "--bank-account", "main", "--currency", currency]);
    run("judge", "done");
    let heard = |kind: &str| -> Vec<serde_json::Value> {
        night.heard("books").into_iter().filter(|one| one["type"] == kind).map(|one| one["data"].clone()).collect()
    };
    night.until("it is told of", |_| !heard("payout.matched").is_empty());
    assert_eq!(heard("payout.matched")[0]["payout"], id);
    night.weather(Weather::Away);
    run("daily", "failed");
    night.until("it is told of", |_| !heard("run.failed").is_empty());
    assert_eq!(heard("run.failed")[0]["schedule"], "daily");
    night.a_few_looks();
    assert!(night.heard("books").iter().all(|one| !one["type"].as_str().unwrap().starts_with("alert.")));
}
