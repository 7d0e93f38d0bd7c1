//! What several pages share: links, form fields, paging, empty states, exceptions beside a record.

use std::collections::BTreeSet;

use facts::{AccountId, BankLineId, Subject};
use jiff::Timestamp;
use money::{Amount, Currency};
use store::{AccountFilter, ExceptionRow, ExceptionState, Store, SyncedAccount};

use super::link::{Href, Query};
use super::show::{self, Chip, Money, When, chip};

/// A list shows this many rows at a time: enough to scroll, few enough that any browser draws them at once.
pub const PAGE_ROWS: usize = 200;

/// The most accounts offered in a filter's list; a platform with more filters by address or search.
const ACCOUNT_CHOICES_MAX: usize = 500;

/// A link with its text.
#[derive(Clone, Debug)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub text: String,
    /// Set like an id.
    pub id_like: bool,
    /// Said behind it, softly.
    pub note: String,
}

impl Link {
    /// A link that reads as words.
    pub fn words(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self { href: href.into(), text: text.into(), id_like: false, note: String::new() }
    }

    /// A link that reads as an id.
    pub fn id(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self { id_like: true, ..Self::words(href, text) }
    }

    /// The same link with something said behind it.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// The page of something that a match or an exception is about.
    pub fn subject(subject: &Subject) -> Self {
        let href = match subject.kind {
            "payout" => Href::record("/payouts", &subject.id),
            "bank_line" => Href::record("/bank-lines", &subject.id),
            "txn" => Href::record("/txns", &subject.id),
            "account" => Href::to("/payouts").with("account", &subject.id).text(),
            _ => Href::to("/find").with("q", &subject.id).text(),
        };
        Self::id(href, &subject.id)
    }
}

/// One name and its value.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// Where the value leads.
    pub href: Option<String>,
    /// Set like an id.
    pub id_like: bool,
    /// Said behind the value, softly.
    pub note: String,
}

impl Named {
    /// The same with the value set like an id.
    #[must_use]
    pub fn id(self) -> Self {
        Self { id_like: true, ..self }
    }

    /// The same with something said behind it.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }
}

/// A name and its value.
pub fn named(name: &str, value: impl Into<String>) -> Named {
    Named { name: name.to_owned(), value: value.into(), href: None, id_like: false, note: String::new() }
}

/// A name and a value that leads somewhere.
pub fn linked(name: &str, value: impl Into<String>, href: String) -> Named {
    Named { href: Some(href), ..named(name, value) }
}

/// A list to choose from in a filter.
#[derive(Clone, Debug)]
pub struct Field {
    /// The parameter.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// Any, then each value.
    pub choices: Vec<Choice>,
}

/// One value to choose.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The parameter's value; empty for any.
    pub value: String,
    /// What people read.
    pub word: String,
    /// Whether it is in force.
    pub chosen: bool,
}

impl Field {
    /// A filter field over these values and words.
    pub fn new(
        query: &Query,
        name: &'static str,
        label: &'static str,
        values: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let now = query.text(name);
        let mut choices = vec![Choice { value: String::new(), word: "Any".to_owned(), chosen: now.is_empty() }];
        choices.extend(values.into_iter().map(|(value, word)| Choice { chosen: value == now, value, word }));
        if !choices.iter().any(|choice| choice.chosen) {
            choices.push(Choice { value: now.clone(), word: now, chosen: true });
        }
        Self { name, label, choices }
    }

    /// The accounts by name.
    pub fn accounts(query: &Query, accounts: &[SyncedAccount]) -> Self {
        let values = accounts
            .iter()
            .take(ACCOUNT_CHOICES_MAX)
            .map(|synced| (synced.account.id.to_string(), name_of(&synced.account.id, accounts)));
        Self::new(query, "account", "Account", values)
    }

