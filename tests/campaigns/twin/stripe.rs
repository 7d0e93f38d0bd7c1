//! A simulated Stripe whose time the test sets, at two addresses: one where requests fail, for the shop that lives with it, and
//! an honest one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::Value;
use sim::http::{Faults, Serving, WorldTime};
use sim::{Catalog, Options, World};
use tokio::runtime::Runtime;

use super::life::DAY;

/// Who asks it in the name of the test.
const KEY: &str = "rk_test_twin";

pub struct Stripe {
    pub world: World,
    /// Where requests fail.
    pub faulty: String,
    /// Where none does.
    pub honest: String,
    catalog: Arc<Catalog>,
    now: Arc<AtomicI64>,
    /// When the world began.
    first: i64,
    /// Serves both as long as this lives.
    _runtime: Runtime,
}

impl Stripe {
    /// The world of `options` at the instant `from`, failing a `faults` share of requests.
    pub fn start(options: &Options, from: impl FnOnce(i64) -> i64, faults: &str) -> Self {
        let world = World::generate(options).expect("a world");
        let catalog = Arc::new(world.catalog.clone());
        let now = Arc::new(AtomicI64::new(from(catalog.now)));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let serve = |faults: &str| {
            let clock = Arc::clone(&now);
            let time = WorldTime::Running(Arc::new(move || clock.load(Ordering::SeqCst)));
            let faults: Faults = faults.parse().expect("a share");
            let serving = Serving { faults, time, ..Serving::new(Arc::clone(&catalog), options.seed) };
            let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a free port");
            let base = format!("http://{}", listener.local_addr().expect("an address"));
            runtime.spawn(sim::http::serve(listener, serving));
            base
        };
        let (faulty, honest) = (serve(faults), serve("0"));
        let first = catalog.now - i64::from(options.days) * DAY;
        Self { world, faulty, honest, catalog, now, first, _runtime: runtime }
    }

    /// What time it is in the world, unix seconds.
    pub fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    /// Lets time pass, up to the world's end.
    pub fn pass(&self, seconds: i64) {
        self.now.store(self.now().saturating_add(seconds).min(self.catalog.now), Ordering::SeqCst);
    }

    /// How many of `count` things that are spread over the world's days have come by now.
    pub fn share_of(&self, count: usize) -> usize {
        let lasted = self.now() - self.first;
        let share = i128::from(lasted) * count as i128 / i128::from(self.catalog.now - self.first);
        usize::try_from(share).expect("a share of them")
    }

    /// The events of every account that were made after `after` and are known by now, as their endpoint is told them.
    pub fn events(&self, after: i64) -> Vec<Value> {
        self.catalog.accounts.keys().flat_map(|account| self.events_of(account, after)).collect()
    }

    fn events_of(&self, account: &str, after: i64) -> Vec<Value> {
        let (mut events, mut cursor): (Vec<Value>, String) = (Vec::new(), String::new());
        loop {
            let page = self.get(account, &format!("/v1/events?limit=100&created[gt]={after}{cursor}"));
            let data = page["data"].as_array().expect("a list").clone();
            let last = data.last().map(|event| event["id"].as_str().expect("an id").to_owned());
            events.extend(data);
            match last.filter(|_| page["has_more"] == true) {
                Some(id) => cursor = format!("&starting_after={id}"),
                None => return events,
            }
        }
    }

    fn get(&self, account: &str, target: &str) -> Value {
        let host = self.honest.trim_start_matches("http://");
        let acting = if account == self.catalog.owner { String::new() } else { format!("Stripe-Account: {account}\r\n") };
        let head =
            format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {KEY}\r\n{acting}Connection: close\r\n\r\n");
        let mut stream = TcpStream::connect(host).expect("the simulator listens");
        stream.write_all(head.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (_, body) = answer.split_once("\r\n\r\n").expect("an answer has a body");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{target}: {error}: {answer}"))
    }
}
