//! Stripe over HTTP: what the real API answers for reading accounts, balances, balance transactions, payouts, charges,
//! refunds and disputes, rendered from a [`Catalog`], with planned faults if asked for.
//!
//! Read-only. Whoever calls [`router`] or [`serve`] binds the listener. `GET /_sim/requests` says what was asked so far.

mod answer;
mod clock;
mod count;
mod error;
mod expand;
mod faults;
mod index;
mod key;
mod limits;
mod list;
mod params;
mod permissions;
mod reply;
mod route;
mod version;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use crate::catalog::Catalog;
use answer::{Call, Headers};
use count::Counter;
use faults::FaultPlan;
use index::{AccountView, CatalogIndex};
use limits::{Flight, Limiter, Reached};

pub use clock::{Clock, StoppedClock, Wait};
pub use faults::{Faults, FaultsError};
pub use limits::Limits;

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
    /// What stalled answers wait by, and limits count by.
    pub clock: Arc<dyn Clock>,
}

impl Serving {
    /// This catalog without faults and limits, by a clock that stands still.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>, seed: u64) -> Self {
        Self { catalog, faults: Faults::NONE, seed, limits: None, clock: Arc::new(StoppedClock) }
    }
}

/// Everything that one server holds.
struct Simulator {
    index: CatalogIndex,
    faults: FaultPlan,
    counter: Counter,
    limiter: Limiter,
    seed: u64,
    clock: Arc<dyn Clock>,
}

/// Stripe's API over this world. The same requests in the same order get the same bytes, faults included.
pub fn router(serving: Serving) -> Router {
    let simulator = Simulator {
        index: CatalogIndex::new(serving.catalog),
        faults: FaultPlan::new(serving.faults, serving.seed),
        counter: Counter::default(),
        limiter: Limiter::new(serving.limits),
        seed: serving.seed,
        clock: serving.clock,
    };
    Router::new().fallback(handle).with_state(Arc::new(simulator))
}

/// Answers on this listener until the future is dropped.
///
/// # Errors
/// What the system says when it accepts no more connections.
pub async fn serve(listener: TcpListener, serving: Serving) -> io::Result<()> {
    // A page is a burst and then silence: waiting to fill a packet would only add delay. A connection that refuses the
    // setting still works.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    axum::serve(listener, router(serving)).await
}

impl Simulator {
    /// Counts a request against the limits of the account that it acts on.
    fn enter(&self, call: &Call<'_>) -> Result<Flight<'_>, Reached> {
        let named = call.headers.account.as_deref();
        let account = named.or_else(|| self.index.owner().map(AccountView::id)).unwrap_or_default();
        let endpoint = format!("{} {}", call.method, route::template(call.uri.path()));
        self.limiter.enter(account, &endpoint, self.clock.now())
    }
}

/// One request to one answer: count it, hold it to the limits, decide on a fault, and read the catalog.
async fn handle(State(simulator): State<Arc<Simulator>>, request: Request) -> Response {
    let (request, _) = request.into_parts();
    let path = request.uri.path();
    if path == "/_sim/requests" {
        return reply::counts(&simulator.counter.snapshot());
    }
    let headers = Headers::read(&request.headers);
    let request_id = simulator.counter.next_request_id(simulator.seed);
    let call = Call { method: &request.method, uri: &request.uri, headers: &headers, request_id: &request_id };
    let _flight = match simulator.enter(&call) {
        Ok(flight) => flight,
        Err(reached) => {
            simulator.counter.limited();
            return reply::rate_limited(&call, Some(reached.reason()));
        }
    };
    let honest = || simulator.faults.with_news(answer::answer(&simulator.index, &call));
    if let Some(drawn) = simulator.faults.next(&call)
        && let Some(response) = drawn.respond(&call, &simulator.clock, honest).await
    {
        simulator.counter.fault();
        return response;
    }
    let answered = honest();
    simulator.counter.answered(&route::template(path), answered.counted);
    reply::respond(&call, answered)
}
