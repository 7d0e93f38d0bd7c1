//! Bad input, end to end: each case gets a message that says what, where and what to do, its exit code, and changes nothing.

#![expect(clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]

#[expect(dead_code, reason = "the command line's own tests use the rest")]
#[path = "cli/shop.rs"]
mod shop;
#[path = "cli/stripe.rs"]
mod stripe;
#[expect(dead_code, reason = "the command line's own tests use the rest")]
#[path = "cli/tieout.rs"]
mod tieout;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use store::{NoPoints, Store};
use tieout::Tieout;

/// What stands in every key of these tests, and must stand in no output.
const SECRET: &str = "hunter2";

/// A good statement of the shop's bank account.
const GOOD: &str = "Date,Description,Amount\n2026-08-01,STRIPE,12.00\n";

/// A folder with the shop's books in it.
fn books() -> Tieout {
    let tieout = Tieout::new();
    shop::fill(&tieout.path("books.db"));
    tieout
}

fn digest(path: &Path) -> [u8; 32] {
    let store = Store::open(path, Arc::new(NoPoints)).expect("a database");
    store.content_digest().expect("a digest")
}

/// Runs it, and holds it to what every refusal owes: the code, the words, no secret, no stack trace, nothing changed.
#[track_caller]
fn refused(tieout: &Tieout, args: &[&str], code: i32, words: &[&str]) {
    let before = digest(&tieout.path("books.db"));
    let told = tieout.run(args).fails(code);
    for word in words {
        assert!(told.contains(word), "{args:?}: no '{word}' in {told}");
    }
    assert!(!told.contains(SECRET) && !told.contains("panicked") && !told.contains("bug in tieout"), "{told}");
    assert_eq!(digest(&tieout.path("books.db")), before, "{args:?} changed the database");
}

fn import<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["import", "bank", file, "--bank-account", "operating"], more].concat()
}

