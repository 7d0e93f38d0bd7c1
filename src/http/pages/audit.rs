//! `/audit`: what has changed its state, when and on whose behalf, and whether the trail of it is whole.

use askama::Template;
use audit::Entry;
use facts::AccountId;
use jiff::SignedDuration;
use store::{AuditAct, AuditCheck, AuditFilter, RunTrigger, Store};

use super::Answer;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::{Href, Query};
use crate::http::parts::{Empty, Field, Link, Pager, first_page};
use crate::http::problem::Problem;
use crate::http::scheduled::cut;
use crate::http::show::{self, Chip, When, chip};
use crate::views::audit::{ABOUT_MAX, behalf, told};

/// The list.
pub const AUDIT: &str = "/audit";

/// Entries on a page.
const PAGE_ROWS: usize = 50;

/// A trail that was verified longer ago than this is not called whole; a schedule does it each day.
const OLD: SignedDuration = SignedDuration::from_hours(48);

/// What a list shows of the changes of an entry; its own page has all of them.
const TOLD_MAX: usize = 240;

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    frame: Frame,
    standing: Standing,
    nothing: Option<Empty>,
    filtered: bool,
    selects: Vec<Field>,
    about: String,
    account: String,
    entries: Vec<Row>,
    pager: Pager,
}

/// Whether the trail is whole.
struct Standing {
    chip: Chip,
    text: String,
    fault: Option<String>,
}

struct Row {
    link: Link,
    written: When,
    by: String,
    act: String,
    chain: String,
    told: String,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let query = &ask.query;
    let found = store.audit_entries(&filter(query)?)?;
    let numbers: Vec<i64> = found.iter().map(|entry| entry.id).collect();
    let page = Page {
        frame: Frame::new(ask, "Audit trail", AUDIT),
        standing: standing(store.audit_check()?.as_ref(), ask),
        nothing: found.is_empty().then(|| if query.narrows() { Empty::filtered("entries", AUDIT) } else { nothing_yet() }),
        filtered: query.narrows(),
        selects: selects(query),
        about: query.text("about"),
        account: query.text("account"),
        entries: first_page(&found, PAGE_ROWS).iter().map(|entry| row(entry, ask)).collect(),
        pager: Pager::by_number((AUDIT, query), &numbers, PAGE_ROWS, "entries"),
    };
    Ok(Answer::Html(page.render()?))
}

fn filter(query: &Query) -> Result<AuditFilter, Problem> {
    Ok(AuditFilter {
        chain: query.read("account", "an account id such as acct_1", |text| {
            AccountId::parse(text).ok().map(|account| account.to_string())
        })?,
        act: query.word("act", AuditAct::from_word)?,
        by: query.word("actor", RunTrigger::from_word)?,
        about: query.read("about", "an id", |text| (text.len() <= ABOUT_MAX).then(|| text.to_owned()))?,
        from_at: None,
        before_at: None,
        before: query.read("before", "the number of an entry", |text| text.parse().ok())?,
        limit: Some(PAGE_ROWS as u64 + 1),
    })
}

fn selects(query: &Query) -> Vec<Field> {
    let acts = AuditAct::ALL.map(|act| (act.as_str().to_owned(), act.as_str().to_owned()));
    let actors = RunTrigger::ALL.map(|one| (one.as_str().to_owned(), crate::http::run::trigger(one).to_owned()));
    vec![Field::new(query, "act", "Act", acts), Field::new(query, "actor", "On behalf of", actors)]
}

fn standing(check: Option<&AuditCheck>, ask: &Ask) -> Standing {
    let Some(check) = check else {
        return Standing {
            chip: chip("off", "question", "Never verified"),
            text: "Verify it once with tieout audit verify, and then by a schedule: --job audit.".to_owned(),
            fault: None,
        };
    };
    let when = When::new(check.checked_at, ask.now);
    let held = match check.anchors {
        0 => "without an anchor from elsewhere".to_owned(),
        anchors => format!("against {}", show::count(anchors, "anchor", "anchors")),
    };
    let entries = show::count(check.entries.unsigned_abs(), "entry", "entries");
    let text = format!("{entries} verified {} ago, {held}.", when.age);
    let is_old = ask.now.duration_since(check.checked_at) > OLD;
    let chip = match (check.faults, is_old) {
        (0, false) => chip("ok", "tick", "Whole"),
        (0, true) => chip("open", "clock", "Not verified of late"),
        _ => chip("bad", "cross", "Broken"),
    };
    let fault = (check.faults > 0).then(|| {
        let more = check.faults - 1;
        let first = check.first_fault.clone().unwrap_or_default();
        if more > 0 { format!("{first}; and {more} more") } else { first }
    });
    Standing { chip, text, fault }
}

fn row(entry: &Entry, ask: &Ask) -> Row {
    Row {
        link: Link::words(Href::record(AUDIT, &entry.id.to_string()), entry.id.to_string()),
        written: When::new(entry.at, ask.now),
        by: behalf(entry),
        act: entry.act.clone(),
        chain: entry.chain.clone(),
        told: cut(&told(entry, ask.query.get("about")), TOLD_MAX),
    }
}

fn nothing_yet() -> Empty {
    Empty {
        icon: "tray",
        title: "Nothing is noted yet".to_owned(),
        text: "What is concluded and what people decide leaves an entry here, which nobody can change unseen.".to_owned(),
        link: None,
        commands: vec![("Judge every payout", "tieout reconcile")],
    }
}
