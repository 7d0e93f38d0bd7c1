//! Who asks: the secret key in the request, which says itself what it may do.
//!
//! - `rk_test_…` and `sk_test_…`: anything after the prefix will do, and reads everything.
//! - `rk_test_only_balance_payout`: reads balances and payouts only; see [`permissions`] for the words.
//! - `rk_test_own2_…`: reads the company's second account, where it has several; what follows means what it means behind
//!   `rk_test_`, so that `rk_test_own2_only_payout` reads the second one's payouts only.
//! - `rk_test_expired…`, `rk_test_revoked…`, and the same with `sk_`: worked once.

use axum::http::StatusCode;

use super::error::StripeError;
use super::permissions::{self, Permission};

/// A key that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    text: String,
    /// Place of the company's account that it belongs to.
    owner: usize,
    /// What it may read; `None` for everything.
    only: Option<Vec<Permission>>,
}

impl Key {
    /// Looks at the `Authorization` header. The simulator is a test-mode Stripe: live keys are as unknown to it as rubbish.
    ///
    /// # Errors
    /// Stripe's 401, for a missing key, for one that is not a test key, and for one that worked once.
    pub(super) fn read(authorization: Option<&str>) -> Result<Self, StripeError> {
        let header = authorization.filter(|header| !header.trim().is_empty()).ok_or_else(missing)?;
        let text = key_in(header).ok_or_else(missing)?;
        let rest = behind_prefix(&text);
        let (owner, said) = owned(rest);
        if rest.is_empty() || said.starts_with("revoked") {
            return Err(invalid(&text));
        }
        if said.starts_with("expired") {
            return Err(expired(authorization));
        }
        let only = match said.strip_prefix("only_").filter(|_| text.starts_with("rk_")) {
            Some(words) => Some(permissions::read(words).ok_or_else(|| unknown_words(&text))?),
            None => None,
        };
        Ok(Self { text, owner, only })
    }

    /// The place of the company's account that the key belongs to, the first being 0.
    pub(super) const fn owner(&self) -> usize {
        self.owner
    }

    /// Stripe's 401 for a key that belongs to no account.
    pub(super) fn unknown(&self) -> StripeError {
        invalid(&self.text)
    }

    /// What it is limited to; `None` where it reads everything.
    pub(super) fn only(&self) -> Option<&[Permission]> {
        self.only.as_deref()
    }

    /// Whether the key may do what needs `permission` on this account.
    ///
    /// # Errors
    /// Stripe's 403, which names the permission.
    pub(super) fn require(&self, permission: Permission, account: &str) -> Result<(), StripeError> {
        if self.only.as_ref().is_none_or(|only| only.iter().any(|held| held.covers(permission))) {
            return Ok(());
        }
        Err(StripeError::invalid(
            StatusCode::FORBIDDEN,
            format!(
                "The provided key '{}' does not have the required permissions for this endpoint on account '{account}'. \
                 Having the '{}' permission would allow this request to continue.",
                masked(&self.text),
                permission.name()
            ),
        ))
    }
}

/// The place of the company's account that the request's key names; 0 where it names none, or is no key.
pub(super) fn owner(authorization: Option<&str>) -> usize {
    authorization.and_then(key_in).map_or(0, |text| owned(behind_prefix(&text)).0)
}

/// What follows the prefix of a test key; nothing for another text.
fn behind_prefix(text: &str) -> &str {
    ["rk_test_", "sk_test_"].iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or_default()
}

/// The place of the company's account that a key names behind its prefix, and what follows that name.
fn owned(rest: &str) -> (usize, &str) {
    let named = rest.strip_prefix("own").and_then(|rest| {
        let (number, rest) = rest.split_once('_').unwrap_or((rest, ""));
        let place = number.parse::<usize>().ok()?.checked_sub(1)?;
        Some((place, rest))
    });
    named.unwrap_or((0, rest))
}

/// Stripe's 401 for a key that was good once.
pub(super) fn expired(authorization: Option<&str>) -> StripeError {
    let key = authorization.and_then(key_in).unwrap_or_default();
    StripeError::invalid(StatusCode::UNAUTHORIZED, format!("Expired API Key provided: {}", masked(&key))).code("api_key_expired")
}

