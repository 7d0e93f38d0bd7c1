//! How runs grow is told as it is, and not told where it is not known.

#![expect(clippy::unwrap_used, reason = "tests")]

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use schedule::trend::{Passing, Sample, Trend, trend};

const NOTHING: Trend = Trend { volume_ppm: None, took_ppm: None, passes: None };

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap()
}

fn days(days: i64) -> i64 {
    days * 86_400
}

/// A run on a day.
fn run(day: i64, milliseconds: u64, volume: u64) -> Sample {
    let took = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap());
    Sample { ended_at: at(days(day)), took, volume: Some(volume) }
}

/// Runs a week apart, each by so many percent more than the one before.
fn weekly(count: u32, percent: i64, first: u64) -> Vec<Sample> {
    let grown = |week: u32| {
        let (mut value, by) = (u128::from(first) << 32, u128::try_from(100 + percent).unwrap());
        for _ in 0..week {
            value = value * by / 100;
        }
        u64::try_from((value + (1 << 31)) >> 32).unwrap()
    };
    (0..count).map(|week| run(i64::from(week) * 7, grown(week), grown(week))).collect()
}

fn percent(ppm: Option<i64>) -> i64 {
    ppm.map_or(0, |ppm| (ppm + if ppm < 0 { -5_000 } else { 5_000 }) / 10_000)
}

#[test]
fn growth_and_when_a_run_takes_ten_minutes_are_said_in_words() {
    let runs: Vec<Sample> = weekly(10, 8, 100_000);
    let told = trend(&runs);
    // 100 s grown by 8 % nine times are 200 s; ten minutes are 14.3 weeks of growth later.
    let in_weeks = told.passes.map(|passes| (passes.minutes, (passes.at.as_second() - at(days(63)).as_second()) / days(7)));
    assert_eq!(in_weeks, Some((10, 14)));
    let said =
        "Volume grows 8 % a week, and runs take 8 % longer each week; at this rate a run passes 10 minutes in November 2026.";
    assert_eq!(told.words(&TimeZone::UTC).as_deref(), Some(said));
    let volume_alone: Vec<Sample> = runs.iter().map(|run| Sample { took: SignedDuration::from_secs(5), ..*run }).collect();
    assert_eq!(trend(&volume_alone).words(&TimeZone::UTC).as_deref(), Some("Volume grows 8 % a week."));
    let shrinks: Vec<Sample> = weekly(10, -20, 50_000).into_iter().map(|run| Sample { volume: None, ..run }).collect();
    assert_eq!(trend(&shrinks).words(&TimeZone::UTC).as_deref(), Some("Runs take 20 % less long each week."));
}

#[test]
fn the_month_is_the_one_of_the_business() {
    let passes = Some(Passing { minutes: 1, at: "2027-05-01T02:00:00Z".parse().unwrap() });
    let told = Trend { volume_ppm: None, took_ppm: Some(31_000), passes };
    let said = |zone: &str| told.words(&TimeZone::get(zone).unwrap()).unwrap();
    assert_eq!(said("UTC"), "Runs take 3 % longer each week; at this rate a run passes 1 minute in May 2027.");
    assert!(said("America/New_York").ends_with("in April 2027."));
}

#[test]
fn of_seven_runs_or_of_thirteen_days_nothing_is_said() {
    assert_ne!(trend(&weekly(8, 10, 100_000)), NOTHING);
    assert_eq!(trend(&weekly(7, 10, 100_000)), NOTHING);
    let of_days = |count: i64| {
        (0..count).map(|day| run(day, 1_000 + 300 * day.unsigned_abs(), 1_000 + 300 * day.unsigned_abs())).collect::<Vec<_>>()
    };
    assert_eq!(trend(&of_days(14)), NOTHING);
    assert_ne!(trend(&of_days(15)), NOTHING);
    assert_eq!(trend(&[]), NOTHING);
}

