//! A folder with settings, a simulated Stripe behind a gate, a mail server, a receiver of webhooks, and the built binary serving over a
//! clock that runs fast.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use outgoing::webhook::{Secret, signature};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::authority::Authority;
use crate::gate::{Gate, Weather};
use crate::receiver::Receiver;
use crate::smtp::{self, Manners};

/// How long a test waits for what must come, before it says that it did not.
const PATIENCE: Duration = Duration::from_secs(120);

/// A minute before seven in New York, on the day after clocks were set back.
const BEGINS: &str = "2026-11-02T11:59:00Z";

/// An hour in a second.
pub const FAST: u32 = 3_600;

/// A minute in a second: a test can do something between two tries.
pub const SLOW: u32 = 60;

const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// How a night begins.
#[derive(Clone)]
pub struct Beginning {
    pub weather: Weather,
    /// So many times as fast as the machine's, the clock runs.
    pub rate: u32,
    /// The simulated Stripe of others; without it one of its own.
    pub stripe: Option<String>,
    /// A database to begin with a copy of.
    pub database: Option<PathBuf>,
    /// What the environment holds besides.
    pub environment: Vec<(&'static str, String)>,
    /// What the mail server answers in the place of its own words.
    pub mail: Vec<(&'static str, String)>,
    /// Flags of the server.
    pub flags: Vec<&'static str>,
}

impl Beginning {
    pub fn new(weather: Weather, rate: u32) -> Self {
        Self { weather, rate, stripe: None, database: None, environment: Vec::new(), mail: Vec::new(), flags: Vec::new() }
    }
}

pub struct Night {
    pub receiver: Receiver,
    folder: tempfile::TempDir,
    runtime: Runtime,
    gate: Gate,
    gate_url: String,
    heard: smtp::Heard,
    stripe: Option<Child>,
    server: Option<Child>,
    /// What the server has said.
    said: Arc<Mutex<Vec<String>>>,
    address: String,
    beginning: Beginning,
    began: Timestamp,
    /// Where the receiver listens.
    pub receiving: String,
}

impl Night {
    pub fn begin(weather: Weather, rate: u32) -> Self {
        let mut night = Self::before_serving(Beginning::new(weather, rate));
        night.tieout(&["schedule", "add", "nothing", "--job", "reconcile", "--cron", "0 0 30 2 *"]);
        // How full the disk of this machine is belongs to no night.
        night.tieout(&["alert", "add", "disk_filling", "--off"]);
        night.serve();
        night
    }

    /// All but the server, and no database but the one to begin with.
    pub fn before_serving(beginning: Beginning) -> Self {
        // Another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let (stripe, base) = match &beginning.stripe {
            Some(base) => (None, base.clone()),
            None => {
                let (process, base) = simulated();
                (Some(process), base)
            }
        };
        if let Some(database) = &beginning.database {
            std::fs::copy(database, folder.path().join("books.db")).unwrap();
        }
        let (gate, gate_address) = runtime.block_on(Gate::before(&base, beginning.weather));
        let (receiver, receiving) = runtime.block_on(Receiver::start());
        let authority = Authority::new();
        let manners = Manners {
            starttls: Some(authority.vouches_for("localhost")),
            mechanisms: "PLAIN",
            instead: beginning.mail.clone(),
            ..Manners::default()
        };
        let (mail, heard) = runtime.block_on(smtp::start(manners));
        std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        std::fs::write(folder.path().join("tieout.toml"), settings(&receiving.to_string(), mail.port())).unwrap();
        let gate_url = format!("http://{gate_address}");
        Self {
            receiver,
            folder,
            runtime,
            gate,
            gate_url,
            heard,
            stripe,
            server: None,
            said: Arc::default(),
            address: String::new(),
            beginning,
            began: Timestamp::now(),
            receiving: format!("http://{receiving}"),
        }
    }

    pub fn serve(&mut self) {
        let flags = [&["serve", "--listen", "127.0.0.1:0"], self.beginning.flags.as_slice()].concat();
        let mut server = self.command(&flags).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(server.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("Serving on ") {
            line.clear();
            assert!(told.read_line(&mut line).unwrap() > 0, "the server ended");
        }
        self.address = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned();
        self.server = Some(server);
        // What it says further on goes to whoever reads the test.
        let said = Arc::clone(&self.said);
        std::thread::spawn(move || {
            told.lines().map_while(Result::ok).for_each(|line| {
                println!("serve: {line}");
                said.lock().unwrap().push(line);
            });
        });
    }

    /// Whether the server has said such a line.
    pub fn has_said(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.said.lock().unwrap().iter().any(|line| is_it(line))
    }

    pub fn server(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.server.as_ref().unwrap().id()).unwrap())
    }

