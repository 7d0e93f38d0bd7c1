//! Every export that is read, and what is refused with which words.

#![expect(clippy::expect_used, clippy::panic, reason = "tests")]

mod files;

use exports::{Export, Report, is_export};
use facts::{PayoutStatus, TxnStatus};
use files::*;
use money::Amount;

fn txn<'e>(export: &'e Export, id: &str) -> &'e facts::ExportedTxn {
    export.txns.iter().find(|row| row.txn.id.as_str() == id).unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn a_payout_reconciliation_tells_txns_and_which_payout_holds_each() {
    let export = read("a.csv", RECONCILIATION).expect("read");
    assert_eq!((export.report, export.rows, export.payouts.len()), (Report::PayoutReconciliation, 3, 0));
    let charge = txn(&export, "txn_1");
    assert_eq!((charge.line, charge.payout.as_ref().map(|id| id.as_str())), (2, Some("po_1")));
    let said = &charge.txn;
    assert_eq!((said.amount, said.fee_minor, said.net_minor), (usd(10_000), 320, 9_680));
    assert_eq!((said.kind.as_str(), said.reporting_category.as_str()), ("", "charge"));
    assert_eq!(said.created_at, at("2026-06-28T02:21:31Z"));
    assert_eq!((said.available_on, &said.status), (day("2026-06-30"), &TxnStatus::Available));
    assert_eq!(said.description.as_deref(), Some("Design, \"course\"\n=1+1"), "text is only text");
    assert_eq!(said.source.as_ref().map(|source| source.id.as_str()), Some("ch_1"));
    assert_eq!((txn(&export, "txn_2").line, txn(&export, "txn_3").txn.source.is_none()), (5, true), "after an empty line");
    assert_eq!(export.until, Some(at("2026-06-29T10:00:00Z")));
}

#[test]
fn every_version_is_told_by_its_columns_in_whatever_order_and_case() {
    let shuffled = "Currency,NET,fee,gross,Reporting_Category,created_utc,created,available_on_utc,balance_transaction_id,\
                    automatic_payout_id,payment_metadata[order id],payment_metadata[order id]\n\
                    USD,9.68,0.32,10.00,charge,2026-06-28 00:00:00,never,2026-06-30 00:00:00,txn_1,po_1,a,b\n";
    let export = read("Itemized_Payout-Reconciliation (3).csv", shuffled).expect("read");
    assert_eq!((export.report, export.zone_used), (Report::PayoutReconciliation, false));
    assert_eq!(txn(&export, "txn_1").txn.created_at, at("2026-06-28T00:00:00Z"));
    // Without the name, nothing says that the report holds whole payouts.
    assert_eq!(read("report.csv", shuffled).expect("read").report, Report::Txns);
    let mark = format!("\u{feff}{RECONCILIATION}").replace('\n', "\r\n").replace("\"\"\r\n=1", "\"\"\n=1");
    assert_eq!(read("a.csv", &mark).expect("read").txns, read("a.csv", RECONCILIATION).expect("read").txns);
}

#[test]
fn a_report_of_txns_holds_whole_payouts_only_where_it_says_so() {
    let export = read("activity.csv", ACTIVITY).expect("read");
    assert_eq!(export.report, Report::Txns);
    assert_eq!(txn(&export, "txn_5").txn.status, TxnStatus::Pending, "not available by the day it was read");
    let unsettled = RECONCILIATION.replace("po_1,2026-07-02 00:00:00,txn_3", ",,txn_3");
    assert_eq!(read("a.csv", &unsettled).expect("read").report, Report::Txns, "a row of no payout");
}

#[test]
fn payouts_are_seen_from_the_bank_and_their_txns_from_the_balance() {
    let export = read("payouts.csv", PAYOUTS).expect("read");
    assert_eq!((export.report, export.rows, export.payouts.len(), export.txns.len()), (Report::Payouts, 4, 3, 4));
    let [paid, instant, failed] = [0, 1, 2].map(|place| &export.payouts[place].payout);
    assert_eq!((paid.amount, &paid.status, paid.automatic), (usd(16_612), &PayoutStatus::Paid, false));
    assert_eq!((paid.arrives_on, paid.destination.as_ref().map(|id| id.as_str())), (day("2026-07-02"), Some("ba_1")));
    assert_eq!(paid.trace_id.as_ref().and_then(|trace| trace.value.as_deref()), Some("TRACE1"));
    assert_eq!(paid.reconciliation_status.as_str(), "", "that is for Stripe's API to tell");
    assert_eq!((instant.amount, txn(&export, "txn_po_2").txn.amount), (usd(5_500), usd(-5_500)));
    assert_eq!((txn(&export, "txn_po_2").txn.fee_minor, txn(&export, "txn_po_2").txn.net_minor), (100, -5_600));
    assert_eq!((&failed.status, failed.amount), (&PayoutStatus::Failed, Amount::new(700, money::Currency::JPY)));
    assert_eq!(failed.own_txn.as_ref().map(|id| id.as_str()), Some("txn_po_3"));
    assert_eq!(failed.failure_txn.as_ref().map(|id| id.as_str()), Some("txn_po_3f"));
    assert_eq!(txn(&export, "txn_po_3f").txn.amount.minor(), 700, "the money came back");
    let alone: String = PAYOUTS.lines().filter(|line| !line.contains("txn_po_3,")).map(|line| format!("{line}\n")).collect();
    let alone = read("later.csv", &alone).expect("read");
    assert_eq!((alone.payouts[2].payout.amount.minor(), &alone.payouts[2].payout.own_txn), (700, &None));
}

