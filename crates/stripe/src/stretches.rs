//! A list, cut into stretches of time that are read side by side. No I/O, no clock.
//!
//! A list is walked page after page; that is bound by how long an answer takes. Where its first pages show that it is long, what is
//! left of it is cut at a second, and both parts go on: the newer one at its cursor, the older one from its own newest object.
//! A part is cut again when it has been given a page, so that how dense it is is known from its own pages. Stretches are
//! half-open in whole seconds and tile the range, so that no object is missed, and none is read twice.

mod splitter;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::pager::{Page, Pager};
use crate::request::Call;

use self::splitter::{Density, Purse};

/// What is left of a list between two instants, in whole seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// What was created at this instant or later; `None` goes back to the beginning.
    pub from: Option<Timestamp>,
    /// What was created before this instant; `None` begins at the head of the list.
    pub until: Option<Timestamp>,
    /// The cursor: the id of the last object read.
    pub after: Option<String>,
}

/// Which stretch a page was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u32);

/// A walk through one list, with all that is left of it.
#[derive(Debug)]
pub struct Stretches {
    call: Call,
    /// By number; numbers go up in the order in which stretches were made.
    left: BTreeMap<Ticket, Part>,
    numbered: u32,
    /// When the newest object that was seen was created.
    newest: Option<i64>,
    purse: Purse,
}

/// A stretch that is being read.
#[derive(Debug)]
struct Part {
    from: Option<i64>,
    until: Option<i64>,
    pager: Pager,
    density: Density,
    /// About how many pages it was thought to have when it was cut off.
    expected: u64,
    /// Whether an answer is awaited.
    asked: bool,
    /// Whether it was given a page since it was last cut.
    fresh: bool,
}

impl Stretches {
    /// Goes on with what is left of the list that `call` asks for.
    #[must_use]
    pub fn new(call: Call, left: Vec<Stretch>) -> Self {
        let mut stretches = Self { call, left: BTreeMap::new(), numbered: 0, newest: None, purse: Purse::default() };
        for Stretch { from, until, after } in left {
            stretches.add(from.map(Timestamp::as_second), until.map(Timestamp::as_second), after, 0);
        }
        stretches
    }

    /// The next page to ask for, where fewer than `at_once` are being waited for and a stretch has one. Where more could be
    /// asked for than there are stretches, one that is long is cut first; with `at_once` of 1 none ever is.
    pub fn next(&mut self, at_once: usize) -> Option<(Ticket, Call)> {
        let asked = self.left.values().filter(|part| part.asked).count();
        let places = at_once.checked_sub(asked).filter(|places| *places > 0)?;
        if self.left.len() - asked < places {
            self.split();
        }
        let (ticket, part) = self.left.iter_mut().find(|(_, part)| !part.asked)?;
        let call = part.pager.next()?;
        part.asked = true;
        Some((*ticket, call))
    }

    /// Notes the page that was asked for with this ticket.
    ///
    /// # Errors
    /// In words, when the list cannot be followed, as [`Pager::take`] says.
    pub fn take(&mut self, ticket: Ticket, page: &Page) -> Result<(), String> {
        let Some(part) = self.left.get_mut(&ticket) else { return Ok(()) };
        part.pager.take(page)?;
        part.asked = false;
        part.fresh = true;
        let newest = page.newest().map(Timestamp::as_second);
        if let (Some(newest), Some(oldest)) = (newest, page.oldest()) {
            part.density.add(page.items.len(), newest, oldest.as_second());
        }
        self.newest = self.newest.max(newest);
        self.purse.page();
        if part.pager.ended() {
            self.left.remove(&ticket);
        }
        Ok(())
    }

    /// What is left, newest first.
    #[must_use]
    pub fn left(&self) -> Vec<Stretch> {
        let instant = |second: i64| Timestamp::from_second(second).ok();
        let mut parts: Vec<&Part> = self.left.values().collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.until.unwrap_or(i64::MAX)));
        let stretch = |part: &Part| Stretch {
            from: part.from.and_then(instant),
            until: part.until.and_then(instant),
            after: part.pager.after().map(str::to_owned),
        };
        parts.into_iter().map(stretch).collect()
    }

    /// Whether all of it was read.
    #[must_use]
    pub fn ended(&self) -> bool {
        self.left.is_empty()
    }

    fn add(&mut self, from: Option<i64>, until: Option<i64>, after: Option<String>, expected: u64) {
        let pager = Pager::new(within(&self.call, from, until), after);
        let part = Part { from, until, pager, density: Density::default(), expected, asked: false, fresh: false };
        self.left.insert(Ticket(self.numbered), part);
        self.numbered = self.numbered.saturating_add(1);
    }

    /// Cuts the longest stretch that nothing is awaited of, if it is long enough and none of the others is much longer.
    fn split(&mut self) {
        let pages = |part: &Part| part.pages_left(self.newest);
        let longest = self.left.values().map(pages).max().unwrap_or_default();
        let idle = self.left.iter().filter(|(_, part)| !part.asked && part.fresh);
        let Some((ticket, estimated)) = idle.map(|(ticket, part)| (*ticket, pages(part))).max_by_key(|(_, pages)| *pages) else {
            return;
        };
        if estimated < longest / 2 || !self.purse.pays(estimated) {
            return;
        }
        let newest = self.newest;
        let Some(part) = self.left.get_mut(&ticket) else { return };
        let Some(at) = part.cut(newest) else { return };
        let (from, until, after) = (part.from, part.until, part.pager.after().map(str::to_owned));
        part.from = Some(at);
        part.fresh = false;
        part.pager = Pager::new(within(&self.call, Some(at), until), after);
        self.purse.spend();
        let expected = if from.is_some() { estimated / 2 } else { estimated };
        self.add(from, Some(at), None, expected);
    }
}

impl Part {
    /// About how many pages it still has.
    fn pages_left(&self, newest: Option<i64>) -> u64 {
        self.density.reach(self.from, newest).map_or(self.expected, |from| self.density.pages_back_to(from))
    }

    /// The second at which it is cut: everything older becomes a stretch of its own.
    fn cut(&self, newest: Option<i64>) -> Option<i64> {
        self.density.cut(self.from, newest)
    }
}

fn within(call: &Call, from: Option<i64>, until: Option<i64>) -> Call {
    let call = from.into_iter().fold(call.clone(), |call, from| call.with("created[gte]", from));
    until.into_iter().fold(call, |call, until| call.with("created[lt]", until))
}

#[cfg(test)]
mod pace;
#[cfg(test)]
mod tests;
