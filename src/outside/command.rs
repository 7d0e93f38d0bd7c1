//! A program of the operator's, run for what it writes.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use super::Outside;

/// So much of what a program complains of is kept.
const COMPLAINT_MAX: usize = 4_096;

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
    /// Runs a program until it ends, without anything to read. Whoever gives this up kills it.
    ///
    /// # Errors
    /// [`NotRun`].
    pub async fn run(
        &self,
        (program, arguments): (&str, &[String]),
        without: &[&str],
        most: u64,
        deadline: Duration,
    ) -> Result<Ran, NotRun> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        for name in without {
            command.env_remove(name);
        }
        let mut child = command.spawn().map_err(NotRun::System)?;
        let (output, complaint) = (child.stdout.take(), child.stderr.take());
        let running = async {
            let (output, complaint) = tokio::join!(read(output, most), read_end(complaint));
            let output = output.map_err(NotRun::System)?.ok_or(NotRun::TooMuch)?;
            let status = child.wait().await.map_err(NotRun::System)?;
            Ok(Ran { status, output, complaint })
        };
        tokio::select! {
            ran = running => ran,
            () = self.sleep(deadline) => Err(NotRun::TooLong),
        }
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
        Outside::real().unwrap().run(("sh", &["-c".to_owned(), script.to_owned()]), &["HOME"], most, deadline).await
    }

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_program_is_run_for_what_it_writes_and_complains_of() {
        let ran = sh("printf 'a\\nb'; echo no >&2; exit 3", 3, LONG).await.unwrap();
        assert_eq!((ran.status.code(), &ran.output[..], ran.complaint.as_str()), (Some(3), &b"a\nb"[..], "no"));
        let ran = sh("echo ${HOME-none}", 9, LONG).await.unwrap();
        assert_eq!(ran.output, b"none\n", "what it is not to know");
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
}
