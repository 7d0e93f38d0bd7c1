//! A simulated world beside the binary: its Stripe served over HTTP, its bank files in a folder, and its truth. Shared by the
//! campaigns. Everything is done as an outsider would do it: by commands, HTTP and files.

use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

/// The day on which every campaign's world ends; fixed, so that a printed seed repeats it.
pub const UNTIL: &str = "2026-09-30";

/// The whole campaign, or with `TIEOUT_CAMPAIGN=sample` the few that every change runs.
pub fn whole_or(sample: u64, whole: u64) -> u64 {
    if std::env::var_os("TIEOUT_CAMPAIGN").is_some_and(|kind| kind == "sample") { sample } else { whole }
}

/// A number that the environment may set, so that a person can look at another; of a sample, and of the whole.
pub fn setting(name: &str, (sample, whole): (u64, u64)) -> u64 {
    let Ok(set) = std::env::var(name) else { return whole_or(sample, whole) };
    set.parse().unwrap_or_else(|_| panic!("{name} is '{set}'; expected a number"))
}

/// The seeds that the environment names, such as `TWIN_SEEDS=3..7`, or else these.
pub fn seeds(name: &str, usual: Range<u64>) -> Range<u64> {
    let Ok(text) = std::env::var(name) else { return usual };
    let ends = text.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    ends.unwrap_or_else(|| panic!("{name} is '{text}'; expected FROM..TO"))
}

/// A world on disk and on the wire.
pub struct World {
    folder: TempDir,
    flags: Vec<String>,
    stripe: Server,
    pub base: String,
    pub truth: Truth,
}

/// A simulated Stripe, as long as this lives.
pub struct Server {
    process: Child,
    pub base: String,
}

impl World {
    /// Exports the world of `seed` and serves its Stripe, failing a `faults` share of requests.
    pub fn start(seed: u64, days: u64, accounts: u64, faults: &str) -> Self {
        Self::start_with(seed, days, accounts, &[], faults)
    }

    /// The same of a world of another kind: one made with `more` flags.
    pub fn start_with(seed: u64, days: u64, accounts: u64, more: &[&str], faults: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let numbers = [("--seed", seed), ("--days", days), ("--accounts", accounts)];
        let mut flags: Vec<String> = numbers.into_iter().flat_map(|(flag, value)| [flag.to_owned(), value.to_string()]).collect();
        flags.extend(["--until", UNTIL].iter().chain(more).map(|flag| (*flag).to_owned()));
        let files = folder.path().join("world");
        let exported = tieout().args(["sim", "export"]).arg(&files).args(&flags).output().expect("tieout starts");
        assert!(exported.status.success(), "sim export: {}", String::from_utf8_lossy(&exported.stderr));
        let truth = std::fs::read_to_string(files.join("truth.json")).expect("truth.json");
        let truth = serde_json::from_str(&truth).expect("truth.json is what it says");
        let stripe = Server::start(&flags, faults);
        Self { folder, flags, base: stripe.base.clone(), stripe, truth }
    }

    /// Stops Stripe and serves the same world again with other faults.
    pub fn serve_again(&mut self, faults: &str) {
        self.stripe = Server::start(&self.flags, faults);
        self.base = self.stripe.base.clone();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command against this world and the database `name`.
    pub fn command(&self, database: &str, arguments: &[&str]) -> Command {
        let mut command = tieout();
        command
            .args(arguments)
            .args(["--database", &format!("sqlite:{}", self.path(database).display())])
            .args(["--as-of", &self.truth.as_of])
            .env("STRIPE_API_BASE", &self.base)
            .env("STRIPE_API_KEY", "rk_test_campaign")
            .current_dir(self.folder.path());
        command
    }

    /// Runs a command that must end well.
    pub fn run(&self, database: &str, arguments: &[&str]) -> Output {
        let output = self.command(database, arguments).output().expect("tieout starts");
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tieout {} ended with {}: {talk}", arguments.join(" "), output.status);
        output
    }

    /// What a command prints with `--json`.
    pub fn json<T: DeserializeOwned>(&self, database: &str, arguments: &[&str]) -> T {
        let output = self.run(database, &[arguments, &["--json"]].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("tieout {}: {error}", arguments.join(" ")))
    }

    /// The files of a bank account, as arguments.
    pub fn files(&self, account: &BankAccount) -> Vec<String> {
        let folder = self.path("world");
        account.files.iter().map(|name| find(&folder, name).display().to_string()).collect()
    }

    /// The whole line: sync, every bank file, reconcile.
    pub fn tie_out(&self, database: &str) {
        self.run(database, &["sync"]);
        for account in &self.truth.bank_accounts {
            let files = self.files(account);
            let mut arguments = vec!["import", "bank"];
            arguments.extend(files.iter().map(String::as_str));
            arguments.extend(["--bank-account", &account.name, "--currency", &account.currency]);
            self.run(database, &arguments);
        }
        self.run(database, &["reconcile"]);
    }
}

impl Server {
    /// Serves the world that `flags` make, failing a `faults` share of requests.
    pub fn start(flags: &[String], faults: &str) -> Self {
        let mut command = tieout();
        command.args(["sim", "serve", "--port", "0", "--faults", faults]).args(flags);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("tieout starts");
        let mut base = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut base).expect("the base URL");
        assert!(base.starts_with("http://127.0.0.1:"), "sim serve printed '{base}'");
        Self { process, base: base.trim().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing more to do then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The binary under test, without anything of the caller's own configuration.
pub fn tieout() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tieout"));
    for name in ["TIEOUT_CONFIG", "TIEOUT_DATABASE", "TIEOUT_TIME_ZONE", "STRIPE_API_KEY", "STRIPE_API_BASE"] {
        command.env_remove(name);
    }
    command
}

fn find(folder: &Path, name: &str) -> PathBuf {
    [folder.join(name), folder.join("bank").join(name)]
        .into_iter()
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("no {name}"))
}

/// What is true of a world, as far as the campaigns ask.
#[derive(Deserialize)]
pub struct Truth {
    pub as_of: String,
    pub payouts: Vec<PayoutTruth>,
    pub bank_accounts: Vec<BankAccount>,
    pub unknown_deposits: Vec<LineTruth>,
    pub balances: Vec<BalanceTruth>,
}

#[derive(Deserialize)]
pub struct PayoutTruth {
    pub id: String,
    pub members: Vec<String>,
    pub members_listed_completely: bool,
    pub composition: String,
    pub bank_lines: Vec<LineTruth>,
    pub verdict: String,
    pub difference_minor: i64,
    pub distinguishable: String,
    pub rivals: Vec<LineTruth>,
    pub exceptions: Vec<String>,
}

#[derive(Deserialize)]
pub struct LineTruth {
    pub bank_account: String,
    pub reference: Option<String>,
    pub date_on: String,
    pub amount_minor: i64,
    pub description: String,
}

#[derive(Deserialize)]
pub struct BankAccount {
    pub name: String,
    pub currency: String,
    pub format: String,
    pub files: Vec<String>,
    pub line_count: usize,
}

#[derive(Deserialize)]
pub struct BalanceTruth {
    pub account: String,
    pub currency: String,
    pub available_minor: i64,
    pub pending_minor: i64,
}
