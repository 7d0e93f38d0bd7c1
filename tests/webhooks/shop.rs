//! A folder with a database, the simulator as its Stripe, and the built binary serving it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use store::{NoPoints, Store};

/// The secrets of a rotation.
pub const SECRETS: [&str; 2] = ["whsec_old", "whsec_new"];

/// How long a test waits for what must come, before it says that it did not.
const PATIENCE: Duration = Duration::from_secs(240);

const KEY: &str = "rk_test_webhooks";

/// The value of `Stripe-Signature`.
pub fn signature(secret: &str, at: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at},v1={hex}")
}

/// Unix seconds.
pub fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// A simulated Stripe until this is dropped.
pub struct Simulated {
    process: Child,
    base: String,
    talk: BufReader<std::process::ChildStderr>,
}

impl Simulated {
    /// One whose time stands still.
    pub fn still() -> Self {
        Self::start(&["--accounts", "1", "--days", "12", "--until", "2026-09-30"])
    }

    /// One whose time runs, and that delivers its events to this address.
    pub fn delivering(url: &str, accounts: &str, flags: &[&str]) -> Self {
        let always = ["--accounts", accounts, "--days", "12", "--clock-rate", "3600", "--webhook-url", url];
        Self::start(&[&always, flags].concat())
    }

    /// The same world three days earlier, from when on its time runs as ours does.
    pub fn three_days_earlier() -> Self {
        Self::start(&[
            "--accounts",
            "1",
            "--days",
            "12",
            "--until",
            "2026-09-30",
            "--clock-rate",
            "1",
            "--clock-from",
            "2026-09-28",
        ])
    }

    fn start(flags: &[&str]) -> Self {
        let mut command = binary();
        command.args(["sim", "serve", "--port", "0", "--per-day", "12"]).args(flags);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut base = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut base).unwrap();
        let talk = BufReader::new(process.stderr.take().unwrap());
        Self { process, base: base.trim().to_owned(), talk }
    }

    /// The secret that it signs with, as it is told at the start.
    fn secret(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.talk.read_line(&mut line).unwrap() > 0, "the secret was not told");
            if let Some((_, secret)) = line.split_once("signed with ") {
                return secret.trim().to_owned();
            }
        }
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing more to do then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The database, its Stripe, and the server.
pub struct Shop {
    folder: Arc<tempfile::TempDir>,
    stripe: Option<Arc<Simulated>>,
    server: Option<Child>,
    address: Option<SocketAddr>,
    key: String,
    txns: usize,
    said: Arc<Mutex<String>>,
}

