//! `/exceptions/{id}`: one disagreement; and the layout that pages of one record share.

use askama::Template;
use facts::{Exception, PayoutId, Subject};
use store::{MatchFilter, Store};

use super::Answer;
use super::audit::AUDIT;
use super::evidence::MatchShown;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Href;
use crate::http::parts::{ExceptionShown, Link, Named, linked, named, payout_link, some_accounts, unsigned};
use crate::http::problem::Problem;
use crate::http::show::{self, Chip};

/// A page of one record: what it is, then facts by sheet, then evidence.
#[derive(Template)]
#[template(path = "record.html")]
pub struct Record {
    /// What surrounds it.
    pub frame: Frame,
    /// The list that it belongs to.
    pub crumb: Link,
    /// What it is.
    pub noun: &'static str,
    /// Its id.
    pub id: String,
    /// How it stands.
    pub chip: Option<Chip>,
    /// All of it in one sentence.
    pub sentence: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// What stands open about it.
    pub exceptions: Vec<ExceptionShown>,
    /// Its facts.
    pub sheets: Vec<Sheet>,
    /// The matches that it stands in.
    pub matches: Vec<MatchShown>,
}

/// Some facts under a title.
pub struct Sheet {
    /// The title.
    pub title: &'static str,
    /// The facts.
    pub facts: Vec<Named>,
}

impl Record {
    /// The page as HTML.
    pub fn answer(&self) -> Result<Answer, Problem> {
        Ok(Answer::Html(self.render()?))
    }
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let missing = || Problem::NotFound { noun: "exception", id: ask.id.clone() };
    let row = store.exception(&ask.id)?.ok_or_else(missing)?;
    let accounts = some_accounts(store, &row.exception.account)?;
    let shown = ExceptionShown::new(&row, &accounts, ask.now);
    let exception = &row.exception;
    let money = unsigned(exception.amount_minor, exception.currency);
    let mut what = vec![
        named("Amount", format!("{} {}", money.text, money.code)),
        named("Code", exception.code.as_str()).id(),
        named("Opened", format!("{}, {} ago", shown.opened.text, shown.opened.age)),
    ];
    what.extend(row.resolved_at.map(|at| named("Resolved", format!("{} UTC", show::minute(at)))));
    what.push(linked("History", "in the audit trail", Href::to(AUDIT).with("about", exception.id.as_str()).text()));
    if let Some(account) = &exception.account {
        what.push(linked("Account", shown.account.clone(), Href::to("/exceptions").with("account", account.as_str()).text()));
    }
    let about = exception.subjects.iter().map(|subject| about(store, subject)).collect::<Result<_, _>>()?;
    let sheets = vec![Sheet { title: "What", facts: what }, Sheet { title: "About", facts: about }];
    let page = Record {
        frame: Frame::new(ask, shown.title, "/exceptions"),
        crumb: Link::words("/exceptions", "Exceptions"),
        noun: shown.title,
        id: String::new(),
        chip: Some(shown.chip),
        sentence: exception.explanation.clone(),
        remedy: shown.open.then(|| exception.remedy.clone()),
        exceptions: Vec::new(),
        sheets,
        matches: evidence(store, exception)?,
    };
    page.answer()
}

/// Something that an exception is about: by its id, with what a person knows it by.
fn about(store: &Store, subject: &Subject) -> Result<Named, Problem> {
    let link = Link::subject(subject);
    let note = match subject.kind {
        "payout" => store.payout(&subject.id)?.map(|row| payout_link(&row.payout).note),
        "bank_line" => store.bank_line(&subject.id)?.map(|row| format!("{} \u{b7} {}", row.line.amount, row.line.date_on)),
        _ => None,
    };
    Ok(linked(noun(subject.kind), link.text, link.href).id().note(note.unwrap_or_default()))
}

const fn noun(kind: &'static str) -> &'static str {
    match kind.as_bytes() {
        b"payout" => "Payout",
        b"bank_line" => "Bank line",
        b"txn" => "Transaction",
        b"account" => "Account",
        _ => kind,
    }
}

/// What speaks for and against the deposits that an exception is about.
fn evidence(store: &Store, exception: &Exception) -> Result<Vec<MatchShown>, Problem> {
    let mut shown = Vec::new();
    for subject in exception.subjects.iter().filter(|subject| subject.kind == "payout") {
        let Ok(payout) = PayoutId::parse(&subject.id) else { continue };
        for found in store.matches(&MatchFilter { member: Some(subject.clone()), ..MatchFilter::default() })? {
            shown.push(MatchShown::for_payout(store, &found, &payout)?);
        }
    }
    Ok(shown)
}
