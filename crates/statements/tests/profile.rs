//! Profiles: written by hand, proposed from content, refused with a reason.

use facts::BankAccountName;
use money::Currency;
use statements::{Profile, Source, Trouble, propose_profile, read};

const ODD: &str = "Export of Bank X\n\nWhen;How much;What;Kept;Key\n13.07.2026;1.234,56;STRIPE PAYOUT ONE;2.234,56;K1\n14.07.2026;-34,56;RENT OF JULY;2.200,00;K2\n15.07.2026;100,00;STRIPE PAYOUT TWO;2.300,00;K3\n";

#[test]
fn what_is_proposed_reads_the_file_it_was_proposed_from() {
    let proposal = propose_profile(ODD.as_bytes(), "odd export.csv").unwrap();
    insta::assert_snapshot!(proposal.toml);
    let profile = Profile::parse(&proposal.toml, "odd.toml").unwrap();
    let bank_account = BankAccountName::parse("main").unwrap();
    let source = Source {
        bytes: ODD.as_bytes(),
        file_name: "odd.csv",
        bank_account: &bank_account,
        currency: Some(Currency::EUR),
        profile: Some(&profile),
    };
    let statement = read(&source).unwrap();
    assert_eq!(statement.lines.iter().map(|line| line.amount.minor()).collect::<Vec<_>>(), [123_456, -3_456, 10_000]);
    assert_eq!(statement.lines[0].reference.as_deref(), Some("K1"));
    assert!(read(&Source { profile: None, ..source }).is_err());
}

#[test]
fn a_file_without_a_header_is_proposed_by_positions() {
    let text = "2026-07-13,STRIPE PAYOUT,,10.00\n2026-07-14,RENT OF JULY,5.00,\n2026-07-15,STRIPE PAYOUT,,7.00\n";
    let proposal = propose_profile(text.as_bytes(), "x.csv").unwrap();
    assert!(proposal.profile.headerless);
    assert_eq!(
        proposal.preview,
        ["2026-07-13  10.00  STRIPE PAYOUT", "2026-07-14  -5.00  RENT OF JULY", "2026-07-15  7.00  STRIPE PAYOUT"]
    );
}

#[test]
fn what_is_no_statement_gets_no_proposal() {
    for bytes in [&b""[..], b"hello", b"\x00\x01", b"a,b,c\nd,e,f\n", b"2026-07-01,1.00\n"] {
        assert!(propose_profile(bytes, "x.csv").is_err(), "{bytes:?}");
    }
}

#[test]
fn a_header_too_long_for_a_profile_gets_no_proposal() {
    let named = |name: &str| format!("Date,Amount,{name}\n2026-07-13,1.00,A\n");
    assert!(propose_profile(named("N").as_bytes(), "x.csv").is_ok());
    let error = propose_profile(named(&"N".repeat(65_536)).as_bytes(), "x.csv").unwrap_err();
    assert_eq!(error.trouble, Trouble::TooLarge, "{error}");
    assert!(error.hint.contains("header"), "{}", error.hint);
}

#[test]
fn a_profile_that_cannot_be_is_refused_by_field() {
    let good = "name = \"x\"\ncolumns = { date = \"D\", amount = \"A\", description = [\"T\"] }\n";
    assert!(Profile::parse(good, "x.toml").is_ok());
    for (bad, word) in [
        (good.replace("name = \"x\"", "name = \"x\"\nnames = 1"), "names"),
        (good.replace("name = \"x\"", "name = \"\""), "name"),
        (good.replace("name = \"x\"", "name = \"x\"\ndelimiter = \"#\""), "delimiter"),
        (good.replace("name = \"x\"", "name = \"x\"\ndecimal = \";\""), "decimal"),
        (good.replace("name = \"x\"", "name = \"x\"\nencoding = \"klingon\""), "encoding"),
        (good.replace("name = \"x\"", "name = \"x\"\ncurrency = \"euros\""), "currency"),
        (good.replace("name = \"x\"", "name = \"x\"\nsign = \"two_columns\""), "debit"),
        (good.replace("name = \"x\"", "name = \"x\"\nheaderless = true"), "positions"),
        (good.replace("amount = \"A\", ", ""), "amount"),
        (good.replace("[\"T\"]", "[]"), "description"),
        ("not toml at all".to_owned(), "TOML"),
    ] {
        let error = Profile::parse(&bad, "x.toml").unwrap_err();
        assert_eq!(error.trouble, Trouble::Profile);
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_profile_says_what_the_file_leaves_open() {
    let text = "Date,Description,Amount\n01/02/2026,A,\"1,234\"\n";
    let toml = "name = \"x\"\ndate_order = \"mdy\"\ndecimal = \",\"\ncolumns = { date = \"Date\", amount = \"Amount\", description = [\"Description\"] }\n";
    let profile = Profile::parse(&toml.replace("decimal = \",\"", "decimal = \".\""), "x.toml").unwrap();
    let bank_account = BankAccountName::parse("main").unwrap();
    let source = Source {
        bytes: text.as_bytes(),
        file_name: "x.csv",
        bank_account: &bank_account,
        currency: Some(Currency::EUR),
        profile: Some(&profile),
    };
    let line = read(&source).unwrap().lines.remove(0);
    assert_eq!((line.date_on.to_string().as_str(), line.amount.minor()), ("2026-01-02", 123_400));
    let comma = Profile::parse(toml, "x.toml").unwrap();
    assert!(read(&Source { profile: Some(&comma), ..source }).is_err());
}
