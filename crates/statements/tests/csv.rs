//! Headers nobody has listed, two readings, and hostile files.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use facts::BankAccountName;
use money::Currency;
use statements::{LeftOutReason, ReadError, Source, Statement, Trouble, read};

fn try_in(text: &[u8], currency: Option<&str>) -> Result<Statement, ReadError> {
    let bank_account = BankAccountName::parse("main").unwrap();
    let currency = currency.map(|code| Currency::parse(code).unwrap());
    read(&Source { bytes: text, file_name: "file.csv", bank_account: &bank_account, currency, profile: None })
}

fn try_read(text: &str) -> Result<Statement, ReadError> {
    try_in(text.as_bytes(), Some("eur"))
}

fn minors(text: &str) -> Vec<i64> {
    match try_read(text) {
        Ok(statement) => statement.lines.iter().map(|line| line.amount.minor()).collect(),
        Err(error) => panic!("{text}: {error}"),
    }
}

fn refused(text: &str, trouble: Trouble, words: &[&str]) {
    let error = match try_read(text) {
        Err(error) => error,
        Ok(statement) => panic!("{text} was read: {statement:?}"),
    };
    let said = format!("{error} | {}", error.hint);
    assert_eq!(error.trouble, trouble, "{said}");
    for word in words {
        assert!(said.contains(word), "'{word}' is not in: {said}");
    }
}

#[test]
fn headers_in_many_languages_are_read_by_their_words() {
    for (header, row) in [
        ("Buchungsdatum;Wertstellung;Verwendungszweck;Betrag;Währung", "31.07.2026;01.08.2026;STRIPE;1.234,56;EUR"),
        ("Fecha;Concepto;Importe", "31/07/2026;STRIPE;1.234,56"),
        ("Fecha operación;Fecha valor;Concepto;Importe;Saldo", "31/07/2026;31/07/2026;STRIPE;1.234,56;2.000,00"),
        ("Fecha;Valor;Concepto;Importe", "31/07/2026;30/07/2026;STRIPE;1.234,56"),
        ("Date opération,Libellé,Débit,Crédit", "31/07/2026,STRIPE,,\"1234,56\""),
        ("Date;Date de valeur;Libellé;Montant;Devise", "31/07/2026;31/07/2026;VIR STRIPE;1 234,56;EUR"),
        (
            "Booking date,Value date,Amount,Currency,Details,Bank reference,End-to-end ID",
            "2026-07-31,2026-07-31,1234.56,EUR,STRIPE,HB1,E2E",
        ),
        ("booking_date,amount,description", "2026-07-31,1234.56,STRIPE"),
        ("BookingDate\tAmount\tDescription\tRunningBalance", "2026-07-31\t1234.56\tSTRIPE\t5.00"),
        ("Datum;Omschrijving;Bedrag;Af/Bij", "31-07-2026;STRIPE;1.234,56;Bij"),
        ("Data contabile;Data valuta;Descrizione;Dare;Avere", "31/07/2026;31/07/2026;STRIPE;;1.234,56"),
        ("Data lançamento;Descrição;Valor;Saldo", "31/07/2026;STRIPE;1.234,56;2.000,00"),
        ("Bogføringsdato;Tekst;Beløb;Saldo", "31-07-2026;STRIPE;1.234,56;2.000,00"),
        ("Data księgowania;Opis operacji;Kwota;Waluta", "2026-07-31;STRIPE;1 234,56;EUR"),
        ("DESCRIPTION|AMOUNT|DATE", "STRIPE|1,234.56|07/31/2026"),
        ("Transaction Date,Description,Amount,Dr/Cr", "31 Jul 2026,STRIPE,\"1,234.56\",CR"),
        ("Date,Narrative,Money out,Money in,Balance", "31/07/2026,STRIPE,,\"1,234.56\",5.00"),
        ("Date,Payee,Amount (EUR)", "31/07/2026,STRIPE,\"€1,234.56\""),
        ("Soll/Haben;Buchungstag;Umsatz;Verwendungszweck", "H;31.07.2026;1.234,56;STRIPE"),
        ("日付,摘要,金額", "2026年7月31日,STRIPE,1234.56"),
        ("Datum;Zaúčtování;Popis;Částka", "31.07.2026;x;STRIPE;1234,56"),
        ("Date,Type,Description,Amount", "31/07/2026,Credit,STRIPE,1234.56"),
    ] {
        let text = format!("Some Bank Ltd\n\n{header}\n{row}\n");
        let statement = try_read(&text).unwrap_or_else(|error| panic!("{header}: {error}"));
        assert_eq!(statement.format, "csv:synonyms", "{header}");
        let line = statement.lines.first().unwrap();
        assert_eq!((line.date_on.to_string().as_str(), line.amount.minor()), ("2026-07-31", 123_456), "{header}");
        assert!(line.description.contains("STRIPE"), "{header}: {}", line.description);
    }
}

