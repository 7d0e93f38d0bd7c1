//! Stripe over HTTP: what the real API answers at an instant of a [`Catalog`]'s world, the events and webhooks that tell what
//! happens, and reports; with permissions, limits and planned faults if asked for.
//!
//! Read-only, but for report runs: a POST makes one, which is kept in memory. Whoever calls [`router`] or [`serve`] binds the
//! listener. `GET /_sim` shows the world and what was asked of it to people, `/_sim/truth` and `/_sim/requests` to programs.

mod answer;
mod call;
mod clock;
mod core_events;
mod count;
mod embed;
mod endpoints;
mod error;
mod event;
mod expand;
mod faults;
mod filter;
mod index;
mod inside;
mod journal;
mod key;
mod latency;
mod limits;
mod list;
mod made;
mod members;
mod page;
mod params;
mod permissions;
mod reply;
mod report;
mod route;
mod search;
mod shelf;
mod version;
mod webhook;

use std::fmt;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::response::Response;
use axum::serve::ListenerExt;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::catalog::Catalog;
use crate::truth::Truth;
use call::{Call, Headers};
use count::Counter;
use error::StripeError;
use faults::FaultPlan;
use index::CatalogIndex;
use journal::Journal;
use limits::{Flight, Limiter, Reached};

pub use clock::{Clock, StoppedClock, Wait};
pub use faults::{Faults, FaultsError};
pub use latency::{Latency, LatencyError};
pub use limits::Limits;
pub use webhook::{Courier, Payload, signing_secret};

/// The longest body of a request, in bytes: a report run with every column that there is takes some 5,000.
const BODY_BYTES_MAX: usize = 60_000;

/// The API version that is named in answers to a request which names none.
const DEFAULT_VERSION: &str = "2026-10-28.endive";

/// What to serve, and how badly.
#[derive(Clone)]
pub struct Serving {
    /// The world's Stripe objects.
    pub catalog: Arc<Catalog>,
    /// How many requests end in a fault.
    pub faults: Faults,
    /// Decides which requests end in which fault, and the request ids.
    pub seed: u64,
    /// How many requests an account may make; any number for none.
    pub limits: Option<Limits>,
    /// How long answers take; `None` is no longer than it takes to make them.
    pub latency: Option<Latency>,
    /// What answers that take their time wait by, and limits count by: the real time.
    pub clock: Arc<dyn Clock>,
    /// What time it is in the world.
    pub time: WorldTime,
    /// Where webhooks go, for `/v1/webhook_endpoints`; `None` where nothing is sent, and where notifications are, whose
    /// destinations Stripe lists elsewhere.
    pub webhook_url: Option<String>,
    /// What is true of the world, for its page; `None` for a catalog made by hand.
    pub truth: Option<Arc<Truth>>,
}

impl Serving {
    /// This catalog at its end, without faults and limits, by a clock that stands still.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>, seed: u64) -> Self {
        Self {
            catalog,
            faults: Faults::NONE,
            seed,
            limits: None,
            latency: None,
            clock: Arc::new(StoppedClock),
            time: WorldTime::Ended,
            webhook_url: None,
            truth: None,
        }
    }
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
    endpoints: Vec<Value>,
    runs: report::Runs,
    faults: FaultPlan,
    counter: Counter,
    limiter: Limiter,
    latency: Option<Latency>,
    seed: u64,
    clock: Arc<dyn Clock>,
    time: WorldTime,
    journal: Journal,
    truth: Option<Arc<Truth>>,
}

/// Stripe's API over this world. The same requests in the same order get the same bytes, faults included.
pub fn router(serving: Serving) -> Router {
    routes(Arc::new(Simulator::new(serving)))
}

fn routes(simulator: Arc<Simulator>) -> Router {
    Router::new().fallback(handle).with_state(simulator)
}

impl Simulator {
    /// Whether time still runs.
    fn is_running(&self, now: i64) -> bool {
        matches!(self.time, WorldTime::Running(_)) && now < self.index.end()
    }

