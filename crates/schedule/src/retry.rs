//! When to try again what went wrong.

use jiff::SignedDuration;

/// After the first failure; each further one waits twice as long.
const FIRST_SECONDS: i64 = 30;

/// Nobody waits longer than this for a further try.
const LONGEST_SECONDS: i64 = 3_600;

/// By so many thousandths of it a wait may be shorter or longer, so that many who failed together do not come back together.
const JITTER_THOUSANDTHS: i64 = 200;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Something that passes: refused for too many requests, an error of the other side, no network. Who refused may have said how long
    /// to wait.
    Passing {
        /// How long to wait at least.
        retry_after: Option<SignedDuration>,
    },
    /// Something that stays until a person mends it: a revoked key, a lacking permission, a mistake in the settings.
    Lasting,
}

/// How long to wait before trying again, after `tries` of `1 + retries`. `None` where it is not to be tried again. `dice` is a random
/// number below 1,000.
#[must_use]
pub fn wait(fault: Fault, tries: u32, retries: u32, dice: u32) -> Option<SignedDuration> {
    let Fault::Passing { retry_after } = fault else { return None };
    if tries > retries {
        return None;
    }
    let doubled = 1_i64.checked_shl(tries.saturating_sub(1)).filter(|factor| *factor > 0).unwrap_or(i64::MAX);
    let seconds = FIRST_SECONDS.saturating_mul(doubled).min(LONGEST_SECONDS);
    let spread = i64::from(dice.min(999)) * 2 * JITTER_THOUSANDTHS / 999 - JITTER_THOUSANDTHS;
    let waited = SignedDuration::from_millis(seconds * (1_000 + spread));
    Some(retry_after.map_or(waited, |at_least| waited.max(at_least)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSING: Fault = Fault::Passing { retry_after: None };

    #[test]
    fn each_wait_is_twice_as_long_as_the_one_before_up_to_an_hour() {
        let waits: Vec<i64> = (1..=9).map(|tries| wait(PASSING, tries, 20, 500).unwrap().as_secs()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!(wait(PASSING, u32::MAX, u32::MAX, 500).unwrap().as_secs(), 3_600);
    }

    #[test]
    fn those_who_failed_together_come_back_within_a_fifth() {
        assert_eq!(wait(PASSING, 1, 3, 0).unwrap().as_millis(), 24_000);
        assert_eq!(wait(PASSING, 1, 3, 999).unwrap().as_millis(), 36_000);
        assert_eq!(wait(PASSING, 1, 3, u32::MAX).unwrap().as_millis(), 36_000);
    }

    #[test]
    fn what_stays_wrong_is_not_tried_again_and_what_passes_as_often_as_was_said() {
        assert_eq!(wait(Fault::Lasting, 1, 3, 0), None);
        assert_eq!(wait(PASSING, 4, 3, 0), None);
        assert_eq!(wait(PASSING, 1, 0, 0), None);
        assert!(wait(PASSING, 3, 3, 0).is_some());
    }

    #[test]
    fn who_was_told_how_long_to_wait_waits_at_least_as_long() {
        let told = |seconds| Fault::Passing { retry_after: Some(SignedDuration::from_secs(seconds)) };
        assert_eq!(wait(told(7_200), 1, 3, 500).unwrap().as_secs(), 7_200);
        assert_eq!(wait(told(1), 1, 3, 500).unwrap().as_secs(), 30);
    }
}
