//! Stripe's signature of a delivery: HMAC-SHA256 over the time and the raw body.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::random::{base62, mix};

/// The secret of the simulated endpoint. It protects nothing: the same seed makes the same one.
#[must_use]
pub fn signing_secret(seed: u64) -> String {
    let key = mix(seed ^ 0x5ec7_e700);
    format!("whsec_{}{}{}", base62(mix(key), 11), base62(mix(key ^ 1), 11), base62(mix(key ^ 2), 10))
}

/// The value of `Stripe-Signature`. The key is the whole secret as it is written, prefix and all.
pub(super) fn sign(secret: &str, at: i64, body: &[u8]) -> String {
    // HMAC takes keys of any length, so that this never fails.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at},v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `openssl dgst -sha256 -hmac whsec_test` over `1492774577.{"a":1}`.
    #[test]
    fn a_signature_is_the_hmac_of_time_dot_body() {
        let expected = "t=1492774577,v1=2a55874e33dedb30da6fac02873208f53a243141599a71c0d52a1d5b89656823";
        assert_eq!(sign("whsec_test", 1_492_774_577, br#"{"a":1}"#), expected);
    }
}
