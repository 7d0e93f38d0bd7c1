//! Planned faults: what a network, a busy Stripe and a newer Stripe do to a client now and then.
//!
//! Whether a request ends in a fault is decided by the seed, the request and how often it was made, so that a run can be
//! repeated however its requests interleave. Only a revoked key depends on what was asked before.

mod asked;
mod bomb;
mod failure;
mod kind;
mod news;
mod page;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use sha2::{Digest, Sha256};

use super::answer::Answer;
use super::call::Call;
use kind::Fault;

pub use asked::{Faults, FaultsError};

/// The unit of a rate: a share of a million.
const MILLION: u32 = 1_000_000;
/// How often in a row one and the same request may fail, so that retries end.
const MAX_IN_A_ROW: u8 = 3;

/// Decides which requests fail.
pub(super) struct FaultPlan {
    faults: Faults,
    seed: u64,
    state: Mutex<State>,
}

/// What happened so far.
#[derive(Default)]
struct State {
    seen: HashMap<[u8; 8], Seen>,
    revoked: HashSet<String>,
}

/// What became of one request so far.
#[derive(Clone, Copy, Default)]
struct Seen {
    times: u32,
    faults_in_a_row: u8,
}

/// A fault for one request, and the dice for what is left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drawn {
    fault: Fault,
    dice: u64,
}

impl FaultPlan {
    /// A plan in which nothing has been asked yet.
    pub(super) fn new(faults: Faults, seed: u64) -> Self {
        Self { faults, seed, state: Mutex::default() }
    }

    /// The fault in which this request ends, if any.
    pub(super) fn next(&self, call: &Call<'_>) -> Option<Drawn> {
        if self.faults.spare_requests() {
            return None;
        }
        let key = call.headers.authorization.as_deref().unwrap_or_default();
        let name = first_eight(&Sha256::digest(call.fingerprint().as_bytes()));
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.revoked.contains(key) {
            return Some(Drawn { fault: Fault::KeyRevoked, dice: 0 });
        }
        let drawn = self.after(name, state.seen.entry(name).or_default());
        if drawn.is_some_and(|drawn| drawn.fault == Fault::KeyRevoked) {
            state.revoked.insert(key.to_owned());
        }
        drawn
    }

    /// The fault of a request of which this was seen.
    fn after(&self, name: [u8; 8], seen: &mut Seen) -> Option<Drawn> {
        let drawn = self.drawn(name, seen.times);
        seen.times = seen.times.wrapping_add(1);
        if drawn.is_none() || seen.faults_in_a_row == MAX_IN_A_ROW {
            seen.faults_in_a_row = 0;
            return None;
        }
        seen.faults_in_a_row += 1;
        drawn
    }

    /// What is drawn for a request that was made so many times before.
    fn drawn(&self, name: [u8; 8], times: u32) -> Option<Drawn> {
        let at = |times: u32| {
            let dice = first_eight_number(
                Sha256::new().chain_update(self.seed.to_le_bytes()).chain_update(name).chain_update(times.to_le_bytes()),
            );
            let drawn = Drawn { fault: self.faults.drawn(dice)?, dice: dice / u64::from(MILLION) };
            Some((drawn, drawn.fault.first_times(drawn.dice)))
        };
        match (at(0), at(times)) {
            (Some((first, Some(first_times))), _) if times < first_times => Some(first),
            (_, Some((now, None))) => Some(now),
            _ => None,
        }
    }

    /// An honest answer of a Stripe that may be newer than its client.
    pub(super) fn with_news(&self, honest: Answer) -> Answer {
        if honest.status != StatusCode::OK {
            return honest;
        }
        Answer { body: news::put_into(honest.body, self.faults.news(), self.seed), ..honest }
    }
}

/// Dice that depend on the seed and these texts only.
fn dice(seed: u64, texts: &[&str]) -> u64 {
    let hash = Sha256::new().chain_update(seed.to_le_bytes());
    first_eight_number(texts.iter().fold(hash, |hash, text| hash.chain_update(text).chain_update([0])))
}

fn first_eight_number(hash: Sha256) -> u64 {
    u64::from_le_bytes(first_eight(&hash.finalize()))
}

