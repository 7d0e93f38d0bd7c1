//! `/v1/webhook_endpoints`: where webhooks go, as Stripe lists it for those who want to check it.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::DEFAULT_VERSION;
use super::error::StripeError;
use super::expand;
use super::list::{self, Page};
use super::params::{self, Allowed};
use crate::catalog::Catalog;
use crate::random::{base62, mix};

/// Stripe's word for one.
const OBJECT: &str = "webhook_endpoint";

/// The endpoints at `url`, newest first: one for events of the account itself, and another for those of connected accounts where
/// there are any. `since` is when they were made, unix seconds.
pub(super) fn at(url: &str, catalog: &Catalog, seed: u64, since: i64) -> Vec<Value> {
    let applications = catalog.accounts.values().filter_map(|account| account.account.stamp()?.application.clone());
    let own = endpoint(url, None, mix(seed ^ 0x3e5), since);
    let of_connected = applications.take(1).map(|application| endpoint(url, Some(application), mix(seed ^ 0x3e6), since));
    of_connected.chain([own]).collect()
}

fn endpoint(url: &str, application: Option<String>, bits: u64, since: i64) -> Value {
    json!({
        "id": format!("we_1{}{}", base62(bits, 11), base62(mix(bits), 12)),
        "object": OBJECT,
        "api_version": DEFAULT_VERSION,
        "application": application,
        "created": since,
        "description": null,
        "enabled_events": ["*"],
        "livemode": false,
        "metadata": {},
        "status": "enabled",
        "url": url,
    })
}

/// A page of them.
///
/// # Errors
/// Stripe's 400 for parameters that the list does not take.
pub(super) fn page(all: &[Value], pairs: &[(String, String)]) -> Result<Page, StripeError> {
    let params = params::list(pairs, Allowed::by(&[], &[]))?;
    expand::list_paths(OBJECT, &params.expand)?;
    list::page_within(all, OBJECT, &params)
}

/// One of them.
///
/// # Errors
/// Stripe's 404 for one that is not there, and its 400 for what it cannot expand.
pub(super) fn find<'a>(all: &'a [Value], id: &str, pairs: &[(String, String)]) -> Result<&'a Value, StripeError> {
    expand::object_paths(OBJECT, &params::expand_only(pairs)?)?;
    let is_it = |endpoint: &&Value| endpoint.get("id").is_some_and(|known| known == id);
    all.iter().find(is_it).ok_or_else(|| StripeError::missing(StatusCode::NOT_FOUND, OBJECT, id, "id"))
}
