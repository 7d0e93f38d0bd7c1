//! The schedules that a new installation begins with.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schedule::Expression;
use schedule::plan::{MissedRuns, Overlap};
use store::Schedule;

use super::{Job, next_after};

/// Name, when, and after which other.
type When = (&'static str, &'static str, Option<&'static str>);

/// Each with what it runs: everything that is new before people come, then the txns of the business day that has ended, then the verdicts;
/// and, while nobody works, whether the audit trail is whole.
fn jobs() -> [(When, Job); 4] {
    [
        (("sync", "every day at 5", None), Job::Sync { only: Vec::new(), yesterday: false }),
        (("yesterday", "every day at 7", None), Job::Sync { only: vec!["txn".to_owned()], yesterday: true }),
        (("reconcile", "", Some("yesterday")), Job::Reconcile),
        (("audit", "every day at 4", None), Job::Audit { anchors: None }),
    ]
}

/// The schedules, by the business time zone, which is `business` now.
#[must_use]
pub fn standard(business: &TimeZone, now: Timestamp) -> Vec<Schedule> {
    let schedule = |((name, expression, follows), job): (When, Job)| {
        let parsed = Expression::parse(expression).ok();
        Some(Schedule {
            name: name.to_owned(),
            job: serde_json::to_string(&job).ok()?,
            expression: expression.to_owned(),
            cron: parsed.as_ref().map(|parsed| parsed.text().to_owned()).unwrap_or_default(),
            follows: follows.map(str::to_owned),
            zone: None,
            retries: 3,
            missed: MissedRuns::Once.as_str().to_owned(),
            overlap: Overlap::Skip.as_str().to_owned(),
            grace: SignedDuration::from_mins(5),
            paused: false,
            added_at: now,
            settled_until: now,
            next_at: parsed.and_then(|parsed| next_after(&parsed, business, now)),
        })
    };
    jobs().into_iter().filter_map(schedule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yesterdays_txns_come_at_seven_and_are_judged_after() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let schedules = standard(&zone, "2026-07-01T10:59:59Z".parse().unwrap());
        let told: Vec<_> = schedules
            .iter()
            .map(|one| (one.name.as_str(), one.next_at.map(|at| at.to_string()), one.follows.as_deref()))
            .collect();
        let at = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                ("sync", at("2026-07-02T09:00:00Z"), None),
                ("yesterday", at("2026-07-01T11:00:00Z"), None),
                ("reconcile", None, Some("yesterday")),
                ("audit", at("2026-07-02T08:00:00Z"), None),
            ]
        );
    }
}
