//! Entries of the audit trail, as commands and pages show them.

use audit::{Change, Entry, hex};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

/// No id that somebody asks for is longer.
pub const ABOUT_MAX: usize = 512;

/// So much of a hash tells files apart.
const HASH_SHOWN: usize = 12;

/// Of the changes of an entry so many are told in a line.
const TOLD: usize = 3;

/// An entry as `audit log --json` prints it.
#[derive(Debug, Serialize)]
pub struct EntryView<'a> {
    /// Its number among all.
    pub id: i64,
    /// The account whose chain it stands in; `shared` for what belongs to none.
    pub chain: &'a str,
    /// Its number in its chain.
    pub position: i64,
    /// When.
    pub written_at: Timestamp,
    /// `person`, `schedule`, `api` or `webhook`.
    pub actor: &'a str,
    /// Of a person, the name that they are logged in by.
    pub who: Option<&'a str>,
    /// The run that it is part of.
    pub run: Option<i64>,
    /// What was done.
    pub act: &'a str,
    /// What has changed: an array of [noun, id, from, to]. What cannot be read is null; then the entry was altered.
    pub changes: Option<&'a RawValue>,
    /// The hash of the entry before it in its chain.
    pub previous_hash: String,
    /// Its own.
    pub hash: String,
}

impl<'a> EntryView<'a> {
    /// The view of an entry.
    #[must_use]
    pub fn of(entry: &'a Entry) -> Self {
        Self {
            id: entry.id,
            chain: &entry.chain,
            position: entry.position,
            written_at: entry.at,
            actor: &entry.by,
            who: entry.who.as_deref(),
            run: entry.run,
            act: &entry.act,
            changes: serde_json::from_str(&entry.changes).ok(),
            previous_hash: hex(&entry.previous),
            hash: hex(&entry.hash),
        }
    }
}

/// On whose behalf, in a word or two.
#[must_use]
pub fn behalf(entry: &Entry) -> String {
    entry.who.as_ref().map_or_else(|| entry.by.clone(), |who| format!("{} {who}", entry.by))
}

/// What has changed, in a line; first what is about an id, where one is asked for.
#[must_use]
pub fn told(entry: &Entry, about: Option<&str>) -> String {
    let Some(mut changes) = entry.read() else { return "it cannot be read: it was altered".to_owned() };
    if let Some(about) = about {
        changes.sort_by_key(|change| !is_about(&change.id, about));
    }
    let first: Vec<String> = changes.iter().take(TOLD).map(change).collect();
    let more = changes.len().saturating_sub(TOLD);
    if more > 0 { format!("{}; and {more} more", first.join("; ")) } else { first.join("; ") }
}

/// Whether an id is the one that is asked for, stands for it (`deposit:po_1`), or is that of a file of it.
fn is_about(id: &str, about: &str) -> bool {
    let of = |rest: &str| rest.is_empty() || rest.starts_with('/');
    match about.strip_suffix('…') {
        Some(beginning) => id.starts_with(beginning),
        None => id.strip_prefix(about).is_some_and(of) || id.rsplit_once(':').is_some_and(|(_, subject)| subject == about),
    }
}

fn change(change: &Change) -> String {
    let thing = format!("{} {}", change.noun.replace('_', " "), short(&change.id));
    match (&change.from, &change.to) {
        (None, None) => thing,
        (None, Some(to)) => format!("{thing}: {}", word(to)),
        (Some(from), None) => format!("{thing}: {} → gone", word(from)),
        // What changed is the content.
        (Some(from), Some(to)) if word(from) == word(to) => format!("{thing}: {}, changed", word(to)),
        (Some(from), Some(to)) => format!("{thing}: {} → {}", word(from), word(to)),
    }
}

/// An id without what nobody reads: of the hash of a file the beginning.
fn short(id: &str) -> String {
    match id.rsplit_once('/').filter(|(_, hash)| audit::unhex(hash).is_some()) {
        Some((whose, hash)) => format!("{whose}/{}…", hash.chars().take(HASH_SHOWN).collect::<String>()),
        None => id.to_owned(),
    }
}

/// How a thing stands, without the hash of its content.
#[must_use]
pub fn word(state: &str) -> &str {
    state.rsplit_once(' ').filter(|(_, digest)| is_digest(digest)).map_or(state, |(word, _)| word)
}

fn is_digest(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_read_as_words_and_many_as_their_number() {
        let entry = |changes: &str| Entry {
            id: 1,
            chain: "shared".to_owned(),
            position: 1,
            at: Timestamp::UNIX_EPOCH,
            by: "person".to_owned(),
            who: Some("ada".to_owned()),
            run: None,
            act: "reconcile".to_owned(),
            changes: changes.to_owned(),
            previous: [0; 32],
            hash: [0; 32],
        };
        let digest = |word: &str, letter: &str| format!("\"{word} {}\"", letter.repeat(16));
        let said = |from: &str, to: &str| told(&entry(&format!("[[\"exception\",\"e1\",{from},{to}]]")), None);
        assert_eq!(said("null", &digest("open", "a")), "exception e1: open");
        assert_eq!(said(&digest("open", "a"), &digest("resolved", "a")), "exception e1: open → resolved");
        assert_eq!(said(&digest("open", "a"), &digest("open", "b")), "exception e1: open, changed");
        assert_eq!(said(&digest("open", "a"), "null"), "exception e1: open → gone");
        assert_eq!(said("null", "null"), "exception e1");
        assert_eq!(told(&entry("no JSON"), None), "it cannot be read: it was altered");
        let file = format!("[[\"statement_file\",\"main/{}\",null,\"read\"]]", "0a".repeat(32));
        assert_eq!(told(&entry(&file), None), "statement file main/0a0a0a0a0a0a…: read");
        let many = ["[\"payout\",\"p\",null,\"matched/tied/matched\"]"; 5].join(",");
        let asked = format!("[{many},[\"match\",\"deposit:po_1\",null,\"accepted\"],[\"payout\",\"po_1\",null,\"x\"]]");
        assert!(told(&entry(&asked), Some("po_1")).starts_with("match deposit:po_1: accepted; payout po_1: x; payout p:"));
        assert!(told(&entry(&format!("[{many}]")), None).ends_with("payout p: matched/tied/matched; and 2 more"));
        assert_eq!(
            (behalf(&entry("[]")), word("until 2026-07-31T00:00:00Z")),
            ("person ada".to_owned(), "until 2026-07-31T00:00:00Z")
        );
    }
}
