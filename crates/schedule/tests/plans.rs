//! Which occurrences are run, whatever stood in the way: each is run, left out or missed once.

#![expect(clippy::unwrap_used, reason = "tests")]

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use schedule::Expression;
use schedule::plan::{Due, MissedRuns, MissedSpan, Overlap, Plan, Policy, Standing, plan};

const POLICY: Policy = Policy { missed: MissedRuns::Once, overlap: Overlap::Skip, grace: SignedDuration::from_mins(5) };

fn at(text: &str) -> Timestamp {
    format!("2026-07-{text}:00Z").parse().unwrap()
}

/// Of a schedule that is due each day at seven, UTC.
fn planned(settled_until: &str, unfinished: usize, now: &str, policy: Policy) -> Plan {
    let expression = Expression::parse("0 7 * * *").unwrap();
    plan(&expression, &TimeZone::UTC, Standing { settled_until: at(settled_until), unfinished }, at(now), policy)
}

fn runs(plan: &Plan) -> Vec<(Timestamp, bool)> {
    plan.runs.iter().map(|Due { at, is_late }| (*at, *is_late)).collect()
}

#[test]
fn what_is_due_is_run_and_looked_for_again_when_the_next_is() {
    let before = planned("01T06:00", 0, "01T06:59", POLICY);
    assert!(before.is_empty() && before.next == Some(at("01T07:00")));
    let due = planned("01T06:59", 0, "01T07:00", POLICY);
    assert_eq!((runs(&due), due.next), (vec![(at("01T07:00"), false)], Some(at("02T07:00"))));
    assert!(planned("01T07:00", 0, "01T07:00", POLICY).is_empty(), "once");
}

#[test]
fn what_is_due_within_the_second_after_somebody_looked_is_not_left_out() {
    let (expression, just_before) = (Expression::parse("0 7 * * *").unwrap(), "2026-07-01T06:59:59.622Z".parse().unwrap());
    let looked =
        plan(&expression, &TimeZone::UTC, Standing { settled_until: at("01T06:00"), unfinished: 0 }, just_before, POLICY);
    assert_eq!((looked.settled_until, looked.next), (just_before, Some(at("01T07:00"))));
    let due = plan(&expression, &TimeZone::UTC, Standing { settled_until: just_before, unfinished: 0 }, at("01T07:00"), POLICY);
    assert_eq!(runs(&due), [(at("01T07:00"), false)]);
}

#[test]
fn of_what_was_missed_the_newest_is_run_or_each_or_none() {
    let missed = |missed| planned("01T07:00", 0, "04T12:00", Policy { missed, ..POLICY });
    let span = |count, last| Some(MissedSpan { count, first: at("02T07:00"), last: at(last) });
    let once = missed(MissedRuns::Once);
    assert_eq!((runs(&once), once.missed), (vec![(at("04T07:00"), true)], span(2, "03T07:00")));
    let each = missed(MissedRuns::Each);
    assert_eq!((runs(&each).len(), each.runs[0].at, each.missed), (3, at("02T07:00"), None));
    let none = missed(MissedRuns::None);
    assert_eq!((runs(&none), none.missed), (vec![], span(3, "04T07:00")));
}

#[test]
fn one_that_is_due_now_does_for_those_that_were_missed() {
    let plan = planned("01T07:00", 0, "04T07:01", POLICY);
    assert_eq!((runs(&plan), plan.missed.map(|missed| missed.count)), (vec![(at("04T07:00"), false)], Some(2)));
}

#[test]
fn one_that_comes_too_soon_is_left_out_or_waits() {
    let skipped = planned("01T07:00", 1, "02T07:00", POLICY);
    assert_eq!((runs(&skipped), skipped.skipped), (vec![], vec![at("02T07:00")]));
    let queue = Policy { overlap: Overlap::Queue, ..POLICY };
    assert_eq!(runs(&planned("01T07:00", 1, "02T07:00", queue)).len(), 1);
    assert_eq!(planned("01T07:00", 10, "02T07:00", queue).skipped.len(), 1, "and not without end");
}

#[test]
fn a_clock_that_was_set_back_runs_nothing_twice() {
    let plan = planned("02T07:00", 0, "01T07:00", POLICY);
    assert!(plan.is_empty() && plan.settled_until == at("02T07:00") && plan.next == Some(at("03T07:00")));
}

#[test]
fn a_schedule_that_was_away_for_a_year_does_not_come_back_half_a_million_times() {
    let expression = Expression::parse("* * * * *").unwrap();
    let standing = Standing { settled_until: "2025-07-01T00:00:30Z".parse().unwrap(), unfinished: 0 };
    let policy = Policy { missed: MissedRuns::Each, ..POLICY };
    let plan = plan(&expression, &TimeZone::UTC, standing, "2026-07-01T00:00:30Z".parse().unwrap(), policy);
    // The last five minutes are no more late, and do not wait for a hundred.
    assert_eq!((plan.runs.len(), plan.skipped.len(), plan.missed.unwrap().count), (100, 5, 525_600 - 105));
}

fn policy() -> impl Strategy<Value = Policy> {
    let missed = prop_oneof![Just(MissedRuns::Once), Just(MissedRuns::Each), Just(MissedRuns::None)];
    let overlap = prop_oneof![Just(Overlap::Skip), Just(Overlap::Queue)];
    (missed, overlap, 0_i64..3_600).prop_map(|(missed, overlap, grace)| Policy {
        missed,
        overlap,
        grace: SignedDuration::from_secs(grace),
    })
}

proptest! {
    /// However often somebody looks, and wherever its clock jumps: what was settled is settled once, in order, and nothing is left over.
    #[test]
    fn each_occurrence_is_in_one_plan(
        policy in policy(),
        text in prop_oneof![Just("*/7 * * * *"), Just("30 2 * * *"), Just("0 */3 * * MON-FRI")],
        zone in prop_oneof![Just("Europe/Berlin"), Just("Australia/Lord_Howe"), Just("UTC")],
        // Now and then somebody looks within the last second before a whole minute.
        looks in prop::collection::vec((-7_200_i64..90_000, 0_usize..3, prop_oneof![Just(0_i64), 1_i64..1_000, -999_i64..0]), 1..30),
    ) {
        let (expression, zone) = (Expression::parse(text).unwrap(), TimeZone::get(zone).unwrap());
        let start: Timestamp = "2026-03-27T00:00:00Z".parse().unwrap();
        let (mut now, mut settled_until) = (start, start);
        let (mut run, mut settled) = (Vec::new(), 0);
        for (forward, unfinished, aside) in looks {
            let minute = now.checked_add(SignedDuration::from_secs(forward)).unwrap().as_second().div_euclid(60) * 60;
            now = Timestamp::from_millisecond(minute * 1_000 + aside).unwrap();
            let made = plan(&expression, &zone, Standing { settled_until, unfinished }, now, policy);
            prop_assert!(made.settled_until >= settled_until && made.next.is_none_or(|next| next > made.settled_until));
            prop_assert!(made.runs.iter().all(|due| due.at > settled_until && due.at <= now));
            settled_until = made.settled_until;
            run.extend(made.runs.iter().map(|due| due.at));
            settled += made.runs.len() + made.skipped.len() + made.missed.map_or(0, |missed| usize::try_from(missed.count).unwrap());
        }
        prop_assert!(run.is_sorted_by(|one, next| one < next), "{run:?}");
        let all = expression.occurrences_after(zone, start).take_while(|one| one.at.timestamp() <= settled_until).count();
        prop_assert_eq!(settled, all);
    }
}
