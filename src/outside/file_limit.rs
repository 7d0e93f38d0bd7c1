//! The largest file that this process may write, where the shell sets one (`ulimit -f`).

/// Makes a write beyond that limit fail as on a full disk. Without it the system kills the process in the middle of a
/// write, and nobody is told why.
///
/// A machine that gives no signal handling is left as it is: the process then dies, and what was committed stays.
#[cfg(unix)]
pub fn fail_instead_of_dying() {
    /// SIGXFSZ, the same number on Linux and macOS.
    const FILE_TOO_LARGE: i32 = 25;
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
    let inside = runtime.enter();
    // The handler stays for the life of the process; that the signal came is told by the write that failed.
    let _ = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(FILE_TOO_LARGE));
    drop(inside);
    // Dropping a runtime waits for its threads, which panics where another one runs this; this one has none to wait for.
    runtime.shutdown_background();
}

/// Only Unix has such a limit.
#[cfg(not(unix))]
pub fn fail_instead_of_dying() {}
