//! A simulated Stripe and its bank's files.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

const WORLD: [&str; 8] = ["--days", "40", "--until", "2026-09-30", "--per-day", "10", "--subscriptions", "20"];

/// A simulated Stripe until this is dropped.
pub struct Simulated {
    process: Child,
    base: String,
    files: TempDir,
}

impl Simulated {
    pub fn start() -> Self {
        let files = tempfile::tempdir().unwrap();
        let exported = tieout().args(["sim", "export"]).arg(files.path().join("world")).args(WORLD).output().unwrap();
        assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
        let mut command = tieout();
        command.args(["sim", "serve", "--port", "0"]).args(WORLD);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut base = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut base).unwrap();
        Self { process, base: base.trim().to_owned(), files }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    /// Each bank account's name and its statements, in the order of their names.
    pub fn statements(&self) -> Vec<(String, PathBuf)> {
        let folder = std::fs::read_dir(self.files.path().join("world/bank")).unwrap();
        let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let name =
            |file: &PathBuf| file.file_name().unwrap().to_str().unwrap().splitn(3, '-').take(2).collect::<Vec<_>>().join("-");
        files.into_iter().map(|file| (name(&file), file)).collect()
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing more to do then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn tieout() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tieout"));
    command.env_clear().env("HOME", std::env::temp_dir());
    command
}
