//! CAMT.053: both common shapes, batches, and what is refused.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use facts::BankAccountName;
use money::Currency;
use statements::{ReadError, Source, Statement, Trouble, read};

fn try_read(text: &[u8]) -> Result<Statement, ReadError> {
    let bank_account = BankAccountName::parse("main").unwrap();
    read(&Source { bytes: text, file_name: "file.xml", bank_account: &bank_account, currency: None, profile: None })
}

fn document(version: &str, statements: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}\">\n<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>\n{statements}\n</BkToCstmrStmt></Document>\n"
    )
}

fn balance(code: &str, amount: &str, on: &str) -> String {
    format!(
        "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>"
    )
}

fn stmt(inner: &str) -> String {
    format!("<Stmt><Id>S1</Id><Acct><Id><IBAN>DE00</IBAN></Id><Ccy>EUR</Ccy></Acct>{inner}</Stmt>")
}

fn entry(amount: &str, way: &str, rest: &str) -> String {
    format!("<Ntry><NtryRef>N1</NtryRef><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{rest}</Ntry>")
}

const BOOKED: &str = "<Sts>BOOK</Sts><BookgDt><Dt>2026-07-02</Dt></BookgDt><ValDt><Dt>2026-07-03</Dt></ValDt>";

fn refused(text: &str, trouble: Trouble, words: &[&str]) {
    let error = match try_read(text.as_bytes()) {
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
fn version_02_is_read_with_every_reference_and_the_debtors_name() {
    let details = "<AcctSvcrRef>HB0000012</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>E2E1</EndToEndId><InstrId>NOTPROVIDED</InstrId></Refs><RltdPties><Dbtr><Nm>Stripe &amp; Co</Nm></Dbtr><Cdtr><Nm>We</Nm></Cdtr></RltdPties><RmtInf><Ustrd>STRIPE</Ustrd><Ustrd>X4J1</Ustrd></RmtInf></TxDtls></NtryDtls><AddtlNtryInf>GUTSCHRIFT</AddtlNtryInf>";
    let pending = entry("5.00", "DBIT", "<Sts>PDNG</Sts>");
    let inner = [
        balance("OPBD", "100.00", "2026-07-01"),
        balance("CLBD", "1334.56", "2026-07-31"),
        entry("1234.56", "CRDT", &format!("{BOOKED}{details}")),
        pending,
    ]
    .concat();
    let statement = try_read(document("02", &stmt(&inner)).as_bytes()).unwrap();
    assert_eq!(
        (statement.format.as_str(), statement.currency, statement.account_number.as_deref()),
        ("camt.053.001.02", Currency::EUR, Some("DE00"))
    );
    let days = statement.coverage().unwrap();
    assert_eq!((days.from_on.to_string().as_str(), days.until_on.to_string().as_str()), ("2026-07-01", "2026-07-31"));
    assert_eq!((statement.lines.len(), statement.left_out.len()), (1, 1));
    let line = &statement.lines[0];
    assert_eq!(
        (line.amount.minor(), line.date_on.to_string().as_str(), line.value_on.unwrap().to_string().as_str()),
        (123_456, "2026-07-02", "2026-07-03")
    );
    assert_eq!(
        (line.reference.as_deref(), line.other_references.as_slice()),
        (Some("HB0000012"), ["N1".to_owned(), "E2E1".to_owned()].as_slice())
    );
    assert_eq!((line.counterparty.as_deref(), line.description.as_str()), (Some("Stripe & Co"), "STRIPE X4J1 GUTSCHRIFT"));
}

#[test]
fn version_08_with_prefixes_and_nested_parties_is_read_alike() {
    let details = "<NtryDtls><TxDtls><Refs><AcctSvcrRef>TX9</AcctSvcrRef></Refs><RltdPties><Cdtr><Pty><Nm>Landlord</Nm></Pty></Cdtr></RltdPties><RmtInf><Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls>";
    let dates = "<Sts><Cd>BOOK</Cd></Sts><BookgDt><DtTm>2026-07-02T10:11:12+02:00</DtTm></BookgDt>";
    let pending = entry("5.00", "DBIT", "<Sts><Cd>PDNG</Cd></Sts>");
    let text = document("08", &stmt(&format!("{}{pending}", entry("5", "DBIT", &format!("{dates}{details}")))));
    let prefixed = text
        .replace("</", "\u{1}")
        .replace("<?", "\u{2}")
        .replace('<', "<c:")
        .replace('\u{1}', "</c:")
        .replace('\u{2}', "<?")
        .replace("xmlns=", "xmlns:c=");
    for text in [text, prefixed] {
        let statement = try_read(text.as_bytes()).unwrap();
        assert_eq!(statement.format, "camt.053.001.08");
        let line = &statement.lines[0];
        assert_eq!(
            (line.amount.minor(), line.reference.as_deref(), line.counterparty.as_deref()),
            (-500, Some("TX9"), Some("Landlord"))
        );
        assert_eq!(line.other_references, ["N1", "RF18"]);
        assert_eq!(statement.left_out.len(), 1);
    }
}

#[test]
fn a_batch_is_split_only_where_its_parts_sum_up_to_it() {
    let part = |amount: &str| {
        format!(
            "<TxDtls><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><RmtInf><Ustrd>P{amount}</Ustrd></RmtInf></TxDtls>"
        )
    };
    let old_part = |amount: &str| format!("<TxDtls><AmtDtls><TxAmt><Amt Ccy=\"EUR\">{amount}</Amt></TxAmt></AmtDtls></TxDtls>");
    let batch = |parts: String| {
        document(
            "08",
            &stmt(&entry("30.00", "CRDT", &format!("{BOOKED}<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>{parts}</NtryDtls>"))),
        )
    };
    let minors =
        |text: String| try_read(text.as_bytes()).unwrap().lines.iter().map(|line| line.amount.minor()).collect::<Vec<_>>();
    assert_eq!(minors(batch(part("10.00") + &part("20.00"))), [1000, 2000]);
    assert_eq!(minors(batch(old_part("10.00") + &old_part("20.00"))), [1000, 2000]);
    assert_eq!(minors(batch(part("10.00") + &part("19.00"))), [3000]);
    assert_eq!(minors(batch(part("10.00") + "<TxDtls></TxDtls>")), [3000]);
    assert_eq!(minors(batch(part("10.00"))), [3000]);
    let whole = try_read(batch(part("10.00") + &part("19.00")).as_bytes()).unwrap();
    assert_eq!(whole.lines[0].description, "P10.00 P19.00");
}

#[test]
fn opening_and_entries_must_give_closing() {
    let inner = [balance("PRCD", "100.00", "2026-07-01"), balance("CLBD", "100.01", "2026-07-31")].concat();
    refused(&document("02", &stmt(&inner)), Trouble::Balance, &["100.01", "100.00"]);
    let empty = [balance("OPBD", "100.00", "2026-07-01"), balance("CLBD", "100.00", "2026-07-31")].concat();
    assert!(try_read(document("02", &stmt(&empty)).as_bytes()).unwrap().coverage().is_some());
}

#[test]
fn several_statements_of_one_account_are_one_and_of_two_are_refused() {
    let first = stmt(
        &[balance("OPBD", "1.00", "2026-07-01"), balance("CLBD", "2.00", "2026-07-01"), entry("1.00", "CRDT", BOOKED)].concat(),
    );
    let second = stmt(
        &[balance("OPBD", "2.00", "2026-07-02"), balance("CLBD", "1.00", "2026-07-02"), entry("1.00", "DBIT", BOOKED)].concat(),
    );
    let both = try_read(document("02", &format!("{first}{second}")).as_bytes()).unwrap();
    assert_eq!((both.lines.len(), both.opening.unwrap().minor(), both.closing.unwrap().minor()), (2, 100, 100));
    refused(&document("02", &format!("{first}{}", second.replace("DE00", "DE11"))), Trouble::Accounts, &["'DE00'", "'DE11'"]);
    refused(&document("02", &format!("{first}{}", second.replace("EUR", "USD"))), Trouble::Currency, &["EUR", "USD"]);
    refused(&document("02", &stmt(&entry("1.00", "CRDT", BOOKED).replace("EUR", "USD"))), Trouble::Currency, &["EUR", "USD"]);
}

#[test]
fn other_messages_and_attacks_are_refused_by_name() {
    refused(&document("02", "").replace("BkToCstmrStmt", "BkToCstmrAcctRpt"), Trouble::Format, &["camt.052"]);
    refused(&document("02", "").replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn"), Trouble::Format, &["camt.054"]);
    refused("<html><body/></html>", Trouble::Format, &["'<html>'", "camt.053"].map(|word| word.trim_matches('\'')));
    refused(&document("02", ""), Trouble::Format, &["no statement"]);
    let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]>\n";
    refused(
        &document("02", &stmt("")).replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", bomb),
        Trouble::Forbidden,
        &["DOCTYPE", "line 2"],
    );
    refused(
        &document("02", &stmt(&entry("1.00", "CRDT", &format!("{BOOKED}<AddtlNtryInf>&xxe;</AddtlNtryInf>")))),
        Trouble::Forbidden,
        &["'xxe'"],
    );
    refused(&document("02", &stmt(&format!("{}{}", "<a>".repeat(100), "</a>".repeat(100)))), Trouble::Forbidden, &["64"]);
    refused(&document("02", &stmt(&format!("<a>{}</a>", "x".repeat(70_000)))), Trouble::TooLarge, &["64 KiB"]);
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    let with = |amount: &str, way: &str, rest: &str| document("02", &stmt(&format!("\n{}", entry(amount, way, rest))));
    refused(&with("1,00", "CRDT", BOOKED), Trouble::Line, &["line 5", "1,00"]);
    refused(&with("-1.00", "CRDT", BOOKED), Trouble::Line, &["'-1.00'"]);
    refused(&with("1.005", "CRDT", BOOKED), Trouble::Line, &["1.005"]);
    refused(&with("1.00", "BOTH", BOOKED), Trouble::Line, &["'BOTH'", "CRDT or DBIT"]);
    refused(&with("1.00", "CRDT", "<Sts>BOOK</Sts>"), Trouble::Line, &["BookgDt"]);
    refused(&with("1.00", "CRDT", "<Sts>BOOK</Sts><BookgDt><Dt>2026-02-30</Dt></BookgDt>"), Trouble::Line, &["'2026-02-30'"]);
    refused(&with("1.00", "CRDT", "<Sts>WHAT</Sts><BookgDt><Dt>2026-02-03</Dt></BookgDt>"), Trouble::Line, &["'WHAT'"]);
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = document(
        "02",
        &stmt(
            &[balance("OPBD", "1.00", "2026-07-01"), balance("CLBD", "2.00", "2026-07-01"), entry("1.00", "CRDT", BOOKED)]
                .concat(),
        ),
    );
    let end = whole.trim_end().len();
    assert!(try_read(&whole.as_bytes()[..end]).is_ok());
    for cut in 1..end {
        assert!(try_read(&whole.as_bytes()[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn the_declared_encoding_is_used_and_a_wrong_one_refused() {
    let text = document("02", &stmt(&entry("1.00", "CRDT", &format!("{BOOKED}<AddtlNtryInf>Café</AddtlNtryInf>"))));
    let latin = |text: &str| encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    assert_eq!(try_read(&latin(&text.replace("UTF-8", "ISO-8859-1"))).unwrap().lines[0].description, "Café");
    assert_eq!(try_read(&latin(&text)).unwrap_err().trouble, Trouble::Encoding);
}
