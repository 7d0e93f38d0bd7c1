//! The one thread that owns the database. It takes pages as they come and writes as many as wait in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use facts::{AccountId, ChargeId, Fact, ObjectKind, PayoutId};
use store::{ObjectWrite, PageOutcome, PageWrite, Store, StoreError, Walk};
use stripe::Page;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::request;

/// Pages that may wait for the writer; with those being fetched they bound the memory that a sync takes.
const PAGES_WAITING_MAX: usize = 16;

/// Pages of one transaction. More would save little and lose more to a crash.
const PAGES_PER_COMMIT_MAX: usize = 20;

/// What the writer is asked to do, in order.
pub enum Task {
    /// Write a page.
    Page(Box<PageTask>),
    /// Do something else with the database, once all pages before are written.
    Ask(Box<dyn FnOnce(&mut Store) + Send>),
}

/// A page to be written.
pub struct PageTask {
    /// Whose objects.
    pub account: AccountId,
    /// What was asked for.
    pub kind: ObjectKind,
    /// The request, path and query.
    pub request: String,
    /// The page.
    pub page: Page,
    /// The payout whose txns it lists.
    pub member_of: Option<PayoutId>,
    /// Where the walk has come to with it.
    pub walk: Option<Walk>,
    /// How its objects are counted.
    pub count: Count,
    /// Where charges go that this page shows to have changed, if it shows anything new.
    pub charges: Option<Arc<Mutex<BTreeSet<ChargeId>>>>,
}

/// How the objects of a page are counted, so that each is counted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// All of them were read.
    All,
    /// The same sync has read them before; what is new or changed is counted.
    Changed,
    /// Another walk counts them.
    None,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Objects new to the database.
    pub inserted: u64,
    /// Objects of which another version was known.
    pub updated: u64,
    /// Objects read, by kind.
    pub by_kind: BTreeMap<&'static str, u64>,
    /// Bytes of the answers.
    pub bytes: u64,
    /// Of every object that was read.
    pub read: ReadHash,
}

/// A hash of a set of objects, whatever the order in which they came: the sum of the hashes of their content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadHash([u64; 4]);

impl ReadHash {
    fn add(&mut self, hash: &[u8; 32]) {
        for (sum, part) in self.0.iter_mut().zip(hash.chunks_exact(8)) {
            *sum = sum.wrapping_add(part.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
        }
    }

    /// In hexadecimal.
    #[must_use]
    pub fn text(self) -> String {
        self.0.iter().map(|part| format!("{part:016x}")).collect()
    }
}

/// What the writer leaves when it ends: the database, what was written, and what stopped it.
pub struct Written {
    pub store: Store,
    pub tally: Tally,
    pub error: Option<StoreError>,
}

/// Starts the writer. It ends when every sender is gone, or when the database fails.
pub fn start(store: Store) -> (mpsc::Sender<Task>, JoinHandle<Written>) {
    let (sender, receiver) = mpsc::channel(PAGES_WAITING_MAX);
    (sender, tokio::task::spawn_blocking(move || run(store, receiver)))
}

fn run(mut store: Store, mut tasks: mpsc::Receiver<Task>) -> Written {
    let mut tally = Tally::default();
    while let Some(task) = tasks.blocking_recv() {
        let (pages, ask) = gather(task, &mut tasks);
        if let Err(error) = write(&mut store, pages, &mut tally) {
            return Written { store, tally, error: Some(error) };
        }
        if let Some(ask) = ask {
            ask(&mut store);
        }
    }
    Written { store, tally, error: None }
}

type Ask = Box<dyn FnOnce(&mut Store) + Send>;

/// The pages that wait now, up to the first other task.
fn gather(first: Task, tasks: &mut mpsc::Receiver<Task>) -> (Vec<PageTask>, Option<Ask>) {
    let mut pages = Vec::new();
    let mut next = Some(first);
    while let Some(task) = next {
        match task {
            Task::Page(page) => pages.push(*page),
            Task::Ask(ask) => return (pages, Some(ask)),
        }
        next = if pages.len() < PAGES_PER_COMMIT_MAX { tasks.try_recv().ok() } else { None };
    }
    (pages, None)
}

fn write(store: &mut Store, mut pages: Vec<PageTask>, tally: &mut Tally) -> Result<(), StoreError> {
    if pages.is_empty() {
        return Ok(());
    }
    let facts: Vec<Vec<Fact>> = pages.iter_mut().map(|task| std::mem::take(&mut task.page.facts)).collect();
    let charges: Vec<Vec<ChargeId>> = pages.iter().zip(&facts).map(|(task, facts)| charges_of(task, facts)).collect();
    let writes: Vec<PageWrite<'_>> = pages.iter().zip(facts).map(|(task, facts)| page_write(task, facts)).collect();
    let outcomes = store.put_pages(&writes)?;
    for ((task, outcome), charges) in pages.iter().zip(&outcomes).zip(charges) {
        count(tally, task, *outcome);
        tally.bytes += task.page.size();
        task.page.items.iter().for_each(|item| tally.read.add(&item.hash));
        if let Some(changed) = task.charges.as_ref().filter(|_| outcome.inserted + outcome.updated > 0) {
            changed.lock().unwrap_or_else(PoisonError::into_inner).extend(charges);
        }
    }
    Ok(())
}

/// Counts what can be asked for by name, and accounts: what stands within an object comes with it, and an event tells of one.
fn count(tally: &mut Tally, task: &PageTask, outcome: PageOutcome) {
    if task.kind != ObjectKind::Account && !request::kinds().any(|kind| kind == task.kind) {
        return;
    }
    tally.inserted += outcome.inserted;
    tally.updated += outcome.updated;
    let read = match task.count {
        Count::All => task.page.items.len() as u64,
        Count::Changed => outcome.inserted + outcome.updated,
        Count::None => return,
    };
    *tally.by_kind.entry(task.kind.as_str()).or_default() += read;
}

/// The charges that a page's refunds and disputes are of, where somebody wants to know.
fn charges_of(task: &PageTask, facts: &[Fact]) -> Vec<ChargeId> {
    let charge = |read: &Fact| match read {
        Fact::Refund(refund) => refund.charge.clone(),
        Fact::Dispute(dispute) => Some(dispute.charge.clone()),
        _ => None,
    };
    if task.charges.is_some() { facts.iter().filter_map(charge).collect() } else { Vec::new() }
}

fn page_write(task: &PageTask, facts: Vec<Fact>) -> PageWrite<'_> {
    let page = &task.page;
    let object = |(item, fact)| {
        let item: &stripe::Item = item;
        ObjectWrite { object_id: &item.id, raw: page.raw(item), hash: item.hash, fact }
    };
    PageWrite {
        account: &task.account,
        kind: task.kind,
        request: &task.request,
        request_id: page.request_id.as_deref(),
        body_hash: page.body_hash,
        fetched_at: page.fetched_at,
        objects: page.items.iter().zip(facts).map(object).collect(),
        member_of: task.member_of.as_ref(),
        last_member_page: task.member_of.is_some() && page.ends_list(),
        walk: task.walk.as_ref(),
    }
}
