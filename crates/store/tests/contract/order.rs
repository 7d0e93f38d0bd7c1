//! The same facts in any order and in pages of any size are the same content.

use facts::ObjectKind;
use proptest::prelude::*;
use store::Store;

use super::world::*;

/// Txns 0..60 in payouts of ten, the last ten in none.
fn object(n: i64) -> Object {
    txn(&format!("txn_{n:03}"), n * 7 - 100).into()
}

fn lists(size: usize) -> Vec<Page> {
    let all: Vec<Object> = (0..60).map(object).collect();
    all.chunks(size).map(|chunk| list(ObjectKind::Txn, chunk.to_vec())).collect()
}

/// Each payout's pages in their order.
fn memberships(size: usize) -> Vec<Vec<Page>> {
    let of = |n: i64| {
        let all: Vec<Object> = (n * 10..n * 10 + 10).map(object).collect();
        let pages = all.chunks(size).map(<[Object]>::to_vec).collect::<Vec<_>>();
        let last = pages.len() - 1;
        pages.into_iter().enumerate().map(|(at, objects)| members(&format!("po_{n}"), objects, at == last)).collect()
    };
    (0..5).map(of).collect()
}

fn payouts() -> Page {
    list(ObjectKind::Payout, (0..5).map(|n| payout(&format!("po_{n}"), n).into()).collect())
}

fn digest(store: &mut Store, pages: &[Page], group: usize, imports: &[usize]) -> [u8; 32] {
    for group in pages.chunks(group) {
        put_all(store, group).unwrap();
    }
    for &n in imports {
        let lines: Vec<_> = (n..n + 3).map(|n| line(&format!("bl_{n}"), 4, 100)).collect();
        let until = i8::try_from(n).unwrap() + 10;
        import(store, format!("file {n}").as_bytes(), &lines, 5, until).unwrap();
    }
    store.content_digest().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::database::CASES / 2, ..ProptestConfig::default() })]

    #[test]
    fn the_content_does_not_depend_on_the_order_or_size_of_pages_and_files(
        size in 1_usize..40,
        group in 1_usize..9,
        lists_first in any::<bool>(),
        order in Just((0..60_usize).collect::<Vec<_>>()).prop_shuffle(),
        imports in Just(vec![0_usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let mut plain = fresh();
        let mut pages = vec![payouts()];
        pages.extend(lists(10));
        pages.extend(memberships(10).into_iter().flatten());
        let expected = digest(&mut plain.store, &pages, 1, &[0, 1, 2, 3]);

        let shuffled = |pages: Vec<Vec<Page>>| -> Vec<Page> {
            let mut keyed: Vec<_> = order.iter().zip(pages).collect();
            keyed.sort_by_key(|(place, _)| **place);
            keyed.into_iter().flat_map(|(_, pages)| pages).collect()
        };
        let mut parts = [shuffled(lists(size).into_iter().map(|page| vec![page]).collect()), shuffled(memberships(size))];
        if !lists_first {
            parts.reverse();
        }
        let mut pages = vec![payouts()];
        pages.extend(parts.concat());
        let mut other = fresh();
        prop_assert_eq!(digest(&mut other.store, &pages, group, &imports), expected);
    }
}

#[test]
fn different_content_has_a_different_digest() {
    let mut one = fresh();
    let empty = one.store.content_digest().unwrap();
    put(&mut one.store, &list(ObjectKind::Txn, vec![object(1)]));
    let with_txn = one.store.content_digest().unwrap();
    import(&mut one.store, b"a", &[], 1, 2).unwrap();
    let with_file = one.store.content_digest().unwrap();
    assert!(empty != with_txn && with_txn != with_file);
}