#[test]
fn the_booking_date_beats_every_other_date() {
    let text = "Value date,Transaction date,Booking date,Amount,Description\n2026-07-01,2026-07-02,2026-07-03,1.00,A\n";
    let line = try_read(text).unwrap().lines.remove(0);
    assert_eq!(line.date_on.to_string(), "2026-07-03");
    assert_eq!(line.value_on.unwrap().to_string(), "2026-07-01");
}

#[test]
fn the_banks_own_reference_comes_first_and_placeholders_never() {
    let text = "Date,Amount,Description,End-to-end ID,Customer reference,Bank reference\n2026-07-13,1.00,A,E2E-1,C-1,HB0000012\n2026-07-14,1.00,B,E2E-2,NOTPROVIDED,\n";
    let lines = try_read(text).unwrap().lines;
    assert_eq!(
        (lines[0].reference.as_deref(), lines[0].other_references.as_slice()),
        (Some("HB0000012"), ["E2E-1".to_owned(), "C-1".to_owned()].as_slice())
    );
    assert_eq!((lines[1].reference.as_deref(), lines[1].other_references.len()), (Some("E2E-2"), 0));
}

#[test]
fn two_columns_for_one_role_are_a_question_for_a_person() {
    refused(
        "Date,Amount,Total,Amount,Description\n2026-07-01,1.00,1,2.00,A\n",
        Trouble::Ambiguous,
        &["'Amount' and 'Amount'", "amount", "profile new"],
    );
    refused(
        "Booking date,Posting date,Amount,Description\n2026-07-01,2026-07-01,1.00,A\n",
        Trouble::Ambiguous,
        &["'Booking date' and 'Posting date'", "date"],
    );
    refused("Date,Amount,Description,Narrative\n2026-07-01,1.00,A,B\n", Trouble::Ambiguous, &["'Description' and 'Narrative'"]);
}

#[test]
fn a_header_nobody_knows_is_refused_and_the_way_out_is_named() {
    refused("When,How much,What\n2026-07-01,1.00,A\n", Trouble::Format, &["'When'", "tieout profile new file.csv"]);
    refused("Date,Description,Price\n2026-07-01,A,1.00\n", Trouble::Format, &["no amount"]);
    refused("Date,Amount of fee,Description\n2026-07-01,1.00,A\n", Trouble::Format, &["no amount"]);
    refused("Date,Description,Debit\n2026-07-01,A,1.00\n", Trouble::Format, &["credit"]);
}

#[test]
fn a_date_order_that_the_whole_file_leaves_open_is_refused() {
    refused(
        "Date,Description,Amount\n01/02/2026,A,1.00\n03/04/2026,B,2.00\n",
        Trouble::Ambiguous,
        &["line 2", "'Date'", "01/02/2026", "date_order"],
    );
    let day = |text: &str| try_read(text).unwrap().lines[0].date_on.to_string();
    assert_eq!(day("Date,Description,Amount\n01/02/2026,A,1.00\n13/02/2026,B,2.00\n"), "2026-02-01");
    assert_eq!(day("Date,Description,Amount\n01/02/2026,A,1.00\n02/13/2026,B,2.00\n"), "2026-01-02");
    assert_eq!(day("Date,Description,Amount\n03/03/2026,A,1.00\n"), "2026-03-03");
    assert_eq!(day("Date,Value date,Description,Amount\n01/02/2026,13/02/2026,A,1.00\n"), "2026-02-01");
    refused("Date,Description,Amount\n13/02/2026,A,1.00\n02/13/2026,B,2.00\n", Trouble::Line, &["line"]);
}

