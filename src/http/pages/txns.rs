//! `/txns`: balance transactions, filtered by the address; and the same table inside a payout's page.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use askama::Template;
use facts::{AccountId, Payout, PayoutId, TxnId};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use money::{Amount, Currency};
use store::{Store, TxnFilter, TxnRow};

use super::Answer;
use super::waterfall::{CATEGORIES, Group, category_word};
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::{Href, Query};
use crate::http::parts::{Empty, Field, Link, PAGE_ROWS, Pager, cursor, some_accounts, split_cursor};
use crate::http::problem::Problem;
use crate::http::show::{self, Money};
use crate::views::load::currencies;

const PATH: &str = "/txns";

/// The table, in either page.
pub struct TxnTable {
    /// How many, in words.
    pub says: String,
    /// Why there is none.
    pub empty: Option<Empty>,
    /// Whether the payout has a column.
    pub with_payout: bool,
    /// Newest first.
    pub rows: Vec<Row>,
    /// One a currency.
    pub totals: Vec<Total>,
    /// The links below.
    pub pager: Pager,
}

/// One txn.
pub struct Row {
    /// Its page.
    pub href: String,
    /// Its id.
    pub id: String,
    /// Day and minute, UTC.
    pub created: String,
    /// Stripe's reporting category.
    pub category: String,
    /// Stripe's type.
    pub kind: String,
    /// Grouped.
    pub gross: String,
    /// What was charged in the customer's currency, and the rate that made it the gross.
    pub charged: Option<String>,
    /// Grouped.
    pub fee: String,
    /// With its code.
    pub net: Money,
    /// The id of what caused it.
    pub source: Option<String>,
    /// What else is known.
    pub details: Vec<String>,
    /// Where it went.
    pub payout: Option<Link>,
}

/// A sum of txns.
pub struct Total {
    /// Of what.
    pub says: String,
    /// Grouped.
    pub gross: String,
    /// Grouped.
    pub fee: String,
    /// With its code.
    pub net: Money,
}

#[derive(Template)]
#[template(path = "txns.html")]
struct Txns {
    frame: Frame,
    never: Option<Empty>,
    filtered: bool,
    selects: Vec<Field>,
    from: String,
    to: String,
    payout: String,
    txns: TxnTable,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let query = &ask.query;
    let (rows, more) = read(store, filter(query)?)?;
    let accounts = some_accounts(store, rows.iter().map(|row| &row.txn.account))?;
    let ever = !rows.is_empty() || !read(store, TxnFilter { limit: Some(1), ..TxnFilter::default() })?.0.is_empty();
    let next = rows.last().filter(|_| more).map(place_of);
    let whole = next.is_none() && query.get("after").is_none();
    let count = show::count(rows.len() as u64, "transaction", "transactions");
    let says = if whole { count.clone() } else { format!("{count} on this page") };
    let mut totals = totals(&rows, if whole { "in" } else { "on this page in" })?;
    totals.extend(whole_balance(store, query, whole)?);
    let currencies = currencies(store)?;
    let page = Txns {
        frame: Frame::new(ask, "Transactions", PATH),
        never: (!ever).then(|| Empty::never("transactions")),
        filtered: query.narrows(),
        selects: vec![
            Field::accounts(query, &accounts),
            Field::currencies(query, currencies),
            Field::new(query, "category", "Category", CATEGORIES.map(|code| (code.to_owned(), category_word(code)))),
        ],
        from: query.text("from"),
        to: query.text("to"),
        payout: query.text("payout"),
        txns: TxnTable {
            says,
            empty: rows.is_empty().then(|| Empty::filtered("transactions", PATH)),
            with_payout: true,
            totals,
            rows: rows.iter().map(|row| shown(row, Vec::new())).collect(),
            pager: Pager::new(PATH, query, next, String::new()),
        },
    };
    Ok(Answer::Html(page.render()?))
}

/// The txns of one payout, its own left out, each with what the object behind it says.
pub fn of_payout(store: &Store, ask: &Ask, payout: &Payout, sum: &Group) -> Result<TxnTable, Problem> {
    let path = Href::record("/payouts", payout.id.as_str());
    let filter = TxnFilter {
        account: Some(payout.account.clone()),
        payout: Some(payout.id.clone()),
        after: after(&ask.query)?,
        ..TxnFilter::default()
    };
    let (mut rows, more) = read(store, filter)?;
    let next = rows.last().filter(|_| more).map(place_of);
    rows.retain(|row| payout.own_txn.as_ref() != Some(&row.txn.id));
    let currency = payout.amount.currency();
    let total = Total {
        says: show::count(sum.count, "transaction", "transactions"),
        gross: show::grouped(sum.gross, currency),
        fee: show::grouped(sum.fee, currency),
        net: Amount::new(sum.net, currency).into(),
    };
    let details = rows.iter().map(|row| Ok(shown(row, details(store, row)?))).collect::<Result<_, Problem>>()?;
    let why = if payout.automatic {
        "Stripe has not listed any, or the list was not read yet: run tieout sync."
    } else {
        "Stripe does not say which transactions a manual or instant payout holds."
    };
    let empty =
        Empty { icon: "tray", title: "No transactions".to_owned(), text: why.to_owned(), link: None, commands: Vec::new() };
    Ok(TxnTable {
        says: show::count(sum.count, "transaction", "transactions"),
        empty: rows.is_empty().then_some(empty),
        with_payout: false,
        rows: details,
        totals: vec![total],
        pager: Pager::new(&path, &ask.query, next, String::new()),
    })
}

