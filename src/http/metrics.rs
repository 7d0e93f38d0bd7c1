//! `/metrics`: what a monitoring system reads, in the text format of Prometheus. Nothing of it names a customer, an amount or a secret.

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use store::{Store, StoreError};

use super::Site;
use crate::outside::{Mishap, Seen};

/// What the format is called.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The metrics; without a database only that the program runs.
pub async fn metrics(State(site): State<Site>) -> Response {
    let mishaps = mishaps(&site.outside.mishaps());
    let read = site.readers.read(|store| Ok(store.map(text).transpose()?));
    match read.await {
        Ok(text) => {
            ([(header::CONTENT_TYPE, TEXT)], format!("{}{mishaps}{}", up(true), text.unwrap_or_default())).into_response()
        }
        Err(problem) => {
            tracing::warn!(?problem, "the metrics could not be read");
            // A scrape that fails would hide that the program itself runs.
            (StatusCode::OK, [(header::CONTENT_TYPE, TEXT)], format!("{}{mishaps}", up(false))).into_response()
        }
    }
}

fn up(is_readable: bool) -> String {
    let mut text = String::new();
    gauge(&mut text, "tieout_database_readable", "Whether the database can be read", [(String::new(), i64::from(is_readable))]);
    text
}

/// Those that never happened stand there too: a rate needs the nought before the first.
fn mishaps(seen: &BTreeMap<Mishap, Seen>) -> String {
    let times = |mishap: Mishap| (mishap.as_str().to_owned(), seen.get(&mishap).map_or(0, |seen| seen.times));
    let (mut text, help) = (String::new(), "What went wrong at the edges of this process since it started, by kind");
    samples(&mut text, ("tieout_mishaps_total", "counter"), help, labelled("kind", Mishap::ALL.map(times)));
    text
}

fn text(store: &Store) -> Result<String, StoreError> {
    let mut text = String::new();
    let seconds = |at: Option<Timestamp>| at.map(|at| (String::new(), at.as_second()));
    let freshness = store.freshness()?;
    let count = |number: u64| [(String::new(), i64::try_from(number).unwrap_or(i64::MAX))];
    gauge(
        &mut text,
        "tieout_looked_at_seconds",
        "When everything that is watched was looked at last, unix seconds",
        seconds(store.looked_at()?),
    );
    gauge(&mut text, "tieout_accounts", "Stripe accounts", count(freshness.accounts));
    gauge(&mut text, "tieout_accounts_never_synced", "Stripe accounts that were never read to the end", count(freshness.never));
    gauge(
        &mut text,
        "tieout_oldest_sync_seconds",
        "When the least fresh account was last read to the end, unix seconds",
        seconds(freshness.oldest),
    );
    let (open_true, open_expected) = store.exceptions_by_class()?;
    let classes = [("true", open_true), ("expected", open_expected)].map(|(class, count)| (class.to_owned(), count));
    gauge(&mut text, "tieout_exceptions_open", "Open exceptions, by class", labelled("class", classes));
    let runs = store.run_counts()?;
    gauge(
        &mut text,
        "tieout_schedules_last_run",
        "Schedules, by the state of their newest run that is over",
        labelled("state", runs.last),
    );
    gauge(&mut text, "tieout_scheduled_runs_open", "Runs of schedules that are not over, by state", labelled("state", runs.open));
    gauge(
        &mut text,
        "tieout_schedule_next_seconds",
        "When a schedule is due next, or a run is tried again, unix seconds",
        seconds(store.next_due()?),
    );
    gauge(&mut text, "tieout_messages", "Messages that tell of alerts, by state", labelled("state", store.message_counts()?));
    gauge(&mut text, "tieout_alerts", "What is watched and is not well, by rule and state", alerts(store)?);
    let check = store.audit_check()?;
    let verified = check.as_ref().map(|check| (String::new(), check.entries));
    gauge(&mut text, "tieout_audit_verified_position", "The newest entry of the audit trail when it was verified last", verified);
    let faults = check.map(|check| (String::new(), i64::try_from(check.faults).unwrap_or(i64::MAX)));
    gauge(&mut text, "tieout_audit_faults", "What was wrong with the audit trail then", faults);
    Ok(text)
}

fn alerts(store: &Store) -> Result<Vec<(String, i64)>, StoreError> {
    let mut counts = std::collections::BTreeMap::<String, i64>::new();
    for row in store.alerts()? {
        *counts.entry(format!("{{rule=\"{}\",state=\"{}\"}}", escaped(&row.rule), escaped(&row.state))).or_default() += 1;
    }
    Ok(counts.into_iter().collect())
}

fn labelled(label: &str, counts: impl IntoIterator<Item = (String, u64)>) -> Vec<(String, i64)> {
    let value =
        |(word, count): (String, u64)| (format!("{{{label}=\"{}\"}}", escaped(&word)), i64::try_from(count).unwrap_or(i64::MAX));
    counts.into_iter().map(value).collect()
}

fn gauge(text: &mut String, name: &str, help: &str, values: impl IntoIterator<Item = (String, i64)>) {
    samples(text, (name, "gauge"), help, values);
}

fn samples(text: &mut String, (name, kind): (&str, &str), help: &str, values: impl IntoIterator<Item = (String, i64)>) {
    // Writing to a string never fails.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (labels, value) in values {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_others_cannot_end_its_label() {
        assert_eq!(escaped("a\"} 1\nx\\"), "a\\\"} 1\\nx\\\\");
        let mut text = String::new();
        gauge(&mut text, "x", "y", labelled("l", [("a".to_owned(), 2)]));
        assert_eq!(text, "# HELP x y\n# TYPE x gauge\nx{l=\"a\"} 2\n");
    }
}