#[test]
fn a_decimal_sign_that_the_whole_file_leaves_open_is_refused() {
    refused(
        "Date;Description;Amount\n2026-07-01;A;1,234\n2026-07-02;B;5,678\n",
        Trouble::Ambiguous,
        &["line 2", "1,234", "decimal"],
    );
    refused("Date;Description;Amount\n2026-07-01;A;1.234\n", Trouble::Ambiguous, &["1.234"]);
    assert_eq!(minors("Date;Description;Amount\n2026-07-01;A;1,234\n2026-07-02;B;5.50\n"), [123_400, 550]);
    assert_eq!(minors("Date;Description;Amount\n2026-07-01;A;1.234\n2026-07-02;B;5,50\n"), [123_400, 550]);
    assert_eq!(minors("Date;Description;Amount\n2026-07-01;A;100\n2026-07-02;B;-7\n"), [10_000, -700]);
    refused("Date;Description;Amount\n2026-07-01;A;1,5\n2026-07-02;B;5.50\n", Trouble::Ambiguous, &["line 3", "line 2"]);
    let yen = try_in(b"Date;Description;Amount\n2026-07-01;A;1,234\n", Some("jpy")).unwrap();
    assert_eq!(yen.lines[0].amount.minor(), 1234);
}

#[test]
fn every_way_of_signing_an_amount_is_read() {
    for (text, expected) in [
        (
            "Date,Description,Amount\n2026-07-01,A,-1.00\n2026-07-02,B,(2.00)\n2026-07-02,B,3.00-\n2026-07-02,B,+4.00\n2026-07-02,B,5.00 DR\n",
            vec![-100, -200, -300, 400, -500],
        ),
        (
            "Date,Description,Debit,Credit\n2026-07-01,A,1.00,\n2026-07-02,B,0.00,2.00\n2026-07-03,C,3.00,0.00\n",
            vec![-100, 200, -300],
        ),
        ("Date,Description,Debit,Credit\n2026-07-01,A,-1.00,\n2026-07-02,B,,2.00\n", vec![-100, 200]),
        ("Date,Description,Amount,Soll/Haben\n2026-07-01,A,1.00,S\n2026-07-02,B,2.00,H\n", vec![-100, 200]),
        ("Date,Description,Amount,D/C\n2026-07-01,A,1.00,RC\n2026-07-02,B,2.00,RD\n2026-07-02,B,3.00,D\n", vec![-100, 200, -300]),
        ("Date,Description,Amount,Type\n2026-07-01,A,1.00,DEBIT\n2026-07-02,B,2.00,CREDIT\n", vec![-100, 200]),
        ("Date,Description,Amount,Type\n2026-07-01,A,-1.00,DEBIT\n2026-07-02,B,2.00,CREDIT\n", vec![-100, 200]),
        ("Date,Description,Amount,Money Out,Money In\n2026-07-01,A,-1.00,1.00,\n2026-07-02,B,2.00,,2.00\n", vec![-100, 200]),
    ] {
        assert_eq!(minors(text), expected, "{text}");
    }
    refused(
        "Date,Description,Debit,Credit\n2026-07-01,A,1.00,2.00\n",
        Trouble::Line,
        &["both a debit '1.00' and a credit '2.00'"],
    );
    refused("Date,Description,Debit,Credit\n2026-07-01,A,,\n2026-07-02,A,1.00,\n", Trouble::Line, &[]);
    refused("Date,Description,Debit,Credit\n2026-07-01,A,-1.00,\n2026-07-02,A,1.00,\n", Trouble::Ambiguous, &["same sign"]);
    refused("Date,Description,Amount,D/C\n2026-07-01,A,1.00,D\n2026-07-01,A,-1.00,C\n", Trouble::Ambiguous, &[]);
    refused("Date,Description,Amount,D/C\n2026-07-01,A,1.00,X\n", Trouble::Line, &["'X'"]);
}

#[test]
fn pending_rows_are_left_out_and_said() {
    let text = "Date,Description,Amount,Status\n2026-07-01,A,1.00,Booked\n,B,2.00,Pending\n2026-07-03,C,3.00,Declined\n";
    let statement = try_read(text).unwrap();
    assert_eq!(statement.lines.len(), 1);
    assert_eq!(
        statement.left_out.iter().map(|row| (row.line, row.reason.as_str())).collect::<Vec<_>>(),
        [(3, "pending"), (4, "failed")]
    );
    refused("Date,Description,Amount,Status\n2026-07-01,A,1.00,Zebra\n", Trouble::Line, &["'Zebra'", "booked"]);
}

