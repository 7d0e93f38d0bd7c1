//! One of the servers.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A server, as long as this lives.
pub struct Server {
    process: Child,
    /// The point at which it is to die.
    pub dies_at: Option<String>,
}

impl Server {
    /// Starts it, to die at a point where one is named; it serves once this returns.
    pub fn start(mut command: Command, dies_at: Option<&str>) -> Self {
        command.envs(dies_at.map(|point| ("TIEOUT_CRASH_AT", point)));
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("tieout starts");
        let mut talk = BufReader::new(process.stderr.take().expect("piped"));
        let mut line = String::new();
        while !line.contains("Serving on ") {
            line.clear();
            assert!(talk.read_line(&mut line).expect("it says where") > 0, "it serves nothing");
        }
        let number = process.id();
        let is_heard = std::env::var_os("NIGHTS_TALK").is_some();
        std::thread::spawn(move || {
            talk.lines().map_while(Result::ok).filter(|_| is_heard).for_each(|line| println!("{number}: {line}"));
        });
        Self { process, dies_at: dies_at.map(str::to_owned) }
    }

    /// It dies as by `kill -9`.
    pub fn kill(mut self) {
        self.die();
    }

    /// It stands still.
    pub fn stop(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// It goes on.
    pub fn wake(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.process.try_wait().expect("a process").is_some()
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.process.id()).expect("a number")), signal).expect("it is there");
    }

    fn die(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        self.process.wait().expect("it ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.die();
    }
}
