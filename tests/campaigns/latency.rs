//! How long it takes from a delivery until what Tieout says has changed: until the object's row does, and until a reconciliation
//! has seen that. Run by `./campaign latency`.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;
use sim::Options;
use store::{RunState, Store};

use crate::courier::Courier;
use crate::shop::{Shop, signature};
use crate::twin::Stripe;
use crate::world::{UNTIL, setting};

/// Deliveries a second, and for how many seconds.
const RATE: (u64, u64) = (20, 100);
const SECONDS: (u64, u64) = (5, 120);

/// Charges on each day of the world.
const CHARGES_A_DAY: (u64, u64) = (20, 300);

/// So many days lie before the first sync, and so many can pass while events are delivered.
const BEFORE: i64 = 60;
const AHEAD: i64 = 30;

const DAY: i64 = 86_400;

/// Where more is wanted, the world goes on by so many seconds.
const STEP: i64 = 600;

/// How often it is looked at what still waits: the error of what is measured.
const LOOK: Duration = Duration::from_millis(20);

/// More deliveries than ever wait, and more runs than there are.
const ALL: u32 = 1_000_000;

/// Where no reconciliation begins for so long, the last deliveries have changed nothing.
const QUIET: Duration = Duration::from_secs(15);

#[test]
#[ignore = "a campaign: ./campaign latency"]
fn every_delivery_is_followed_by_what_it_changed() {
    let per_day = u32::try_from(setting("LATENCY_PER_DAY", CHARGES_A_DAY)).expect("charges");
    let days = u32::try_from(BEFORE + AHEAD).expect("days");
    let options = Options { days, per_day, accounts: 1, ..Options::quarter(1, UNTIL.parse().expect("a day")) };
    let stripe = Stripe::start(&options, |end| end - AHEAD * DAY, "0");
    let mut shop = Shop::with_database(None, &stripe.honest);
    shop.run(&["sync"]);
    shop.serve(UNTIL, None);
    assert!(shop.settles(), "the server starts and catches up");

    let rate = setting("LATENCY_RATE", RATE);
    let address = shop.serving().expect("a server").0.to_owned();
    let events = happening(&stripe, rate * setting("LATENCY_SECONDS", SECONDS));
    let courier = Courier { address, rate };
    let (sent, watched) = std::thread::scope(|threads| {
        let (told, end) = std::sync::mpsc::channel::<()>();
        let store = shop.store();
        let watching = threads.spawn(move || watch(&store, &end));
        let (answered, latest) = courier.deliver(events, |event| {
            let body = event.to_string().into_bytes();
            let signed = signature(&body);
            (body, signed)
        });
        drop(told);
        println!("{} deliveries, sent up to {latest:.1?} late", answered.len());
        (answered, watching.join().expect("it watches"))
    });
    assert!(sent.iter().all(|one| one.status == 200), "a delivery was refused");
    let rows: Vec<(Timestamp, Timestamp)> = sent
        .iter()
        .map(|one| {
            // What never was seen to wait was done within a look.
            let seen = one.delivery["id"].as_str().and_then(|id| watched.get(id));
            (one.sent_at, seen.copied().unwrap_or(one.answered_at + LOOK))
        })
        .collect();
    let ends = reconciled(&shop, rows.iter().map(|(_, seen)| *seen).max().expect("some"));
    print("object's row", rows.iter().map(|(sent, seen)| sent.duration_until(*seen)));
    let judged = |seen: Timestamp| ends.range(seen..).map(|(_, end)| *end).min().unwrap_or(seen);
    print("reconciled", rows.iter().map(|(sent, seen)| sent.duration_until(judged(*seen))));
    println!("{} reconciliations", ends.len());
}

/// The next events of a world that goes on as fast as they are wanted.
fn happening(stripe: &Stripe, count: u64) -> impl Iterator<Item = Value> {
    let mut known: VecDeque<Value> = VecDeque::new();
    (0..count).map(move |_| {
        loop {
            if let Some(event) = known.pop_front() {
                return event;
            }
            let before = stripe.now();
            stripe.pass(STEP);
            assert!(stripe.now() > before, "the world has ended: it has too few charges for so many events");
            known.extend(stripe.events(before));
        }
    })
}

/// When each delivery was first seen not to wait any more: until the sender has ended, and then until none waits.
fn watch(store: &Store, end: &std::sync::mpsc::Receiver<()>) -> BTreeMap<String, Timestamp> {
    let (mut waited, mut seen) = (BTreeMap::<String, ()>::new(), BTreeMap::new());
    loop {
        let ended = end.recv_timeout(LOOK) == Err(std::sync::mpsc::RecvTimeoutError::Disconnected);
        let waiting = store.waiting_deliveries(ALL).expect("deliveries");
        let now = Timestamp::now();
        let waiting: BTreeMap<String, ()> = waiting.into_iter().map(|one| (one.id, ())).collect();
        seen.extend(waited.into_keys().filter(|id| !waiting.contains_key(id)).map(|id| (id, now)));
        if ended && waiting.is_empty() {
            return seen;
        }
        waited = waiting;
    }
}

/// When reconciliations began and ended, once one has begun after `last`, or none does.
fn reconciled(shop: &Shop, last: Timestamp) -> BTreeMap<Timestamp, Timestamp> {
    let (store, started) = (shop.store(), Instant::now());
    loop {
        let runs = store.runs(ALL.into()).expect("runs");
        let ended = runs.iter().filter(|run| run.job == "reconcile" && run.state == RunState::Done);
        let ends: BTreeMap<Timestamp, Timestamp> = ended.filter_map(|run| Some((run.started_at, run.ended_at?))).collect();
        if ends.range(last..).next().is_some() || started.elapsed() > QUIET {
            return ends;
        }
        std::thread::sleep(LOOK);
    }
}

fn print(what: &str, took: impl Iterator<Item = jiff::SignedDuration>) {
    let mut took: Vec<_> = took.map(|took| took.as_millis()).collect();
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    println!("{what:<13} after {} ms in the middle, {} ms at p99, {} ms at most", at(50), at(99), at(100));
}
