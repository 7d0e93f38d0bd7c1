//! A Stripe that lets nobody on until it is told to: a sync from it runs for as long as a test wants.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};

use axum::Router;
use axum::http::{Uri, header};
use tokio::sync::Semaphore;

/// The key's own account; every list is empty.
const ACCOUNT: &str = r#"{"id":"acct_held","object":"account","country":"DE","default_currency":"eur"}"#;
const EMPTY: &str = r#"{"object":"list","data":[],"has_more":false}"#;

/// Requests that may pass once it lets go; more than any test makes.
const PASSES: usize = 10_000;

/// The server; it ends with the test's process.
pub struct Held {
    pub base: String,
    gate: Arc<Semaphore>,
    syncs: Arc<AtomicUsize>,
    arrived: Receiver<()>,
}

impl Held {
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        listener.set_nonblocking(true).unwrap();
        let (gate, syncs, (arrive, arrived)) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)), channel());
        let held = Self { base, gate: gate.clone(), syncs: syncs.clone(), arrived };
        let answer = move |uri: Uri| {
            let (gate, is_first) = (gate.clone(), uri.path() == "/v1/account");
            if is_first {
                syncs.fetch_add(1, Ordering::Relaxed);
                // Not every test waits for it.
                let _ = arrive.send(());
            }
            async move {
                gate.acquire().await.unwrap().forget();
                ([(header::CONTENT_TYPE, "application/json")], if is_first { ACCOUNT } else { EMPTY })
            }
        };
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, Router::new().fallback(answer)).await.unwrap();
            });
        });
        held
    }

    /// Returns once another sync has asked its first question.
    pub fn wait_for_a_sync(&self) {
        self.arrived.recv().unwrap();
    }

    /// Answers everything from now on.
    pub fn let_go(&self) {
        self.gate.add_permits(PASSES);
    }

    /// How many syncs have begun.
    pub fn syncs(&self) -> usize {
        self.syncs.load(Ordering::Relaxed)
    }
}
