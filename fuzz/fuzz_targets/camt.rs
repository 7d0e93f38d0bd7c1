//! Any bytes inside a statement's envelope, and any bytes as they are.
#![no_main]

use facts::BankAccountName;
use libfuzzer_sys::fuzz_target;
use statements::{Source, read};

const HEAD: &[u8] = b"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt>";
const TAIL: &[u8] = b"</Stmt></BkToCstmrStmt></Document>";

fuzz_target!(|bytes: &[u8]| {
    let Ok(bank_account) = BankAccountName::parse("main") else { return };
    for bytes in [[b"<", bytes].concat(), [HEAD, bytes, TAIL].concat()] {
        let _ =
            read(&Source { bytes: &bytes, file_name: "fuzz.xml", bank_account: &bank_account, currency: None, profile: None });
    }
});
