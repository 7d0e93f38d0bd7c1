//! One entry and its hash.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// The chain of what belongs to no account. Stripe's accounts begin with `acct_`.
pub const SHARED: &str = "shared";

/// What is hashed first, so that no other bytes are ever taken for an entry.
const FORM: &str = "tieout-audit-1";

/// One thing that has changed its state. As JSON it is an array of four.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Change {
    /// What it is: the glossary's noun.
    pub noun: String,
    /// Which one.
    pub id: String,
    /// How it stood; `None`: it was not there.
    pub from: Option<String>,
    /// How it stands: a word, and where its content matters the beginning of its hash. `None`: it is not there any more.
    pub to: Option<String>,
}

/// A change as it is written: noun, id, from, to.
#[derive(Clone, Serialize, Deserialize)]
struct Written(String, String, Option<String>, Option<String>);

impl From<Written> for Change {
    fn from(Written(noun, id, from, to): Written) -> Self {
        Self { noun, id, from, to }
    }
}

impl From<Change> for Written {
    fn from(change: Change) -> Self {
        Self(change.noun, change.id, change.from, change.to)
    }
}

/// What one transaction has changed in one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number among all entries, from 1.
    pub id: i64,
    /// An account's id, or [`SHARED`].
    pub chain: String,
    /// Its number in its chain, from 1.
    pub position: i64,
    /// When it was written, to the microsecond.
    pub at: Timestamp,
    /// On whose behalf: `person`, `schedule`, `api`, `webhook`.
    pub by: String,
    /// Of a person, the name that they are logged in by.
    pub who: Option<String>,
    /// The run that it is part of.
    pub run: Option<i64>,
    /// What was done.
    pub act: String,
    /// A JSON array of each [`Change`], as it was hashed.
    pub changes: String,
    /// The hash of the entry before it in its chain; zeros for the first.
    pub previous: Hash,
    /// Of all that stands above.
    pub hash: Hash,
}

impl Entry {
    /// The hash of what it says: SHA-256 over its fields, each as a netstring (`LENGTH:BYTES,`).
    #[must_use]
    pub fn sealed(&self) -> Hash {
        let mut hasher = Sha256::new();
        let (position, at) = (self.position.to_string(), self.at.as_microsecond().to_string());
        let run = self.run.map(|run| run.to_string()).unwrap_or_default();
        let (id, previous) = (self.id.to_string(), hex(&self.previous));
        let who = self.who.as_deref().unwrap_or_default();
        for field in [FORM, &id, &self.chain, &position, &at, &self.by, who, &run, &self.act, &self.changes, &previous] {
            netstring(&mut hasher, field);
        }
        hasher.finalize().into()
    }

    /// Whether it says what it said when it was written. Nobody is named by nothing: that would be hashed as no name.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.sealed() == self.hash && self.read().is_some() && self.who.as_deref() != Some("")
    }

    /// What has changed; `None` where that cannot be read.
    #[must_use]
    pub fn read(&self) -> Option<Vec<Change>> {
        serde_json::from_str(&self.changes).ok()
    }
}

/// Adds a field so that no two lists of fields give the same bytes.
pub(crate) fn netstring(hasher: &mut Sha256, field: &str) {
    hasher.update(field.len().to_string());
    hasher.update(b":");
    hasher.update(field);
    hasher.update(b",");
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hash that [`hex`] wrote.
#[must_use]
pub fn unhex(text: &str) -> Option<Hash> {
    // Small letters, as they are hashed: one hash has one text.
    if text.len() != 64 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut hash = Hash::default();
    for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            id: 7,
            chain: "acct_1".to_owned(),
            position: 3,
            at: "2026-07-31T00:00:00.000001Z".parse().unwrap(),
            by: "person".to_owned(),
            who: Some("ada".to_owned()),
            run: Some(12),
            act: "reconcile".to_owned(),
            changes: r#"[["exception","e1",null,"open ab"]]"#.to_owned(),
            previous: [1; 32],
            hash: [0; 32],
        }
    }

    #[test]
    fn the_hash_is_that_of_the_documented_bytes() {
        let zeros = "01".repeat(32);
        let bytes = format!(
            "14:tieout-audit-1,1:7,6:acct_1,1:3,16:1785456000000001,6:person,3:ada,2:12,9:reconcile,35:[[\"exception\",\"e1\",null,\"open ab\"]],64:{zeros},"
        );
        assert_eq!(entry().sealed(), Hash::from(Sha256::digest(bytes)));
    }

    #[test]
    fn whatever_is_changed_gives_another_hash() {
        let one = entry();
        let others = [
            Entry { id: 8, ..one.clone() },
            Entry { chain: "acct_2".to_owned(), ..one.clone() },
            Entry { position: 4, ..one.clone() },
            Entry { at: "2026-07-31T00:00:00Z".parse().unwrap(), ..one.clone() },
            Entry { by: "api".to_owned(), ..one.clone() },
            Entry { who: None, ..one.clone() },
            Entry { run: None, ..one.clone() },
            Entry { act: "import".to_owned(), ..one.clone() },
            Entry { changes: "[]".to_owned(), ..one.clone() },
            Entry { previous: [2; 32], ..one.clone() },
        ];
        assert!(others.iter().all(|other| other.sealed() != one.sealed()));
        assert_eq!(Entry { hash: [9; 32], ..one.clone() }.sealed(), one.sealed());
    }

    #[test]
    fn a_change_is_an_array_of_four_and_a_hash_is_read_back() {
        let changes = entry().read().unwrap();
        assert_eq!(changes, [Change { noun: "exception".into(), id: "e1".into(), from: None, to: Some("open ab".into()) }]);
        assert_eq!(serde_json::to_string(&changes).unwrap(), entry().changes);
        let hash: Hash = Sha256::digest(b"x").into();
        assert_eq!(unhex(&hex(&hash)), Some(hash));
        assert_eq!(
            [unhex("00"), unhex(&"zz".repeat(32)), unhex(&"é".repeat(32)), unhex(&"AB".repeat(32)), unhex(&"+f".repeat(32))],
            [None; 5]
        );
    }
}
