//! `/bank-lines`: every line of every statement.

use std::collections::BTreeMap;

use askama::Template;
use facts::{BankAccountName, BankLineId, MatchState};
use jiff::civil::Date;
use money::{Amount, Currency};
use store::{BankLineFilter, BankLineRow, Store};

use super::Answer;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Query;
use crate::http::parts::{Empty, Field, Link, PAGE_ROWS, Pager, cursor, line_href, split_cursor};
use crate::http::problem::Problem;
use crate::http::show::{self, Chip, Money};

const PATH: &str = "/bank-lines";

/// A list shows so much of what the bank wrote; the line's own page shows all of it.
const DESCRIPTION_CHARS_SHOWN: usize = 160;

#[derive(Template)]
#[template(path = "bank_lines.html")]
struct BankLines {
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
    date_on: Date,
    description: String,
    reference: String,
    amount: Money,
    chip: Option<Chip>,
    payouts: Vec<Link>,
    bank_account: String,
}

struct Total {
    says: String,
    amount: Money,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let query = &ask.query;
    let banks = store.bank_accounts()?;
    let mut rows = store.bank_lines(&BankLineFilter { limit: Some(PAGE_ROWS as u64 + 1), ..filter(query)? })?;
    let ever = !rows.is_empty() || !store.bank_lines(&BankLineFilter { limit: Some(1), ..BankLineFilter::default() })?.is_empty();
    let more = rows.len() > PAGE_ROWS;
    rows.truncate(PAGE_ROWS);
    let next = rows.last().filter(|_| more).map(|row| cursor(&row.line.date_on.to_string(), row.line.id.as_str()));
    let whole = next.is_none() && query.get("after").is_none();
    let count = show::count(rows.len() as u64, "bank line", "bank lines");
    let names = banks.iter().map(|bank| (bank.name.to_string(), format!("{}, {}", bank.name, bank.currency.upper())));
    let deposits =
        [("yes", "Matched or proposed"), ("no", "Not a payout's")].map(|(value, word)| (value.to_owned(), word.to_owned()));
    let page = BankLines {
        frame: Frame::new(ask, "Bank lines", PATH),
        says: if whole { count } else { format!("{count} on this page") },
        never: (!ever).then(|| Empty::never("bank lines")),
        nothing: rows.is_empty().then(|| Empty::filtered("bank lines", PATH)),
        filtered: query.narrows(),
        selects: vec![
            Field::new(query, "bank_account", "Bank account", names),
            Field::new(query, "deposit", "Deposit", deposits),
        ],
        from: query.text("from"),
        to: query.text("to"),
        text: query.text("text"),
        totals: totals(&rows, if whole { "in" } else { "on this page in" })?,
        rows: rows.iter().map(shown).collect(),
        pager: Pager::new(PATH, query, next, String::new()),
    };
    Ok(Answer::Html(page.render()?))
}

fn filter(query: &Query) -> Result<BankLineFilter, Problem> {
    let yes_or_no = |text: &str| match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    Ok(BankLineFilter {
        bank_account: query.read("bank_account", "the name of a bank account", |text| BankAccountName::parse(text).ok())?,
        from_on: query.date("from")?,
        to_on: query.date("to")?,
        matched: query.read("deposit", "yes or no", yes_or_no)?,
        search: query.get("text").map(str::to_owned),
        after: query.read("after", "the address of a next page, unchanged", |text| {
            let (date, id) = split_cursor(text)?;
            Some((date.parse().ok()?, BankLineId::parse(id).ok()?))
        })?,
        limit: None,
    })
}

fn shown(row: &BankLineRow) -> Row {
    let standing = row.matches.iter().find(|found| found.state == MatchState::Accepted).or_else(|| row.matches.first());
    // An ambiguous line may be one of many payouts: its own page lists them.
    let payouts = standing.filter(|found| found.state != MatchState::Ambiguous);
    Row {
        href: line_href(&row.line.id),
        date_on: row.line.date_on,
        description: row.line.description.chars().take(DESCRIPTION_CHARS_SHOWN).collect(),
        reference: row.line.reference.clone().unwrap_or_default(),
        amount: row.line.amount.into(),
        chip: standing.map(|found| show::match_state(found.state)),
        payouts: payouts.iter().flat_map(|found| &found.left).map(Link::subject).collect(),
        bank_account: row.line.bank_account.to_string(),
    }
}

fn totals(rows: &[BankLineRow], scope: &str) -> Result<Vec<Total>, Problem> {
    let mut sums: BTreeMap<Currency, (u64, i128)> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(row.line.amount.currency()).or_default();
        sum.0 += 1;
        sum.1 += i128::from(row.line.amount.minor());
    }
    let total = |(currency, (count, minor)): (Currency, (u64, i128))| {
        let minor = i64::try_from(minor).map_err(|_| Problem::Internal("a total does not fit 64 bits".to_owned()))?;
        let says = format!("{} {scope} {}", show::count(count, "bank line", "bank lines"), currency.upper());
        Ok(Total { says, amount: Amount::new(minor, currency).into() })
    };
    sums.into_iter().map(total).collect()
}
