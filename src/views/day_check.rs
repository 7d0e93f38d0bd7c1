//! What became of listing a past day again, for commands and pages.

use facts::AccountId;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use store::DayCheck;

/// The last check of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayCheckView {
    /// Whose.
    pub account: String,
    /// `same`: Stripe lists what is here; `differs`: it does not; `unknown`: its list could not be read.
    pub state: &'static str,
    /// The day, in the business time zone.
    pub created_on: Date,
    /// Txns were compared that were created at this instant or later.
    pub from_at: Timestamp,
    /// And before this one.
    pub until_at: Timestamp,
    /// When Stripe was asked.
    pub checked_at: Timestamp,
    /// By which run.
    pub run: Option<i64>,
    /// How many txns Stripe listed; null where its list could not be read.
    pub listed: Option<u64>,
    /// How many of these were not here; they are since.
    pub missing: Option<u64>,
    /// How many were here that Stripe did not list; they stay.
    pub extra: Option<u64>,
}

impl DayCheckView {
    /// The view of an account's check.
    #[must_use]
    pub fn of(account: &AccountId, check: &DayCheck) -> Self {
        let found = check.found;
        Self {
            account: account.to_string(),
            state: match found {
                None => "unknown",
                Some(found) if found.missing == 0 && found.extra == 0 => "same",
                Some(_) => "differs",
            },
            created_on: check.day,
            from_at: check.from,
            until_at: check.until,
            checked_at: check.at,
            run: check.run.map(|run| run.0),
            listed: found.map(|found| found.listed),
            missing: found.map(|found| found.missing),
            extra: found.map(|found| found.extra),
        }
    }

    /// How bad it is, worst first: what was missing, what could not be checked, what Stripe lists no more.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match (self.missing, self.extra) {
            (Some(0), Some(0)) => 3,
            (Some(0), Some(_)) => 2,
            (Some(_), _) => 0,
            (None, _) => 1,
        }
    }

    /// What was found, in words.
    #[must_use]
    pub fn words(&self) -> String {
        let (Some(listed), Some(missing), Some(extra)) = (self.listed, self.missing, self.extra) else {
            return format!("unknown: {} could not be listed again", self.created_on);
        };
        let was = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        let told = match (missing, extra) {
            (0, 0) => "all of them here".to_owned(),
            (missing, 0) => was(missing, "was missing here until then", "were missing here until then"),
            (0, extra) => was(extra, "more is here", "more are here"),
            (missing, extra) => {
                format!(
                    "{}, {}",
                    was(missing, "was missing here until then", "were missing here until then"),
                    was(extra, "more is here", "more are here")
                )
            }
        };
        format!("{}: {}, {told}", self.created_on, was(listed, "txn", "txns"))
    }
}

#[cfg(test)]
mod tests {
    use store::{DayFound, RunId};

    use super::*;

    #[test]
    fn a_check_says_what_it_found_and_one_that_could_not_run_is_never_called_the_same() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let told = |found: Option<(u64, u64, u64)>| {
            let check = DayCheck {
                day: "2026-07-14".parse().unwrap(),
                from: at("2026-07-14T00:00:00Z"),
                until: at("2026-07-15T00:00:00Z"),
                at: at("2026-07-31T00:00:00Z"),
                run: Some(RunId(7)),
                found: found.map(|(listed, missing, extra)| DayFound { listed, missing, extra }),
            };
            let view = DayCheckView::of(&AccountId::parse("acct_1").unwrap(), &check);
            (view.state, view.rank(), view.words())
        };
        assert_eq!(told(Some((0, 0, 0))), ("same", 3, "2026-07-14: 0 txns, all of them here".to_owned()));
        assert_eq!(told(Some((213, 0, 1))), ("differs", 2, "2026-07-14: 213 txns, 1 more is here".to_owned()));
        assert_eq!(told(None), ("unknown", 1, "unknown: 2026-07-14 could not be listed again".to_owned()));
        let both = "2026-07-14: 213 txns, 2 were missing here until then, 3 more are here".to_owned();
        assert_eq!(told(Some((213, 2, 3))), ("differs", 0, both));
    }
}
