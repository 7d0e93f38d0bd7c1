//! Exports of Stripe's, beside what its API says and before it.

use facts::*;
use jiff::Timestamp;
use store::*;

use super::world::*;

/// One file as a test holds it.
struct File {
    name: &'static str,
    whole: bool,
    txns: Vec<ExportedTxn>,
    payouts: Vec<ExportedPayout>,
}

fn file(name: &'static str) -> File {
    File { name, whole: false, txns: Vec::new(), payouts: Vec::new() }
}

impl File {
    /// A report of whole payouts.
    fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    fn txn(mut self, txn: Txn, payout: Option<&str>) -> Self {
        let payout = payout.map(|id| PayoutId::parse(id).unwrap());
        self.txns.push(ExportedTxn { line: self.txns.len() as u64 + 2, txn, payout });
        self
    }

    fn payout(mut self, payout: Payout) -> Self {
        self.payouts.push(ExportedPayout { line: self.payouts.len() as u64 + 2, payout });
        self
    }
}

fn write<'a>(account: &'a AccountId, file: &'a File) -> ExportWrite<'a> {
    ExportWrite {
        file_name: file.name,
        holds_whole_payouts: file.whole,
        rows: file.txns.len() as u64,
        txns: &file.txns,
        payouts: &file.payouts,
        ..export_write(account, file.name.as_bytes())
    }
}

fn put_file(store: &mut Store, file: &File) -> Result<ExportOutcome> {
    store.put_export(&write(&own(), file))
}

/// As a report tells it: without a type, and of a payout without what only the API knows.
fn told(id: &str, net: i64) -> Txn {
    Txn { kind: String::new(), exchange_rate: None, ..txn(id, net) }
}

fn told_payout(id: &str, minor: i64) -> Payout {
    Payout {
        automatic: false,
        method: String::new(),
        reconciliation_status: ReconciliationStatus::Unknown(String::new()),
        own_txn: None,
        ..payout(id, minor)
    }
}

/// A payout of 300 with two txns, in two files.
fn reconciliation() -> File {
    file("reconciliation.csv").whole().txn(told("txn_1", 100), Some("po_1")).txn(told("txn_2", 200), Some("po_1"))
}

fn payouts() -> File {
    file("payouts.csv").payout(told_payout("po_1", 300))
}

fn one_payout(store: &Store) -> PayoutMembers {
    let mut payouts = store.deposit_snapshot().unwrap().payouts;
    assert_eq!(payouts.len(), 1);
    payouts.remove(0)
}

/// Whether the payout's list is complete, and what it comes to.
fn complete_sum(store: &Store) -> (bool, i64) {
    let one = one_payout(store);
    (one.members_complete, one.txns.added().unwrap().sum_net_minor)
}

fn holders(store: &Store) -> Vec<(String, Option<String>)> {
    let rows = all_txns(store, &TxnFilter::default());
    let mut rows: Vec<_> = rows.into_iter().map(|row| (row.txn.id.to_string(), row.payout.map(|id| id.to_string()))).collect();
    rows.sort();
    rows
}

#[test]
fn a_payout_and_its_txns_from_two_files_are_whole() {
    let mut fresh = fresh();
    put_file(&mut fresh.store, &reconciliation()).unwrap();
    put_file(&mut fresh.store, &payouts()).unwrap();
    let PayoutMembers { payout, members_complete, txns } = one_payout(&fresh.store);
    let tally = txns.added().unwrap();
    assert!(payout.automatic && members_complete);
    assert_eq!((tally.txn_count, tally.sum_net_minor), (2, 300));
}

