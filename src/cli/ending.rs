//! How the process ends: a code, a message on stderr, and never a stack trace for something a person can repair.

use std::io::Write;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::process::ExitCode;

use super::talk::printable;
use crate::exit::{Exit, Failure};

/// Runs a command and turns its outcome into the code of the process.
pub fn of(command: impl FnOnce() -> Result<Exit, Failure>) -> ExitCode {
    // The panic hook has said what happened; unwinding further would only change the code.
    let outcome = catch_unwind(AssertUnwindSafe(command)).unwrap_or(Ok(Exit::Failed));
    match outcome {
        Ok(exit) => code(exit),
        Err(failure) => {
            say(&failure.to_string());
            code(failure.exit)
        }
    }
}

/// Help, the version and wrong usage: clap has written the text.
pub fn of_clap(error: &clap::Error) -> ExitCode {
    // A reader that has gone away wants no help.
    let _ = error.print();
    code(if error.use_stderr() { Exit::Usage } else { Exit::Fine })
}

/// Says a bug is a bug, and where. A reader that closed the pipe (`| head`) is not a bug.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        if is_closed_pipe(panic) {
            std::process::exit(Exit::Fine as i32);
        }
        let place = panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        say(&format!(
            "error: this is a bug in tieout{place}: {}\n  hint: what was stored so far is kept; please report this line",
            payload(panic)
        ));
    }));
}

fn code(exit: Exit) -> ExitCode {
    ExitCode::from(exit as u8)
}

/// Writes to stderr, without what could steer the terminal: a message may quote Stripe or a file. When even stderr is gone
/// there is nobody left to tell.
fn say(text: &str) {
    let lines: Vec<String> = text.lines().map(printable).collect();
    let _ = writeln!(std::io::stderr(), "{}", lines.join("\n"));
}

fn payload<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = panic.payload();
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// `println!` has no other way to report that its reader is gone.
fn is_closed_pipe(panic: &PanicHookInfo<'_>) -> bool {
    let text = payload(panic);
    text.starts_with("failed printing to stdout") && text.contains("Broken pipe")
}
