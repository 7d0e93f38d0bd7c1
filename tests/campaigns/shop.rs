//! A shop: its database, of either kind, and the commands and the server that work on it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use sim::BankFile;
use store::{Location, RunState, Store};
use tempfile::TempDir;

use crate::world::tieout;

/// What its server checks deliveries by.
const SECRET: &str = "whsec_campaign";

/// The name of a database that is a file.
const BOOKS: &str = "books.db";

/// How long what must come may take, before the campaign says that it did not. Where so many requests are answered with 429, the
/// product asks for less and less.
const PATIENCE: Duration = Duration::from_secs(900);

/// For how long who delivers waits for an answer.
const STRIPE_WAITS: Duration = Duration::from_secs(20);

/// Where the databases of a campaign are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

pub struct Shop {
    folder: TempDir,
    address: String,
    base: String,
    server: Option<Server>,
}

struct Server {
    process: Child,
    address: String,
    /// Syncs that had ended well before it started.
    syncs: usize,
}

impl Shop {
    /// An empty database, and the Stripe at `base`.
    pub fn new(kind: Kind, base: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let address = match kind {
            Kind::Sqlite => format!("sqlite:{}", folder.path().join(BOOKS).display()),
            Kind::Postgres => {
                let server = cluster::shared().expect("PostgreSQL");
                server.address_of_schema(&server.schema().expect("a schema"))
            }
        };
        Self { folder, address, base: base.to_owned(), server: None }
    }

    /// The same with a database that is there, or its own file where none is named.
    pub fn with_database(address: Option<String>, base: &str) -> Self {
        let mut shop = Self::new(Kind::Sqlite, base);
        shop.address = address.unwrap_or_else(|| shop.address.clone());
        shop
    }

    /// Its database where that is a file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join(BOOKS)
    }

    /// Where its server listens, and the number of its process.
    pub fn serving(&self) -> Option<(&str, u32)> {
        self.server.as_ref().map(|server| (server.address.as_str(), server.process.id()))
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = tieout();
        command.args(arguments).args(["--database", &self.address]).current_dir(self.folder.path());
        command.env("STRIPE_API_BASE", &self.base).env("STRIPE_API_KEY", "rk_test_campaign").env("STRIPE_WEBHOOK_SECRET", SECRET);
        command
    }

    /// Runs a command that must end well.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().expect("tieout starts");
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tieout {} ended with {}: {talk}", arguments.join(" "), output.status);
        output
    }

    pub fn import(&self, file: &BankFile) {
        let path: PathBuf = self.folder.path().join(&file.name);
        std::fs::write(&path, &file.bytes).expect("a file");
        let path = path.display().to_string();
        let currency = file.currency.map(|currency| currency.to_string());
        let mut arguments = vec!["import", "bank", &path, "--bank-account", &file.bank_account];
        arguments.extend(currency.iter().flat_map(|currency| ["--currency", currency]));
        self.run(&arguments);
    }

    pub fn store(&self) -> Store {
        let location = match self.address.strip_prefix("sqlite:") {
            Some(path) => Location::File(path.into()),
            None => Location::Server(Box::new(store::Server::parse(&self.address).expect("an address"))),
        };
        Store::open_existing(location).expect("a database").expect("a database")
    }

    /// Starts the server; a `switch` of crash tests says where it dies or stands still.
    pub fn serve(&mut self, as_of: &str, switch: Option<(&str, &str)>) {
        let syncs = self.syncs();
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--as-of", as_of]);
        command.envs(switch);
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("tieout starts");
        let mut talk = BufReader::new(process.stderr.take().expect("piped"));
        let mut line = String::new();
        talk.read_line(&mut line).expect("it says where");
        let address = line.split_once("http://").unwrap_or_else(|| panic!("it serves nothing: {line}")).1;
        let address = address.split_whitespace().next().expect("an address").to_owned();
        std::thread::spawn(move || std::io::copy(&mut talk, &mut std::io::sink()));
        self.server = Some(Server { process, address, syncs });
    }

    pub fn serves(&self) -> bool {
        self.server.is_some()
    }

    /// Whether the server is stopped.
    pub fn stands_still(&self) -> bool {
        self.server.as_ref().is_some_and(|server| stands_still(&server.process))
    }

    /// Lets a server that is stopped go on.
    pub fn wake(&self) {
        self.server.iter().for_each(|server| wake(&server.process));
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            // It may have died by itself.
            let _ = server.process.kill();
            server.process.wait().expect("it ends");
        }
    }

    /// Delivers an event; whether it was taken.
    pub fn deliver(&self, event: &Value) -> bool {
        let Some(Server { address, .. }) = &self.server else { return false };
        let body = event.to_string();
        let head = format!(
            "POST /webhooks/stripe HTTP/1.1\r\nHost: {address}\r\nStripe-Signature: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            signature(body.as_bytes()),
            body.len()
        );
        let mut answer = String::new();
        let sent = TcpStream::connect(address).and_then(|mut stream| {
            stream.set_read_timeout(Some(STRIPE_WAITS))?;
            stream.write_all(head.as_bytes())?;
            stream.write_all(body.as_bytes())?;
            stream.read_to_string(&mut answer)
        });
        sent.is_ok() && answer.starts_with("HTTP/1.1 200 ")
    }

    /// Waits until the server has caught up and worked off what it took; `false` where there is none, or it dies or stands still
    /// meanwhile.
    pub fn settles(&mut self) -> bool {
        let started = Instant::now();
        loop {
            let Some(server) = &mut self.server else { return false };
            if server.process.try_wait().expect("a process").is_some() {
                self.server = None;
                return false;
            }
            if stands_still(&server.process) {
                return false;
            }
            let syncs = server.syncs;
            let waiting = self.store().waiting_deliveries(1).expect("deliveries");
            if waiting.is_empty() && self.syncs() > syncs {
                return true;
            }
            assert!(started.elapsed() < PATIENCE, "never worked off: {waiting:?}, {:?}", self.store().runs(5));
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Syncs that ended well.
    pub fn syncs(&self) -> usize {
        let runs = self.store().runs(10_000).expect("runs");
        runs.iter().filter(|run| run.job == "sync" && run.state == RunState::Done).count()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits until a process is stopped; `false` where it ends instead.
pub fn comes_to_stand_still(process: &mut Child) -> bool {
    let started = Instant::now();
    while process.try_wait().expect("a process").is_none() {
        if stands_still(process) {
            return true;
        }
        assert!(started.elapsed() < PATIENCE, "it neither stands still nor ends");
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Whether a process is stopped.
fn stands_still(process: &Child) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.id())).unwrap_or_default();
    // What follows the name, which is in brackets, is the state.
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
}

/// Lets a process that is stopped go on.
pub fn wake(process: &Child) {
    let woken = Command::new("kill").args(["-CONT", &process.id().to_string()]).status();
    assert!(woken.is_ok_and(|status| status.success()), "it can be woken");
}

/// What Stripe signs a body with, now.
pub fn signature(body: &[u8]) -> String {
    signature_by(SECRET, body)
}

/// What somebody signs a body with who has this secret.
pub fn signature_by(secret: &str, body: &[u8]) -> String {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at},v1={hex}")
}

/// What stands in the tables is what the audit trail says, whatever has died meanwhile.
pub fn trail_holds(store: &Store) {
    let report = store.verify_audit(&[], &mut |_| ControlFlow::Continue(())).expect("a trail");
    assert_eq!(report.faults, [], "the audit trail is broken");
}
