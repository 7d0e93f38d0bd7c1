//! `tieout account list|show|explain`

use std::io::Write;

use facts::AccountId;
use jiff::Timestamp;
use money::{Amount, Currency};
use serde::Serialize;
use store::{AccountFilter, Freshness, Owed, Store, SyncedAccount};

use super::print;
use super::table::{Align, Table};
use super::talk::{explanation, fields, note, or_dash, unknown};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::account::AccountView;
use crate::views::day_check::DayCheckView;
use crate::views::known::{KnownView, known, words};
use crate::views::load::{self, store_failure};

/// `tieout account`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Every account whose objects were synced, by id
    List {
        /// Only those whose id or name contains this
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// First those never read to the end, then those whose last complete sync is longest ago
        #[arg(long)]
        least_fresh: bool,
        /// At most so many
        #[arg(long, value_name = "N")]
        limit: Option<u64>,
    },
    /// All that is known of one
    Show {
        /// The account's id
        id: String,
    },
    /// How one stands, in words
    Explain {
        /// The account's id
        id: String,
    },
}

/// Runs it.
///
/// # Errors
/// No database, an unknown id, or a database that fails.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    match args.verb {
        Verb::List { search, least_fresh, limit } => {
            list(&store, config, &AccountFilter { search, least_fresh_first: least_fresh, limit })
        }
        Verb::Show { id } => show(&store, &find(&store, &id)?, config),
        Verb::Explain { id } => {
            let (row, view) = find(&store, &id)?;
            explain(&store, &row, &view, config, outside)
        }
    }
}

fn views(store: &Store, filter: &AccountFilter) -> Result<Vec<AccountView>, Failure> {
    let mode = store.mode().map_err(store_failure)?;
    let rows = store.account_list(filter).map_err(store_failure)?;
    Ok(rows.iter().map(|row| AccountView::of(row, mode)).collect())
}

fn find(store: &Store, id: &str) -> Result<(SyncedAccount, AccountView), Failure> {
    let mode = store.mode().map_err(store_failure)?;
    let known = AccountId::parse(id).ok().map(|id| store.account(&id)).transpose().map_err(store_failure)?;
    let row = known.flatten().ok_or_else(|| unknown("account", id, "tieout account list"))?;
    let view = AccountView::of(&row, mode);
    Ok((row, view))
}

fn list(store: &Store, config: &Config, filter: &AccountFilter) -> Result<Exit, Failure> {
    let views = views(store, filter)?;
    if config.json {
        return print(|output| Ok(output.json(&views)?));
    }
    let freshness = store.freshness().map_err(store_failure)?;
    match freshness.accounts {
        0 => note(config, "no accounts yet: tieout sync reads them from Stripe"),
        1 => {}
        _ => note(config, &fresh(&freshness)),
    }
    let columns = ["id", "kind", "mode", "name", "country", "currency", "synced at"].map(|name| (name, Align::Left));
    let mut table = Table::new(&columns);
    for view in views {
        table.row([
            view.id,
            view.kind.to_owned(),
            or_dash(view.mode),
            or_dash(view.display_name.as_deref()),
            or_dash(view.country.as_deref()),
            or_dash(view.default_currency.as_deref()),
            view.synced_at.map_or_else(|| "never completely".to_owned(), |at| at.to_string()),
        ]);
    }
    print(|output| Ok(table.write(output)?))
}

/// How fresh all accounts are, in a sentence.
fn fresh(freshness: &Freshness) -> String {
    let Freshness { accounts, never, oldest } = freshness;
    let oldest = oldest.map(|at| format!("; the least fresh of the others was read at {at}")).unwrap_or_default();
    format!("{accounts} accounts, {never} of them never read to the end{oldest}")
}

/// An account, and how far each kind of its objects was read.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    account: &'a AccountView,
    /// Where its history begins here; null for all of it.
    begins_at: Option<Timestamp>,
    opening_balances: Vec<OpeningView>,
    /// What platforms passed on to it and took from it.
    connected: Vec<OwedView>,
    known: Vec<KnownView>,
    /// What became of the last past day that was listed again; null where none was.
    day_check: Option<DayCheckView>,
}

/// What an account held where it begins.
#[derive(Serialize)]
struct OpeningView {
    currency: String,
    opening_minor: i64,
}

/// What platforms passed on to a connected account and took from it, in one currency.
#[derive(Serialize)]
struct OwedView {
    currency: String,
    transferred_minor: i64,
    reversed_minor: i64,
    fees_minor: i64,
    fees_refunded_minor: i64,
    balance_minor: Option<i64>,
}