/// A deposit that Chase showed before it booked it counted twice: once without its balance, once with it.
#[test]
fn a_row_of_chase_without_a_balance_is_pending_and_its_booking_counts_once() {
    let header = "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n";
    let pending = "CREDIT,07/30/2026,\"ORIG CO NAME:STRIPE\",1234.56,ACH_CREDIT, ,,\n";
    let rent = "DEBIT,07/29/2026,RENT,-500.00,ACH_DEBIT,1000.00,,\n";
    let booked = "CREDIT,07/31/2026,\"ORIG CO NAME:STRIPE\",1234.56,ACH_CREDIT,2234.56,,\n";
    let read = |text: String| match try_in(text.as_bytes(), None) {
        Ok(statement) => statement,
        Err(error) => panic!("{text}: {error}"),
    };
    for rows in [format!("{pending}{rent}"), format!("{rent}{pending}")] {
        let early = read(format!("{header}{rows}"));
        assert_eq!(early.lines.len(), 1, "{rows}");
        assert_eq!(early.left_out_count(LeftOutReason::Pending), 1, "{rows}");
    }
    let late = read(format!("{header}{booked}{rent}"));
    assert_eq!((late.lines.len(), late.left_out.len()), (2, 0));
    // A hole between balances is the bank's, and a file without any balance is somebody's own.
    let hole = read(format!("{header}{booked}CREDIT,07/30/2026,X,0.00,ACH_CREDIT,,,\n{rent}"));
    assert_eq!(hole.lines.len(), 3);
    assert_eq!(read(format!("{header}{pending}")).lines.len(), 1);
}

#[test]
fn balances_must_follow_the_amounts_in_one_order_or_the_other() {
    let good = "Date,Description,Amount,Balance\n2026-07-01,A,1.00,11.00\n2026-07-02,B,2.00,13.00\n2026-07-03,C,-3.00,10.00\n";
    let statement = try_read(good).unwrap();
    assert_eq!((statement.opening.unwrap().minor(), statement.closing.unwrap().minor()), (1000, 1000));
    let newest_first =
        "Date,Description,Amount,Balance\n2026-07-03,C,-3.00,10.00\n2026-07-02,B,2.00,13.00\n2026-07-01,A,1.00,11.00\n";
    assert_eq!(try_read(newest_first).unwrap().opening.unwrap().minor(), 1000);
    let sparse = "Date,Description,Amount,Balance\n2026-07-01,A,1.00,\n2026-07-01,B,2.00,13.00\n2026-07-03,C,-3.00,10.00\n";
    assert_eq!(try_read(sparse).unwrap().closing.unwrap().minor(), 1000);
    refused(&good.replace("13.00", "13.01"), Trouble::Balance, &["line 3", "13.01", "13.00"]);
}

#[test]
fn one_file_has_one_currency_and_it_is_the_bank_accounts() {
    refused(
        "Date,Description,Amount,Currency\n2026-07-01,A,1.00,EUR\n2026-07-01,A,1.00,USD\n",
        Trouble::Currency,
        &["line 3", "USD", "EUR"],
    );
    refused("Date,Description,Amount,Currency\n2026-07-01,A,1.00,USD\n", Trouble::Currency, &["USD", "EUR", "main"]);
    refused("Date,Description,Amount (GBP)\n2026-07-01,A,1.00\n", Trouble::Currency, &["GBP"]);
    let error = try_in(b"Date,Description,Amount\n2026-07-01,A,1.00\n", None).unwrap_err();
    assert!(error.hint.contains("--currency"), "{}", error.hint);
    for text in [
        "Date,Description,Amount (£)\n2026-07-01,A,1.00\n",
        "Date,Description,Amount\n2026-07-01,A,£1.00\n",
        "Date,Description,Amount,Ccy\n2026-07-01,A,1.00,gbp\n",
    ] {
        assert_eq!(try_in(text.as_bytes(), None).unwrap().currency, Currency::GBP, "{text}");
    }
}

#[test]
fn a_line_that_cannot_be_read_is_named_with_what_was_expected() {
    let with = |row: &str| format!("Date,Description,Amount\n2026-07-01,A,1.00\n\n{row}\n2026-07-03,C,1.00\n");
    refused(&with("2026-07-02,B"), Trouble::Line, &["line 4", "2 fields", "3"]);
    refused(&with("2026-07-02,B,x,1.00"), Trouble::Line, &["line 4", "4 fields"]);
    refused(&with("2026-07-02,B,\"1,234,56\""), Trouble::Line, &["line 4", "column 'Amount'", "'1,234,56'", "1,234.56"]);
    refused(&with("2026-07-02,B,abc"), Trouble::Line, &["line 4", "'abc'"]);
    refused(&with("2026-07-02,B,"), Trouble::Line, &["line 4", "nothing"]);
    refused(&with("2026-02-30,B,1.00"), Trouble::Line, &["line 4", "column 'Date'", "'2026-02-30'"]);
    refused(&with("2026-07-02,B,1.005"), Trouble::Line, &["line 4", "'1.005'"]);
    refused(&with("2026-07-02,B,99999999999999999999.00"), Trouble::Line, &["line 4", "64 bits"]);
    refused(&with("total,,2.00"), Trouble::Line, &["line 4", "'total'"]);
    refused(&with("garbage"), Trouble::Line, &["line 4", "1 fields"]);
}

