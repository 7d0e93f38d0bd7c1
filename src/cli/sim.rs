//! `tieout sim`: a simulated merchant's Stripe account and bank, where the truth is known.

mod clock;
mod courier;
mod time;

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use sim::http::{Faults, Latency, Limits, Payload, Serving, WorldTime};
use sim::{BankFile, Difficulty, ObjectKind, Options, SimError, World};

use clock::OutsideClock;
use courier::Post;
use time::Pace;

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
  tieout sim serve --port 0 --faults reset,has-more-lies:0.2
  tieout sim serve --port 12111 --days 365 --per-day 300 --until 2026-06-30
  tieout sim serve --port 12111 --rich --accounts 20 --subscriptions 50
  tieout sim serve --port 12111 --clock-rate 600 --webhook-url http://127.0.0.1:8080/webhooks/stripe

In another terminal:
  STRIPE_API_BASE=http://127.0.0.1:12111 STRIPE_API_KEY=rk_test_sim tieout sync

It takes any key that begins with rk_test_ or sk_test_, it is read-only but for report runs,
and its time stands still unless --clock-rate makes it run.
A restricted key can say what it may read, by Stripe's permissions without rak_ and _read: rk_test_only_balance_payout.
With --owners 2, a key that begins with rk_test_own2_ reads the company's second account.
Keys that begin with rk_test_expired or rk_test_revoked worked once.
The same flags give the same bytes. Its address in a browser shows the world, what is true of it, and what was asked.";

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
    /// What goes wrong: a share of requests, or names of faults; --help lists them
    #[arg(long, value_name = "FAULTS", default_value = "0", long_help = faults_help())]
    faults: Faults,
    #[command(flatten)]
    time: TimeFlags,
    /// Where each event is posted as it happens, on this machine; the signing secret is told at the start
    #[arg(long, value_name = "URL", requires = "clock_rate", value_parser = courier::address)]
    webhook_url: Option<String>,
    /// What is posted: the whole event, or a notification of it
    #[arg(long, value_name = "KIND", default_value = "snapshot", requires = "webhook_url")]
    webhook_payload: WebhookPayload,
    /// Requests a second that an account may make; more get a 429 [default: any number]
    #[arg(long, value_name = "N")]
    rate_limit: Option<NonZeroU32>,
    /// Those that it may make to one endpoint [default: a quarter of all]
    #[arg(long, value_name = "N", requires = "rate_limit")]
    endpoint_limit: Option<NonZeroU32>,
    /// Requests of an account that may be waiting for an answer at the same time; more get a 429
    #[arg(long, value_name = "N", default_value = "50", requires = "rate_limit")]
    concurrency_limit: NonZeroU32,
    /// How long each answer takes, in milliseconds, as over a network: 200, or a range, 150-250 [default: no time]
    #[arg(long, value_name = "MS")]
    latency: Option<Latency>,
}