/// The key of `Bearer KEY`, or of `Basic base64(KEY:)`.
fn key_in(header: &str) -> Option<String> {
    let (scheme, value) = header.trim().split_once(' ')?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(value.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(base64(value)?).ok()?;
    Some(text.split_once(':').map_or(text.as_str(), |(user, _)| user).to_owned())
}

/// Decodes standard base64; `None` for anything else.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut held, mut bits) = (0_u32, 0_u32);
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

fn missing() -> StripeError {
    StripeError::invalid(
        StatusCode::UNAUTHORIZED,
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth \
         (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we \
         can help at https://support.stripe.com/.",
    )
}

fn invalid(key: &str) -> StripeError {
    StripeError::invalid(StatusCode::UNAUTHORIZED, format!("Invalid API Key provided: {}", masked(key)))
}

fn unknown_words(key: &str) -> StripeError {
    let said = "This simulated Stripe takes rk_test_only_ with permissions joined by _:";
    StripeError::invalid(
        StatusCode::UNAUTHORIZED,
        format!("Invalid API Key provided: {}. {said} {}", masked(key), permissions::words()),
    )
}

/// The key as Stripe shows it back: what kind it is and its last four characters.
fn masked(key: &str) -> String {
    /// Shorter keys show nothing of themselves.
    const SHOWN: usize = 4;
    let letters: Vec<char> = key.chars().collect();
    let shown = ["rk_live_", "sk_live_", "rk_test_", "sk_test_"]
        .iter()
        .find(|prefix| key.starts_with(**prefix))
        .map_or(0, |prefix| prefix.len());
    let tail = if letters.len() > shown + 2 * SHOWN { SHOWN } else { 0 };
    let hidden = letters.len().saturating_sub(shown + tail);
    let head: String = letters.iter().take(shown).collect();
    let end: String = letters.iter().skip(shown + hidden).collect();
    format!("{head}{}{end}", "*".repeat(hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: Option<&str>) -> Result<(), StripeError> {
        Key::read(header).map(drop)
    }

    #[test]
    fn test_keys_are_taken_in_both_ways_of_writing() {
        assert_eq!(check(Some("Bearer rk_test_sim")), Ok(()));
        assert_eq!(check(Some("bearer sk_test_x")), Ok(()));
        assert_eq!(check(Some("Basic cmtfdGVzdF9zaW06")), Ok(()), "rk_test_sim:");
        assert_eq!(check(Some("Basic cmtfdGVzdF9zaW0=")), Ok(()), "rk_test_sim without a colon");
    }

    #[test]
    fn everything_else_is_refused() {
        for header in [
            None,
            Some(""),
            Some("Bearer"),
            Some("Bearer rk_test_"),
            Some("Bearer rk_live_abcdefgh12345678"),
            Some("Bearer pk_test_1"),
            Some("Basic %%%"),
            Some("Digest rk_test_sim"),
            Some("Bearer rk_test_expired"),
            Some("Bearer sk_test_revoked_in_june"),
            Some("Bearer rk_test_only_"),
            Some("Bearer rk_test_only_refund"),
        ] {
            assert!(check(header).is_err_and(|error| error.status == StatusCode::UNAUTHORIZED), "{header:?}");
        }
    }

    #[test]
    fn a_key_says_whose_it_is_and_what_it_may_read() {
        let read = |key: &str| Key::read(Some(&format!("Bearer {key}"))).map(|key| (key.owner(), key.only.is_some()));
        assert_eq!(read("rk_test_sim"), Ok((0, false)));
        assert_eq!(read("rk_test_own1_"), Ok((0, false)));
        assert_eq!(read("sk_test_own2"), Ok((1, false)));
        assert_eq!(read("rk_test_own12_sim"), Ok((11, false)));
        assert_eq!(read("rk_test_own2_only_payout"), Ok((1, true)));
        for plain in ["rk_test_owner", "rk_test_own", "rk_test_own_2", "rk_test_own0_sim", "rk_test_own2x_sim"] {
            assert_eq!(read(plain), Ok((0, false)), "{plain}");
        }
        assert!(read("rk_test_own2_only_refund").is_err() && read("rk_test_own2_expired").is_err());
    }

    #[test]
    fn a_refused_key_is_not_shown_whole() {
        assert_eq!(masked("rk_live_abcdefgh12345678"), "rk_live_************5678");
        assert_eq!(masked("hello"), "*****");
    }
}