impl Shop {
    pub fn new() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Self { folder, stripe: None, server: None, address: None, key: KEY.to_owned(), txns: 0, said: Arc::default() }
    }

    /// Has this Stripe, and has read nothing of it yet.
    pub fn at(mut self, stripe: Simulated) -> Self {
        self.stripe = Some(Arc::new(stripe));
        self
    }

    /// Reads everything of this Stripe, and reconciles.
    pub fn synced(self, stripe: Simulated) -> Self {
        let mut this = self.at(stripe);
        this.tieout(&["sync", "--json"]);
        this.tieout(&["reconcile", "--json"]);
        this.txns = this.count("txn");
        this
    }

    /// Goes on with another key.
    pub fn with_key(mut self, key: &str) -> Self {
        self.key = key.to_owned();
        self
    }

    /// Commands are run with a key that may read everything; the server goes on with its own.
    pub fn with_whole_key(&self) -> Whole<'_> {
        Whole(self)
    }

    /// Takes deliveries that are signed by one of these secrets.
    pub fn serving(mut self, secrets: &str) -> Self {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("STRIPE_WEBHOOK_SECRET", secrets);
        self.start(command);
        self
    }

    /// Another server on the same database, with the same Stripe.
    pub fn beside(&self) -> Self {
        let mut other = Self::new();
        (other.folder, other.stripe) = (Arc::clone(&self.folder), self.stripe.clone());
        other.serving(SECRETS[0])
    }

    fn start(&mut self, mut command: Command) {
        let mut server = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut talk = BufReader::new(server.stderr.take().unwrap());
        talk.read_line(&mut line).unwrap();
        let address = line.split_once("http://").unwrap_or_else(|| panic!("it serves nothing: {line}")).1;
        self.address = Some(address.split_whitespace().next().unwrap().parse().unwrap());
        let said = Arc::clone(&self.said);
        std::thread::spawn(move || talk.lines().map_while(Result::ok).for_each(|line| said.lock().unwrap().push_str(&line)));
        self.server = Some(server);
    }

    /// A world whose time runs, synced once, and then followed by its deliveries.
    pub fn followed(flags: &[&str]) -> Self {
        // The world has to know where it delivers before anything listens there.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}/webhooks/stripe");
        let mut stripe = Simulated::delivering(&url, "1", flags);
        let secret = stripe.secret();
        let mut shop = Self::new().synced(stripe);
        let mut command = shop.command(&["serve", "--listen", &format!("127.0.0.1:{port}")]);
        command.env("STRIPE_WEBHOOK_SECRET", secret);
        shop.start(command);
        shop
    }

    /// Delivers a body that is signed as it should be.
    pub fn deliver(&self, body: &str) -> (u16, String) {
        self.post(&[signature(SECRETS[0], now(), body.as_bytes())], body.as_bytes())
    }

    pub fn post(&self, signatures: &[String], body: &[u8]) -> (u16, String) {
        self.send("POST", signatures, body)
    }

    /// Status and body of the answer.
    pub fn send(&self, method: &str, signatures: &[String], body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address.unwrap()).unwrap();
        let mut head = format!("{method} /webhooks/stripe HTTP/1.1\r\nHost: books.example\r\nConnection: close\r\n");
        signatures.iter().for_each(|value| head.push_str(&format!("Stripe-Signature: {value}\r\n")));
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        // A server that refuses by the head may hang up before it has read the body.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    pub fn deliveries(&self) -> Vec<Value> {
        self.tieout(&["webhook", "list", "--json"]).as_array().unwrap().clone()
    }

    pub fn count(&self, noun: &str) -> usize {
        self.tieout(&[noun, "list", "--json"]).as_array().unwrap().len()
    }

    pub fn txns_before(&self) -> usize {
        self.txns
    }

    /// What the server has said since it serves.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// What the history of runs says: job and state, oldest first.
    pub fn runs(&self) -> Vec<(String, String)> {
        let mut runs = self.store().runs(100).unwrap();
        runs.reverse();
        runs.into_iter().map(|run| (run.job, run.state.as_str().to_owned())).collect()
    }

    /// The database, as another process opens it.
    pub fn store(&self) -> Store {
        Store::open(&self.path("books.db"), Arc::new(NoPoints)).unwrap()
    }

    /// A charge that Stripe has.
    pub fn a_charge(&self) -> String {
        let txns = self.tieout(&["txn", "list", "--json"]);
        let charge = txns.as_array().unwrap().iter().find(|txn| txn["type"] == "charge").expect("a charge");
        charge["source"].as_str().unwrap().to_owned()
    }

    pub fn own_account(&self) -> String {
        let accounts = self.tieout(&["account", "list", "--json"]);
        accounts.as_array().unwrap().iter().find(|account| account["kind"] == "own").unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// What a command that ends well prints.
    pub fn tieout(&self, args: &[&str]) -> Value {
        json(self.command(args), args)
    }

    /// Exit code and stdout of `tieout webhook check` where these secrets are set.
    pub fn checks(&self, secrets: &str, args: &[&str]) -> (i32, String) {
        let mut command = self.command(&[&["webhook", "check"], args].concat());
        let output = command.env("STRIPE_WEBHOOK_SECRET", secrets).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }

    /// Exit code and talk of a command that does not end well.
    pub fn fails(&self, args: &[&str]) -> (i32, String) {
        let output = self.command(args).output().unwrap();
        assert!(!output.status.success());
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    /// Waits until something holds that must come.
    pub fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let started = SystemTime::now();
        while !holds() {
            assert!(started.elapsed().unwrap() < PATIENCE, "it never came that {what}: {:?}", self.deliveries());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Takes a payout out of the database, with all that was concluded of it; returns its id.
    pub fn forget_a_payout(&self) -> String {
        let payouts = self.tieout(&["payout", "list", "--json"]);
        let payout = payouts.as_array().unwrap().iter().find(|payout| payout["composition"]["state"] == "tied").unwrap();
        let id = payout["id"].as_str().unwrap().to_owned();
        let database = rusqlite::Connection::open(self.path("books.db")).unwrap();
        // A verdict that stayed would make the payout look judged as soon as it is read again.
        for forget in ["DELETE FROM payout_verdict WHERE payout = ?1", "DELETE FROM payout WHERE id = ?1"] {
            database.execute(forget, [&id]).unwrap();
        }
        self.tieout(&["reconcile", "--json"]);
        id
    }

    pub fn exceptions_about(&self, id: &str) -> Vec<Value> {
        let all = self.tieout(&["exception", "list", "--json"]);
        all.as_array().unwrap().iter().filter(|one| one["subjects"][0]["id"] == id).cloned().collect()
    }

    /// Whether a reconciliation has judged the payout: before it, nothing is said of its composition.
    pub fn is_judged(&self, id: &str) -> bool {
        let payouts = self.tieout(&["payout", "list", "--json"]);
        payouts.as_array().unwrap().iter().any(|payout| payout["id"] == id && payout["composition"]["state"] == "tied")
    }

    pub fn remove_database(&self) {
        for name in ["books.db", "books.db-wal", "books.db-shm"] {
            // The last two are there only while somebody writes.
            let _ = std::fs::remove_file(self.path(name));
        }
    }

    /// A connection that promises a body and sends three bytes of it.
    pub fn begin_and_never_end(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address.unwrap()).unwrap();
        let head = "POST /webhooks/stripe HTTP/1.1\r\nHost: books.example\r\nContent-Length: 1000\r\n\r\nabc";
        stream.write_all(head.as_bytes()).unwrap();
        stream
    }

    /// Tells the server to end, and says whether it did.
    pub fn ends_when_it_is_told_to(&mut self) -> bool {
        let mut server = self.server.take().unwrap();
        let pid = nix::unistd::Pid::from_raw(i32::try_from(server.id()).unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        let started = SystemTime::now();
        while started.elapsed().unwrap() < PATIENCE {
            if server.try_wait().unwrap().is_some() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        server.kill().unwrap();
        server.wait().unwrap();
        false
    }

    /// Ends the server at once.
    pub fn kill(&mut self) {
        let mut server = self.server.take().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = binary();
        command.args(args).current_dir(self.folder.path()).env("STRIPE_API_KEY", &self.key);
        command.env("TIEOUT_DATABASE", format!("sqlite:{}", self.path("books.db").display()));
        let base = self.stripe.as_ref().map(|stripe| stripe.base.as_str()).unwrap_or("http://127.0.0.1:9");
        command.env("STRIPE_API_BASE", base);
        command
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            // It may have died by itself.
            let _ = server.kill();
            server.wait().unwrap();
        }
    }
}

/// Commands with a key that may read everything.
pub struct Whole<'a>(&'a Shop);

impl Whole<'_> {
    pub fn tieout(&self, args: &[&str]) -> Value {
        let mut command = self.0.command(args);
        command.env("STRIPE_API_KEY", KEY);
        json(command, args)
    }
}

fn json(mut command: Command, args: &[&str]) -> Value {
    let output = command.output().unwrap();
    let (out, talk) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{args:?}: {talk}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{args:?}: {error}: {out}"))
}

fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tieout"));
    // Nothing is written there: every command names its database.
    command.env_clear().env("HOME", std::env::temp_dir()).stdin(Stdio::null());
    command
}