#[test]
fn the_list_of_the_balance_names_types_and_holds_payouts_whose_day_is_told() {
    let export = read("balance_history.csv", BALANCE).expect("read");
    assert_eq!((export.report, export.txns.len(), export.payouts.len()), (Report::Balance, 5, 1));
    let charge = txn(&export, "txn_1");
    assert_eq!((charge.txn.kind.as_str(), charge.txn.reporting_category.as_str()), ("charge", ""));
    assert_eq!(charge.txn.created_at, at("2026-06-28T02:21:00Z"));
    assert_eq!(charge.payout.as_ref().map(|id| id.as_str()), Some("po_1"));
    assert_eq!(txn(&export, "txn_po_1").payout, None, "a payout's own txn is not part of what it pays");
    let payout = &export.payouts[0].payout;
    assert_eq!((payout.id.as_str(), payout.amount, payout.arrives_on), ("po_1", usd(9_680), day("2026-07-02")));
    assert_eq!((payout.status.as_str(), payout.failure_txn.is_some()), ("failed", true));
}

#[test]
fn amounts_have_stripes_decimals_and_no_others() {
    let with = |currency: &str, amount: &str| {
        let row = format!("txn_1,2026-06-28 00:00:00,2026-06-30 00:00:00,{currency},{amount},0,{amount},charge,,\n");
        read("a.csv", &format!("{ACTIVITY_HEADER}{row}")).map(|export| export.txns[0].txn.amount.minor())
    };
    for (currency, amount, minor) in [
        ("jpy", "1200", 1_200),
        ("kwd", "1.234", 1_234),
        ("usd", "-0.05", -5),
        ("ugx", "300.00", 30_000),
        ("usd", "92233720368547758.07", i64::MAX),
    ] {
        assert_eq!(with(currency, amount), Ok(minor), "{amount} {currency}");
    }
    for (currency, amount) in
        [("jpy", "1200.5"), ("usd", "1.005"), ("usd", "1e309"), ("usd", "NaN"), ("usd", "=1+1"), ("usd", "")]
    {
        let told = with(currency, amount).expect_err("refused").to_string();
        assert!(told.starts_with("a.csv, line 2, 'gross': found ") && told.contains("an amount in"), "{told}");
    }
    let big = with("usd", "92233720368547758.08").expect_err("too large").to_string();
    assert!(big.contains("does not fit 64 bits"), "{big}");
    let comma = with("usd", "\"1,234.50\"").expect_err("grouped");
    assert!(comma.hint.contains("language to English"), "{comma:?}");
}

#[test]
fn a_row_whose_net_is_not_gross_less_fee_is_refused_with_its_line() {
    let told = read("a.csv", &RECONCILIATION.replace("96.80", "96.81")).expect_err("refused").to_string();
    assert_eq!(told, "a.csv, line 2, 'net': found '96.81'; expected gross less fee, '100.00' less '3.20'");
}

#[test]
fn local_times_are_those_of_the_reports_zone_and_doubtful_ones_are_refused() {
    let at_local = |time: &str| {
        let text = ACTIVITY.replace("2026-06-28 02:21:31", time);
        read_in("a.csv", &text, "America/New_York").map(|export| (txn(&export, "txn_1").txn.created_at, export.zone_used))
    };
    assert_eq!(at_local("2026-06-27 22:21:31"), Ok((at("2026-06-28T02:21:31Z"), true)));
    for (time, why) in [("2026-03-08 02:30:00", "never showed"), ("2026-11-01 01:30:00", "showed twice")] {
        let error = at_local(time).expect_err("refused");
        assert!(error.to_string().contains(why) && error.hint.contains("created_utc"), "{error:?}");
    }
    let utc = ACTIVITY.replace("created,", "created_utc,").replace("available_on,", "available_on_utc,");
    let export = read_in("a.csv", &utc, "America/New_York").expect("read");
    assert_eq!((txn(&export, "txn_1").txn.created_at, export.zone_used), (at("2026-06-28T02:21:31Z"), false));
}

