//! The keys that a sync reads with: one for each of the company's own accounts, all of one mode.

use facts::Mode;
use secrecy::ExposeSecret;
use stripe::ApiKey;

use super::trouble;
use crate::config::{Config, StripeKey};
use crate::exit::{Exit, Failure};

/// A key, and where it comes from as a person names it.
#[derive(Debug)]
pub struct NamedKey {
    /// The environment variable or the file.
    pub name: String,
    /// The key.
    pub key: ApiKey,
}

/// The keys that the configuration names, each once.
#[derive(Debug)]
pub struct Keys {
    /// Live or test.
    pub mode: Mode,
    /// At least one.
    pub keys: Vec<NamedKey>,
}

impl Keys {
    /// The keys of the configuration.
    ///
    /// # Errors
    /// [`Exit::Authentication`] when one is missing or is no key, or when they are not all of one mode: a sync that left an
    /// account out for that would look complete.
    pub fn of(config: &Config) -> Result<Self, Failure> {
        let mut keys: Vec<NamedKey> = Vec::with_capacity(config.stripe_keys.len());
        for named in &config.stripe_keys {
            let key = parse(named)?;
            if let Some(first) = keys.first().filter(|first| first.key.mode() != key.mode()) {
                return Err(two_modes(first, named, key.mode()));
            }
            if keys.iter().all(|known| known.key != key) {
                keys.push(NamedKey { name: named.name.clone(), key });
            }
        }
        let mode = keys.first().map(|first| first.key.mode()).ok_or_else(|| missing("STRIPE_API_KEY", "none is named"))?;
        Ok(Self { mode, keys })
    }
}

fn parse(named: &StripeKey) -> Result<ApiKey, Failure> {
    let secret = named.secret.as_ref().map_err(|why| missing(&named.name, why))?;
    ApiKey::parse(secret.expose_secret()).map_err(|error| {
        Failure::new(Exit::Authentication, format!("{}: {error}", named.name))
            .hint("use a restricted key (rk_live_… or rk_test_…) from the API keys page of Stripe's dashboard")
    })
}

fn missing(name: &str, why: &str) -> Failure {
    Failure::new(Exit::Authentication, format!("no Stripe key: {why}"))
        .hint(format!("make a restricted key that may read {}, and put it into {name}", trouble::permissions()))
}

fn two_modes(first: &NamedKey, other: &StripeKey, mode: Mode) -> Failure {
    let told = format!(
        "{} is a {} key and {} is a {} key: a database holds one mode",
        first.name,
        first.key.mode().as_str(),
        other.name,
        mode.as_str()
    );
    Failure::new(Exit::Authentication, told).hint("name keys of one mode, and keep the other in another database")
}
