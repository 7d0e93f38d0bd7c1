//! The merchant's books: what their files say is what the truth says they say, and what is planted can be seen.

#![expect(clippy::expect_used, clippy::panic, reason = "tests")]

mod books_files;

use std::collections::{BTreeMap, BTreeSet};

use books_files::{Exported, amount, dates, exported, int, list, many, options, place, text};
use serde_json::Value;
use sim::{Difficulty, ObjectKind, Options, World};

/// Everything that a world's books say, in one text.
fn written(books: &Exported) -> String {
    format!("{:?}{:?}{:?}{:?}{}", books.files, books.rows, books.subjects, books.planted, books.books)
}

#[test]
fn the_same_options_give_the_same_books_and_another_seed_or_difficulty_others() {
    let mut seen = BTreeSet::new();
    for books in many() {
        let once = written(books);
        if books.seed == 2 {
            assert!(once == written(&exported(&options(books.seed, books.difficulty))), "{}", books.difficulty);
        }
        assert!(seen.insert(once), "seed {}, {}", books.seed, books.difficulty);
    }
}

#[test]
fn books_leave_stripes_side_as_it_is_but_for_the_names_of_customers() {
    let plain = World::generate(&Options { difficulty: None, ..options(5, Difficulty::Real) }).expect("a world");
    let kept = World::generate(&options(5, Difficulty::Real)).expect("a world");
    // What the bank makes of the payouts has a difficulty too; what Stripe made of them has none.
    let at_stripe = |world: &World| -> Vec<_> {
        let payouts = world.truth.payouts.iter();
        payouts.map(|payout| (payout.id.clone(), payout.amount_minor, payout.arrives_on, payout.members.clone())).collect()
    };
    assert_eq!(at_stripe(&plain), at_stripe(&kept));
    for (one, other) in plain.catalog.accounts.values().zip(kept.catalog.accounts.values()) {
        for (one, other) in one.objects.values().flatten().zip(other.objects.values().flatten()) {
            let (mut one, mut other) = (one.body(plain.catalog.now), other.body(kept.catalog.now));
            if one["object"] == "event" && one["data"]["object"]["object"] == "charge" {
                (one, other) = (one["data"]["object"].take(), other["data"]["object"].take());
            }
            if one["object"] == "charge" {
                assert_eq!(one["billing_details"]["name"], Value::Null);
                assert!(other["billing_details"]["name"].is_string());
                one["billing_details"] = Value::Null;
                other["billing_details"] = Value::Null;
            }
            assert_eq!(one, other);
        }
    }
    let dir = tempfile::tempdir().expect("a folder");
    sim::export(&plain, dir.path()).expect("an export");
    assert!(!dir.path().join("books").exists() && !dir.path().join("truth-books").exists());
}

#[test]
fn a_difficulty_has_a_name_and_another_word_is_refused_with_all_names() {
    for difficulty in Difficulty::ALL {
        assert_eq!(difficulty.to_string().parse(), Ok(difficulty));
    }
    let refused = "easy".parse::<Difficulty>().expect_err("a refusal").to_string();
    assert!(Difficulty::ALL.iter().all(|difficulty| refused.contains(&difficulty.to_string())), "{refused}");
}

/// What Stripe's objects say must be booked: account → type and id.
fn happened(world: &World) -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut all = BTreeMap::new();
    for (account, objects) in &world.catalog.accounts {
        let bodies = |kind: ObjectKind| objects.objects[&kind].iter().map(|object| object.body(world.catalog.now));
        let mut ids = BTreeSet::new();
        for charge in bodies(ObjectKind::Charge).filter(|charge| !charge["balance_transaction"].is_null()) {
            ids.insert(("charge".to_owned(), text(&charge, "id")));
        }
        ids.extend(bodies(ObjectKind::Refund).map(|refund| ("refund".to_owned(), text(&refund, "id"))));
        ids.extend(bodies(ObjectKind::Payout).map(|payout| ("payout".to_owned(), text(&payout, "id"))));
        let costs = |txn: &Value| int(txn, "fee") != 0 || txn["type"] == "stripe_fee";
        ids.extend(bodies(ObjectKind::BalanceTransaction).filter(costs).map(|txn| ("fee".to_owned(), text(&txn, "id"))));
        all.insert(account.clone(), ids);
    }
    all
}

