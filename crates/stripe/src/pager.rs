//! Lists: which page to ask for next, and what a page holds. No I/O.

use std::collections::HashSet;
use std::ops::Range;

use facts::{AccountId, AccountKind, Fact, ObjectKind};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::client::Answer;
use crate::objects::declaration;
use crate::request::{Call, PAGE_SIZE};
use crate::to_facts::{self, Doubt};

/// Where one object stands in its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its id; made from its content where Stripe gave none, which is then refused.
    pub id: String,
    /// SHA-256 of its own bytes.
    pub hash: [u8; 32],
    range: Range<usize>,
}

/// One page of a list, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The objects, in Stripe's order.
    pub items: Vec<Item>,
    /// What each object says, in the same order.
    pub facts: Vec<Fact>,
    /// Whether it says that older ones follow; [`Page::ends_list`] doubts it.
    pub has_more: bool,
    /// SHA-256 of the whole body.
    pub body_hash: [u8; 32],
    /// Stripe's id of the request.
    pub request_id: Option<String>,
    /// When it had arrived.
    pub fetched_at: Timestamp,
    body: Vec<u8>,
}

#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
    has_more: bool,
}

impl Page {
    /// Bytes of the whole body.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.body.len() as u64
    }

    /// Reads a list's answer. Objects that cannot be facts are in it as [`Fact::Refused`]; they never spoil a page.
    ///
    /// # Errors
    /// In words, when the body is not whole or not a list.
    pub fn read(kind: ObjectKind, account: &AccountId, answer: Answer) -> Result<Self, String> {
        let Answer { body, request_id, fetched_at } = answer;
        let list: List<'_> = serde_json::from_slice(&body).map_err(|error| format!("the answer is not a whole list: {error}"))?;
        let mut items = Vec::with_capacity(list.data.len());
        let mut facts = Vec::with_capacity(list.data.len());
        for raw in &list.data {
            let (item, fact) = place(&body, raw.get(), kind, read_object(kind, account, raw.get()));
            items.push(item);
            facts.push(fact);
        }
        let has_more = list.has_more;
        let body_hash = content_hash(&body);
        Ok(Self { items, facts, has_more, body_hash, request_id, fetched_at, body })
    }

    /// Reads the answer to a single object as a page of one.
    ///
    /// # Errors
    /// In words, when the body is not whole or not an object.
    pub fn read_one(kind: ObjectKind, account: &AccountId, answer: Answer) -> Result<Self, String> {
        Self::of_one(answer, kind, |raw| read_object(kind, account, raw))
    }

    /// Reads the answer to `/v1/account`, the key's own account, as a page of one.
    ///
    /// # Errors
    /// In words, when the body is not whole or not an object.
    pub fn read_own_account(answer: Answer) -> Result<Self, String> {
        Self::of_one(answer, ObjectKind::Account, |raw| to_facts::account(AccountKind::Own, raw))
    }

    fn of_one(answer: Answer, kind: ObjectKind, read: impl Fn(&str) -> to_facts::Found) -> Result<Self, String> {
        let Answer { body, request_id, fetched_at } = answer;
        let raw: &RawValue =
            serde_json::from_slice(&body).map_err(|error| format!("the answer is not a whole object: {error}"))?;
        let (item, fact) = place(&body, raw.get(), kind, read(raw.get()));
        let body_hash = content_hash(&body);
        Ok(Self { items: vec![item], facts: vec![fact], has_more: false, body_hash, request_id, fetched_at, body })
    }

    /// An object's own bytes, as they came.
    #[must_use]
    pub fn raw(&self, item: &Item) -> &[u8] {
        self.body.get(item.range.clone()).unwrap_or_default()
    }

    /// Whether nothing follows it.
    ///
    /// A full page that calls itself the last is not believed: what follows it is asked for, and only that nothing does ends the
    /// list. It costs an empty page for one list in a hundred; believing it could lose everything behind it.
    #[must_use]
    pub fn ends_list(&self) -> bool {
        let nameless = self.items.last().is_some_and(|item| item.id.starts_with(NO_ID));
        !self.has_more && (self.items.len() < PAGE_SIZE || nameless)
    }

    /// Leaves out objects by their ids.
    pub fn forget(&mut self, is_one: impl Fn(&str) -> bool) {
        let objects = self.items.drain(..).zip(self.facts.drain(..));
        (self.items, self.facts) = objects.filter(|(item, _)| !is_one(&item.id)).unzip();
    }

    /// The objects that cannot be facts, and why not.
    pub fn refused(&self) -> impl Iterator<Item = (&Item, &str)> {
        self.items.iter().zip(&self.facts).filter_map(|(item, read)| match read {
            Fact::Refused { reason, .. } => Some((item, reason.as_str())),
            _ => None,
        })
    }

    /// When the newest object of the page was made.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        self.facts.iter().filter_map(Fact::created_at).max()
    }

    /// When the oldest object of the page was made.
    #[must_use]
    pub fn oldest(&self) -> Option<Timestamp> {
        self.facts.iter().filter_map(Fact::created_at).min()
    }
}

