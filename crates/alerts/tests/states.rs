//! How something that is watched stands through looks, minute by minute.

#![expect(clippy::unwrap_used, reason = "tests")]

use alerts::{Notice, Reading, Standing, State, Timing, next};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const TIMING: Timing = Timing {
    pending: SignedDuration::from_mins(2),
    recovering: SignedDuration::from_mins(2),
    repeat: Some(SignedDuration::from_mins(10)),
};

fn minute(minute: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + minute * 60).unwrap()
}

/// A look a minute: `.` is fine, `x` bad, `?` no data, `!` an error. What is told, at which minute, and how it stands at the end.
fn looks(timing: Timing, looks: &str) -> (Vec<(i64, Notice)>, State) {
    let mut standing = Standing::unknown(minute(0));
    let mut told = Vec::new();
    for (at, look) in (0..).zip(looks.chars()) {
        let (after, notice) = next(standing, reading(look), minute(at), timing, false);
        standing = after;
        told.extend(notice.map(|notice| (at, notice)));
    }
    (told, standing.state)
}

fn reading(look: char) -> Reading {
    match look {
        '.' => Reading::Fine,
        'x' => Reading::Bad,
        '?' => Reading::NoData,
        _ => Reading::Error,
    }
}

#[test]
fn what_passes_by_itself_is_not_told_and_what_stays_is_told_once_until_it_is_well_for_long() {
    assert_eq!(looks(TIMING, ".x.."), (vec![], State::Normal));
    assert_eq!(looks(TIMING, "xxxxxx"), (vec![(2, Notice::Opened)], State::Alerting));
    assert_eq!(looks(TIMING, "xxx.x.x"), (vec![(2, Notice::Opened)], State::Alerting));
    assert_eq!(looks(TIMING, "xxx..."), (vec![(2, Notice::Opened), (5, Notice::Recovered)], State::Normal));
    assert_eq!(looks(TIMING, "xxx."), (vec![(2, Notice::Opened)], State::Recovering));
}

#[test]
fn nothing_known_is_never_well_and_is_told_when_it_stays_so() {
    assert_eq!(looks(TIMING, "xxx????"), (vec![(2, Notice::Opened)], State::Alerting));
    assert_eq!(looks(TIMING, "xxx.????"), (vec![(2, Notice::Opened)], State::Alerting));
    assert_eq!(looks(TIMING, ".???"), (vec![(3, Notice::Opened)], State::NoData));
    assert_eq!(looks(TIMING, ".!!!"), (vec![(3, Notice::Opened)], State::Error));
    assert_eq!(looks(TIMING, ".???..."), (vec![(3, Notice::Opened), (6, Notice::Recovered)], State::Normal));
    assert_eq!(looks(TIMING, ".???x"), (vec![(3, Notice::Opened), (4, Notice::Again)], State::Alerting));
    assert_eq!(looks(TIMING, ".??."), (vec![], State::Normal));
}

#[test]
fn what_stays_is_told_again_until_somebody_says_that_they_know() {
    let (told, _) = looks(TIMING, &"x".repeat(25));
    assert_eq!(told, [(2, Notice::Opened), (12, Notice::Again), (22, Notice::Again)]);
    let known = Standing { acknowledged: true, told_at: Some(minute(0)), state: State::Alerting, ..Standing::unknown(minute(0)) };
    assert_eq!(next(known, Reading::Bad, minute(60), TIMING, false).1, None);
    let (well, notice) = next(Standing { state: State::Recovering, ..known }, Reading::Fine, minute(60), TIMING, false);
    assert_eq!((well.acknowledged, notice), (false, Some(Notice::Recovered)));
}

#[test]
fn what_somebody_knows_before_it_was_told_is_not_told() {
    let pending =
        Standing { state: State::Pending, bad_since: Some(minute(0)), acknowledged: true, ..Standing::unknown(minute(0)) };
    let (known, notice) = next(pending, Reading::Bad, minute(5), TIMING, false);
    assert_eq!((known.state, notice), (State::Alerting, None));
    assert_eq!(next(known, Reading::Bad, minute(600), TIMING, false).1, None);
}

#[test]
fn what_is_silenced_is_told_when_the_silence_ends_and_not_at_all_when_it_was_well_by_then() {
    let at_once = Timing { pending: SignedDuration::ZERO, recovering: SignedDuration::ZERO, repeat: None };
    let (silent, none) = next(Standing::unknown(minute(0)), Reading::Bad, minute(1), at_once, true);
    assert_eq!((silent.state, none), (State::Alerting, None));
    assert_eq!(next(silent, Reading::Bad, minute(2), at_once, false).1, Some(Notice::Opened));
    assert_eq!(next(silent, Reading::Fine, minute(2), at_once, false).1, None);
}

#[test]
fn a_clock_that_was_set_back_tells_nothing_twice() {
    let at_once = Timing { pending: SignedDuration::ZERO, ..TIMING };
    let (told, notice) = next(Standing::unknown(minute(0)), Reading::Bad, minute(10), at_once, false);
    assert_eq!(notice, Some(Notice::Opened));
    assert_eq!(next(told, Reading::Bad, minute(5), at_once, false).1, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn opened_and_recovered_take_turns_and_nothing_recovers_but_by_a_look_that_found_it_well(
        looks in prop::collection::vec((prop::sample::select(vec!['.', 'x', '?', '!']), -5_i64..20, any::<bool>()), 0..80),
        pending in 0_i64..5,
        recovering in 0_i64..5,
    ) {
        let timing = Timing { pending: SignedDuration::from_mins(pending), recovering: SignedDuration::from_mins(recovering), repeat: TIMING.repeat };
        let mut standing = Standing::unknown(minute(0));
        let (mut now, mut is_open) = (0, false);
        for (look, step, is_silenced) in looks {
            now += step;
            let (after, notice) = next(standing, reading(look), minute(now), timing, is_silenced);
            match notice {
                Some(Notice::Opened) => { prop_assert!(!is_open); is_open = true; }
                Some(Notice::Again) => prop_assert!(is_open),
                Some(Notice::Recovered) => { prop_assert!(is_open && look == '.'); is_open = false; }
                None => {}
            }
            if after.state == State::Normal {
                prop_assert!(look == '.' && after.told_at.is_none());
                is_open = false;
            }
            prop_assert!(!is_silenced || notice.is_none());
            standing = after;
        }
    }
}