/// Which types a book keeps.
fn kept(book: &str, system: &str) -> &'static [&'static str] {
    match (book, system) {
        ("orders", "shopify") => &["charge"],
        ("orders" | "transactions" | "invoices", _) => &["charge", "refund"],
        ("payments", _) => &["charge", "refund", "payout"],
        _ => &["charge", "refund", "fee", "payout"],
    }
}

#[test]
fn everything_stands_in_each_book_once_or_is_known_not_to() {
    for books in many() {
        let (seed, difficulty) = (books.seed, books.difficulty);
        let happened = happened(&books.world);
        let mut told: BTreeMap<(String, String), BTreeSet<(String, String)>> = BTreeMap::new();
        let missing: BTreeSet<(String, String, String)> = books
            .planted
            .iter()
            .filter(|planted| planted["kind"] == "missing")
            .map(|planted| (text(planted, "account"), text(planted, "book"), text(&planted["subjects"][0], "id")))
            .collect();
        for subject in &books.subjects {
            let key = (text(subject, "account"), text(subject, "book"));
            let id = (text(subject, "type"), text(subject, "id"));
            assert!(told.entry(key.clone()).or_default().insert(id.clone()), "seed {seed}, {difficulty}: {subject} twice");
            let because = text(subject, "absent_because");
            assert_eq!(because == "missing", missing.contains(&(key.0, key.1, id.1)), "seed {seed}, {difficulty}: {subject}");
            let rows = list(&subject["rows"]).len();
            assert_eq!(rows == 0, !because.is_empty(), "{subject}");
            let shape = text(subject, "shape");
            assert!(matches!((rows, shape.as_str()), (0, "none") | (1, "one_to_one" | "many_to_one") | (2, "one_to_many")));
        }
        for book in list(&books.books["books"]) {
            let (account, name) = (text(book, "account"), text(book, "book"));
            let types = kept(&name, &text(book, "system"));
            let wanted = happened[&account].iter().filter(|(kind, _)| types.contains(&kind.as_str())).cloned();
            let wanted: BTreeSet<(String, String)> = wanted.collect();
            assert!(wanted == told[&(account, name.clone())], "seed {seed}, {difficulty}: {name}");
        }
    }
}

#[test]
fn rows_and_subjects_tell_the_same_links() {
    for books in many() {
        let (mut of_rows, mut of_subjects) = (BTreeSet::new(), BTreeSet::new());
        let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
        for row in &books.rows {
            for part in list(&row["stands_for"]) {
                of_rows.insert((text(part, "id"), place(row)));
                *sums.entry((text(row, "book") + &text(row, "account"), text(part, "id"))).or_default() +=
                    int(part, "amount_minor");
            }
        }
        for subject in &books.subjects {
            of_subjects.extend(list(&subject["rows"]).iter().map(|row| (text(subject, "id"), place(row))));
            if !list(&subject["rows"]).is_empty() {
                let booked = sums[&(text(subject, "book") + &text(subject, "account"), text(subject, "id"))];
                assert_eq!(booked, int(subject, "amount_minor"), "seed {}: {subject}", books.seed);
            }
        }
        assert!(of_rows == of_subjects, "seed {}, {}", books.seed, books.difficulty);
    }
}

#[test]
fn every_row_of_every_file_says_what_the_truth_says() {
    for books in many() {
        let (seed, difficulty) = (books.seed, books.difficulty);
        assert_eq!(books.rows.len(), books.cells.len(), "seed {seed}, {difficulty}");
        for row in &books.rows {
            let cells = books.cells.get(&place(row)).unwrap_or_else(|| panic!("seed {seed}, {difficulty}: no {row}"));
            let has = |wanted: &str| cells.values().any(|cell| cell == wanted);
            assert_eq!(amount(cells), int(row, "amount_minor"), "seed {seed}, {difficulty}: {row} {cells:?}");
            assert!(has(&text(row, "document")) && has(&text(row, "currency").to_uppercase()), "{row} {cells:?}");
            assert!(dates(&text(row, "date_on")).iter().any(|date| has(date)), "{row} {cells:?}");
        }
    }
}

