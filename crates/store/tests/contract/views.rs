//! The views for reports: what the documentation promises, and nothing else.

use std::ops::ControlFlow;

use facts::ObjectKind;
use money::Currency;
use store::{Cell, StoreError, TABLES, Table};

use super::world::*;

/// A view as docs/VIEWS.md has it.
pub struct Documented {
    pub name: String,
    pub meaning: String,
    /// Name and meaning of each.
    pub columns: Vec<(String, String)>,
}

/// The views of docs/VIEWS.md, by name.
pub fn documented() -> Vec<Documented> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/VIEWS.md");
    let text = std::fs::read_to_string(page).unwrap();
    let mut views: Vec<Documented> = text.split("\n## `").skip(1).map(view).collect();
    views.sort_by(|one, other| one.name.cmp(&other.name));
    views
}

fn view(section: &str) -> Documented {
    let (name, rest) = section.split_once("`\n\n").unwrap();
    let meaning = rest.lines().next().unwrap().to_owned();
    let rows = rest.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | "));
    let columns = rows.map(|(column, meaning)| (column.to_owned(), meaning.to_owned())).collect();
    Documented { name: name.to_owned(), meaning, columns }
}

#[test]
fn every_view_and_column_stands_in_the_documentation_and_every_documented_one_is_there() {
    let expected: Vec<(String, Vec<String>)> =
        documented().into_iter().map(|view| (view.name, view.columns.into_iter().map(|(column, _)| column).collect())).collect();
    assert_eq!(fresh().place.views(), expected);
    for view in documented() {
        let said = view.columns.iter().map(|(_, meaning)| meaning).chain([&view.meaning]);
        assert!(said.into_iter().all(|meaning| !meaning.is_empty()), "{} says what it is", view.name);
    }
}

#[test]
fn every_view_answers_where_nothing_is_known_yet_and_where_something_is() {
    let mut fresh = fresh();
    let count = |fresh: &Fresh, view: &str| fresh.place.ask(&format!("SELECT COUNT(*) FROM {view}"));
    for view in documented() {
        assert_eq!(count(&fresh, &view.name), "0", "{}", view.name);
    }
    put(&mut fresh.store, &list(ObjectKind::Account, vec![account().into()]));
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 100).into()]));
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![txn("txn_1", 100).into()]));
    import(&mut fresh.store, b"x", &[line("bl_1", 4, 100)], 1, 31).unwrap();
    for view in ["bi_payout", "bi_txn", "bi_bank_line", "bi_balance", "bi_sync", "bi_currency"] {
        assert_eq!(count(&fresh, view), "1", "{view}");
    }
}

fn letters() -> impl Iterator<Item = char> {
    'a'..='z'
}

#[test]
fn an_amount_has_the_decimals_that_stripe_gives_its_currency() {
    let fresh = fresh();
    fresh.place.change(
        "WITH letter (l) AS (SELECT SUBSTR('abcdefghijklmnopqrstuvwxyz', n, 1) FROM (WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL \
         SELECT n + 1 FROM up WHERE n < 26) SELECT n FROM up) u) INSERT INTO bank_account (name, currency) \
         SELECT a.l || b.l || c.l, a.l || b.l || c.l FROM letter a, letter b, letter c",
    );
    let mut expected = Vec::new();
    for (a, b, c) in letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| (a, b, c)))) {
        let code = format!("{a}{b}{c}");
        let decimals = Currency::parse(&code).unwrap().exponent();
        if decimals != 2 {
            expected.push((code, decimals));
        }
    }
    let named: Vec<String> =
        expected.iter().map(|(code, decimals)| format!("(currency = '{code}' AND decimals = {decimals})")).collect();
    let sql = format!(
        "SELECT COUNT(*), SUM(CASE WHEN decimals = 2 THEN 1 ELSE 0 END), SUM(CASE WHEN {} THEN 1 ELSE 0 END) FROM bi_currency",
        named.join(" OR ")
    );
    let all = 26 * 26 * 26;
    assert_eq!(fresh.place.ask(&sql), format!("{all}|{}|{}", all - expected.len(), expected.len()));
}

/// A table's rows, its columns before them, as a person would write them down.
fn rows_of(fresh: &Fresh, table: &str, days: (Option<jiff::civil::Date>, Option<jiff::civil::Date>)) -> Vec<String> {
    let table = Table::of(table).unwrap();
    let mut rows = vec![fresh.store.table_columns(table).unwrap().join(" ")];
    let mut each = |cells: &[Cell<'_>]| {
        let cells = cells.iter().map(|cell| match cell {
            Cell::Empty => "-".to_owned(),
            Cell::Number(number) => number.to_string(),
            Cell::Text(text) => format!("'{text}'"),
        });
        rows.push(cells.collect::<Vec<_>>().join(" "));
        ControlFlow::Continue(())
    };
    fresh.store.stream_table(table, days, &mut each).unwrap();
    rows
}

#[test]
fn every_table_is_read_whole_as_the_same_texts_and_numbers_by_day_and_until_it_is_called_off() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Account, vec![account().into()]));
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_2", 100).into(), payout("po_1", -7).into()]));
    import(&mut fresh.store, b"x", &[line("bl_1", 4, 100), line("bl_2", 5, -1)], 1, 31).unwrap();
    let views: Vec<String> = documented().into_iter().map(|view| view.name).collect();
    let mut tables: Vec<String> = TABLES.iter().map(|table| table.view.to_owned()).collect();
    tables.sort();
    assert_eq!(tables, views, "every view for reports is a table to be read");
    for table in TABLES {
        assert!(!rows_of(&fresh, table.name, (None, None))[0].is_empty(), "{}", table.name);
    }
    let payouts = rows_of(&fresh, "payout", (None, None));
    let own = own();
    assert!(payouts[1].starts_with(&format!("'{}' 'po_1' 'usd' -7 '2026-", own.as_str())), "{payouts:?}");
    assert!(payouts[1].contains(":") && !payouts[1].contains("+00"), "an instant in UTC, to the second: {payouts:?}");
    assert!(payouts[2].contains("'po_2'") && payouts.len() == 3);
    let on = |at: i8| (Some(day(at)), Some(day(at)));
    assert_eq!((rows_of(&fresh, "bank-line", on(4)).len(), rows_of(&fresh, "bank-line", on(6)).len()), (2, 1));
    let stopped = fresh.store.stream_table(Table::of("payout").unwrap(), (None, None), &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(StoreError::CalledOff)));
}
