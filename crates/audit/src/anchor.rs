//! What is kept elsewhere of a trail, to hold the trail against it later.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::entry::{Hash, hex, netstring, unhex};

/// The ends of all chains at one instant, as one hash. Whoever keeps it can tell later whether the trail up to there is what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The number of the newest entry then; 0: there was none.
    pub entries: i64,
    /// The ends of all chains then; see [`Heads::root`].
    #[serde(serialize_with = "write_hash", deserialize_with = "read_hash")]
    pub root: Hash,
    /// When it was taken.
    pub taken_at: Timestamp,
}

fn write_hash<S: serde::Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex(hash))
}

fn read_hash<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
    let text = String::deserialize(deserializer)?;
    unhex(&text).ok_or_else(|| serde::de::Error::custom("expected 64 hexadecimal digits"))
}

/// The end of each chain: the position and the hash of its newest entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heads(pub BTreeMap<String, (i64, Hash)>);

impl Heads {
    /// One hash of all: SHA-256 over chain, position and hash of each, by chain, each as a netstring.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut hasher = Sha256::new();
        for (chain, (position, hash)) in &self.0 {
            netstring(&mut hasher, chain);
            netstring(&mut hasher, &position.to_string());
            netstring(&mut hasher, &hex(hash));
        }
        hasher.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_is_read_back_and_a_torn_one_is_refused() {
        let heads = Heads([("acct_1".to_owned(), (3, [7; 32]))].into());
        let anchor = Anchor { entries: 3, root: heads.root(), taken_at: "2026-07-31T00:00:00Z".parse().unwrap() };
        let text = serde_json::to_string(&anchor).unwrap();
        assert_eq!(serde_json::from_str::<Anchor>(&text).unwrap(), anchor);
        for torn in [&text[..60], "{}", r#"{"entries":1,"root":"00","taken_at":"2026-07-31T00:00:00Z"}"#] {
            assert!(serde_json::from_str::<Anchor>(torn).is_err(), "{torn}");
        }
    }
}
