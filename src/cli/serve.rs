//! `tieout serve`: the web pages, until it is told to stop.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, watch};

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::http;
use crate::outside::{Mishap, Outside};

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
Ctrl-C stops it after the requests and runs that are going on, for 30 seconds at most; SIGHUP reads tieout.toml and
the secrets' files again. systemd is told when it is ready: docs/SERVICE.md. /healthz and /readyz answer probes.")]
pub struct Args {
    /// Where to listen; loopback is reached from this machine only
    #[arg(long, value_name = "ADDR", default_value = LISTEN_DEFAULT)]
    listen: SocketAddr,
}

/// Serves until Ctrl-C or SIGTERM. SIGHUP reads the settings again: what runs ends first, and who connects meanwhile waits.
///
/// # Errors
/// [`Exit::Failed`] when the address cannot be listened on.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    super::block_on(async {
        // Before anybody may think that it serves: a signal that nobody awaits ends the process.
        let (stop, read_again) = (told_to_stop_once(), told_to_read_again());
        let listener = http::listen(outside, args.listen).await?;
        let unheard = |error: std::io::Error| Failure::new(Exit::Failed, format!("cannot listen: {error}"));
        let address = listener.local_addr().map_err(unheard)?;
        say(config, address);
        let listener = listener.into_std().map_err(unheard)?;
        let mut config = config.clone();
        loop {
            let next = Arc::new(Mutex::new(None));
            let serving = http::serve(outside, &config, outside.share(&listener).map_err(unheard)?, until_told(outside, &config, (&stop, &read_again), &next));
            outside.tell_ready(address);
            serving.await?;
            let next = next.lock().unwrap_or_else(PoisonError::into_inner).take();
            match next {
                Some(next) => config = next,
                None => return Ok(Exit::Fine),
            }
        }
    })
}

fn say(config: &Config, address: SocketAddr) {
    if !config.quiet {
        eprintln!("Serving on http://{address} (Ctrl-C stops it)");
        if !address.ip().is_loopback() {
            eprintln!("warning: other machines can reach {address}, and these pages ask nobody who they are");
        }
    }
}

/// Ends when the server is told to stop, or to read its settings again and they can be read: then they are put into `next`.
fn until_told(
    outside: &Outside,
    config: &Config,
    (stop, read_again): (&watch::Receiver<bool>, &Arc<Notify>),
    next: &Arc<Mutex<Option<Config>>>,
) -> impl Future<Output = ()> + Send + 'static {
    let (outside, flags, mut stop) = (outside.clone(), config.flags.clone(), stop.clone());
    let (read_again, next) = (Arc::clone(read_again), Arc::clone(next));
    async move {
        loop {
            tokio::select! {
                // Who could say so lives as long as the process.
                _ = stop.wait_for(|stop| *stop) => {
                    outside.tell_stopping();
                    return;
                }
                () = read_again.notified() => match Config::load(&flags, &outside) {
                    Ok(config) => {
                        outside.tell_reloading();
                        *next.lock().unwrap_or_else(PoisonError::into_inner) = Some(config);
                        return;
                    }
                    Err(failure) => {
                        let told = format!("the settings were not read again, and stay as they were: {failure}");
                        outside.mishap(Mishap::SettingsUnread, &told);
                    }
                },
            }
        }
    }
}

/// Hears Ctrl-C and SIGTERM from now on, also while nobody waits for them: between two servers, one would be lost.
fn told_to_stop_once() -> watch::Receiver<bool> {
    let (told, stop) = watch::channel(false);
    #[cfg(unix)]
    let early = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    };
    tokio::spawn(async move {
        #[cfg(unix)]
        if let (Ok(mut terminate), Ok(mut interrupt)) = early {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            told.send_replace(true);
            return;
        }
        told_to_stop().await;
        told.send_replace(true);
    });
    stop
}

/// Hears each SIGHUP.
fn told_to_read_again() -> Arc<Notify> {
    let told = Arc::new(Notify::new());
    #[cfg(unix)]
    if let Ok(mut signal) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) {
        let told = Arc::clone(&told);
        tokio::spawn(async move {
            while signal.recv().await.is_some() {
                told.notify_one();
            }
        });
    }
    told
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
