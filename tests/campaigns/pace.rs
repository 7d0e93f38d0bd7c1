//! How near a first sync of charges comes to the pace that Stripe allows, with a network between them, and how many requests it
//! makes beside the pages that there are. Run by `./campaign pace`.

use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::world::{Server, UNTIL, setting, tieout, whole_or};

/// How long each answer takes, in milliseconds; a sample need not wait.
const LATENCY: &str = "150-250";
const LATENCY_OF_A_SAMPLE: &str = "5-10";

/// Requests that the account may make in a second.
const ACCOUNT: u64 = 100;

/// Of those, how many to one endpoint; and what share of Stripe's limits `tieout.toml` names: without it they are found out by
/// what is refused. With a test key Stripe's limit is 25.
const LIMITS: [(u64, Option<u64>); 4] = [(ACCOUNT, None), (25, None), (25, Some(80)), (25, Some(100))];

/// Charges on each of the world's days: about 20,000, and 100,000.
const CHARGES_A_DAY: [u64; 2] = [250, 1_250];
const CHARGES_A_DAY_OF_A_SAMPLE: u64 = 10;

const DAYS: u64 = 90;

/// Objects on a page.
const PAGE: u64 = 100;

#[test]
#[ignore = "a campaign: ./campaign pace"]
fn a_first_sync_reads_every_charge_near_the_pace_that_stripe_allows() {
    let a_day = if whole_or(0, 1) == 1 { &CHARGES_A_DAY[..] } else { &[CHARGES_A_DAY_OF_A_SAMPLE] };
    let only = setting("PACE_ENDPOINT", (0, 0));
    for a_day in a_day {
        for (endpoint, share) in LIMITS.into_iter().filter(|(endpoint, _)| only == 0 || only == *endpoint) {
            pace(*a_day, endpoint, share);
        }
    }
}

fn pace(a_day: u64, endpoint: u64, share: Option<u64>) {
    let numbers =
        [("--per-day", a_day), ("--days", DAYS), ("--accounts", 1), ("--rate-limit", ACCOUNT), ("--endpoint-limit", endpoint)];
    let mut flags: Vec<String> = numbers.into_iter().flat_map(|(flag, number)| [flag.to_owned(), number.to_string()]).collect();
    let latency = if whole_or(0, 1) == 1 { LATENCY } else { LATENCY_OF_A_SAMPLE };
    flags.extend(["--until", UNTIL, "--latency", latency].map(str::to_owned));
    let stripe = Server::start(&flags, "0");
    let folder = TempDir::new().expect("a folder");
    let settings = share.map(|percent| format!("stripe_share_percent = {percent}\n")).unwrap_or_default();
    std::fs::write(folder.path().join("tieout.toml"), settings).expect("a file");
    let sync = || {
        let output = tieout()
            .args(["sync", "--only", "charge", "--full", "--json", "--database", "sqlite:books.db"])
            .env("STRIPE_API_BASE", &stripe.base)
            .env("STRIPE_API_KEY", "rk_test_pace")
            .current_dir(folder.path())
            .output()
            .expect("tieout starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
    };
    let started = Instant::now();
    let first = sync();
    let elapsed = started.elapsed();
    let charges = number(&first["by_kind"]["charge"]);
    assert_eq!(number(&sync()["by_kind"]["charge"]), charges, "both syncs read every charge");

    let (pages, requests) = (charges.div_ceil(PAGE), number(&first["requests"]));
    let floor = Duration::from_millis(pages * 1_000 / endpoint);
    let asked = share.map_or("limit unknown".to_owned(), |percent| format!("asked for {percent} % of it"));
    println!(
        "{charges} charges, {endpoint} a second, {asked}: {elapsed:.2?}, {} of what the limit allows; {requests} requests for {pages} pages",
        hundredths(elapsed.as_micros(), floor.as_micros())
    );
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("'{value}' is no number"))
}

/// Rounded up: never in our favour.
fn hundredths(part: u128, whole: u128) -> String {
    let hundredths = (part * 100).div_ceil(whole.max(1));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
