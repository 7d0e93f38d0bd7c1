//! What is asked of Stripe, and what goes over the wire.

use std::fmt::Write as _;
use std::sync::Arc;

use facts::{AccountId, ObjectKind};

use crate::key::ApiKey;
use crate::objects::{Rest, declaration, path};
use crate::origin::ApiBase;

/// The version that every wire type here was written for. It is sent with every request, so that a change of the
/// account's default version changes nothing.
pub const API_VERSION: &str = "2026-10-28.endive";

/// Objects a page: the most that Stripe gives.
pub const PAGE_SIZE: usize = 100;

/// One question to Stripe: a path, parameters, and on whose behalf.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    path: String,
    query: Vec<(String, String)>,
    account: Option<AccountId>,
}

impl Call {
    /// `path` without parameters, for the key's own account.
    #[must_use]
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), query: Vec::new(), account: None }
    }

    /// The whole list of a kind, for the key's own account.
    #[must_use]
    pub fn list(kind: ObjectKind) -> Self {
        let call = Self::new(path(kind).unwrap_or_default());
        match declaration(kind).all {
            Some((name, value)) => call.with(name, value),
            None => call,
        }
    }

    /// All that stands within one object, for the key's own account.
    #[must_use]
    pub fn within(whole: ObjectKind, id: &str, rest: Rest) -> Self {
        match rest {
            Rest::Below(part) => {
                let one = Self::one(whole, id);
                Self { path: format!("{}/{part}", one.path), ..one }
            }
            Rest::By(path, parameter) => Self::new(path).with(parameter, id),
        }
    }

    /// One object of a list by its id, for the key's own account. An id is Stripe's own text, so it is escaped: it must not
    /// become another path.
    #[must_use]
    pub fn one(kind: ObjectKind, id: &str) -> Self {
        let mut path = format!("{}/", path(kind).unwrap_or_default());
        encode(&mut path, id);
        Self::new(path)
    }

    /// Sets a parameter. Parameters are kept sorted, so that the same question is the same text.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.query.retain(|(known, _)| known != name);
        self.query.push((name.to_owned(), value.to_string()));
        self.query.sort();
        self
    }

    /// Asks on behalf of a connected account; `None` asks for the key's own.
    #[must_use]
    pub fn on_behalf_of(mut self, account: Option<AccountId>) -> Self {
        self.account = account;
        self
    }

    /// The path, such as `/v1/payouts`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// On whose behalf; `None` is the key's own account.
    #[must_use]
    pub const fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// Path and query as they go over the wire: `/v1/payouts?limit=100`. Holds no secret.
    #[must_use]
    pub fn target(&self) -> String {
        let mut text = self.path.clone();
        for (at, (name, value)) in self.query.iter().enumerate() {
            text.push(if at == 0 { '?' } else { '&' });
            encode(&mut text, name);
            text.push('=');
            encode(&mut text, value);
        }
        text
    }

    /// The path with ids taken out, which is what Stripe counts its limits by: `/v1/charges/:id`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        let mut parts = self.path.splitn(4, '/');
        let head: Vec<&str> = parts.by_ref().take(3).collect();
        let tail = if parts.next().is_some() { "/:id" } else { "" };
        format!("{}{tail}", head.join("/"))
    }
}

/// Writes `text` with everything but unreserved characters escaped, as RFC 3986 wants it in a query or in one part of a path.
fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// A call on its way: with the address and the key. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Request {
    call: Call,
    base: Arc<ApiBase>,
    key: Arc<ApiKey>,
}

impl Request {
    pub(crate) const fn new(call: Call, base: Arc<ApiBase>, key: Arc<ApiKey>) -> Self {
        Self { call, base, key }
    }

    /// What is asked.
    #[must_use]
    pub const fn call(&self) -> &Call {
        &self.call
    }

    /// The whole address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}{}", self.base.as_str(), self.call.target())
    }

    /// Whether it stays on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.base.is_loopback()
    }

    /// Whether it goes over TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.base.is_encrypted()
    }

    /// Header names and values. One of them holds the key: they are for the socket, not for a log.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("authorization", format!("Bearer {}", self.key.secret())),
            ("stripe-version", API_VERSION.to_owned()),
            ("accept", "application/json".to_owned()),
        ];
        headers.extend(self.call.account.iter().map(|account| ("stripe-account", account.as_str().to_owned())));
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_is_the_same_text_in_any_order() {
        let one = Call::new("/v1/payouts").with("limit", 100).with("created[gte]", 5);
        let other = Call::new("/v1/payouts").with("created[gte]", 5).with("limit", 10).with("limit", 100);
        assert_eq!(one, other);
        assert_eq!(one.target(), "/v1/payouts?created%5Bgte%5D=5&limit=100");
    }

    #[test]
    fn limits_are_counted_by_the_path_without_ids() {
        assert_eq!(Call::new("/v1/charges/ch_1").endpoint(), "/v1/charges/:id");
        assert_eq!(Call::new("/v1/charges").endpoint(), "/v1/charges");
        assert_eq!(Call::new("").endpoint(), "");
    }

    #[test]
    fn an_id_cannot_smuggle_a_parameter() {
        let call = Call::new("/v1/payouts").with("starting_after", "po_1&limit=1 é");
        assert_eq!(call.target(), "/v1/payouts?starting_after=po_1%26limit%3D1%20%C3%A9");
    }

    #[test]
    fn an_id_cannot_smuggle_another_path() {
        let call = Call::one(ObjectKind::Charge, "ch_1/refunds?limit=1#");
        assert_eq!(call.target(), "/v1/charges/ch_1%2Frefunds%3Flimit%3D1%23");
        assert_eq!(Call::one(ObjectKind::Charge, "ch_1").target(), "/v1/charges/ch_1");
    }
}
