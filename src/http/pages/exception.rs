//! `/exceptions/{id}`: one disagreement; and the layout that pages of one record share.

use askama::Template;
use store::Store;

use super::Answer;
use super::evidence::MatchShown;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Href;
use crate::http::parts::{ExceptionShown, Link, Named, class, linked, named, unsigned};
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
    let accounts = store.accounts()?;
    let shown = ExceptionShown::new(&row, &accounts, ask.now);
    let exception = &row.exception;
    let money = unsigned(exception.amount_minor, exception.currency);
    let mut what = vec![
        named("Amount", format!("{} {}", money.text, money.code)),
        named("Kind", class(exception.class).word),
        named("Code", exception.code.as_str()),
        named("Opened", format!("{}, {} ago", shown.opened.text, shown.opened.age)),
    ];
    what.extend(row.resolved_at.map(|at| named("Resolved", format!("{} UTC", show::minute(at)))));
    if let Some(account) = &exception.account {
        what.push(linked("Account", shown.account.clone(), Href::to("/exceptions").with("account", account.as_str()).text()));
    }
    let about = exception.subjects.iter().map(|subject| {
        let link = Link::subject(subject);
        linked(&subject.kind.replace('_', " "), link.text, link.href)
    });
    let sheets = vec![Sheet { title: "What", facts: what }, Sheet { title: "About", facts: about.collect() }];
    let page = Record {
        frame: Frame::new(ask, shown.title, "/exceptions"),
        crumb: Link::words("/exceptions", "Exceptions"),
        noun: shown.title,
        id: String::new(),
        chip: Some(shown.state),
        sentence: format!("{} {}", exception.explanation, exception.remedy),
        exceptions: Vec::new(),
        sheets,
        matches: Vec::new(),
    };
    page.answer()
}
