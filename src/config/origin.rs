//! Where a setting came from.

use std::fmt;
use std::path::PathBuf;

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
