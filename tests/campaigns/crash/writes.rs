//! At every write, sync, truncation and removal that reaches the disk, and in the middle of every write.
//!
//! `disk_fault.c` stands between the process and the C library's file calls. The product knows nothing of it, so what is tested
//! is what a user's database goes through, SQLite included. It stands in for a power cut only as far as a process can see one:
//! what the system had taken over before the process died is there afterwards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Stage, copy, digest, remove, stages, words};
use crate::world::{World, whole_or};

#[test]
#[ignore = "a campaign: ./campaign crash"]
fn a_process_killed_at_any_call_to_the_disk_loses_and_doubles_nothing() {
    let world = World::start(11, 10, 2, "0");
    let library = build_library(&world);
    for stage in stages(&world) {
        let fault = Fault { world: &world, library: &library, stage: &stage };
        let reference = format!("{}-whole", stage.name);
        copy(&world, stage.before, &reference);
        let calls = fault.list(&reference);
        let expected = digest(&world.path(&reference));
        let mut killed: BTreeMap<String, u64> = BTreeMap::new();
        for nth in visits(calls.len()) {
            for half in [false, true] {
                let call = &calls[nth - 1];
                if half && !call.starts_with("write") {
                    continue;
                }
                let at = if half { format!("{nth}/2") } else { nth.to_string() };
                let database = format!("{}-{nth}-{half}", stage.name);
                copy(&world, stage.before, &database);
                let died = fault.kill_at(&at, &database);
                world.run(&database, &words(&stage));
                assert_eq!(digest(&world.path(&database)), expected, "{} killed at call {at}, {call}", stage.name);
                let what = if half { format!("half way through a {call}") } else { format!("before a {call}") };
                *killed.entry(what).or_default() += u64::from(died);
                remove(&world, &database);
            }
        }
        println!("{}: {} calls", stage.name, calls.len());
        for (what, times) in &killed {
            println!("{times:>5} × {what}");
        }
        let times: u64 = killed.values().sum();
        // Pages that arrive in another order are grouped otherwise, so that a run may end before the last few calls.
        assert!(times * 10 >= calls.len() as u64 * whole_or(0, 9), "{} died only {times} times", stage.name);
        assert!(times > 0, "{} never died", stage.name);
    }
}

/// Every call; in a sample a dozen, from the first to the last.
fn visits(calls: usize) -> Vec<usize> {
    let step = if whole_or(0, 1) == 1 { 1 } else { calls.div_ceil(12).max(1) };
    (1..=calls).step_by(step).collect()
}

fn build_library(world: &World) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/campaigns/crash/disk_fault.c");
    let library = world.path("disk_fault.so");
    let flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"];
    let built = Command::new("cc").args(flags).arg(&library).arg(&source).status().expect("a C compiler");
    assert!(built.success(), "disk_fault.c is built");
    library
}

/// A command whose calls to the disk can be listed, and stopped.
struct Fault<'a> {
    world: &'a World,
    library: &'a Path,
    stage: &'a Stage,
}

impl Fault<'_> {
    fn command(&self, database: &str) -> Command {
        let mut command = self.world.command(database, &words(self.stage));
        command.env("LD_PRELOAD", self.library).env("DISK_FAULT_PATH", self.world.path(database));
        command
    }

    /// Runs undisturbed. What each call does and to which file: `write db`, `write db-wal`, `sync db-wal` …
    fn list(&self, database: &str) -> Vec<String> {
        let list = self.world.path(&format!("{}-calls", self.stage.name));
        let output = self.command(database).env("DISK_FAULT_LIST", &list).output().expect("tieout starts");
        assert!(output.status.success(), "{}: {}", self.stage.name, String::from_utf8_lossy(&output.stderr));
        let text = std::fs::read_to_string(&list).expect("a list of calls");
        let prefix = self.world.path(database).display().to_string();
        let calls: Vec<String> = text
            .lines()
            .map(|line| {
                let (call, path) =
                    line.split_once(' ').and_then(|(call, rest)| Some((call, rest.split_once(' ')?.1))).expect(line);
                format!("{call} to the {}", if path == prefix { "database" } else { &path[prefix.len() + 1..] })
            })
            .collect();
        assert!(!calls.is_empty(), "{} reached no disk", self.stage.name);
        calls
    }

    /// Whether the process died.
    fn kill_at(&self, at: &str, database: &str) -> bool {
        let output = self.command(database).env("DISK_FAULT_AT", at).output().expect("tieout starts");
        output.status.code().is_none()
    }
}
