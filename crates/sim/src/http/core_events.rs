//! `/v2/core/events`: the notifications of all events, in the manner of Stripe's v2: pages with addresses in place of
//! cursors, and instants in RFC 3339.

use axum::http::{StatusCode, Uri};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::answer;
use super::call::Call;
use super::error::StripeError;
use super::index::AccountView;
use super::key::Key;
use super::list;
use super::params::{self, Cursor, ListParams, Span};
use super::permissions;
use super::webhook::thin;
use crate::catalog::ObjectKind;

/// Where they are.
pub(super) const PATH: &str = "/v2/core/events";
/// The page size where none is asked for.
const DEFAULT_LIMIT: usize = 20;
/// How the token of a page begins that goes on towards older events, and of one towards newer ones; an id follows.
const OLDER: &str = "older_";
const NEWER: &str = "newer_";

/// A page, as v2 writes it.
#[derive(Serialize)]
struct Page {
    data: Vec<Value>,
    next_page_url: Option<String>,
    previous_page_url: Option<String>,
}

/// One notification.
///
/// # Errors
/// Stripe's 404 for an event that is not there or that is not remembered any more, and its 400 for any parameter.
pub(super) fn retrieve(account: AccountView<'_>, call: &Call<'_>, key: &Key, id: &str) -> Result<Vec<u8>, StripeError> {
    demand_version(call)?;
    if let Some((name, _)) = params::pairs(call.uri)?.first() {
        return Err(StripeError::unknown_parameter(name));
    }
    let missing = || StripeError::missing(StatusCode::NOT_FOUND, "v2.core.event", id, "id");
    let event = account.look(ObjectKind::Event, |shelf| shelf.get(id).map(|event| shelf.body(event))).ok_or_else(missing)?;
    permissions::require_event(key, account, &event)?;
    answer::json(&thin(&event).ok_or_else(missing)?)
}

/// A page of notifications, newest first.
///
/// # Errors
/// Stripe's 400 for parameters that this list does not take.
pub(super) fn list(account: AccountView<'_>, call: &Call<'_>, key: &Key) -> Result<Vec<u8>, StripeError> {
    demand_version(call)?;
    let params = ListParams { only: key.only().map(<[_]>::to_vec), ..read(&params::pairs(call.uri)?)? };
    let page = list::page(account, ObjectKind::Event, &params)?;
    let id = |event: Option<&Value>| event.and_then(|event| event.get("id")).and_then(Value::as_str).map(str::to_owned);
    let (first, last) = (id(page.objects.first()), id(page.objects.last()));
    let (has_newer, has_older) = match params.cursor {
        Cursor::Start => (false, page.has_more),
        Cursor::After(_) => (true, page.has_more),
        Cursor::Before(_) => (page.has_more, true),
    };
    let url = |shown: bool, token: &str, id: Option<String>| {
        id.filter(|_| shown).map(|id| with_page(call.uri, &format!("{token}{id}")))
    };
    answer::json(&Page {
        data: page.objects.iter().filter_map(thin).collect(),
        next_page_url: url(has_older, OLDER, last),
        previous_page_url: url(has_newer, NEWER, first),
    })
}

/// v2 has no version that a request without one could mean.
fn demand_version(call: &Call<'_>) -> Result<(), StripeError> {
    match call.headers.version {
        Some(_) => Ok(()),
        None => Err(StripeError::bad_request("Requests to /v2 must name an API version in the Stripe-Version header.")),
    }
}

fn read(pairs: &[(String, String)]) -> Result<ListParams, StripeError> {
    let mut params = ListParams { limit: DEFAULT_LIMIT, ..ListParams::default() };
    for (name, value) in pairs {
        match name.as_str() {
            _ if value.is_empty() => return Err(params::empty(name)),
            "limit" => params.limit = params::limit(value)?,
            "page" => params.cursor = cursor(value)?,
            "object_id" => params.equals.push(("object_id", value.clone())),
            name if params::is_list_of("types", name) => params.types.push(event_type(value)?),
            name => params.ranges.push(("created", span(name, value)?)),
        }
    }
    params::check_types(&params.types)?;
    Ok(params)
}

