//! Why a file was refused: what, where, what was expected and what to do.

use std::fmt;

use crate::limits::QUOTED_CHARS_MAX;

/// What kind of trouble it is; messages differ within a kind, the kind does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Larger than a named limit.
    TooLarge,
    /// The bytes are not text in an encoding that can be told.
    Encoding,
    /// No profile, bank or synonym reads the header.
    Format,
    /// Two columns claim one role, or two readings of dates, decimals or delimiters both fit.
    Ambiguous,
    /// One line or one field cannot be read.
    Line,
    /// The file ends in the middle of something.
    CutOff,
    /// Balances and amounts disagree.
    Balance,
    /// No currency, two of them, or another one than the bank account's.
    Currency,
    /// The file speaks for two bank accounts.
    Accounts,
    /// Something that is never accepted: a DOCTYPE, an entity, another kind of message.
    Forbidden,
    /// The profile cannot be used.
    Profile,
}

/// A refusal. Nothing of the file is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ReadError {
    /// What kind of trouble.
    pub trouble: Trouble,
    /// The file's name.
    pub file: Box<str>,
    /// The line in the file, from 1, where it can be told.
    pub line: Option<u64>,
    /// The column's or element's name; empty where it is about no single one.
    pub field: Box<str>,
    /// What stands there, cut at [`QUOTED_CHARS_MAX`] characters.
    pub found: Box<str>,
    /// What was expected.
    pub expected: Box<str>,
    /// What to do.
    pub hint: Box<str>,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if !self.field.is_empty() {
            write!(f, ", {}", self.field)?;
        }
        write!(f, ": found {}; expected {}", self.found, self.expected)
    }
}

impl ReadError {
    pub(crate) fn new(trouble: Trouble, found: impl Into<Box<str>>, expected: impl Into<Box<str>>) -> Self {
        Self {
            trouble,
            file: "".into(),
            line: None,
            field: "".into(),
            found: found.into(),
            expected: expected.into(),
            hint: "".into(),
        }
    }

    pub(crate) fn line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    pub(crate) fn field(mut self, field: impl Into<Box<str>>) -> Self {
        self.field = field.into();
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<Box<str>>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Names the file, and gives the usual way out where there is no better one.
    pub(crate) fn in_file(mut self, file: &str) -> Self {
        self.file = file.into();
        if self.hint.is_empty() {
            self.hint = format!("if the file is right, describe it with `tieout profile new {file}` and pass `--profile`").into();
        }
        self
    }
}

/// The file's own text as a message shows it: quoted, on one line, cut.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(QUOTED_CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(QUOTED_CHARS_MAX).is_some() {
        shown.push('…');
    }
    format!("'{shown}'")
}

/// Several names as a message lists them.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(" and ")
}
