//! The requests that were made last, for people who look at what their client does.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Requests that are remembered.
const REMEMBERED: usize = 200;
/// Characters of an address that are remembered.
const TARGET_LENGTH: usize = 400;

/// One request and what came of it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The world's time, unix seconds.
    pub(super) at: i64,
    pub(super) id: String,
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    /// `Stripe-Account`
    pub(super) account: Option<String>,
    pub(super) status: u16,
    /// Whether it ended in a planned fault.
    pub(super) fault: bool,
}

/// The last requests.
#[derive(Default)]
pub(super) struct Journal(Mutex<VecDeque<Entry>>);

impl Journal {
    pub(super) fn note(&self, mut entry: Entry) {
        if let Some((at, _)) = entry.target.char_indices().nth(TARGET_LENGTH) {
            entry.target.truncate(at);
            entry.target.push('…');
        }
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == REMEMBERED {
            entries.pop_back();
        }
        entries.push_front(entry);
    }

    /// Newest first.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
