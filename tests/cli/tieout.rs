//! The built binary in a folder of its own, with an environment of its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::Receiver;

use serde_json::Value;
use tempfile::TempDir;

/// A folder, and the variables that the binary sees there.
pub struct Tieout {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// A server in the background.
pub struct Server {
    pub child: Child,
    /// What it says on stderr, line by line.
    pub said: Receiver<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing more to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a command printed and how it ended.
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Tieout {
    /// An empty folder; the database is `books.db` in it, once something makes it.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = format!("sqlite:{}", folder.path().join("books.db").display());
        let home = folder.path().display().to_string();
        Self { folder, variables: vec![("HOME".to_owned(), home), ("TIEOUT_DATABASE".to_owned(), database)] }
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a text file")
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output().expect("it starts"))
    }

    /// Runs it with stdout going to `to`.
    pub fn run_into(&self, args: &[&str], to: Stdio) -> Run {
        let child = self.command(args).stdout(to).stderr(Stdio::piped()).spawn().expect("it starts");
        Run::of(child.wait_with_output().expect("it ends"))
    }

    /// Runs it with stdout going to a pipe that nobody reads.
    pub fn run_into_a_closed_pipe(&self, args: &[&str]) -> Run {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        self.run_into(args, writer.into())
    }

    /// Serves on a free port until the server is dropped.
    pub fn serve(&self) -> Server {
        let mut child = self.command(&["serve", "--listen", "127.0.0.1:0"]).stderr(Stdio::piped()).spawn().expect("it starts");
        let (lines, said) = std::sync::mpsc::channel();
        let told = BufReader::new(child.stderr.take().expect("piped"));
        // Nobody may listen any more.
        std::thread::spawn(move || told.lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
        Server { child, said }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tieout"));
        command.args(args).env_clear().envs(self.variables.clone()).current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }
}

impl Run {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code().expect("it ended by itself"), out: text(output.stdout), err: text(output.stderr) }
    }

    /// stdout of a command that went well.
    #[track_caller]
    pub fn fine(self) -> String {
        assert_eq!(self.code, 0, "{}", self.err);
        self.out
    }

    /// stdout of a command that went well, as JSON.
    #[track_caller]
    pub fn json(self) -> Value {
        let text = self.fine();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }

    /// stderr of a command that failed with this code and printed no data.
    #[track_caller]
    pub fn fails(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        assert!(self.err.starts_with("error: "), "{}", self.err);
        self.err
    }
}