#[test]
fn the_sums_of_each_book_are_stripes_and_what_was_planted() {
    for books in many() {
        let mut sums: BTreeMap<(String, String, String), i64> = BTreeMap::new();
        let key = |of: &Value, currency: String| (text(of, "account"), text(of, "book"), currency);
        let wrong: BTreeMap<(String, u64), String> = books
            .planted
            .iter()
            .filter(|planted| planted["kind"] == "currency_wrong")
            .map(|planted| (place(&planted["place"]), text(planted, "currency")))
            .collect();
        for row in books.rows.iter().filter(|row| row["role"] != "counter") {
            // A copy of a row has its currency.
            let copied = row["copy_of_row"].as_u64().map(|of| (text(row, "file"), of));
            let true_currency = wrong.get(&place(row)).or_else(|| copied.and_then(|of| wrong.get(&of)));
            let currency = true_currency.cloned().unwrap_or_else(|| text(row, "currency"));
            *sums.entry(key(row, currency)).or_default() += int(row, "amount_minor");
        }
        for subject in &books.subjects {
            if !matches!(text(subject, "absent_because").as_str(), "failed" | "not_yet") {
                *sums.entry(key(subject, text(subject, "currency"))).or_default() -= int(subject, "amount_minor");
            }
        }
        for planted in &books.planted {
            let at = planted["place"].is_object().then(|| place(&planted["place"]));
            // What stands beside a row with a wrong currency is counted in the true one, as the row is.
            let currency = at.as_ref().and_then(|at| wrong.get(at)).cloned().unwrap_or_else(|| text(planted, "currency"));
            let copied = planted["kind"] == "booked_twice";
            let original = at.filter(|_| copied).and_then(|(file, row)| {
                let lines = if text(planted, "book") == "journal" { 2 } else { 1 };
                wrong.get(&(file, row - lines)).cloned()
            });
            *sums.entry(key(planted, original.unwrap_or(currency))).or_default() -= int(planted, "effect_minor");
        }
        sums.retain(|_, left| *left != 0);
        assert!(sums.is_empty(), "seed {}, {}: {sums:?}", books.seed, books.difficulty);
    }
}

#[test]
fn a_ledger_balances_entry_by_entry() {
    for books in many() {
        let lines: Vec<&Value> = books.rows.iter().filter(|row| row["book"] == "journal").collect();
        assert!(!lines.is_empty());
        for pair in lines.chunks(2) {
            let [line, counter] = pair else { panic!("an entry of one line") };
            assert_eq!((&line["role"], &counter["role"]), (&"clearing".into(), &"counter".into()));
            assert_eq!(int(line, "amount_minor"), -int(counter, "amount_minor"), "seed {}: {line}", books.seed);
            assert_eq!(line["document"], counter["document"]);
        }
    }
}

#[test]
fn everything_planted_can_be_seen_in_its_row() {
    for books in many() {
        let rows: BTreeMap<(String, u64), &Value> = books.rows.iter().map(|row| (place(row), row)).collect();
        let mut once = BTreeSet::new();
        for planted in &books.planted {
            let kind = text(planted, "kind");
            if kind == "missing" {
                assert!(planted["place"].is_null());
                continue;
            }
            let at = place(&planted["place"]);
            assert!(once.insert((kind.clone(), at.clone())), "{planted} twice");
            let (cells, row) = (&books.cells[&at], rows[&at]);
            match kind.as_str() {
                "invented" => assert!(row["invented"] == true && list(&row["stands_for"]).is_empty(), "{planted}"),
                "booked_twice" => {
                    let original = &books.cells[&(at.0.clone(), row["copy_of_row"].as_u64().expect("a row"))];
                    let other = cells.iter().filter(|(heading, cell)| original[*heading] != **cell).count();
                    assert!(other <= 1, "{planted}: {cells:?} and {original:?}");
                }
                _ => {
                    let cell = &cells[&text(planted, "column")];
                    assert_eq!(*cell, text(planted, "is"), "{planted}");
                    assert_ne!(*cell, text(planted, "was"), "seed {}, {}: {planted}", books.seed, books.difficulty);
                }
            }
        }
    }
}

