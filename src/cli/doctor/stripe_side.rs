//! What can be checked of Stripe: the key, that it is reached, and what the key may read. The key is never shown.

use facts::{Mode, ObjectKind};
use secrecy::ExposeSecret;
use store::Store;
use stripe::{ApiBase, ApiKey, Call, Client, Declaration, StripeError, declaration, path};

use super::Finding;
use crate::cli::block_on;
use crate::config::{Config, StripeKey};
use crate::exit::Exit;
use crate::outside::Outside;

/// Only a platform has these; everybody else can do without.
const CONNECTED: (&str, &str) = ("/v1/accounts", "rak_connected_account_read");

/// What a sync reads, what reconciling needs first, but for what it is told to leave out.
fn read_by_sync(config: &Config) -> impl Iterator<Item = &'static Declaration> {
    let of = |needed: bool| {
        let kinds = ObjectKind::ALL.iter().filter(|kind| **kind != ObjectKind::Account && !config.sync_skip.contains(kind));
        kinds.map(|kind| declaration(*kind)).filter(move |declared| declared.is_needed() == needed)
    };
    of(true).chain(of(false))
}

/// The findings, in the order in which they are shown: key by key.
pub fn check(config: &Config, outside: &Outside, offline: bool) -> Vec<Finding> {
    let several = config.stripe_keys.len() > 1;
    let of_key = |named: &StripeKey| {
        let findings = check_key(named, config, outside, offline);
        // A text that is no key says where it stands; with several, everything does.
        let is_named = |finding: &Finding| several || (named.secret.is_ok() && finding.is_bad("key"));
        let name = |finding: Finding| Finding { found: format!("{}: {}", named.name, finding.found), ..finding };
        findings.into_iter().map(|finding| if is_named(&finding) { name(finding) } else { finding }).collect::<Vec<_>>()
    };
    config.stripe_keys.iter().flat_map(of_key).chain(two_modes(config)).collect()
}

