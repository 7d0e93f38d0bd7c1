//! Who is called: by jobs, by messages, and as a watchman as long as all is looked at. Every server calls by an address of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use tokio::runtime::Runtime;

/// So long an answer may take that takes long: a quarter of an hour of the servers, in which more becomes due.
const LONG: Duration = Duration::from_secs(4);

/// What was heard.
#[derive(Default)]
pub struct Heard {
    /// The schedule and how many calls, by key.
    pub calls: BTreeMap<String, Vec<String>>,
    /// How often each message came, by its id.
    pub messages: BTreeMap<String, u64>,
    /// Which server called the watchman last, and how many calls there were.
    pub watchman: (Option<usize>, u64),
    /// Whether every call is answered well and at once.
    pub is_kind: bool,
}

pub struct Receiver {
    heard: Arc<Mutex<Heard>>,
    address: SocketAddr,
    _runtime: Runtime,
}

impl Receiver {
    pub fn start() -> Self {
        let runtime = Runtime::new().expect("threads");
        let heard: Arc<Mutex<Heard>> = Arc::default();
        let router = Router::new().route("/{whose}/{what}", axum::routing::any(take)).with_state(Arc::clone(&heard));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { heard, address, _runtime: runtime }
    }

    /// Where a server calls for something.
    pub fn url(&self, server: usize, what: &str) -> String {
        format!("http://{}/{server}/{what}", self.address)
    }

    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(
    State(heard): State<Arc<Mutex<Heard>>>,
    Path((server, what)): Path<(usize, String)>,
    headers: HeaderMap,
) -> StatusCode {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (status, wait) = {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        match what.as_str() {
            "work" => {
                let (key, is_kind) = (header("idempotency-key"), heard.is_kind);
                let calls = heard.calls.entry(key.clone()).or_default();
                calls.push(header("schedule"));
                if is_kind { (StatusCode::OK, Duration::ZERO) } else { manner(&key, calls.len()) }
            }
            "messages" => {
                *heard.messages.entry(header("webhook-id")).or_default() += 1;
                (StatusCode::NO_CONTENT, Duration::ZERO)
            }
            _ => {
                heard.watchman = (Some(server), heard.watchman.1 + 1);
                (StatusCode::NO_CONTENT, Duration::ZERO)
            }
        }
    };
    tokio::time::sleep(wait).await;
    status
}

/// Of the runs some are refused at first, one for good, and some take long.
fn manner(key: &str, calls: usize) -> (StatusCode, Duration) {
    let number: u64 = key.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or_default();
    match number % 23 {
        3 | 11 if calls == 1 => (StatusCode::SERVICE_UNAVAILABLE, Duration::ZERO),
        7 => (StatusCode::NOT_FOUND, Duration::ZERO),
        17 => (StatusCode::OK, LONG),
        _ => (StatusCode::OK, Duration::ZERO),
    }
}
