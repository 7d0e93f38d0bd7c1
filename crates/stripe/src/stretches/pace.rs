//! A walk in time, by a clock of the test's own: stretches, window and limiter as the client uses them, against a server that is
//! as far away as Stripe and refuses what is more than it serves.

use super::tests::{List, call, shop, whole};
use super::*;
use std::time::Duration;

use crate::limiter::Limiter;
use crate::window::Windows;

/// How long each answer takes, in milliseconds, in turn.
const LATENCY: [i64; 7] = [150, 250, 170, 230, 200, 240, 160];

/// A refused request is made again after this, in milliseconds: the first wait of the policy, without chance.
const AGAIN: i64 = 375;

struct Server {
    a_second: i64,
    spent_until: i64,
}

impl Server {
    /// A second of it may be used up at once.
    fn serves(&mut self, now: i64) -> bool {
        let until = self.spent_until.max(now * 1_000) + 1_000_000 / self.a_second;
        let serves = until - now * 1_000 <= 1_000_000;
        self.spent_until = if serves { until } else { self.spent_until };
        serves
    }
}

struct Asked {
    ticket: Ticket,
    call: Call,
    /// When it is sent, or was.
    at: i64,
    sent: Option<(i64, bool)>,
    waited: bool,
}

/// How many milliseconds it takes to read a list, and how many requests.
fn read(list: &List, a_second: i64) -> (i64, usize) {
    let (mut stretches, mut windows, mut limiter) = (Stretches::new(call(), whole(None)), Windows::default(), Limiter::new(None));
    let mut server = Server { a_second, spent_until: 0 };
    let (mut asked, mut requests): (Vec<Asked>, usize) = (Vec::new(), 0);
    for now in 0.. {
        let at = Timestamp::from_millisecond(now).unwrap();
        while let Some(place) = asked.iter().position(|one| one.sent.is_some_and(|(done, _)| done <= now)) {
            let one = asked.remove(place);
            let (done, served) = one.sent.unwrap();
            if served {
                limiter.speed_up(at, "", "a");
                windows.answered("", "a", Duration::from_millis((done - one.at).unsigned_abs()), one.waited);
                stretches.take(one.ticket, &list.answer(&one.call)).unwrap();
            } else {
                limiter.slow_down(at, "", "a", Some("endpoint-rate"));
                asked.push(Asked { at: now + AGAIN, sent: None, waited: true, ..one });
            }
        }
        while let Some((ticket, call)) = stretches.next(usize::try_from(windows.at_once("", "a")).unwrap()) {
            asked.push(Asked { ticket, call, at: now, sent: None, waited: false });
        }
        if asked.is_empty() {
            return (now, requests);
        }
        for one in asked.iter_mut().filter(|one| one.sent.is_none() && one.at <= now) {
            match limiter.take(at, "", "a") {
                Ok(()) => {
                    one.at = now;
                    one.sent = Some((now + LATENCY[requests % LATENCY.len()], server.serves(now)));
                    requests += 1;
                }
                Err(wait) => (one.at, one.waited) = (now + i64::try_from(wait.as_millis()).unwrap().max(1), true),
            }
        }
    }
    unreachable!()
}

#[test]
fn charges_are_read_at_about_the_pace_that_a_server_allows_that_is_far_away() {
    // Hundredths of the time that its limit allows, and requests for a hundred pages. The beginning of a list is found by looking
    // further and further back, each time for as long as an answer takes: that is most of what a short list takes too long.
    for (charges, a_second, time, more) in
        [(20_000, 100, 240, 8), (100_000, 100, 150, 3), (20_000, 25, 130, 20), (100_000, 25, 110, 8)]
    {
        let list = shop(charges, 90);
        let (took, requests) = read(&list, a_second);
        let pages = list.pages();
        let floor = i64::try_from(pages).unwrap() * 1_000 / a_second;
        println!("{charges} at {a_second} a second: {took} ms of {floor}, {requests} requests for {pages} pages");
        assert!(took * 100 <= floor * time, "{took} ms, and the limit allows {floor} ms");
        assert!(requests * 100 <= pages * (100 + more), "{requests} requests for {pages} pages");
    }
}
