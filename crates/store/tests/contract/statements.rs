//! Bank statements.

use facts::Coverage;
use money::{Amount, Currency};
use store::{BankLineFilter, ImportOutcome, StatementWrite, StoreError};

use super::world::*;

#[test]
fn the_first_statement_makes_its_bank_account() {
    let mut fresh = fresh();
    let outcome = import(&mut fresh.store, b"a", &[line("bl_1", 4, 300)], 1, 5).unwrap();
    assert_eq!(outcome, ImportOutcome { added: 1, already_there: 0, same_file: false, new_bank_account: true });
    let accounts = fresh.store.bank_accounts().unwrap();
    assert_eq!((accounts[0].name.clone(), accounts[0].currency), (bank(), Currency::USD));
}

#[test]
fn overlapping_statements_add_only_what_is_new_and_widen_the_coverage() {
    let mut fresh = fresh();
    let lines = [line("bl_1", 4, 300), line("bl_2", 5, 400), line("bl_3", 6, 500)];
    import(&mut fresh.store, b"a", &lines[..2], 3, 5).unwrap();
    let outcome = import(&mut fresh.store, b"b", &lines[1..], 5, 9).unwrap();
    assert_eq!((outcome.added, outcome.already_there), (1, 1));
    import(&mut fresh.store, b"c", &[], 4, 4).unwrap();
    let coverage = fresh.store.bank_accounts().unwrap()[0].coverage;
    assert_eq!(coverage, Some(Coverage { from_on: day(3), until_on: day(9) }));
    assert_eq!(fresh.store.bank_lines(&BankLineFilter::default()).unwrap().len(), 3);
}

#[test]
fn the_same_file_twice_is_kept_once_and_changes_nothing() {
    let mut fresh = fresh();
    import(&mut fresh.store, b"a", &[line("bl_1", 4, 300)], 1, 5).unwrap();
    let (digest, revision) = (fresh.store.content_digest().unwrap(), fresh.store.revision().unwrap());
    let outcome = import(&mut fresh.store, b"a", &[line("bl_1", 4, 300)], 1, 5).unwrap();
    assert_eq!((outcome.added, outcome.already_there, outcome.same_file), (0, 1, true));
    assert_eq!((fresh.store.content_digest().unwrap(), fresh.store.revision().unwrap()), (digest, revision));
    assert_eq!(fresh.store.imports().unwrap().len(), 1);
}

#[test]
fn two_true_twins_in_one_file_both_stay() {
    let mut fresh = fresh();
    let twins = [line("bl_1#0", 4, 300), line("bl_1#1", 4, 300)];
    assert_eq!(import(&mut fresh.store, b"a", &twins, 1, 5).unwrap().added, 2);
    assert_eq!(fresh.store.bank_lines(&BankLineFilter::default()).unwrap().len(), 2);
}

#[test]
fn a_bank_account_never_changes_its_currency() {
    let mut fresh = fresh();
    import(&mut fresh.store, b"a", &[], 1, 5).unwrap();
    let digest = fresh.store.content_digest().unwrap();
    let mut euro = line("bl_1", 4, 300);
    euro.amount = Amount::new(300, Currency::EUR);
    let write = StatementWrite {
        bank_account: &bank(),
        currency: Currency::EUR,
        file_name: "b.csv",
        format: "csv",
        bytes: b"b",
        sha256: hash(b"b"),
        lines: std::slice::from_ref(&euro),
        coverage: None,
        imported_at: at(0),
    };
    let refused = fresh.store.put_statement(&write).unwrap_err();
    assert!(matches!(refused, StoreError::OtherCurrency { holds: Currency::USD, given: Currency::EUR, .. }));
    let refused = import(&mut fresh.store, b"c", &[euro], 1, 5).unwrap_err();
    assert!(matches!(refused, StoreError::OtherCurrency { .. }), "a line in another currency than its file");
    assert_eq!(fresh.store.content_digest().unwrap(), digest, "a refused import changes nothing");
}

#[test]
fn an_import_is_listed_with_what_it_was_read_as() {
    let mut fresh = fresh();
    import(&mut fresh.store, b"a", &[line("bl_1", 4, 300)], 1, 5).unwrap();
    let imports = fresh.store.imports().unwrap();
    let import = &imports[0];
    assert_eq!((import.file_name.as_str(), import.format.as_str(), import.lines), ("july.csv", "csv:chase", 1));
    assert_eq!((import.sha256, import.imported_at), (hash(b"a"), at(0)));
}
