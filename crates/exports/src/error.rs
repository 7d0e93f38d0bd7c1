//! Why a file was refused: what, where, what was expected and what to do.

use std::fmt;

use crate::limits::QUOTED_CHARS_MAX;

/// A refusal. Nothing of the file is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ReadError {
    /// The file's name.
    pub file: Box<str>,
    /// The line in the file, from 1, where it can be told.
    pub line: Option<u64>,
    /// The column's name; empty where it is about no single one.
    pub column: Box<str>,
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
        if !self.column.is_empty() {
            write!(f, ", {}", self.column)?;
        }
        write!(f, ": found {}; expected {}", self.found, self.expected)
    }
}

impl ReadError {
    pub(crate) fn new(found: impl Into<Box<str>>, expected: impl Into<Box<str>>) -> Self {
        let nothing = || Box::<str>::from("");
        Self {
            file: nothing(),
            line: None,
            column: nothing(),
            found: found.into(),
            expected: expected.into(),
            hint: "download the file again, and import it as it came: a spreadsheet that saves it may rewrite it".into(),
        }
    }

    pub(crate) fn line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    pub(crate) fn column(mut self, name: &str) -> Self {
        self.column = quoted(name).into();
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<Box<str>>) -> Self {
        self.hint = hint.into();
        self
    }

    pub(crate) fn in_file(mut self, file: &str) -> Self {
        self.file = file.into();
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