#[test]
fn the_content_does_not_depend_on_the_order_of_files() {
    let listed = |id: &str, net: i64| Txn { kind: "charge".to_owned(), reporting_category: String::new(), ..told(id, net) };
    let later = Payout { status: PayoutStatus::Failed, description: None, created_at: at(1), ..told_payout("po_1", 300) };
    let other = Txn { description: Some("another word".to_owned()), status: TxnStatus::Pending, ..told("txn_2", 200) };
    let files = [
        reconciliation(),
        payouts(),
        file("list.csv").txn(listed("txn_1", 100), Some("po_1")).txn(listed("txn_3", 7), None),
        file("later.csv").payout(later).txn(other, None),
    ];
    let mut contents = std::collections::BTreeSet::new();
    for order in permutations(files.len()) {
        let mut fresh = fresh();
        for place in order {
            put_file(&mut fresh.store, &files[place]).unwrap();
        }
        contents.insert(fresh.store.content_digest().unwrap());
    }
    assert_eq!(contents.len(), 1);
}

/// Every order of so many things.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    (0..count).fold(vec![vec![]], |shorter, _| {
        let longer = |order: &Vec<usize>| -> Vec<Vec<usize>> {
            let left = (0..count).filter(|place| !order.contains(place));
            left.map(|place| [order.as_slice(), &[place]].concat()).collect()
        };
        shorter.iter().flat_map(longer).collect()
    })
}

#[test]
fn an_export_makes_the_account_and_the_mode_and_calls_nothing_synced() {
    let mut fresh = fresh();
    let outcome = put_file(&mut fresh.store, &reconciliation()).unwrap();
    assert_eq!(outcome.txns, ExportCounts { added: 2, ..ExportCounts::default() });
    assert_eq!(outcome.payouts_without_amount, 1, "no file tells what po_1 paid");
    assert!(fresh.store.deposit_snapshot().unwrap().payouts.is_empty(), "its txns' sum cannot prove itself");
    assert_eq!(fresh.store.mode().unwrap(), Some(Mode::Test));
    let accounts = fresh.store.accounts().unwrap();
    assert_eq!((accounts[0].account.id.clone(), accounts[0].synced_at), (own(), None));
    assert!(fresh.store.known(&own()).unwrap().is_empty());
    assert_eq!(fresh.store.exports().unwrap()[0].until, Some(at(5)));
    let (account, payouts) = (own(), payouts());
    let live = ExportWrite { mode: Mode::Live, sha256: [1; 32], ..write(&account, &payouts) };
    assert!(matches!(fresh.store.put_export(&live), Err(StoreError::OtherMode { .. })));
}

#[test]
fn a_file_twice_and_files_that_overlap_change_nothing_twice() {
    let mut fresh = fresh();
    put_file(&mut fresh.store, &reconciliation()).unwrap();
    put_file(&mut fresh.store, &payouts()).unwrap();
    let before = (fresh.store.content_digest().unwrap(), fresh.store.revision().unwrap());
    let again = put_file(&mut fresh.store, &reconciliation()).unwrap();
    assert_eq!((again.same_file, again.txns.already_there), (true, 2));
    assert_eq!((fresh.store.content_digest().unwrap(), fresh.store.revision().unwrap()), before);
    let overlapping = file("activity.csv").txn(told("txn_2", 200), None).txn(told("txn_3", 50), None);
    let outcome = put_file(&mut fresh.store, &overlapping).unwrap();
    assert_eq!(outcome.txns, ExportCounts { added: 1, updated: 0, already_there: 1 });
    let txn = |id: &str, payout: Option<&str>| (id.to_owned(), payout.map(str::to_owned));
    assert_eq!(holders(&fresh.store), [txn("txn_1", Some("po_1")), txn("txn_2", Some("po_1")), txn("txn_3", None)]);
}

#[test]
fn what_is_tried_is_told_and_not_done() {
    let mut fresh = fresh();
    put_file(&mut fresh.store, &payouts()).unwrap();
    let before = (fresh.store.content_digest().unwrap(), fresh.store.revision().unwrap());
    let (good, bad) = (reconciliation(), file("bad.csv").txn(told("txn_1", 101), None));
    let account = own();
    let more = file("more.csv").txn(told("txn_9", 9), None);
    let bad = bad.txn(told("txn_9", 9), None);
    let tried = fresh.store.try_exports(&[write(&account, &good), write(&account, &bad), write(&account, &more)]).unwrap();
    assert_eq!(tried[0].as_ref().unwrap().txns.added, 2);
    assert!(matches!(tried[1], Err(StoreError::Contradicted { .. })), "of the file before it");
    assert_eq!(tried[2].as_ref().unwrap().txns.added, 1, "the refused file left nothing");
    assert_eq!((fresh.store.content_digest().unwrap(), fresh.store.revision().unwrap()), before);
}

