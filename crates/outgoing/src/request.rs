//! What is sent: method, headers and body, checked before anything leaves. Pure.

use std::fmt;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use crate::target::Target;

/// An alert is a few kilobytes and a job's body was typed by a person; more is a mistake.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Servers refuse more than 8 to 16 KiB of headers.
const HEADER_BYTES_MAX: usize = 8 * 1024;

/// Headers that frame the request or belong to the connection. One that disagrees with what is really sent would let a proxy on
/// the way see another request than the receiver does; another `Host` would reach another site than the one that was judged.
const OURS: [&str; 13] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What is asked of the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    const ALL: [Self; 6] = [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// In capitals.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub(crate) const fn to_http(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Head => reqwest::Method::HEAD,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
            Self::Delete => reqwest::Method::DELETE,
        }
    }
}

impl std::str::FromStr for Method {
    type Err = BadRequest;

    /// In capitals or not.
    fn from_str(text: &str) -> Result<Self, BadRequest> {
        let known = Self::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text));
        known.ok_or_else(|| BadRequest::Method(text.chars().take(32).collect()))
    }
}

/// Why something cannot be part of a request. The value of a header is never told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    /// Not one of the methods.
    #[error("`{0}` is no method: use GET, HEAD, POST, PUT, PATCH or DELETE")]
    Method(String),
    /// A character that names of headers do not have, or none at all.
    #[error("`{0}` is no name of a header: letters, digits and hyphens make one")]
    HeaderName(String),
    /// A line break or another control character.
    #[error("the value of the header `{0}` holds a line break, another control character, or what is not ASCII")]
    HeaderValue(String),
    /// It is set by what sends the request.
    #[error("the header `{0}` cannot be set: it is part of how a request is sent")]
    HeaderIsOurs(String),
    /// It stands there already.
    #[error("the header `{0}` is there twice")]
    HeaderTwice(String),
    /// More than 8 KiB of names and values.
    #[error("the headers are longer than {HEADER_BYTES_MAX} bytes in all")]
    HeadersTooLong,
    /// More than [`BODY_BYTES_MAX`].
    #[error("the body is longer than {BODY_BYTES_MAX} bytes")]
    BodyTooLong,
}

/// A request that can be sent, once or again: sending it does not use it up.
#[derive(Clone)]
pub struct Request {
    method: Method,
    target: Target,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Request {
    /// Without headers and body.
    #[must_use]
    pub fn new(method: Method, target: Target) -> Self {
        Self { method, target, headers: HeaderMap::new(), body: Vec::new() }
    }

    /// With one header more.
    ///
    /// # Errors
    /// When name or value can be none, the name is ours to set or is there already, or the headers become too long.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, BadRequest> {
        let shown = || name.chars().take(64).collect::<String>();
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| BadRequest::HeaderName(shown()))?;
        if OURS.contains(&name.as_str()) {
            return Err(BadRequest::HeaderIsOurs(shown()));
        }
        if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(BadRequest::HeaderValue(shown()));
        }
        let mut value = HeaderValue::from_str(value).map_err(|_| BadRequest::HeaderValue(shown()))?;
        value.set_sensitive(true);
        if self.headers.insert(name, value).is_some() {
            return Err(BadRequest::HeaderTwice(shown()));
        }
        let length = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
        if length > HEADER_BYTES_MAX { Err(BadRequest::HeadersTooLong) } else { Ok(self) }
    }

    /// With one header more, whose value is secret.
    ///
    /// # Errors
    /// As [`Request::header`].
    pub fn secret_header(self, name: &str, value: &SecretString) -> Result<Self, BadRequest> {
        self.header(name, value.expose_secret())
    }

    /// With the id by which a receiver can tell that it has had this request before: `Idempotency-Key`. [`crate::webhook::request`]
    /// has one of its own.
    ///
    /// # Errors
    /// As [`Request::header`].
    pub fn id(self, id: &str) -> Result<Self, BadRequest> {
        self.header("idempotency-key", id)
    }

    /// With this body. What it is, a header `Content-Type` says.
    ///
    /// # Errors
    /// When it is longer than [`BODY_BYTES_MAX`].
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Result<Self, BadRequest> {
        self.body = body.into();
        if self.body.len() > BODY_BYTES_MAX { Err(BadRequest::BodyTooLong) } else { Ok(self) }
    }

    /// Where it goes.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) fn to_http(&self) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.method.to_http(), self.target.url().clone());
        *request.headers_mut() = self.headers.clone();
        let may_be_empty = matches!(self.method, Method::Get | Method::Head | Method::Delete);
        if !self.body.is_empty() || !may_be_empty {
            *request.body_mut() = Some(self.body.clone().into());
        }
        request
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>();
        write!(f, "Request({} {}, headers {names:?}, {} bytes)", self.method.as_str(), self.target, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post() -> Request {
        Request::new(Method::Post, Target::parse("https://hooks.example.com/t0ken?q=hidden").unwrap())
    }

    #[test]
    fn a_header_that_would_change_how_the_request_is_read_is_refused() {
        for name in ["Host", "content-length", "Transfer-Encoding", "CONNECTION", "te", "Accept-Encoding", "expect"] {
            assert_eq!(post().header(name, "x").unwrap_err(), BadRequest::HeaderIsOurs(name.to_owned()));
        }
        for name in ["", "a b", "a:b", "a\r\nb", "ä", "x\0"] {
            assert_eq!(post().header(name, "x").unwrap_err(), BadRequest::HeaderName(name.to_owned()));
        }
        for value in ["a\r\nHost: b", "a\nb", "a\0", "\u{7f}", "ü", "a\tb"] {
            let told = post().header("X-Key", value).unwrap_err();
            assert_eq!(told, BadRequest::HeaderValue("X-Key".to_owned()), "{value:?}");
        }
        assert_eq!(post().header("A", "1").unwrap().header("a", "2").unwrap_err(), BadRequest::HeaderTwice("a".to_owned()));
        assert_eq!(post().header("A", &"x".repeat(HEADER_BYTES_MAX)).unwrap_err(), BadRequest::HeadersTooLong);
        assert_eq!(post().body(vec![0; BODY_BYTES_MAX + 1]).unwrap_err(), BadRequest::BodyTooLong);
    }

    #[test]
    fn a_method_is_read_in_any_case_and_others_are_refused() {
        for method in Method::ALL {
            assert_eq!(method.as_str().to_lowercase().parse::<Method>(), Ok(method));
        }
        assert!("CONNECT".parse::<Method>().unwrap_err().to_string().contains("`CONNECT` is no method"));
    }

    #[test]
    fn nothing_secret_is_shown() {
        let request = post().secret_header("Authorization", &"Bearer s3cret".into()).unwrap();
        let request = request.id("once-1").unwrap().body("s3cret body").unwrap();
        let shown = format!("{request:?} {:?}", request.to_http().headers());
        for hidden in ["s3cret", "t0ken", "hidden"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
        assert!(shown.contains("authorization") && shown.contains("hooks.example.com"), "{shown}");
    }
}