#[test]
fn damage_strikes_as_often_as_the_dial_says() {
    for difficulty in Difficulty::ALL {
        let mut tallies: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        let mut rates = Value::Null;
        for books in many().iter().filter(|books| books.difficulty == difficulty) {
            let seed = books.seed;
            for book in list(&books.books["books"]) {
                for (kind, tally) in book["damage"].as_object().expect("an object") {
                    let (eligible, planted) = tallies.entry(kind.clone()).or_default();
                    *eligible += int(tally, "eligible");
                    *planted += int(tally, "planted");
                    let known = books.planted.iter().filter(|planted| {
                        text(planted, "kind") == *kind && planted["account"] == book["account"] && planted["book"] == book["book"]
                    });
                    assert_eq!(known.count() as i64, int(tally, "planted"), "seed {seed}, {difficulty}: {kind}");
                }
            }
            rates = books.books["rates_permille"].clone();
        }
        for (kind, rate) in rates.as_object().expect("an object") {
            let (n, k) = tallies.get(kind).copied().unwrap_or_default();
            let permille = rate.as_i64().expect("a rate");
            assert!(n > 100, "{difficulty}: {kind} could strike {n} times");
            // Four and a half standard deviations: once in 150,000 for each kind; squared, so that all stays in integers.
            let off = (k * 1_000 - n * permille).abs();
            let bound = n * permille * (1_000 - permille) * 81 / 4;
            assert!(
                off * off <= bound.max(off.min(4_000).pow(2)),
                "{difficulty}: {kind} {k} of {n}, expected {permille} permille"
            );
            assert_eq!(difficulty == Difficulty::Clean, permille == 0, "{kind}");
        }
    }
}

#[test]
fn clean_books_have_no_damage_and_nothing_late() {
    for books in many().iter().filter(|books| books.difficulty == Difficulty::Clean) {
        assert!(books.planted.is_empty(), "seed {}", books.seed);
        assert!(books.rows.iter().all(|row| row["invented"] == false && row["copy_of_row"].is_null()));
        assert!(books.subjects.iter().all(|subject| subject["absent_because"] != "missing"));
    }
}

/// Letters and digits, in capitals.
fn bare(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}

/// Everything that Stripe calls a charge, refund or payout, and that its books may show.
fn names(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut names = BTreeMap::new();
    for object in world.catalog.accounts.values().flat_map(|objects| objects.objects.values().flatten()) {
        let body = object.body(world.catalog.now);
        let ids = [text(&body, "id"), text(&body, "payment_intent"), text(&body["metadata"], "order_id")];
        let more = [
            text(&body["trace_id"], "value"),
            if body["object"] == "balance_transaction" { text(&body, "source") } else { String::new() },
        ];
        let ids = ids.into_iter().chain(more).filter(|id| !id.is_empty()).map(|id| bare(&id)).collect();
        names.insert(object.id(), ids);
    }
    names
}

/// The customer's name and e-mail in a row, where the book has columns for them.
fn customer(cells: &BTreeMap<String, String>) -> [Option<&String>; 2] {
    let named = ["Billing Name", "Customer", "Kunde", "customer", "ContactName", "Contact", "Debitor", "Account Reference"];
    let name = named.iter().find_map(|heading| cells.get(*heading));
    let name = name.or_else(|| cells.get("Name").filter(|_| !cells.contains_key("Billing Name")));
    [name, ["Email", "e-mail", "E-Mail", "EmailAddress"].iter().find_map(|heading| cells.get(*heading))]
}

