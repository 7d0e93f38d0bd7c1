//! How many requests of one endpoint of one account may be on their way at once. Pure.
//!
//! More are let out while that helps: while nobody had to wait for the rate, and answers take no longer for it. At first that is one
//! more for each answer, so that a list of some hundred pages is not over before; after the first sign that there are enough, one
//! more for as many answers as there are. It is halved where the server says that there are too many.

use std::collections::HashMap;
use std::time::Duration;

/// So many at first.
const FIRST: u32 = 4;

/// Never more: answers that take a fifth of a second are then as many as a live account may ask for in all.
const MOST: u32 = 20;

/// Answers that take more than this many halves of the shortest time are slow: nothing is added.
const SLOW_HALVES: u32 = 3;

/// Answers that take more than this many times the shortest are much too slow: one is taken back.
const TOO_SLOW_TIMES: u32 = 4;

/// The shortest time that is remembered moves to a longer one by one part in this many with each answer.
const FORGETS_PARTS: u32 = 512;

/// The windows of all endpoints.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    by_endpoint: HashMap<(String, String), Window>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    at_once: u32,
    shortest: Duration,
    /// Answers since it changed: it changes at most once for as many answers as it holds.
    answers: u32,
    /// Whether nothing has shown yet that there are enough.
    is_new: bool,
}

impl Windows {
    /// How many may be on their way at once.
    pub(crate) fn at_once(&self, account: &str, endpoint: &str) -> u32 {
        self.by_endpoint.get(&key(account, endpoint)).map_or(FIRST, |window| window.at_once)
    }

    /// A good answer came after `took`; `waited` says whether the rate had held it back.
    pub(crate) fn answered(&mut self, account: &str, endpoint: &str, took: Duration, waited: bool) {
        let new = Window { at_once: FIRST, shortest: took, answers: 0, is_new: true };
        let window = self.by_endpoint.entry(key(account, endpoint)).or_insert(new);
        window.shortest = took.min(window.shortest + took.saturating_sub(window.shortest) / FORGETS_PARTS);
        window.answers = window.answers.saturating_add(1);
        let helps = !waited && took * 2 <= window.shortest * SLOW_HALVES;
        window.is_new &= !waited && took <= window.shortest * TOO_SLOW_TIMES;
        if window.is_new && helps {
            window.at_once = MOST.min(window.at_once + 1);
        }
        if window.is_new {
            return;
        }
        if window.answers < window.at_once {
            return;
        }
        if took > window.shortest * TOO_SLOW_TIMES {
            window.set(window.at_once - 1);
        } else if helps {
            window.set(window.at_once + 1);
        }
    }

    /// A 429 came that is about how many there are at once: of this endpoint, or of the whole account.
    pub(crate) fn refused(&mut self, account: &str, endpoint: &str, whole_account: bool) {
        let meant = |(of, at): &(String, String)| of == account && (whole_account || at == endpoint);
        for (_, window) in self.by_endpoint.iter_mut().filter(|(key, window)| meant(key) && window.answers > 0) {
            window.set(window.at_once / 2);
        }
    }
}

impl Window {
    fn set(&mut self, at_once: u32) {
        self.at_once = at_once.clamp(1, MOST);
        self.answers = 0;
        self.is_new = false;
    }
}

fn key(account: &str, endpoint: &str) -> (String, String) {
    (account.to_owned(), endpoint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const QUICK: Duration = Duration::from_millis(200);

    fn after(answers: impl IntoIterator<Item = (Duration, bool)>) -> (Windows, u32) {
        let mut windows = Windows::default();
        answers.into_iter().for_each(|(took, waited)| windows.answered("acct", "a", took, waited));
        let at_once = windows.at_once("acct", "a");
        (windows, at_once)
    }

    proptest! {
        #[test]
        fn it_stays_within_its_bounds(steps in prop::collection::vec((0_u64..5_000, any::<bool>(), 0_u8..4), 0..300)) {
            let mut windows = Windows::default();
            for (millis, waited, kind) in steps {
                match kind {
                    0 => windows.refused("acct", "a", waited),
                    _ => windows.answered("acct", "a", Duration::from_millis(millis), waited),
                }
                prop_assert!((1..=MOST).contains(&windows.at_once("acct", "a")));
            }
        }
    }

    #[test]
    fn it_grows_while_answers_are_quick_and_nobody_waits() {
        assert_eq!(after([(QUICK, false); 4]).1, 2 * FIRST, "at first fast");
        let after_a_wait = [(QUICK, true)].into_iter().chain([(QUICK, false); 4]);
        assert_eq!(after(after_a_wait).1, FIRST + 1, "and then slowly");
        assert_eq!(after([(QUICK, false); 400]).1, MOST);
        assert_eq!(after([(QUICK, true); 400]).1, FIRST, "the rate is the bound");
    }

    #[test]
    fn it_does_not_grow_while_answers_take_longer() {
        let rising = (0..200).map(|number| (QUICK + Duration::from_millis(if number < 8 { 0 } else { 150 }), false));
        assert_eq!(after(rising.take(60)).1, FIRST + 8);
        let much_longer = [(QUICK, false); 1].into_iter().chain([(QUICK * 20, false); 8]);
        assert!(after(much_longer).1 < FIRST);
    }

    #[test]
    fn too_many_at_once_halve_it_once_for_all_that_were_on_their_way() {
        let (mut windows, before) = after([(QUICK, false); 50]);
        (0..before).for_each(|_| windows.refused("acct", "a", false));
        assert_eq!(windows.at_once("acct", "a"), before / 2);
        windows.answered("acct", "a", QUICK, true);
        windows.refused("acct", "b", false);
        windows.refused("other", "a", true);
        assert_eq!(windows.at_once("acct", "a"), before / 2);
        windows.refused("acct", "b", true);
        assert_eq!(windows.at_once("acct", "a"), before / 4);
    }
}
