//! Where a setting came from.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where a setting came from, so that a bad one can be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line, with its dashes.
    Flag(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// A line of the configuration file.
    File {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// Nobody said; this is what Tieout does by itself.
    Default,
}

impl Origin {
    /// A relative path in a file is meant from the file's folder, wherever the command runs.
    #[must_use]
    pub fn beside(&self, path: &Path) -> PathBuf {
        match self {
            Self::File { path: file, .. } => file.parent().map_or_else(|| path.to_owned(), |folder| folder.join(path)),
            Self::Flag(_) | Self::Variable(_) | Self::Default => path.to_owned(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "from {name}"),
            Self::Variable(name) => write!(f, "from the environment variable {name}"),
            Self::File { path, line } => write!(f, "from {} line {line}", path.display()),
            Self::Default => f.write_str("the default"),
        }
    }
}
