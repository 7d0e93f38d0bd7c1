//! `/audit/{id}`: one entry of the trail with each change.

use askama::Template;
use audit::{Change, Entry, hex};
use store::Store;

use super::Answer;
use super::audit::AUDIT;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Href;
use crate::http::parts::{Link, Named, linked, named};
use crate::http::problem::Problem;
use crate::http::run::href;
use crate::http::show::When;
use crate::views::audit::{behalf, word};

#[derive(Template)]
#[template(path = "audit_entry.html")]
struct Page {
    frame: Frame,
    id: i64,
    act: String,
    facts: Vec<Named>,
    /// Whether its hash is that of what it says.
    sealed: bool,
    hash: String,
    previous: String,
    changes: Vec<Row>,
}

struct Row {
    noun: String,
    thing: Link,
    /// What else became of it.
    history: String,
    from: String,
    to: String,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let absent = || Problem::NotFound { noun: "entry", id: ask.id.chars().take(80).collect() };
    let id = ask.id.parse::<i64>().map_err(|_| absent())?;
    let entry = store.audit_entry(id)?.ok_or_else(absent)?;
    let changes = entry.read();
    let page = Page {
        frame: Frame::new(ask, format!("Entry {id}, {}", entry.act), AUDIT),
        id,
        facts: facts(&entry, ask),
        sealed: entry.is_sealed(),
        hash: hex(&entry.hash),
        previous: hex(&entry.previous),
        act: entry.act,
        changes: changes.unwrap_or_default().iter().map(row).collect(),
    };
    Ok(Answer::Html(page.render()?))
}

fn facts(entry: &Entry, ask: &Ask) -> Vec<Named> {
    let when = When::new(entry.at, ask.now);
    let mut facts = vec![
        named("Written", when.text).note(format!("{} ago", when.age)),
        named("On behalf of", behalf(entry)),
        named("Chain", entry.chain.clone()).note(format!("number {}", entry.position)),
    ];
    facts.extend(entry.run.map(|run| linked("Run", run.to_string(), href(store::RunId(run)))));
    facts
}

/// Where a thing has a page, that; else what else became of it.
fn page_of(change: &Change) -> String {
    match change.noun.as_str() {
        "payout" => Href::record("/payouts", &change.id),
        "exception" => Href::record("/exceptions", &change.id),
        "schedule" => Href::record("/schedules", &change.id),
        _ => Href::to(AUDIT).with("about", &change.id).text(),
    }
}

fn row(change: &Change) -> Row {
    let state = |state: &Option<String>| state.as_deref().map(word).unwrap_or_default().to_owned();
    let (from, to) = (state(&change.from), state(&change.to));
    let only_content = change.from.is_some() && change.to.is_some() && from == to;
    Row {
        noun: change.noun.replace('_', " "),
        thing: Link::words(page_of(change), &change.id),
        history: Href::to(AUDIT).with("about", &change.id).text(),
        to: if only_content { format!("{to}, its content changed") } else { to },
        from,
    }
}
