//! Any text as a profile, and any bytes to propose one from; what is proposed must be a profile.
#![no_main]

use libfuzzer_sys::fuzz_target;
use statements::{Profile, propose_profile};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Profile::parse(text, "fuzz.toml");
    }
    if let Ok(proposal) = propose_profile(bytes, "fuzz.csv") {
        assert!(Profile::parse(&proposal.toml, "proposed.toml").is_ok());
    }
});
