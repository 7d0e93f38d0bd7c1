//! A program of the operator's, run for what it writes.

use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

use super::Outside;

/// So much of what a program complains of is kept.
const COMPLAINT_MAX: usize = 4_096;

/// So long after a program has ended, what it has begun may go on writing.
const LEFT_BEHIND: Duration = Duration::from_secs(2);

/// What a program left.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to its standard output.
    pub output: Vec<u8>,
    /// The end of what it wrote to its standard error.
    pub complaint: String,
}

/// Why nothing came of a program.
#[derive(Debug)]
pub enum NotRun {
    /// It could not be started, or its output not be read.
    System(io::Error),
    /// It went on for too long, and was killed.
    TooLong,
    /// It wrote too much, and was killed.
    TooMuch,
}

impl Outside {
    /// Runs a program until it ends, without anything to read, and with no more of the environment than is named. Whoever gives this up
    /// kills it, with whatever it has begun; what it has left behind when it ends is killed, too.
    ///
    /// # Errors
    /// [`NotRun`].
    pub async fn run(
        &self,
        (program, arguments): (&str, &[String]),
        environment: &[&str],
        most: u64,
        deadline: Duration,
    ) -> Result<Ran, NotRun> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command.env_clear().envs(environment.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))));
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(NotRun::System)?;
        let (output, complaint) = (child.stdout.take(), child.stderr.take());
        let group = Group::of(&child);
        let mut reading = pin!(async { tokio::join!(read(output, most), read_end(complaint)) });
        let running = async {
            let mut ended = None;
            let status = tokio::select! {
                status = child.wait() => status,
                read = &mut reading => {
                    if matches!(read.0, Ok(None)) {
                        return Err(NotRun::TooMuch);
                    }
                    ended = Some(read);
                    child.wait().await
                }
            };
            let (output, complaint) = match ended {
                Some(ended) => ended,
                None => tokio::select! {
                    ended = &mut reading => ended,
                    () = self.sleep(LEFT_BEHIND) => {
                        group.kill();
                        reading.await
                    }
                },
            };
            let output = output.map_err(NotRun::System)?.ok_or(NotRun::TooMuch)?;
            Ok(Ran { status: status.map_err(NotRun::System)?, output, complaint })
        };
        tokio::select! {
            ran = running => ran,
            () = self.sleep(deadline) => Err(NotRun::TooLong),
        }
    }
}

/// A program and whatever it has begun; dropped, none of it is left.
struct Group(Option<i32>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()))
    }

    /// Those that have ended are not there any more, which is no failure.
    fn kill(&self) {
        #[cfg(unix)]
        if let Some(group) = self.0.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// All of it, or nothing where it is more than `most`.
async fn read(from: Option<impl AsyncRead + Unpin>, most: u64) -> io::Result<Option<Vec<u8>>> {
    let Some(from) = from else { return Ok(Some(Vec::new())) };
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes).await?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// Reads it all, so that nobody waits to write, and keeps the end.
async fn read_end(from: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut from) = from else { return String::new() };
    let (mut kept, mut part) = (Vec::new(), [0; COMPLAINT_MAX]);
    // What cannot be read of a complaint is no complaint.
    while let Ok(read @ 1..) = from.read(&mut part).await {
        kept.extend_from_slice(part.get(..read).unwrap_or_default());
        kept.drain(..kept.len().saturating_sub(COMPLAINT_MAX));
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sh(script: &str, most: u64, deadline: Duration) -> Result<Ran, NotRun> {
        Outside::real().unwrap().run(("sh", &["-c".to_owned(), script.to_owned()]), &["PATH"], most, deadline).await
    }

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_program_is_run_for_what_it_writes_and_complains_of_and_knows_only_what_it_may() {
        let ran = sh("printf 'a\\nb'; echo no >&2; exit 3", 3, LONG).await.unwrap();
        assert_eq!((ran.status.code(), &ran.output[..], ran.complaint.as_str()), (Some(3), &b"a\nb"[..], "no"));
        let ran = sh("echo ${PATH:+some} ${CARGO_MANIFEST_DIR-none}", 99, LONG).await.unwrap();
        assert_eq!(ran.output, b"some none\n");
        let long = sh("yes no | head -c 99999 >&2", 9, LONG).await.unwrap();
        assert!(long.complaint.len() <= COMPLAINT_MAX && long.complaint.ends_with("no"), "{}", long.complaint.len());
    }

    #[tokio::test]
    async fn one_that_writes_too_much_or_never_ends_or_is_not_there_is_named_so() {
        assert!(matches!(sh("yes", 1_000, LONG).await, Err(NotRun::TooMuch)));
        assert!(matches!(sh("sleep 600", 9, Duration::from_millis(50)).await, Err(NotRun::TooLong)));
        let absent = Outside::real().unwrap().run(("/no/such/program", &[]), &[], 9, LONG).await;
        assert!(matches!(absent, Err(NotRun::System(error)) if error.kind() == io::ErrorKind::NotFound));
    }

    /// Waits until no process is left whose process group is that of the one that wrote its id.
    #[cfg(unix)]
    fn is_gone(group: &str) {
        let group = rustix::process::Pid::from_raw(group.trim().parse().unwrap()).unwrap();
        for _ in 0..600 {
            if rustix::process::test_kill_process_group(group).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("something of it is left");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nothing_that_a_program_has_begun_outlives_it() {
        let ran = sh("sleep 900 & echo $$; exit 0", 99, LONG).await.unwrap();
        assert!(ran.status.success(), "one that left a child behind has ended all the same");
        is_gone(&String::from_utf8(ran.output).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("group");
        let script = format!("echo $$ > {}; sleep 900; echo end", file.display());
        assert!(matches!(sh(&script, 99, Duration::from_millis(500)).await, Err(NotRun::TooLong)));
        is_gone(&std::fs::read_to_string(file).unwrap());
    }
}
