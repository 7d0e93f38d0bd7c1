//! `/`: are we tied out?

use askama::Template;
use facts::BankAccount;
use jiff::Timestamp;
use store::{AccountStatus, ExceptionRow, Freshness, Run, RunTrigger, Store, SyncedAccount};

use super::Answer;
use super::book::{Book, INCOMPLETE, OPEN, TIED, UNKNOWN, book};
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Href;
use crate::http::parts::{Empty, ExceptionShown, Link};
use crate::http::problem::Problem;
use crate::http::run::{href as run_href, state as run_state};
use crate::http::show::{self, Chip, When};
use crate::views::load;
use crate::views::standstill::Standstill;
use crate::views::statements::Statements;
use crate::views::status::{StatusView, Verdict};

/// The first page shows the first open exceptions and links to the rest.
const EXCEPTIONS_SHOWN: usize = 10;

/// The first page shows this many account balances, worst first; a platform with more has the command line's list.
const BOOKS_SHOWN: usize = 60;

/// So many account balances are drawn in full; more stand in one table, where they can be compared.
const BOOKS_DRAWN: usize = 6;

/// The first page shows this many runs.
const RUNS_SHOWN: u64 = 6;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    verdict: Headline,
    synced: Option<When>,
    empty: Option<Empty>,
    books: Vec<Book>,
    as_table: bool,
    books_order: &'static str,
    books_hidden: Option<Hidden>,
    exceptions: Vec<ExceptionShown>,
    exceptions_says: String,
    exceptions_done: Empty,
    banks: Vec<Bank>,
    runs: Vec<RunShown>,
}

/// What the page does not list, and what does.
struct Hidden {
    says: String,
    command: &'static str,
}

struct Headline {
    tone: &'static str,
    icon: &'static str,
    answer: String,
    sentence: String,
}

struct Bank {
    name: String,
    code: String,
    href: String,
    says: String,
}

struct RunShown {
    link: Link,
    /// Who asked, where it was no person.
    by: &'static str,
    chip: Chip,
    when: When,
}

/// Everything that the page reads.
struct Seen {
    freshness: Freshness,
    accounts: Vec<SyncedAccount>,
    statuses: Vec<AccountStatus>,
    status: StatusView,
    /// The open exceptions to look at first.
    open: Vec<ExceptionRow>,
    /// How many open exceptions need a person, and how many only a glance.
    open_by_class: (u64, u64),
    banks: Vec<BankAccount>,
    statements: Statements,
    runs: Vec<Run>,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let seen = read(store, ask.now)?;
    let standstill = Standstill::read(store, seen.synced_at())?;
    let books: Vec<Book> = seen.books(ask.now).take(BOOKS_SHOWN).collect();
    let books_hidden = books_hidden(&seen, &books);
    let empty = books.is_empty().then(|| Empty::never("balances"));
    let home = Home {
        frame: Frame::new(ask, "Are we tied out?", "/"),
        verdict: standstill.map_or_else(|| headline(&seen), |standstill| unknown_since(&standstill)),
        synced: seen.synced_at().map(|at| When::new(at, ask.now)),
        empty,
        as_table: books.len() > BOOKS_DRAWN,
        books_order: if seen.status.together.is_some() { "our own, then worst first" } else { "worst first" },
        books,
        books_hidden,
        exceptions: seen.first_to_look_at(ask.now),
        exceptions_says: exceptions_says(&seen),
        exceptions_done: Empty::done(done_says(&seen)),
        banks: seen.banks.iter().map(|account| bank(account, &seen.statements)).collect(),
        runs: seen.runs.iter().map(|run| run_shown(run, ask.now)).collect(),
    };
    Ok(Answer::Html(home.render()?))
}

fn read(store: &Store, now: Timestamp) -> Result<Seen, Problem> {
    // The same reading as `tieout status`, so that both always say the same.
    let standing = load::standing(store, now).map_err(|failure| Problem::Internal(failure.message))?;
    let load::Standing { mut accounts, statuses, view } = standing;
    let open = store.exceptions_in_view(EXCEPTIONS_SHOWN)?;
    for id in open.iter().filter_map(|row| row.exception.account.as_ref()) {
        if accounts.iter().all(|known| known.account.id != *id) {
            accounts.extend(store.account(id)?);
        }
    }
    Ok(Seen {
        freshness: store.freshness()?,
        accounts,
        statuses,
        status: view,
        open,
        open_by_class: store.exceptions_by_class()?,
        banks: store.bank_accounts()?,
        statements: Statements::read(store)?,
        runs: store.runs(RUNS_SHOWN)?,
    })
}

/// What is not among the books: balances, or where not all accounts are read one by one, accounts.
fn books_hidden(seen: &Seen, books: &[Book]) -> Option<Hidden> {
    match (seen.status.accounts_more, seen.statuses.len().saturating_sub(books.len())) {
        (0, 0) => None,
        (0, balances) => Some(Hidden { says: format!("{balances} more, better or equal"), command: "tieout status --json" }),
        (accounts, _) => {
            Some(Hidden { says: show::count(accounts, "account more", "accounts more"), command: "tieout account list" })
        }
    }
}