#[test]
fn txns_that_do_not_add_up_are_a_gap_where_the_report_holds_whole_payouts_and_else_unfinished() {
    for (whole, complete) in [(true, true), (false, false)] {
        let mut fresh = fresh();
        put_file(&mut fresh.store, &payouts()).unwrap();
        let part = File { whole, ..file("part.csv").txn(told("txn_1", 100), Some("po_1")) };
        let outcome = put_file(&mut fresh.store, &part).unwrap();
        assert_eq!(outcome.payouts_in_part, u64::from(!complete));
        assert_eq!(complete_sum(&fresh.store), (complete, 100), "never silently tied");
        put_file(&mut fresh.store, &file("rest.csv").txn(told("txn_2", 200), Some("po_1"))).unwrap();
        assert_eq!(complete_sum(&fresh.store), (true, 300), "what adds up is whole");
    }
}

#[test]
fn a_payouts_own_txn_and_its_fee_are_no_part_of_what_it_pays() {
    let mut fresh = fresh();
    let own_txn = Txn { amount: usd(-300), fee_minor: 5, net_minor: -305, ..told("txn_po", -305) };
    let paid = Payout { own_txn: Some(own_txn.id.clone()), ..told_payout("po_1", 300) };
    put_file(&mut fresh.store, &file("payouts.csv").payout(paid).txn(own_txn, None)).unwrap();
    let members = file("part.csv").txn(told("txn_1", 100), Some("po_1")).txn(told("txn_2", 205), Some("po_1"));
    put_file(&mut fresh.store, &members).unwrap();
    assert_eq!(complete_sum(&fresh.store), (true, 305));
}

#[test]
fn two_exports_of_a_txn_complete_one_another_in_whatever_order() {
    let list = Txn { kind: "charge".to_owned(), reporting_category: String::new(), created_at: at(0), ..told("txn_1", 100) };
    let report = Txn { created_at: at(9), status: TxnStatus::Available, ..told("txn_1", 100) };
    let (list, report) = (file("list.csv").txn(list, None), file("report.csv").txn(report, Some("po_1")));
    let mut found = Vec::new();
    for order in [[&list, &report], [&report, &list]] {
        let mut fresh = fresh();
        for file in order {
            put_file(&mut fresh.store, file).unwrap();
        }
        found.push(all_txns(&fresh.store, &TxnFilter::default()).remove(0));
    }
    assert_eq!(found[0], found[1]);
    let told = &found[0].txn;
    assert_eq!((told.kind.as_str(), told.reporting_category.as_str(), told.created_at), ("charge", "charge", at(9)));
}

#[test]
fn a_later_export_tells_what_became_of_a_payout_and_an_earlier_one_does_not_take_it_back() {
    let pending = Payout { status: PayoutStatus::InTransit, arrives_on: day(3), ..told_payout("po_1", 300) };
    let failed = Payout {
        status: PayoutStatus::Failed,
        arrives_on: day(6),
        failure_txn: Some(TxnId::parse("txn_f").unwrap()),
        ..told_payout("po_1", 300)
    };
    let (early, late) = (file("early.csv").payout(pending), file("late.csv").payout(failed));
    for order in [[&early, &late], [&late, &early]] {
        let mut fresh = fresh();
        for file in order {
            put_file(&mut fresh.store, file).unwrap();
        }
        let payout = one_payout(&fresh.store).payout;
        assert_eq!((payout.status, payout.arrives_on, payout.failure_txn.is_some()), (PayoutStatus::Failed, day(6), true));
    }
}

