use std::collections::{BTreeMap, BTreeSet, VecDeque};

use facts::{AccountId, ObjectKind};
use proptest::prelude::*;

use super::*;
use crate::client::Answer;
use crate::request::PAGE_SIZE;

/// A list at Stripe: when each of its objects was created, newest first; the id is the place.
pub(super) struct List(Vec<i64>);

impl List {
    fn new(mut created: Vec<i64>) -> Self {
        created.sort_unstable_by(|a, b| b.cmp(a));
        Self(created)
    }

    /// Stripe's answer to a call.
    pub(super) fn answer(&self, call: &Call) -> Page {
        let target = call.target();
        let query: BTreeMap<&str, &str> =
            target.split_once('?').unwrap().1.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
        let number = |name: &str, otherwise: i64| query.get(name).map_or(otherwise, |text| text.parse().unwrap());
        let (from, until) = (number("created%5Bgte%5D", i64::MIN), number("created%5Blt%5D", i64::MAX));
        let after = query.get("starting_after").map_or(-1_i64, |id| id[2..].parse().unwrap());
        let first = self.0.partition_point(|created| *created >= until).max(usize::try_from(after + 1).unwrap());
        let rest = (first..).zip(self.0.iter().copied().skip(first).take_while(|created| *created >= from));
        let rest: Vec<(usize, i64)> = rest.take(PAGE_SIZE + 1).collect();
        let data: Vec<String> = rest
            .iter()
            .take(PAGE_SIZE)
            .map(|(id, created)| format!(r#"{{"id":"x_{id}","object":"coupon","created":{created}}}"#))
            .collect();
        let body = format!(r#"{{"data":[{}],"has_more":{}}}"#, data.join(","), rest.len() > PAGE_SIZE).into_bytes();
        let answer = Answer { body, request_id: None, fetched_at: Timestamp::UNIX_EPOCH };
        Page::read(ObjectKind::Coupon, &AccountId::parse("acct_1").unwrap(), answer).unwrap()
    }

    /// A last page that is full is followed by an empty one.
    pub(super) fn pages(&self) -> usize {
        self.0.len() / PAGE_SIZE + 1
    }
}

pub(super) fn whole(from: Option<i64>) -> Vec<Stretch> {
    vec![Stretch { from: from.map(|from| Timestamp::from_second(from).unwrap()), until: None, after: None }]
}

pub(super) fn call() -> Call {
    Call::new("/v1/coupons")
}

/// Which of what is awaited is answered next, and when the process dies.
struct Fate {
    at_once: usize,
    dice: Vec<usize>,
    dies_every: Option<usize>,
}

/// Reads a list to its end, whatever comes first, and over all deaths. Returns each object in the order in which it was read,
/// and how many requests and how many cuts there were. What was asked for and not noted when the process died is not counted.
fn read(list: &List, from: Option<i64>, fate: &Fate) -> (Vec<String>, usize, usize) {
    let mut stretches = Stretches::new(call(), whole(from));
    let (mut read, mut asked, mut requests, mut cuts) = (Vec::new(), Vec::new(), 0, 0);
    for turn in 0.. {
        while let Some(question) = stretches.next(fate.at_once) {
            asked.push(question);
        }
        if asked.is_empty() {
            assert!(stretches.ended());
            cuts += stretches.cuts();
            return (read, requests, cuts);
        }
        let (ticket, call) = asked.swap_remove(fate.dice[turn % fate.dice.len()] % asked.len());
        let page = list.answer(&call);
        stretches.take(ticket, &page).unwrap();
        requests += 1;
        read.extend(page.items.iter().map(|item| item.id.clone()));
        if fate.dies_every.is_some_and(|every| turn % every == every - 1) {
            cuts += stretches.cuts();
            asked.clear();
            stretches = Stretches::new(self::call(), stretches.left());
        }
    }
    unreachable!()
}

impl Stretches {
    fn cuts(&self) -> usize {
        usize::try_from(self.purse.splits).unwrap()
    }
}

/// When objects are created: evenly, in bursts, all in one second, with empty years, or just one.
fn created() -> impl Strategy<Value = Vec<i64>> {
    const DAY: i64 = 86_400;
    let from = 1_600_000_000_i64;
    let evenly = (1_usize..5_000, 1_i64..400).prop_map(move |(count, days)| {
        let count = i64::try_from(count).unwrap();
        (0..count).map(|place| from + place * days * DAY / count).collect()
    });
    let bursts = prop::collection::vec((0_i64..900, 1_usize..600, 1_i64..DAY), 1..9).prop_map(move |bursts| {
        let burst =
            |(day, count, width): (i64, usize, i64)| (0..count).map(move |place| from + day * DAY + place as i64 * 7_919 % width);
        bursts.into_iter().flat_map(burst).collect()
    });
    let one_second = (0_usize..2_500).prop_map(move |count| vec![from; count]);
    let empty_years = (1_usize..1_500, 1_usize..1_500).prop_map(move |(new, old)| {
        let around = |start: i64, count: usize| (0..count).map(move |place| start + place as i64 * 60);
        around(from, new).chain(around(from - 4_000 * DAY, old)).collect()
    });
    prop_oneof![3 => evenly, 3 => bursts, 1 => one_second, 2 => empty_years]
}

fn fate() -> impl Strategy<Value = Fate> {
    (1_usize..14, prop::collection::vec(0_usize..16, 1..40), prop::option::of(1_usize..30))
        .prop_map(|(at_once, dice, dies_every)| Fate { at_once, dice, dies_every })
}

impl std::fmt::Debug for Fate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at once, dies every {:?}, {:?}", self.at_once, self.dies_every, self.dice)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn whatever_the_list_each_object_is_read_once_over_all_deaths(created in created(), fate in fate(), back in prop::option::of(0_i64..500)) {
        let list = List::new(created);
        let from = back.zip(list.0.first()).map(|(days, newest)| newest - days * 86_400);
        let due = List::new(list.0.iter().copied().filter(|created| from.is_none_or(|from| *created >= from)).collect());
        let (read, requests, cuts) = read(&list, from, &fate);
        let distinct: BTreeSet<&String> = read.iter().collect();
        prop_assert_eq!(read.len(), due.0.len());
        prop_assert_eq!(distinct.len(), due.0.len());
        prop_assert!(requests <= due.pages() + cuts, "{} requests, {} pages, {} cuts", requests, due.pages(), cuts);
        if fate.dies_every.is_none() {
            prop_assert!(cuts <= 28 + requests / 160, "{} cuts", cuts);
        }
    }

    #[test]
    fn what_is_left_tiles_what_was_not_read(created in created(), fate in fate()) {
        let list = List::new(created);
        let mut stretches = Stretches::new(call(), whole(None));
        for turn in 0..fate.dice.len() {
            let Some((ticket, call)) = stretches.next(2) else { break };
            stretches.take(ticket, &list.answer(&call)).unwrap();
            let left = stretches.left();
            let tiled = left.windows(2).all(|two| two[0].from.is_some() && two[1].until <= two[0].from);
            prop_assert!(tiled, "turn {}: {:?}", turn, left);
        }
    }
}

/// How long it takes to read a list where each answer takes so many milliseconds and so many may be asked a second.
fn elapsed(list: &List, at_once: usize, latency: i64, a_second: i64) -> (i64, usize) {
    let mut stretches = Stretches::new(call(), whole(None));
    let (mut now, mut slot, mut requests) = (0_i64, 0_i64, 0_usize);
    let mut asked: VecDeque<(i64, Ticket, Call)> = VecDeque::new();
    loop {
        while let Some((ticket, call)) = stretches.next(at_once) {
            let sent = now.max(slot);
            slot = sent + 1_000 / a_second;
            asked.push_back((sent + latency, ticket, call));
        }
        let Some((done, ticket, call)) = asked.pop_front() else { return (now, requests) };
        now = done;
        requests += 1;
        stretches.take(ticket, &list.answer(&call)).unwrap();
    }
}

/// So many charges over so many days: few at night, fewer at weekends.
pub(super) fn shop(count: usize, days: i64) -> List {
    let count = i64::try_from(count).unwrap();
    let hour = |place: i64| if place % 10 == 0 { place * 31 % 8 } else { 8 + place * 17 % 16 };
    let day = |place: i64| place * days / count;
    let kept = |place: i64| if day(place) % 7 == 6 { day(place) - 1 } else { day(place) };
    List::new(
        (0..count).map(|place| 1_700_000_000 + kept(place) * 86_400 + hour(place) * 3_600 + place * 7_919 % 3_600).collect(),
    )
}

#[test]
fn a_long_list_is_read_at_about_the_rate_limit_with_few_requests_more_than_pages() {
    for (count, days, percent) in [(20_000, 90, 8), (20_000, 3, 8), (20_000, 900, 8), (100_000, 90, 2), (100_000, 365, 2)] {
        for latency in [150, 250] {
            let list = shop(count, days);
            let (took, requests) = elapsed(&list, 8, latency, 20);
            let floor = i64::try_from(list.pages()).unwrap() * 1_000 / 20;
            let alone = i64::try_from(list.pages()).unwrap() * latency;
            println!(
                "{count} in {days} days, {latency} ms: {took} ms, floor {floor}, one after the other {alone}; {requests} requests"
            );
            assert!(took * 2 <= floor * 3, "{took} ms, and the limit allows {floor} ms");
            assert!(requests * 100 <= list.pages() * (100 + percent), "{requests} requests for {} pages", list.pages());
        }
    }
}

#[test]
fn a_list_of_some_pages_stays_one_walk() {
    for count in [0, 1, 100, 399] {
        let list = shop(count.max(1), 30);
        let fate = Fate { at_once: 8, dice: vec![0], dies_every: None };
        assert_eq!(read(&list, None, &fate).2, 0, "{count}");
    }
    let days_back =
        read(&shop(3_000, 30), Some(1_700_000_000 + 20 * 86_400), &Fate { at_once: 8, dice: vec![0], dies_every: None });
    assert_eq!(days_back.2, 0, "a thousand of them are due");
}

#[test]
fn one_at_a_time_is_the_ordinary_walk() {
    let list = shop(5_000, 30);
    let (read, requests, cuts) = read(&list, None, &Fate { at_once: 1, dice: vec![0], dies_every: None });
    assert_eq!((requests, cuts), (51, 0));
    assert!(read.iter().enumerate().all(|(place, id)| *id == format!("x_{place}")), "newest first");
}
