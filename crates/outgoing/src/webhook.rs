//! Webhooks as [Standard Webhooks](https://www.standardwebhooks.com) has them: signed, so that a receiver can tell that they come
//! from here and when. Pure.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use sha2::Sha256;

use crate::request::{BadRequest, Method, Request};
use crate::target::Target;

/// What secrets begin with, so that one is known when it is found somewhere.
const PREFIX: &str = "whsec_";

/// Below, a secret can be guessed; above, there is no gain. Both are the specification's.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The longest id; receivers keep them in a column.
const ID_LENGTH_MAX: usize = 255;

/// What signs webhooks for one receiver, and what that receiver verifies with.
pub struct Secret(SecretBox<Vec<u8>>);

/// Why a text is no [`Secret`]. The text is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// It begins otherwise.
    #[error("a webhook secret begins with {PREFIX}")]
    Prefix,
    /// What follows is not base64.
    #[error("behind {PREFIX}, a webhook secret is base64 (A-Z a-z 0-9 + / and = at its end)")]
    Base64,
    /// Too short or too long.
    #[error("a webhook secret holds 24 to 64 bytes, this one {0}")]
    Length(usize),
}

/// Why a webhook cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadWebhook {
    /// Nothing to sign with.
    #[error("a webhook needs a secret to sign it with")]
    NoSecret,
    /// Other characters could be read as another signed text.
    #[error("the id of a webhook is 1 to {ID_LENGTH_MAX} letters, digits, hyphens and underscores")]
    Id,
    /// Headers or body are none.
    #[error(transparent)]
    Request(#[from] BadRequest),
}

impl Secret {
    /// Makes a secret of random bytes, which must come from the operating system or a generator for keys.
    #[must_use]
    pub fn generate(random: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(random.to_vec())))
    }

    /// Reads `whsec_` and what follows.
    ///
    /// # Errors
    /// When it is not of that form, or too short to be safe.
    pub fn parse(text: &str) -> Result<Self, BadSecret> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(BadSecret::Prefix)?;
        let key = STANDARD.decode(encoded).map_err(|_| BadSecret::Base64)?;
        if !KEY_BYTES.contains(&key.len()) {
            return Err(BadSecret::Length(key.len()));
        }
        Ok(Self(SecretBox::new(Box::new(key))))
    }

    /// The secret as text, for the receiver and for keeping it.
    #[must_use]
    pub fn reveal(&self) -> SecretString {
        format!("{PREFIX}{}", STANDARD.encode(self.0.expose_secret())).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(whsec_…)")
    }
}

/// The request that delivers `body`, which is JSON, and says by `id` and `at` which message it is and when it was sent.
///
/// The same message sent again has the same id and body, and the instant at which it is sent then. With several secrets, as while
/// one replaces another, each signs it.
///
/// # Errors
/// When there is no secret, the id is none, or the body is too long.
pub fn request(target: Target, secrets: &[Secret], id: &str, at: Timestamp, body: &[u8]) -> Result<Request, BadWebhook> {
    let signature = signature(secrets, id, at, body)?;
    let request = Request::new(Method::Post, target).header("content-type", "application/json")?;
    let request = request.header("webhook-id", id)?.header("webhook-timestamp", &at.as_second().to_string())?;
    Ok(request.header("webhook-signature", &signature)?.body(body)?)
}

/// The value of `webhook-signature`: `v1,` and the signature in base64, once for each secret, with blanks between.
///
/// # Errors
/// As [`request`].
pub fn signature(secrets: &[Secret], id: &str, at: Timestamp, body: &[u8]) -> Result<String, BadWebhook> {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if id.is_empty() || id.len() > ID_LENGTH_MAX || !plain {
        return Err(BadWebhook::Id);
    }
    if secrets.is_empty() {
        return Err(BadWebhook::NoSecret);
    }
    let signed = secrets.iter().map(|secret| signed(secret.0.expose_secret(), id, at, body)).collect::<Vec<_>>();
    Ok(signed.join(" "))
}