/// The type of the event behind a notification's type.
fn event_type(name: &str) -> Result<String, StripeError> {
    let refusal = || StripeError::bad_request(format!("Invalid event type: {name}")).param("types");
    let known = name.starts_with("v1.") || name.starts_with("v2.");
    if !known || name.contains('*') {
        return Err(refusal());
    }
    Ok(name.strip_prefix("v1.").unwrap_or(name).to_owned())
}

fn cursor(page: &str) -> Result<Cursor, StripeError> {
    let older = page.strip_prefix(OLDER).map(|id| Cursor::After(id.to_owned()));
    older
        .or_else(|| page.strip_prefix(NEWER).map(|id| Cursor::Before(id.to_owned())))
        .ok_or_else(|| StripeError::bad_request(format!("Invalid page token: {page}")).param("page"))
}

/// The whole seconds of `created[gt]` and its like.
fn span(name: &str, value: &str) -> Result<Span, StripeError> {
    let everything = Span { from: i64::MIN, until: i64::MAX };
    let bound = name.strip_prefix("created[").and_then(|rest| rest.strip_suffix(']'));
    let at: Timestamp = match bound {
        Some("gt" | "gte" | "lt" | "lte") => value.parse().map_err(|_| {
            StripeError::bad_request(format!("Invalid timestamp: {value}; expected RFC 3339, such as 2026-06-30T12:00:00Z."))
                .param(name)
        })?,
        _ => return Err(StripeError::unknown_parameter(name)),
    };
    // Events stand on whole seconds, the instants asked for may stand between two.
    let down = at.as_nanosecond().div_euclid(1_000_000_000);
    let is_whole = at.as_nanosecond().rem_euclid(1_000_000_000) == 0;
    let down = i64::try_from(down).unwrap_or(i64::MAX);
    Ok(match bound {
        Some("gte") if is_whole => Span { from: down, ..everything },
        Some("gt" | "gte") => Span { from: down.saturating_add(1), ..everything },
        Some("lt") if is_whole => Span { until: down.saturating_sub(1), ..everything },
        _ => Span { until: down, ..everything },
    })
}

/// The same request for another page.
fn with_page(uri: &Uri, page: &str) -> String {
    let kept = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("page="));
    let query: Vec<&str> = kept.collect();
    let glue = if query.is_empty() { "" } else { "&" };
    format!("{PATH}?{}{glue}page={page}", query.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(name: &str, value: &str) -> Option<(i64, i64)> {
        span(name, value).ok().map(|span| (span.from, span.until))
    }

    #[test]
    fn a_bound_between_two_seconds_keeps_the_whole_ones_beyond_it() {
        let (whole, half) = ("1970-01-01T00:00:10Z", "1970-01-01T00:00:10.5Z");
        assert_eq!(seconds("created[gt]", whole), Some((11, i64::MAX)));
        assert_eq!(seconds("created[gte]", whole), Some((10, i64::MAX)));
        assert_eq!(seconds("created[lt]", whole), Some((i64::MIN, 9)));
        assert_eq!(seconds("created[lte]", whole), Some((i64::MIN, 10)));
        assert_eq!([seconds("created[gt]", half), seconds("created[gte]", half)], [Some((11, i64::MAX)); 2]);
        assert_eq!([seconds("created[lt]", half), seconds("created[lte]", half)], [Some((i64::MIN, 10)); 2]);
    }

    #[test]
    fn what_v2_does_not_take_is_refused() {
        for (name, value) in [
            ("created", "1970-01-01T00:00:10Z"),
            ("created[gt]", "10"),
            ("starting_after", "evt_1"),
            ("type", "v1.payout.paid"),
            ("types[0]", "payout.paid"),
            ("types[0]", "v1.payout.*"),
            ("page", "evt_1"),
            ("limit", "101"),
            ("object_id", ""),
        ] {
            assert!(read(&[(name.to_owned(), value.to_owned())]).is_err(), "{name}={value}");
        }
    }

    #[test]
    fn another_page_is_asked_for_with_the_same_filters() {
        let uri: Uri = "/v2/core/events?limit=2&page=older_a&types%5B0%5D=v1.payout.paid".parse().unwrap();
        assert_eq!(with_page(&uri, "older_b"), "/v2/core/events?limit=2&types%5B0%5D=v1.payout.paid&page=older_b");
        assert_eq!(with_page(&"/v2/core/events".parse().unwrap(), "older_b"), "/v2/core/events?page=older_b");
    }
}
