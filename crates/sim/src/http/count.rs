//! What was asked so far: the measure of how sparingly a client reads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use sha2::{Digest, Sha256};

/// The letters of a request id.
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// How many of them Stripe uses.
const REQUEST_ID_LETTERS: usize = 14;

/// Which kind of page an answer was, as far as the counter cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// A page of a list.
    ListPage,
    /// A page of a payout's own transactions.
    PayoutPage,
    /// A single object, or a refusal.
    Other,
}

/// The counts; requests that ended in a planned fault are only in `faults`, and those over a limit only in `limited`.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Counts {
    /// Requests that were answered, refusals among them.
    pub(super) total: u64,
    /// The same by address, ids replaced by `:id`.
    pub(super) by_path: BTreeMap<String, u64>,
    /// Pages of lists that were served, without those of a payout's own transactions.
    list_pages: u64,
    /// Pages of payouts' own transactions that were served.
    payout_pages: u64,
    /// Requests that ended in a planned fault.
    pub(super) faults: u64,
    /// Requests that were more than the limits allow.
    limited: u64,
}

/// Counts requests and numbers them.
#[derive(Default)]
pub(super) struct Counter {
    counts: Mutex<Counts>,
    requests: AtomicU64,
}

impl Counter {
    /// The id of the next request: the same sequence for the same seed.
    pub(super) fn next_request_id(&self, seed: u64) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let digest = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(number.to_le_bytes()).finalize();
        let letters = digest.iter().take(REQUEST_ID_LETTERS).filter_map(|byte| LETTERS.get(usize::from(*byte) % LETTERS.len()));
        "req_".chars().chain(letters.map(|letter| char::from(*letter))).collect()
    }

    /// A request was answered.
    pub(super) fn answered(&self, path: &str, counted: Counted) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.total += 1;
        match counts.by_path.get_mut(path) {
            Some(count) => *count += 1,
            None => {
                counts.by_path.insert(path.to_owned(), 1);
            }
        }
        match counted {
            Counted::ListPage => counts.list_pages += 1,
            Counted::PayoutPage => counts.payout_pages += 1,
            Counted::Other => {}
        }
    }

    /// A request ended in a planned fault.
    pub(super) fn fault(&self) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).faults += 1;
    }

    /// A request was more than the limits allow.
    pub(super) fn limited(&self) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).limited += 1;
    }

    /// The counts up to now.
    pub(super) fn snapshot(&self) -> Counts {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
