//! A folder with a database, the built binary that serves it, and what a client on this machine hears of it.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// What callers bear.
pub const SECRET: &str = "s3cret-of-the-tests";

/// The key with which Stripe is read.
pub const KEY: &str = "rk_test_ofthetests";

/// Where the endpoint is.
pub const SYNC: &str = "/api/billing/sync-stripe";

/// A server of ours that ends with the test.
pub struct Server {
    child: Child,
    stderr: Lines<BufReader<ChildStderr>>,
    address: SocketAddr,
    folder: TempDir,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Header lines, in lower case.
    pub head: String,
    pub body: String,
}

impl Server {
    /// Serves an empty database that syncs from the Stripe at `base`.
    pub fn start(base: &str) -> Self {
        Self::start_with(&[("STRIPE_API_BASE", base), ("STRIPE_API_KEY", KEY), ("TIEOUT_SYNC_SECRET", SECRET)])
    }

    /// The same with these variables and no others.
    pub fn start_with(variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(&folder, &["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.envs(variables.to_vec()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = stderr.find_map(|line| line.unwrap().split_once("http://").map(|(_, rest)| rest.to_owned())).unwrap();
        let address = said.split(' ').next().unwrap().parse().unwrap();
        Self { child, stderr, address, folder }
    }

    /// Calls with the bearer.
    pub fn call(&self, method: &str, path: &str) -> Answer {
        self.call_with(method, path, &format!("Authorization: Bearer {SECRET}\r\n"))
    }

    /// Calls with header lines of the caller's.
    pub fn call_with(&self, method: &str, path: &str, headers: &str) -> Answer {
        self.send(format!("{method} {path} HTTP/1.1\r\nHost: books.example\r\nConnection: close\r\n{headers}\r\n").as_bytes())
    }

    /// Sends bytes and reads all that is answered.
    pub fn send(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        // A server that refuses a request need not read all of it.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Answer::of(&String::from_utf8(answer).unwrap())
    }

    /// Calls and does not wait for the answer: whoever drops the connection has hung up.
    pub fn call_and_leave_open(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nHost: books.example\r\nConnection: close\r\n");
        stream.write_all(format!("{head}Authorization: Bearer {SECRET}\r\n\r\n").as_bytes()).unwrap();
        stream
    }

    /// Begins a run without waiting; the path under which it can be asked for.
    #[track_caller]
    pub fn begin(&self, query: &str) -> String {
        let answer = self.call("POST", &format!("{SYNC}?wait=false{query}"));
        assert_eq!(answer.status, 202, "{answer:?}");
        let href = answer.json()["href"].as_str().unwrap().to_owned();
        assert!(answer.head.contains(&format!("location: {href}")), "{answer:?}");
        href
    }

    /// A run once it has ended.
    pub fn ended(&self, href: &str) -> Value {
        loop {
            let run = self.call("GET", href).json();
            if run["state"] != "running" {
                return run;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Another command over the same database.
    pub fn command(&self, args: &[&str]) -> Command {
        command(&self.folder, args)
    }

    /// The database's file.
    pub fn database(&self) -> std::path::PathBuf {
        self.folder.path().join("books.db")
    }

    /// Tells it to stop, as a service manager does, and returns once it has said so.
    pub fn tell_to_stop(&mut self) {
        let process = nix::unistd::Pid::from_raw(self.child.id().try_into().unwrap());
        nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGTERM).unwrap();
        let said = self.stderr.find_map(|line| line.ok().filter(|line| line.contains("has 30 s to end")));
        assert!(said.is_some(), "it ended without a word of the running sync");
    }

    /// Waits until it ends by itself, and well.
    #[track_caller]
    pub fn wait_for_its_end(&mut self) {
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }

    /// Kills it; everything that it has said since it listened.
    pub fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.stderr.by_ref().map_while(Result::ok).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &TempDir, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tieout"));
    let database = format!("sqlite:{}", folder.path().join("books.db").display());
    command.args(args).env_clear().env("HOME", folder.path()).env("TIEOUT_DATABASE", database).env("TIEOUT_TIME_ZONE", "UTC");
    command.current_dir(folder.path()).stdin(Stdio::null());
    command
}

impl Answer {
    /// An answer from its text.
    #[track_caller]
    pub fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    /// The rest of a connection that was left open.
    #[track_caller]
    pub fn of_stream(mut stream: TcpStream) -> Self {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        Self::of(&text)
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

/// A simulated Stripe that ends with the test.
pub struct Simulator {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    pub base: String,
}

impl Simulator {
    pub fn start(flags: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tieout"));
        command.env_clear().env("HOME", std::env::temp_dir()).args(["sim", "serve", "--port", "0", "--days", "10"]).args(flags);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut base = String::new();
        stdout.read_line(&mut base).unwrap();
        Self { child, _stdout: stdout, base: base.trim_end().to_owned() }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
