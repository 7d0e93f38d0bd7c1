use super::*;
use crate::limiter::spacing::later;
use proptest::prelude::*;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap()
}

/// A server that serves so many a second, and all of the first: what is more gets a 429.
struct Server {
    a_second: i64,
    spent_until: i64,
}

impl Server {
    fn serves(&mut self, now: i64) -> bool {
        let until = self.spent_until.max(now) + 1_000_000 / self.a_second;
        let serves = until - now <= 1_000_000;
        if serves {
            self.spent_until = until;
        }
        serves
    }
}

/// Asks as fast as the limiter lets; every answer comes after 100 ms. Says for each second how many were served and how many
/// were too many.
fn seconds_of(limiter: &mut Limiter, server: &mut Server, from: i64, seconds: usize) -> Vec<(u32, u32)> {
    let mut counts = vec![(0, 0); seconds];
    let mut answers = std::collections::VecDeque::new();
    for millis in from..from + i64::try_from(seconds).unwrap() * 1_000 {
        let now = at(millis);
        if limiter.take(now, "acct", "a").is_ok() {
            answers.push_back((millis + 100, server.serves(millis * 1_000)));
        }
        while let Some((_, served)) = answers.pop_front_if(|(due, _)| *due <= millis) {
            let (good, bad) = &mut counts[usize::try_from((millis - from) / 1_000).unwrap()];
            if served {
                *good += 1;
                limiter.speed_up(now, "acct", "a");
            } else {
                *bad += 1;
                limiter.slow_down(now, "acct", "a", Some("endpoint-rate"));
            }
        }
    }
    counts
}

proptest! {
    #[test]
    fn no_second_holds_more_than_the_rate(
        steps in prop::collection::vec((0_i64..40, 0_usize..3, 0_u8..12), 1..400),
    ) {
        let mut limiter = Limiter::new(Some(Rates::LIVE.share(80)));
        let (mut now, mut taken) = (0, Vec::new());
        for (step, endpoint, answer) in steps {
            now += step;
            let name = ["a", "b", "c"][endpoint];
            match answer {
                0 => limiter.slow_down(at(now), "acct", name, None),
                1 => limiter.slow_down(at(now), "acct", name, Some("global-rate")),
                _ => limiter.speed_up(at(now), "acct", name),
            }
            if limiter.take(at(now), "acct", name).is_ok() {
                taken.push((now, endpoint));
            }
        }
        for &(start, endpoint) in &taken {
            let within = |&&(when, _): &&(i64, usize)| (start..start + 1_000).contains(&when);
            prop_assert!(taken.iter().filter(within).count() <= 80);
            prop_assert!(taken.iter().filter(within).filter(|(_, other)| *other == endpoint).count() <= 20);
        }
    }

    #[test]
    fn waiting_as_told_gets_a_place(slowed in 0_i64..9, now in 10_000_i64..20_000) {
        let mut limiter = Limiter::new(Some(Rates::TEST.share(80)));
        limiter.take(at(0), "acct", "a").unwrap();
        for second in 0..slowed {
            limiter.slow_down(at(second * 1_000), "acct", "a", None);
        }
        limiter.take(at(now), "acct", "a").unwrap();
        let wait = limiter.take(at(now), "acct", "a").unwrap_err();
        prop_assert!(limiter.take(later(at(now), wait), "acct", "a").is_ok());
    }

}

