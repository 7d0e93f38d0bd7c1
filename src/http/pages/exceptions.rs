//! `/exceptions`: every disagreement, open ones first.

use std::collections::BTreeMap;

use askama::Template;
use facts::{AccountId, Class, ExceptionCode};
use money::{Amount, Currency};
use store::{ExceptionFilter, ExceptionRow, ExceptionState, Store};

use super::Answer;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Query;
use crate::http::parts::{Empty, ExceptionShown, Field, PAGE_ROWS, Pager, some_accounts};
use crate::http::problem::Problem;
use crate::http::show::{self, Money};

const PATH: &str = "/exceptions";

#[derive(Template)]
#[template(path = "exceptions.html")]
struct Exceptions {
    frame: Frame,
    says: String,
    nothing: Option<Empty>,
    filtered: bool,
    selects: Vec<Field>,
    rows: Vec<ExceptionShown>,
    totals: Vec<Total>,
    pager: Pager,
}

struct Total {
    says: String,
    amount: Money,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let query = &ask.query;
    let all = matching(store, query)?;
    let start =
        query.get("after").and_then(|id| all.iter().position(|row| row.exception.id.as_str() == id)).map_or(0, |at| at + 1);
    let shown: Vec<&ExceptionRow> = all.iter().skip(start).take(PAGE_ROWS).collect();
    let accounts = some_accounts(store, shown.iter().filter_map(|row| row.exception.account.as_ref()))?;
    let next = shown.last().filter(|_| start + shown.len() < all.len()).map(|row| row.exception.id.to_string());
    let states = [("open", "Open"), ("resolved", "Resolved")].map(|(value, word)| (value.to_owned(), word.to_owned()));
    let codes = ExceptionCode::ALL.iter().map(|code| (code.as_str().to_owned(), show::exception(*code).to_owned()));
    let nothing = if query.narrows() && query.get("state") != Some("open") {
        Empty::filtered("exceptions", PATH)
    } else {
        Empty::done(
            "No exception stands open. What was never read or reconciled cannot raise one: the overview says how fresh this is."
                .to_owned(),
        )
    };
    let page = Exceptions {
        frame: Frame::new(ask, "Exceptions", PATH),
        says: show::count(all.len() as u64, "exception", "exceptions"),
        nothing: all.is_empty().then_some(nothing),
        filtered: query.narrows(),
        selects: vec![
            Field::new(query, "state", "State", states),
            Field::new(query, "code", "Kind", codes),
            Field::accounts(query, &accounts),
        ],
        rows: shown.into_iter().map(|row| ExceptionShown::new(row, &accounts, ask.now)).collect(),
        totals: totals(&all)?,
        pager: Pager::new(PATH, query, next, String::new()),
    };
    Ok(Answer::Html(page.render()?))
}

/// Open before resolved, those that need a person before those that are expected, then the oldest, then by kind.
fn matching(store: &Store, query: &Query) -> Result<Vec<ExceptionRow>, Problem> {
    let filter = ExceptionFilter {
        state: query.word("state", ExceptionState::from_word)?,
        code: query.word("code", ExceptionCode::from_word)?,
        account: query.read("account", "an account id such as acct_1", |text| AccountId::parse(text).ok())?,
        ..ExceptionFilter::default()
    };
    let mut rows = store.exceptions(&filter)?;
    let order = |row: &ExceptionRow| {
        (row.state == ExceptionState::Resolved, row.exception.class == Class::Expected, row.opened_at, row.exception.code)
    };
    rows.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.exception.id.cmp(&b.exception.id)));
    Ok(rows)
}

fn totals(rows: &[ExceptionRow]) -> Result<Vec<Total>, Problem> {
    let mut sums: BTreeMap<Currency, (u64, u128)> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(row.exception.currency).or_default();
        sum.0 += 1;
        sum.1 += u128::from(row.exception.amount_minor);
    }
    let total = |(currency, (count, minor)): (Currency, (u64, u128))| {
        let minor = i64::try_from(minor).map_err(|_| Problem::Internal("a total does not fit 64 bits".to_owned()))?;
        let says = format!("{} in {}", show::count(count, "exception", "exceptions"), currency.upper());
        Ok(Total { says, amount: Amount::new(minor, currency).into() })
    };
    sums.into_iter().map(total).collect()
}
