//! `GET /_sim`: the world, its truth and the requests made, for people.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use money::Currency;
use std::collections::BTreeMap;

use super::Simulator;
use super::journal::Entry;
use crate::catalog::{AccountObjects, Catalog, ObjectKind, key_mark};
use crate::truth::{PayoutTruth, Truth, Verdict};

/// Accounts and payouts on the page; the rest is in the API and in `/_sim/truth`.
const ROWS_MAX: usize = 60;

#[derive(Template)]
#[template(path = "world.html")]
struct Page {
    /// As the browser calls it, so that the commands on the page can be copied.
    host: String,
    now: String,
    end: String,
    running: bool,
    owner: String,
    /// The company's own accounts, where there are several, with the keys that read them.
    owners: Vec<(String, String)>,
    accounts: Vec<AccountLine>,
    accounts_left: usize,
    truth: Option<TruthLines>,
    counts: Vec<(String, u64)>,
    total: u64,
    faults: u64,
    requests: Vec<RequestLine>,
}

struct RequestLine {
    at: String,
    entry: Entry,
}

struct AccountLine {
    id: String,
    name: String,
    country: String,
    /// How many objects of each kind, the kinds in the order of [`KINDS`].
    counts: Vec<usize>,
}

struct TruthLines {
    seed: u64,
    verdicts: Vec<(&'static str, usize)>,
    planted: Vec<(&'static str, usize)>,
    payouts: Vec<PayoutLine>,
    payouts_left: usize,
}

struct PayoutLine {
    id: String,
    amount: String,
    arrives_on: String,
    composition: &'static str,
    verdict: &'static str,
    bank_account: String,
    lines: Vec<String>,
    exceptions: String,
}

/// The page of a simulator at the world's time `now`.
pub(super) fn page(simulator: &Simulator, host: &str, now: i64) -> Response {
    let catalog = simulator.index.catalog();
    let counts = simulator.counter.snapshot();
    let shown = catalog.accounts.iter().take(ROWS_MAX).map(|(id, objects)| account(id, objects)).collect();
    let page = Page {
        host: host.to_owned(),
        now: instant(now),
        end: instant(simulator.index.end()),
        running: simulator.is_running(now),
        owner: catalog.owner.clone(),
        owners: owners(catalog),
        accounts: shown,
        accounts_left: catalog.accounts.len().saturating_sub(ROWS_MAX),
        truth: simulator.truth.as_deref().map(truth),
        total: counts.total,
        faults: counts.faults,
        counts: counts.by_path.into_iter().collect(),
        requests: simulator.journal.entries().into_iter().map(|entry| RequestLine { at: instant(entry.at), entry }).collect(),
    };
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("the page cannot be written: {error}")).into_response(),
    }
}

/// The whole truth, as `sim export` writes it.
pub(super) fn truth_json(simulator: &Simulator) -> Response {
    match simulator.truth.as_deref().map(serde_json::to_vec) {
        Some(Ok(bytes)) => ([(CONTENT_TYPE, "application/json")], bytes).into_response(),
        Some(Err(_)) | None => {
            (StatusCode::NOT_FOUND, "This catalog was made by hand: nobody knows its truth.\n").into_response()
        }
    }
}

fn instant(second: i64) -> String {
    Timestamp::from_second(second).map(|at| at.to_string()).unwrap_or_default()
}

fn owners(catalog: &Catalog) -> Vec<(String, String)> {
    if catalog.other_owners.is_empty() {
        return Vec::new();
    }
    let all = std::iter::once(&catalog.owner).chain(&catalog.other_owners);
    all.enumerate().map(|(place, id)| (id.clone(), format!("rk_test_{}sim", key_mark(place)))).collect()
}

fn account(id: &str, objects: &AccountObjects) -> AccountLine {
    let body = objects.account.body(i64::MAX);
    let text = |pointer: &str| body.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    AccountLine {
        id: id.to_owned(),
        name: text("/business_profile/name"),
        country: text("/country"),
        counts: KINDS.iter().map(|kind| objects.objects.get(kind).map_or(0, Vec::len)).collect(),
    }
}

/// The kinds that the page counts: all that the world holds by itself.
const KINDS: [ObjectKind; 5] =
    [ObjectKind::BalanceTransaction, ObjectKind::Charge, ObjectKind::Refund, ObjectKind::Dispute, ObjectKind::Payout];

fn truth(truth: &Truth) -> TruthLines {
    let mut payouts: Vec<&PayoutTruth> = truth.payouts.iter().collect();
    payouts.sort_by(|a, b| (b.arrives_on, &b.id).cmp(&(a.arrives_on, &a.id)));
    TruthLines {
        seed: truth.options.seed,
        verdicts: counted(truth.payouts.iter().map(|payout| word(payout.verdict))),
        planted: counted(truth.planted.iter().map(|planted| planted.kind)),
        payouts: payouts.iter().take(ROWS_MAX).map(|truth| payout(truth)).collect(),
        payouts_left: payouts.len().saturating_sub(ROWS_MAX),
    }
}

fn counted(words: impl Iterator<Item = &'static str>) -> Vec<(&'static str, usize)> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    words.for_each(|word| *counts.entry(word).or_default() += 1);
    counts.into_iter().collect()
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Matched => "matched",
        Verdict::Short => "short",
        Verdict::Over => "over",
        Verdict::Missing => "missing",
        Verdict::Awaiting => "awaiting",
        Verdict::Failed => "failed",
        Verdict::Returned => "returned",
    }
}

fn payout(truth: &PayoutTruth) -> PayoutLine {
    PayoutLine {
        id: truth.id.clone(),
        amount: amount(truth.amount_minor, &truth.currency),
        arrives_on: truth.arrives_on.to_string(),
        composition: truth.composition,
        verdict: word(truth.verdict),
        bank_account: truth.bank_account.clone(),
        lines: truth
            .bank_lines
            .iter()
            .map(|line| format!("{}  {}  {}", line.date_on, amount(line.amount_minor, &truth.currency), line.description))
            .collect(),
        exceptions: truth.exceptions.join(", "),
    }
}

/// An amount in major units and its currency.
fn amount(minor: i64, code: &str) -> String {
    let digits = Currency::parse(code).map_or(2, |currency| currency.exponent() as usize);
    let text = format!("{:0>width$}", minor.unsigned_abs(), width = digits + 1);
    let (whole, part) = text.split_at(text.len() - digits);
    let sign = if minor < 0 { "−" } else { "" };
    let point = if digits > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{part} {}", code.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_the_decimals_of_its_currency() {
        assert_eq!(amount(-5, "usd"), "−0.05 USD");
        assert_eq!(amount(1_234, "jpy"), "1234 JPY");
        assert_eq!(amount(1_234_560, "kwd"), "1234.560 KWD");
    }
}
