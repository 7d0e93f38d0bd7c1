//! From a request to what Stripe would say.

use axum::http::{HeaderMap, Method, StatusCode, Uri};
use serde::Serialize;
use serde_json::Value;

use super::count::Counted;
use super::error::StripeError;
use super::index::{AccountView, CatalogIndex};
use super::journal::Entry;
use super::key::{self, Key};
use super::list::Page;
use super::report::{self, Runs};
use super::route::{Nested, Route};
use super::{expand, filter, list, params, permissions, route, version};
use crate::catalog::{ObjectKind, StripeObject, key_mark};

/// The headers that decide an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Headers {
    /// `Authorization`
    pub(super) authorization: Option<String>,
    /// `Stripe-Account`
    pub(super) account: Option<String>,
    /// `Stripe-Version`
    pub(super) version: Option<String>,
    /// `Idempotency-Key`
    pub(super) idempotency_key: Option<String>,
    /// `Host`: where the client reached the simulator.
    pub(super) host: Option<String>,
}

/// One request.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    /// The method; all but GET are refused, but for the POST of a report run.
    pub(super) method: &'a Method,
    /// Path and query.
    pub(super) uri: &'a Uri,
    /// The headers that matter.
    pub(super) headers: &'a Headers,
    /// The body, of which only a POST makes use.
    pub(super) body: &'a [u8],
    /// The id under which this request is answered.
    pub(super) request_id: &'a str,
}

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

impl Headers {
    /// Picks them out; one that is not text matches nothing.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Self {
            authorization: text("authorization"),
            account: text("stripe-account"),
            version: text("stripe-version"),
            idempotency_key: text("idempotency-key"),
            host: text("host"),
        }
    }
}

impl Call<'_> {
    /// The place of the company's account whose key it carries.
    pub(super) fn owner(&self) -> usize {
        key::owner(self.headers.authorization.as_deref())
    }

    /// What makes two requests the same request: retries of one have the same fingerprint.
    pub(super) fn fingerprint(&self) -> String {
        format!("{} {} {}{}", self.method, self.uri, self.headers.account.as_deref().unwrap_or_default(), key_mark(self.owner()))
    }
}

impl Call<'_> {
    /// The request as the journal keeps it.
    pub(super) fn entry(&self, at: i64, status: StatusCode, fault: bool) -> Entry {
        Entry {
            at,
            id: self.request_id.to_owned(),
            method: self.method.to_string(),
            target: self.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            account: self.headers.account.clone(),
            status: status.as_u16(),
            fault,
        }
    }
}

/// Answers a request at `now`, the world's time in unix seconds, with Stripe's error object where it is to be refused.
pub(super) fn answer(index: &CatalogIndex, runs: &Runs, call: &Call<'_>, now: i64) -> Answer {
    try_answer(index, runs, call, now).unwrap_or_else(|error| Answer::refusal(call, &error))
}

fn try_answer(index: &CatalogIndex, runs: &Runs, call: &Call<'_>, now: i64) -> Result<Answer, StripeError> {
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
            let params = params::list(&pairs, list::ACCOUNT_FILTERS)?;
            expand::list_paths("account", &params.expand)?;
            let page = list::page_of(index.connected_to(account), "account", None, &params)?;
            render(page, path).map(|body| (body, Counted::ListPage))
        }
        Route::List(kind) => list_of(account, kind, None, path, &pairs),
        Route::Within(nested, id, None) => {
            belonging(account, nested, id)?;
            list_of(account, nested.kind, Some((nested.field, id)), path, &pairs)
        }
        Route::Within(nested, id, Some(member)) => {
            belonging(account, nested, id)?;
            let of = |member: &StripeObject| member.body(account.now()).get(nested.field).and_then(Value::as_str) == Some(id);
            if !account.shelf(nested.kind).get(member).is_some_and(of) {
                return Err(StripeError::missing(StatusCode::NOT_FOUND, nested.kind.as_str(), member, "id"));
            }
            retrieve(account, nested.kind, member, &pairs)
        }
        Route::Retrieve(kind, id) => retrieve(account, kind, id, &pairs),
        Route::Report(_) => Err(unrecognized(call)),
    }
}

/// The account that the request acts on: the key's own, or the one that `Stripe-Account` names.
fn acting_account<'a>(index: &'a CatalogIndex, call: &Call<'_>, key: &Key, now: i64) -> Result<AccountView<'a>, StripeError> {
    let own = index.owner(key.owner()).ok_or_else(|| key.unknown())?;
    match &call.headers.account {
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
) -> Result<(Vec<u8>, Counted), StripeError> {
    let name = kind.as_str();
    let paths = expand::object_paths(name, &params::expand_only(pairs)?)?;
    let object = account.shelf(kind).get(id).ok_or_else(|| StripeError::missing(StatusCode::NOT_FOUND, name, id, "id"))?;
    let mut body = object.body(account.now());
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
) -> Result<(Vec<u8>, Counted), StripeError> {
    let mut params = params::list(pairs, list::filters(kind))?;
    filter::complete(kind, &mut params)?;
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
