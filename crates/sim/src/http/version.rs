//! `Stripe-Version`: which versions there are. The objects look the same in all of them, as the newest has them: a client
//! sees its version taken and named, not older shapes.

use axum::http::StatusCode;
use jiff::civil::Date;

use super::error::StripeError;

/// Every version from the oldest of which the list is known to the newest, by the name of its release if it has one.
const VERSIONS: [(&str, &[&str]); 6] = [
    ("", &["2022-08-01", "2022-11-15", "2023-08-16", "2023-10-16", "2024-04-10", "2024-06-20"]),
    ("acacia", &["2024-09-30", "2024-10-28", "2024-11-20", "2024-12-18", "2025-01-27", "2025-02-24"]),
    ("basil", &["2025-03-31", "2025-04-30", "2025-05-28", "2025-06-30", "2025-07-30", "2025-08-27"]),
    ("clover", &["2025-09-30", "2025-10-29", "2025-11-17", "2025-12-15", "2026-01-28", "2026-02-25"]),
    ("dahlia", &["2026-03-25", "2026-04-22", "2026-05-27", "2026-06-24", "2026-07-29", "2026-08-26"]),
    ("endive", &["2026-09-30", "2026-10-28"]),
];
/// Stripe's first version.
const FIRST: &str = "2011-01-01";

/// Takes a version as the header says it. Dates before and after those of the list are taken unseen: old ones have no name,
/// and a client may be newer than this simulator.
///
/// # Errors
/// Stripe's 400 for what cannot be a version.
pub(super) fn check(version: Option<&str>) -> Result<(), StripeError> {
    match version {
        Some(version) if !is_version(version) => {
            Err(StripeError::invalid(StatusCode::BAD_REQUEST, format!("Invalid Stripe API version: {version}")))
        }
        Some(_) | None => Ok(()),
    }
}

fn is_version(version: &str) -> bool {
    let (date, name) = version.split_once('.').unwrap_or((version, ""));
    let known = || VERSIONS.iter().flat_map(|(name, dates)| dates.iter().map(move |date| (*date, *name)));
    let (oldest, newest) = (known().map(|(date, _)| date).min(), known().map(|(date, _)| date).max());
    // `YYYY-MM-DD` sorts as the dates do.
    if date.len() != FIRST.len() || date.parse::<Date>().is_err() || date < FIRST {
        return false;
    }
    if Some(date) < oldest {
        return name.is_empty();
    }
    if Some(date) > newest {
        return !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_lowercase());
    }
    known().any(|pair| pair == (date, name))
}

#[cfg(test)]
mod tests {
    use super::super::DEFAULT_VERSION;
    use super::*;

    #[test]
    fn what_stripe_released_is_a_version() {
        for version in ["2011-01-01", "2020-08-27", "2024-06-20", "2024-09-30.acacia", "2026-03-25.dahlia", DEFAULT_VERSION] {
            assert_eq!(check(Some(version)), Ok(()), "{version}");
        }
        assert_eq!(check(Some("2099-01-01.zinnia")), Ok(()), "a client may be newer");
        assert_eq!(check(None), Ok(()));
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for version in [
            "",
            "latest",
            "2024-13-01",
            "2024-6-20",
            "1999-01-01",
            "2024-06-21",
            "2026-03-25",
            "2024-06-20.acacia",
            "2026-03-25.basil",
            "2020-08-27.acacia",
            "2099-01-01",
        ] {
            assert!(check(Some(version)).is_err_and(|error| error.status == StatusCode::BAD_REQUEST), "{version}");
        }
    }
}
