//! Any text as a profile, which then reads a file, and any bytes to propose one from; what is proposed must be a profile.
#![no_main]

use facts::BankAccountName;
use libfuzzer_sys::fuzz_target;
use money::Currency;
use statements::{Profile, Source, propose_profile, read};

const FILES: [&[u8]; 2] = [
    b"Date,Value,Text,Name,Ref,Amount,Balance,Way,Status,Currency\n13.07.2026,2026-07-13,A,B,C,1.00,6.00,CR,Booked,EUR\n14.07.2026,2026-07-14,A,B,,-5.00,1.00,DR,Pending,EUR\n",
    b"\n13.07.26;\"RENT\";-1.234,56;;\n14.07.26;STRIPE;;1,00;x\n",
];

fuzz_target!(|bytes: &[u8]| {
    let Ok(bank_account) = BankAccountName::parse("main") else { return };
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    if let Ok(profile) = Profile::parse(text, "fuzz.toml") {
        for bytes in FILES {
            let currency = Some(Currency::EUR);
            let profile = Some(&profile);
            let _ = read(&Source { bytes, file_name: "fuzz.csv", bank_account: &bank_account, currency, profile });
        }
    }
    if let Ok(proposal) = propose_profile(bytes, "fuzz.csv") {
        assert!(Profile::parse(&proposal.toml, "proposed.toml").is_ok());
    }
});
