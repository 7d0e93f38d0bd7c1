//! `/payouts`: every payout, filtered by the address.

use askama::Template;
use facts::{AccountId, Bucket, CompositionState, DepositState, PayoutId, PayoutVerdict};
use jiff::civil::Date;
use money::Amount;
use store::{PayoutFilter, PayoutRow, PayoutTotal, Store, SyncedAccount};

use super::Answer;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::{Href, Query};
use crate::http::parts::{Empty, Field, Link, PAGE_ROWS, Pager, cursor, line_by_day, name_of, some_accounts, split_cursor};
use crate::http::problem::Problem;
use crate::http::show::{self, Chip, Money};
use crate::views::load::currencies;

const PATH: &str = "/payouts";

#[derive(Template)]
#[template(path = "payouts.html")]
struct Payouts {
    frame: Frame,
    says: String,
    never: Option<Empty>,
    nothing: Option<Empty>,
    filtered: bool,
    selects: Vec<Field>,
    from: String,
    to: String,
    text: String,
    rows: Vec<Row>,
    totals: Vec<Total>,
    pager: Pager,
}

struct Row {
    href: String,
    id: String,
    arrives_on: Date,
    amount: Money,
    composition: Chip,
    deposit: Chip,
    bank_lines: Vec<Link>,
    difference: Option<Money>,
    account: String,
}

struct Total {
    says: String,
    amount: Money,
    difference: Money,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let query = &ask.query;
    let filter = filter(query)?;
    let sums = store.payout_totals(&filter)?;
    let count = sums.iter().map(|sum| sum.count).sum();
    let ever = count > 0 || !store.payouts(&PayoutFilter { limit: Some(1), ..PayoutFilter::default() })?.is_empty();
    let Listed { rows, start, more } = listed(store, filter, count, after(query)?)?;
    let accounts = some_accounts(store, rows.iter().map(|row| &row.payout.account))?;
    let next = rows.last().filter(|_| more).map(place_of);
    let says = show::count(count, "payout", "payouts");
    let end = start + rows.len() as u64;
    let pager_says = format!("{}–{} of {}", show::thousands(start + 1), show::thousands(end), says);
    let page = Payouts {
        frame: Frame::new(ask, "Payouts", PATH),
        never: (!ever).then(|| Empty::never("payouts")),
        nothing: rows.is_empty().then(|| Empty::filtered("payouts", PATH)),
        filtered: query.narrows(),
        selects: selects(store, query, &accounts)?,
        from: query.text("from"),
        to: query.text("to"),
        text: query.text("text"),
        rows: rows.iter().map(|row| shown_row(row, &accounts)).collect(),
        totals: sums.into_iter().map(total).collect(),
        pager: Pager::new(PATH, query, next, pager_says),
        says,
    };
    Ok(Answer::Html(page.render()?))
}

/// What the address asks for, all pages of it.
fn filter(query: &Query) -> Result<PayoutFilter, Problem> {
    Ok(PayoutFilter {
        account: query.read("account", "an account id such as acct_1", |text| AccountId::parse(text).ok())?,
        currency: query.currency("currency")?,
        bucket: query.word("bucket", Bucket::from_word)?,
        deposit: query.word("deposit", DepositState::from_word)?,
        composition: query.word("composition", CompositionState::from_word)?,
        from_on: query.date("from")?,
        to_on: query.date("to")?,
        search: query.get("text").map(str::to_owned),
        ..PayoutFilter::default()
    })
}

/// One page of the list.
struct Listed {
    rows: Vec<PayoutRow>,
    /// How many come before these.
    start: u64,
    more: bool,
}

fn listed(store: &Store, filter: PayoutFilter, count: u64, after: Option<(Date, PayoutId)>) -> Result<Listed, Problem> {
    let filter = PayoutFilter { after, ..filter };
    let left = match filter.after {
        None => count,
        Some(_) => store.payout_totals(&filter)?.iter().map(|sum| sum.count).sum(),
    };
    let rows = store.payouts(&PayoutFilter { limit: Some(PAGE_ROWS as u64), ..filter })?;
    Ok(Listed { start: count.saturating_sub(left), more: left > rows.len() as u64, rows })
}

fn place_of(row: &PayoutRow) -> String {
    cursor(&row.payout.arrives_on.to_string(), row.payout.id.as_str())
}

fn after(query: &Query) -> Result<Option<(Date, PayoutId)>, Problem> {
    query.read("after", "the address of a next page, unchanged", |text| {
        let (date, id) = split_cursor(text)?;
        Some((date.parse().ok()?, PayoutId::parse(id).ok()?))
    })
}

fn selects(store: &Store, query: &Query, accounts: &[SyncedAccount]) -> Result<Vec<Field>, Problem> {
    let currencies = currencies(store)?;
    let buckets = Bucket::ALL.iter().map(|bucket| (bucket.as_str().to_owned(), show::bucket(*bucket).to_owned()));
    let deposits = DepositState::ALL.iter().map(|state| (state.as_str().to_owned(), capital(state.as_str())));
    let compositions = CompositionState::ALL.iter().map(|state| (state.as_str().to_owned(), capital(state.as_str())));
    Ok(vec![
        Field::accounts(query, accounts),
        Field::currencies(query, currencies),
        Field::new(query, "bucket", "Bucket", buckets),
        Field::new(query, "deposit", "Deposit", deposits),
        Field::new(query, "composition", "Transactions", compositions),
    ])
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn shown_row(row: &PayoutRow, accounts: &[SyncedAccount]) -> Row {
    let PayoutRow { payout, verdict, bank_lines } = row;
    let currency = payout.amount.currency();
    let found = |verdict: &&PayoutVerdict| matches!(verdict.deposit.state, DepositState::Matched | DepositState::Proposed);
    let difference = verdict.as_ref().filter(found).map(|verdict| verdict.deposit.difference_minor);
    Row {
        href: Href::record(PATH, payout.id.as_str()),
        id: payout.id.to_string(),
        arrives_on: payout.arrives_on,
        amount: payout.amount.into(),
        composition: show::composition(verdict.as_ref()),
        deposit: show::deposit(verdict.as_ref()),
        bank_lines: bank_lines.iter().map(line_by_day).collect(),
        difference: difference.map(|minor| Amount::new(minor, currency).into()),
        account: name_of(&payout.account, accounts),
    }
}

/// One row a currency over every payout of the filter, not only those of this page.
fn total(sum: PayoutTotal) -> Total {
    Total {
        says: format!("{} in {}", show::count(sum.count, "payout", "payouts"), sum.currency.upper()),
        amount: Amount::new(sum.amount_minor, sum.currency).into(),
        difference: Amount::new(sum.difference_minor, sum.currency).into(),
    }
}