/// Reads one object of a list.
fn read_object(kind: ObjectKind, account: &AccountId, raw: &str) -> to_facts::Found {
    match kind {
        ObjectKind::Account => to_facts::account(AccountKind::Connected, raw),
        ObjectKind::Txn => to_facts::txn(account, raw),
        ObjectKind::Payout => to_facts::payout(account, raw),
        ObjectKind::Charge => to_facts::charge(account, raw),
        ObjectKind::Refund => to_facts::refund(account, raw),
        ObjectKind::Dispute => to_facts::dispute(account, raw),
        kind => to_facts::object(declaration(kind), account, raw),
    }
}

/// Says where an object stands in the body that it was read from.
fn place(body: &[u8], raw: &str, kind: ObjectKind, (id, read): to_facts::Found) -> (Item, Fact) {
    // A raw value lies within the body it was read from, so its place there is the distance of their addresses.
    let start = (raw.as_ptr() as usize).saturating_sub(body.as_ptr() as usize);
    let hash = content_hash(raw.as_bytes());
    let id = id.unwrap_or_else(|| without_id(&hash));
    let fact = read.unwrap_or_else(|Doubt { cause, reason }| Fact::Refused { kind, object_id: id.clone(), cause, reason });
    (Item { id, hash, range: start..start + raw.len() }, fact)
}

/// The hash by which content is known: SHA-256 of its bytes.
#[must_use]
pub fn content_hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// What stands for the id of an object that has none.
const NO_ID: &str = "no_id_";

fn without_id(hash: &[u8; 32]) -> String {
    let digits = hash.iter().take(8).map(|byte| format!("{byte:02x}"));
    std::iter::once(NO_ID.to_owned()).chain(digits).collect()
}

/// Walks one list from newest to oldest, or on from where an earlier walk stopped.
#[derive(Clone, Debug)]
pub struct Pager {
    call: Call,
    after: Option<String>,
    seen: HashSet<String>,
    ended: bool,
}

impl Pager {
    /// Begins a walk of the list that `call` asks for, after the object `after` where one is given.
    #[must_use]
    pub fn new(call: Call, after: Option<String>) -> Self {
        let seen = after.iter().cloned().collect();
        Self { call: call.with("limit", PAGE_SIZE), after, seen, ended: false }
    }

    /// The call for the next page; `None` when the list has ended.
    #[must_use]
    pub fn next(&self) -> Option<Call> {
        let call = (!self.ended).then(|| self.call.clone())?;
        Some(match &self.after {
            Some(after) => call.with("starting_after", after),
            None => call,
        })
    }

    /// The last object read so far.
    #[must_use]
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Whether the list has ended.
    #[must_use]
    pub const fn ended(&self) -> bool {
        self.ended
    }

    /// Notes a page.
    ///
    /// # Errors
    /// In words, when the list cannot be followed: more is promised without a way to ask for it, or it goes in a circle.
    pub fn take(&mut self, page: &Page) -> Result<(), String> {
        let last = page.items.last().map(|item| item.id.as_str());
        let ends = page.ends_list();
        match last {
            None if !ends => return Err("an empty page says that more follows".to_owned()),
            Some(last) if !ends && last.starts_with(NO_ID) => {
                return Err("the last object of a page has no id to go on from".to_owned());
            }
            Some(last) if !ends && !self.seen.insert(last.to_owned()) => {
                return Err(format!("the list goes in a circle: it came back to {last}"));
            }
            _ => {}
        }
        self.after = last.map(str::to_owned).or_else(|| self.after.take());
        self.ended = ends;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
