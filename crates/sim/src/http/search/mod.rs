//! `/v1/…/search`: objects that fit a query, newest first, in pages with a token in place of cursors.

mod fields;
mod query;

use std::ops::Range;

use serde_json::{Value, json};

use super::answer;
use super::error::StripeError;
use super::expand;
use super::index::AccountView;
use super::params;
use super::shelf::Shelf;
use crate::catalog::ObjectKind;
use fields::Test;
use query::Query;

pub(super) use fields::is_searchable;

/// Stripe's longest query and page token, in characters.
const TEXT_MAX: usize = 5_000;
/// How a page token begins; the id of the last object before the page follows.
const TOKEN: &str = "after_";
/// What is counted only when it is expanded.
const TOTAL: &str = "total_count";

/// What a search is asked for.
struct Search {
    tests: Vec<Test>,
    any: bool,
    limit: usize,
    /// The last object of the page before.
    after: Option<String>,
    paths: Vec<Vec<String>>,
    is_counted: bool,
}

/// One page of what fits.
struct Found {
    data: Vec<Value>,
    has_more: bool,
    total: usize,
}

/// Answers a search.
///
/// # Errors
/// Stripe's 400 for a query that cannot be read or asked, for a page that does not exist, and for other parameters.
pub(super) fn answer(
    account: AccountView<'_>,
    kind: ObjectKind,
    path: &str,
    pairs: &[(String, String)],
) -> Result<Vec<u8>, StripeError> {
    let collection = path.split('/').nth(2).unwrap_or_default();
    let search = Search::read(kind, collection, pairs)?;
    let mut found = account.look(kind, |shelf| search.find(shelf))?;
    let last = found.data.last().and_then(|last| last.get("id")).and_then(Value::as_str);
    let next_page = last.filter(|_| found.has_more).map(|id| format!("{TOKEN}{id}"));
    for object in &mut found.data {
        search.paths.iter().for_each(|path| expand::expand(account, object, path));
    }
    let mut result = json!({
        "object": "search_result", "data": found.data, "has_more": found.has_more, "next_page": next_page, "url": path,
    });
    if let (true, Some(fields)) = (search.is_counted, result.as_object_mut()) {
        fields.insert(TOTAL.to_owned(), found.total.into());
    }
    answer::json(&result)
}

impl Search {
    fn read(kind: ObjectKind, collection: &str, pairs: &[(String, String)]) -> Result<Self, StripeError> {
        let (mut query, mut after, mut limit, mut expand) = (None, None, params::DEFAULT_LIMIT, Vec::new());
        for (name, value) in pairs {
            match name.as_str() {
                _ if value.is_empty() => return Err(params::empty(name)),
                "query" | "page" if value.chars().count() > TEXT_MAX => return Err(too_long(name)),
                "query" => query = Some(value),
                "page" => after = Some(token(value)?),
                "limit" => limit = params::limit(value)?,
                name if params::is_expand(name) => expand.push(value.clone()),
                name => return Err(StripeError::unknown_parameter(name)),
            }
        }
        let query = query
            .ok_or_else(|| StripeError::bad_request("Missing required param: query.").code("parameter_missing").param("query"))?;
        let refusal =
            |told: String| StripeError::bad_request(format!("We were unable to parse your search query. {told}")).param("query");
        let Query { clauses, any } = Query::parse(query).map_err(refusal)?;
        let tests: Result<Vec<Test>, String> = clauses.iter().map(|clause| Test::new(kind, collection, clause)).collect();
        let tests = tests.map_err(|told| StripeError::bad_request(told).param("query"))?;
        let (totals, others): (Vec<String>, Vec<String>) = expand.into_iter().partition(|path| path == TOTAL);
        let paths = expand::list_paths(kind.as_str(), &others)?;
        Ok(Self { tests, any, limit, after, paths, is_counted: !totals.is_empty() })
    }

    fn fits(&self, body: &Value) -> bool {
        match self.any {
            true => self.tests.iter().any(|test| test.holds(body)),
            false => self.tests.iter().all(|test| test.holds(body)),
        }
    }

    fn find(&self, shelf: Shelf<'_>) -> Result<Found, StripeError> {
        let first = match &self.after {
            Some(id) => shelf.position(id).ok_or_else(no_page)?.saturating_add(1),
            None => 0,
        };
        let all = shelf.created_within(i64::MIN, i64::MAX);
        let fitting = |positions: Range<u32>| {
            let bodies = positions.filter_map(move |position| shelf.visible(position)).map(move |object| shelf.body(object));
            bodies.filter(|body| self.fits(body))
        };
        let mut rest = fitting(all.start.max(first)..all.end);
        let data: Vec<Value> = rest.by_ref().take(self.limit).collect();
        let has_more = rest.next().is_some();
        let total = if self.is_counted { fitting(all).count() } else { 0 };
        Ok(Found { data, has_more, total })
    }
}

fn token(page: &str) -> Result<String, StripeError> {
    let id = page.strip_prefix(TOKEN).map(str::to_owned);
    id.ok_or_else(no_page)
}

fn no_page() -> StripeError {
    StripeError::bad_request("Invalid page token.").param("page")
}

fn too_long(name: &str) -> StripeError {
    StripeError::bad_request(format!("Invalid string: {name} must be at most {TEXT_MAX} characters")).param(name)
}
