//! What every part of a running sync shares: how to ask Stripe, how to reach the writer, and what went wrong.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use facts::ObjectKind;
use store::{Store, StoreError};
use stripe::{Answer, Call, Client, PLACES, StripeError};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::accounts::Target;
use super::left_out::{self, LeftOut};
use super::request::SyncRequest;
use super::sweep::Swept;
use super::trouble::Trouble;
use super::writer::{PageTask, Task};
use crate::jobs::Progress;
use crate::outside::Outside;
use crate::views::day_check::DayCheckView;

/// After this many calls in a row that failed for good, Stripe is down, and nothing more is asked.
const DOWN_AFTER: u32 = 2;

/// Why something could not be read.
#[derive(Debug)]
pub enum Halt {
    /// Stripe's answer, or that there was none.
    Stripe(StripeError),
    /// The database; everything stops.
    Store(StoreError),
    /// The sync was already stopping for another reason, which is noted.
    Stopping,
    /// What was asked for does not exist.
    Usage(String),
    /// Everything was read, and it does not add up: something of it is missing.
    Unproven(String),
    /// It is due, and was left to the next sync.
    Left(String),
}

/// How far a sync is, for whoever watches it.
pub struct Watched<'a> {
    progress: Mutex<&'a mut dyn Progress>,
    read: AtomicU64,
}

impl<'a> Watched<'a> {
    /// Nothing was read yet.
    pub fn new(progress: &'a mut dyn Progress) -> Self {
        Self { progress: Mutex::new(progress), read: AtomicU64::new(0) }
    }

    /// So many more objects were read.
    fn advance(&self, objects: u64, note: &str) {
        let read = self.read.fetch_add(objects, Ordering::Relaxed) + objects;
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).set(read, None, note);
    }

    /// Nothing more is read.
    pub fn finish(&self) {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).finish();
    }
}

/// What every part of a sync that runs with one key shares.
pub struct Context<'a> {
    /// The world.
    pub outside: &'a Outside,
    /// What is to be read.
    pub request: &'a SyncRequest,
    /// Which key it reads with, as a person names it.
    pub key: String,
    client: Client<Outside>,
    places: Semaphore,
    writer: mpsc::Sender<Task>,
    watched: &'a Watched<'a>,
    failed_in_a_row: AtomicU32,
    troubles: Mutex<Vec<Trouble>>,
    left_out: Mutex<LeftOut>,
    warnings: Mutex<Vec<String>>,
    checked: Mutex<Vec<DayCheckView>>,
    swept: Mutex<Swept>,
}

/// What a sync found on Stripe's side, once it ended.
#[derive(Default)]
pub struct Found {
    /// What went wrong, in the order in which it did.
    pub troubles: Vec<Trouble>,
    /// What the key may not read and reconciling does not need.
    pub left_out: LeftOut,
    /// What a person should know although it is well, in sentences.
    pub warnings: Vec<String>,
    /// What became of the past days that were listed again.
    pub checked: Vec<DayCheckView>,
    /// Requests sent.
    pub requests: u64,
    /// The day that was asked for, where it was one.
    pub date: Option<String>,
    /// What became of the connected accounts.
    pub swept: Swept,
}

impl<'a> Context<'a> {
    pub fn new(
        outside: &'a Outside,
        (key, client): (String, Client<Outside>),
        writer: mpsc::Sender<Task>,
        request: &'a SyncRequest,
        watched: &'a Watched<'a>,
    ) -> Self {
        Self {
            outside,
            request,
            key,
            client,
            places: Semaphore::new(PLACES),
            writer,
            watched,
            failed_in_a_row: AtomicU32::new(0),
            troubles: Mutex::new(Vec::new()),
            left_out: Mutex::default(),
            warnings: Mutex::default(),
            checked: Mutex::default(),
            swept: Mutex::default(),
        }
    }

    /// Asks Stripe, at most [`PLACES`] at once; nothing once the key was refused or Stripe is down.
    pub async fn get<T>(&self, call: &Call, read: impl Fn(Answer) -> Result<T, String> + Send) -> Result<T, Halt> {
        let _place = self.places.acquire().await.map_err(|_| Halt::Stopping)?;
        if self.is_stopping() {
            return Err(Halt::Stopping);
        }
        let answer = self.client.get(call, read).await;
        match &answer {
            Err(StripeError::Unsendable { .. }) => self.places.close(),
            Err(StripeError::Upstream { .. }) => {
                self.failed_in_a_row.fetch_add(1, Ordering::Relaxed);
            }
            Ok(_) | Err(_) => self.failed_in_a_row.store(0, Ordering::Relaxed),
        }
        answer.map_err(Halt::Stripe)
    }

    /// How many pages of one list may be on their way at once: as many as its endpoint takes well, and one where others have
    /// taken all places.
    pub fn at_once(&self, call: &Call) -> usize {
        if self.places.available_permits() == 0 { 1 } else { self.client.at_once(call) }
    }