    /// One of the accounts, which is always chosen.
    pub fn account_shown(shown: &AccountId, accounts: &[SyncedAccount]) -> Self {
        let choice = |row: &SyncedAccount| Choice {
            value: row.account.id.to_string(),
            word: name_of(&row.account.id, accounts),
            chosen: row.account.id == *shown,
        };
        // The one that is shown is offered however many there are.
        let others = accounts.iter().filter(|row| row.account.id != *shown).take(ACCOUNT_CHOICES_MAX);
        let choices = accounts.iter().filter(|row| row.account.id == *shown).chain(others).map(choice).collect();
        Self { name: "account", label: "Account", choices }
    }

    /// These currencies.
    pub fn currencies(query: &Query, currencies: impl IntoIterator<Item = Currency>) -> Self {
        let mut codes: Vec<Currency> = currencies.into_iter().collect();
        codes.sort_unstable();
        codes.dedup();
        Self::new(query, "currency", "Currency", codes.into_iter().map(|code| (code.to_string(), code.upper())))
    }
}

/// The accounts that a list of them offers, and these: a page never reads all that a platform has.
///
/// # Errors
/// A database that fails.
pub fn some_accounts<'a>(
    store: &Store,
    ids: impl IntoIterator<Item = &'a AccountId>,
) -> Result<Vec<SyncedAccount>, store::StoreError> {
    let limit = Some(ACCOUNT_CHOICES_MAX as u64);
    let mut some = store.account_list(&AccountFilter { limit, ..AccountFilter::default() })?;
    let known: BTreeSet<AccountId> = some.iter().map(|row| row.account.id.clone()).collect();
    let others: BTreeSet<&AccountId> = ids.into_iter().filter(|id| !known.contains(*id)).collect();
    for id in others {
        some.extend(store.account(id)?);
    }
    Ok(some)
}

/// What an account is called: its own name, else its id.
pub fn name_of(id: &AccountId, accounts: &[SyncedAccount]) -> String {
    let found = accounts.iter().find(|synced| synced.account.id == *id);
    found.and_then(|synced| synced.account.display_name.clone()).unwrap_or_else(|| id.to_string())
}

/// The links below a list.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    /// Back to the beginning, unless this is it.
    pub first: Option<String>,
    /// The rows after these.
    pub next: Option<String>,
    /// Which rows these are.
    pub says: String,
    /// How many rows a page has.
    pub size: usize,
}

impl Pager {
    /// The pager of a list at `path`; `next` is the cursor of its last row when more follow.
    pub fn new(path: &str, query: &Query, next: Option<String>, says: String) -> Self {
        let first = query.get("after").map(|_| query.page(path, ""));
        Self { first, next: next.map(|cursor| query.page(path, &cursor)), says, size: PAGE_ROWS }
    }

    /// The pager of a list at `path` that goes down by numbers, from the address's `before` on: of the numbers that were `found`, one more
    /// than `size` where more follow. `noun` is what they are, several of them.
    pub fn by_number((path, query): (&str, &Query), found: &[i64], size: usize, noun: &str) -> Self {
        let shown = first_page(found, size);
        let by = |number: &str| query.page_by("before", path, number);
        let says = match (shown.first(), shown.last()) {
            (Some(newest), Some(oldest)) => format!("{noun} {newest} to {oldest}"),
            _ => String::new(),
        };
        Self {
            first: query.get("before").map(|_| by("")),
            next: shown.last().filter(|_| found.len() > size).map(|number| by(&number.to_string())),
            says,
            size,
        }
    }
}

/// The first rows of what a list found, one more than a page has of which tells whether more follow.
pub fn first_page<T>(found: &[T], size: usize) -> &[T] {
    found.get(..size).unwrap_or(found)
}

/// The cursor of a row: what the list is ordered by, then the id.
pub fn cursor(order: &str, id: &str) -> String {
    format!("{order}~{id}")
}

/// Both halves of a cursor.
pub fn split_cursor(cursor: &str) -> Option<(&str, &str)> {
    cursor.split_once('~')
}

/// Why there is nothing to show, and what to do.
#[derive(Clone, Debug)]
pub struct Empty {
    /// The icon's name.
    pub icon: &'static str,
    /// In a few words.
    pub title: String,
    /// In a sentence.
    pub text: String,
    /// Where to go.
    pub link: Option<Link>,
    /// What to run, each with its purpose.
    pub commands: Vec<(&'static str, &'static str)>,
}

