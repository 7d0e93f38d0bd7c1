//! What a receiver answered, as far as it is read.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// A receiver has nothing to say to us but its status; so much is kept for a person to look at.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A receiver can ask for a pause, and not that it be left alone for good.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// An answer, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How long the receiver wants to be left alone, at most [`RETRY_AFTER_MAX`]; a date that is past is zero.
    pub retry_after: Option<Duration>,
    /// The beginning of the body, at most [`ANSWER_BYTES_MAX`].
    pub body: Vec<u8>,
    /// Whether the body went on; the rest was not read.
    pub truncated: bool,
}

impl Answer {
    /// Whether the receiver took it: 2xx.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// Whether the same may be taken later: 408, 425, 429, 5xx without 501 and 505.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self.status, 408 | 425 | 429 | 500 | 502..=504 | 506..=599)
    }
}

/// Reads up to the limit. What is left of the body goes away with the connection.
pub(super) async fn read(mut response: reqwest::Response, now: Timestamp) -> Result<Answer, reqwest::Error> {
    let status = response.status().as_u16();
    let retry_after = retry_after(response.headers(), now);
    let mut body = Vec::new();
    let mut truncated = false;
    while let Some(chunk) = response.chunk().await? {
        let room = ANSWER_BYTES_MAX.saturating_sub(body.len());
        truncated = chunk.len() > room;
        body.extend(chunk.into_iter().take(room));
        if truncated {
            break;
        }
    }
    Ok(Answer { status, retry_after, body, truncated })
}

/// Seconds, or a date as HTTP writes it. What is neither is not said.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wanted = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let until = DateTimeParser::new().parse_timestamp(text).ok()?;
        Duration::try_from(until.duration_since(now)).unwrap_or_default()
    };
    Some(wanted.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Duration> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
        retry_after(&headers, "2026-11-28T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_receiver_asks_for_a_pause_in_seconds_or_with_a_date() {
        assert_eq!(asked("120"), Some(Duration::from_secs(120)));
        assert_eq!(asked("0"), Some(Duration::ZERO));
        assert_eq!(asked("Sat, 28 Nov 2026 10:01:30 GMT"), Some(Duration::from_secs(90)));
        assert_eq!(asked("Sat, 28 Nov 2026 09:00:00 GMT"), Some(Duration::ZERO), "past");
        for nonsense in ["", "-1", "+5", "1.5", "soon", "2026-11-28", "Sat, 99 Nov 2026 10:01:30 GMT"] {
            assert_eq!(asked(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn no_receiver_silences_us_for_longer_than_a_day() {
        for long in ["86401", "99999999999999999999999999", "Sat, 28 Nov 2099 10:00:00 GMT"] {
            assert_eq!(asked(long), Some(RETRY_AFTER_MAX), "{long}");
        }
    }

    #[test]
    fn a_status_says_whether_to_try_again() {
        let answer = |status| Answer { status, retry_after: None, body: Vec::new(), truncated: false };
        for status in [408, 425, 429, 500, 502, 503, 504, 520] {
            assert!(answer(status).is_passing() && !answer(status).is_success(), "{status}");
        }
        for status in [301, 400, 401, 404, 410, 501, 505] {
            assert!(!answer(status).is_passing() && !answer(status).is_success(), "{status}");
        }
        assert!(answer(204).is_success() && !answer(204).is_passing());
    }
}
