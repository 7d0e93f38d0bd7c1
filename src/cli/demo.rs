//! `tieout demo`: a simulated merchant, synced, reconciled, and opened in the browser.

mod place;
mod summary;

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::civil::Date;
use secrecy::SecretString;
use store::Location;
use sim::http::Serving;
use sim::{BankFile, Options, World};

use super::serve::told_to_stop;
use super::sim::{listen, refused, yesterday};
use super::talk::note;
use super::{block_on, progress};
use crate::config::{Config, StripeKey};
use crate::exit::{Exit, Failure};
use crate::http;
use crate::jobs::import::{ImportRequest, import_bank};
use crate::jobs::reconcile::{ReconcileRequest, reconcile};
use crate::jobs::sync::{SyncRequest, sync};
use crate::outside::Outside;
use place::Place;

/// What the simulated Stripe takes for a key; it is no secret.
const KEY: &str = "rk_test_demo";

const EXAMPLES: &str = "\
Examples:
  tieout demo                        a merchant's quarter, opened in the browser
  tieout demo --no-serve             the same, printed
  tieout demo --no-serve --json      the same for machines: what `status --json` prints
  tieout demo --seed 7 --days 365    another merchant, a whole year

It needs no key and no network. It keeps a database of its own, which each demo begins anew, and leaves
yours alone. The code it runs is what reads your Stripe account and your bank's files.";

/// `tieout demo`
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// How many days of business
    #[arg(long, value_name = "N", default_value_t = 90)]
    days: u32,
    /// Where all chance comes from: another number, another merchant
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The last day [default: yesterday, UTC]
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// Stripe accounts, the platform's own included
    #[arg(long, value_name = "N", default_value_t = 2)]
    accounts: u32,
    /// Print what ties and what does not, and end
    #[arg(long)]
    no_serve: bool,
    /// Where the pages are served
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", conflicts_with = "no_serve")]
    listen: SocketAddr,
}

/// Runs it.
///
/// # Errors
/// Options that make no world, a folder or a port that cannot be used, and whatever a job fails with.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let until = args.until.map_or_else(|| yesterday(outside), Ok)?;
    let options = Options { days: args.days, accounts: args.accounts, ..Options::quarter(args.seed, until) };
    let World { catalog, bank_files, as_of, .. } = World::generate(&options).map_err(|error| refused(&error))?;
    let place = Place::prepare(config, outside)?;
    note(config, &introduction(&options, &place));
    let demo = Config {
        database: Location::File(place.database.clone()),
        as_of: Some(config.as_of.unwrap_or(as_of)),
        time_zone: None,
        stripe_keys: vec![StripeKey { name: "the demo's key".to_owned(), secret: Ok(SecretString::from(KEY)) }],
        // Its Stripe is gone once it was read: nothing is left to sync from, and nobody delivers.
        sync_secret: None,
        webhook_secrets: Vec::new(),
        ..config.clone()
    };
    let serving = Serving::new(Arc::new(catalog), options.seed);
    block_on(read_stripe(&demo, serving, outside))?;
    watched(&demo, "import", || import_statements(&bank_files, &place, &demo, outside))?;
    watched(&demo, "reconcile", || reconcile(outside, &demo, ReconcileRequest::default()))?;
    summary::show(&demo, outside)?;
    note(config, &format!("\nlook closer: tieout --database sqlite:{} payout list", place.database.display()));
    if args.no_serve {
        return Ok(Exit::Fine);
    }
    let listening = |address: SocketAddr| show(address, &demo, outside);
    block_on(async {
        let listener = http::listen(outside, args.listen).await?;
        let address = listener.local_addr().map_err(|error| Failure::new(Exit::Failed, format!("cannot listen: {error}")))?;
        listening(address);
        http::serve(outside, &demo, listener, told_to_stop()).await
    })?;
    Ok(Exit::Fine)
}

fn introduction(options: &Options, place: &Place) -> String {
    format!(
        "a simulated merchant: {} accounts, {} days until {}, seed {}\n  database   {}\n  statements {}",
        options.accounts,
        options.days,
        options.until,
        options.seed,
        place.database.display(),
        place.statements.display()
    )
}

/// A job that does not say how far it is, with something moving on the terminal meanwhile.
fn watched<T>(demo: &Config, label: &'static str, job: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let mut line = progress(demo, label);
    let done = job();
    line.finish();
    done
}

/// Serves the simulated Stripe on a free port of this machine for as long as the sync takes.
async fn read_stripe(demo: &Config, serving: Serving, outside: &Outside) -> Result<(), Failure> {
    let (listener, address) = listen(outside, 0).await?;
    let demo = Config { stripe_api_base: format!("http://{address}"), ..demo.clone() };
    let stripe = tokio::spawn(sim::http::serve(listener, serving));
    let mut line = progress(&demo, "sync");
    let request = SyncRequest::default();
    let synced = sync(outside, &demo, &request, &mut *line).await;
    line.finish();
    stripe.abort();
    match synced? {
        summary if summary.complete => Ok(()),
        summary => Err(Failure::new(Exit::Incomplete, format!("the sync read not everything: {}", summary.unread.join("; ")))),
    }
}

/// Keeps each bank's files as a person would get them, and imports them from there.
fn import_statements(files: &[BankFile], place: &Place, demo: &Config, outside: &Outside) -> Result<(), Failure> {
    for file in files {
        let path = place.statements.join(&file.name);
        let unwritable = |error| Failure::new(Exit::Failed, format!("{} cannot be written: {error}", path.display()));
        outside.write_file(&path, &file.bytes).map_err(unwritable)?;
        let request = ImportRequest {
            files: vec![path.clone()],
            given: Vec::new(),
            bank_account: file.bank_account.clone(),
            currency: file.currency,
            profile: None,
            days: None,
            dry_run: false,
        };
        import_bank(outside, demo, &request)?;
    }
    Ok(())
}

/// The pages are up: into the browser, or at least their address.
fn show(address: SocketAddr, demo: &Config, outside: &Outside) {
    let url = format!("http://{address}");
    let opened = outside.open_browser(&url);
    let how = if opened { "opened in your browser" } else { "open it in a browser" };
    note(demo, &format!("\n{url}  ({how}; Ctrl-C stops it)"));
}