proptest! {
    // Each case lives through half a minute and more, a millisecond at a time.
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever the server's limit is: it is found, it is used, and 429s become few.
    #[test]
    fn a_limit_that_nobody_told_is_found(a_second in 5_i64..60, knows in any::<bool>()) {
        let mut limiter = Limiter::new(knows.then_some(Rates { endpoint: 60, account: 60 }));
        let mut server = Server { a_second, spent_until: 0 };
        seconds_of(&mut limiter, &mut server, 0, 10);
        let later = seconds_of(&mut limiter, &mut server, 10_000, 20);
        let served: u32 = later.iter().map(|(good, _)| good).sum();
        let refused: u32 = later.iter().map(|(_, bad)| bad).sum();
        let allowed = u32::try_from(a_second * 20).unwrap();
        prop_assert!(served * 10 >= allowed * 8, "{served} of {allowed}, {later:?}");
        prop_assert!(refused * 10 <= allowed, "{refused} refused, {later:?}");
    }

    #[test]
    fn a_slowed_rate_recovers_to_the_limit_and_not_beyond(seconds in 1_i64..5) {
        let mut limiter = Limiter::new(Some(Rates::LIVE.share(80)));
        limiter.take(at(0), "acct", "a").unwrap();
        (0..seconds).for_each(|second| limiter.slow_down(at(second * 1_000), "acct", "a", None));
        let mut server = Server { a_second: 1_000, spent_until: 0 };
        seconds_of(&mut limiter, &mut server, 10_000, 190);
        // The first second lacks those that are still on their way.
        let counts = seconds_of(&mut limiter, &mut server, 200_000, 3);
        prop_assert!(counts[0].0 >= 18 && counts[1..].iter().all(|count| *count == (20, 0)), "{counts:?}");
    }
}

#[test]
fn a_429_halves_the_rate_and_successes_restore_it() {
    let mut limiter = Limiter::new(Some(Rates::LIVE.share(80)));
    limiter.take(at(0), "acct", "a").unwrap();
    limiter.slow_down(at(100), "acct", "a", Some("endpoint-rate"));
    (0..7).for_each(|_| limiter.slow_down(at(150), "acct", "a", Some("endpoint-rate")));
    limiter.take(at(1_000), "acct", "a").unwrap();
    assert_eq!(limiter.take(at(1_000), "acct", "a"), Err(Duration::from_millis(100)), "those on their way together count once");
    assert_eq!(limiter.take(at(1_017), "acct", "b"), Ok(()), "another endpoint is not slowed");
    (0..200).for_each(|_| limiter.speed_up(at(1_500), "acct", "a"));
    limiter.take(at(2_000), "acct", "a").unwrap();
    assert_eq!(limiter.take(at(2_000), "acct", "a"), Err(Duration::from_millis(50)));
}

#[test]
fn what_was_served_is_the_rate_after_a_429() {
    let mut limiter = Limiter::new(Some(Rates::LIVE.share(80)));
    limiter.take(at(0), "acct", "a").unwrap();
    (1..=15).for_each(|number| limiter.speed_up(at(number * 66), "acct", "a"));
    limiter.slow_down(at(1_050), "acct", "a", Some("endpoint-rate"));
    limiter.take(at(2_000), "acct", "a").unwrap();
    assert_eq!(limiter.take(at(2_000), "acct", "a"), Err(Duration::from_millis(70)));
}

#[test]
fn a_clock_set_back_does_not_stop_us() {
    let mut limiter = Limiter::new(Some(Rates::LIVE.share(80)));
    limiter.take(at(3_600_000), "acct", "a").unwrap();
    assert!(limiter.take(at(0), "acct", "a").unwrap_err() <= Duration::from_millis(50));
}

#[test]
fn without_rates_everything_passes_until_a_429() {
    let mut limiter = Limiter::new(None);
    assert!((0..1_000).all(|_| limiter.take(at(0), "acct", "a").is_ok()));
    limiter.slow_down(at(0), "acct", "a", None);
    limiter.take(at(1), "acct", "a").unwrap();
    assert_eq!(limiter.take(at(1), "acct", "a"), Err(Duration::from_millis(40)));
}

#[test]
fn a_share_of_stripes_limits_is_never_nothing() {
    assert_eq!(Rates::LIVE.share(80), Rates { endpoint: 20, account: 80 });
    assert_eq!(Rates::TEST.share(100), Rates::TEST);
    assert_eq!(Rates::LIVE.share(1), Rates { endpoint: 1, account: 1 });
}
