//! Who may call: whoever bears the secret.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::problem::ApiProblem;
use crate::config::Config;
use crate::outside::{Mishap, Outside};

/// How long a digest is, in bytes.
const DIGEST_BYTES: usize = 32;

/// The secret that callers bear, and where it is told of those who do not.
#[derive(Clone)]
pub struct Secret {
    /// Its digest, which has one length whatever is compared with it.
    digest: Option<[u8; DIGEST_BYTES]>,
    outside: Outside,
}

impl Secret {
    /// The one of `TIEOUT_SYNC_SECRET`, if it is set.
    pub fn of(outside: &Outside, config: &Config) -> Self {
        let digest = config.sync_secret.as_ref().map(|secret| digest(secret.expose_secret().as_bytes()));
        Self { digest, outside: outside.clone() }
    }
}

/// Lets pass who bears the secret. Why somebody does not is not said: only an attacker would learn from it.
pub async fn guard(State(secret): State<Secret>, request: Request, next: Next) -> Response {
    let Some(expected) = secret.digest else { return ApiProblem::no_secret().into_response() };
    match token(request.headers()) {
        Some(given) if is_equal(&digest(given), &expected) => next.run(request).await,
        Some(_) | None => {
            secret.outside.mishap(Mishap::BearerRefused, "a call of the API was refused: it did not bear the secret");
            ([(header::WWW_AUTHENTICATE, "Bearer")], ApiProblem::no_bearer()).into_response()
        }
    }
}

/// What the one `Authorization` header bears. Of two, a proxy may have checked the other.
fn token(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.as_bytes().split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

fn digest(text: &[u8]) -> [u8; DIGEST_BYTES] {
    Sha256::digest(text).into()
}

/// Looks at every byte, so that the time it takes tells nothing of where two differ.
fn is_equal(one: &[u8; DIGEST_BYTES], other: &[u8; DIGEST_BYTES]) -> bool {
    let differing = one.iter().zip(other).fold(0, |differing, (a, b)| differing | (a ^ b));
    std::hint::black_box(differing) == 0
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn one_header_with_the_scheme_in_any_case_bears_a_token_and_nothing_else_does() {
        let bears = |values: &[&'static [u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
            }
            token(&headers).map(<[u8]>::to_vec)
        };
        for value in ["Bearer s3cret", "bearer s3cret", "BEARER   s3cret "] {
            assert_eq!(bears(&[value.as_bytes()]).as_deref(), Some(b"s3cret".as_slice()), "{value}");
        }
        for value in ["", "Bearer", "s3cret", "Basic s3cret", "Bearers3cret", "Bearer\ts3cret"] {
            assert_eq!(bears(&[value.as_bytes()]), None, "{value}");
        }
        assert_eq!(bears(&[b"Bearer a", b"Bearer a"]), None);
        assert_eq!(bears(&[b"\xff\xfe"]), None);
    }

    #[test]
    fn digests_are_equal_only_where_every_byte_is() {
        let secret = digest(b"s3cret");
        assert!(is_equal(&secret, &digest(b"s3cret")));
        for place in 0..DIGEST_BYTES {
            let mut other = secret;
            other[place] ^= 1;
            assert!(!is_equal(&secret, &other), "byte {place}");
        }
    }
}
