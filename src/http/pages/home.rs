//! `/`: are we tied out?

use askama::Template;
use facts::{BankAccount, Class};
use jiff::Timestamp;
use store::{AccountStatus, ExceptionFilter, ExceptionRow, ExceptionState, Run, RunState, Store, SyncedAccount};

use super::Answer;
use super::book::{Book, INCOMPLETE, OPEN, TIED, UNKNOWN, book};
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Href;
use crate::http::parts::{Empty, ExceptionShown};
use crate::http::problem::Problem;
use crate::http::show::{self, Chip, When, chip};
use crate::views::load;
use crate::views::status::{AccountStatusView, StatusView, Verdict};

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
    books_hidden: usize,
    exceptions: Vec<ExceptionShown>,
    exceptions_says: String,
    exceptions_done: Empty,
    banks: Vec<Bank>,
    runs: Vec<RunShown>,
}

struct Headline {
    tone: &'static str,
    icon: &'static str,
    answer: &'static str,
    sentence: String,
}

struct Bank {
    name: String,
    code: String,
    href: String,
    says: String,
}

struct RunShown {
    job: String,
    chip: Chip,
    when: When,
}

/// Everything that the page reads.
struct Seen {
    accounts: Vec<SyncedAccount>,
    statuses: Vec<AccountStatus>,
    status: StatusView,
    open: Vec<ExceptionRow>,
    banks: Vec<BankAccount>,
    runs: Vec<Run>,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let seen = read(store, ask.now)?;
    let books: Vec<Book> = seen.books(ask.now).take(BOOKS_SHOWN).collect();
    let books_hidden = seen.statuses.len().saturating_sub(books.len());
    let empty = books.is_empty().then(|| Empty::never("balances"));
    let home = Home {
        frame: Frame::new(ask, "Are we tied out?", "/"),
        verdict: headline(&seen),
        synced: seen.synced_at().map(|at| When::new(at, ask.now)),
        empty,
        as_table: books.len() > BOOKS_DRAWN,
        books,
        books_hidden,
        exceptions: seen.first_to_look_at(ask.now),
        exceptions_says: exceptions_says(&seen),
        exceptions_done: Empty::done(done_says(&seen)),
        banks: seen.banks.iter().map(bank).collect(),
        runs: seen.runs.iter().map(|run| run_shown(run, ask.now)).collect(),
    };
    Ok(Answer::Html(home.render()?))
}

fn read(store: &Store, now: Timestamp) -> Result<Seen, Problem> {
    let accounts = store.accounts()?;
    let statuses = store.account_status()?;
    let open = store.exceptions(&ExceptionFilter { state: Some(ExceptionState::Open), ..ExceptionFilter::default() })?;
    // The same reading as `tieout status`, so that both always say the same.
    let status = load::status(store, now).map_err(|failure| Problem::Internal(failure.message))?;
    let runs = store.runs(RUNS_SHOWN)?;
    Ok(Seen { status, accounts, statuses, open, banks: store.bank_accounts()?, runs })
}

impl Seen {
    /// The oldest of the accounts' last complete syncs: nothing shown is older. `None` while one account has none.
    fn synced_at(&self) -> Option<Timestamp> {
        let oldest: Option<Vec<Timestamp>> = self.accounts.iter().map(|synced| synced.synced_at).collect();
        oldest?.into_iter().min()
    }

    /// One book for each account and currency, worst first, then as the store orders them.
    fn books(&self, now: Timestamp) -> impl Iterator<Item = Book> {
        let mut views: Vec<&AccountStatusView> = self.status.accounts.iter().collect();
        views.sort_by_key(|view| std::cmp::Reverse(view.verdict));
        views.into_iter().filter_map(move |view| {
            let same = |status: &&AccountStatus| status.account.as_str() == view.account && status.currency == view.currency;
            let status = self.statuses.iter().find(same)?;
            Some(book(status, view, &self.accounts, now))
        })
    }

    /// Those that need a person first, then the oldest, then by kind. Never by amount across currencies.
    fn first_to_look_at(&self, now: Timestamp) -> Vec<ExceptionShown> {
        let mut rows: Vec<&ExceptionRow> = self.open.iter().collect();
        let order = |row: &ExceptionRow| (row.exception.class == Class::Expected, row.opened_at, row.exception.code);
        rows.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.exception.id.cmp(&b.exception.id)));
        rows.into_iter().take(EXCEPTIONS_SHOWN).map(|row| ExceptionShown::new(row, &self.accounts, now)).collect()
    }

    /// How many open exceptions need a person, and how many only a glance.
    fn open_by_class(&self) -> (u64, u64) {
        let needing = self.open.iter().filter(|row| row.exception.class == Class::True).count();
        (needing as u64, (self.open.len() - needing) as u64)
    }
}

fn exceptions_says(seen: &Seen) -> String {
    let (person, expected) = seen.open_by_class();
    let all = match (person, expected) {
        (_, 0) => show::count(person, "needs a person", "need a person"),
        (0, _) => show::count(expected, "is expected", "are expected"),
        _ => format!(
            "{}, {}",
            show::count(person, "needs a person", "need a person"),
            show::count(expected, "is expected", "are expected")
        ),
    };
    if seen.open.len() > EXCEPTIONS_SHOWN { format!("{all}: see all") } else { all }
}

fn done_says(seen: &Seen) -> String {
    let payouts: u64 = seen.statuses.iter().map(|status| status.payouts.total).sum();
    format!("{} checked, and nothing is left to review.", show::count(payouts, "payout was", "payouts were"))
}

fn headline(seen: &Seen) -> Headline {
    let of = seen.status.accounts.len();
    let tied = seen.status.accounts.iter().filter(|account| account.verdict == Verdict::Tied).count();
    let (open, _) = seen.open_by_class();
    let standing = format!("{tied} of {} tied out", show::count(of as u64, "balance", "balances"));
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
    Headline { tone: chip.tone, icon: chip.icon, answer, sentence }
}

fn bank(account: &BankAccount) -> Bank {
    Bank {
        name: account.name.to_string(),
        code: account.currency.upper(),
        href: Href::to("/bank-lines").with("bank_account", account.name.as_str()).text(),
        says: account.coverage.as_ref().map_or_else(
            || "no line yet".to_owned(),
            |coverage| format!("statements reach from {} to {}", coverage.from_on, coverage.until_on),
        ),
    }
}

fn run_shown(run: &Run, now: Timestamp) -> RunShown {
    let chip = match run.state {
        RunState::Running => chip("wait", "clock", "Running"),
        RunState::Done => chip("ok", "tick", "Done"),
        RunState::Incomplete => chip("open", "half", "Incomplete"),
        RunState::Failed => chip("bad", "cross", "Failed"),
    };
    RunShown { job: run.job.clone(), chip, when: When::new(run.ended_at.unwrap_or(run.started_at), now) }
}
