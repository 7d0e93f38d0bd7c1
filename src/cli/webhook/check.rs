//! `tieout webhook check`: whether Stripe delivers here what Tieout acts upon. It only reads.

use facts::ObjectKind;
use serde::Deserialize;
use stripe::webhook::{ENDPOINT_PERMISSION, Endpoint, Endpoints};
use stripe::{Call, Client, StripeError, declaration};

use super::checked::{Checked, tell};
use super::registered::{PATH, Readable, Registered};
use crate::cli::{block_on, print};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::sync::{Keys, clients};
use crate::outside::Outside;

/// `tieout webhook check`
#[derive(clap::Args, Debug)]
pub struct Check {
    /// Where this Tieout is reached from outside, such as https://books.example [default: every endpoint at /webhooks/stripe]
    #[arg(long, value_name = "URL", value_parser = address)]
    url: Option<String>,
}

/// The whole address of the endpoint: a host alone means the path that `tieout serve` listens at.
fn address(text: &str) -> Result<String, String> {
    // It is shown within a command to be copied into a shell.
    let unfit = |sign: char| sign.is_whitespace() || sign.is_control() || ['\'', '?', '#'].contains(&sign);
    let (scheme, rest) = text.split_once("://").ok_or("expected an address such as https://books.example")?;
    let rest = ["https", "http"].iter().any(|known| known.eq_ignore_ascii_case(scheme)).then_some(rest);
    let rest = rest.filter(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(unfit));
    let rest = rest.ok_or("expected an address such as https://books.example")?;
    let is_host = rest.trim_end_matches('/').find('/').is_none();
    Ok(format!("{}{}", text.trim_end_matches('/'), if is_host { PATH } else { "" }))
}

impl Check {
    /// Runs it. What it finds never changes the code; what the key may not look at does.
    ///
    /// # Errors
    /// No key, one that Stripe does not accept, or no answer from Stripe.
    pub fn run(self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        let keys = Keys::of(config)?;
        let mode = keys.mode;
        let secrets = config.webhook_secrets.len();
        let mut failed = Vec::new();
        let mut checked: Vec<Checked> = Vec::new();
        for (key, client) in clients(outside, config, keys)? {
            checked.push(match block_on(registered(&key, &client)) {
                Ok((endpoints, has_connected)) => {
                    let found = Registered { endpoints, has_connected, secrets, mode, address: self.url.clone() };
                    found.check(key, &config.sync_skip)
                }
                Err(failure) => {
                    let unusable = Checked::unusable(key, secrets, &failure);
                    failed.push(failure);
                    unusable
                }
            });
        }
        // One key that does not do takes nothing from what the others see.
        if failed.len() == checked.len()
            && let Some(failure) = failed.into_iter().next()
        {
            return Err(failure);
        }
        print(|output| match config.json {
            true => Ok(output.json(&checked)?),
            false => Ok(tell(&checked, output)?),
        })?;
        let is_known = checked.iter().all(|checked| checked.endpoints.is_some());
        Ok(if is_known { Exit::Fine } else { Exit::Authentication })
    }
}

/// What one key sees: its endpoints, and whether it reaches connected accounts.
async fn registered(key: &str, client: &Client<Outside>) -> Result<(Readable<Vec<Endpoint>>, Readable<bool>), Failure> {
    let endpoints = readable(key, endpoints(client).await, ENDPOINT_PERMISSION)?;
    let has_connected = readable(key, has_connected(client).await, declaration(ObjectKind::Account).permission)?;
    Ok((endpoints, has_connected))
}

/// What was read, or the permission that is lacking for it: the one that Stripe names, else `needed`.
fn readable<T>(key: &str, read: Result<T, StripeError>, needed: &str) -> Result<Readable<T>, Failure> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(StripeError::Permission { permission, .. }) => Ok(Err(permission.unwrap_or_else(|| needed.to_owned()))),
        Err(error) => Err(refused(key, &error)),
    }
}

async fn endpoints(client: &Client<Outside>) -> Result<Vec<Endpoint>, StripeError> {
    let mut all: Vec<Endpoint> = Vec::new();
    loop {
        let call = Endpoints::call(all.last().map(|last| last.id.as_str()));
        let page = client.get(&call, |answer| Endpoints::read(&answer)).await?;
        let is_last = !page.has_more || page.data.is_empty();
        all.extend(page.data);
        if is_last {
            return Ok(all);
        }
    }
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
struct Ids {
    data: Vec<Id>,
}

/// Whether the account is a platform that has connected accounts.
async fn has_connected(client: &Client<Outside>) -> Result<bool, StripeError> {
    // The account itself may be in the list.
    let list = Call::list(ObjectKind::Account).with("limit", 2);
    let read = client.get(&list, |answer| serde_json::from_slice(&answer.body).map_err(|error| error.to_string())).await;
    let listed: Ids = match read {
        Ok(listed) => listed,
        // Stripe's answer to who is no platform.
        Err(StripeError::Refused { .. } | StripeError::NotFound { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    let own = Call::new("/v1/account");
    let own: Id = client.get(&own, |answer| serde_json::from_slice(&answer.body).map_err(|error| error.to_string())).await?;
    Ok(listed.data.iter().any(|account| account.id != own.id))
}

fn refused(key: &str, error: &StripeError) -> Failure {
    match error {
        StripeError::Authentication { .. } => {
            Failure::new(Exit::Authentication, error.to_string()).hint(format!("check {key}: it may be mistyped, expired or revoked"))
        }
        StripeError::Upstream { .. } => Failure::new(Exit::Upstream, error.to_string()).hint("running again is safe"),
        StripeError::NotFound { .. }
        | StripeError::Refused { .. }
        | StripeError::BadAnswer { .. }
        | StripeError::Permission { .. }
        | StripeError::Unsendable { .. } => Failure::new(Exit::Failed, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_alone_means_the_path_that_is_served() {
        for text in ["https://books.example", "https://books.example/", "https://books.example/webhooks/stripe"] {
            assert_eq!(address(text).as_deref(), Ok("https://books.example/webhooks/stripe"), "{text}");
        }
        assert_eq!(address("https://books.example/in/stripe").as_deref(), Ok("https://books.example/in/stripe"));
        for text in ["books.example", "https://", "ftp://books.example", "https:///x", "https://a b", "https://a'b", "https://a#b", "https://a/?b"] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
