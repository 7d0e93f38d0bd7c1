//! Which Stripe keys there are, and where each comes from: the environment, or a file of its own. Never a setting, never a flag.

use std::path::Path;

use secrecy::SecretString;

use super::Surroundings;
use super::file::KeyPlace;
use crate::exit::Failure;

/// The environment variable of a key where no table names another place.
const KEY_VARIABLE: &str = "STRIPE_API_KEY";

/// A place that a Stripe key comes from, and what was there.
#[derive(Debug, Clone)]
pub struct StripeKey {
    /// The environment variable or the file, as a person names it.
    pub name: String,
    /// The key's text, or in words why there is none. Whoever needs no key never minds.
    pub secret: Result<SecretString, String>,
}

impl Surroundings<'_> {
    /// The keys of the tables, in their order, then `STRIPE_API_KEY` where it is set and no table names it: a key that was
    /// given is never silently left unread.
    pub(super) fn stripe_keys(&self, tables: &[KeyPlace]) -> Result<Vec<StripeKey>, Failure> {
        let mut keys: Vec<StripeKey> = Vec::with_capacity(tables.len() + 1);
        for table in tables {
            keys.push(match table {
                KeyPlace::Variable(name) => self.key_in_variable(name)?,
                KeyPlace::File(path) => self.key_in_file(path),
            });
        }
        let usual = self.key_in_variable(KEY_VARIABLE)?;
        let is_named = keys.iter().any(|key| key.name == KEY_VARIABLE);
        if keys.is_empty() || (usual.secret.is_ok() && !is_named) {
            keys.push(usual);
        }
        Ok(keys)
    }

    fn key_in_variable(&self, name: &str) -> Result<StripeKey, Failure> {
        let missing = || format!("the environment variable {name} is not set");
        let secret = self.text(name)?.map(SecretString::from).ok_or_else(missing);
        Ok(StripeKey { name: name.to_owned(), secret })
    }

    fn key_in_file(&self, path: &Path) -> StripeKey {
        let secret = match (self.read)(path) {
            Ok(Some(text)) if text.trim().is_empty() => Err(format!("the file {} is empty", path.display())),
            // Some editors begin a file with a mark that is not seen.
            Ok(Some(text)) => Ok(SecretString::from(text.trim_start_matches('\u{feff}'))),
            Ok(None) => Err(format!("there is no file {}", path.display())),
            Err(why) => Err(format!("the file {} cannot be read: {why}", path.display())),
        };
        StripeKey { name: path.display().to_string(), secret }
    }
}
