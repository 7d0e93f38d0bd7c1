//! Stripe's reporting API: report types, report runs and the CSV files that come of them.
//!
//! Owns the only state that a client can make here: a run is kept in memory until the simulator ends. Its file is made of the
//! catalog each time it is downloaded, as of the instant at which the run was created.

mod categories;
mod columns;
mod csv;
mod file;
mod kinds;
mod ledger;
mod order;
mod runs;
mod txn;
mod zone;

use std::sync::Arc;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::answer::{self, Answer};
use super::call::Call;
use super::count::Counted;
use super::error::StripeError;
use super::index::{AccountView, CatalogIndex};
use super::made;
use super::params;
use crate::catalog::Step;
use kinds::{KINDS, Kind};
use order::Order;
use runs::Run;

pub(super) use runs::Runs;

/// What an address asks of the reporting API. Ids are as they stand in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address<'a> {
    /// `/v1/reporting/report_types`
    Types,
    /// `/v1/reporting/report_types/:id`
    Type(&'a str),
    /// `/v1/reporting/report_runs`
    Runs,
    /// `/v1/reporting/report_runs/:id`
    Run(&'a str),
    /// `/v1/files/:id`
    File(&'a str),
    /// `/v1/files/:id/contents`, which Stripe serves on another host.
    Contents(&'a str),
}

impl<'a> Address<'a> {
    /// The address of what follows `/v1/` in a path.
    pub(super) fn parse(rest: &'a str) -> Option<Self> {
        if let Some(tail) = rest.strip_prefix("files/") {
            return match tail.strip_suffix("/contents") {
                Some(id) => whole(id).map(Self::Contents),
                None => whole(tail).map(Self::File),
            };
        }
        match rest.strip_prefix("reporting/")? {
            "report_types" => Some(Self::Types),
            "report_runs" => Some(Self::Runs),
            deeper => match deeper.split_once('/')? {
                ("report_types", id) => whole(id).map(Self::Type),
                ("report_runs", id) => whole(id).map(Self::Run),
                _ => None,
            },
        }
    }

    /// The path with its id replaced by `:id`.
    pub(super) const fn template(self) -> &'static str {
        match self {
            Self::Types => "/v1/reporting/report_types",
            Self::Type(_) => "/v1/reporting/report_types/:id",
            Self::Runs => "/v1/reporting/report_runs",
            Self::Run(_) => "/v1/reporting/report_runs/:id",
            Self::File(_) => "/v1/files/:id",
            Self::Contents(_) => "/v1/files/:id/contents",
        }
    }
}

fn whole(id: &str) -> Option<&str> {
    Some(id).filter(|id| !id.is_empty() && !id.contains('/'))
}

/// Answers a request of the reporting API on behalf of `account`. Whether the key may ask at all is to be decided before.
///
/// # Errors
/// Stripe's refusals.
pub(super) fn answer(
    index: &CatalogIndex,
    runs: &Runs,
    account: AccountView<'_>,
    call: &Call<'_>,
    address: Address<'_>,
) -> Result<Answer, StripeError> {
    if *call.method == Method::POST && address == Address::Runs {
        return create(index, runs, account, call);
    }
    if *call.method != Method::GET {
        return Err(answer::read_only(call));
    }
    let pairs = params::pairs(call.uri)?;
    if address != Address::Runs {
        params::expand_only(&pairs)?;
    }
    match address {
        Address::Types => types(index, account),
        Address::Type(id) => match Kind::find(id) {
            Some(kind) => object(&kind.body(kinds::available(index, account))),
            None => Err(missing("reporting.report_type", id)),
        },
        Address::Runs => {
            let (page, host) = (runs.page(account.id(), &pairs)?, call.headers.host.as_deref());
            let data: Vec<Value> = page.runs.iter().map(|run| body(index, host, run, account.now())).collect();
            let list = json!({"object": "list", "data": data, "has_more": page.has_more, "url": Address::Runs.template()});
            answer::json(&list).map(|body| Answer::new(body, Counted::ListPage))
        }
        Address::Run(id) => {
            let run = runs.get(account.id(), id).ok_or_else(|| missing("reporting.report_run", id))?;
            object(&body(index, call.headers.host.as_deref(), &run, account.now()))
        }
        Address::File(id) => {
            let (run, made_at) = finished(index, runs, account, id)?;
            object(&file::body(&run, made_at, size(index, &run), call.headers.host.as_deref()))
        }
        Address::Contents(id) => contents(index, &finished(index, runs, account, id)?.0),
    }
}

fn types(index: &CatalogIndex, account: AccountView<'_>) -> Result<Answer, StripeError> {
    let available = kinds::available(index, account);
    let data: Vec<Value> = KINDS.iter().map(|kind| kind.body(available)).collect();
    let list = json!({"object": "list", "data": data, "has_more": false, "url": Address::Types.template()});
    answer::json(&list).map(|body| Answer::new(body, Counted::ListPage))
}

/// Makes a run, or answers as it did the first time when the idempotency key is known.
fn create(index: &CatalogIndex, runs: &Runs, account: AccountView<'_>, call: &Call<'_>) -> Result<Answer, StripeError> {
    let order = |pairs: &[(String, String)]| Order::read(pairs, account, kinds::available(index, account));
    let first_answer = |run: &Run| {
        if run.ready_at <= index.end() {
            tell(index, run, run.ready_at);
        }
        answer::json(&body(index, run.host.as_deref(), run, account.now()))
    };
    let (bytes, replayed) = runs.create(account, call, order, first_answer)?;
    let mut answer = Answer::new(bytes, Counted::Other);
    if replayed {
        answer.headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    Ok(answer)
}

/// A request was made at `now`, whatever it asks for: where time stands still, runs end by that.
pub(super) fn request(index: &CatalogIndex, runs: &Runs, now: i64) {
    if now >= index.end() {
        runs.request(now).iter().for_each(|run| tell(index, run, now));
    }
}

/// Tells by an event that a run ended at `at`.
fn tell(index: &CatalogIndex, run: &Run, at: i64) {
    let event = if run.fails { "reporting.report_run.failed" } else { "reporting.report_run.succeeded" };
    let event = index
        .account(&run.account, at)
        .and_then(|account| made::event(account, Step { at, event }, body(index, run.host.as_deref(), run, at)));
    if let Some(event) = event {
        index.tell(&run.account, event);
    }
}

/// The run object. That it succeeded is told with its file. `host` is where the client reaches the simulator.
fn body(index: &CatalogIndex, host: Option<&str>, run: &Run, now: i64) -> Value {
    let ended_at = run.ended_at(now, index.end());
    let succeeded_at = ended_at.filter(|_| !run.fails);
    let result = succeeded_at.map(|at| file::body(run, at, size(index, run), host));
    let status = match (ended_at, succeeded_at) {
        (_, Some(_)) => "succeeded",
        (Some(_), None) => "failed",
        (None, None) => "pending",
    };
    json!({
        "id": run.id,
        "object": "reporting.report_run",
        "created": run.created,
        "error": (status == "failed").then_some("The report could not be made. Please order it again."),
        "livemode": false,
        "parameters": run.order.given,
        "report_type": run.order.kind.id,
        "result": result,
        "status": status,
        "succeeded_at": succeeded_at,
    })
}

/// The run whose file this is, and when it was made.
fn finished(index: &CatalogIndex, runs: &Runs, account: AccountView<'_>, file: &str) -> Result<(Arc<Run>, i64), StripeError> {
    let made = runs.of_file(account.id(), file).and_then(|run| {
        let at = run.succeeded_at(account.now(), index.end())?;
        Some((run, at))
    });
    made.ok_or_else(|| missing("file", file))
}

/// The bytes of a run's file, without keeping any of them.
fn size(index: &CatalogIndex, run: &Run) -> u64 {
    run.size(|| {
        let mut bytes = 0_u64;
        write(index, run, &mut |line| bytes = bytes.saturating_add(line.len() as u64));
        bytes
    })
}

fn contents(index: &CatalogIndex, run: &Run) -> Result<Answer, StripeError> {
    let mut text = String::new();
    write(index, run, &mut |line| text.push_str(line));
    let mut answer = Answer::new(text.into_bytes(), Counted::Other);
    answer.headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/csv"))]);
    Ok(answer)
}

/// The report as of the run's creation: the same bytes whenever it is asked for.
fn write(index: &CatalogIndex, run: &Run, line: &mut dyn FnMut(&str)) {
    if let Some(account) = index.account(&run.account, run.created) {
        csv::write(account, &run.order, line);
    }
}

fn object(body: &Value) -> Result<Answer, StripeError> {
    answer::json(body).map(|body| Answer::new(body, Counted::Other))
}

fn missing(object: &str, id: &str) -> StripeError {
    StripeError::missing(StatusCode::NOT_FOUND, object, id, "id")
}
