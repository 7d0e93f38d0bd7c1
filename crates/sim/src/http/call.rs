//! A request, as far as an answer depends on it.

use axum::http::{HeaderMap, Method, StatusCode, Uri};

use super::journal::Entry;
use super::key;
use crate::catalog::key_mark;

/// The headers that decide an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Headers {
    /// `Authorization`
    pub(super) authorization: Option<String>,
    /// `Stripe-Account`
    pub(super) account: Option<String>,
    /// `Stripe-Context`: v2's way of saying the same, as a path of accounts of which the last is acted on.
    pub(super) context: Option<String>,
    /// `Stripe-Version`
    pub(super) version: Option<String>,
    /// `Idempotency-Key`
    pub(super) idempotency_key: Option<String>,
    /// `Host`: where the client reached the simulator.
    pub(super) host: Option<String>,
}

/// One request.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    /// The method; all but GET are refused, but for the POST of a report run.
    pub(super) method: &'a Method,
    /// Path and query.
    pub(super) uri: &'a Uri,
    /// The headers that matter.
    pub(super) headers: &'a Headers,
    /// The body, of which only a POST makes use.
    pub(super) body: &'a [u8],
    /// The id under which this request is answered.
    pub(super) request_id: &'a str,
}

impl Headers {
    /// Picks them out; one that is not text matches nothing.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Self {
            authorization: text("authorization"),
            account: text("stripe-account"),
            context: text("stripe-context"),
            version: text("stripe-version"),
            idempotency_key: text("idempotency-key"),
            host: text("host"),
        }
    }

    /// The account that the request wants to act on; `None` for the key's own.
    pub(super) fn acting_account(&self) -> Option<&str> {
        self.account.as_deref().or_else(|| self.context.as_deref()?.rsplit('/').next())
    }
}

impl Call<'_> {
    /// The place of the company's account whose key it carries.
    pub(super) fn owner(&self) -> usize {
        key::owner(self.headers.authorization.as_deref())
    }

    /// What makes two requests the same request: retries of one have the same fingerprint.
    pub(super) fn fingerprint(&self) -> String {
        let account = self.headers.acting_account().unwrap_or_default();
        format!("{} {} {account}{}", self.method, self.uri, key_mark(self.owner()))
    }

    /// The request as the journal keeps it.
    pub(super) fn entry(&self, at: i64, status: StatusCode, fault: bool) -> Entry {
        Entry {
            at,
            id: self.request_id.to_owned(),
            method: self.method.to_string(),
            target: self.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            account: self.headers.acting_account().map(str::to_owned),
            status: status.as_u16(),
            fault,
        }
    }
}