fn signed(key: &[u8], id: &str, at: Timestamp, body: &[u8]) -> String {
    // HMAC takes keys of any length. If it did not, the receiver would refuse an empty signature.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(id.as_bytes());
    mac.update(format!(".{}.", at.as_second()).as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    /// As Python's `hmac` signs `{}` as `msg_1` with [`LONG`] and with 32 bytes of 7.
    const BY_PYTHON: [&str; 2] =
        ["v1,Z6ULfIbiJfeL3rhekhUoZmk/g/OFLAe4x/EheswkHZ0=", "v1,cEbX7/W/EJwox8zbOwEWd8Gk41Wr3bMBbPBpkhWl/48="];

    fn at() -> Timestamp {
        Timestamp::from_second(1_731_705_121).unwrap()
    }

    /// The specification's own example, whose key is shorter than the specification wants keys to be.
    #[test]
    fn the_example_of_the_specification_is_signed_as_published() {
        let key = STANDARD.decode("plJ3nmyCDGBKInavdOK15jsl").unwrap();
        let body = br#"{"event_type":"ping","data":{"success":true}}"#;
        let expected = "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=";
        assert_eq!(signed(&key, "msg_loFOjxBNrRLzqYUf", at(), body), expected);
    }

    #[test]
    fn while_a_secret_is_replaced_both_sign() {
        let secrets = [Secret::parse(LONG).unwrap(), Secret::generate([7; 32])];
        let both = signature(&secrets, "msg_1", at(), b"{}").unwrap();
        assert_eq!(both, format!("{} {}", BY_PYTHON[0], BY_PYTHON[1]));
        let request = request(Target::parse("https://a.example/hook").unwrap(), &secrets, "msg_1", at(), b"{}").unwrap();
        let shown = format!("{request:?}");
        assert!(shown.contains("webhook-id") && !shown.contains("v1,"), "{shown}");
    }

    #[test]
    fn a_secret_is_read_as_it_was_revealed_and_is_not_shown() {
        let secret = Secret::generate([0xfb; 32]);
        let text = secret.reveal();
        let again = Secret::parse(text.expose_secret()).unwrap();
        assert_eq!(again.0.expose_secret(), secret.0.expose_secret());
        assert_eq!(format!("{again:?}"), "Secret(whsec_…)");
    }

    #[test]
    fn a_text_that_is_no_secret_is_refused_without_being_repeated() {
        let short = format!("whsec_{}", STANDARD.encode([1; 23]));
        let long = format!("whsec_{}", STANDARD.encode([1; 65]));
        for (text, expected) in [
            ("", BadSecret::Prefix),
            ("sk_live_1", BadSecret::Prefix),
            ("whsec_", BadSecret::Length(0)),
            ("whsec_ä", BadSecret::Base64),
            ("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY", BadSecret::Base64),
            (short.as_str(), BadSecret::Length(23)),
            (long.as_str(), BadSecret::Length(65)),
        ] {
            assert_eq!(Secret::parse(text).unwrap_err(), expected, "{text}");
        }
        assert!(Secret::parse(&format!("whsec_{}", STANDARD.encode([1; 24]))).is_ok());
        assert!(Secret::parse(&format!(" whsec_{}\n", STANDARD.encode([1; 64]))).is_ok());
    }

    #[test]
    fn what_could_be_read_as_another_message_is_not_signed() {
        let secrets = [Secret::generate([1; 32])];
        let long = "x".repeat(256);
        for id in ["", "msg.1", "msg 1", "msg\r\nx", "mäg", long.as_str()] {
            assert_eq!(signature(&secrets, id, at(), b"{}"), Err(BadWebhook::Id), "{id:?}");
        }
        assert_eq!(signature(&[], "msg_1", at(), b"{}"), Err(BadWebhook::NoSecret));
    }
}
