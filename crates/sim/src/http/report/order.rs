//! What a run is asked for: the form of the POST, checked as Stripe checks it.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use money::Currency;
use serde_json::{Map, Value};

use super::super::error::StripeError;
use super::super::index::AccountView;
use super::super::params;
use super::categories::CATEGORIES;
use super::columns;
use super::kinds::{Available, Detail, Kind, Subject};
use super::zone::{self, Zone};
use crate::catalog::ObjectKind;

/// A report that was ordered.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) kind: &'static Kind,
    /// The parameters as they came: the run object shows them.
    pub(super) given: Map<String, Value>,
    /// The interval, unix seconds: `start` is within, `end` is not. Only what the kind asks for has a meaning.
    pub(super) start: i64,
    pub(super) end: i64,
    /// The payout that the report is about.
    pub(super) payout: String,
    pub(super) zone: Zone,
    /// Only rows in this currency, and of this category.
    pub(super) currency: Option<Currency>,
    pub(super) category: Option<String>,
    /// In the order in which they are written.
    pub(super) columns: Vec<String>,
}

/// The form, taken apart.
#[derive(Default)]
struct Form<'a> {
    report_type: Option<&'a str>,
    parameters: BTreeMap<&'a str, &'a str>,
    columns: Vec<String>,
}

impl<'a> Form<'a> {
    fn read(pairs: &'a [(String, String)]) -> Result<Self, StripeError> {
        let mut form = Self::default();
        for (name, value) in pairs {
            if value.is_empty() {
                return Err(params::empty(name));
            }
            match (name.as_str(), parameter(name)) {
                ("report_type", _) => form.report_type = Some(value),
                (_, Some("columns")) => form.columns.push(value.clone()),
                (_, Some(parameter)) => {
                    form.parameters.insert(parameter, value);
                }
                (_, None) => return Err(StripeError::unknown_parameter(name)),
            }
        }
        Ok(form)
    }

    fn integer(&self, parameter: &str) -> Result<Option<i64>, StripeError> {
        self.parameters.get(parameter).map(|text| params::integer(&field(parameter), text)).transpose()
    }
}

/// The name in `parameters[name]`; `columns` also in `parameters[columns][]` and `parameters[columns][0]`.
fn parameter(name: &str) -> Option<&str> {
    let (parameter, rest) = name.strip_prefix("parameters[")?.split_once(']')?;
    let numbered =
        |rest: &str| rest.strip_prefix('[')?.strip_suffix(']').map(|number| number.bytes().all(|digit| digit.is_ascii_digit()));
    (rest.is_empty() || parameter == "columns" && numbered(rest) == Some(true)).then_some(parameter)
}

fn field(parameter: &str) -> String {
    format!("parameters[{parameter}]")
}

impl Order {
    /// Reads a form on behalf of `account`, of which there is data for the time `available`.
    ///
    /// # Errors
    /// Stripe's 400, naming the parameter that is unknown, missing, or out of its range.
    pub(super) fn read(pairs: &[(String, String)], account: AccountView<'_>, available: Available) -> Result<Self, StripeError> {
        let form = Form::read(pairs)?;
        let kind = kind(&form)?;
        check_names(kind, &form)?;
        let interval = |parameter| form.integer(parameter).map(|second| second.unwrap_or(i64::MIN));
        let (start, end) = (interval("interval_start")?, interval("interval_end")?);
        check_interval(kind, &form, available)?;
        let text = |parameter: &str| form.parameters.get(parameter).map(|text| (*text).to_owned());
        let payout = text("payout").unwrap_or_default();
        if kind.subject == Subject::OnePayout {
            check_payout(account, &payout)?;
        }
        let currency = form.parameters.get("currency").map(|text| currency(text)).transpose()?;
        let category = form.parameters.get("reporting_category").map(|text| category(text)).transpose()?;
        let zone = form.parameters.get("timezone").map_or(Ok(Zone::UTC), |name| zone(name))?;
        let columns = columns(kind, &form)?;
        Ok(Self { kind, given: given(&form)?, start, end, payout, zone, currency, category, columns })
    }
}

