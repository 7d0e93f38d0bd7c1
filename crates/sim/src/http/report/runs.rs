//! The runs that were made so far, and the keys under which they were.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::http::StatusCode;
use axum::http::uri::Uri;

use super::super::call::Call;
use super::super::error::StripeError;
use super::super::filter;
use super::super::index::AccountView;
use super::super::params::{self, Cursor};
use super::order::Order;
use crate::random::{base62, mix};

/// Stripe's longest idempotency key, in characters.
const KEY_MAX: usize = 255;
/// A run takes from so many seconds of the world's time to a minute.
const RUN_SECONDS: i64 = 5;
/// Where the world's time stands still, the run ends at so many requests after its own.
const RUN_REQUESTS: u32 = 2;

/// One run.
pub(super) struct Run {
    pub(super) id: String,
    /// The id of its file.
    pub(super) file: String,
    /// The account that it reports on.
    pub(super) account: String,
    pub(super) created: i64,
    pub(super) order: Order,
    /// Where the client that ordered it reached the simulator.
    pub(super) host: Option<String>,
    /// Whether it fails.
    pub(super) fails: bool,
    /// When it ends if the world's time lasts that long.
    pub(super) ready_at: i64,
    /// Requests that were made since while time stood still.
    requests: AtomicU32,
    size: OnceLock<u64>,
}

/// All runs.
pub(in super::super) struct Runs {
    seed: u64,
    /// Which share of a million runs fails.
    failing: u32,
    made: Mutex<Made>,
}

#[derive(Default)]
struct Made {
    /// Oldest first.
    runs: Vec<Arc<Run>>,
    /// By account and idempotency key.
    keys: HashMap<(String, String), First>,
}

/// The request in which a key was first used, and its answer.
struct First {
    asked: Vec<u8>,
    answer: Vec<u8>,
}

/// A page of runs, newest first.
pub(super) struct Page {
    pub(super) runs: Vec<Arc<Run>>,
    pub(super) has_more: bool,
}

impl Run {
    /// The `number`th run, made of an order.
    fn new(seed: u64, failing: u32, number: u64, account: AccountView<'_>, order: Order) -> Self {
        let key = mix(seed ^ mix(number ^ 0x4e90_4700));
        let letters = |key: u64| format!("1{}{}", base62(mix(key), 12), base62(mix(key ^ 0xf11e), 11));
        let created = account.now();
        Self {
            id: format!("frr_{}", letters(key)),
            file: format!("file_{}", letters(key ^ 0xc5f)),
            account: account.id().to_owned(),
            created,
            order,
            host: None,
            fails: mix(key ^ 0xfa11) % 1_000_000 < u64::from(failing),
            ready_at: created.saturating_add(RUN_SECONDS + (key % 55) as i64),
            requests: AtomicU32::new(0),
            size: OnceLock::new(),
        }
    }

    /// When it ended; `None` while it is pending. Once the world's time stands still, at its `end`, requests make it end.
    pub(super) fn ended_at(&self, now: i64, end: i64) -> Option<i64> {
        if self.ready_at <= now {
            return Some(self.ready_at);
        }
        (now >= end && self.requests.load(Ordering::Relaxed) >= RUN_REQUESTS).then_some(now)
    }

    /// When it succeeded; `None` while it is pending and when it failed.
    pub(super) fn succeeded_at(&self, now: i64, end: i64) -> Option<i64> {
        self.ended_at(now, end).filter(|_| !self.fails)
    }

    /// The bytes of its file, measured the first time.
    pub(super) fn size(&self, measure: impl FnOnce() -> u64) -> u64 {
        *self.size.get_or_init(measure)
    }
}

impl Runs {
    /// None yet. Ids come from the seed; `failing` is the share of a million that fails.
    pub(in super::super) fn new(seed: u64, failing: u32) -> Self {
        Self { seed, failing, made: Mutex::default() }
    }