/// A file, its content, and the words that its refusal holds.
const FILES: [(&str, &[u8], &[&str]); 17] = [
    ("empty.csv", b"", &["empty file", "download"]),
    ("cut.csv", b"Date,Description,Amount\n2026-08-01,STRIPE,12.00\n2026-08-02,STR", &["line 3", "cut off"]),
    ("few.csv", b"Date,Description,Amount\n2026-08-01,STRIPE,12.00\n2026-08-02\n", &["line 3", "expected 3"]),
    ("commas.csv", b"Date,Description,Amount\n2026-08-01,STRIPE,\"1,2,00\"\n", &["line 2", "'Amount'", "1,2,00"]),
    ("order.csv", b"Date,Description,Amount\n01/02/2026,A,12.00\n03/04/2026,B,1.00\n", &["two orders", "date_order"]),
    ("february.csv", b"Date,Description,Amount\n31/02/2026,A,12.00\n", &["line 2", "'31/02/2026'", "31.07.2026"]),
    ("huge.csv", b"Date,Description,Amount\n2026-08-01,A,99999999999999999999.00\n", &["line 2", "64 bits"]),
    ("quote.csv", b"Date,Description,Amount\n2026-08-01,\"A,12.00\n", &["quote", "download"]),
    ("encoding.csv", b"Date,Description,Amount\n2026-08-01,ST\xff\x81,12.00\n", &["neither Unicode", "UTF-8"]),
    ("zero.csv", b"Date,Description,Amount\n2026-08-01,S\0T,12.00\n", &["zero byte", "UTF-8"]),
    ("junk.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &["zero byte"]),
    ("unknown.csv", b"a,b,c\n1,2,3\n", &["'a' and 'b' and 'c'", "tieout profile new unknown.csv"]),
    ("text.json", b"{\"a\": 1}", &["expected a header", "tieout profile new"]),
    ("doctype.xml", b"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>", &["DOCTYPE"]),
    (
        "cut.xml",
        b"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><Stmt><Id>1</Id><Acc",
        &["well-formed XML", "cut off"],
    ),
    ("other.xml", b"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.03\"></Document>", &["camt.053"]),
    ("bell.csv", b"\x1b[31mDate\x07,b,c\n1,2,3\n", &["expected a header"]),
];

#[test]
fn a_bad_statement_file_says_what_is_wrong_with_it_and_changes_nothing() {
    let tieout = books();
    for (name, content, words) in FILES {
        std::fs::write(tieout.path(name), content).expect("written");
        refused(&tieout, &import(name, &[]), 1, &[&[name, "nothing was changed", "hint:"], words].concat());
        let told = tieout.run(&import(name, &[])).err;
        assert!(!told.contains(['\x1b', '\x07']), "{name} steers the terminal");
    }
}

#[test]
fn a_file_that_cannot_be_read_or_is_no_statement_at_all_changes_nothing() {
    let tieout = books();
    std::fs::create_dir(tieout.path("folder.csv")).expect("a folder");
    File::create(tieout.path("large.csv")).expect("a file").set_len(1 << 30).expect("1 GiB that takes no room");
    refused(&tieout, &import("gone.csv", &[]), 1, &["gone.csv", "No such file", "nothing was changed"]);
    refused(&tieout, &import("folder.csv", &[]), 1, &["folder.csv", "directory", "nothing was changed"]);
    refused(&tieout, &import("large.csv", &[]), 1, &["large.csv", "256 MiB", "split the file"]);
}

#[test]
fn one_bad_file_of_three_keeps_the_other_two_out() {
    let tieout = books();
    tieout.write("one.csv", GOOD);
    tieout.write("two.csv", "Date,Description,Amount\n2026-08-02,STRIPE,13.00\n");
    tieout.write("three.csv", "Date,Description,Amount\n2026-08-02,STRIPE\n");
    refused(&tieout, &["import", "bank", "one.csv", "two.csv", "three.csv", "--bank-account", "operating"], 1, &["three.csv"]);
}

#[test]
fn a_wrong_word_beside_a_good_file_changes_nothing() {
    let tieout = books();
    tieout.write("good.csv", GOOD);
    tieout.write("broken.toml", "x = [");
    refused(&tieout, &import("good.csv", &["--currency", "eur"]), 2, &["is in USD, not in EUR", "another --bank-account"]);
    refused(&tieout, &import("good.csv", &["--profile", "nobody"]), 2, &["no profile 'nobody'", "profile list"]);
    refused(&tieout, &import("good.csv", &["--profile", "broken.toml"]), 1, &["broken.toml, line 1"]);
    refused(&tieout, &import("good.csv", &["--profile", "chase"]), 1, &["good.csv", "'chase'"]);
    refused(&tieout, &["import", "bank", "good.csv", "--bank-account", ""], 2, &["--bank-account"]);
}

/// A key, and the words that its refusal holds.
const KEYS: [(&str, &[&str]); 5] = [
    ("", &["STRIPE_API_KEY is not set", "restricted key"]),
    ("hunter2", &["rk_live_", "restricted key"]),
    ("pk_test_hunter2", &["publishable"]),
    ("rk_test_hunt er2", &["characters"]),
    ("rk_live_hunter2", &["holds test data", "live key"]),
];

#[test]
fn a_key_that_will_not_do_ends_with_4_and_changes_nothing() {
    for (key, words) in KEYS {
        let mut tieout = books();
        tieout.set("STRIPE_API_KEY", key);
        tieout.set("STRIPE_API_BASE", "http://127.0.0.1:9");
        refused(&tieout, &["sync"], 4, words);
    }
}

#[test]
fn a_key_that_stripe_refuses_does_not_decide_the_mode_of_a_new_database() {
    let mut tieout = Tieout::new();
    tieout.set("STRIPE_API_KEY", "rk_live_hunter2");
    tieout.set("STRIPE_API_BASE", &stripe::serve(stripe::Answers::from([("/v1/account", (401, "Invalid API Key provided"))])));
    let told = tieout.run(&["sync"]).fails(4);
    assert!(told.contains("does not accept the key") && told.contains("STRIPE_API_KEY"), "{told}");
    let store = Store::open(&tieout.path("books.db"), Arc::new(NoPoints)).expect("a database");
    assert_eq!(store.mode().expect("its mode"), None);
}

#[test]
fn an_unrestricted_key_is_warned_about_before_anything_is_read() {
    let mut tieout = books();
    tieout.set("STRIPE_API_KEY", "sk_test_hunter2");
    tieout.set("STRIPE_API_BASE", &stripe::serve(stripe::Answers::from([("/v1/account", (401, "no"))])));
    let told = tieout.run(&["sync"]).err;
    assert!(told.contains("can move money") && told.contains("rak_payout_read") && !told.contains(SECRET), "{told}");
}

#[test]
fn something_that_is_not_stripe_is_no_network_that_is_down() {
    let mut tieout = books();
    tieout.set("STRIPE_API_KEY", "rk_test_hunter2");
    tieout.set("STRIPE_API_BASE", &stripe::serve(stripe::Answers::from([("/v1/account", (404, "\x1b[31mNo such path"))])));
    refused(&tieout, &["sync"], 1, &["nothing could be read", "STRIPE_API_BASE"]);
    assert!(!tieout.run(&["sync"]).err.contains('\x1b'), "a message of Stripe's steers the terminal");
    tieout.set("STRIPE_API_BASE", "http://127.0.0.1:9");
    refused(&tieout, &["sync"], 7, &["no connection", "running again is safe"]);
}

#[test]
fn an_address_that_a_key_must_not_go_to_is_refused_and_its_password_not_repeated() {
    let mut tieout = books();
    tieout.set("STRIPE_API_KEY", "rk_test_1");
    for (base, word) in [
        ("http://stripe.example", "plain http to another machine"),
        ("http://127.0.0.1.example.com", "plain http to another machine"),
        ("https://ada:hunter2@stripe.example", "without a name and a password"),
        ("http://127.0.0.1:99999", "http://127.0.0.1:PORT"),
        ("ftp://stripe.example", "https://HOST"),
    ] {
        tieout.set("STRIPE_API_BASE", base);
        refused(&tieout, &["sync"], 2, &["STRIPE_API_BASE", word]);
    }
}

#[test]
fn a_database_address_that_is_none_keeps_its_password_to_itself() {
    let tieout = Tieout::new();
    for url in ["mysql://ada:hunter2@db/x", "file:x?mode=ro", "sqlite:"] {
        let told = tieout.run(&["status", "--database", url]).fails(2);
        assert!(told.contains("--database") && told.contains("sqlite:PATH") && !told.contains(SECRET), "{told}");
    }
    for url in ["postgres://ada:hunter2@db/x", "postgres://ada:hunter2@db:99999999/x", "postgres://ada:hunter2@"] {
        let told = tieout.run(&["status", "--database", url]).fails(2);
        assert!(told.contains("--database") && !told.contains(SECRET), "{told}");
    }
}

/// Commands that read, and commands that write.
const COMMANDS: [&[&str]; 4] =
    [&["status"], &["sync"], &["reconcile"], &["import", "bank", "good.csv", "--bank-account", "b", "--currency", "usd"]];

#[test]
fn a_database_that_is_none_of_ours_is_left_as_it_is() {
    let mut tieout = books();
    tieout.set("STRIPE_API_KEY", "rk_test_1");
    tieout.set("STRIPE_API_BASE", "http://127.0.0.1:9");
    tieout.write("good.csv", GOOD);
    let whole = std::fs::read(tieout.path("books.db")).expect("the books");
    tieout.write("junk.db", &"no database ".repeat(500));
    std::fs::write(tieout.path("cut.db"), &whole[..whole.len() / 3]).expect("written");
    rusqlite::Connection::open(tieout.path("other.db")).and_then(|db| db.execute_batch("CREATE TABLE x (a)")).expect("made");
    std::fs::write(tieout.path("newer.db"), &whole).expect("written");
    let newer = rusqlite::Connection::open(tieout.path("newer.db")).expect("opened");
    newer
        .pragma_update(None, "user_version", 99)
        .and_then(|()| newer.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())))
        .expect("set");
    drop(newer);
    for (name, word) in
        [("junk.db", "not a database"), ("cut.db", "malformed"), ("other.db", "another program"), ("newer.db", "update Tieout")]
    {
        let before = std::fs::read(tieout.path(name)).expect("read");
        for command in COMMANDS {
            let url = format!("sqlite:{}", tieout.path(name).display());
            let told = tieout.run(&[command, &["--database", &url]].concat()).fails(1);
            assert!(told.contains(name) && told.contains(word), "{command:?}: {told}");
        }
        assert!(std::fs::read(tieout.path(name)).expect("read") == before, "{name} was changed");
    }
}