#[test]
fn what_grows_slowly_is_flat_and_what_is_far_away_is_not_foretold() {
    assert_eq!(trend(&weekly(20, 1, 1_000_000)), NOTHING);
    // From 1 s, 2 % a week take 207 weeks to a minute.
    let slow = trend(&weekly(20, 3, 1_000));
    assert_eq!((percent(slow.took_ppm), slow.passes), (3, None));
    // Who takes two hours has passed all that is foretold.
    assert_eq!(trend(&weekly(10, 8, 7_200_000)).passes, None);
}

#[test]
fn runs_of_every_quarter_of_an_hour_tell_of_weeks_and_not_of_the_hours_of_a_day() {
    // By day each takes twice as long as by night.
    let quarter = |n: i64| {
        let milliseconds = if n % 96 < 48 { 10_000 } else { 20_000 };
        Sample { ended_at: at(n * 900), took: SignedDuration::from_millis(milliseconds), volume: None }
    };
    assert_eq!(trend(&(0..96 * 21).map(quarter).collect::<Vec<_>>()), NOTHING);
}

#[test]
fn seven_runs_of_an_hour_and_one_two_weeks_later_tell_nothing_of_that_hour() {
    // Within the hour each takes a little longer, which over a week would be half as much again.
    let within =
        |n: i64| Sample { ended_at: at(n * 600), took: SignedDuration::from_millis(10_000_000 + n * 4_000), volume: None };
    let later = Sample { ended_at: at(days(15)), took: SignedDuration::from_millis(10_012_000), volume: None };
    assert_eq!(trend(&(0..7).map(within).chain([later]).collect::<Vec<_>>()), NOTHING);
}

#[test]
fn no_number_is_too_large() {
    let odd: Vec<Sample> = (0..30)
        .map(|n| Sample {
            ended_at: if n % 2 == 0 { Timestamp::MIN } else { Timestamp::MAX },
            took: if n % 3 == 0 { SignedDuration::MIN } else { SignedDuration::MAX },
            volume: Some(if n % 5 == 0 { 0 } else { u64::MAX }),
        })
        .collect();
    // A volume of all there is, and none, in turn: no growth is known to be one.
    assert_eq!(trend(&odd).passes, None);
}

proptest! {
    #[test]
    fn what_is_always_the_same_is_flat(count in 8_u32..80, value in 0_u64..10_000_000_000) {
        prop_assert_eq!(trend(&weekly(count, 0, value)), NOTHING);
    }

    #[test]
    fn a_growth_is_told_to_one_percent(count in 8_u32..26, by in -30_i64..=60, first in 2_000_000_u64..100_000_000) {
        let told = trend(&weekly(count, by, first));
        prop_assert!((percent(told.volume_ppm) - by).abs() <= if by.abs() <= 2 { 2 } else { 1 }, "{:?}", told);
        prop_assert_eq!(told.volume_ppm, told.took_ppm);
    }

    #[test]
    fn one_odd_run_changes_nothing(
        count in 8_u32..26, by in 0_i64..=40, odd in 0_usize..26, milliseconds in 0_u64..1_000_000_000_000,
    ) {
        let runs = weekly(count, by, 5_000_000);
        let mut with_odd = runs.clone();
        let at = odd % runs.len();
        with_odd[at] = Sample { took: SignedDuration::from_millis(i64::try_from(milliseconds).unwrap()), ..runs[at] };
        let (before, after) = (percent(trend(&runs).took_ppm), percent(trend(&with_odd).took_ppm));
        prop_assert!((before - after).abs() <= i64::from(by <= 2) * 2, "{before} {after}");
    }

    #[test]
    fn the_order_of_runs_does_not_matter(mut runs in proptest::collection::vec((0_i64..60, 0_u64..100_000, 0_u64..100_000), 0..40)) {
        let samples = |runs: &[(i64, u64, u64)]| runs.iter().map(|(day, took, volume)| run(*day, *took, *volume)).collect::<Vec<_>>();
        let forwards = trend(&samples(&runs));
        runs.reverse();
        prop_assert_eq!(forwards, trend(&samples(&runs)));
    }
}