fn filter(query: &Query) -> Result<TxnFilter, Problem> {
    let start = |day: Option<Date>| day.and_then(|day| day.to_zoned(TimeZone::UTC).ok()).map(|zoned| zoned.timestamp());
    let day_after = query.date("to")?.and_then(|day| day.checked_add(1.day()).ok());
    Ok(TxnFilter {
        account: query.read("account", "an account id such as acct_1", |text| AccountId::parse(text).ok())?,
        currency: query.currency("currency")?,
        payout: query.read("payout", "a payout id such as po_1", |text| PayoutId::parse(text).ok())?,
        reporting_category: query.get("category").map(str::to_owned),
        source: query.get("source").map(str::to_owned),
        search: query.get("text").map(str::to_owned),
        from_at: start(query.date("from")?),
        before_at: start(day_after),
        after: after(query)?,
        ..TxnFilter::default()
    })
}

/// The first rows of a filter, and whether more follow.
fn read(store: &Store, filter: TxnFilter) -> Result<(Vec<TxnRow>, bool), Problem> {
    let mut rows = Vec::new();
    store.txns(&TxnFilter { limit: Some(PAGE_ROWS as u64 + 1), ..filter }, &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    let more = rows.len() > PAGE_ROWS;
    rows.truncate(PAGE_ROWS);
    Ok((rows, more))
}

fn place_of(row: &TxnRow) -> String {
    cursor(&row.txn.created_at.to_string(), row.txn.id.as_str())
}

fn after(query: &Query) -> Result<Option<(Timestamp, TxnId)>, Problem> {
    query.read("after", "the address of a next page, unchanged", |text| {
        let (at, id) = split_cursor(text)?;
        Some((at.parse().ok()?, TxnId::parse(id).ok()?))
    })
}

fn shown(row: &TxnRow, mut details: Vec<String>) -> Row {
    let txn = &row.txn;
    let currency = txn.amount.currency();
    if details.is_empty() {
        details.extend(txn.description.clone());
    }
    Row {
        href: Href::record(PATH, txn.id.as_str()),
        id: txn.id.to_string(),
        created: show::minute(txn.created_at),
        category: txn.reporting_category.clone(),
        kind: txn.kind.clone(),
        gross: show::grouped(txn.amount.minor(), currency),
        charged: conversion(row),
        fee: show::grouped(txn.fee_minor, currency),
        net: Amount::new(txn.net_minor, currency).into(),
        source: txn.source.as_ref().map(|source| source.id.clone()),
        details,
        payout: row.payout.as_ref().map(|id| Link::id(Href::record("/payouts", id.as_str()), id.as_str())),
    }
}

/// What was charged and at which rate it became what was settled.
pub fn conversion(row: &TxnRow) -> Option<String> {
    let rate = row.txn.exchange_rate.as_ref()?;
    Some(match row.source_amount {
        Some(charged) => format!("{charged} at {rate}"),
        None => format!("converted at {rate}"),
    })
}

/// What the charge, refund or dispute behind a txn says: metadata, reason.
pub fn details(store: &Store, row: &TxnRow) -> Result<Vec<String>, Problem> {
    let Some(source) = &row.txn.source else { return Ok(Vec::new()) };
    if let Some(charge) = store.charge(&source.id)? {
        return Ok(charge.description.into_iter().chain(metadata(&charge.metadata)).collect());
    }
    if let Some(refund) = store.refund(&source.id)? {
        let reason = refund.reason.map(|reason| format!("reason: {}", reason.replace('_', " ")));
        let charge = refund.charge.map(|id| format!("refund of {id}"));
        return Ok(reason.into_iter().chain(charge).chain(metadata(&refund.metadata)).collect());
    }
    if let Some(dispute) = store.dispute(&source.id)? {
        return Ok(vec![format!("{}, {}", dispute.reason.replace('_', " "), dispute.status.replace('_', " "))]);
    }
    Ok(Vec::new())
}

fn metadata(pairs: &[(String, String)]) -> impl Iterator<Item = String> {
    pairs.iter().map(|(name, value)| format!("{name}: {value}"))
}

fn totals(rows: &[TxnRow], scope: &str) -> Result<Vec<Total>, Problem> {
    let mut sums: BTreeMap<Currency, Group> = BTreeMap::new();
    for row in rows {
        if !sums.entry(row.txn.amount.currency()).or_default().add(&row.txn) {
            return Err(Problem::Internal("a total does not fit 64 bits".to_owned()));
        }
    }
    let total = |(currency, group): (Currency, Group)| Total {
        says: format!("{} {scope} {}", show::count(group.count, "transaction", "transactions"), currency.upper()),
        gross: show::grouped(group.gross, currency),
        fee: show::grouped(group.fee, currency),
        net: Amount::new(group.net, currency).into(),
    };
    Ok(sums.into_iter().map(total).collect())
}

/// The net of every page, where the filter is one account and currency: the number that the first page ties to Stripe's
/// balance. It counts the payments balance only, as Stripe's balance does.
fn whole_balance(store: &Store, query: &Query, whole: bool) -> Result<Option<Total>, Problem> {
    let names: Vec<&str> = query
        .0
        .iter()
        .filter(|(name, value)| name != "after" && !value.trim().is_empty())
        .map(|(name, _)| name.as_str())
        .collect();
    let exactly = names.len() == 2 && names.contains(&"account") && names.contains(&"currency");
    if whole || !exactly {
        return Ok(None);
    }
    let (account, currency) = (query.text("account"), query.currency("currency")?);
    let known = AccountId::parse(&account).ok().map(|id| store.account(&id)).transpose()?.flatten();
    let statuses = store.account_status_of(known.as_slice())?;
    let status = statuses.iter().find(|status| Some(status.currency) == currency);
    Ok(status.map(|status| Total {
        says: "On all pages".to_owned(),
        gross: String::new(),
        fee: String::new(),
        net: Amount::new(status.balance.computed_minor, status.currency).into(),
    }))
}