#[test]
fn a_missing_column_is_named_with_what_to_tick() {
    for (column, text) in [
        ("balance_transaction_id", RECONCILIATION),
        ("net", RECONCILIATION),
        ("created", ACTIVITY),
        ("payout_expected_arrival_date", PAYOUTS),
        ("automatic_payout_id", RECONCILIATION),
    ] {
        let error = read("a.csv", &text.replace(column, "x")).expect_err("refused");
        let told = error.to_string();
        assert!(told.contains("line 1") && error.hint.contains(column), "{error:?}");
    }
}

#[test]
fn what_is_no_itemised_export_is_told_apart() {
    for (header, hint) in [
        ("reporting_category,currency,count,gross,fee,net", "choose Itemized"),
        ("category,currency,description,net_amount", "choose Itemized"),
        ("id,Description,Created (UTC),Amount,Amount Refunded,Currency,Captured,Status", "Payout reconciliation"),
        ("Date,Description,Amount", "tieout import bank"),
    ] {
        let error = read("a.csv", &format!("{header}\n")).expect_err("refused");
        assert!(error.hint.contains(hint), "{error:?}");
    }
    for text in [RECONCILIATION, ACTIVITY, PAYOUTS, BALANCE] {
        assert!(is_export(text.as_bytes()));
    }
    assert!(!is_export(b"Date,Description,Amount\n2026-07-01,STRIPE,12.00\n") && !is_export(b"") && !is_export(&[0xff, 0, 1]));
}

#[test]
fn a_txn_that_stands_twice_counts_once_and_one_that_says_two_things_is_refused() {
    let (header, rows) = ACTIVITY.split_once('\n').expect("a header");
    let twice = format!("{header}\n{rows}{rows}");
    assert_eq!(read("a.csv", &twice).expect("read").txns, read("a.csv", ACTIVITY).expect("read").txns);
    let two = format!("{header}\n{rows}{}", rows.replace(",charge,ch_1", ",refund,ch_1"));
    let told = read("a.csv", &two).expect_err("refused").to_string();
    assert!(told.contains("line 4: found txn txn_1 a second time") && told.contains("on line 2"), "{told}");
    let two = PAYOUTS.replace("po_2,2026-07-03 13:00:00,", "po_1,2026-07-03 13:00:00,");
    assert!(read("a.csv", &two).expect_err("refused").to_string().contains("payout po_1 a second time"));
}

#[test]
fn rows_of_another_account_are_refused() {
    let text = ACTIVITY.replace("source_id", "connected_account").replace("ch_1", "acct_other");
    let error = read("a.csv", &text).expect_err("refused");
    assert!(error.to_string().contains("line 2, 'connected_account': found 'acct_other'"), "{error}");
    assert!(read("a.csv", &text.replace("acct_other", "acct_1").replace("re_5", "")).is_ok());
}

#[test]
fn hostile_files_are_refused_in_words() {
    let wide = format!("{}\n", vec!["a"; 5_000].join(","));
    let long = RECONCILIATION.replace("ch_1", &"x".repeat(100_000));
    let doubled = ACTIVITY.replace("description", "Net");
    for (text, words) in [
        ("", "empty"),
        ("\n\n", "empty"),
        (&RECONCILIATION.replace("ch_1", "ch\0"), "zero byte"),
        (&RECONCILIATION.replace("\"Design", "Design"), "quote"),
        (&RECONCILIATION.replace(",ch_2,", ","), "11 fields; expected 12"),
        (&wide, "5000 fields"),
        (&long, "100000 bytes"),
        (&doubled, "two columns of this name"),
        (&RECONCILIATION.replace("txn_1", ""), "found nothing; expected a txn id"),
        (&RECONCILIATION.replace(",usd,", ",us,"), "currency code"),
        (&RECONCILIATION.replace("2026-06-30 00:00:00", "6/30/26 0:00"), "expected a time"),
        (&RECONCILIATION.replace(",charge,", ",,"), "reporting category"),
        (&PAYOUTS.replace(",payout,STRIPE", ",charge,STRIPE"), "payout or payout_reversal"),
    ] {
        let told = read("a.csv", text).expect_err(words).to_string();
        assert!(told.starts_with("a.csv") && told.contains(words) && told.len() < 900, "{words}: {told}");
    }
    let bytes = [RECONCILIATION.as_bytes(), b"\xff"].concat();
    assert!(
        read_bytes("a.csv", &bytes, "UTC").expect_err("no text").to_string().contains("line 7: found bytes that are not UTF-8")
    );
}

#[test]
fn a_file_cut_off_anywhere_is_refused_or_gives_only_whole_rows() {
    for text in [RECONCILIATION, ACTIVITY, PAYOUTS, BALANCE] {
        let whole = read("a.csv", text).expect("read");
        for end in 0..text.len() {
            let Some(part) = text.get(..end) else { continue };
            if let Ok(export) = read("a.csv", part) {
                assert!(export.txns.iter().all(|row| whole.txns.contains(row)), "cut at {end}: {part}");
            }
        }
    }
}