impl Seen {
    /// The oldest of the accounts' last complete syncs: nothing shown is older. `None` while one account has none.
    fn synced_at(&self) -> Option<Timestamp> {
        self.freshness.oldest.filter(|_| self.freshness.never == 0)
    }

    /// One book for each account and currency, in the order of the status, then as the store orders them.
    fn books(&self, now: Timestamp) -> impl Iterator<Item = Book> {
        self.status.worst_first().into_iter().filter_map(move |view| {
            let same = |status: &&AccountStatus| status.account.as_str() == view.account && status.currency == view.currency;
            let status = self.statuses.iter().find(same)?;
            Some(book(status, view, &self.accounts, now))
        })
    }

    /// Those that need a person first, then the oldest, then by kind. Never by amount across currencies.
    fn first_to_look_at(&self, now: Timestamp) -> Vec<ExceptionShown> {
        self.open.iter().map(|row| ExceptionShown::new(row, &self.accounts, now)).collect()
    }
}

fn exceptions_says(seen: &Seen) -> String {
    let (person, expected) = seen.open_by_class;
    let all = match (person, expected) {
        (_, 0) => show::count(person, "needs a person", "need a person"),
        (0, _) => show::count(expected, "is expected", "are expected"),
        _ => format!(
            "{}, {}",
            show::count(person, "needs a person", "need a person"),
            show::count(expected, "is expected", "are expected")
        ),
    };
    if person + expected > EXCEPTIONS_SHOWN as u64 { format!("{all}: see all") } else { all }
}

fn done_says(seen: &Seen) -> String {
    let (_, payouts) = seen.status.found();
    format!("{} checked, and nothing is left to review.", show::count(payouts, "payout was", "payouts were"))
}

/// What was true when something new came last may not be true any more.
fn unknown_since(standstill: &Standstill) -> Headline {
    let sentence =
        format!("Nothing new is known. {}. What follows is as it stood then: tieout alert list says what to do.", standstill.why);
    Headline {
        tone: UNKNOWN.tone,
        icon: UNKNOWN.icon,
        answer: format!("Unknown since {}", show::minute(standstill.since)),
        sentence,
    }
}

fn headline(seen: &Seen) -> Headline {
    let of = seen.status.accounts.len();
    let tied = seen.status.accounts.iter().filter(|account| account.verdict == Verdict::Tied).count();
    let (open, _) = seen.open_by_class;
    let standing = match &seen.status.together {
        Some(together) => show::count(together.accounts, "account", "accounts"),
        None => format!("{tied} of {} tied out", show::count(of as u64, "balance", "balances")),
    };
    let standing = if open == 0 {
        standing
    } else {
        format!("{standing}, {}", show::count(open, "exception needs a person", "exceptions need a person"))
    };
    let (chip, sentence) = match seen.status.verdict {
        Verdict::Tied => (TIED, format!("{standing}. Every payout that is due is at the bank, to the cent.")),
        Verdict::Open => (OPEN, format!("{standing}. Everything is read and checked; each exception below says what to do.")),
        Verdict::Incomplete => {
            (INCOMPLETE, format!("{standing}. Something is known not to have been read: run tieout sync again."))
        }
        Verdict::Unknown => {
            (UNKNOWN, format!("{standing}. A check could not run, and no data is not OK: see below what is missing."))
        }
    };
    let answer = match seen.status.verdict {
        Verdict::Tied => "Yes: tied",
        Verdict::Open => "Not yet: open",
        Verdict::Incomplete => "Not known: incomplete",
        Verdict::Unknown => "Unknown",
    };
    Headline { tone: chip.tone, icon: chip.icon, answer: answer.to_owned(), sentence }
}

fn bank(account: &BankAccount, statements: &Statements) -> Bank {
    let without = statements.hole(&account.name).map_or_else(String::new, |hole| format!(", {hole}"));
    Bank {
        name: account.name.to_string(),
        code: account.currency.upper(),
        href: Href::to("/bank-lines").with("bank_account", account.name.as_str()).text(),
        says: account.coverage.as_ref().map_or_else(
            || "no line yet".to_owned(),
            |coverage| format!("statements reach from {} to {}{without}", coverage.from_on, coverage.until_on),
        ),
    }
}

fn run_shown(run: &Run, now: Timestamp) -> RunShown {
    let by = match run.trigger {
        None | Some(RunTrigger::Person) => "",
        Some(RunTrigger::Schedule) => "by schedule",
        Some(RunTrigger::Api) => "by the sync endpoint",
        // The job's name says so, but for what follows a delivery.
        Some(RunTrigger::Webhook) if run.job == "webhook" => "",
        Some(RunTrigger::Webhook) => "after a delivery",
    };
    RunShown {
        link: Link::words(run_href(run.id), run.job.clone()),
        by,
        chip: run_state(run.state),
        when: When::new(run.ended_at.unwrap_or(run.started_at), now),
    }
}
