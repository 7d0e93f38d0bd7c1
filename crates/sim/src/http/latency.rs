//! How long an answer takes, as over a network: chosen for each request from a seed.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

use crate::random::Random;

/// The longest latency that can be asked for, in milliseconds: clients give up before.
const MILLIS_MAX: i64 = 60_000;

/// The least and the most that an answer takes, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    least: i64,
    most: i64,
}

/// What is no latency.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("expected milliseconds, such as 200, or a range of them, such as 150-250, at most {MILLIS_MAX}")]
pub struct LatencyError;

impl Latency {
    /// How long the answer to this request takes.
    pub(super) fn of(self, seed: u64, request_id: &str) -> Duration {
        let millis = Random::new(seed, &format!("latency {request_id}"), 0).between(self.least, self.most);
        Duration::from_millis(millis.unsigned_abs())
    }
}

impl FromStr for Latency {
    type Err = LatencyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (least, most) = text.split_once('-').unwrap_or((text, text));
        let millis = |text: &str| text.parse().ok().filter(|millis| (0..=MILLIS_MAX).contains(millis)).ok_or(LatencyError);
        let latency = Self { least: millis(least)?, most: millis(most)? };
        if latency.least <= latency.most { Ok(latency) } else { Err(LatencyError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_take_as_long_as_was_asked_for_and_the_same_each_time() {
        let latency: Latency = "150-250".parse().unwrap();
        let took: Vec<Duration> = (0..100).map(|number| latency.of(7, &format!("req_{number}"))).collect();
        let within = Duration::from_millis(150)..=Duration::from_millis(250);
        assert!(took.iter().all(|took| within.contains(took)));
        assert!(took.windows(2).any(|pair| pair[0] != pair[1]));
        assert_eq!(took[5], latency.of(7, "req_5"));
        assert_eq!("20".parse::<Latency>().unwrap().of(7, "req_1"), Duration::from_millis(20));
    }

    #[test]
    fn what_is_no_latency_is_refused() {
        for text in ["", "-", "a", "5-", "-5", "200-100", "1.5", "60001"] {
            assert_eq!(text.parse::<Latency>(), Err(LatencyError), "{text}");
        }
    }
}
