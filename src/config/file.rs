//! The configuration file: which keys it may hold, and on which line each stands.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::Origin;
use crate::exit::{Exit, Failure};

/// What the file says, each with its line.
#[derive(Debug, Default)]
pub struct Settings {
    /// `database`
    pub database: Option<Setting>,
    /// `stripe_api_base`
    pub stripe_api_base: Option<Setting>,
    /// `time_zone`
    pub time_zone: Option<Setting>,
    /// `sync_skip`, word by word
    pub sync_skip: Vec<Setting>,
}

/// One value of the file.
#[derive(Debug)]
pub struct Setting {
    /// Its text.
    pub text: String,
    /// Its file and line.
    pub origin: Origin,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    database: Option<Spanned<String>>,
    stripe_api_base: Option<Spanned<String>>,
    time_zone: Option<Spanned<String>>,
    #[serde(default)]
    sync_skip: Vec<Spanned<String>>,
}

impl Settings {
    /// Reads the file's text.
    ///
    /// # Errors
    /// [`Exit::Usage`] with file, line and key.
    pub fn read(path: &Path, text: &str) -> Result<Self, Failure> {
        let document: Document = toml::from_str(text).map_err(|error| refusal(path, text, &error))?;
        let place = |value: Spanned<String>| Setting {
            origin: Origin::File { path: path.to_owned(), line: line_of(text, value.span().start) },
            text: value.into_inner(),
        };
        Ok(Self {
            database: document.database.map(place),
            stripe_api_base: document.stripe_api_base.map(place),
            time_zone: document.time_zone.map(place),
            sync_skip: document.sync_skip.into_iter().map(place).collect(),
        })
    }
}

impl Setting {
    /// A relative path in a file is meant from the file's folder, wherever the command runs.
    pub fn beside_its_file(&self, path: PathBuf) -> PathBuf {
        match &self.origin {
            Origin::File { path: file, .. } => file.parent().map_or(path.clone(), |folder| folder.join(&path)),
            _ => path,
        }
    }
}

fn refusal(path: &Path, text: &str, error: &toml::de::Error) -> Failure {
    let at = error.span().map_or_else(String::new, |span| format!(" line {}", line_of(text, span.start)));
    let failure = Failure::new(Exit::Usage, format!("{}{at}: {}", path.display(), error.message().trim_end()));
    if error.message().contains("`stripe_api_key`") {
        return failure.hint("the key is never kept in a file; set the environment variable STRIPE_API_KEY");
    }
    if error.message().contains("`sync_secret`") {
        return failure.hint("the secret is never kept in a file; set the environment variable TIEOUT_SYNC_SECRET");
    }
    failure.hint("the keys are database, stripe_api_base, time_zone and sync_skip; tieout init writes an example")
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