#[test]
fn what_is_told_for_certain_names_itself_or_has_no_rival() {
    let mut verdicts: BTreeMap<(Difficulty, String), u64> = BTreeMap::new();
    for books in many() {
        let names = names(&books.world);
        let proven = |id: &str, at: &(String, u64)| {
            let shown = bare(&books.cells[at].values().cloned().collect::<Vec<_>>().join("|"));
            names[id].iter().any(|name| shown.contains(name.as_str()))
        };
        let batched = list(&books.books["books"]).iter().filter(|book| book["batched"] == true);
        let batched: BTreeSet<(String, String)> = batched.map(|book| (text(book, "account"), text(book, "book"))).collect();
        // Book, day, currency, amount and type → the rows that name nothing.
        let mut silent: BTreeMap<[String; 6], Vec<(String, u64)>> = BTreeMap::new();
        let key = |row: &Value, kind: &str| {
            let amount = int(row, "amount_minor").to_string();
            [text(row, "account"), text(row, "book"), text(row, "date_on"), text(row, "currency"), amount, kind.to_owned()]
        };
        let rows: BTreeMap<(String, u64), &Value> = books.rows.iter().map(|row| (place(row), row)).collect();
        for row in &books.rows {
            if let [part] = list(&row["stands_for"])
                && !proven(&text(part, "id"), &place(row))
            {
                silent.entry(key(row, &text(part, "type"))).or_default().push(place(row));
            }
        }
        for subject in &books.subjects {
            let verdict = text(subject, "distinguishable");
            *verdicts.entry((books.difficulty, verdict.clone())).or_default() += 1;
            let [only] = list(&subject["rows"]) else { continue };
            let at = place(only);
            // A day's batch is known by its day, which stands in its memo.
            if text(subject, "shape") != "one_to_one" || batched.contains(&(text(subject, "account"), text(subject, "book"))) {
                continue;
            }
            if proven(&text(subject, "id"), &at) {
                assert_eq!(verdict, "yes", "{subject}");
            } else if verdict == "yes" {
                let own = customer(&books.cells[&at]);
                for other in silent[&key(rows[&at], &text(subject, "type"))].iter().filter(|other| **other != at) {
                    let theirs = customer(&books.cells[other]);
                    let apart = own.iter().zip(&theirs).any(|(one, two)| one.is_some() && one != two);
                    assert!(
                        apart,
                        "seed {}, {}: {subject} {:?} and {other:?} {:?}",
                        books.seed, books.difficulty, books.cells[&at], books.cells[other]
                    );
                }
            }
        }
    }
    println!("{verdicts:#?}");
    let of = |difficulty: Difficulty, verdict: &str| verdicts.get(&(difficulty, verdict.to_owned())).copied().unwrap_or(0);
    assert!(of(Difficulty::Hardened, "no") > 100 && of(Difficulty::Hardened, "group") > 0);
    assert!(of(Difficulty::Hardened, "no") > 3 * of(Difficulty::Real, "no"));
    for difficulty in Difficulty::ALL {
        assert!(of(difficulty, "yes") > of(difficulty, "no"), "{difficulty}");
    }
}

#[test]
fn each_system_writes_its_files_in_its_own_way() {
    let mut heads: BTreeMap<(String, String, String), String> = BTreeMap::new();
    for seed in 1..=16 {
        let small = Options { days: 12, per_day: 4, ..options(seed, Difficulty::Light) };
        let books = exported(&small);
        for book in list(&books.books["books"]) {
            let Some(file) = list(&book["files"]).first() else { continue };
            let country = text(&books.world.catalog.accounts[&text(book, "account")].account.body(i64::MAX), "country");
            let whole = &books.files[&text(file, "file")];
            let above = book["preamble_lines"].as_u64().expect("a number") as usize;
            let head: String = whole.lines().take(above + 4).map(|line| format!("{line}\n")).collect();
            heads.entry((text(book, "system"), text(book, "book"), country)).or_insert(head);
        }
    }
    let mut all = String::new();
    for ((system, book, country), head) in &heads {
        all.push_str(&format!("--- {system} {book} {country}\n{head}\n"));
    }
    insta::assert_snapshot!(all);
    let systems: BTreeSet<&String> = heads.keys().map(|(system, _, _)| system).collect();
    assert_eq!(systems.len(), 7);
}
