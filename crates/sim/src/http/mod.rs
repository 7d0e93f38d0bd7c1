//! Stripe over HTTP: what the real API answers for reading accounts, balances, balance transactions, payouts, charges,
//! refunds and disputes, rendered from a [`Catalog`], with planned faults if asked for.
//!
//! Read-only, but for report runs: a POST makes one, which is kept in memory. Whoever calls [`router`] or [`serve`] binds the
//! listener. `GET /_sim/requests` says what was asked so far.

mod answer;
mod count;
mod error;
mod event;
mod expand;
mod faults;
mod index;
mod key;
mod list;
mod params;
mod reply;
mod report;
mod route;
mod webhook;

use std::fmt;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use crate::catalog::Catalog;
use answer::{Call, Headers};
use count::Counter;
use faults::FaultPlan;
use index::CatalogIndex;

pub use faults::{Faults, FaultsError};
pub use webhook::{Courier, Payload, signing_secret};

/// The longest body of a request, in bytes: a report run with every column that there is takes some 5,000.
const BODY_BYTES_MAX: usize = 60_000;

/// The API version that is named in answers to a request which names none.
const DEFAULT_VERSION: &str = "2026-10-28.endive";

/// What to serve, and how badly.
#[derive(Clone, Debug)]
pub struct Serving {
    /// The world's Stripe objects.
    pub catalog: Arc<Catalog>,
    /// How many requests end in a fault.
    pub faults: Faults,
    /// Decides which requests end in which fault, and the request ids.
    pub seed: u64,
    /// What time it is in the world.
    pub time: WorldTime,
}

/// The world's time, unix seconds, each time it is called. It never runs backwards.
pub type WorldClock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What time it is in the world.
#[derive(Clone)]
pub enum WorldTime {
    /// It stands still at the world's end.
    Ended,
    /// It runs, from the instant that the clock shows at first. After the world's end nothing happens any more.
    Running(WorldClock),
}

impl fmt::Debug for WorldTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended => formatter.write_str("Ended"),
            Self::Running(clock) => write!(formatter, "Running({})", clock()),
        }
    }
}

impl WorldTime {
    fn now(&self, end: i64) -> i64 {
        match self {
            Self::Ended => end,
            Self::Running(clock) => clock().min(end),
        }
    }
}

/// Everything that one server holds.
struct Simulator {
    index: CatalogIndex,
    runs: report::Runs,
    faults: FaultPlan,
    counter: Counter,
    seed: u64,
    time: WorldTime,
    end: i64,
}

/// Stripe's API over this world. The same requests in the same order get the same bytes, faults included.
pub fn router(serving: Serving) -> Router {
    routes(Arc::new(Simulator::new(serving)))
}

fn routes(simulator: Arc<Simulator>) -> Router {
    Router::new().fallback(handle).with_state(simulator)
}

impl Simulator {
    fn new(serving: Serving) -> Self {
        let end = serving.catalog.now;
        let start = serving.time.now(end);
        Self {
            index: CatalogIndex::new(serving.catalog, start),
            runs: report::Runs::new(serving.seed),
            faults: FaultPlan::new(serving.faults, serving.seed),
            counter: Counter::default(),
            seed: serving.seed,
            time: serving.time,
            end,
        }
    }
}

/// Answers on this listener until the future is dropped.
///
/// # Errors
/// What the system says when it accepts no more connections.
pub async fn serve(listener: TcpListener, serving: Serving) -> io::Result<()> {
    accept(listener, router(serving)).await
}

/// Answers on this listener and delivers each event to `courier` as it happens, until the future is dropped. Nothing is
/// delivered while the world's time stands still.
///
/// # Errors
/// What the system says when it accepts no more connections.
pub async fn serve_with_webhooks(
    listener: TcpListener,
    serving: Serving,
    payload: Payload,
    courier: &impl Courier,
) -> io::Result<()> {
    let simulator = Arc::new(Simulator::new(serving));
    let answering = accept(listener, routes(Arc::clone(&simulator)));
    let WorldTime::Running(clock) = &simulator.time else { return answering.await };
    let delivering = webhook::deliver(&simulator.index, clock, payload, simulator.seed, courier);
    let (ended, ()) = futures_util::future::join(answering, delivering).await;
    ended
}

async fn accept(listener: TcpListener, router: Router) -> io::Result<()> {
    // A page is a burst and then silence: waiting to fill a packet would only add delay. A connection that refuses the
    // setting still works.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    axum::serve(listener, router).await
}

/// One request to one answer: count, decide on a fault, and read the catalog.
async fn handle(State(simulator): State<Arc<Simulator>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let path = parts.uri.path();
    if path == "/_sim/requests" {
        return reply::counts(&simulator.counter.snapshot());
    }
    let headers = Headers::read(&parts.headers);
    let request_id = simulator.counter.next_request_id(simulator.seed);
    let call = Call { method: &parts.method, uri: &parts.uri, headers: &headers, body: &body, request_id: &request_id };
    let now = simulator.time.now(simulator.end);
    if let Some(fault) = simulator.faults.next(&call.fingerprint()) {
        simulator.counter.fault();
        return fault.respond(&call, || answer::answer(&simulator.index, &simulator.runs, &call, now));
    }
    let answered = answer::answer(&simulator.index, &simulator.runs, &call, now);
    simulator.counter.answered(&route::template(path), answered.counted);
    reply::respond(&call, answered)
}