    fn new(serving: Serving) -> Self {
        let end = serving.catalog.now;
        let start = serving.time.now(end);
        let url = serving.webhook_url.as_deref();
        let endpoints = url.map(|url| endpoints::at(url, &serving.catalog, serving.seed, start)).unwrap_or_default();
        Self {
            index: CatalogIndex::new(serving.catalog, start),
            endpoints,
            runs: report::Runs::new(serving.seed, serving.faults.failed_reports()),
            faults: FaultPlan::new(serving.faults, serving.seed),
            counter: Counter::default(),
            limiter: Limiter::new(serving.limits),
            latency: serving.latency,
            seed: serving.seed,
            clock: serving.clock,
            time: serving.time,
            journal: Journal::default(),
            truth: serving.truth,
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
    let delivering = webhook::deliver(&simulator, clock, payload, courier);
    let (ended, ()) = futures_util::future::join(answering, delivering).await;
    ended
}

async fn accept(listener: TcpListener, router: Router) -> io::Result<()> {
    // A page is a burst and then silence: waiting to fill a packet would only add delay. A connection that refuses the
    // setting still works.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    axum::serve(listener, router).await
}

impl Simulator {
    /// The answer to a request, and whether it is a planned fault.
    async fn answer(&self, call: &Call<'_>, now: i64) -> (Response, bool) {
        let entered = self.enter(call);
        if let Some(latency) = self.latency {
            self.clock.sleep(latency.of(self.seed, call.request_id)).await;
        }
        let _flight = match entered {
            Ok(flight) => flight,
            Err(reached) => {
                self.counter.limited();
                return (reply::rate_limited(call, Some(reached.reason())), false);
            }
        };
        report::request(&self.index, &self.runs, now);
        let honest = || self.faults.with_news(answer::answer(&self.index, &self.endpoints, &self.runs, call, now));
        if let Some(drawn) = self.faults.next(call)
            && let Some(response) = drawn.respond(call, &self.clock, honest).await
        {
            self.counter.fault();
            return (response, true);
        }
        let answered = honest();
        self.counter.answered(&route::template(call.uri.path()), answered.counted);
        (reply::respond(call, answered), false)
    }

    /// Counts a request against the limits of the account that it acts on.
    fn enter(&self, call: &Call<'_>) -> Result<Flight<'_>, Reached> {
        let own = self.index.owner(call.owner()).unwrap_or_default();
        let account = call.headers.acting_account().unwrap_or(own);
        let endpoint = format!("{} {}", call.method, route::template(call.uri.path()));
        self.limiter.enter(account, &endpoint, self.clock.now())
    }
}

/// One request to one answer: count it, hold it to the limits, decide on a fault, and read the catalog.
async fn handle(State(simulator): State<Arc<Simulator>>, request: Request) -> Response {
    let (request, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await;
    let path = request.uri.path();
    let now = simulator.time.now(simulator.index.end());
    match path {
        "/_sim" | "/_sim/" | "/" => {
            let host = request.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
            return page::page(&simulator, host, now);
        }
        "/_sim/truth" => return page::truth_json(&simulator),
        "/_sim/requests" => return reply::counts(&simulator.counter.snapshot()),
        _ => {}
    }
    let headers = Headers::read(&request.headers);
    let request_id = simulator.counter.next_request_id(simulator.seed);
    let bytes = body.as_deref().unwrap_or_default();
    let call = Call { method: &request.method, uri: &request.uri, headers: &headers, body: bytes, request_id: &request_id };
    if body.is_err() {
        let told = format!("The body of this request is broken, or longer than {BODY_BYTES_MAX} bytes.");
        return reply::refuse(&call, &StripeError::bad_request(told));
    }
    let (response, fault) = simulator.answer(&call, now).await;
    simulator.journal.note(call.entry(now, response.status(), fault));
    response
}
