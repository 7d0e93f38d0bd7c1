//! The command line from outside: the built binary, in folders of its own, without network.

#![expect(clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]

#[path = "cli/audit.rs"]
mod audit;
#[path = "cli/backups.rs"]
mod backups;
#[path = "cli/exports.rs"]
mod exports;
#[path = "cli/imports.rs"]
mod imports;
#[path = "cli/schedule.rs"]
mod schedule;
#[path = "cli/schedules.rs"]
mod schedules;
#[path = "cli/service.rs"]
mod service;
#[path = "cli/shop.rs"]
mod shop;
#[path = "cli/stripe.rs"]
mod stripe;
#[path = "cli/tieout.rs"]
mod tieout;
#[path = "cli/views.rs"]
mod views;
#[path = "cli/world.rs"]
mod world;

use serde_json::Value;
use tieout::Tieout;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[track_caller]
fn assert_keys(value: &Value, expected: &[&str]) {
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    let mut found = keys(value);
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[track_caller]
fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("cli/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

// --- help and usage

#[test]
fn help_teaches_by_example() {
    let tieout = Tieout::new();
    snapshot("help", &tieout.run(&["--help"]).fine());
    for noun in ["account", "payout", "txn", "bank-line", "match", "exception", "refusal", "webhook", "status", "init", "doctor"]
    {
        let help = tieout.run(&[noun, "--help"]).fine();
        assert!(help.contains(&format!("  tieout {noun}")), "{noun} --help shows no example:\n{help}");
        snapshot(&format!("help-{noun}"), &help);
    }
}

#[test]
fn help_fits_a_terminal_of_100_columns() {
    let tieout = Tieout::new();
    for page in [&["--help"][..], &["account", "--help"], &["payout", "--help"], &["txn", "--help"], &["status", "--help"]] {
        let help = tieout.run(page).fine();
        let long: Vec<&str> = help.lines().filter(|line| line.chars().count() > 100).collect();
        assert!(long.is_empty(), "{long:#?}");
    }
}

#[test]
fn wrong_usage_ends_with_2_and_suggests() {
    let tieout = Tieout::new();
    for wrong in
        [vec!["payuot", "list"], vec!["payout", "list", "--state", "lost"], vec!["payout", "list", "--from", "July"], vec![]]
    {
        let run = tieout.run(&wrong);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{wrong:?}");
        assert!(!run.err.is_empty());
    }
    assert!(tieout.run(&["payuot"]).err.contains("payout"));
    assert!(tieout.run(&["payout", "list", "--state", "lost"]).err.contains("missing"));
    assert_eq!(tieout.run(&["status", "--quiet", "--verbose"]).code, 2);
    assert_eq!(tieout.run(&["payout", "list", "--api-key", "rk_test_1"]).code, 2, "the key is never a flag");
}

// --- settings

#[test]
fn a_bad_setting_ends_with_2_and_says_where_it_came_from() {
    let mut tieout = Tieout::new();
    assert!(tieout.run(&["status", "--database", "books.db"]).fails(2).contains("--database"));
    assert!(tieout.run(&["status", "--as-of", "soon"]).fails(2).contains("--as-of"));
    assert!(tieout.run(&["status", "--config", "gone.toml"]).fails(2).contains("gone.toml"));
    tieout.set("TIEOUT_TIME_ZONE", "Mars/Olympus");
    assert!(tieout.run(&["status"]).fails(2).contains("TIEOUT_TIME_ZONE"));
}

#[test]
fn a_wrong_address_of_a_server_is_refused_in_words() {
    let mut tieout = Tieout::new();
    tieout.set("TIEOUT_DATABASE", "postgres://ada:hunter2@db/tieout?sslmode=prefer");
    let told = tieout.run(&["status"]).fails(2);
    assert!(told.contains("TIEOUT_DATABASE") && told.contains("sslmode is disable or require"), "{told}");
    assert!(!told.contains("hunter2"));
}

#[test]
fn a_database_is_checked_and_copied_and_never_over_another() {
    let tieout = Tieout::new();
    shop::fill(&tieout.path("books.db"));
    let checked = tieout.run(&["db", "check", "--json"]).json();
    assert_keys(&checked, &["database", "schema", "mode", "content"]);
    let copied = tieout.run(&["db", "copy", "sqlite:copy.db", "--json"]).json();
    assert_keys(&copied, &["database", "schema", "mode", "content", "rows"]);
    assert_eq!(copied["content"], checked["content"]);
    let payouts = |database: &str| tieout.run(&["--database", database, "payout", "list", "--json"]).fine();
    assert_eq!(payouts("sqlite:copy.db"), payouts("sqlite:books.db"));
    assert!(tieout.run(&["db", "copy", "sqlite:copy.db"]).fails(6).contains("copy.db holds data already"));
    assert!(tieout.run(&["db", "copy", "postgres://ada:hunter2@db/x"]).fails(2).contains("PGPASSWORD"));
    assert!(tieout.run(&["db", "copy", "copy.db"]).fails(2).contains("expected sqlite:PATH"));
    let home = tieout.path("books.db").display().to_string();
    assert!(tieout.run(&["db", "copy", &format!("sqlite:{home}")]).fails(2).contains("into itself"));
    assert!(tieout.run(&["--database", "sqlite:none.db", "db", "check"]).fails(1).contains("there is no database"));
    assert!(tieout.run(&["--database", "sqlite:new.db", "db", "migrate"]).fine().contains("is up to date"));
}

#[test]
fn a_reader_is_a_role_of_a_server_and_its_name_is_a_plain_one() {
    let tieout = Tieout::new();
    shop::fill(&tieout.path("books.db"));
    let told = tieout.run(&["db", "reader", "reports"]).fails(2);
    assert!(told.contains("files have no roles") && told.contains("hint: "), "{told}");
    for name in ["", "Reports", "a b", "x\"; DROP TABLE payout", "pg_monitor", "public", "1st", &"a".repeat(64)] {
        assert!(tieout.run(&["db", "reader", name]).fails(2).contains("expected a new role's name"), "{name}");
    }
}

#[test]
fn the_views_for_reports_say_what_the_lists_say() {
    let tieout = Tieout::new();
    shop::fill(&tieout.path("books.db"));
    views::hold(&|view| views::rows_of_file(&tieout.path("books.db"), view), &|args| tieout.run(args).json());
}

#[test]
fn a_mistake_in_the_file_is_named_with_its_line() {
    let tieout = Tieout::new();
    for (text, expected) in [
        ("# mine\ndatabse = \"sqlite:x\"\n", "tieout.toml line 2: unknown field `databse`"),
        ("\n\ntime_zone = 3\n", "tieout.toml line 3"),
        ("database = \n", "tieout.toml line 1"),
        ("\nstripe_api_base = \"http://stripe.example\"\n", "tieout.toml line 2"),
    ] {
        tieout.write("tieout.toml", text);
        let told = tieout.run(&["status"]).fails(2);
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn init_writes_a_file_that_changes_nothing_and_never_overwrites() {
    let tieout = Tieout::new();
    let run = tieout.run(&["init"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""));
    assert!(run.err.contains("tieout sync"));
    let written = tieout.read("tieout.toml");
    tieout.run(&["schedule", "list"]).fine();
    assert!(tieout.run(&["init"]).fails(1).contains("left as it is"));
    assert_eq!(tieout.read("tieout.toml"), written);
}

// --- without a database

#[test]
fn reading_never_makes_a_database() {
    let tieout = Tieout::new();
    let reads: [&[&str]; 9] = [
        &["status"],
        &["account", "list"],
        &["payout", "list", "--json"],
        &["payout", "show", "po_1"],
        &["txn", "list"],
        &["bank-line", "list"],
        &["match", "list"],
        &["exception", "list"],
        &["exception", "explain", "x"],
    ];
    for read in reads {
        let told = tieout.run(read).fails(1);
        assert!(told.contains("no database at") && told.contains("tieout demo"), "{told}");
    }
    assert!(!tieout.exists("books.db"));
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let tieout = Tieout::new();
    tieout.write("books.db", "date,amount\n2026-07-01,12\n");
    assert!(tieout.run(&["status"]).fails(1).contains("books.db"));
    assert_eq!(tieout.read("books.db"), "date,amount\n2026-07-01,12\n");
}

// --- doctor

#[test]
fn doctor_tells_a_missing_and_a_wrong_key_apart_and_shows_neither() {
    let mut tieout = Tieout::new();
    let run = tieout.run(&["doctor", "--offline"]);
    assert_eq!(run.code, 4);
    assert!(run.out.contains("STRIPE_API_KEY is not set"), "{}", run.out);
    for (key, expected) in [("pk_test_hunter2", "publishable"), ("hunter2", "rk_live_"), ("rk_test_hunt er2", "characters")] {
        tieout.set("STRIPE_API_KEY", key);
        let run = tieout.run(&["doctor", "--offline"]);
        assert_eq!(run.code, 4);
        assert!(run.out.contains(expected) && !format!("{}{}", run.out, run.err).contains("hunt"), "{}", run.out);
    }
}

#[test]
fn doctor_warns_of_an_unrestricted_key_and_is_content_with_a_restricted_one() {
    let mut tieout = Tieout::new();
    tieout.set("STRIPE_API_KEY", "sk_test_hunter2");
    let run = tieout.run(&["doctor", "--offline"]);
    assert_eq!(run.code, 0);
    assert!(run.out.contains("warn  key") && run.out.contains("unrestricted test key"), "{}", run.out);
    tieout.set("STRIPE_API_KEY", "rk_test_hunter2");
    let findings = tieout.run(&["doctor", "--offline", "--json"]).json();
    let key = findings.as_array().expect("findings").iter().find(|finding| finding["check"] == "key").expect("the key's line");
    assert_eq!((key["state"].as_str(), key["found"].as_str()), (Some("ok"), Some("a restricted test key")));
}

#[test]
fn doctor_says_whether_schedulers_may_call_and_shows_no_secret() {
    for (secret, told) in [
        ("", "ok    sync endpoint  off"),
        ("hunter2", "warn  sync endpoint"),
        ("hunter2-hunter2-hunter2", "ok    sync endpoint  on"),
    ] {
        let mut tieout = Tieout::new();
        tieout.set("TIEOUT_SYNC_SECRET", secret);
        let run = tieout.run(&["doctor", "--offline"]);
        assert!(run.out.contains(told) && !run.out.contains("hunter2"), "{}", run.out);
    }
}

/// An address at which nobody listens: the port was just given back.
fn nobody() -> String {
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address").port();
    format!("http://127.0.0.1:{port}")
}

#[test]
fn doctor_tells_a_network_that_is_down_with_7() {
    let mut tieout = Tieout::new();
    tieout.set("STRIPE_API_KEY", "rk_test_hunter2");
    tieout.set("STRIPE_API_BASE", &nobody());
    let run = tieout.run(&["doctor"]);
    assert_eq!(run.code, 7, "{}", run.out);
    assert!(run.out.contains("fail  Stripe"), "{}", run.out);
}

fn doctor_at(answers: stripe::Answers) -> tieout::Run {
    let mut tieout = Tieout::new();
    tieout.set("STRIPE_API_KEY", "rk_test_hunter2");
    tieout.set("STRIPE_API_BASE", &stripe::serve(answers));
    tieout.run(&["doctor"])
}

#[test]
fn doctor_names_every_permission_that_it_found() {
    let run = doctor_at(stripe::Answers::new());
    assert_eq!(run.code, 0, "{}", run.out);
    for path in ["balance", "balance_transactions", "payouts", "charges", "refunds", "disputes", "accounts"] {
        assert!(run.out.contains(&format!("may read /v1/{path}\n")), "{}", run.out);
    }
    assert!(!run.out.contains("hunter2"));
}

#[test]
fn doctor_names_the_permission_that_is_missing() {
    let said = "The provided key does not have the 'rak_payout_read' permission.";
    let run = doctor_at(stripe::Answers::from([("/v1/payouts", (403, said))]));
    assert_eq!(run.code, 4, "{}", run.out);
    assert!(run.out.contains("give the key the permission rak_payout_read"), "{}", run.out);
    assert!(run.out.contains("may read /v1/charges"), "the others are checked all the same");
}

#[test]
fn doctor_only_warns_when_connected_accounts_may_not_be_read() {
    let run = doctor_at(stripe::Answers::from([("/v1/accounts", (403, "no"))]));
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("warn  permission"), "{}", run.out);
}

#[test]
fn doctor_tells_a_key_that_stripe_does_not_know() {
    let run = doctor_at(stripe::Answers::from([("/v1/account", (401, "Invalid API Key provided: rk_test_****er2"))]));
    assert_eq!(run.code, 4, "{}", run.out);
    assert!(run.out.contains("wrong, expired or revoked"), "{}", run.out);
    assert!(!run.out.contains("/v1/payouts"), "nothing else is asked with it");
}

// --- webhook check, where Stripe delivers too little

#[test]
fn webhook_check_names_what_the_endpoints_of_a_platform_do_not_send() {
    let endpoint = |id: &str, url: &str, status: &str, events: &[&str], application: Option<&str>| {
        serde_json::json!({"id": id, "object": "webhook_endpoint", "url": url, "status": status, "enabled_events": events,
            "api_version": "2024-06-20", "application": application})
    };
    let here = "https://books.example/webhooks/stripe";
    let data = [
        endpoint("we_1MgKj2LkdIwHu7ixQh2wPYBc", here, "enabled", &["payout.paid", "charge.succeeded", "charge.failed"], None),
        endpoint("we_1MqIj2LkdIwHu7ixcUzHNOPs", here, "disabled", &["*"], Some("ca_1")),
        endpoint("we_1Mr5jULkdIwHu7ix1ibLTM0x", "https://shop.example/hooks", "enabled", &["*"], None),
    ];
    let endpoints = serde_json::json!({"object": "list", "data": data, "has_more": false}).to_string();
    let answers = stripe::Answers::from([
        ("/v1/account", (200, r#"{"id":"acct_1"}"#)),
        ("/v1/accounts", (200, r#"{"data":[{"id":"acct_2"}]}"#)),
        ("/v1/webhook_endpoints", (200, endpoints.leak())),
    ]);
    let mut tieout = Tieout::new();
    tieout.set("STRIPE_API_KEY", "rk_live_hunter2");
    tieout.set("STRIPE_API_BASE", &stripe::serve(answers));
    let told = tieout.run(&["webhook", "check"]).fine();
    let wide = |line: &&str| line.chars().count() > 80 && !line.trim_start().starts_with("stripe ");
    assert_eq!(told.lines().find(wide), None, "{told}");
    snapshot("webhook-check", &told);
    let checked = tieout.run(&["webhook", "check", "--json"]).json()[0].clone();
    assert_keys(&checked, &["key", "complete", "secrets", "has_connected_accounts", "endpoints", "problems"]);
    let fields = ["id", "url", "status", "hears", "api_version", "enabled_events", "sends_all", "checked"];
    assert_keys(&checked["endpoints"][0], &fields);
    let problem = &checked["problems"][1];
    assert_keys(problem, &["code", "problem", "remedy", "command", "events"]);
    let events = problem["events"].as_array().expect("types");
    assert!(events.contains(&"payout.failed".into()) && !events.contains(&"payout.paid".into()), "{problem}");
}

#[test]
fn a_key_of_the_other_mode_ends_with_4() {
    let mut tieout = Tieout::new();
    shop::fill(&tieout.path("books.db"));
    tieout.set("STRIPE_API_KEY", "rk_live_hunter2");
    let run = tieout.run(&["doctor", "--offline"]);
    assert_eq!(run.code, 4);
    assert!(run.out.contains("the database holds test data"), "{}", run.out);
}

// --- sync, as far as it needs no Stripe

#[test]
fn sync_without_a_usable_key_ends_with_4_and_makes_no_database() {
    let mut tieout = Tieout::new();
    assert!(tieout.run(&["sync"]).fails(4).contains("STRIPE_API_KEY"));
    for key in ["pk_test_hunter2", "hunter2", "rk_test_"] {
        tieout.set("STRIPE_API_KEY", key);
        let told = tieout.run(&["sync"]).fails(4);
        assert!(!told.contains("hunter2"), "{told}");
    }
    assert!(!tieout.exists("books.db"));
}

#[test]
fn sync_with_a_key_of_the_other_mode_ends_with_4() {
    let mut tieout = Tieout::new();
    shop::fill(&tieout.path("books.db"));
    tieout.set("STRIPE_API_KEY", "rk_live_hunter2");
    tieout.set("STRIPE_API_BASE", &stripe::serve(stripe::Answers::new()));
    let run = tieout.run(&["sync"]);
    assert!(run.code == 4 && run.err.contains("test") && run.err.contains("live"), "{} {}", run.code, run.err);
}

#[test]
fn sync_without_a_network_ends_with_7() {
    let mut tieout = Tieout::new();
    tieout.set("STRIPE_API_KEY", "rk_test_hunter2");
    tieout.set("STRIPE_API_BASE", &nobody());
    let run = tieout.run(&["sync"]);
    assert_eq!(run.code, 7, "{}", run.err);
}

// --- the contract's JSON, field by field

fn filled() -> Tieout {
    let tieout = Tieout::new();
    shop::fill(&tieout.path("books.db"));
    tieout
}

#[track_caller]
fn by_id<'a>(list: &'a Value, id: &str) -> &'a Value {
    let rows = list.as_array().expect("an array");
    rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no {id} among {} rows", rows.len()))
}

#[test]
fn a_payout_has_the_fields_of_the_contract() {
    let list = filled().run(&["payout", "list", "--json"]).json();
    assert_eq!(list.as_array().map(Vec::len), Some(4));
    let payout = by_id(&list, "po_found");
    let fields =
        ["id", "account", "currency", "amount_minor", "arrives_on", "status", "automatic", "bucket", "composition", "deposit"];
    assert_keys(payout, &fields);
    assert_eq!(payout["amount_minor"], 12_345);
    assert_eq!(payout["currency"], "usd");
    assert_eq!(payout["arrives_on"], "2026-07-03");
    assert_eq!(payout["bucket"], "matched");
    let composition = serde_json::json!({"state": "tied", "txn_count": 2, "sum_net_minor": 12_345, "difference_minor": 0});
    assert_eq!(payout["composition"], composition);
    let fields = ["state", "difference_minor", "decided_by", "probability", "due_on", "covered_until_on", "bank_lines"];
    let deposit = &payout["deposit"];
    assert_keys(deposit, &fields);
    assert_eq!((deposit["state"].as_str(), deposit["decided_by"].as_str()), (Some("matched"), Some("rule")));
    assert_eq!(deposit["probability"].to_string(), "0.998");
    let line = serde_json::json!([{"id": "line_1", "reference": "HB0000012", "date_on": "2026-07-04", "amount_minor": 12_345, "allocated_minor": 12_345}]);
    assert_eq!(deposit["bank_lines"], line);
}

#[test]
fn where_nothing_is_decided_the_decider_and_the_probability_are_null() {
    let list = filled().run(&["payout", "list", "--json"]).json();
    let deposit = &by_id(&list, "po_missing")["deposit"];
    assert_eq!((&deposit["decided_by"], &deposit["probability"]), (&Value::Null, &Value::Null));
    assert_eq!(deposit["state"], "missing");
}

#[test]
fn a_payout_that_was_not_judged_claims_nothing() {
    let run = filled().run(&["payout", "list", "--json"]);
    assert!(run.err.contains("1 of 4 payouts are not judged yet: run tieout reconcile"), "{}", run.err);
    let list = run.json();
    let payout = by_id(&list, "po_new");
    assert_eq!((payout["bucket"].as_str(), payout["composition"]["state"].as_str()), (Some("in_transit"), Some("pending")));
    assert_eq!((payout["deposit"]["state"].as_str(), &payout["deposit"]["due_on"]), (Some("awaiting"), &Value::Null));
    let quiet = filled().run(&["payout", "list", "--json", "--quiet"]);
    assert_eq!(quiet.err, "");
}

#[test]
fn a_list_is_narrowed_by_state_day_and_number() {
    let tieout = filled();
    let ids = |args: &[&str]| {
        let list = tieout.run(&[&["payout", "list", "--json"], args].concat()).json();
        list.as_array().expect("an array").iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&["--state", "missing"]), ["po_missing"]);
    assert_eq!(ids(&["--from", "2026-07-03", "--to", "2026-07-03"]), ["po_found"]);
    assert_eq!(ids(&["--limit", "2"]).len(), 2);
    assert_eq!(ids(&["--account", "acct_other"]), [""; 0]);
    assert_eq!(ids(&["--state", "awaiting", "--limit", "1"]), ["po_new"]);
}

#[test]
fn a_txn_has_the_fields_of_the_contract() {
    let list = filled().run(&["txn", "list", "--json"]).json();
    let fields = [
        "id",
        "account",
        "currency",
        "amount_minor",
        "fee_minor",
        "net_minor",
        "type",
        "reporting_category",
        "status",
        "balance_type",
        "created_at",
        "available_on",
        "source",
        "payout",
        "exchange_rate",
        "source_amount_minor",
        "source_currency",
    ];
    assert_eq!(list.as_array().map(Vec::len), Some(3));
    let converted = by_id(&list, "txn_euro");
    assert_keys(converted, &fields);
    assert_eq!(converted["exchange_rate"], "1.1");
    assert_eq!((&converted["source_amount_minor"], &converted["source_currency"]), (&Value::from(10_000), &Value::from("eur")));
    assert_eq!((&converted["payout"], &converted["source"]), (&Value::from("po_found"), &Value::from("ch_euro")));
    assert_eq!(
        (&converted["created_at"], &converted["available_on"]),
        (&Value::from("2026-07-01T10:00:00Z"), &Value::from("2026-07-03"))
    );
    let plain = by_id(&list, "txn_plain");
    assert_eq!(
        (&plain["exchange_rate"], &plain["source_amount_minor"], &plain["source_currency"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}

#[test]
fn an_exception_has_the_fields_of_the_contract() {
    let list = filled().run(&["exception", "list", "--json"]).json();
    let exception = by_id(&list, "deposit_missing-po_missing");
    let fields = [
        "id",
        "code",
        "class",
        "probability",
        "account",
        "currency",
        "amount_minor",
        "subjects",
        "opened_at",
        "resolved_at",
        "state",
        "explanation",
        "remedy",
    ];
    assert_keys(exception, &fields);
    assert_eq!((exception["code"].as_str(), exception["class"].as_str()), (Some("deposit_missing"), Some("true")));
    assert_eq!((exception["amount_minor"].as_u64(), &exception["probability"]), (Some(5_000), &Value::Null));
    assert_eq!(exception["subjects"], serde_json::json!([{"type": "payout", "id": "po_missing"}]));
    assert_eq!((exception["opened_at"].as_str(), exception["state"].as_str()), (Some("2026-07-31T00:00:00Z"), Some("open")));
}

#[test]
fn a_match_has_the_fields_of_the_contract() {
    let list = filled().run(&["match", "list", "--json"]).json();
    let link = by_id(&list, "deposit-po_found");
    let fields = [
        "id",
        "kind",
        "state",
        "decided_by",
        "probability",
        "score",
        "rivals",
        "certificate",
        "account",
        "currency",
        "left",
        "right",
        "difference_minor",
        "evidence",
    ];
    assert_keys(link, &fields);
    assert_eq!(link["left"], serde_json::json!([{"type": "payout", "id": "po_found"}]));
    assert_eq!(link["right"], serde_json::json!([{"type": "bank_line", "id": "line_1"}]));
    let evidence = link["evidence"].as_array().expect("evidence");
    let weights: i64 = evidence.iter().filter_map(|finding| finding["weight"].as_i64()).sum();
    assert_eq!(Some(weights), link["score"].as_i64());
    assert_keys(&evidence[0], &["name", "finding", "weight"]);
    assert_eq!(link["certificate"], Value::Null);
}

#[test]
fn a_bank_line_says_what_it_holds() {
    let list = filled().run(&["bank-line", "list", "--json"]).json();
    let fields = [
        "id",
        "bank_account",
        "date_on",
        "value_on",
        "amount_minor",
        "currency",
        "description",
        "counterparty",
        "reference",
        "state",
        "payouts",
    ];
    let (found, other) = (by_id(&list, "line_1"), by_id(&list, "line_2"));
    assert_keys(found, &fields);
    assert_eq!((found["state"].as_str(), &found["payouts"]), (Some("matched"), &serde_json::json!(["po_found"])));
    assert_eq!((other["state"].as_str(), &other["payouts"]), (Some("unmatched"), &serde_json::json!([])));
}

#[test]
fn the_status_has_the_fields_of_the_contract_and_its_parts_sum() {
    let status = filled().run(&["status", "--json"]).json();
    assert_keys(&status, &["verdict", "accounts"]);
    assert_eq!(status["verdict"], "unknown", "one payout was never judged");
    let account = &status["accounts"][0];
    let fields =
        ["account", "mode", "currency", "verdict", "synced_at", "balance", "buckets", "payouts", "exceptions_open", "reasons"];
    assert_keys(account, &fields);
    assert_eq!((account["mode"].as_str(), account["currency"].as_str()), (Some("test"), Some("usd")));
    assert_eq!(account["reasons"][0], serde_json::json!({"reason": "unjudged", "value": 1}));
    assert_eq!(account["balance"], serde_json::json!({"stripe_minor": 0, "computed_minor": 0, "difference_minor": 0}));
    let sums = serde_json::json!({"matched_minor": 12_345, "in_transit_minor": 1_100, "exceptions_minor": 5_000,
        "excluded_minor": 0, "total_minor": 18_445});
    assert_eq!(account["buckets"], sums);
    let counts =
        serde_json::json!({"total": 4, "matched": 1, "proposed": 0, "ambiguous": 0, "awaiting": 2, "missing": 1, "failed": 0});
    assert_eq!(account["payouts"], counts);
    assert_eq!(account["exceptions_open"], 1);
}

#[test]
fn an_account_says_whose_it_is_and_how_fresh() {
    let list = filled().run(&["account", "list", "--json"]).json();
    let account = by_id(&list, "acct_shop");
    let fields = ["id", "kind", "mode", "display_name", "country", "default_currency", "time_zone", "synced_at"];
    assert_keys(account, &fields);
    assert_eq!((account["kind"].as_str(), account["synced_at"].as_str()), (Some("own"), Some("2026-07-31T00:00:00Z")));
}

#[test]
fn a_past_day_that_was_listed_again_and_days_that_were_read_are_told_with_what_they_say() {
    let tieout = filled();
    assert_eq!(tieout.run(&["account", "show", "acct_shop", "--json"]).json()["day_check"], Value::Null);
    shop::list_again(&tieout.path("books.db"));
    let shown = tieout.run(&["account", "show", "acct_shop", "--json"]).json();
    let check = &shown["day_check"];
    assert_eq!((check["state"].as_str(), check["created_on"].as_str()), (Some("differs"), Some("2026-07-14")));
    assert_eq!((&check["listed"], &check["missing"], &check["extra"]), (&213.into(), &2.into(), &0.into()));
    let refunds = shown["known"].as_array().expect("kinds").iter().find(|kind| kind["kind"] == "refund").expect("refunds");
    let range = &refunds["ranges"][0];
    assert_eq!((range["from_at"].as_str(), range["run"].is_i64()), (Some("2026-07-01T00:00:00Z"), true));
    let text = tieout.run(&["account", "show", "acct_shop"]).fine();
    assert!(text.contains("2026-07-14: 213 txns, 2 were missing here until then (2026-07-31 09:00 UTC, by run"), "{text}");
    assert!(text.contains("not read yet: from 2026-07-03 on, until 2026-06-30; read: 2026-07-01 to 2026-07-02 by run"), "{text}");
    let status = tieout.run(&["status"]).fine();
    let line = "Listed:     again on 2026-07-31, of acct_shop: 2026-07-14: 213 txns, 2 were";
    assert!(status.contains(line) && status.lines().count() <= 24, "{status}");
    let status = tieout.run(&["status", "--json"]).json();
    assert_eq!(status["accounts"][0]["day_check"], *check);
}

#[test]
fn an_object_that_could_not_be_taken_says_what_why_what_to_do_since_when_and_by_which_request() {
    let tieout = filled();
    let none = tieout.run(&["refusal", "list"]);
    assert!(none.code == 0 && none.err.contains("nothing is refused"), "{}", none.err);
    shop::refuse(&tieout.path("books.db"));
    let list = tieout.run(&["refusal", "list", "--json"]).json();
    let fields = ["account", "kind", "object_id", "cause", "reason", "remedy", "payout", "since_at", "run", "request_id"];
    assert_keys(&list[0], &fields);
    let word = |field: &str| list[0][field].as_str().expect("a word").to_owned();
    assert_eq!(
        (word("object_id"), word("cause"), word("request_id")),
        ("ch_bad".into(), "missing_field".into(), "req_bad".into())
    );
    assert_eq!((word("since_at").as_str(), list[0]["run"].is_i64()), ("2026-07-31T00:00:00Z", true));
    assert!(word("remedy").contains("tieout doctor") && word("reason").contains("missing field `amount`"), "{list}");
    let table = tieout.run(&["refusal", "list", "--cause", "missing_field"]).fine();
    assert!(["acct_shop", "ch_bad", "req_bad", "tieout doctor"].iter().all(|word| table.contains(word)), "{table}");
    assert_eq!(tieout.run(&["refusal", "list", "--cause", "bad_id", "--json"]).json(), serde_json::json!([]));
    let unknown = tieout.run(&["refusal", "list", "--cause", "odd"]);
    assert!(unknown.code == 2 && unknown.err.contains("claimed_twice"), "{}", unknown.err);
}

// --- verdicts

#[test]
fn the_worst_of_all_reasons_is_the_verdict() {
    for (state, expected) in [
        (shop::State::Tied, "tied"),
        (shop::State::Exception, "open"),
        (shop::State::Proposal, "open"),
        (shop::State::SyncIncomplete, "incomplete"),
        (shop::State::MembersUnread, "incomplete"),
        (shop::State::BalanceMoved, "unknown"),
        (shop::State::Unjudged, "unknown"),
        (shop::State::NeverSynced, "unknown"),
        (shop::State::BankUnknown, "unknown"),
        (shop::State::Empty, "unknown"),
    ] {
        let tieout = Tieout::new();
        shop::fill_as(&tieout.path("books.db"), state);
        assert_eq!(tieout.run(&["status", "--json"]).json()["verdict"], expected, "{state:?}");
    }
}

#[test]
fn a_payout_that_nobody_could_look_for_is_never_called_tied() {
    let tieout = Tieout::new();
    shop::fill_as(&tieout.path("books.db"), shop::State::BankUnknown);
    let page = tieout.run(&["status", "--as-of", "2026-07-31"]).fine();
    assert!(page.starts_with("Unknown:") && page.contains("1 payout is due, and no statement"), "{page}");
    assert!(page.contains("Next:       tieout import bank"), "{page}");
    let before_it_is_due = tieout.run(&["status", "--as-of", "2026-07-08", "--json"]).json();
    assert_eq!(before_it_is_due["verdict"], "tied", "not due is no gap");
}

#[test]
fn days_that_end_before_they_begin_are_no_empty_answer() {
    let tieout = filled();
    for noun in ["payout", "txn", "bank-line", "exception"] {
        let told = tieout.run(&[noun, "list", "--from", "2026-07-31", "--to", "2026-07-01"]).fails(2);
        assert!(told.contains("--to 2026-07-01"), "{noun}: {told}");
    }
}

#[test]
fn a_balance_that_moved_while_it_was_read_is_null() {
    let tieout = Tieout::new();
    shop::fill_as(&tieout.path("books.db"), shop::State::BalanceMoved);
    let status = tieout.run(&["status", "--json"]).json();
    let balance = serde_json::json!({"stripe_minor": null, "computed_minor": 0, "difference_minor": null});
    assert_eq!(status["accounts"][0]["balance"], balance);
}

// --- for people

#[test]
fn pages_for_people_read_well() {
    let tieout = filled();
    for (name, args) in [
        ("payout-list", &["payout", "list"][..]),
        ("payout-show", &["payout", "show", "po_found"]),
        ("payout-explain-found", &["payout", "explain", "po_found"]),
        ("payout-explain-missing", &["payout", "explain", "po_missing"]),
        ("payout-explain-new", &["payout", "explain", "po_new"]),
        ("txn-list", &["txn", "list"]),
        ("txn-explain", &["txn", "explain", "txn_euro"]),
        ("bank-line-list", &["bank-line", "list"]),
        ("bank-line-explain", &["bank-line", "explain", "line_2"]),
        ("match-list", &["match", "list"]),
        ("match-show", &["match", "show", "deposit-po_found"]),
        ("exception-list", &["exception", "list"]),
        ("exception-show", &["exception", "show", "deposit_missing-po_missing"]),
        ("account-explain", &["account", "explain", "acct_shop"]),
        ("status", &["status"]),
        ("run-list", &["run", "list"]),
        ("run-show", &["run", "show", "1"]),
    ] {
        snapshot(name, &tieout.run(args).fine());
    }
}

#[test]
fn a_run_has_its_fields_and_the_list_is_narrowed() {
    let tieout = filled();
    let list = |more: &[&str]| tieout.run(&[&["run", "list", "--json"], more].concat()).json();
    let all = list(&[]);
    assert_keys(&all[0], &["ended_at", "duration_ms", "id", "job", "started_at", "state", "summary", "trigger"]);
    assert_eq!((&all[0]["trigger"], list(&["--limit", "1"]).as_array().unwrap().len()), (&Value::from("person"), 1));
    let syncs = list(&["--job", "sync"]);
    assert!(syncs.as_array().unwrap().iter().all(|run| run["job"] == "sync") && syncs[0].is_object(), "{syncs}");
    assert_eq!(list(&["--trigger", "api"]), serde_json::json!([]));
    assert!(tieout.run(&["run", "show", "999"]).fails(1).contains("tieout run list"));
}

#[test]
fn the_status_fits_80_by_24() {
    let page = filled().run(&["status"]).fine();
    assert!(page.lines().count() <= 24, "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    assert!(page.contains("\nNext:       tieout reconcile"), "{page}");
}

#[test]
fn an_empty_list_says_what_to_do_next() {
    let tieout = Tieout::new();
    shop::fill_as(&tieout.path("books.db"), shop::State::Empty);
    for (noun, expected) in
        [("payout", "tieout sync"), ("txn", "tieout sync"), ("bank-line", "tieout import bank"), ("match", "tieout reconcile")]
    {
        let run = tieout.run(&[noun, "list"]);
        assert!(run.code == 0 && run.err.contains(expected), "{noun}: {}", run.err);
        assert_eq!(tieout.run(&[noun, "list", "--json"]).json(), serde_json::json!([]));
    }
}

#[test]
fn an_unknown_id_ends_with_1_and_names_the_list() {
    let tieout = filled();
    for noun in ["account", "payout", "txn", "bank-line", "match", "exception"] {
        for verb in ["show", "explain"] {
            let told = tieout.run(&[noun, verb, "nobody"]).fails(1);
            assert!(told.contains("nobody") && told.contains(&format!("tieout {noun} list")), "{told}");
        }
    }
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_failure() {
    let tieout = filled();
    for args in [&["payout", "list", "--json"][..], &["txn", "list"], &["status"], &["--help"]] {
        let run = tieout.run_into_a_closed_pipe(args);
        assert_eq!((run.code, run.err.contains("error")), (0, false), "{args:?}: {}", run.err);
    }
}

#[test]
fn stdout_that_is_full_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let run = filled().run_into(&["payout", "list", "--json"], full.into());
    assert!(run.code == 1 && run.err.contains("stdout cannot be written"), "{}", run.err);
}