    /// Lets the server and all commands that begin from now on have this in their environment.
    pub fn environment(&mut self, name: &'static str, value: String) {
        self.beginning.environment.push((name, value));
    }

    /// Stops the server as hard as can be.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// Adds to the settings, and lets the server read them again.
    pub fn settle(&self, more: &str) {
        let text = std::fs::read_to_string(self.path("tieout.toml")).unwrap();
        self.settle_anew(&format!("{text}{more}"));
    }

    /// Puts before the settings what belongs there, and lets the server read them again.
    pub fn settle_first(&self, first: &str) {
        let text = std::fs::read_to_string(self.path("tieout.toml")).unwrap();
        self.settle_anew(&format!("{first}{text}"));
    }

    fn settle_anew(&self, text: &str) {
        std::fs::write(self.path("tieout.toml"), text).unwrap();
        kill(self.server(), Signal::SIGHUP).unwrap();
    }

    /// What time the server thinks it is.
    pub fn now(&self) -> Timestamp {
        let passed = Timestamp::now().duration_since(self.began).checked_mul(self.beginning.rate.try_into().unwrap()).unwrap();
        BEGINS.parse::<Timestamp>().unwrap().checked_add(passed).unwrap()
    }

    pub fn weather(&self, weather: Weather) {
        self.gate.turns(weather);
    }

    /// Does something while the database is away.
    pub fn without_database(&self, meanwhile: impl FnOnce()) {
        let names = ["", "-wal", "-shm"].map(|end| format!("books.db{end}"));
        let away = |name: &str| self.path(&format!("{name}.away"));
        let moved: Vec<&String> = names.iter().filter(|name| std::fs::rename(self.path(name), away(name)).is_ok()).collect();
        meanwhile();
        moved.into_iter().for_each(|name| std::fs::rename(away(name), self.path(name)).unwrap());
    }

    pub fn add(&self, name: &str, more: &[&str]) {
        self.tieout(&[&["schedule", "add", name], more].concat());
    }