fn kind(form: &Form<'_>) -> Result<&'static Kind, StripeError> {
    let id = form.report_type.ok_or_else(|| missing("report_type"))?;
    Kind::find(id).ok_or_else(|| StripeError::missing(StatusCode::BAD_REQUEST, "reporting.report_type", id, "report_type"))
}

/// Refuses parameters that the kind does not have, and the absence of those that it needs.
fn check_names(kind: &Kind, form: &Form<'_>) -> Result<(), StripeError> {
    let needs = kind.subject.needs();
    for parameter in form.parameters.keys() {
        let narrows = *parameter == "reporting_category" && kind.detail == Detail::Itemized;
        if !(needs.contains(parameter) || narrows || matches!(*parameter, "timezone" | "currency")) {
            return Err(StripeError::unknown_parameter(&field(parameter)));
        }
    }
    match needs.iter().find(|needed| !form.parameters.contains_key(*needed)) {
        Some(needed) => Err(missing(&field(needed))),
        None => Ok(()),
    }
}

fn check_interval(kind: &Kind, form: &Form<'_>, available: Available) -> Result<(), StripeError> {
    let (start, end) = (form.integer("interval_start")?, form.integer("interval_end")?);
    for (parameter, second) in [("interval_start", start), ("interval_end", end)] {
        let Some(second) = second else { continue };
        let (word, limit) = if second < available.start {
            ("starting at", available.start)
        } else if second > available.end {
            ("until", available.end)
        } else {
            continue;
        };
        let message = format!(
            "Data for the report type {} is only available {word} {} UTC; you requested `{parameter}` = {} UTC.",
            kind.id,
            Zone::UTC.time(limit),
            Zone::UTC.time(second)
        );
        return Err(StripeError::bad_request(message).param(&format!("parameters.{parameter}")));
    }
    if start.zip(end).is_some_and(|(start, end)| start >= end) {
        let message = "`interval_start` must be before `interval_end`.";
        return Err(StripeError::bad_request(message).param("parameters.interval_end"));
    }
    Ok(())
}

/// Only automatic payouts are known to consist of something.
fn check_payout(account: AccountView<'_>, payout: &str) -> Result<(), StripeError> {
    let param = field("payout");
    let object = account
        .shelf(ObjectKind::Payout)
        .get(payout)
        .ok_or_else(|| StripeError::missing(StatusCode::BAD_REQUEST, "payout", payout, &param))?;
    match object.body(account.now()).get("automatic").and_then(Value::as_bool) {
        Some(true) => Ok(()),
        _ => Err(StripeError::bad_request(format!("Only automatic payouts can be reconciled; '{payout}' is not.")).param(&param)),
    }
}

fn currency(text: &str) -> Result<Currency, StripeError> {
    Currency::parse(text).map_err(|_| invalid("currency", text, "a three-letter currency code"))
}

fn category(text: &str) -> Result<String, StripeError> {
    if CATEGORIES.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(invalid("reporting_category", text, &format!("one of {}", CATEGORIES.join(", "))))
}

fn zone(name: &str) -> Result<Zone, StripeError> {
    Zone::named(name).ok_or_else(|| {
        let expected = format!("a time zone that this machine knows, such as {}", zone::DEFAULT);
        invalid("timezone", name, &expected)
    })
}

fn columns(kind: &Kind, form: &Form<'_>) -> Result<Vec<String>, StripeError> {
    if form.columns.is_empty() {
        return Ok(kind.default_columns.iter().map(|column| (*column).to_owned()).collect());
    }
    match form.columns.iter().find(|column| !columns::is_known(kind, column)) {
        Some(unknown) => Err(invalid("columns", unknown, &format!("columns of the report type {}", kind.id))),
        None => Ok(form.columns.clone()),
    }
}

/// The parameters as the run object shows them.
fn given(form: &Form<'_>) -> Result<Map<String, Value>, StripeError> {
    let mut given = Map::new();
    for (parameter, text) in &form.parameters {
        let value = if parameter.starts_with("interval_") { form.integer(parameter)?.into() } else { Value::from(*text) };
        given.insert((*parameter).to_owned(), value);
    }
    if !form.columns.is_empty() {
        given.insert("columns".to_owned(), form.columns.clone().into());
    }
    Ok(given)
}

fn missing(param: &str) -> StripeError {
    StripeError::bad_request(format!("Missing required param: {param}.")).code("parameter_missing").param(param)
}

fn invalid(parameter: &str, given: &str, expected: &str) -> StripeError {
    let param = field(parameter);
    StripeError::bad_request(format!("Invalid {param}: '{given}'; expected {expected}.")).param(&param)
}