#[test]
fn words_before_and_behind_the_lines_are_passed_over_and_said() {
    let text = "My Bank\nAccount;1\n\nDate;Description;Amount\nOpening balance;;\n2026-07-01;A;1,00\nEnd of statement\n\n";
    let statement = try_read(text).unwrap();
    assert_eq!((statement.lines.len(), statement.left_out.len()), (1, 2));
}

#[test]
fn a_file_that_is_cut_off_is_never_taken_for_whole() {
    let whole = "Date,Amount,Description,Balance\n2026-07-11,1.00,\"A, one\",11.00\n2026-07-12,2.00,\"B, two\",13.00\n2026-07-13,-3.00,\"C, three\",10.00";
    assert_eq!(minors(whole).len(), 3);
    let last_row = whole.rfind('\n').unwrap() + 1;
    for cut in last_row + 1..whole.len() {
        assert!(try_read(&whole[..cut]).is_err(), "cut at {cut}: {:?}", &whole[last_row..cut]);
    }
}

#[test]
fn bytes_that_are_no_statement_get_an_answer() {
    let huge = format!("Date,Description,Amount\n2026-07-01,{},1.00\n", "x".repeat(70_000));
    refused(&huge, Trouble::Line, &["line 2", "65536"]);
    let wide = format!("Date,Description,Amount\n2026-07-01,{}1.00\n", ",".repeat(400));
    refused(&wide, Trouble::Line, &["fields"]);
    for bytes in [
        &b""[..],
        b"   \n",
        b"\x00\x01\x02",
        b"PK\x03\x04\x14\x00",
        b"D\0a\0t\0e\0",
        b"\xFF\xFE",
        b"%PDF-1.4\n1 0 obj",
        b"\x81\x8d\x8f",
        b"\"",
        b"Date,Description,Amount",
    ] {
        if let Ok(statement) = try_in(bytes, Some("eur")) {
            assert!(statement.lines.is_empty(), "{bytes:?}");
        }
    }
    assert!(try_in(b"Date,Description,Amount\n2026-07-01,caf\xC3\xA9,1.00\n2026-07-01,caf\xE9,1.00\n", Some("eur")).is_err());
}

#[test]
fn a_utf_16_file_with_its_mark_reads_like_any_other() {
    let text = "Date\tDescription\tAmount\n2026-07-31\tCafé\t1.00\n";
    let bytes: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(try_in(&bytes, Some("eur")).unwrap().lines[0].description, "Café");
}

#[test]
fn a_column_of_directions_without_a_name_is_never_passed_over() {
    assert_eq!(minors("Buchungstag;Verwendungszweck;Umsatz; \n01.07.2026;A;1,00;S\n02.07.2026;B;2,00;H\n"), [-100, 200]);
}

#[test]
fn a_year_of_two_digits_is_found_by_the_whole_file_or_refused() {
    refused("Date,Description,Amount\n26-07-25,A,1.00\n26-07-26,B,1.00\n", Trouble::Ambiguous, &["26-07-25"]);
    let days = |text: &str| try_read(text).unwrap().lines.iter().map(|line| line.date_on.to_string()).collect::<Vec<_>>();
    assert_eq!(days("Date,Description,Amount\n26-07-02,A,1.00\n26-07-30,B,1.00\n"), ["2026-07-02", "2026-07-30"]);
    assert_eq!(days("Date,Description,Amount\n02-07-26,A,1.00\n30-07-26,B,1.00\n"), ["2026-07-02", "2026-07-30"]);
}

#[test]
fn a_currency_column_beside_amount_and_balance_is_fine_while_both_agree() {
    let text = "Datum;Text;Betrag;Währung;Saldo;Währung\n31.07.2026;A;1,00;EUR;5,00;EUR\n";
    assert_eq!(minors(text), [100]);
    refused(&text.replace("5,00;EUR", "5,00;USD"), Trouble::Currency, &["USD", "EUR"]);
}

#[test]
fn two_accounts_in_one_file_are_refused() {
    refused(
        "Auftragskonto;Buchungstag;Verwendungszweck;Betrag\nDE1;31.07.2026;A;1,00\nDE2;31.07.2026;A;1,00\n",
        Trouble::Accounts,
        &["line 3", "'DE1'", "'DE2'"],
    );
}
