//! Bank statements.

use facts::{Coverage, StatementSpan};
use money::{Amount, Currency};
use proptest::prelude::*;
use store::{BankLineFilter, ImportOutcome, MatchFilter, StatementWrite, StoreError, Undone};

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
fn each_file_says_its_own_days_and_one_without_lines_fills_a_hole() {
    let mut fresh = fresh();
    let spans = |store: &store::Store| store.bank_accounts().unwrap()[0].spans.clone();
    import(&mut fresh.store, b"b", &[line("bl_2", 20, 400)], 20, 30).unwrap();
    import(&mut fresh.store, b"a", &[line("bl_1", 4, 300)], 1, 5).unwrap();
    assert_eq!(spans(&fresh.store), [span(1, 5), span(20, 30)]);
    let moved = |store: &store::Store| store.to_judge().unwrap().deposit_revision;
    let before = moved(&fresh.store);
    import(&mut fresh.store, b"c", &[], 6, 19).unwrap();
    assert!(moved(&fresh.store) > before);
    let filled = moved(&fresh.store);
    import(&mut fresh.store, b"c", &[], 6, 18).unwrap();
    assert_eq!((moved(&fresh.store), spans(&fresh.store).len()), (filled, 3), "the same file again says nothing new");
    fresh.store.undo_statement(&bank(), &hash(b"c"), at(9)).unwrap();
    assert!(moved(&fresh.store) > filled);
    assert_eq!(spans(&fresh.store), [span(1, 5), span(20, 30)]);
    // One from before files said their days: nobody knows where there is a hole.
    fresh.place.change("UPDATE statement_file SET noted = 0 WHERE covered_from_on < '2026-07-10'");
    assert_eq!(spans(&fresh.store), [StatementSpan { opening_minor: None, ..span(1, 30) }]);
    assert_eq!(fresh.store.statements_unnoted().unwrap(), [(bank(), "july.csv".to_owned())].into());
}

#[test]
fn days_that_a_person_says_replace_those_that_the_file_says() {
    let mut fresh = fresh();
    import(&mut fresh.store, b"a", &[line("bl_1", 4, 300)], 4, 4).unwrap();
    let before = fresh.store.to_judge().unwrap().deposit_revision;
    let told = StatementWrite {
        bank_account: &bank(),
        currency: Currency::USD,
        file_name: "july.csv",
        format: "csv:chase",
        bytes: b"a",
        sha256: hash(b"a"),
        lines: &[line("bl_1", 4, 300)],
        spans: &[span(1, 31)],
        days_are_told: true,
        imported_at: at(0),
    };
    for _ in 0..2 {
        assert!(fresh.store.put_statement(&told).unwrap().same_file);
        assert_eq!(fresh.store.bank_accounts().unwrap()[0].spans, [span(1, 31)]);
        assert_eq!(fresh.store.to_judge().unwrap().deposit_revision, before + 1, "once");
    }
}

#[test]
fn how_far_statements_reached_is_not_said_once_they_have_changed() {
    let mut fresh = fresh();
    import(&mut fresh.store, b"a", &[line("bl_1", 4, 300)], 1, 5).unwrap();
    assert_eq!(fresh.store.statement_stretches().unwrap(), Some([].into()), "nothing was judged yet");
    let stretches: std::collections::BTreeMap<_, _> = [(bank(), vec![span(1, 5).days])].into();
    let reach = facts::Reach { stretches: stretches.clone(), ..facts::Reach::default() };
    let revision = fresh.store.revision().unwrap();
    let judged = store::Judged::Everything(store::Basis { revision, reach, ..store::Basis::default() }, Vec::new());
    fresh.store.apply(&store::OutcomeWrite { judged, ..outcome(1) }, revision).unwrap();
    assert_eq!(fresh.store.statement_stretches().unwrap(), Some(stretches));
    fresh.store.undo_statement(&bank(), &hash(b"a"), at(9)).unwrap();
    assert_eq!(fresh.store.statement_stretches().unwrap(), None);
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
        spans: &[],
        days_are_told: false,
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

#[test]
fn a_file_that_is_taken_back_leaves_what_another_file_says_too() {
    let mut fresh = fresh();
    let lines = [line("bl_1", 4, 300), line("bl_2", 5, 400), line("bl_3", 6, 500)];
    import(&mut fresh.store, b"a", &lines[..2], 3, 5).unwrap();
    let before = fresh.store.content_digest().unwrap();
    import(&mut fresh.store, b"b", &lines[1..], 5, 9).unwrap();
    let held = fresh.store.statement_lines(&bank(), &hash(b"b")).unwrap().unwrap();
    let held: Vec<_> = held.iter().map(|held| (held.line.id.as_str(), held.elsewhere)).collect();
    assert_eq!(held, [("bl_2", true), ("bl_3", false)]);

    let revision = fresh.store.revision().unwrap();
    let undone = fresh.store.undo_statement(&bank(), &hash(b"b"), at(9)).unwrap();
    assert_eq!(undone, Undone { lines_gone: 1, lines_kept: 1, payouts: 0, bank_account_gone: false });
    assert_eq!(fresh.store.content_digest().unwrap(), before);
    assert!(fresh.store.revision().unwrap() > revision, "it is to be judged again");
    let refused = fresh.store.undo_statement(&bank(), &hash(b"b"), at(9)).unwrap_err();
    assert!(matches!(refused, StoreError::Absent { noun: "imported file", .. }), "{refused}");
}

#[test]
fn a_bank_account_goes_with_its_last_file_and_may_come_back_in_another_currency() {
    let mut fresh = fresh();
    let empty = fresh.store.content_digest().unwrap();
    import(&mut fresh.store, b"a", &[line("bl_1", 4, 300)], 1, 5).unwrap();
    assert!(fresh.store.undo_statement(&bank(), &hash(b"a"), at(9)).unwrap().bank_account_gone);
    assert_eq!(fresh.store.content_digest().unwrap(), empty);
    assert!(fresh.store.bank_accounts().unwrap().is_empty());
}

#[test]
fn what_was_concluded_from_a_line_that_is_gone_is_withdrawn() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(facts::ObjectKind::Payout, vec![payout("po_1", 300).into(), payout("po_2", 300).into()]));
    import(&mut fresh.store, b"a", &[line("bl_1", 4, 300)], 1, 5).unwrap();
    import(&mut fresh.store, b"b", &[line("bl_2", 4, 300)], 1, 5).unwrap();
    let mut write = outcome(1);
    write.verdicts = vec![verdict("po_1", vec![allocation("bl_1", 300)]), verdict("po_2", vec![allocation("bl_2", 300)])];
    write.matches = vec![match_of("m_1", "po_1", "bl_1"), match_of("m_2", "po_2", "bl_2")];
    let revision = fresh.store.revision().unwrap();
    fresh.store.apply(&write, revision).unwrap();

    let told = fresh.store.would_undo_statement(&bank(), &hash(b"a")).unwrap();
    assert_eq!(told, Undone { lines_gone: 1, payouts: 1, ..Undone::default() });
    assert_eq!(fresh.store.undo_statement(&bank(), &hash(b"a"), at(9)).unwrap(), told);
    let judged = |id: &str| fresh.store.payout(id).unwrap().unwrap().verdict.is_some();
    assert!(!judged("po_1") && judged("po_2"));
    let matches = fresh.store.matches(&MatchFilter::default()).unwrap();
    assert_eq!(matches.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["m_2"]);
}