#[test]
fn a_folder_in_the_databases_place_is_called_a_folder() {
    let tieout = Tieout::new();
    std::fs::create_dir(tieout.path("books.db")).expect("a folder");
    for command in [&["status"][..], &["reconcile"]] {
        assert!(tieout.run(command).fails(1).contains("it is a folder"));
    }
}

#[test]
fn a_database_that_somebody_else_is_writing_ends_with_6() {
    let tieout = books();
    tieout.write("good.csv", GOOD);
    let holder = rusqlite::Connection::open(tieout.path("books.db")).expect("opened");
    holder.execute_batch("BEGIN IMMEDIATE").expect("held");
    let run = tieout.run(&import("good.csv", &[]));
    holder.execute_batch("ROLLBACK").expect("let go");
    let told = run.fails(6);
    assert!(told.contains("in use by another process") && told.contains("run again"), "{told}");
}

#[cfg(unix)]
#[test]
fn a_file_size_limit_of_the_shell_is_told_and_not_died_of() {
    let tieout = books();
    let rows: String = (0..20_000).map(|n| format!("2026-08-01,PAYMENT {n},{n}.00\n")).collect();
    tieout.write("long.csv", &format!("Date,Description,Amount\n{rows}"));
    let before = digest(&tieout.path("books.db"));
    let script = format!("ulimit -f 1000; exec '{}' import bank long.csv --bank-account operating", env!("CARGO_BIN_EXE_tieout"));
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(tieout.path("."))
        .env("TIEOUT_DATABASE", format!("sqlite:{}", tieout.path("books.db").display()))
        .output()
        .expect("a shell");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("books.db") && told.contains("run again"), "{told}");
    assert_eq!(digest(&tieout.path("books.db")), before);
}

