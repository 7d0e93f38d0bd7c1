//! `tieout sim`: a simulated merchant's Stripe account and bank, where the truth is known.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use sim::http::{Faults, Serving, WorldTime};
use sim::{BankFile, Difficulty, ObjectKind, Options, SimError, World};

use super::serve::told_to_stop;
use super::talk::note;
use super::{block_on, print};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;

const SERVE_EXAMPLES: &str = "\
Examples:
  tieout sim serve --port 12111                       a quarter of a small platform
  tieout sim serve --port 0 --seed 7 --faults 0.1     a free port; one request in ten goes wrong
  tieout sim serve --port 12111 --days 365 --per-day 300 --until 2026-06-30

In another terminal:
  STRIPE_API_BASE=http://127.0.0.1:12111 STRIPE_API_KEY=rk_test_sim tieout sync

It takes any key that begins with rk_test_ or sk_test_, it is read-only, and its time stands still.
The same flags give the same bytes. What was asked of it is counted at /_sim/requests.";

const EXPORT_EXAMPLES: &str = "\
Examples:
  tieout sim export world                             bank statements, Stripe's objects and truth.json
  tieout sim export world --seed 7 --until 2026-06-30
  tieout sim export world --difficulty real           also the exports of an order system, an ERP and a ledger

The same flags as `sim serve` give the same world: serve it, sync it, import its bank files, reconcile,
and compare with truth.json.";

/// `tieout sim`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Serve a simulated Stripe on this machine
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Serve),
    /// Write a simulated world's bank files, Stripe objects and truth into a folder
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(Export),
}

#[derive(clap::Args, Debug)]
struct Serve {
    /// The port on 127.0.0.1; 0 takes a free one and prints it
    #[arg(long, value_name = "P")]
    port: u16,
    #[command(flatten)]
    world: WorldFlags,
    /// The share of requests that end in a fault: 429, 5xx, a reset, a body cut off
    #[arg(long, value_name = "RATE", default_value = "0")]
    faults: Faults,
}

#[derive(clap::Args, Debug)]
struct Export {
    /// The folder; made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    world: WorldFlags,
}

/// What a world is made from.
#[derive(clap::Args, Debug)]
struct WorldFlags {
    /// Where all chance comes from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many days of business
    #[arg(long, value_name = "N", default_value_t = 90)]
    days: u32,
    /// The last day [default: yesterday, UTC]
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// Charges on an average day, for each account
    #[arg(long, value_name = "N", default_value_t = 20)]
    per_day: u32,
    /// Stripe accounts, the platform's own included
    #[arg(long, value_name = "N", default_value_t = 2)]
    accounts: u32,
    /// The merchants keep books, so hard to match: clean, light, real, hard or hardened [default: no books]
    #[arg(long, value_name = "NAME")]
    difficulty: Option<Difficulty>,
}

/// Runs `tieout sim`.
///
/// # Errors
/// [`Exit::Usage`] for options that make no world, [`Exit::Failed`] for a port or a folder that cannot be used.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Serve(serve) => block_on(serve_until_stopped(serve, config, outside)),
        Verb::Export(export) => write_world(&export, config, outside),
    }
}

/// The last whole day in UTC: where a world ends unless it is told.
pub(super) fn yesterday(outside: &Outside) -> Result<Date, Failure> {
    let today = outside.now().to_zoned(TimeZone::UTC).date();
    today.yesterday().map_err(|_| Failure::new(Exit::Failed, "the clock of this machine stands at the first day there is"))
}

/// What a world that cannot be made or written means for the command.
pub(super) fn refused(error: &SimError) -> Failure {
    let exit = match error {
        SimError::Options { .. } | SimError::Until { .. } => Exit::Usage,
        SimError::Date(_) | SimError::Amount(_) | SimError::Write { .. } | SimError::Json { .. } => Exit::Failed,
    };
    Failure::new(exit, error.to_string())
}

/// Listens on a port of this machine only: a simulated Stripe is nobody else's business.
pub(super) async fn listen(outside: &Outside, port: u16) -> Result<(tokio::net::TcpListener, SocketAddr), Failure> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = outside.bind(wanted).await.map_err(|error| {
        let hint = if error.kind() == ErrorKind::AddrInUse {
            "another program has it; --port 0 takes a free one"
        } else {
            "--port 0 takes a free one"
        };
        Failure::new(Exit::Failed, format!("cannot listen on {wanted}: {error}")).hint(hint)
    })?;
    let address =
        listener.local_addr().map_err(|error| Failure::new(Exit::Failed, format!("the listener has no address: {error}")))?;
    Ok((listener, address))
}

async fn serve_until_stopped(args: Serve, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let options = args.world.options(outside)?;
    let world = World::generate(&options).map_err(|error| refused(&error))?;
    let (listener, address) = listen(outside, args.port).await?;
    let base = format!("http://{address}");
    note(config, &ready(&base, &options, &world));
    let serving = Serving { catalog: Arc::new(world.catalog), faults: args.faults, seed: options.seed, time: WorldTime::Ended };
    print(|output| Ok(writeln!(output, "{base}")?))?;
    tokio::select! {
        ended = sim::http::serve(listener, serving) => ended.map_err(|error| Failure::new(Exit::Failed, format!("the simulator stopped: {error}")))?,
        () = told_to_stop() => {}
    }
    Ok(Exit::Fine)
}

/// What stands on stderr once requests are answered.
fn ready(base: &str, options: &Options, world: &World) -> String {
    let payouts: usize =
        world.catalog.accounts.values().filter_map(|account| account.objects.get(&ObjectKind::Payout)).map(Vec::len).sum();
    format!(
        "listening on {base}  (seed {}, {} days until {}, {} accounts, {payouts} payouts)\n  \
         STRIPE_API_BASE={base} STRIPE_API_KEY=rk_test_sim tieout sync",
        options.seed, options.days, options.until, options.accounts
    )
}

fn write_world(args: &Export, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let options = args.world.options(outside)?;
    let world = World::generate(&options).map_err(|error| refused(&error))?;
    sim::export(&world, &args.folder).map_err(|error| refused(&error))?;
    let folder = args.folder.display();
    let imports: String = imports(&world, &args.folder).iter().map(|command| format!("\n  {command}")).collect();
    let books = if options.difficulty.is_some() { "the merchants' books, " } else { "" };
    let count = world.bank_files.len();
    note(config, &format!("wrote Stripe's objects, truth.json, {books}and {count} bank files:{imports}"));
    print(|output| match config.json {
        true => Ok(output.json(&serde_json::json!({ "folder": args.folder, "bank_files": world.bank_files.len() }))?),
        false => Ok(writeln!(output, "{folder}")?),
    })
}

/// What to type to import the bank files: one command a bank account.
fn imports(world: &World, folder: &Path) -> BTreeSet<String> {
    let command = |file: &BankFile| {
        let files = folder.join("bank").join(format!("{}-*", file.bank_account));
        let currency = file.currency.map(|currency| format!(" --currency {currency}")).unwrap_or_default();
        format!("tieout import bank {} --bank-account {}{currency}", files.display(), file.bank_account)
    };
    world.bank_files.iter().map(command).collect()
}

impl WorldFlags {
    fn options(&self, outside: &Outside) -> Result<Options, Failure> {
        let until = match self.until {
            Some(until) => until,
            None => yesterday(outside)?,
        };
        let Self { seed, days, per_day, accounts, difficulty, .. } = *self;
        Ok(Options { seed, days, until, per_day, accounts, difficulty })
    }
}