/// How the world's time runs.
#[derive(clap::Args, Debug)]
struct TimeFlags {
    /// Seconds of the world in one second; without it time stands still at the world's end
    #[arg(long, value_name = "X", value_parser = clap::value_parser!(i64).range(1..=time::RATE_MAX))]
    clock_rate: Option<i64>,
    /// The day at whose beginning a running clock starts [default: a week before the last day]
    #[arg(long, value_name = "DATE", requires = "clock_rate")]
    clock_from: Option<Date>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum WebhookPayload {
    Snapshot,
    Thin,
}

/// What `--help` says of `--faults`.
fn faults_help() -> String {
    format!(
        "What goes wrong: a list, by commas, of names from below, each with the share of requests that it befalls after a \
         colon, or 0.05. A share alone is that of all faults that a plain retry cures: 429, 5xx, reset, cut-off. So 0.1, or \
         reset,late-visible,has-more-lies:0.1. What happens to a request depends on the seed, the request and how often it \
         was made; none goes wrong more than three times in a row, but for key-revoked.\n\n{}",
        Faults::teach()
    )
}

#[derive(clap::Args, Debug)]
struct Export {
    /// The folder; made if it is not there, and empty if it is
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
    /// The company's own Stripe accounts: not connected to each other, each with sales and payouts of its own and with its own
    /// keys, rk_test_own2_… and so on, and all of them paid out into the same bank accounts
    #[arg(long, value_name = "N", default_value_t = 1)]
    owners: u32,
    /// The merchants keep books, so hard to match, and their banks are as hard: clean, light, real, hard or hardened [default: no
    /// books, and the usual troubles at the bank]
    #[arg(long, value_name = "NAME")]
    difficulty: Option<Difficulty>,
    /// Customers with subscriptions, for each account that has any: their invoices, payments and credit notes
    #[arg(long, value_name = "N", default_value_t = 0)]
    subscriptions: u32,
    /// Everything that Stripe does: transfers, top-ups, reserves, more currencies and payment methods, up to 100,000 accounts of
    /// very different sizes
    #[arg(long)]
    rich: bool,
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
        SimError::Options { .. } | SimError::Until { .. } | SimError::NotEmpty { .. } => Exit::Usage,
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
    let pace = args.time.pace(&options, outside)?;
    let world = World::generate(&options).map_err(|error| refused(&error))?;
    let (listener, address) = listen(outside, args.port).await?;
    let base = format!("http://{address}");
    note(config, &ready(&base, &options, &world));
    let pace = pace.map(Pace::beginning_now);
    let time = pace.as_ref().map_or(WorldTime::Ended, Pace::world_time);
    if let Some(pace) = &pace {
        note(config, &running(pace, args.webhook_url.as_deref(), options.seed));
    }
    let (per_endpoint, at_once) = (args.endpoint_limit, args.concurrency_limit);
    let limits = args.rate_limit.map(|per_second| Limits { per_second, per_endpoint, at_once });
    let serving = Serving {
        faults: args.faults.clone(),
        limits,
        latency: args.latency,
        clock: Arc::new(OutsideClock(outside.clone())),
        time,
        webhook_url: args.webhook_url.clone().filter(|_| matches!(args.webhook_payload, WebhookPayload::Snapshot)),
        truth: Some(Arc::new(world.truth)),
        ..Serving::new(Arc::new(world.catalog), options.seed)
    };
    print(|output| Ok(writeln!(output, "{base}")?))?;
    tokio::select! {
        ended = answer(listener, serving, pace, &args, outside) => ended.map_err(|error| Failure::new(Exit::Failed, format!("the simulator stopped: {error}")))?,
        () = told_to_stop() => {}
    }
    Ok(Exit::Fine)
}

/// Serves, and delivers webhooks where an address for them was given.
async fn answer(
    listener: tokio::net::TcpListener,
    serving: Serving,
    pace: Option<Pace>,
    args: &Serve,
    outside: &Outside,
) -> std::io::Result<()> {
    let (Some(pace), Some(url)) = (pace, &args.webhook_url) else { return sim::http::serve(listener, serving).await };
    let payload = match args.webhook_payload {
        WebhookPayload::Snapshot => Payload::Snapshot,
        WebhookPayload::Thin => Payload::Thin,
    };
    let courier = Post { url: url.clone(), pace, outside: outside.clone() };
    sim::http::serve_with_webhooks(listener, serving, payload, &courier).await
}

/// What stands on stderr when time runs.
fn running(pace: &Pace, webhook_url: Option<&str>, seed: u64) -> String {
    let from = jiff::Timestamp::from_second(pace.from).map(|at| at.to_string()).unwrap_or_default();
    let hooks = webhook_url
        .map(|url| format!("\n  webhooks to {url}, signed with {}", sim::http::signing_secret(seed)))
        .unwrap_or_default();
    format!("its time runs from {from}, {} seconds a second{hooks}", pace.rate)
}

/// What stands on stderr once requests are answered.
fn ready(base: &str, options: &Options, world: &World) -> String {
    let payouts: usize =
        world.catalog.accounts.values().filter_map(|account| account.objects.get(&ObjectKind::Payout)).map(Vec::len).sum();
    format!(
        "listening on {base}  (seed {}, {} days until {}, {} accounts, {payouts} payouts)\n  \
         STRIPE_API_BASE={base} STRIPE_API_KEY=rk_test_sim tieout sync",
        options.seed, options.days, options.until, options.accounts + options.owners - 1
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

impl TimeFlags {
    fn pace(&self, options: &Options, outside: &Outside) -> Result<Option<Pace>, Failure> {
        let Some(rate) = self.clock_rate else { return Ok(None) };
        let first = options.until.saturating_sub(jiff::Span::new().days(i64::from(options.days) - 1));
        Pace::new(rate, self.clock_from, (first, options.until), outside).map(Some)
    }
}

impl WorldFlags {
    fn options(&self, outside: &Outside) -> Result<Options, Failure> {
        let until = match self.until {
            Some(until) => until,
            None => yesterday(outside)?,
        };
        let Self { seed, days, per_day, accounts, owners, difficulty, subscriptions, rich, .. } = *self;
        Ok(Options { seed, days, until, per_day, accounts, owners, difficulty, subscriptions, rich })
    }
}
