//! What a call asks for, read from its query.

use std::collections::BTreeSet;

use axum::extract::Query;
use axum::http::Uri;
use facts::ObjectKind;
use jiff::civil::Date;
use store::RunTrigger;

use super::problem::ApiProblem;
use crate::jobs::sync::{Day, Days, SyncRequest, kinds};

/// What a run is to read. Calls that want the same share one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The day.
    pub day: Day,
    /// Only these kinds; empty means all but those to skip.
    pub only: BTreeSet<ObjectKind>,
}

impl Wanted {
    /// The same as a request to the job.
    pub fn request(&self, skip: &BTreeSet<ObjectKind>) -> SyncRequest {
        let days = Days { first: self.day, last: Some(self.day) };
        SyncRequest {
            only: self.only.clone(),
            skip: skip.clone(),
            days: Some(days),
            trigger: RunTrigger::Api,
            ..SyncRequest::default()
        }
    }
}

/// What a call asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What to read.
    pub wanted: Wanted,
    /// Whether the caller waits for the end.
    pub wait: bool,
}

impl Asked {
    /// What the query of an address asks for.
    ///
    /// # Errors
    /// A problem that names the parameter, what was given and what is expected.
    pub fn read(uri: &Uri) -> Result<Self, ApiProblem> {
        let no_query = |_| ApiProblem::bad_query("query", "what stands after ?", "name=value pairs, joined by &");
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(no_query)?;
        let mut asked = Self { wanted: Wanted { day: Day::Yesterday, only: BTreeSet::new() }, wait: true };
        let mut seen = BTreeSet::new();
        for (name, value) in &pairs {
            if !seen.insert(name) {
                return Err(ApiProblem::bad_query(name, value, "each parameter once"));
            }
            match name.as_str() {
                "date" => asked.wanted.day = day(value)?,
                "only" => asked.wanted.only = only(value)?,
                "wait" => asked.wait = wait(value)?,
                _ => return Err(ApiProblem::unknown_parameter(name)),
            }
        }
        Ok(asked)
    }
}

fn day(text: &str) -> Result<Day, ApiProblem> {
    if text == "yesterday" {
        return Ok(Day::Yesterday);
    }
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    date.map(Day::On).ok_or_else(|| ApiProblem::bad_query("date", text, "YYYY-MM-DD or yesterday"))
}

fn only(text: &str) -> Result<BTreeSet<ObjectKind>, ApiProblem> {
    text.split(',').map(kind).collect()
}

/// A kind by its word, in the singular or the plural.
fn kind(word: &str) -> Result<ObjectKind, ApiProblem> {
    let named = |kind: &ObjectKind| word.strip_suffix('s').unwrap_or(word) == kind.as_str();
    kinds().find(named).ok_or_else(|| {
        let words = kinds().map(|kind| format!("{}s", kind.as_str())).collect::<Vec<_>>().join(", ");
        ApiProblem::bad_query("only", word, &format!("kinds of objects, joined by commas: {words}"))
    })
}

fn wait(text: &str) -> Result<bool, ApiProblem> {
    text.parse().map_err(|_| ApiProblem::bad_query("wait", text, "true or false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Asked, ApiProblem> {
        Asked::read(&format!("/api/billing/sync-stripe{query}").parse().unwrap())
    }

    #[test]
    fn nothing_asked_is_all_of_yesterday_and_waits() {
        let asked = Asked { wanted: Wanted { day: Day::Yesterday, only: BTreeSet::new() }, wait: true };
        for query in ["", "?", "?date=yesterday&wait=true"] {
            assert_eq!(read(query).unwrap(), asked, "{query}");
        }
    }

    #[test]
    fn every_kind_has_its_word_in_singular_and_plural() {
        for kind in kinds() {
            for word in [kind.as_str().to_owned(), format!("{}s", kind.as_str())] {
                assert_eq!(read(&format!("?only={word}")).unwrap().wanted.only, BTreeSet::from([kind]), "{word}");
            }
        }
    }

    #[test]
    fn the_order_of_kinds_and_of_parameters_makes_no_other_thing_to_want() {
        let one = read("?only=payouts,invoices&date=2026-07-03").unwrap();
        assert_eq!(one, read("?date=2026-07-03&only=invoice%2Cpayout,payouts").unwrap());
    }
}