#[test]
fn a_file_from_before_its_lines_were_noted_is_taken_back_once_it_came_again() {
    let mut fresh = fresh();
    let (old, new) = ([line("bl_1", 4, 300)], [line("bl_1", 4, 300), line("bl_2", 5, 400)]);
    import(&mut fresh.store, b"a", &old, 1, 5).unwrap();
    fresh.place.change("DELETE FROM statement_line");
    fresh.place.change("UPDATE statement_file SET noted = 0, covered_from_on = NULL, covered_until_on = NULL");
    import(&mut fresh.store, b"b", &new, 1, 9).unwrap();
    let before = fresh.store.content_digest().unwrap();
    assert_eq!(fresh.store.statement_lines(&bank(), &hash(b"a")).unwrap(), None);
    for file in [b"a", b"b"] {
        let refused = fresh.store.undo_statement(&bank(), &hash(file), at(9)).unwrap_err();
        assert!(matches!(refused, StoreError::LinesUnknown { .. }), "{refused}");
    }
    assert_eq!(fresh.store.content_digest().unwrap(), before);
    import(&mut fresh.store, b"a", &old, 1, 5).unwrap();
    assert_eq!(fresh.store.undo_statement(&bank(), &hash(b"b"), at(9)).unwrap().lines_gone, 1);
    let coverage = fresh.store.bank_accounts().unwrap()[0].coverage;
    assert_eq!(coverage, Some(Coverage { from_on: day(1), until_on: day(5) }));
}

#[test]
fn taking_a_file_back_takes_no_line_that_it_never_held() {
    let mut fresh = fresh();
    import(&mut fresh.store, b"a", &[line("bl_1", 4, 300)], 1, 5).unwrap();
    import(&mut fresh.store, b"b", &[line("bl_2", 5, 400)], 1, 9).unwrap();
    // As if an earlier version had read more of it.
    fresh.place.change("DELETE FROM statement_line WHERE line = 'bl_2'");
    assert_eq!(fresh.store.would_undo_statement(&bank(), &hash(b"a")).unwrap().lines_gone, 1);
    assert_eq!(fresh.store.undo_statement(&bank(), &hash(b"a"), at(9)).unwrap().lines_gone, 1);
    let left = fresh.store.bank_lines(&BankLineFilter::default()).unwrap();
    assert_eq!(left.iter().map(|row| row.line.id.as_str()).collect::<Vec<_>>(), ["bl_2"]);
    assert_eq!(fresh.store.undo_statement(&bank(), &hash(b"b"), at(9)).unwrap().lines_gone, 1, "the last file takes all");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Each number is a file: its bits are the lines that it holds.
    #[test]
    fn taking_files_back_in_any_order_leaves_what_importing_the_others_alone_brings(
        files in proptest::collection::btree_map(1_u8..64, any::<bool>(), 1..6),
    ) {
        let write = |store: &mut store::Store, file: u8| {
            let lines: Vec<_> = (0..6).filter(|bit| file & (1 << bit) != 0).map(|bit| line(&format!("bl_{bit}"), 4, 100)).collect();
            import(store, &[file], &lines, 1 + (file % 5) as i8, 10 + (file % 7) as i8).unwrap();
        };
        let (mut all, mut others) = (fresh(), fresh());
        files.keys().for_each(|file| write(&mut all.store, *file));
        for (file, taken_back) in files.iter().rev() {
            if *taken_back {
                let told = all.store.would_undo_statement(&bank(), &hash(&[*file])).unwrap();
                prop_assert_eq!(all.store.undo_statement(&bank(), &hash(&[*file]), at(9)).unwrap(), told);
            } else {
                write(&mut others.store, *file);
            }
        }
        prop_assert_eq!(all.store.content_digest().unwrap(), others.store.content_digest().unwrap());
    }
}
