//! `/payouts`: every payout, filtered by the address.

use std::collections::BTreeMap;

use askama::Template;
use facts::{AccountId, Bucket, CompositionState, DepositState, PayoutId};
use jiff::civil::Date;
use money::{Amount, Currency};
use store::{PayoutFilter, PayoutRow, Store, SyncedAccount};

use super::Answer;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::{Href, Query};
use crate::http::parts::{Empty, Field, Link, PAGE_ROWS, Pager, cursor, line_href, line_name, name_of, split_cursor};
use crate::http::problem::Problem;
use crate::http::show::{self, Chip, Money};

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
    let accounts = store.accounts()?;
    let all = matching(store, query)?;
    let ever = !all.is_empty() || !store.payouts(&PayoutFilter { limit: Some(1), ..PayoutFilter::default() })?.is_empty();
    let totals = totals(&all)?;
    let start = after(query)?.map_or(0, |place| all.partition_point(|row| before_or_at(row, &place)));
    let shown: Vec<&PayoutRow> = all.iter().skip(start).take(PAGE_ROWS).collect();
    let end = start + shown.len();
    let next = shown.last().filter(|_| end < all.len()).map(|row| place_of(row));
    let says = show::count(all.len() as u64, "payout", "payouts");
    let pager_says = format!("{}–{} of {}", show::thousands(start as u64 + 1), show::thousands(end as u64), says);
    let page = Payouts {
        frame: Frame::new(ask, "Payouts", PATH),
        never: (!ever).then(|| Empty::never("payouts")),
        nothing: all.is_empty().then(|| Empty::filtered("payouts", PATH)),
        filtered: query.narrows(),
        selects: selects(store, query, &accounts)?,
        from: query.text("from"),
        to: query.text("to"),
        text: query.text("text"),
        rows: shown.into_iter().map(|row| shown_row(row, &accounts)).collect(),
        totals,
        pager: Pager::new(PATH, query, next, pager_says),
        says,
    };
    Ok(Answer::Html(page.render()?))
}

/// Every payout of the filter. A payout without a verdict reads awaiting and in transit, here as in every output.
fn matching(store: &Store, query: &Query) -> Result<Vec<PayoutRow>, Problem> {
    let bucket = query.word("bucket", Bucket::from_word)?;
    let deposit = query.word("deposit", DepositState::from_word)?;
    let filter = PayoutFilter {
        account: query.read("account", "an account id such as acct_1", |text| AccountId::parse(text).ok())?,
        currency: query.currency("currency")?,
        composition: query.word("composition", CompositionState::from_word)?,
        from_on: query.date("from")?,
        to_on: query.date("to")?,
        search: query.get("text").map(str::to_owned),
        ..PayoutFilter::default()
    };
    let mut rows = store.payouts(&filter)?;
    rows.retain(|row| {
        let verdict = row.verdict.as_ref();
        bucket.is_none_or(|wanted| verdict.map_or(Bucket::InTransit, |verdict| verdict.bucket) == wanted)
            && deposit.is_none_or(|wanted| verdict.map_or(DepositState::Awaiting, |verdict| verdict.deposit.state) == wanted)
    });
    rows.sort_by(|a, b| order(b).cmp(&order(a)));
    Ok(rows)
}

fn order(row: &PayoutRow) -> (Date, &PayoutId) {
    (row.payout.arrives_on, &row.payout.id)
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

fn before_or_at(row: &PayoutRow, place: &(Date, PayoutId)) -> bool {
    order(row) >= (place.0, &place.1)
}

fn selects(store: &Store, query: &Query, accounts: &[SyncedAccount]) -> Result<Vec<Field>, Problem> {
    let currencies = store.account_status()?.into_iter().map(|status| status.currency);
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
    let difference = verdict.as_ref().map_or(0, |verdict| verdict.deposit.difference_minor);
    let lines = bank_lines.iter().map(|line| Link::words(line_href(&line.id), line_name(line)).note(line.date_on.to_string()));
    Row {
        href: Href::record(PATH, payout.id.as_str()),
        id: payout.id.to_string(),
        arrives_on: payout.arrives_on,
        amount: payout.amount.into(),
        composition: show::composition(verdict.as_ref()),
        deposit: show::deposit(verdict.as_ref()),
        bank_lines: lines.collect(),
        difference: (difference != 0).then(|| Amount::new(difference, currency).into()),
        account: name_of(&payout.account, accounts),
    }
}

/// One row a currency over every payout of the filter, not only those of this page.
fn totals(rows: &[PayoutRow]) -> Result<Vec<Total>, Problem> {
    let too_much = |_| Problem::Internal("a total does not fit 64 bits".to_owned());
    let mut sums: BTreeMap<Currency, (u64, i128, i128)> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(row.payout.amount.currency()).or_default();
        sum.0 += 1;
        sum.1 += i128::from(row.payout.amount.minor());
        sum.2 += i128::from(row.verdict.as_ref().map_or(0, |verdict| verdict.deposit.difference_minor));
    }
    let total = |(currency, (count, amount, difference)): (Currency, (u64, i128, i128))| {
        Ok(Total {
            says: format!("{} in {}", show::count(count, "payout", "payouts"), currency.upper()),
            amount: Amount::new(i64::try_from(amount).map_err(too_much)?, currency).into(),
            difference: Amount::new(i64::try_from(difference).map_err(too_much)?, currency).into(),
        })
    };
    sums.into_iter().map(total).collect()
}
