use super::*;

fn acct() -> AccountId {
    AccountId::parse("acct_1").unwrap()
}

const TXN: &str = r#"{"id":"txn_1","object":"balance_transaction","amount":1000,"available_on":1234569600,"created":1234567890,
    "currency":"usd","description":null,"exchange_rate":1.12345678901234567890,"fee":59,"fee_details":[],"net":941,
    "reporting_category":"charge","source":"ch_1","status":"available","type":"charge","balance_type":"payments"}"#;

fn refused(found: Found) -> String {
    match found.1 {
        Err(doubt) => doubt.reason,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn read_txn(raw: &str) -> facts::Txn {
    match txn(&acct(), raw) {
        (Some(_), Ok(Fact::Txn(txn))) => txn,
        other => panic!("expected a txn, got {other:?}"),
    }
}

#[test]
fn a_txn_is_read_with_its_rate_as_stripe_wrote_it() {
    let txn = read_txn(TXN);
    assert_eq!((txn.amount.minor(), txn.fee_minor, txn.net_minor), (1000, 59, 941));
    assert_eq!(txn.exchange_rate.as_deref(), Some("1.12345678901234567890"));
    assert_eq!(txn.available_on.to_string(), "2009-02-14");
    assert_eq!(txn.source, Some(facts::SourceRef { id: "ch_1".to_owned(), object: None }));
}

#[test]
fn a_source_may_come_expanded() {
    let raw = TXN.replace(r#""ch_1""#, r#"{"object":"charge","amount":5,"id":"ch_1","metadata":{"a":[1]}}"#);
    assert_eq!(read_txn(&raw).source, Some(facts::SourceRef { id: "ch_1".to_owned(), object: Some("charge".to_owned()) }));
    assert_eq!(read_txn(&TXN.replace(r#""ch_1""#, "null")).source, None);
}

#[test]
fn a_net_that_contradicts_amount_and_fee_is_refused_and_keeps_its_id() {
    let found = txn(&acct(), &TXN.replace("941", "942"));
    assert_eq!(found.0.as_deref(), Some("txn_1"));
    let reason = refused(found);
    assert!(reason.contains("1000 less fee 59 is not net 942"), "{reason}");
}

#[test]
fn every_refusal_says_in_one_word_what_is_wrong() {
    use RefusalCause::*;
    let long = "9".repeat(300);
    let cases = [
        (TXN.replace("941", "942"), Contradicts),
        (TXN.replace("\"net\":", "\"was_net\":"), MissingField),
        (TXN.replace("1000", "10.5"), BadField),
        (TXN.replace("1234567890,", "99999999999999,"), BadField),
        (TXN.replace("usd", "dollars"), UnknownCurrency),
        (TXN.replace("txn_1", &long), BadId),
        ("[]".to_owned(), NotAnObject),
    ];
    for (raw, cause) in cases {
        assert_eq!(txn(&acct(), &raw).1.unwrap_err().cause, cause, "{raw}");
    }
    let invoice = |raw: &str| object(crate::objects::declaration(facts::ObjectKind::Invoice), &acct(), raw).1;
    for (raw, cause) in [
        ("7", NotAnObject),
        (r#"{"total":1}"#, MissingField),
        (r#"{"id":""}"#, BadId),
        (r#"{"id":"in_1","created":99999999999999}"#, BadField),
        (r#"{"id":"in_1","lines":{"data":[{}],"has_more":false}}"#, MissingField),
    ] {
        assert_eq!(invoice(raw).unwrap_err().cause, cause, "{raw}");
    }
}

#[test]
fn an_amount_that_is_no_whole_number_is_refused() {
    for amount in ["10.5", "\"1000\"", "1e3", "null", "99999999999999999999"] {
        let reason = refused(txn(&acct(), &TXN.replace("1000", amount)));
        assert!(reason.starts_with("it lacks what it must have"), "{amount}: {reason}");
        assert!(!reason.contains("at line"), "{reason}");
    }
}

#[test]
fn what_is_required_is_required_and_nothing_else_is() {
    for field in ["id", "amount", "fee", "net", "currency", "created", "available_on"] {
        let renamed = TXN.replace(&format!("\"{field}\":"), &format!("\"was_{field}\":"));
        assert!(txn(&acct(), &renamed).1.is_err(), "{field}");
    }
    for field in [
        "object",
        "description",
        "exchange_rate",
        "fee_details",
        "reporting_category",
        "source",
        "status",
        "type",
        "balance_type",
    ] {
        let renamed = TXN.replace(&format!("\"{field}\":"), &format!("\"was_{field}\":"));
        assert!(matches!(txn(&acct(), &renamed).1, Ok(Fact::Txn(_))), "{field}");
    }
    let surprising = TXN.replace(r#""description":null"#, r#""description":{"text":1}"#);
    assert_eq!(read_txn(&surprising).description, None);
}

#[test]
fn unknown_words_are_kept() {
    let txn = read_txn(&TXN.replace("\"available\"", "\"teleported\"").replace("\"payments\"", "\"moon\""));
    assert_eq!(txn.status, facts::TxnStatus::Unknown("teleported".to_owned()));
    assert_eq!(txn.balance_type, "moon");
}

#[test]
fn a_time_or_a_currency_that_is_none_is_refused() {
    assert!(refused(txn(&acct(), &TXN.replace("1234567890", "99999999999999"))).contains("created"));
    assert!(refused(txn(&acct(), &TXN.replace("\"usd\"", "\"dollars\""))).contains("dollars"));
    assert!(refused(txn(&acct(), &TXN.replace("1.12345678901234567890", "true"))).contains("exchange_rate"));
}

#[test]
fn an_object_without_an_id_is_refused_without_one() {
    assert_eq!(txn(&acct(), "{}").0, None);
    assert_eq!(payout(&acct(), "[1]").0, None);
    assert_eq!(charge(&acct(), r#"{"id":"a\u0000b"}"#).0, None);
}

#[test]
fn a_payout_is_read_whole() {
    let raw = r#"{"id":"po_1","amount":-1100,"arrival_date":1234569600,"automatic":true,"balance_transaction":{"id":"txn_9","object":"x"},
        "created":1234567890,"currency":"eur","destination":"ba_1","method":"standard","reconciliation_status":"in_progress",
        "status":"in_transit","trace_id":{"status":"supported","value":"T1"},"reversed_by":null}"#;
    let (Some(_), Ok(Fact::Payout(payout))) = payout(&acct(), raw) else { panic!("refused") };
    assert_eq!(payout.amount, Amount::new(-1100, Currency::EUR));
    assert_eq!(payout.own_txn.unwrap().as_str(), "txn_9");
    assert_eq!(payout.reconciliation_status, facts::ReconciliationStatus::InProgress);
    assert_eq!(payout.trace_id.unwrap().value.as_deref(), Some("T1"));
}

#[test]
fn a_payout_that_does_not_say_whether_it_is_automatic_is_refused() {
    let raw = r#"{"id":"po_1","amount":1,"arrival_date":0,"created":0,"currency":"eur"}"#;
    assert!(refused(payout(&acct(), raw)).contains("automatic"));
}

#[test]
fn metadata_keeps_its_order() {
    let raw = r#"{"id":"ch_1","amount":1,"created":0,"currency":"eur","metadata":{"z":"1","a":"2","n":3},
        "payment_method_details":{"type":"card","card":{}},"disputed":true}"#;
    let (Some(_), Ok(Fact::Charge(charge))) = charge(&acct(), raw) else { panic!("refused") };
    let names: Vec<(&str, &str)> = charge.metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(names, [("z", "1"), ("a", "2"), ("n", "3")]);
    assert_eq!((charge.payment_method.as_deref(), charge.disputed), (Some("card"), true));
}

#[test]
fn a_refund_of_a_customers_balance_has_no_charge() {
    let raw = r#"{"id":"re_1","amount":1,"created":0,"currency":"eur","charge":null}"#;
    assert!(matches!(refund(&acct(), raw).1, Ok(Fact::Refund(refund)) if refund.charge.is_none()));
}

#[test]
fn a_dispute_names_its_txns_in_order() {
    let raw = r#"{"id":"dp_1","amount":1,"created":0,"currency":"eur","charge":"ch_1","status":"lost","reason":"general",
        "balance_transactions":[{"id":"txn_2","amount":-1},{"id":"txn_1"}]}"#;
    let (Some(_), Ok(Fact::Dispute(dispute))) = dispute(&acct(), raw) else { panic!("refused") };
    let ids: Vec<&str> = dispute.txns.iter().map(facts::TxnId::as_str).collect();
    assert_eq!(ids, ["txn_2", "txn_1"]);
}

#[test]
fn an_account_is_named_by_its_dashboard_else_by_its_business() {
    let raw = r#"{"id":"acct_1","country":"DE","default_currency":"eur","business_profile":{"name":"Shop"},
        "settings":{"dashboard":{"display_name":null,"timezone":"Europe/Berlin"}}}"#;
    let (Some(_), Ok(Fact::Account(read))) = account(AccountKind::Own, raw) else { panic!("refused") };
    assert_eq!(read.display_name.as_deref(), Some("Shop"));
    assert_eq!(read.time_zone.as_deref(), Some("Europe/Berlin"));
}

#[test]
fn a_balance_adds_available_and_pending_per_currency_and_nothing_else() {
    let body = br#"{"available":[{"amount":5,"currency":"usd"},{"amount":-7,"currency":"eur"}],"pending":[{"amount":2,"currency":"usd"}],
        "instant_available":[{"amount":5,"currency":"usd"}],"issuing":{"available":[{"amount":9,"currency":"usd"}]}}"#;
    let read = balances(&acct(), body).unwrap();
    let sums: Vec<(i64, i64)> = read.iter().map(|balance| (balance.available.minor(), balance.pending.minor())).collect();
    assert_eq!(sums, [(-7, 0), (5, 2)]);
    assert!(balances(&acct(), b"{}").is_err());
}