/// That the keys are not all of one mode, as no sync would run.
fn two_modes(config: &Config) -> Option<Finding> {
    let of = |mode: Mode| {
        let is_of = |named: &&StripeKey| key(named).is_ok_and(|key| key.mode() == mode);
        config.stripe_keys.iter().filter(is_of).map(|named| named.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (live, test) = (of(Mode::Live), of(Mode::Test));
    let found = (!live.is_empty() && !test.is_empty()).then(|| format!("live keys ({live}) beside test keys ({test})"))?;
    let remedy = "name keys of one mode, and keep the other in another database";
    Some(Finding::fail(Exit::Authentication, "mode", found, remedy))
}

fn check_key(named: &StripeKey, config: &Config, outside: &Outside, offline: bool) -> Vec<Finding> {
    let key = match key(named) {
        Ok(key) => key,
        Err(finding) => return vec![*finding],
    };
    let mut findings = vec![told(&key), mode(config, key.mode())];
    if offline {
        return findings;
    }
    match ApiBase::parse(&config.stripe_api_base) {
        Ok(base) => findings.extend(reach(Client::new(outside.clone(), base, key, config.stripe_share_percent), config)),
        Err(error) => findings.push(Finding::fail(Exit::Failed, "Stripe", error.to_string(), "set STRIPE_API_BASE")),
    }
    findings
}

fn key(named: &StripeKey) -> Result<ApiKey, Box<Finding>> {
    let refused = |why: String| {
        let remedy = "make a restricted key that reads in Stripe's dashboard, and put it there";
        Box::new(Finding::fail(Exit::Authentication, "key", why, remedy))
    };
    let secret = named.secret.as_ref().map_err(|why| refused(why.clone()))?;
    ApiKey::parse(secret.expose_secret()).map_err(|error| refused(error.to_string()))
}

fn told(key: &ApiKey) -> Finding {
    let mode = key.mode().as_str();
    if key.is_restricted() {
        return Finding::ok("key", format!("a restricted {mode} key"));
    }
    let remedy = "a restricted key that only reads is enough, and cannot move money when it leaks";
    Finding::warn("key", format!("an unrestricted {mode} key, which may do anything"), remedy)
}

/// A database holds one mode.
fn mode(config: &Config, key: Mode) -> Finding {
    // What keeps the database from opening is told in its own line.
    let holds = Store::open_existing(&config.database).ok().flatten().and_then(|store| store.mode().ok().flatten());
    match holds {
        Some(mode) if mode != key => {
            let remedy = "use a key of the database's mode, or another database with --database";
            let found = format!("the key is a {} key and the database holds {} data", key.as_str(), mode.as_str());
            Finding::fail(Exit::Authentication, "mode", found, remedy)
        }
        _ => Finding::ok("mode", key.as_str()),
    }
}

fn reach(client: Client<Outside>, config: &Config) -> Vec<Finding> {
    let asked = block_on(async {
        let mut findings = Vec::new();
        match ask(&client, "/v1/account").await {
            Ok(()) => findings.push(Finding::ok(
                "Stripe",
                format!("answers at {} ({})", config.stripe_api_base, config.stripe_api_base_origin),
            )),
            Err(error) => {
                findings.push(unreached(&error));
                return Ok(findings);
            }
        }
        for declared in read_by_sync(config) {
            if let Some(path) = path(declared.kind) {
                findings.push(listed(declared, path, ask(&client, path).await.err()));
            }
        }
        findings.push(connected(ask(&client, CONNECTED.0).await.err()));
        Ok(findings)
    });
    asked.unwrap_or_else(|failure| vec![Finding::fail(Exit::Failed, "Stripe", failure.message, "try again")])
}

/// Reads one row, or the object itself; what it says does not matter here, only that it is JSON.
async fn ask(client: &Client<Outside>, path: &str) -> Result<(), StripeError> {
    let is_list = !["/v1/account", "/v1/balance"].contains(&path);
    let call = if is_list { Call::new(path).with("limit", 1) } else { Call::new(path) };
    client
        .get(&call, |answer| {
            serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body).map(|_| ()).map_err(|error| error.to_string())
        })
        .await
}

fn unreached(error: &StripeError) -> Finding {
    let found = error.to_string();
    match error {
        StripeError::Authentication { .. } => Finding::fail(
            Exit::Authentication,
            "Stripe",
            found,
            "the key is wrong, expired or revoked: make a new one in Stripe's dashboard",
        ),
        StripeError::Permission { .. } => {
            Finding::fail(Exit::Authentication, "Stripe", found, "give the key the permission that Stripe names")
        }
        StripeError::Upstream { .. } => {
            Finding::fail(Exit::Upstream, "Stripe", found, "Stripe or the network is down; running again is safe")
        }
        StripeError::NotFound { .. }
        | StripeError::Refused { .. }
        | StripeError::BadAnswer { .. }
        | StripeError::Unsendable { .. } => {
            Finding::fail(Exit::Failed, "Stripe", found, "see that STRIPE_API_BASE is an address of Stripe's API")
        }
    }
}

/// What reconciling does not need may be missing.
fn listed(declared: &Declaration, path: &'static str, error: Option<StripeError>) -> Finding {
    let kind = declared.kind.as_str();
    match error {
        Some(StripeError::Permission { permission, message, .. }) if !declared.is_needed() => {
            let permission = permission.as_deref().unwrap_or(declared.permission);
            let remedy = match declared.kind {
                ObjectKind::Event => format!("without the permission {permission} changes of older objects are not noticed"),
                _ => format!("{kind} is left out: give the key the permission {permission}, or name {kind} in sync_skip"),
            };
            Finding::warn("permission", format!("may not read {path}: {message}"), remedy)
        }
        Some(StripeError::NotFound { .. }) if !declared.is_needed() => {
            Finding::warn("permission", format!("there is no {path}"), format!("{kind} is left out"))
        }
        other => permitted(path, declared.permission, other),
    }
}

fn permitted(path: &'static str, permission: &str, error: Option<StripeError>) -> Finding {
    match error {
        None => Finding::ok("permission", format!("may read {path}")),
        Some(StripeError::Permission { permission: named, message, .. }) => {
            let permission = named.as_deref().unwrap_or(permission);
            let remedy = format!("give the key the permission {permission} in Stripe's dashboard");
            Finding::fail(Exit::Authentication, "permission", format!("may not read {path}: {message}"), remedy)
        }
        Some(other) => Finding { check: "permission", ..unreached(&other) },
    }
}

fn connected(error: Option<StripeError>) -> Finding {
    match error {
        Some(StripeError::Permission { .. } | StripeError::Refused { .. } | StripeError::NotFound { .. }) => {
            let remedy = format!("only a platform needs that: the permission {}", CONNECTED.1);
            Finding::warn("permission", format!("may not read {}", CONNECTED.0), remedy)
        }
        other => permitted(CONNECTED.0, CONNECTED.1, other),
    }
}