impl From<&Owed> for OwedView {
    fn from(owed: &Owed) -> Self {
        Self {
            currency: owed.currency.to_string(),
            transferred_minor: owed.transferred_minor,
            reversed_minor: owed.reversed_minor,
            fees_minor: owed.fees_minor,
            fees_refunded_minor: owed.fees_refunded_minor,
            balance_minor: owed.balance_minor,
        }
    }
}

/// The same in words.
fn owed(owed: &Owed) -> String {
    let money = |minor| Amount::new(minor, owed.currency).to_string();
    let balance = owed.balance_minor.map_or_else(|| "its balance is not known".to_owned(), |minor| format!("it holds {}", money(minor)));
    format!(
        "{} transferred to it, {} taken back, {} taken as fees, {} of those given back; {balance}",
        money(owed.transferred_minor),
        money(owed.reversed_minor),
        money(owed.fees_minor),
        money(owed.fees_refunded_minor)
    )
}

fn show(store: &Store, (row, view): &(SyncedAccount, AccountView), config: &Config) -> Result<Exit, Failure> {
    let known = known(store, row)?;
    let openings = store.opening_balances(&row.account.id).map_err(store_failure)?;
    let connected = store.owed(&row.account.id).map_err(store_failure)?;
    let check = store.day_check(&row.account.id).map_err(store_failure)?;
    let day_check = check.map(|check| DayCheckView::of(&row.account.id, &check));
    if config.json {
        let opening = |(currency, opening_minor): &(Currency, i64)| OpeningView {
            currency: currency.to_string(),
            opening_minor: *opening_minor,
        };
        let opening_balances = openings.iter().map(opening).collect();
        let connected = connected.iter().map(OwedView::from).collect();
        let shown = Shown { account: view, begins_at: row.begins_at, opening_balances, connected, known, day_check };
        return print(|output| Ok(output.json(&shown)?));
    }
    let mut rows = vec![
        ("id", view.id.clone()),
        ("kind", view.kind.to_owned()),
        ("mode", or_dash(view.mode)),
        ("name", or_dash(view.display_name.as_deref())),
        ("country", or_dash(view.country.as_deref())),
        ("default currency", or_dash(view.default_currency.as_deref())),
        ("time zone", or_dash(view.time_zone.as_deref())),
        ("synced at", view.synced_at.map_or_else(|| "never completely".to_owned(), |at| at.to_string())),
    ];
    if let Some(begins_at) = row.begins_at {
        let held: Vec<String> = openings.iter().map(|(currency, minor)| Amount::new(*minor, *currency).to_string()).collect();
        let held = if held.is_empty() { "not computed yet: the next sync does".to_owned() } else { held.join(", ") };
        rows.extend([("begins at", begins_at.to_string()), ("opening balance", held)]);
    }
    rows.extend(connected.iter().map(|one| ("platform", owed(one))));
    rows.extend(day_check.iter().map(|check| ("listed again", listed_again(check))));
    let zone = load::zone(config, store)?;
    print(|output| {
        fields(output, &rows)?;
        writeln!(output)?;
        let rows: Vec<(&str, String)> = known.iter().map(|kind| (kind.kind, words(kind, &zone))).collect();
        Ok(fields(output, &rows)?)
    })
}

/// What a past day's list said, when and by which run.
fn listed_again(check: &DayCheckView) -> String {
    let run = check.run.map(|run| format!(", by run {run}")).unwrap_or_default();
    format!("{} ({}{run})", check.words(), check.checked_at.strftime("%Y-%m-%d %H:%M UTC"))
}

fn explain(store: &Store, row: &SyncedAccount, view: &AccountView, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let status = load::status_of(store, row, outside.as_of(config.as_of))?;
    let mut sentences = vec![format!(
        "{} is {}, read in {} mode.",
        view.id,
        if view.kind == "own" { "the key's own account" } else { "connected to the key's platform, and read with its key" },
        view.mode.unwrap_or("an unknown")
    )];
    let exports = status.accounts.iter().find(|account| account.account == view.id).and_then(|row| row.exports_until_at);
    sentences.push(match (view.synced_at, exports) {
        (Some(at), _) => format!("Everything that Stripe had until {at} was read."),
        (None, Some(at)) => format!("What is known of it comes from exports, which tell of what was made until {at}."),
        (None, None) => "It was never read to the end: nothing can be claimed of it. Run tieout sync.".to_owned(),
    });
    for account in status.accounts.iter().filter(|account| account.account == view.id) {
        sentences.push(super::status::sentence(account));
    }
    explanation(config, &view.id, &sentences)
}
