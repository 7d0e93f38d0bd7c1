//! Walking along a trail from its first entry to its last, and what is wrong with it.

use std::collections::{HashMap, VecDeque};

use sha2::{Digest, Sha256};

use crate::anchor::{Anchor, Heads};
use crate::entry::{Change, Entry, Hash, netstring};

/// Something that no honest trail has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An entry does not say what it said when it was written.
    Altered {
        /// Its chain.
        chain: String,
        /// Its number there.
        position: i64,
    },
    /// An entry does not follow the one before it.
    Unchained {
        /// Its chain.
        chain: String,
        /// Its number there.
        position: i64,
    },
    /// Entries are missing, or stand twice.
    Missing {
        /// The chain.
        chain: String,
        /// The number that is expected.
        expected: i64,
        /// The number that is found.
        found: i64,
    },
    /// The numbers among all entries have a hole or go back.
    OutOfOrder {
        /// The number that is expected.
        expected: i64,
        /// The number that is found.
        found: i64,
    },
    /// What is noted as a chain's end is not its newest entry.
    Cut {
        /// The chain.
        chain: String,
        /// The number of what is noted.
        noted: i64,
        /// The number of the newest entry; 0: there is none.
        found: i64,
    },
    /// The trail up to an anchor is not what it was when the anchor was taken.
    Rewritten {
        /// The number of the newest entry then.
        entries: i64,
    },
    /// There are fewer entries than when the anchor was taken.
    Shortened {
        /// The number of the newest entry then.
        entries: i64,
        /// The number of the newest entry now.
        found: i64,
    },
    /// An entry changes what stood otherwise before: something has changed without an entry.
    Unnoted {
        /// Its chain.
        chain: String,
        /// Its number there.
        position: i64,
        /// What it changes.
        noun: String,
        /// Which one.
        id: String,
    },
    /// Something stands otherwise than its newest entry says.
    Differs {
        /// Its chain.
        chain: String,
        /// What it is.
        noun: String,
        /// Which one.
        id: String,
    },
    /// Something cannot be read, which this program has not written so.
    Unreadable {
        /// What, and why, in a sentence.
        what: String,
    },
    /// Something is not there, and no entry says that it went.
    Gone {
        /// Its chain.
        chain: String,
        /// What it is.
        noun: String,
        /// Which one.
        id: String,
    },
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Altered { chain, position } => write!(f, "entry {position} of {chain} was altered after it was written"),
            Self::Unchained { chain, position } => write!(f, "entry {position} of {chain} does not follow the one before it"),
            Self::Missing { chain, expected, found } => {
                write!(f, "entries of {chain} are missing or exchanged: expected number {expected}, found {found}")
            }
            Self::OutOfOrder { expected, found } => {
                write!(f, "entries are missing or exchanged: expected number {expected} of all, found {found}")
            }
            Self::Cut { chain, noted, found } => {
                write!(f, "the end of {chain} was cut off or added to: expected entry {noted} as the newest, found {found}")
            }
            Self::Rewritten { entries } => write!(f, "the first {entries} entries are not those that the anchor was taken of"),
            Self::Shortened { entries, found } => {
                write!(f, "the anchor was taken of {entries} entries, and there are {found}: the end was cut off")
            }
            Self::Unnoted { chain, position, noun, id } => {
                write!(f, "{noun} {id} was changed without an entry, before entry {position} of {chain}")
            }
            Self::Differs { chain, noun, id } => write!(f, "{noun} {id} stands otherwise than the newest entry of {chain} says"),
            Self::Unreadable { what } => write!(f, "it cannot be read: {what}"),
            Self::Gone { chain, noun, id } => write!(f, "{noun} {id} of {chain} is not there, and no entry says that it went"),
        }
    }
}

/// A thing and its state, as short as can be: a trail may speak of millions.
type Key = u128;

/// What a walk has seen. Entries come in the order of their numbers among all.
#[derive(Debug, Default)]
pub struct Walk {
    heads: Heads,
    states: HashMap<Key, Key>,
    newest: i64,
    /// Those that were not met yet, the first first.
    anchors: VecDeque<Anchor>,
}

/// Things that are not there though their newest entry says that they are.
#[derive(Debug, Default)]
pub struct Left(HashMap<Key, Key>);

impl Walk {
    /// Begins before the first entry. The trail is held against each anchor.
    #[must_use]
    pub fn new(anchors: &[Anchor]) -> Self {
        let mut anchors: Vec<Anchor> = anchors.to_vec();
        anchors.sort_by_key(|anchor| anchor.entries);
        let mut walk = Self { anchors: anchors.into(), ..Self::default() };
        // What was anchored while there was nothing is held against nothing.
        walk.anchors.retain(|anchor| anchor.entries > 0 || anchor.root != Heads::default().root());
        walk
    }

