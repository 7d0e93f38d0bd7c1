//! The server, and what its process uses up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;

/// How often threads are looked at: what one has done since is lost when it ends.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A server without a key, in a folder of its own.
pub struct Server {
    process: Child,
    folder: PathBuf,
}

/// What a process has used up.
#[derive(Clone, Copy, Default)]
pub struct Use {
    /// Processor time.
    pub cpu: Duration,
    /// How often a thread of it went to sleep, and was woken.
    pub sleeps: u64,
    /// How often the threads did that by which a lease is known to live.
    pub of_lease: u64,
}

impl Server {
    pub fn start(folder: &Path) -> Self {
        let server = Command::new(env!("CARGO_BIN_EXE_tieout"))
            .args(["serve", "--listen", "127.0.0.1:0", "--database", "sqlite:tieout.db"])
            .env_remove("STRIPE_API_KEY")
            .current_dir(folder)
            .stderr(Stdio::null())
            .spawn();
        Self { process: server.expect("tieout starts"), folder: folder.to_owned() }
    }

    /// Asks for a run by a command. Returns when that had ended.
    pub fn ask(&self, schedule: &str) -> Timestamp {
        let asked = Command::new(env!("CARGO_BIN_EXE_tieout"))
            .args(["schedule", "run", schedule, "--database", "sqlite:tieout.db"])
            .current_dir(&self.folder)
            .output()
            .expect("tieout starts");
        assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
        Timestamp::now()
    }

    fn cpu(&self) -> Duration {
        let clock: ClockId = clock_getcpuclockid(self.pid()).expect("it runs");
        Duration::from_nanos(clock.now().expect("a clock").num_nanoseconds().unsigned_abs())
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.process.id()).expect("a number"))
    }

    /// How often each thread went to sleep so far, by its number, and whether it is a lease's.
    fn sleeps(&self) -> BTreeMap<String, (u64, bool)> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("Linux").flatten();
        let read = |thread: std::fs::DirEntry| {
            let status = std::fs::read_to_string(thread.path().join("status")).ok()?;
            let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            let sleeps = field("voluntary_ctxt_switches:")?.parse().ok()?;
            Some((thread.file_name().to_string_lossy().into_owned(), (sleeps, field("Name:") == Some("lease"))))
        };
        threads.filter_map(read).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has done its work; what is left of it goes with its folder.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Watches servers side by side, for so long.
pub fn watch<const N: usize>(servers: [&Server; N], time: SignedDuration) -> [Use; N] {
    let until = Timestamp::now() + time;
    let cpu = servers.map(Server::cpu);
    let mut seen = servers.map(Server::sleeps);
    let mut used = [Use::default(); N];
    while Timestamp::now() < until {
        std::thread::sleep(LOOK_EVERY);
        for (server, (seen, used)) in servers.iter().zip(seen.iter_mut().zip(&mut used)) {
            let now = server.sleeps();
            for (thread, (sleeps, is_lease)) in &now {
                let more = sleeps - seen.get(thread).map_or(0, |(before, _)| *before);
                used.sleeps += more;
                used.of_lease += if *is_lease { more } else { 0 };
            }
            *seen = now;
        }
    }
    for (server, (used, before)) in servers.iter().zip(used.iter_mut().zip(cpu)) {
        used.cpu = server.cpu() - before;
    }
    used
}