    /// Hands a page to the writer; waits while it has too many.
    pub async fn put(&self, task: PageTask) -> Result<(), Halt> {
        let (objects, note) = (task.page.items.len() as u64, format!("{}s", task.kind.as_str().replace('_', " ")));
        self.writer.send(Task::Page(Box::new(task))).await.map_err(|_| Halt::Stopping)?;
        self.watched.advance(objects, &note);
        Ok(())
    }

    /// Runs something on the database, after every page that was handed over before.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Halt> {
        let (sender, answer) = oneshot::channel();
        // Whoever asked may have stopped listening; then the answer is for nobody.
        let ask = move |store: &mut Store| drop(sender.send(question(store)));
        self.writer.send(Task::Ask(Box::new(ask))).await.map_err(|_| Halt::Stopping)?;
        answer.await.map_err(|_| Halt::Stopping)?.map_err(Halt::Store)
    }

    /// Notes that `what` could not be read, and of which account it is. A database that fails, and a key that is not
    /// accepted, stop everything; a connected account that does not accept it stops nothing but itself.
    pub fn note(&self, target: Option<&Target>, what: &str, halt: Halt) {
        let account = target.map(|target| target.id.clone());
        let connected = target.is_some_and(|target| target.behalf.is_some());
        let trouble = Trouble { key: self.key.clone(), account, connected, what: what.to_owned(), halt };
        let ends_all = matches!(trouble.halt, Halt::Store(_) | Halt::Stripe(StripeError::Authentication { .. }));
        if ends_all && !trouble.is_closed_account() {
            self.places.close();
        }
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner).push(trouble);
    }

    /// Notes that a kind of an account's objects could not be read. Where the key lacks a permission that reconciling does not
    /// need, they are left out; what changes until it has it is told by no event, so that all of them are read then.
    pub async fn note_kind(&self, target: &Target, kind: ObjectKind, halt: Halt) {
        let what = || format!("{} of {}", stripe::path(kind).unwrap_or_default(), target.id);
        // What was asked for by name is not left out.
        let lacking = left_out::lacking(kind, &halt).filter(|_| !self.request.only.contains(&kind));
        let Some(permission) = lacking else { return self.note(Some(target), &what(), halt) };
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner).add(permission, kind, target.id.clone());
        let account = target.id.clone();
        // The mark of the events stays: those since are told once they may be read.
        let forgotten = if kind == ObjectKind::Event { Vec::new() } else { vec![kind] };
        let forget = self.ask(move |store| store.forget_walks(&account, &forgotten)).await;
        forget.unwrap_or_else(|halt| self.note(Some(target), &what(), halt));
    }

    /// Whether an account's objects of a kind are asked for, and may be read.
    pub fn reads(&self, target: &Target, kind: ObjectKind) -> bool {
        self.request.wants(kind) && !self.left_out.lock().unwrap_or_else(PoisonError::into_inner).has(kind, &target.id)
    }

    /// How much of this account could not be read.
    pub fn troubles_with(&self, target: &Target) -> usize {
        let troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        troubles.iter().filter(|trouble| trouble.account.as_ref() == Some(&target.id)).count()
    }

    /// Whether something of this account could not be read.
    pub fn has_trouble_with(&self, target: &Target) -> bool {
        self.troubles_with(target) > 0
    }

    /// Notes something that is well for this sync, and that a person should know.
    pub fn warn(&self, sentence: String) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(sentence);
    }

    /// Notes what became of listing a past day again.
    pub fn checked(&self, check: DayCheckView) {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).push(check);
    }

    /// How many requests this key has sent.
    pub fn requests(&self) -> u64 {
        self.client.requests()
    }

    /// Whether nothing more can be read: the key was refused, or Stripe is down.
    pub fn is_stopping(&self) -> bool {
        self.places.is_closed() || self.failed_in_a_row.load(Ordering::Relaxed) >= DOWN_AFTER
    }

    /// Counts connected accounts.
    pub fn swept(&self, more: Swept) {
        self.swept.lock().unwrap_or_else(PoisonError::into_inner).add(more);
    }

    /// Adds what was found with this key to what was found with others.
    pub fn finish(self, found: &mut Found) {
        found.troubles.extend(self.troubles.into_inner().unwrap_or_else(PoisonError::into_inner));
        found.left_out.extend(self.left_out.into_inner().unwrap_or_else(PoisonError::into_inner));
        found.warnings.extend(self.warnings.into_inner().unwrap_or_else(PoisonError::into_inner));
        found.checked.extend(self.checked.into_inner().unwrap_or_else(PoisonError::into_inner));
        found.swept.add(self.swept.into_inner().unwrap_or_else(PoisonError::into_inner));
        found.requests += self.client.requests();
    }
}