    /// Goes on to the next entry. What is wrong with it is `told`.
    pub fn step(&mut self, entry: &Entry, told: &mut dyn FnMut(Fault)) {
        let (chain, position) = (&entry.chain, entry.position);
        let expected = self.newest.saturating_add(1);
        if entry.id != expected {
            told(Fault::OutOfOrder { expected, found: entry.id });
        }
        let (before, previous) = self.heads.0.get(chain).copied().unwrap_or_default();
        let expected = before.saturating_add(1);
        if position != expected {
            told(Fault::Missing { chain: chain.clone(), expected, found: position });
        } else if entry.previous != previous {
            told(Fault::Unchained { chain: chain.clone(), position });
        }
        if !entry.is_sealed() {
            told(Fault::Altered { chain: chain.clone(), position });
        }
        for change in entry.read().unwrap_or_default() {
            self.change(entry, &change, told);
        }
        self.heads.0.insert(chain.clone(), (position, entry.hash));
        self.newest = entry.id;
        while self.anchors.front().is_some_and(|anchor| anchor.entries <= entry.id) {
            if let Some(anchor) = self.anchors.pop_front().filter(|anchor| self.heads.root() != anchor.root) {
                told(Fault::Rewritten { entries: anchor.entries });
            }
        }
    }

    fn change(&mut self, entry: &Entry, change: &Change, told: &mut dyn FnMut(Fault)) {
        let thing = thing(&entry.chain, &change.noun, &change.id);
        let known = match &change.to {
            Some(to) => self.states.insert(thing, short([to])),
            None => self.states.remove(&thing),
        };
        if known != change.from.as_deref().map(|from| short([from])) {
            let (noun, id) = (change.noun.clone(), change.id.clone());
            told(Fault::Unnoted { chain: entry.chain.clone(), position: entry.position, noun, id });
        }
    }

    /// The number of the newest entry.
    #[must_use]
    pub const fn newest(&self) -> i64 {
        self.newest
    }

    /// The ends of the chains that were walked along.
    #[must_use]
    pub const fn heads(&self) -> &Heads {
        &self.heads
    }

    /// Holds the ends of the chains against those that are noted, and the newest anchor that was not met against the number of entries.
    pub fn ends(&self, noted: &Heads, told: &mut dyn FnMut(Fault)) {
        let none = (0, Hash::default());
        let chains: std::collections::BTreeSet<&String> = noted.0.keys().chain(self.heads.0.keys()).collect();
        for chain in chains {
            let [noted, found] = [noted, &self.heads].map(|heads| heads.0.get(chain).copied().unwrap_or(none));
            if noted != found {
                told(Fault::Cut { chain: chain.clone(), noted: noted.0, found: found.0 });
            }
        }
        if let Some(anchor) = self.anchors.back() {
            told(Fault::Shortened { entries: anchor.entries, found: self.newest });
        }
    }

    /// Holds one thing as it stands against its newest entry. Each thing that is there is held against it once.
    pub fn holds(&mut self, (chain, noun, id): (&str, &str, &str), state: &str, told: &mut dyn FnMut(Fault)) {
        if self.states.remove(&thing(chain, noun, id)) != Some(short([state])) {
            told(Fault::Differs { chain: chain.to_owned(), noun: noun.to_owned(), id: id.to_owned() });
        }
    }

    /// What was not held against anything, after all that is there was.
    #[must_use]
    pub fn left(self) -> Option<Left> {
        (!self.states.is_empty()).then_some(Left(self.states))
    }
}

impl Left {
    /// Finds the names of what is left in an entry that is walked along once more.
    pub fn name(&mut self, entry: &Entry, told: &mut dyn FnMut(Fault)) {
        for change in entry.read().unwrap_or_default() {
            if self.0.remove(&thing(&entry.chain, &change.noun, &change.id)).is_some() {
                told(Fault::Gone { chain: entry.chain.clone(), noun: change.noun, id: change.id });
            }
        }
    }
}

fn thing(chain: &str, noun: &str, id: &str) -> Key {
    short([chain, noun, id])
}

/// The beginning of a hash: two that are equal by chance come once in 2^64.
fn short<const N: usize>(texts: [&str; N]) -> Key {
    let mut hasher = Sha256::new();
    texts.iter().for_each(|text| netstring(&mut hasher, text));
    let hash: Hash = hasher.finalize().into();
    hash.iter().take(16).fold(0, |key, byte| key << 8 | Key::from(*byte))
}
