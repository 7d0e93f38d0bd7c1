//! Any bytes: detection, headers, dates, amounts, balances; with no profile and with every built-in one without a header.
#![no_main]

use facts::BankAccountName;
use libfuzzer_sys::fuzz_target;
use money::Currency;
use statements::{Source, dialects, read};

fuzz_target!(|bytes: &[u8]| {
    let Ok(bank_account) = BankAccountName::parse("main") else { return };
    let source =
        Source { bytes, file_name: "fuzz.csv", bank_account: &bank_account, currency: Some(Currency::EUR), profile: None };
    let _ = read(&source);
    for profile in dialects().iter().filter(|profile| profile.headerless) {
        let _ = read(&Source { profile: Some(profile), ..source });
    }
});
