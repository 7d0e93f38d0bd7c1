//! When expressions happen where clocks are changed.

#![expect(clippy::unwrap_used, reason = "tests")]

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schedule::{Expression, Occurrence, Remark};

fn all(text: &str, zone: &str, from: &str, count: usize) -> Vec<Occurrence> {
    let expression = Expression::parse(text).unwrap();
    expression.occurrences(TimeZone::get(zone).unwrap(), from.parse().unwrap()).take(count).collect()
}

/// What the clock on the wall shows, and its offset.
fn walls(found: &[Occurrence]) -> Vec<String> {
    found.iter().map(|one| one.at.strftime("%m-%d %H:%M %:z").to_string()).collect()
}

#[test]
fn seven_in_new_york_stays_seven_when_clocks_are_changed() {
    let found = all("0 7 * * *", "America/New_York", "2026-03-06T13:00:00Z", 4);
    assert_eq!(walls(&found), ["03-07 07:00 -05:00", "03-08 07:00 -04:00", "03-09 07:00 -04:00", "03-10 07:00 -04:00"]);
    assert!(found.iter().all(|one| one.remark.is_none()));
}

#[test]
fn a_time_that_is_skipped_happens_at_the_first_instant_after_the_gap() {
    let found = all("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3);
    assert_eq!(walls(&found), ["03-28 02:30 +01:00", "03-29 03:00 +02:00", "03-30 02:30 +02:00"]);
    assert_eq!(found[1].remark, Some(Remark::Skipped("2026-03-29T02:30:00".parse().unwrap())));
}

#[test]
fn several_times_in_one_gap_happen_once() {
    let found = all("*/15 2,3 * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", 3);
    assert_eq!(walls(&found), ["03-29 03:00 +02:00", "03-29 03:15 +02:00", "03-29 03:30 +02:00"]);
    assert_eq!(found[0].remark, None, "three o'clock is named itself");
}

#[test]
fn a_gap_of_half_an_hour_and_one_before_midnight_hold_to_the_same() {
    let found = all("10 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 2);
    assert_eq!(walls(&found), ["10-04 02:30 +11:00", "10-05 02:10 +11:00"]);
    // Nuuk skips from 23 o'clock of Saturday to midnight.
    let found = all("30 23 * * SAT", "America/Nuuk", "2026-03-28T00:00:00Z", 1);
    assert_eq!(walls(&found), ["03-29 00:00 -01:00"]);
}

#[test]
fn a_time_that_comes_twice_happens_at_its_first_pass() {
    let found = all("30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z", 2);
    assert_eq!(walls(&found), ["11-01 01:30 -04:00", "11-02 01:30 -05:00"]);
    assert_eq!(found[0].remark, Some(Remark::FirstOfTwo));
    let between = all("30 1 * * *", "America/New_York", "2026-11-01T05:31:00Z", 1);
    assert_eq!(walls(&between), ["11-02 01:30 -05:00"], "not at the second pass");
}

#[test]
fn where_the_hour_is_any_time_goes_on_as_it_elapses() {
    let found = all("30 * * * *", "America/New_York", "2026-11-01T04:00:00Z", 4);
    assert_eq!(walls(&found), ["11-01 00:30 -04:00", "11-01 01:30 -04:00", "11-01 01:30 -05:00", "11-01 02:30 -05:00"]);
    assert_eq!((found[1].remark, found[2].remark), (Some(Remark::FirstPass), Some(Remark::SecondPass)));
    let found = all("30 * * * *", "America/New_York", "2026-03-08T06:00:00Z", 2);
    assert_eq!(walls(&found), ["03-08 01:30 -05:00", "03-08 03:30 -04:00"]);
    let found = all("*/30 * * * *", "Australia/Lord_Howe", "2026-04-04T14:20:00Z", 4);
    assert_eq!(walls(&found), ["04-05 01:30 +11:00", "04-05 01:30 +10:30", "04-05 02:00 +10:30", "04-05 02:30 +10:30"]);
}

#[test]
fn every_second_hour_names_times_on_the_wall() {
    let found = all("0 */2 * * *", "Europe/Berlin", "2026-03-28T23:00:00Z", 3);
    assert_eq!(walls(&found), ["03-29 00:00 +01:00", "03-29 03:00 +02:00", "03-29 04:00 +02:00"]);
}

#[test]
fn days_that_are_rare_are_found_and_days_that_never_come_are_not() {
    assert_eq!(
        walls(&all("0 0 29 2 *", "Asia/Kolkata", "2096-03-01T00:00:00Z", 1)),
        ["02-29 00:00 +05:30"],
        "1900 and 2100 have none"
    );
    assert_eq!(walls(&all("0 0 * 2 MON#5", "UTC", "2025-01-01T00:00:00Z", 1)), ["02-29 00:00 +00:00"]);
    assert!(all("0 0 30 2 *", "UTC", "2026-01-01T00:00:00Z", 1).is_empty());
    assert!(all("* * 31 4,6,9,11 *", "UTC", "2026-01-01T00:00:00Z", 1).is_empty());
}

#[test]
fn an_instant_that_is_asked_from_counts_and_half_a_minute_does_not() {
    assert_eq!(all("0 7 * * *", "UTC", "2026-01-01T07:00:00Z", 1)[0].at.timestamp().to_string(), "2026-01-01T07:00:00Z");
    for text in ["0 7 * * *", "0 * * * *"] {
        assert!(
            all(text, "UTC", "2026-01-01T07:00:00.5Z", 1)[0].at.timestamp()
                > "2026-01-01T07:01:00Z".parse::<Timestamp>().unwrap()
        );
    }
}

#[test]
fn at_the_end_of_all_calendars_nothing_comes_any_more() {
    assert!(all("0 7 * * *", "UTC", "9999-12-30T22:00:00Z", 2).len() < 2);
    assert!(all("0 * * * *", "Pacific/Kiritimati", "9999-12-30T22:00:00Z", 9).len() < 9);
    assert_eq!(all("0 7 1 1 *", "Pacific/Kiritimati", "-009999-01-02T01:59:59Z", 1).len(), 1);
}
