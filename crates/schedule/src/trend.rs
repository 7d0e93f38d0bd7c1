//! How runs grow: by how much a week, and when one takes longer than a person would like.
//!
//! Growth is taken as so many percent a week, so that all is reckoned on logarithms, in integers: the growth is the middle one of those
//! between all pairs of runs (the estimator of Theil and Sen), which a few odd runs do not move.

use std::fmt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Of fewer runs the middle says little.
const RUNS_MIN: usize = 8;

/// What grows within less is the rhythm of a week.
const SPAN_MIN: SignedDuration = SignedDuration::from_hours(14 * 24);

/// All pairs are compared: of more runs than this every so many-th is taken.
const RUNS_COMPARED: usize = 200;

/// Runs closer than this say more of their hour than of any growth.
const APART_MIN_SECONDS: i64 = 86_400;

/// Less than this a week is flat, in parts per million.
const FLAT_PPM: i64 = 20_000;

/// Nobody plans for what is farther away.
const AHEAD_MAX_WEEKS: i64 = 104;

/// How long a run may take before people ask why, in minutes: the next of these is foretold.
const LONG_MINUTES: [i64; 3] = [1, 10, 60];

const WEEK_SECONDS: i64 = 7 * 86_400;

/// Logarithms have so many binary digits behind the point.
const DIGITS: u32 = 24;

/// Growth beyond this is no trend, in parts per million: more than a hundredfold a week.
const PPM_MAX: i64 = 100_000_000;

const WHOLE_PPM: i64 = 1_000_000;

/// A run that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub ended_at: Timestamp,
    /// How long it took.
    pub took: SignedDuration,
    /// How much it took in, where its job says so.
    pub volume: Option<u64>,
}

/// How a schedule's runs grow. What is flat, or what too little is known of, is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trend {
    /// By how much what they take in grows each week, in parts per million; shrinking is negative.
    pub volume_ppm: Option<i64>,
    /// By how much longer they take each week, in parts per million.
    pub took_ppm: Option<i64>,
    /// When the first run is to be expected that takes so many minutes.
    pub passes: Option<Passing>,
}

/// A duration that runs will pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passing {
    /// In minutes.
    pub minutes: i64,
    /// About when.
    pub at: Timestamp,
}

/// How these runs grow, in whatever order they are.
#[must_use]
pub fn trend(runs: &[Sample]) -> Trend {
    let took = line(runs, |run| u64::try_from(run.took.as_millis()).ok());
    let volume = line(runs, |run| run.volume);
    Trend {
        volume_ppm: volume.and_then(|line| line.growth_ppm()),
        took_ppm: took.and_then(|line| line.growth_ppm()),
        passes: took.and_then(|line| line.passing()),
    }
}

impl Trend {
    /// The same in a sentence; nothing where there is nothing to say. `zone` is the one whose months people count by.
    #[must_use]
    pub fn words(&self, zone: &TimeZone) -> Option<String> {
        let volume = self.volume_ppm.map(|ppm| (if ppm > 0 { "grows" } else { "shrinks" }, Percent(ppm)));
        let took = self.took_ppm.map(|ppm| (Percent(ppm), if ppm > 0 { "longer" } else { "less long" }));
        let grows = match (volume, took) {
            (None, None) => return None,
            (Some((grows, percent)), None) => format!("Volume {grows} {percent} a week"),
            (None, Some((percent, longer))) => format!("Runs take {percent} {longer} each week"),
            (Some((grows, percent)), Some((by, longer))) => {
                format!("Volume {grows} {percent} a week, and runs take {by} {longer} each week")
            }
        };
        Some(match self.passes {
            None => format!("{grows}."),
            Some(Passing { minutes, at }) => {
                let unit = if minutes == 1 { "minute" } else { "minutes" };
                let month = at.to_zoned(zone.clone()).strftime("%B %Y").to_string();
                format!("{grows}; at this rate a run passes {minutes} {unit} in {month}.")
            }
        })
    }
}

/// Parts per million as a whole percentage, without its sign.
struct Percent(i64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0.unsigned_abs().saturating_add(5_000) / 10_000)
    }
}

/// A straight line through the logarithms of runs.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// By how much the logarithm grows each week.
    a_week: i64,
    /// The logarithm at the newest run.
    level: i64,
    newest: Timestamp,
}