impl Empty {
    /// Nothing was ever read: the first commands.
    pub fn never(what: &str) -> Self {
        Self {
            icon: "tray",
            title: format!("No {what} yet"),
            text: format!("Once the first sync has run, {what} appear here. These commands fill the pages:"),
            link: None,
            commands: vec![
                ("Read everything from Stripe, with a restricted read key in STRIPE_API_KEY", "tieout sync"),
                ("Import your bank's statement", "tieout import bank FILE --bank-account NAME"),
                ("Compare both sides", "tieout reconcile"),
                ("Or look at a simulated merchant first", "tieout demo"),
            ],
        }
    }

    /// A filter leaves nothing.
    pub fn filtered(what: &str, path: &str) -> Self {
        Self {
            icon: "tray",
            title: format!("No {what} match this filter"),
            text: "The filter above hides everything that is here.".to_owned(),
            link: Some(Link::words(path, "Clear the filter")),
            commands: Vec::new(),
        }
    }

    /// Nothing is left to do.
    pub fn done(text: String) -> Self {
        Self { icon: "tick", title: "Nothing is open".to_owned(), text, link: None, commands: Vec::new() }
    }
}

/// An exception as pages show it.
#[derive(Clone, Debug)]
pub struct ExceptionShown {
    /// Its page.
    pub href: String,
    /// Its code in plain words.
    pub title: &'static str,
    /// By class.
    pub chip: Chip,
    /// Whether it still stands.
    pub open: bool,
    /// What it is about first.
    pub subject: Option<Link>,
    /// How much.
    pub amount: Money,
    /// Since when.
    pub opened: When,
    /// Whose; empty for money of no one account.
    pub account: String,
    /// What was expected and what was seen.
    pub explanation: String,
    /// What to do.
    pub remedy: String,
}

impl ExceptionShown {
    /// The exception as seen from `now`.
    pub fn new(row: &ExceptionRow, accounts: &[SyncedAccount], now: Timestamp) -> Self {
        let exception = &row.exception;
        let open = row.state == ExceptionState::Open;
        Self {
            href: Href::record("/exceptions", exception.id.as_str()),
            title: show::exception(exception.code),
            chip: if open { class(exception.class) } else { chip("off", "tick", "Resolved") },
            open,
            subject: exception.subjects.first().map(Link::subject),
            amount: unsigned(exception.amount_minor, exception.currency),
            opened: When::new(row.opened_at, now),
            account: exception.account.as_ref().map(|id| name_of(id, accounts)).unwrap_or_default(),
            explanation: exception.explanation.clone(),
            remedy: exception.remedy.clone(),
        }
    }
}

/// Expected variance or true exception.
pub const fn class(class: facts::Class) -> Chip {
    match class {
        facts::Class::Expected => chip("wait", "clock", "Expected"),
        facts::Class::True => chip("bad", "bang", "Needs a person"),
    }
}

/// An unsigned amount; one beyond what an [`Amount`] holds shows its largest.
pub fn unsigned(minor: u64, currency: Currency) -> Money {
    Amount::new(i64::try_from(minor).unwrap_or(i64::MAX), currency).into()
}

/// What a bank line is called: the bank's reference, else its day.
pub fn line_name(line: &facts::BankLine) -> String {
    line.reference.clone().unwrap_or_else(|| format!("line of {}", line.date_on))
}

/// A bank line by its day, with the bank's reference behind it: days of many lines stand under each other.
pub fn line_by_day(line: &facts::BankLine) -> Link {
    Link::words(line_href(&line.id), line.date_on.to_string()).note(line.reference.clone().unwrap_or_default())
}

/// A payout by its id, with its amount and its day behind it.
pub fn payout_link(payout: &facts::Payout) -> Link {
    Link::id(Href::record("/payouts", payout.id.as_str()), payout.id.as_str())
        .note(format!("{} \u{b7} arrives {}", payout.amount, payout.arrives_on))
}

/// The page of a bank line.
pub fn line_href(id: &BankLineId) -> String {
    Href::record("/bank-lines", id.as_str())
}
