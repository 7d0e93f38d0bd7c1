//! Where Stripe's API is.

use std::net::IpAddr;

/// The address that paths are appended to: https, or plain http to this machine only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiBase {
    text: Box<str>,
    encrypted: bool,
    loopback: bool,
}

/// The text is no address that a key may be sent to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBase {
    /// Neither `https://HOST` nor `http://HOST`.
    #[error("'{0}' is not an address; expected https://HOST or http://127.0.0.1:PORT")]
    NotAnAddress(String),
    /// A key would travel readable.
    #[error("'{0}' is plain http to another machine; a key goes there over https only")]
    Plain(String),
}

impl ApiBase {
    /// Reads an address; a slash at its end is dropped.
    ///
    /// # Errors
    /// [`BadBase`].
    pub fn parse(text: &str) -> Result<Self, BadBase> {
        let text = text.trim().trim_end_matches('/');
        let refused = || BadBase::NotAnAddress(text.to_owned());
        let (encrypted, rest) = match text.split_once("://") {
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            _ => return Err(refused()),
        };
        let authority = rest.split('/').next().unwrap_or_default();
        let strange = |character: char| character.is_whitespace() || "@?#\\".contains(character);
        if authority.is_empty() || text.contains(strange) {
            return Err(refused());
        }
        let loopback = is_loopback(host(authority));
        if !encrypted && !loopback {
            return Err(BadBase::Plain(text.to_owned()));
        }
        Ok(Self { text: text.into(), encrypted, loopback })
    }

    /// The address without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is this machine.
    #[must_use]
    pub const fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub const fn is_encrypted(&self) -> bool {
        self.encrypted
    }
}

/// `HOST` of `HOST:PORT`, `[V6]:PORT` or `HOST`.
fn host(authority: &str) -> &str {
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => v6,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for text in ["http://127.0.0.1:80/", "http://localhost:1", "http://[::1]:9", "http://127.8.8.8"] {
            assert!(ApiBase::parse(text).unwrap().is_loopback(), "{text}");
        }
        for text in ["http://127.0.0.1.example.com", "http://example.com", "http://10.0.0.1", "http://localhost.example.com"] {
            assert_eq!(ApiBase::parse(text), Err(BadBase::Plain(text.to_owned())));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https://user@example.com",
            "https://a b",
            "http://localhost@example.com",
        ] {
            assert!(matches!(ApiBase::parse(text), Err(BadBase::NotAnAddress(_))), "{text}");
        }
        assert!(!ApiBase::parse("https://example.com").unwrap().is_loopback());
    }
}
