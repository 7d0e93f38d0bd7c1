//! More deliveries than any shop sees, for longer: some come twice, late, forged or broken, and in the middle the database stands
//! still. What was answered 200 is there once, what was refused comes again, as Stripe does it, and nothing else is there.
//! Run by `./campaign flood`.

mod database;
mod traffic;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sim::Options;

use self::database::Database;
use self::traffic::{Delivery, Kind, Traffic, charges, id};
use crate::courier::{self, Courier};
use crate::shop::Shop;
use crate::twin::Stripe;
use crate::world::{UNTIL, setting};

/// Deliveries a second, and for how many seconds; a sample is as much as a debug build takes beside other tests.
const RATE: (u64, u64) = (200, 1_000);
const SECONDS: (u64, u64) = (4, 600);

/// For how long the database stands still, in seconds: in a sample, too, more deliveries come meanwhile than may wait.
const PAUSE: (u64, u64) = (3, 10);

/// Days and charges a day of the world that the deliveries are about.
const DAYS: u32 = 20;
const CHARGES_A_DAY: u32 = 20;

type Answered = courier::Answered<Delivery>;

/// What is refused comes again in so many rounds at most. Stripe does it for three days.
const ROUNDS_MAX: u32 = 20;

#[test]
#[ignore = "a campaign: ./campaign flood"]
fn every_delivery_that_was_answered_200_is_there_once_and_no_other() {
    let only = std::env::var("FLOOD_ONLY").ok();
    for name in ["sqlite", "postgres"].into_iter().filter(|name| only.as_deref().is_none_or(|only| only == *name)) {
        flood(name);
    }
}

fn flood(name: &str) {
    let (rate, seconds) = (setting("FLOOD_RATE", RATE), setting("FLOOD_SECONDS", SECONDS));
    let pause = Duration::from_secs(setting("FLOOD_PAUSE", PAUSE));
    let options = Options { days: DAYS, per_day: CHARGES_A_DAY, ..Options::quarter(1, UNTIL.parse().expect("a day")) };
    let stripe = Stripe::start(&options, |end| end, "0");
    let database = Database::make(name);
    let mut shop = Shop::with_database(database.address(), &stripe.honest);
    shop.run(&["sync"]);
    shop.serve(UNTIL, None);
    assert!(shop.settles(), "the server starts and catches up");

    let (address, process) = shop.serving().map(|(address, process)| (address.to_owned(), process)).expect("a server");
    let courier = Courier { address, rate };
    let traffic = Traffic::new(1, charges(&shop));
    let started = Instant::now();
    let (answered, slowest) = std::thread::scope(|threads| {
        let paused = threads.spawn(|| {
            std::thread::sleep(Duration::from_secs(seconds / 2).saturating_sub(pause / 2));
            database.stand_still(&shop, pause);
        });
        let delivered = courier.deliver(traffic.deliveries(rate * seconds), |delivery| traffic.written(*delivery));
        paused.join().expect("the database goes on");
        delivered
    });
    let lasted = started.elapsed();
    println!("{name}: {} deliveries in {lasted:.1?}, sent up to {slowest:.1?} late", answered.len());
    print_answers(&answered);
    let taken = deliver_again(&courier, &traffic, answered);
    check(&database, &shop, &taken);
    println!("{name}: peak memory {} KiB", peak_kib(process));
    let from = Instant::now();
    assert!(shop.settles(), "the server still lives");
    println!("{name}: all of it was worked off {:.1?} later; peak memory {} KiB", from.elapsed(), peak_kib(process));
    let left = database.column(&shop, "SELECT COUNT(*) FROM delivery WHERE state <> 'done'");
    assert_eq!(left, ["0"], "deliveries that were not worked off");
}

fn print_answers(answered: &[Answered]) {
    let mut counts: BTreeMap<(Kind, u16), u64> = BTreeMap::new();
    answered.iter().for_each(|one| *counts.entry((one.delivery.kind, one.status)).or_default() += 1);
    counts.iter().for_each(|((kind, status), count)| println!("    {kind:?}, answered {status}: {count}"));
}

/// Holds each answer to what it must be, and delivers again what was refused, until nothing is. The events' numbers, each as often
/// as it was answered 200.
fn deliver_again(courier: &Courier, traffic: &Traffic, mut answered: Vec<Answered>) -> Vec<u64> {
    let mut taken = Vec::new();
    for round in 1.. {
        let mut refused = Vec::new();
        for Answered { delivery, status, .. } in answered {
            match (delivery.kind, status) {
                (Kind::Forged | Kind::Garbage, 400) => {}
                (Kind::New | Kind::Again, 200) => taken.push(delivery.number),
                (Kind::New | Kind::Again, 503) => refused.push(delivery),
                _ => panic!("{delivery:?} was answered with {status}"),
            }
        }
        if refused.is_empty() {
            break;
        }
        assert!(round <= ROUNDS_MAX, "{} are still refused", refused.len());
        println!("    {} were refused with 503 and come again", refused.len());
        answered = courier.deliver(refused.into_iter(), |delivery| traffic.written(*delivery)).0;
    }
    taken
}

fn check(database: &Database, shop: &Shop, taken: &[u64]) {
    let mut expected: Vec<String> = taken.iter().map(|number| id(*number)).collect();
    expected.sort_unstable();
    expected.dedup();
    let mut kept = database.column(shop, "SELECT id FROM delivery");
    kept.sort_unstable();
    let lost = expected.iter().find(|id| kept.binary_search(id).is_err());
    assert!(lost.is_none(), "answered 200 and lost: {lost:?}");
    let extra = kept.iter().find(|id| expected.binary_search(id).is_err());
    assert!(extra.is_none(), "kept and never answered 200: {extra:?}");
    assert_eq!(kept.len(), expected.len(), "an event is there twice");
    let times = database.column(shop, "SELECT CAST(SUM(times) AS BIGINT) FROM delivery");
    println!("    {} events are there, each once; answered 200 {} times, counted {}", kept.len(), taken.len(), times.join(""));
}

/// The most memory that a process has had.
fn peak_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|text| text.split_whitespace().next());
    peak.and_then(|number| number.parse().ok()).expect("a number")
}
