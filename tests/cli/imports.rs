//! `tieout import list|show|undo`: which files are here, and taking one back.

use crate::tieout::Tieout;

const JULY: &str = "Date,Amount,Description\n2026-07-01,12.00,COFFEE\n2026-07-02,-3.50,FEE\n";
const JULY_AND_MORE: &str = "Date,Amount,Description\n2026-07-02,-3.50,FEE\n2026-07-09,40.00,STRIPE\n2026-07-10,1.00,INTEREST\n";

fn imported() -> Tieout {
    let tieout = Tieout::new();
    for (name, text) in [("july.csv", JULY), ("more.csv", JULY_AND_MORE)] {
        tieout.write(name, text);
        tieout.run(&["import", "bank", name, "--bank-account", "operating", "--currency", "usd"]).fine();
    }
    tieout
}

fn lines(tieout: &Tieout) -> usize {
    tieout.run(&["bank-line", "list", "--json"]).json().as_array().expect("an array").len()
}

#[test]
fn a_file_is_shown_with_its_lines_and_which_of_them_stand_elsewhere() {
    let tieout = imported();
    let shown = tieout.run(&["import", "show", "more.csv"]).fine();
    for words in ["operating", "lines         3", "STRIPE", "ALSO IN ANOTHER FILE"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let view = tieout.run(&["import", "show", "more.csv", "--json"]).json();
    let elsewhere: Vec<_> = view["lines"].as_array().expect("lines").iter().map(|line| line["elsewhere"].as_bool()).collect();
    assert_eq!(elsewhere, [Some(true), Some(false), Some(false)]);
    let hash = view["sha256"].as_str().expect("a hash");
    let list = tieout.run(&["import", "list"]).fine();
    assert!(list.contains(&hash[..12]), "{list}");
    assert_eq!(tieout.run(&["import", "show", &hash[..12], "--json"]).json(), view);
}

#[test]
fn a_file_that_was_imported_by_mistake_is_taken_back_and_its_neighbour_keeps_what_it_says() {
    let tieout = imported();
    let told = tieout.run(&["import", "undo", "more.csv", "--dry-run"]).fine();
    let expected = "more.csv: 2 lines would go; 1 would stay, which another file holds too; nothing was changed (dry run)\n";
    assert_eq!((told.as_str(), lines(&tieout)), (expected, 4));
    let run = tieout.run(&["import", "undo", "more.csv"]);
    assert!(run.err.contains("tieout reconcile"), "{}", run.err);
    assert_eq!(run.fine(), "more.csv: 2 lines gone; 1 stay, which another file holds too\n");
    assert_eq!(lines(&tieout), 2);

    let last = tieout.run(&["import", "undo", "july.csv", "--json"]).json();
    assert_eq!((last["lines_gone"].as_u64(), last["bank_account_gone"].as_bool()), (Some(2), Some(true)));
    tieout.run(&["import", "bank", "july.csv", "--bank-account", "operating", "--currency", "eur"]).fine();
}

#[test]
fn a_file_that_is_not_here_or_that_could_be_several_is_refused_and_nothing_goes() {
    let tieout = imported();
    tieout.run(&["import", "bank", "july.csv", "--bank-account", "savings", "--currency", "usd"]).fine();
    for (file, words) in [("august.csv", "tieout import list"), ("ab", "tieout import list"), ("july.csv", "--bank-account")] {
        let run = tieout.run(&["import", "undo", file]);
        assert!(run.code == 2 && run.err.contains(words), "{file}: {} {}", run.code, run.err);
    }
    assert_eq!(lines(&tieout), 6);
    tieout.run(&["import", "undo", "july.csv", "--bank-account", "savings"]).fine();
    assert_eq!(lines(&tieout), 4);
}

#[test]
fn a_month_whose_statement_is_lacking_is_named_until_it_is_there_or_was_said_to_be_empty() {
    let tieout = Tieout::new();
    let header = "Date,Amount,Description\n";
    tieout.write("june.csv", &format!("{header}2026-06-01,-10.00,RENT\n2026-06-30,-10.00,RENT\n"));
    tieout.write("july.csv", header);
    tieout.write("august.csv", &format!("{header}2026-08-03,-10.00,RENT\n2026-08-31,-10.00,RENT\n"));
    let import = |more: &[&str]| {
        let run = tieout.run(&[&["import", "bank", "--bank-account", "main", "--currency", "usd"], more].concat());
        (run.code, run.err.clone() + &run.out)
    };
    assert_eq!(import(&["june.csv", "august.csv"]).0, 0);
    tieout.run(&["reconcile"]).fine();
    let hole = "nothing between 2026-06-30 and 2026-08-03";
    assert!(tieout.run(&["status"]).fine().contains(hole));
    assert!(tieout.run(&["doctor"]).out.contains("with no statement between 2026-06-30 and 2026-08-03"));
    for (more, told) in [
        (&["july.csv", "--from", "2026-07-31", "--to", "2026-07-01"][..], "the days end"),
        (&["july.csv", "june.csv", "--from", "2026-07-01", "--to", "2026-07-31"], "2 files cannot all speak for"),
        (&["june.csv", "--from", "2026-06-02", "--to", "2026-06-30"], "holds a line of 2026-06-01"),
        (&["july.csv", "--from", "2026-07-01"], "--to"),
    ] {
        let (code, said) = import(more);
        assert!(code == 2 && said.contains(told), "{more:?}: {said}");
    }
    let (code, said) = import(&["july.csv", "--from", "2026-07-01", "--to", "2026-07-31"]);
    assert!(code == 0 && said.contains("0 lines, 2026-07-01 to 2026-07-31"), "{said}");
    assert!(!tieout.run(&["status"]).fine().contains("nothing between"), "what has changed since is not told of");
    tieout.run(&["reconcile"]).fine();
    assert!(!tieout.run(&["status"]).fine().contains("nothing between"));
    tieout.run(&["import", "undo", "july.csv"]).fine();
    tieout.run(&["reconcile"]).fine();
    assert!(tieout.run(&["status"]).fine().contains(hole));
}
