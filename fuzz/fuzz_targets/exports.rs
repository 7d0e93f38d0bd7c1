//! Any bytes: which of Stripe's exports it is, columns, amounts, times; as they come, and behind each header that is read.
#![no_main]

use exports::{Source, Zone, is_export, read};
use facts::AccountId;
use jiff::civil::date;
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;

const HEADERS: [&[u8]; 4] = [
    b"",
    b"automatic_payout_id,balance_transaction_id,created,available_on,currency,gross,fee,net,reporting_category,source_id\n",
    b"payout_id,payout_status,payout_expected_arrival_date,effective_at,currency,gross,fee,net,reporting_category\n",
    b"id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Transfer,Transfer Date (UTC)\n",
];

fuzz_target!(|bytes: &[u8]| {
    let Ok(account) = AccountId::parse("acct_1") else { return };
    let zone = Zone { zone: TimeZone::UTC, name: "UTC".to_owned() };
    let _ = is_export(bytes);
    for header in HEADERS {
        let bytes = [header, bytes].concat();
        let _ = read(&Source { bytes: &bytes, file_name: "fuzz.csv", account: &account, zone: &zone, today: date(2026, 7, 10) });
    }
});
