//! `tieout demo` and `tieout sim` as a stranger runs them: nothing set up, no key, no network but loopback.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

/// A fresh machine: an empty home and nothing in the environment.
struct Machine {
    home: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tieout"));
        command.env_clear().env("HOME", self.home.path()).current_dir(self.home.path()).args(arguments).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn demo_database(&self) -> String {
        format!("sqlite:{}", self.home.path().join(".local/share/tieout/demo/tieout.db").display())
    }
}

/// A server that ends with the test.
struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    fn first_line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Status and body of one request.
fn get(base: &str, path: &str, headers: &str) -> (String, String) {
    let mut stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
    let host = base.strip_prefix("http://").unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    (head.lines().next().unwrap_or_default().to_owned(), body.to_owned())
}

fn sum(accounts: &[Value], parts: &[&str]) -> i64 {
    let minor = |account: &Value, part: &&str| account["buckets"][*part].as_i64().unwrap();
    accounts.iter().map(|account| parts.iter().map(|part| minor(account, part)).sum::<i64>()).sum()
}

#[test]
fn a_demo_ties_what_ties_and_says_what_does_not() {
    let machine = Machine::new();
    let status = machine.json(&["demo", "--no-serve", "--until", "2026-06-30", "--json"]);
    let accounts = status["accounts"].as_array().unwrap();
    assert_eq!(status["verdict"], "open");
    assert!(accounts.iter().all(|account| account["balance"]["difference_minor"] == 0), "{status:#}");
    let parts = ["matched_minor", "in_transit_minor", "exceptions_minor", "excluded_minor"];
    assert_eq!(sum(accounts, &parts), sum(accounts, &["total_minor"]));
    let count = |field: &str| accounts.iter().map(|account| account["payouts"][field].as_u64().unwrap()).sum::<u64>();
    assert!(count("matched") * 10 > count("total") * 8, "{status:#}");

    let open = machine.json(&["--database", &machine.demo_database(), "exception", "list", "--state", "open", "--json"]);
    let open = open.as_array().unwrap();
    assert!(!open.is_empty());
    let printed = machine.run(&["demo", "--no-serve", "--until", "2026-06-30"]);
    let printed = String::from_utf8(printed.stdout).unwrap();
    for exception in open {
        let (code, remedy) = (exception["code"].as_str().unwrap(), exception["remedy"].as_str().unwrap());
        assert!(printed.lines().any(|line| line.starts_with(code) && line.ends_with(remedy)), "{code} is not in\n{printed}");
    }
}

#[test]
fn a_demo_leaves_the_users_database_alone() {
    let machine = Machine::new();
    let own = machine.home.path().join("own.db");
    std::fs::write(&own, b"the user's").unwrap();
    let url = format!("sqlite:{}", own.display());
    let named = machine.run(&["--database", &url, "demo", "--no-serve", "--days", "10"]);
    assert_eq!(named.status.code(), Some(2));
    let in_the_environment =
        machine.command(&["demo", "--no-serve", "--days", "10"]).env("TIEOUT_DATABASE", &url).output().unwrap();
    assert_eq!(in_the_environment.status.code(), Some(0), "{}", String::from_utf8_lossy(&in_the_environment.stderr));
    assert_eq!(std::fs::read(&own).unwrap(), b"the user's");
}

#[test]
fn a_demo_ends_in_pages() {
    let machine = Machine::new();
    let mut server = Server::start(machine.command(&["demo", "--days", "10"]));
    let stderr = BufReader::new(server.child.stderr.take().unwrap());
    let url = stderr.lines().map_while(Result::ok).find(|line| line.starts_with("http://")).unwrap();
    let base = url.split(' ').next().unwrap();
    let (status, page) = get(base, "/", "");
    assert!(status.contains("200"), "{status}");
    assert!(page.contains("payouts"), "{page}");
}

#[test]
fn the_simulator_prints_its_address_and_counts_what_it_was_asked() {
    let machine = Machine::new();
    let mut server = Server::start(machine.command(&["sim", "serve", "--port", "0", "--days", "10", "--until", "2026-06-30"]));
    let base = server.first_line();
    let (status, body) = get(&base, "/v1/payouts", "Authorization: Bearer sk_test_any\r\n");
    assert!(status.contains("200"), "{status}");
    assert!(body.starts_with("{\"object\":\"list\""));
    let (_, counts) = get(&base, "/_sim/requests", "");
    assert_eq!(serde_json::from_str::<Value>(&counts).unwrap()["list_pages"], 1);
}

#[test]
fn what_makes_no_world_is_refused_by_flag() {
    let machine = Machine::new();
    for (arguments, named) in [
        (["sim", "export", "w", "--days=0"], "--days"),
        (["sim", "export", "w", "--accounts=0"], "--accounts"),
        (["sim", "export", "w", "--until=1066-10-14"], "--until"),
        (["sim", "serve", "--port=0", "--faults=1.5"], "--faults"),
        (["sim", "serve", "--port=0", "--faults=late-visble"], "did you mean `late-visible`?"),
    ] {
        let output = machine.run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(named), "{arguments:?}");
    }
}

#[test]
fn the_same_flags_export_the_same_bytes() {
    let machine = Machine::new();
    let export = |folder: &str, seed: &str| {
        let output = machine.run(&["sim", "export", folder, "--days=10", "--until=2026-06-30", "--seed", seed]);
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), folder);
        contents(&machine.home.path().join(folder))
    };
    let (one, same, other) = (export("one", "1"), export("same", "1"), export("other", "2"));
    assert!(one.contains_key(Path::new("truth.json")));
    assert!(one == same, "the same flags gave other bytes");
    assert!(one != other);
}

#[test]
fn an_export_does_not_mix_two_worlds_or_replace_what_somebody_else_wrote() {
    let machine = Machine::new();
    let folder = machine.home.path().join("mine");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("README.txt"), "my notes").unwrap();
    let output = machine.run(&["sim", "export", "mine", "--days=10", "--until=2026-06-30"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not empty"));
    assert_eq!(contents(&folder), BTreeMap::from([(PathBuf::from("README.txt"), b"my notes".to_vec())]));
}

/// Every file below a folder.
fn contents(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}