    /// What a command says that goes well: its JSON, else nothing.
    pub fn tieout(&self, arguments: &[&str]) -> Value {
        let output = self.command(arguments).output().unwrap();
        let told = String::from_utf8(output.stderr.clone()).unwrap();
        assert!(output.status.success(), "{arguments:?}: {told}");
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    /// How a command ends, whichever way.
    pub fn attempt(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// How a command ends that does not go well, and what it says.
    pub fn fails(&self, arguments: &[&str]) -> (i32, String) {
        let Output { status, stderr, .. } = self.command(arguments).output().unwrap();
        assert!(!status.success(), "{arguments:?}");
        (status.code().unwrap(), String::from_utf8(stderr).unwrap())
    }

    /// The newest run of a schedule; null where there is none yet, or no database to ask.
    pub fn newest(&self, name: &str) -> Value {
        let output = self.command(&["schedule", "history", name, "--json"]).output().unwrap();
        let runs: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        runs[0].clone()
    }

    pub fn run_with_tries(&self, name: &str) -> Value {
        self.tieout(&["schedule", "history", &self.newest(name)["id"].to_string(), "--json"])
    }

    /// The mails that were taken, as they came, lines unfolded.
    pub fn mails(&self) -> Vec<String> {
        let lines = self.heard.lines();
        let mut mails = Vec::new();
        let mut rest = lines.as_slice();
        while let Some(begin) = rest.iter().position(|line| line == "DATA") {
            let (_, after) = rest.split_at(begin + 1);
            let end = after.iter().position(|line| line == ".").unwrap_or(after.len());
            let (mail, after) = after.split_at(end);
            if !after.is_empty() {
                mails.push(mail.join("\n").replace("\n ", " ").replace("=\n", ""));
            }
            rest = after;
        }
        mails
    }

    /// The table of a channel of webhooks to the receiver, with `more` in it.
    pub fn webhook(&self, name: &str, more: &str) -> String {
        format!(
            "[[channel]]\nname = \"{name}\"\nkind = \"webhook\"\nurl = \"{}/{name}\"\nsecret_env = \"HOOK_SECRET\"\n{more}",
            self.receiving
        )
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// The bodies that the receiver took on the channel `ops`, each of which was signed.
    pub fn webhooks(&self) -> Vec<Value> {
        self.heard("ops")
    }

    /// The same on any channel.
    pub fn heard(&self, channel: &str) -> Vec<Value> {
        let secret = Secret::parse(SECRET).unwrap();
        let read = |heard: crate::receiver::Heard| {
            let text = |name: &str| heard.headers[name].to_str().unwrap().to_owned();
            let at = Timestamp::from_second(text("webhook-timestamp").parse().unwrap()).unwrap();
            let signed = signature(std::slice::from_ref(&secret), &text("webhook-id"), at, heard.body.as_bytes()).unwrap();
            assert_eq!(text("webhook-signature"), signed);
            serde_json::from_str(&heard.body).unwrap()
        };
        self.receiver.heard(channel).into_iter().map(read).collect()
    }

    pub fn message_states(&self, channel: &str) -> Vec<String> {
        let messages = self.tieout(&["alert", "messages", "--json"]);
        let of = messages.as_array().unwrap().iter().filter(|one| one["channel"] == channel);
        of.map(|one| one["state"].as_str().unwrap().to_owned()).collect()
    }

    /// The status of the answer to what is posted.
    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> u16 {
        let url = format!("{}{path}", self.address);
        self.runtime.block_on(async {
            let mut post = reqwest::Client::builder().tls_certs_only([]).build().unwrap().post(url).body(body);
            for (name, value) in headers {
                post = post.header(*name, *value);
            }
            post.send().await.unwrap().status().as_u16()
        })
    }

    pub fn page(&self, path: &str) -> String {
        let url = format!("{}{path}", self.address);
        let client = reqwest::Client::builder().tls_certs_only([]).build().unwrap();
        let ask = || async { client.get(&url).send().await?.text().await };
        // One that reads its settings again may end a connection that has just been made.
        self.runtime.block_on(async {
            match ask().await {
                Err(_) => ask().await.unwrap(),
                Ok(text) => text,
            }
        })
    }

    /// Waits until everything was looked at some times more.
    pub fn a_few_looks(&self) {
        std::thread::sleep(Duration::from_millis(500));
    }

    #[track_caller]
    pub fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let since = Instant::now();
        while !is_so(self) {
            assert!(since.elapsed() < PATIENCE, "not seen in time: {what}\n{}", self.standing());
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    fn standing(&self) -> String {
        let said = |arguments: &[&str]| String::from_utf8(self.command(arguments).output().unwrap().stdout).unwrap();
        format!("{}\n{}\n{}", said(&["schedule", "history"]), said(&["alert", "list"]), said(&["alert", "messages"]))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tieout"));
        command.args(arguments).env_clear().current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("HOME", self.folder.path()).env("TIEOUT_DATABASE", format!("sqlite:{}", self.path("books.db").display()));
        command.env("STRIPE_API_KEY", "rk_test_night").env("STRIPE_API_BASE", &self.gate_url);
        command.env("MAIL_PASSWORD", "mail-secret").env("HOOK_SECRET", SECRET);
        command.env("PRIVATE_URL", "https://10.1.2.3/hook-secret");
        command.env("TIEOUT_CLOCK", format!("{BEGINS} {} {}", self.beginning.rate, self.began));
        command.envs(self.beginning.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Drop for Night {
    fn drop(&mut self) {
        for process in self.server.as_mut().into_iter().chain(self.stripe.as_mut()) {
            // It may have ended by itself; there is nothing more to do then.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// A simulated Stripe of a week, and its address.
pub fn simulated() -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tieout"));
    command.args(["sim", "serve", "--port", "0", "--accounts", "1", "--days", "7", "--per-day", "4", "--until", "2026-10-31"]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut base = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut base).unwrap();
    (process, base.trim().to_owned())
}

fn settings(receiver: &str, mail_port: u16) -> String {
    let webhook = |name: &str| {
        format!(
            "[[channel]]\nname = \"{name}\"\nkind = \"webhook\"\nurl = \"http://{receiver}/{name}\"\nsecret_env = \"HOOK_SECRET\"\n"
        )
    };
    let hooks: String = ["ops", "hangs", "breaks", "redirects"].map(webhook).concat();
    format!(
        "allowed_networks = [\"127.0.0.1\"]\n\
         [smtp]\nhost = \"localhost\"\nport = {mail_port}\nuser = \"tieout\"\npassword_env = \"MAIL_PASSWORD\"\nfrom = \"Tieout <tieout@example.com>\"\nca_file = \"ca.pem\"\n\
         [[channel]]\nname = \"finance\"\nkind = \"mail\"\nto = [\"finance@example.com\", \"cfo@example.com\"]\nleast = \"critical\"\n\
         {hooks}\
         [[channel]]\nname = \"watchman\"\nkind = \"heartbeat\"\nurl = \"http://{receiver}/watchman\"\nevery_minutes = 5\n\
         [[channel]]\nname = \"private\"\nkind = \"slack\"\nurl_env = \"PRIVATE_URL\"\nafter_hours = 2000\n\
         [[channel]]\nname = \"unset\"\nkind = \"slack\"\nurl_env = \"NOBODY_SET_THIS\"\nafter_hours = 2000\n"
    )
}