/// The line through what `of` says of runs; `None` where too few say something, or within too short a time.
fn line(runs: &[Sample], of: impl Fn(&Sample) -> Option<u64>) -> Option<Line> {
    let mut points: Vec<(i64, i64)> = runs.iter().filter_map(|run| Some((run.ended_at.as_second(), log(of(run)?)))).collect();
    points.sort_unstable();
    let (oldest, newest) = (points.first()?.0, points.last()?.0);
    if points.len() < RUNS_MIN || newest.saturating_sub(oldest) < SPAN_MIN.as_secs() {
        return None;
    }
    let step = points.len().div_ceil(RUNS_COMPARED);
    let points: Vec<(i64, i64)> = points.into_iter().rev().step_by(step).collect();
    let a_week = middle(growths(&points))?;
    let levels = points.iter().map(|(at, log)| log.saturating_add(times(a_week, newest.saturating_sub(*at), WEEK_SECONDS)));
    Some(Line { a_week, level: middle(levels.collect())?, newest: Timestamp::from_second(newest).ok()? })
}

/// By how much the logarithm grows each week, between each two that are far enough apart.
fn growths(points: &[(i64, i64)]) -> Vec<i64> {
    let mut growths = Vec::new();
    for (index, (at, log)) in points.iter().enumerate() {
        for (earlier, before) in points.iter().skip(index + 1) {
            let apart = at.saturating_sub(*earlier);
            if apart >= APART_MIN_SECONDS {
                growths.push(times(log.saturating_sub(*before), WEEK_SECONDS, apart));
            }
        }
    }
    growths
}

impl Line {
    /// `None` where it is flat, or too steep to be one.
    fn growth_ppm(self) -> Option<i64> {
        let whole = log(WHOLE_PPM.unsigned_abs());
        let (mut low, mut high) = (1 - WHOLE_PPM, PPM_MAX);
        while low < high {
            let half = low + (high - low) / 2;
            let grown = log(WHOLE_PPM.saturating_add(half).unsigned_abs()).saturating_sub(whole);
            if grown < self.a_week {
                low = half + 1;
            } else {
                high = half;
            }
        }
        Some(low).filter(|ppm| ppm.abs() >= FLAT_PPM && *ppm < PPM_MAX)
    }

    /// Of durations in milliseconds.
    fn passing(self) -> Option<Passing> {
        self.growth_ppm().filter(|ppm| *ppm > 0)?;
        let limit = |minutes: &i64| log(minutes.saturating_mul(60_000).unsigned_abs());
        let minutes = LONG_MINUTES.into_iter().find(|minutes| limit(minutes) > self.level)?;
        let seconds = times(limit(&minutes).saturating_sub(self.level), WEEK_SECONDS, self.a_week);
        if seconds > AHEAD_MAX_WEEKS * WEEK_SECONDS {
            return None;
        }
        let at = self.newest.checked_add(SignedDuration::from_secs(seconds)).ok()?;
        Some(Passing { minutes, at })
    }
}

/// `number * factor / divisor`; what does not fit is the largest that does.
fn times(number: i64, factor: i64, divisor: i64) -> i64 {
    let exact = i128::from(number) * i128::from(factor) / i128::from(divisor.max(1));
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}

/// The middle one, or the lower of the two in the middle.
fn middle(mut numbers: Vec<i64>) -> Option<i64> {
    numbers.sort_unstable();
    let at = numbers.len().checked_sub(1)? / 2;
    numbers.get(at).copied()
}

/// The logarithm of base 2, of nothing that of one.
fn log(number: u64) -> i64 {
    let number = number.max(1);
    let whole = number.ilog2();
    // From one to two, with 63 digits behind the point: squared, it is one to four, and the first digit of its logarithm is known.
    let mut left = u128::from(number) << (63 - whole);
    let mut logarithm = i64::from(whole);
    for _ in 0..DIGITS {
        left = (left * left) >> 63;
        let is_two = left >> 64 > 0;
        logarithm = logarithm * 2 + i64::from(is_two);
        left >>= u32::from(is_two);
    }
    logarithm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_of_powers_are_exact_and_others_lie_between() {
        let one = 1_i64 << DIGITS;
        for power in 0..64_u32 {
            assert_eq!(log(1 << power), i64::from(power) * one);
        }
        assert_eq!((log(0), log(u64::MAX)), (0, 64 * one - 1));
        // log2(3) = 1.5849625007…
        let three = i128::from(log(3)) * 10_000_000 / i128::from(one);
        assert!((15_849_623..=15_849_625).contains(&three), "{three}");
    }

    #[test]
    fn the_middle_of_an_even_number_is_one_of_them() {
        assert_eq!(
            (middle(vec![]), middle(vec![7]), middle(vec![9, 1]), middle(vec![3, 9, 1])),
            (None, Some(7), Some(1), Some(3))
        );
    }
}
