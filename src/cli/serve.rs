//! `tieout serve`: the web pages, until it is told to stop.

use std::net::SocketAddr;

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::http;
use crate::outside::Outside;

/// Reached from this machine only, on a port that no well-known service has.
const LISTEN_DEFAULT: &str = "127.0.0.1:8377";

/// Serve the web pages: are we tied out, payouts, exceptions, bank lines, transactions.
///
/// With STRIPE_WEBHOOK_SECRET set, what Stripe delivers to /webhooks/stripe is kept, read again and reconciled; the key is that
/// of tieout sync, and docs/WEBHOOKS.md says more. At the start it syncs what was missed while it was down.
///
/// It runs what is scheduled (tieout schedule list), each occurrence once, however many servers there are on one database.
///
/// The pages only read; sync, import and reconcile may run beside them. Nothing asks who reads: on any address but loopback,
/// put a proxy in front that does.
///
/// With TIEOUT_SYNC_SECRET set, POST /api/billing/sync-stripe with that bearer syncs yesterday, for whoever schedules it
/// elsewhere: docs/SYNC_ENDPOINT.md.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  tieout serve                          http://127.0.0.1:8377
  tieout serve --listen 127.0.0.1:0     on a free port, which is printed
  tieout --database sqlite:books.db --as-of 2026-10-01 serve
  TIEOUT_SYNC_SECRET=… tieout serve     also lets a scheduler that bears the secret run a sync:
                                        POST /api/billing/sync-stripe, see docs/SYNC_ENDPOINT.md
Ctrl-C stops it after the requests that are running. /healthz and /readyz answer probes.")]
pub struct Args {
    /// Where to listen; loopback is reached from this machine only
    #[arg(long, value_name = "ADDR", default_value = LISTEN_DEFAULT)]
    listen: SocketAddr,
}

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
/// [`Exit::Failed`] when the address cannot be listened on.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let quiet = config.quiet;
    let say = move |address: SocketAddr| {
        if !quiet {
            eprintln!("Serving on http://{address} (Ctrl-C stops it)");
            if !address.ip().is_loopback() {
                eprintln!("warning: other machines can reach {address}, and these pages ask nobody who they are");
            }
        }
    };
    super::block_on(http::serve(outside, config, args.listen, say, told_to_stop()))?;
    Ok(Exit::Fine)
}

/// Ends at Ctrl-C or SIGTERM. A machine that gives no signals is stopped by killing the process.
pub(super) async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