#[test]
fn an_export_that_contradicts_what_is_stored_changes_nothing_and_says_what_and_where() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Account, vec![account().into()]));
    fresh.store.claim_mode(Mode::Test).unwrap();
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 300).into()]));
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 300).into()], true));
    let digest = fresh.store.content_digest().unwrap();
    let euro = Txn { amount: money::Amount::new(300, money::Currency::EUR), ..told("txn_1", 300) };
    for (contradicting, words) in [
        (
            file("a.csv").txn(told("txn_0", 1), None).txn(told("txn_1", 299), None),
            "line 3: txn txn_1 has the amount 3.29 USD here",
        ),
        (file("b.csv").txn(euro, None), "the currency EUR here and USD by Stripe's API"),
        (file("c.csv").txn(told("txn_1", 300), Some("po_2")), "in payout po_2 here and in payout po_1 already"),
        (file("d.csv").txn(told("txn_2", 5), Some("po_1")), "not in Stripe's own list"),
        (file("e.csv").payout(told_payout("po_1", 301)), "payout po_1 has the amount 3.01 USD here and 3.00 USD by Stripe's API"),
    ] {
        let error = put_file(&mut fresh.store, &contradicting).unwrap_err().to_string();
        assert!(error.starts_with(contradicting.name) && error.contains(words), "{error}");
        assert_eq!(fresh.store.content_digest().unwrap(), digest, "{words}");
    }
}

#[test]
fn what_the_api_said_stays_when_an_export_says_the_same() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 300).into()]));
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 100).into(), txn("txn_2", 200).into()], true));
    let state = |store: &Store| (store.deposit_snapshot().unwrap().payouts, all_txns(store, &TxnFilter::default()));
    let before = state(&fresh.store);
    for file in [payouts(), reconciliation()] {
        let outcome = put_file(&mut fresh.store, &file).unwrap();
        assert_eq!((outcome.txns.added, outcome.txns.updated, outcome.payouts.added, outcome.payouts.updated), (0, 0, 0, 0));
    }
    assert_eq!(state(&fresh.store), before);
}

#[test]
fn a_sync_after_exports_ends_where_a_sync_alone_does() {
    let sync = |store: &mut Store| {
        put(store, &list(ObjectKind::Account, vec![account().into()]));
        let own_txn = txn("txn_po", -300);
        let paid = Payout { own_txn: Some(own_txn.id.clone()), ..payout("po_1", 300) };
        put(store, &list(ObjectKind::Payout, vec![paid.into(), payout("po_2", 40).into()]));
        let all = vec![txn("txn_1", 100).into(), txn("txn_2", 200).into(), txn("txn_3", 40).into()];
        put(store, &list(ObjectKind::Txn, all));
        let due = store.sync_window(&own()).unwrap().members_due;
        assert_eq!(due.len(), 2, "the API's own lists are read, whatever exports said");
        put(store, &members("po_2", vec![txn("txn_3", 40).into()], true));
        put(store, &members("po_1", vec![txn("txn_1", 100).into(), txn("txn_2", 200).into(), own_txn.into()], true));
    };
    let (mut alone, mut after) = (fresh(), fresh());
    alone.store.claim_mode(Mode::Test).unwrap();
    sync(&mut alone.store);
    put_file(&mut after.store, &payouts()).unwrap();
    put_file(&mut after.store, &reconciliation()).unwrap();
    // A filtered report may even have named a txn that the payout does not hold.
    put_file(&mut after.store, &file("more.csv").txn(told("txn_3", 40), Some("po_1"))).unwrap();
    sync(&mut after.store);
    // The wrong claim stood in the way of po_2's own list, which is read again.
    let due = after.store.sync_window(&own()).unwrap().members_due;
    assert_eq!(due.iter().map(|due| due.payout.as_str()).collect::<Vec<_>>(), ["po_2"]);
    put(&mut after.store, &members("po_2", vec![txn("txn_3", 40).into()], true));
    assert_eq!(after.store.differing_tables(&alone.store).unwrap(), ["export_file", "export_row"]);
}

