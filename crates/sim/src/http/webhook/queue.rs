//! What is to be delivered when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::catalog::StripeObject;
use crate::random::mix;

/// Seconds of the world until the next try: some eight tries in three days, as Stripe's live mode makes them.
const RETRY_SECONDS: [i64; 8] = [60, 300, 1_800, 7_200, 18_000, 36_000, 72_000, 120_000];
/// Events delivered twice, in a thousand.
const DOUBLED: u64 = 20;

/// Stands for an account where the event is one of those that clients brought about.
const MADE: u32 = u32::MAX;

/// One delivery of one event, by the places of its account and of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Delivery {
    /// The world's time, unix seconds.
    due: i64,
    /// What was given in order, so that equal instants keep it.
    number: u64,
    pub(super) account: u32,
    pub(super) event: u32,
    tries: u8,
}

/// Deliveries by the time at which they are due.
pub(super) struct Queue {
    waiting: BinaryHeap<Reverse<Delivery>>,
}

impl Queue {
    /// What happens after `start` of each account's events, newest first.
    pub(super) fn new(accounts: &[&[StripeObject]], start: i64) -> Self {
        let mut waiting = Vec::new();
        for (account, events) in (0_u32..).zip(accounts) {
            for (event, created) in (0_u32..).zip(events.iter().map(|event| event.created)).filter(|(_, at)| *at > start) {
                let dice = mix((u64::from(account) << 32 | u64::from(event)) ^ created.unsigned_abs());
                let number = u64::from(u32::MAX - event);
                let first = Delivery { due: created + delay(dice), number, account, event, tries: 0 };
                waiting.push(Reverse(first));
                if mix(dice) % 1_000 < DOUBLED {
                    let due = first.due + 1 + (mix(dice) >> 32) as i64 % 600;
                    waiting.push(Reverse(Delivery { due, ..first }));
                }
            }
        }
        Self { waiting: waiting.into() }
    }

    /// Puts in an event that a client's doing brought about, by its place among those.
    pub(super) fn put(&mut self, created: i64, event: u32) {
        let due = created + delay(mix(u64::from(event) ^ created.unsigned_abs()));
        self.waiting.push(Reverse(Delivery { due, number: u64::from(event), account: MADE, event, tries: 0 }));
    }

    pub(super) fn next_due(&self) -> Option<i64> {
        self.waiting.peek().map(|Reverse(delivery)| delivery.due)
    }

    pub(super) fn take_due(&mut self, now: i64) -> Option<Delivery> {
        self.next_due().filter(|due| *due <= now)?;
        self.waiting.pop().map(|Reverse(delivery)| delivery)
    }

    /// A delivery that failed at `now` is tried again, until the tries are used up.
    pub(super) fn again(&mut self, delivery: Delivery, now: i64) {
        if let Some(seconds) = RETRY_SECONDS.get(usize::from(delivery.tries)) {
            self.waiting.push(Reverse(Delivery { due: now.saturating_add(*seconds), tries: delivery.tries + 1, ..delivery }));
        }
    }
}

/// Seconds between an event and its first delivery: mostly a few, sometimes so many that later ones overtake it.
const fn delay(dice: u64) -> i64 {
    let spread = (dice >> 32) as i64;
    match dice % 1_000 {
        0..900 => spread % 4,
        900..960 => 4 + spread % 120,
        960..990 => 600 + spread % 3_000,
        _ => 3_600 + spread % 18_000,
    }
}