fn first_eight(digest: &[u8]) -> [u8; 8] {
    digest.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::http::{Method, Uri};

    use super::super::call::Headers;
    use super::kind::HARMLESS;
    use super::*;

    fn plan(faults: &str, seed: u64) -> FaultPlan {
        FaultPlan::new(faults.parse().unwrap(), seed)
    }

    fn ask(plan: &FaultPlan, path: &str, key: &str) -> Option<Fault> {
        let (method, uri) = (Method::GET, path.parse::<Uri>().unwrap());
        let headers = Headers { authorization: Some(key.to_owned()), ..Headers::default() };
        let call = Call { method: &method, uri: &uri, headers: &headers, body: &[], request_id: "req_1" };
        plan.next(&call).map(|drawn| drawn.fault)
    }

    #[test]
    fn the_same_request_fails_at_most_three_times_in_a_row() {
        let plan = plan("1", 1);
        let failed: Vec<bool> = (0..8).map(|_| ask(&plan, "/v1/balance", "").is_some()).collect();
        assert_eq!(failed, [true, true, true, false, true, true, true, false]);
    }

    #[test]
    fn about_as_many_fail_as_were_asked_for_and_in_every_way() {
        let plan = plan("0.2", 7);
        let faults: Vec<Fault> = (0..10_000).filter_map(|number| ask(&plan, &format!("/{number}"), "")).collect();
        assert!((1_800..2_200).contains(&faults.len()), "{}", faults.len());
        assert!(HARMLESS.iter().all(|fault| faults.contains(fault)));
    }

    #[test]
    fn the_same_seed_plans_the_same_faults_in_any_order() {
        let requests: Vec<String> = (0..500).map(|number| format!("/{number}")).collect();
        let (one, other) = (plan("0.3,late-visible:0.2", 5), plan("0.3,late-visible:0.2", 5));
        let forwards: Vec<Option<Fault>> = requests.iter().map(|request| ask(&one, request, "")).collect();
        let mut backwards: Vec<Option<Fault>> = requests.iter().rev().map(|request| ask(&other, request, "")).collect();
        backwards.reverse();
        assert_eq!(forwards, backwards);
    }

    #[test]
    fn a_seed_means_the_same_faults_for_good() {
        let plan = plan("0.3", 7);
        let planned: Vec<(usize, Fault)> =
            (0..24).filter_map(|number| Some((number, ask(&plan, &format!("/{number}"), "")?))).collect();
        let kinds = [(2, 7), (5, 7), (6, 1), (14, 3), (15, 7), (16, 6), (21, 0)];
        assert_eq!(planned, kinds.map(|(number, kind)| (number, HARMLESS[kind])));
    }

    #[test]
    fn naming_more_faults_moves_none_of_a_bare_rate() {
        let (bare, more) = (plan("0.2", 3), plan("0.2,409:0.4", 3));
        for number in 0..500 {
            let path = format!("/{number}");
            let (bare, more) = (ask(&bare, &path, ""), ask(&more, &path, ""));
            assert!(bare == more || (bare.is_none() && more == Some(Fault::Conflict)), "{path}");
        }
    }

    #[test]
    fn what_is_late_is_late_at_first_and_never_again() {
        let plan = plan("late-visible:0.5", 11);
        let mut lengths = [0; 4];
        for number in 0..200 {
            let late: Vec<bool> = (0..8).map(|_| ask(&plan, &format!("/{number}"), "").is_some()).collect();
            let first_times = late.iter().take_while(|late| **late).count();
            assert!(first_times <= 3 && late.iter().skip(first_times).all(|late| !late), "{number}: {late:?}");
            lengths[first_times] += 1;
        }
        assert!(lengths.iter().all(|count| *count > 0), "{lengths:?}");
    }

    #[test]
    fn a_revoked_key_stays_revoked_and_another_works() {
        let plan = plan("key-revoked:0.1", 2);
        let drawn = (0..100).position(|number| ask(&plan, &format!("/{number}"), "one").is_some()).unwrap();
        assert!(drawn > 0, "not from the start");
        assert!((200..250).all(|number| ask(&plan, &format!("/{number}"), "one") == Some(Fault::KeyRevoked)));
        let works = (300..400).position(|number| ask(&plan, &format!("/{number}"), "other").is_none());
        assert_eq!(works, Some(0));
    }
}
