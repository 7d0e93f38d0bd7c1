//! Whatever somebody does to a trail is found: in the middle by the trail itself, at its end by what is noted of it, all of it by an anchor.

#![expect(clippy::unwrap_used, reason = "tests")]

use audit::{Anchor, Change, Entry, Fault, Heads, Walk};
use jiff::Timestamp;
use proptest::prelude::*;

/// An honest trail: each entry moves a thing of its chain from the state that it had to the next.
fn honest(moves: &[(u8, u8)]) -> Vec<Entry> {
    let mut heads = Heads::default();
    let mut states = std::collections::BTreeMap::new();
    let mut entries = Vec::new();
    for (number, (chain, thing)) in moves.iter().enumerate() {
        let (chain, id) = (format!("acct_{}", chain % 3), format!("e{}", thing % 4));
        let from = states.get(&(chain.clone(), id.clone())).cloned();
        let to = Some(format!("state {number}"));
        states.insert((chain.clone(), id.clone()), to.clone().unwrap());
        let (position, previous) = heads.0.get(&chain).copied().unwrap_or_default();
        let changes = serde_json::to_string(&[Change { noun: "exception".into(), id, from, to }]).unwrap();
        let mut entry = Entry {
            id: number as i64 + 1,
            chain: chain.clone(),
            position: position + 1,
            at: Timestamp::from_microsecond(number as i64).unwrap(),
            by: "person".into(),
            who: None,
            run: None,
            act: "reconcile".into(),
            changes,
            previous,
            hash: [0; 32],
        };
        entry.hash = entry.sealed();
        heads.0.insert(chain, (entry.position, entry.hash));
        entries.push(entry);
    }
    entries
}

fn heads(entries: &[Entry]) -> Heads {
    Heads(entries.iter().map(|entry| (entry.chain.clone(), (entry.position, entry.hash))).collect())
}

fn anchor(entries: &[Entry]) -> Anchor {
    Anchor { entries: entries.len() as i64, root: heads(entries).root(), taken_at: Timestamp::UNIX_EPOCH }
}

fn faults(entries: &[Entry], noted: &Heads, anchors: &[Anchor]) -> Vec<Fault> {
    let (mut walk, mut found) = (Walk::new(anchors), Vec::new());
    entries.iter().for_each(|entry| walk.step(entry, &mut |fault| found.push(fault)));
    walk.ends(noted, &mut |fault| found.push(fault));
    found
}

/// Writes a trail anew, as somebody would who knows how it is made.
fn rechained(mut entries: Vec<Entry>) -> Vec<Entry> {
    let mut ends = Heads::default();
    for (number, entry) in entries.iter_mut().enumerate() {
        let (position, previous) = ends.0.get(&entry.chain).copied().unwrap_or_default();
        (entry.id, entry.position, entry.previous) = (number as i64 + 1, position + 1, previous);
        entry.hash = entry.sealed();
        ends.0.insert(entry.chain.clone(), (entry.position, entry.hash));
    }
    entries
}

#[derive(Clone, Debug)]
enum Tampering {
    Edit(usize),
    EditAndSeal(usize),
    Delete(usize),
    Double(usize),
    Swap(usize, usize),
    Truncate(usize),
}

impl Tampering {
    fn of(self, mut entries: Vec<Entry>) -> Vec<Entry> {
        let count = entries.len();
        match self {
            Self::Edit(at) => entries[at % count].changes = entries[at % count].changes.replace("state", "State"),
            Self::EditAndSeal(at) => {
                let entry = &mut entries[at % count];
                entry.who = Some("somebody else".into());
                entry.hash = entry.sealed();
            }
            Self::Delete(at) => drop(entries.remove(at % count)),
            Self::Double(at) => entries.insert(at % count, entries[at % count].clone()),
            Self::Swap(a, b) => entries.swap(a % count, b % count),
            Self::Truncate(left) => entries.truncate(left % count),
        }
        entries
    }
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let at = || any::<usize>();
    prop_oneof![
        at().prop_map(Tampering::Edit),
        at().prop_map(Tampering::EditAndSeal),
        at().prop_map(Tampering::Delete),
        at().prop_map(Tampering::Double),
        (at(), at()).prop_map(|(a, b)| Tampering::Swap(a, b)),
        at().prop_map(Tampering::Truncate),
    ]
}

fn moves() -> impl Strategy<Value = Vec<(u8, u8)>> {
    proptest::collection::vec(any::<(u8, u8)>(), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_wrong_with_an_honest_trail_and_everything_that_is_done_to_it_is_found(
        moves in moves(), done in tampering(), anchored in any::<bool>(), rewrites in any::<bool>(),
    ) {
        let before = honest(&moves);
        let kept = anchor(&before);
        prop_assert_eq!(faults(&before, &heads(&before), std::slice::from_ref(&kept)), []);
        let after = done.of(before.clone());
        prop_assume!(after != before);
        // What is noted of the ends is as it was, or was changed too by somebody who knows of it.
        let anchors: Vec<Anchor> = anchored.then(|| kept.clone()).into_iter().collect();
        let found = faults(&after, &heads(&before), &anchors);
        prop_assert!(!found.is_empty());
        if rewrites {
            let anew = rechained(after);
            prop_assert!(anew == before || !faults(&anew, &heads(&anew), &[kept]).is_empty());
        }
    }
}

#[test]
fn a_trail_that_was_written_anew_needs_an_anchor_to_be_found() {
    let before = honest(&[(0, 0), (1, 0), (0, 1), (0, 2)]);
    let mut cut = before.clone();
    cut.truncate(3);
    assert_eq!(faults(&cut, &heads(&cut), &[]), [], "this is the limit of a trail alone");
    assert_eq!(faults(&cut, &heads(&cut), &[anchor(&before)]), [Fault::Shortened { entries: 4, found: 3 }]);
    let mut edited = before.clone();
    edited[2].who = Some("somebody else".into());
    let anew = rechained(edited);
    assert_eq!(faults(&anew, &heads(&anew), &[]), []);
    assert_eq!(faults(&anew, &heads(&anew), &[anchor(&before[..2]), anchor(&before)]), [Fault::Rewritten { entries: 4 }]);
}

#[test]
fn what_stands_otherwise_than_its_newest_entry_is_named() {
    let entries = honest(&[(0, 0), (0, 1), (0, 0)]);
    let (mut walk, mut found) = (Walk::new(&[]), Vec::new());
    entries.iter().for_each(|entry| walk.step(entry, &mut |fault| found.push(fault)));
    walk.holds(("acct_0", "exception", "e0"), "state 2", &mut |fault| found.push(fault));
    assert_eq!(found, []);
    walk.holds(("acct_0", "exception", "e9"), "state 9", &mut |fault| found.push(fault));
    let mut left = walk.left().expect("e1 was not held against anything");
    entries.iter().for_each(|entry| left.name(entry, &mut |fault| found.push(fault)));
    let named = |id: &str| ("acct_0".to_owned(), "exception".to_owned(), id.to_owned());
    let (chain, noun, id) = named("e9");
    let (chain_gone, noun_gone, id_gone) = named("e1");
    assert_eq!(found, [Fault::Differs { chain, noun, id }, Fault::Gone { chain: chain_gone, noun: noun_gone, id: id_gone }]);
}
