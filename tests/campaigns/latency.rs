//! How long it takes from a delivery until what Tieout says has changed: until the object's row does, and until a reconciliation
//! has seen that. Run by `./campaign latency`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use sim::Options;
use store::Store;

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

/// More deliveries than ever wait.
const ALL: u32 = 1_000_000;

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
    let (sent, Watched { seen: watched, judged }) = std::thread::scope(|threads| {
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
    print("object's row", rows.iter().map(|(sent, seen)| sent.duration_until(*seen)));
    let last = *judged.last().expect("everything was judged once");
    let judged_at = |seen: Timestamp| judged.range(seen..).next().copied().unwrap_or(last.max(seen));
    print("reconciled", rows.iter().map(|(sent, seen)| sent.duration_until(judged_at(*seen))));
    println!("{} looks at which all that was read had been judged", judged.len());
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

/// What was seen while events were delivered.
struct Watched {
    /// When each delivery was first seen not to wait any more.
    seen: BTreeMap<String, Timestamp>,
    /// When nothing that was read still had to be judged. A reconciliation that changes nothing leaves no other trace.
    judged: BTreeSet<Timestamp>,
}

/// Watches until the sender has ended, and then until nothing waits and all is judged.
fn watch(store: &Store, end: &std::sync::mpsc::Receiver<()>) -> Watched {
    let mut waited = BTreeMap::<String, ()>::new();
    let mut watched = Watched { seen: BTreeMap::new(), judged: BTreeSet::new() };
    loop {
        let ended = end.recv_timeout(LOOK) == Err(std::sync::mpsc::RecvTimeoutError::Disconnected);
        let is_judged = store.to_judge().expect("what is due").accounts.is_empty();
        let judged_at = Timestamp::now();
        watched.judged.extend(is_judged.then_some(judged_at));
        let waiting = store.waiting_deliveries(ALL).expect("deliveries");
        let now = Timestamp::now();
        let waiting: BTreeMap<String, ()> = waiting.into_iter().map(|one| (one.id, ())).collect();
        watched.seen.extend(waited.into_keys().filter(|id| !waiting.contains_key(id)).map(|id| (id, now)));
        // What was read before the last look is judged at this one.
        if ended && waiting.is_empty() && is_judged && watched.seen.values().all(|seen| *seen < judged_at) {
            return watched;
        }
        waited = waiting;
    }
}

fn print(what: &str, took: impl Iterator<Item = jiff::SignedDuration>) {
    let mut took: Vec<_> = took.map(|took| took.as_millis()).collect();
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    println!("{what:<13} after {} ms in the middle, {} ms at p99, {} ms at most", at(50), at(99), at(100));
}
