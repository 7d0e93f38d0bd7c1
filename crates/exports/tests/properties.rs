//! Any txns, written as Stripe writes them, are read back as they were; any bytes get an answer. A failure prints its seed.

#![expect(clippy::expect_used, reason = "tests")]

use exports::{Source, Zone};
use facts::AccountId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::{Amount, Currency};
use proptest::prelude::*;

const ZONES: [&str; 4] = ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];

/// What a row says: gross and fee in minor units, when it was made, and texts.
#[derive(Clone, Debug)]
struct Said {
    currency: &'static str,
    gross: i64,
    fee: i64,
    created: i64,
    description: String,
    payout: Option<u8>,
}

fn said() -> impl Strategy<Value = Said> {
    let money = (prop_oneof![Just("usd"), Just("jpy"), Just("kwd")], -10_000_000_000_i64..10_000_000_000, -900_000_i64..900_000);
    (money, 1_500_000_000_i64..1_900_000_000, "[ -~äß\n]{0,30}", prop::option::of(0_u8..4)).prop_map(
        |((currency, gross, fee), created, description, payout)| Said { currency, gross, fee, created, description, payout },
    )
}

fn read(text: &[u8], zone: &str) -> Result<exports::Export, exports::ReadError> {
    let account = AccountId::parse("acct_1").expect("an id");
    let zone = Zone { zone: TimeZone::get(zone).expect("a zone"), name: zone.to_owned() };
    let today = "2026-07-10".parse().expect("a day");
    exports::read(&Source { bytes: text, file_name: "a.csv", account: &account, zone: &zone, today })
}

fn field(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

fn written(rows: &[Said], zone: &str) -> String {
    let zone = TimeZone::get(zone).expect("a zone");
    let mut text = "automatic_payout_id,balance_transaction_id,created,created_utc,available_on,currency,gross,fee,net,\
                    reporting_category,description,automatic_payout_effective_at\n"
        .to_owned();
    for (place, said) in rows.iter().enumerate() {
        let currency = Currency::parse(said.currency).expect("a code");
        let major = |minor: i64| Amount::new(minor, currency).to_major();
        let at = Timestamp::from_second(said.created).expect("an instant");
        let shown = |zone: &TimeZone| zone.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let day = at.to_zoned(TimeZone::UTC).date();
        let payout = said.payout.map(|number| format!("po_{number}")).unwrap_or_default();
        let (local, utc) = (shown(&zone), shown(&TimeZone::UTC));
        // Midday is never in doubt.
        let available = format!("{day} 12:00:00");
        let [gross, fee, net] = [said.gross, said.fee, said.gross - said.fee].map(major);
        let description = field(&said.description);
        text.push_str(&format!(
            "{payout},txn_{place},{local},{utc},{available},{currency},{gross},{fee},{net},charge,{description},\n"
        ));
    }
    text
}

proptest! {
    #[test]
    fn what_stripe_writes_is_read_back(rows in prop::collection::vec(said(), 1..40), zone in prop::sample::select(&ZONES[..])) {
        let export = read(written(&rows, zone).as_bytes(), zone).expect("read");
        prop_assert_eq!(export.txns.len(), rows.len());
        for (found, said) in export.txns.iter().zip(&rows) {
            prop_assert_eq!((found.txn.amount.minor(), found.txn.fee_minor), (said.gross, said.fee));
            prop_assert_eq!(found.txn.net_minor, said.gross - said.fee);
            prop_assert_eq!(found.txn.amount.currency().to_string(), said.currency);
            prop_assert_eq!(found.txn.created_at.as_second(), said.created);
            let description = Some(said.description.trim()).filter(|text| !text.is_empty());
            prop_assert_eq!(found.txn.description.as_deref(), description);
            let payout = said.payout.map(|number| format!("po_{number}"));
            prop_assert_eq!(found.payout.as_ref().map(|id| id.as_str().to_owned()), payout);
        }
    }

    #[test]
    fn local_times_alone_are_the_same_instants_or_are_in_doubt(rows in prop::collection::vec(said(), 1..9), zone in prop::sample::select(&ZONES[..])) {
        let text = written(&rows, zone).replacen("created_utc", "x", 1);
        match read(text.as_bytes(), zone) {
            Ok(export) => for (found, said) in export.txns.iter().zip(&rows) {
                prop_assert_eq!(found.txn.created_at.as_second(), said.created);
            },
            Err(error) => prop_assert!(error.found.contains("showed twice"), "{}", error),
        }
    }

    #[test]
    fn any_bytes_get_an_answer(start in 0_usize..4, noise in prop::collection::vec(any::<u8>(), 0..200)) {
        let headers: [&[u8]; 4] = [
            b"",
            b"balance_transaction_id,created,available_on,currency,gross,fee,net,reporting_category\n",
            b"payout_id,payout_status,payout_expected_arrival_date,effective_at,currency,gross,fee,net,reporting_category\n",
            b"id,Type,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC)\n",
        ];
        let _ = read(&[headers[start], &noise].concat(), "UTC");
        let _ = exports::is_export(&noise);
    }
}
