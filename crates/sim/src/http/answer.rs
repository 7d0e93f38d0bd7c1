//! From a request to what Stripe would say.

use axum::http::{HeaderMap, Method, StatusCode};
use serde::Serialize;
use serde_json::Value;

use super::call::Call;
use super::count::Counted;
use super::error::StripeError;
use super::index::{AccountView, CatalogIndex};
use super::inside::Around;
use super::key::Key;
use super::list::Page;
use super::report::{self, Runs};
use super::route::{Nested, Route};
use super::{core_events, endpoints, expand, filter, list, params, permissions, route, search, version};
use crate::catalog::{ObjectKind, StripeObject};

/// Status and body of an answer, and what it counts as.
pub(super) struct Answer {
    /// HTTP status.
    pub(super) status: StatusCode,
    /// The JSON text, or that of a file.
    pub(super) body: Vec<u8>,
    /// Headers beyond, and instead of, those that every answer has.
    pub(super) headers: HeaderMap,
    /// For the counter.
    pub(super) counted: Counted,
}

impl Answer {
    /// A 200.
    pub(super) fn new(body: Vec<u8>, counted: Counted) -> Self {
        Self { status: StatusCode::OK, body, headers: HeaderMap::new(), counted }
    }

    /// A refusal as an answer.
    pub(super) fn refusal(call: &Call<'_>, error: &StripeError) -> Self {
        Self { status: error.status, ..Self::new(error.body(call.request_id), Counted::Other) }
    }
}

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<Value>,
    has_more: bool,
    url: &'a str,
}

/// Answers a request at `now`, the world's time in unix seconds, with Stripe's error object where it is to be refused.
pub(super) fn answer(index: &CatalogIndex, endpoints: &[Value], runs: &Runs, call: &Call<'_>, now: i64) -> Answer {
    try_answer(index, endpoints, runs, call, now).unwrap_or_else(|error| Answer::refusal(call, &error))
}

fn try_answer(index: &CatalogIndex, endpoints: &[Value], runs: &Runs, call: &Call<'_>, now: i64) -> Result<Answer, StripeError> {
    let key = Key::read(call.headers.authorization.as_deref())?;
    version::check(call.headers.version.as_deref())?;
    let route = route::parse(call.uri.path()).ok_or_else(|| unrecognized(call))?;
    if let Route::Report(address) = route {
        let account = acting_account(index, call, &key, now)?;
        key.require(permissions::of_route(route), account.id())?;
        return report::answer(index, runs, account, call, address);
    }
    if call.method != Method::GET {
        return Err(read_only(call));
    }
    let account = acting_account(index, call, &key, now)?;
    key.require(permissions::of_route(route), account.id())?;
    if let Route::WebhookEndpoints(id) = route {
        // They are the first own account's, which hears the connected ones too.
        let endpoints = if index.owner(0) == Some(account.id()) { endpoints } else { &[] };
        let (path, pairs) = (call.uri.path(), params::pairs(call.uri)?);
        return Ok(match id {
            Some(id) => Answer::new(json(endpoints::find(endpoints, id, &pairs)?)?, Counted::Other),
            None => Answer::new(render(endpoints::page(endpoints, &pairs)?, path)?, Counted::ListPage),
        });
    }
    read(index, account, call, route, &key).map(|(body, counted)| Answer::new(body, counted))
}

fn read(
    index: &CatalogIndex,
    account: AccountView<'_>,
    call: &Call<'_>,
    route: Route<'_>,
    key: &Key,
) -> Result<(Vec<u8>, Counted), StripeError> {
    let (path, now) = (call.uri.path(), account.now());
    let pairs = params::pairs(call.uri)?;
    for permission in params::expanded_fields(&pairs).filter_map(permissions::of_expanded) {
        key.require(permission, account.id())?;
    }
    match route {
        Route::OwnAccount => bare("account", &account.account(), &pairs),
        Route::Account(id) => {
            bare("account", &index.reached(key.owner(), id, now).ok_or_else(|| no_access(call, id))?.account(), &pairs)
        }
        Route::Balance => bare("balance", &account.balance(), &pairs),
        Route::Accounts => {
            let params = params::list(&pairs, filter::CREATED)?;
            expand::list_paths("account", &params.expand)?;
            let page = list::page_of(index.connected_to(account), "account", None, &params)?;
            render(page, path).map(|body| (body, Counted::ListPage))
        }
        Route::List(kind) => list_of(account, kind, None, path, &pairs, key),
        Route::Inside(inside, id, member) => {
            let missing = || match inside.around {
                Around::Account => no_access(call, id),
                Around::Listed(kind) => StripeError::missing(StatusCode::NOT_FOUND, kind.as_str(), id, kind.as_str()),
            };
            let all = inside.members(index, account, id).ok_or_else(missing)?;
            match member {
                Some(member) => bare(inside.member, inside.find(&all, member)?, &pairs),
                None => render(inside.page(account, &all, &pairs)?, path).map(|body| (body, Counted::ListPage)),
            }
        }
        Route::Within(nested, id, None) => {
            belonging(account, nested, id)?;
            list_of(account, nested.kind, Some((nested.field, id)), path, &pairs, key)
        }
        Route::Within(nested, id, Some(member)) => {
            belonging(account, nested, id)?;
            let of = |member: &StripeObject| member.body(account.now()).get(nested.field).and_then(Value::as_str) == Some(id);
            if !account.shelf(nested.kind).get(member).is_some_and(of) {
                return Err(StripeError::missing(StatusCode::NOT_FOUND, nested.kind.as_str(), member, "id"));
            }
            retrieve(account, nested.kind, member, &pairs, key)
        }
        Route::Search(kind) => search::answer(account, kind, path, &pairs).map(|body| (body, Counted::ListPage)),
        Route::Retrieve(kind, id) => retrieve(account, kind, id, &pairs, key),
        Route::CoreEvents(Some(id)) => core_events::retrieve(account, call, key, id).map(|body| (body, Counted::Other)),
        Route::CoreEvents(None) => core_events::list(account, call, key).map(|body| (body, Counted::ListPage)),
        Route::Report(_) | Route::WebhookEndpoints(_) => Err(unrecognized(call)),
    }
}