#[test]
fn a_report_that_tells_no_type_raises_none_and_words_that_nobody_knows_still_are() {
    let mut fresh = fresh();
    let odd = Txn { kind: "odd".to_owned(), ..told("txn_2", 5) };
    let new = |id: &str| Txn { reporting_category: "new_thing".to_owned(), ..told(id, 7) };
    put_file(&mut fresh.store, &file("a.csv").txn(told("txn_1", 100), None).txn(odd, None).txn(new("txn_3"), None)).unwrap();
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![told("txn_4", 9).into()]));
    put_file(&mut fresh.store, &file("b.csv").txn(new("txn_5"), None)).unwrap();
    let unknown = fresh.store.unknown_types(None).unwrap();
    let words: Vec<_> = unknown.iter().map(|known| (known.kind.as_str(), known.txn_count, known.first.as_str())).collect();
    assert_eq!(words, [("", 1, "txn_4"), ("new_thing", 2, "txn_3"), ("odd", 1, "txn_2")], "the API always tells a type");
}

#[test]
fn a_balance_that_was_read_before_an_export_brought_txns_drifts_from_nothing() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![txn("txn_1", 100).into()]));
    fresh.store.put_balance(&balance_write(&own(), b"{}", 1)).unwrap();
    let steady = |store: &Store| store.deposit_snapshot().unwrap().balances.iter().map(|check| check.steady).collect::<Vec<_>>();
    put_file(&mut fresh.store, &file("same.csv").txn(told("txn_1", 100), None)).unwrap();
    assert_eq!(steady(&fresh.store), [true], "nothing new came");
    put_file(&mut fresh.store, &file("more.csv").txn(told("txn_2", 50), None)).unwrap();
    assert_eq!(steady(&fresh.store), [false]);
    fresh.store.put_balance(&balance_write(&own(), b"{}", 2)).unwrap();
    assert_eq!(steady(&fresh.store), [true]);
}

#[test]
fn where_an_object_stands_in_which_file_is_kept_with_the_file() {
    let mut fresh = fresh();
    put_file(&mut fresh.store, &reconciliation()).unwrap();
    put_file(&mut fresh.store, &file("more.csv").txn(told("txn_2", 200), None)).unwrap();
    let id = TxnId::parse("txn_2").unwrap();
    let places = fresh.store.export_places(&own(), "txn", id.as_str()).unwrap();
    let shown: Vec<_> = places.iter().map(|place| (place.file_name.as_str(), place.line)).collect();
    assert_eq!(shown, [("more.csv", 2), ("reconciliation.csv", 3)]);
    let _: Timestamp = places[0].imported_at;
}

#[test]
fn a_file_of_another_account_or_of_one_that_begins_with_a_day_or_with_absurd_amounts_changes_nothing() {
    let mut fresh = fresh();
    put_file(&mut fresh.store, &file("a.csv").txn(told("txn_1", 100), None)).unwrap();
    let content = fresh.store.content_digest().unwrap();
    let other = AccountId::parse("acct_other").unwrap();
    let refused = |store: &mut Store, account: &AccountId, file: &File| match store.put_export(&write(account, file)).unwrap_err()
    {
        StoreError::Contradicted { detail, .. } => detail,
        error => panic!("{error}"),
    };
    let detail = refused(&mut fresh.store, &other, &file("b.csv").txn(told("txn_1", 100), None));
    assert_eq!(detail, format!("line 2: txn txn_1 is of account {}, not of acct_other", own()));
    let absurd = file("c.csv").txn(told("txn_2", i64::MAX / 2), None).txn(told("txn_3", i64::MAX / 2), None);
    assert!(refused(&mut fresh.store, &own(), &absurd).contains("too large"));
    assert_eq!(fresh.store.content_digest().unwrap(), content);
    assert_eq!(fresh.store.begin_at(&own(), at(1)).unwrap(), Begun::Exported);

    let mut begun = super::world::fresh();
    put(&mut begun.store, &list(ObjectKind::Account, vec![account().into()]));
    begun.store.begin_at(&own(), at(50)).unwrap();
    assert!(refused(&mut begun.store, &own(), &file("a.csv").txn(told("txn_1", 100), None)).contains("sync --since"));
}
