//! Stripe's signature of a delivery: HMAC-SHA256 with the endpoint's secret over the time, a full stop and the raw bytes.
//!
//! Source: docs.stripe.com/webhooks. The key is the whole secret as it is shown, prefix and all. While a secret is rolled, two
//! signatures are sent. Only the scheme `v1` counts.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How old or how far ahead a signature may be, in seconds; what Stripe's own libraries allow. A repeated delivery is signed anew.
pub const TOLERANCE_SECONDS: i64 = 300;

/// Signatures looked at in one header: Stripe sends one for each secret, two while one is rolled.
const SIGNATURES_MAX: usize = 16;

/// Hexadecimal digits of a signature.
const DIGITS: usize = 64;

/// Why a delivery is not taken for Stripe's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// The header holds no time or no signature of the scheme `v1`.
    #[error("the Stripe-Signature header is not t=…,v1=…")]
    Malformed,
    /// No signature is one by a secret of ours over this body.
    #[error("no signature fits a secret of this endpoint")]
    Mismatch,
    /// A true signature, made too long ago or in the future; seconds between its clock and ours.
    #[error("it was signed {0} seconds away from this machine's clock")]
    Stale(i64),
}

/// Checks the value of a `Stripe-Signature` header over the raw `body`, at `now` in Unix seconds. The time that a comparison
/// takes does not depend on how much of a signature is right.
///
/// # Errors
/// [`Forged`].
pub fn verify<'s>(header: &str, body: &[u8], secrets: impl IntoIterator<Item = &'s str>, now: i64) -> Result<(), Forged> {
    let (signed_at, signatures) = read(header).ok_or(Forged::Malformed)?;
    let mut fits = false;
    for secret in secrets {
        for signature in &signatures {
            fits |= is_by(secret, signed_at, body, signature);
        }
    }
    if !fits {
        return Err(Forged::Mismatch);
    }
    let seconds: i64 = signed_at.parse().map_err(|_| Forged::Malformed)?;
    let away = now.saturating_sub(seconds);
    if away.saturating_abs() > TOLERANCE_SECONDS { Err(Forged::Stale(away)) } else { Ok(()) }
}

/// The time as it was written, and the signatures.
fn read(header: &str) -> Option<(&str, Vec<[u8; 32]>)> {
    let (mut signed_at, mut signatures) = (None, Vec::new());
    for part in header.split(',') {
        match part.trim().split_once('=')? {
            ("t", time) if signed_at.is_none() => signed_at = Some(time),
            // Two times would leave open which was signed.
            ("t", _) => return None,
            ("v1", hex) if signatures.len() < SIGNATURES_MAX => signatures.push(bytes(hex)?),
            _ => {}
        }
    }
    signed_at.filter(|_| !signatures.is_empty()).map(|time| (time, signatures))
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    if hex.len() != DIGITS || !hex.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

fn is_by(secret: &str, signed_at: &str, body: &[u8], signature: &[u8]) -> bool {
    // HMAC takes keys of any length, so that making one never fails.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(signed_at.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.verify_slice(signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By `openssl dgst -sha256 -hmac whsec_test` over `1492774577.{"a":1}`.
    const SIGNED: &str = "t=1492774577,v1=2a55874e33dedb30da6fac02873208f53a243141599a71c0d52a1d5b89656823";

    fn sign(secret: &str, at: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{at}.").as_bytes());
        mac.update(body);
        let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("t={at},v1={hex}")
    }

    #[test]
    fn it_is_the_signature_that_others_compute() {
        assert_eq!(verify(SIGNED, br#"{"a":1}"#, ["whsec_test"], 1_492_774_577), Ok(()));
    }

    #[test]
    fn a_true_signature_by_any_of_our_secrets_is_taken() {
        let header = sign("whsec_new", 1_000, b"{}");
        assert_eq!(verify(&header, b"{}", ["whsec_old", "whsec_new"], 1_000), Ok(()));
        assert_eq!(verify(&header, b"{}", ["whsec_old"], 1_000), Err(Forged::Mismatch));
        assert_eq!(verify(&header, b"{}", [], 1_000), Err(Forged::Mismatch));
    }

    #[test]
    fn while_a_secret_is_rolled_one_of_two_signatures_suffices() {
        let (old, new) = (sign("whsec_old", 1_000, b"{}"), sign("whsec_new", 1_000, b"{}"));
        let both = format!("{old},{}", new.split_once(',').unwrap().1);
        assert_eq!(verify(&both, b"{}", ["whsec_new"], 1_000), Ok(()));
    }

    #[test]
    fn a_signature_counts_for_five_minutes_either_way() {
        let header = sign("s", 1_000, b"{}");
        for now in [700, 1_000, 1_300] {
            assert_eq!(verify(&header, b"{}", ["s"], now), Ok(()), "{now}");
        }
        assert_eq!(verify(&header, b"{}", ["s"], 1_301), Err(Forged::Stale(301)));
        assert_eq!(verify(&header, b"{}", ["s"], 699), Err(Forged::Stale(-301)));
    }

    #[test]
    fn other_schemes_and_broken_headers_are_nothing() {
        let hex = sign("s", 1_000, b"{}").split_once("v1=").unwrap().1.to_owned();
        for header in [
            String::new(),
            format!("t=1000,v0={hex}"),
            format!("v1={hex}"),
            "t=1000,v1=".to_owned(),
            format!("t=1000,t=1000,v1={hex}"),
            format!("t=1000;v1={hex}"),
            format!("t=1000,v1={}", &hex[..62]),
            format!("t=1000,v1=é{}", &hex[2..]),
        ] {
            assert_eq!(verify(&header, b"{}", ["s"], 1_000), Err(Forged::Malformed), "{header}");
        }
    }

    proptest! {
        #[test]
        fn one_changed_bit_of_body_or_signature_is_refused(body in prop::collection::vec(any::<u8>(), 1..64), at in 0_usize..64, bit in 0_u32..8) {
            let header = sign("s", 1_000, &body);
            let mut changed = body.clone();
            let place = at % changed.len();
            changed[place] ^= 1 << bit;
            prop_assert_eq!(verify(&header, &changed, ["s"], 1_000), Err(Forged::Mismatch));
            let digit = header.len() - 1 - at;
            let other = if header.as_bytes()[digit] == b'0' { "1" } else { "0" };
            let forged = format!("{}{other}{}", &header[..digit], &header[digit + 1..]);
            prop_assert!(verify(&forged, &body, ["s"], 1_000).is_err());
        }

        #[test]
        fn no_header_is_a_panic(header in ".{0,200}") {
            let taken = verify(&header, b"{}", ["s"], 0);
            prop_assert!(taken.is_err());
        }
    }
}