/// The account that the request acts on: the key's own, or the one that `Stripe-Account` names.
fn acting_account<'a>(index: &'a CatalogIndex, call: &Call<'_>, key: &Key, now: i64) -> Result<AccountView<'a>, StripeError> {
    let own = index.owner(key.owner()).ok_or_else(|| key.unknown())?;
    match call.headers.acting_account() {
        Some(id) => index.reached(key.owner(), id, now).ok_or_else(|| no_access(call, id)),
        None => index.account(own, now).ok_or_else(|| key.unknown()),
    }
}

fn bare(object: &str, value: &Value, pairs: &[(String, String)]) -> Result<(Vec<u8>, Counted), StripeError> {
    expand::object_paths(object, &params::expand_only(pairs)?)?;
    json(value).map(|body| (body, Counted::Other))
}

fn retrieve(
    account: AccountView<'_>,
    kind: ObjectKind,
    id: &str,
    pairs: &[(String, String)],
    key: &Key,
) -> Result<(Vec<u8>, Counted), StripeError> {
    let name = kind.as_str();
    let paths = expand::object_paths(name, &params::expand_only(pairs)?)?;
    let body = account.look(kind, |shelf| shelf.get(id).map(|object| shelf.body(object)));
    let mut body = body.ok_or_else(|| StripeError::missing(StatusCode::NOT_FOUND, name, id, "id"))?;
    if kind == ObjectKind::Event {
        permissions::require_event(key, account, &body)?;
    }
    paths.iter().for_each(|path| expand::expand(account, &mut body, path));
    json(&body).map(|body| (body, Counted::Other))
}

/// Refuses what is asked of an object that is not there.
fn belonging(account: AccountView<'_>, nested: Nested, id: &str) -> Result<(), StripeError> {
    let missing = || StripeError::missing(StatusCode::NOT_FOUND, nested.parent.as_str(), id, nested.parent.as_str());
    account.shelf(nested.parent).get(id).map(|_| ()).ok_or_else(missing)
}

fn list_of(
    account: AccountView<'_>,
    kind: ObjectKind,
    within: Option<(&'static str, &str)>,
    path: &str,
    pairs: &[(String, String)],
    key: &Key,
) -> Result<(Vec<u8>, Counted), StripeError> {
    let mut params = params::list(pairs, filter::of_list(kind))?;
    filter::complete(kind, &mut params)?;
    params.only = key.only().map(<[_]>::to_vec);
    params.equals.extend(within.map(|(field, id)| (field, id.to_owned())));
    let paths = expand::list_paths(kind.as_str(), &params.expand)?;
    let mut page = list::page(account, kind, &params)?;
    for object in &mut page.objects {
        paths.iter().for_each(|path| expand::expand(account, object, path));
    }
    Ok((render(page, path)?, if params.payout.is_some() { Counted::PayoutPage } else { Counted::ListPage }))
}

/// The list object around a page.
fn render(page: Page, url: &str) -> Result<Vec<u8>, StripeError> {
    json(&List { object: "list", data: page.objects, has_more: page.has_more, url })
}

/// The JSON text of a value.
///
/// # Errors
/// A 500, which no value of ours can bring about.
pub(super) fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, StripeError> {
    serde_json::to_vec(value).map_err(|error| {
        StripeError::api(StatusCode::INTERNAL_SERVER_ERROR, format!("The simulator cannot write this object as JSON: {error}"))
    })
}

fn unrecognized(call: &Call<'_>) -> StripeError {
    StripeError::invalid(
        StatusCode::NOT_FOUND,
        format!(
            "Unrecognized request URL ({}: {}). If you are trying to list objects, remove the trailing slash. If you are trying \
             to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. Please see \
             https://stripe.com/docs or we can help at https://support.stripe.com/.",
            call.method,
            call.uri.path()
        ),
    )
}

/// Stripe's refusal of a method that an address does not have.
pub(super) fn read_only(call: &Call<'_>) -> StripeError {
    StripeError::invalid(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{} {} is not allowed: this simulated Stripe is read-only.", call.method, call.uri.path()),
    )
}

fn no_access(call: &Call<'_>, id: &str) -> StripeError {
    let kind = if call.headers.authorization.as_deref().is_some_and(|key| key.contains("sk_test_")) { "sk" } else { "rk" };
    StripeError::invalid(
        StatusCode::FORBIDDEN,
        format!(
            "The provided key '{kind}_test_***' does not have access to account '{id}' (or that account does not exist). \
             Application access may have been revoked."
        ),
    )
    .code("account_invalid")
}
