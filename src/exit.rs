//! How a command ends: one code a reason, and a failure that says what, where and what to do.

use std::fmt;

/// The exit codes; each has one meaning in every command. Findings and stale data never change the code by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It did what was asked.
    Fine = 0,
    /// It could not do what was asked.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// Differences were found; only with `--fail-on difference`.
    Difference = 3,
    /// The key is missing, wrong, of the other mode, or lacks a permission.
    Authentication = 4,
    /// The sync ended, and not everything was read.
    Incomplete = 5,
    /// Somebody else holds the database.
    Conflict = 6,
    /// Stripe or the network is down; running again is safe.
    Upstream = 7,
    /// What was verified is not what it must be: the audit trail.
    Verification = 8,
}

/// Why a command ended otherwise than fine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The code it ends with.
    pub exit: Exit,
    /// What happened and where: file, line, field, request id.
    pub message: String,
    /// What to do next, as a sentence or a command.
    pub hint: Option<String>,
    /// Whether the database was only busy: nothing is lost, and trying again soon helps.
    pub is_busy: bool,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None, is_busy: false }
    }

    /// One failure that tells of all of them, where there are any; it ends with the first one's code.
    #[must_use]
    pub fn of_several(failures: Vec<Self>) -> Option<Self> {
        let mut failures = failures.into_iter();
        let first = failures.next()?;
        let others: Vec<Self> = failures.collect();
        let Some(last) = others.last() else { return Some(first) };
        let hint = last.hint.clone();
        let before = std::iter::once(&first).chain(others.iter().take(others.len() - 1)).map(|failure| format!("{failure}\n"));
        let message = format!("{}error: {}", before.collect::<String>(), last.message);
        let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
        Some(Self { exit: first.exit, message, hint, is_busy: false })
    }

    /// The same failure, saying what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        self.hint.iter().try_for_each(|hint| write!(f, "\n  hint: {hint}"))
    }
}
