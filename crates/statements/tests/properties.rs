//! Properties: any bytes get an answer, and overlapping files give the union, twins counted right.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use facts::BankAccountName;
use money::Currency;
use proptest::prelude::*;
use statements::{Profile, Source, Statement, dialects, propose_profile, read};

fn ask(bytes: &[u8], profile: Option<&Profile>) -> Option<Statement> {
    let bank_account = BankAccountName::parse("main").unwrap();
    read(&Source { bytes, file_name: "any", bank_account: &bank_account, currency: Some(Currency::EUR), profile }).ok()
}

/// Text of pieces that statements are made of, so that chance reaches deep.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("Date,Description,Amount,Balance\n"),
        Just("Buchungstag;Verwendungszweck;Soll;Haben\n"),
        Just("2026-07-01"),
        Just("01/02/2026"),
        Just("31.07.26"),
        Just(","),
        Just(";"),
        Just("\t"),
        Just("\n"),
        Just("\""),
        Just("1,234.56"),
        Just("1.234,56"),
        Just("-5"),
        Just("(3.00)"),
        Just("€"),
        Just("CR"),
        Just("\u{feff}"),
        Just("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt>"),
        Just("</Stmt></BkToCstmrStmt></Document>"),
        Just("<Ntry><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-07-01</Dt></BookgDt></Ntry>"),
        Just("<Ntry>"),
        Just("</Ntry>"),
        Just("&amp;"),
        Just("<![CDATA[x]]>"),
        Just("日付"),
        Just("\u{0}"),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_get_an_answer(bytes: Vec<u8>) {
        let _ = ask(&bytes, None);
        let _ = propose_profile(&bytes, "any");
    }

    #[test]
    fn any_mix_of_the_usual_pieces_gets_an_answer(text in pieces()) {
        let _ = ask(text.as_bytes(), None);
        let _ = propose_profile(text.as_bytes(), "any");
        for profile in dialects().iter().filter(|profile| profile.headerless) {
            let _ = ask(text.as_bytes(), Some(profile));
        }
    }

    #[test]
    fn any_profile_text_gets_an_answer(text: String) {
        let _ = Profile::parse(&text, "any");
    }

    /// Days of lines, few enough kinds that true twins are common; each file holds whole days, rows in any order of days.
    #[test]
    fn overlapping_files_in_any_order_give_the_union_with_twins(
        days in prop::collection::vec(prop::collection::vec(0_u8..4, 0..6), 1..12),
        windows in prop::collection::vec((0_usize..12, 1_usize..12, any::<bool>()), 1..6),
    ) {
        let mut ids: BTreeSet<String> = BTreeSet::new();
        let mut covered: BTreeSet<usize> = BTreeSet::new();
        let mut kept: BTreeMap<(String, i64), u64> = BTreeMap::new();
        for (from, length, newest_first) in windows {
            let mut window: Vec<usize> = (from..(from + length).min(days.len())).collect();
            covered.extend(&window);
            if newest_first {
                window.reverse();
            }
            let rows = window.iter().flat_map(|day| days[*day].iter().map(move |kind| format!("2026-07-{:02},kind {kind},{kind}.50\n", day + 1)));
            let text: String = std::iter::once("Date,Description,Amount\n".to_owned()).chain(rows).collect();
            for line in ask(text.as_bytes(), None).expect("a statement").lines {
                if ids.insert(line.id.as_str().to_owned()) {
                    *kept.entry((line.date_on.to_string(), line.amount.minor())).or_default() += 1;
                }
            }
        }
        let mut expected: BTreeMap<(String, i64), u64> = BTreeMap::new();
        for (day, kind) in covered.iter().flat_map(|day| days[*day].iter().map(move |kind| (day, kind))) {
            *expected.entry((format!("2026-07-{:02}", day + 1), i64::from(*kind) * 100 + 50)).or_default() += 1;
        }
        prop_assert_eq!(kept, expected);
    }
}