    /// A request was made while time stands still at `end`: the runs that end by it.
    pub(super) fn request(&self, end: i64) -> Vec<Arc<Run>> {
        let made = self.made();
        let waiting = made.runs.iter().filter(|run| run.ready_at > end);
        waiting.filter(|run| run.requests.fetch_add(1, Ordering::Relaxed) + 1 == RUN_REQUESTS).cloned().collect()
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a run of what `order` reads from the form, unless the key of the request made one before: then the first answer, and `true`. A
    /// request that is refused leaves no trace, so that its key can be used again.
    ///
    /// # Errors
    /// What `order` and `answer` refuse, and Stripe's 400 for a key that came with another form before.
    pub(super) fn create(
        &self,
        account: AccountView<'_>,
        call: &Call<'_>,
        order: impl FnOnce(&[(String, String)]) -> Result<Order, StripeError>,
        answer: impl FnOnce(&Run) -> Result<Vec<u8>, StripeError>,
    ) -> Result<(Vec<u8>, bool), StripeError> {
        let form = call.body;
        let key = call.headers.idempotency_key.as_ref().map(|key| (account.id().to_owned(), key.clone()));
        let mut made = self.made();
        if let Some((_, text)) = &key
            && text.chars().count() > KEY_MAX
        {
            return Err(StripeError::idempotency(format!("Idempotency keys can be at most {KEY_MAX} characters long.")));
        }
        if let Some(first) = key.as_ref().and_then(|key| made.keys.get(key)) {
            return if first.asked == form { Ok((first.answer.clone(), true)) } else { Err(reused(key.as_ref())) };
        }
        let order = order(&pairs(form)?)?;
        let run = Run::new(self.seed, self.failing, made.runs.len() as u64, account, order);
        let run = Arc::new(Run { host: call.headers.host.clone(), ..run });
        let answer = answer(&run)?;
        made.runs.push(run);
        if let Some(key) = key {
            made.keys.insert(key, First { asked: form.to_vec(), answer: answer.clone() });
        }
        Ok((answer, false))
    }

    /// The account's run with this id.
    pub(super) fn get(&self, account: &str, id: &str) -> Option<Arc<Run>> {
        self.made().runs.iter().find(|run| run.account == account && run.id == id).cloned()
    }

    /// The account's run that made this file.
    pub(super) fn of_file(&self, account: &str, file: &str) -> Option<Arc<Run>> {
        self.made().runs.iter().find(|run| run.account == account && run.file == file).cloned()
    }

    /// A page of the account's runs.
    ///
    /// # Errors
    /// Stripe's 400 for parameters that a list does not take, and for a cursor that does not exist.
    pub(super) fn page(&self, account: &str, pairs: &[(String, String)]) -> Result<Page, StripeError> {
        let params = params::list(pairs, filter::CREATED)?;
        let runs: Vec<Arc<Run>> = self.made().runs.iter().rev().filter(|run| run.account == account).cloned().collect();
        let place = |id: &String, param: &str| {
            let place = runs.iter().position(|run| run.id == *id);
            place.ok_or_else(|| StripeError::missing(StatusCode::BAD_REQUEST, "reporting.report_run", id, param))
        };
        let passes = |run: &&Arc<Run>| params.ranges.iter().all(|(_, span)| (span.from..=span.until).contains(&run.created));
        let take = |candidates: &mut dyn Iterator<Item = &Arc<Run>>| {
            let mut passing = candidates.filter(passes);
            let runs = passing.by_ref().take(params.limit).cloned().collect();
            Page { runs, has_more: passing.next().is_some() }
        };
        Ok(match &params.cursor {
            Cursor::Start => take(&mut runs.iter()),
            Cursor::After(id) => take(&mut runs.iter().skip(place(id, "starting_after")?.saturating_add(1))),
            Cursor::Before(id) => {
                let before = place(id, "ending_before")?;
                let mut page = take(&mut runs.iter().take(before).rev());
                page.runs.reverse();
                page
            }
        })
    }
}

fn reused(key: Option<&(String, String)>) -> StripeError {
    let key = key.map_or("", |(_, key)| key.as_str());
    StripeError::idempotency(format!(
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key \
         other than '{key}' if you meant to execute a different request."
    ))
}

/// The pairs of a form. It is written like a query, and read as one.
fn pairs(form: &[u8]) -> Result<Vec<(String, String)>, StripeError> {
    let refusal = || StripeError::bad_request("Invalid request body: it is not form-encoded.");
    let text = std::str::from_utf8(form).map_err(|_| refusal())?;
    let uri = Uri::builder().path_and_query(format!("/?{text}")).build().map_err(|_| refusal())?;
    params::pairs(&uri)
}