/// A Stripe that takes a request and never answers; `asked` hears of each.
fn silent_stripe() -> (String, std::sync::mpsc::Receiver<()>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("its address"));
    let (sender, asked) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        while let Ok((socket, _)) = listener.accept() {
            held.push(socket);
            if sender.send(()).is_err() {
                return;
            }
        }
    });
    (base, asked)
}

#[cfg(unix)]
#[test]
fn a_sync_that_is_stopped_by_hand_says_that_nothing_is_lost() {
    for signal in ["INT", "TERM"] {
        let (tieout, (base, asked)) = (books(), silent_stripe());
        let before = digest(&tieout.path("books.db"));
        let child = std::process::Command::new(env!("CARGO_BIN_EXE_tieout"))
            .args(["sync"])
            .env_clear()
            .env("HOME", tieout.path("."))
            .env("TIEOUT_DATABASE", format!("sqlite:{}", tieout.path("books.db").display()))
            .env("STRIPE_API_KEY", "rk_test_hunter2")
            .env("STRIPE_API_BASE", base)
            .stderr(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("it starts");
        asked.recv().expect("a request");
        let kill = format!("kill -{signal} {}", child.id());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
        let output = child.wait_with_output().expect("it ends");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(5), "{told}");
        assert!(told.contains("stopped") && told.contains("goes on from there") && output.stdout.is_empty(), "{told}");
        assert_eq!(digest(&tieout.path("books.db")), before);
    }
}

#[test]
fn a_profile_is_json_where_json_was_asked_for() {
    let tieout = Tieout::new();
    tieout.write("weird.csv", "d|a|t\n20260601|1200|x\n20260602|-3|y\n");
    for args in [&["profile", "show", "chase", "--json"][..], &["profile", "new", "weird.csv", "--json"]] {
        let text = tieout.run(args).json()["toml"].as_str().map(str::to_owned).unwrap_or_else(|| panic!("{args:?}"));
        assert!(text.contains("[columns]"), "{text}");
    }
}
