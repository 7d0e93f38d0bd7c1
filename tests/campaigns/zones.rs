//! Around every change of clocks, expressions are due exactly when counting minutes says so. Run by `./campaign zones`.
//!
//! The counting is `tests/campaigns/zones/minutes.py`, on the same machine's time zones: Python's standard library reads them by
//! itself.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schedule::Expression;

use crate::world::whole_or;

/// Zones that do what others do not: half an hour, no hour at all, changes before midnight, in Ramadan, of two hours, at fourteen hours.
const ODD: &str = "Australia/Lord_Howe Pacific/Kiritimati America/Nuuk Africa/Casablanca Antarctica/Troll Asia/Gaza America/Havana \
     Asia/Kathmandu Pacific/Apia America/New_York Europe/Berlin UTC";

/// Random expressions of each window, beside those that are always looked at.
const RANDOM: usize = 6;

#[test]
#[ignore = "a campaign: ./campaign zones"]
fn expressions_are_due_when_counting_minutes_says_so() {
    let seed = std::env::var("ZONES_SEED").unwrap_or_else(|_| "1".to_owned());
    let zones: Vec<&str> = if whole_or(0, 1) == 1 { Vec::new() } else { ODD.split_whitespace().collect() };
    let (first, last) = (whole_or(2026, 2020).to_string(), whole_or(2027, 2037).to_string());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/campaigns/zones/minutes.py");
    let mut counting = Command::new("python3")
        .args([script, &seed, &first, &last, &RANDOM.to_string()])
        .args(&zones)
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut compared = Compared::default();
    for line in BufReader::new(counting.stdout.take().expect("a pipe")).lines() {
        compared.add(&line.expect("a line"), &seed);
    }
    assert!(counting.wait().expect("it ends").success(), "the counting of minutes failed");
    let Compared { windows, due, zones, .. } = &compared;
    println!("seed {seed}: {windows} windows of expressions in {} zones, {due} occurrences, each as counted", zones.len());
    assert!(*windows > whole_or(1_000, 100_000) && *due > *windows, "too little was compared");
}

#[derive(Default)]
struct Compared {
    windows: u64,
    due: u64,
    zones: std::collections::BTreeSet<String>,
}

impl Compared {
    fn add(&mut self, line: &str, seed: &str) {
        let (name, text, from, until, counted): (String, String, i64, i64, Vec<i64>) =
            serde_json::from_str(line).expect("a window");
        let zone = TimeZone::get(&name).unwrap_or_else(|_| panic!("{name} is unknown here"));
        let expression = Expression::parse(&text).unwrap_or_else(|bad| panic!("{text}: {bad}"));
        let from = Timestamp::from_second(from).expect("an instant");
        let due = expression.occurrences(zone, from).map(|one| one.at.timestamp().as_second()).take_while(|at| *at < until);
        let found: Vec<i64> = due.collect();
        assert_eq!(found, counted, "seed {seed}: {text} in {name} from {from}");
        self.windows += 1;
        self.due += found.len() as u64;
        self.zones.insert(name);
    }
}
