//! The seam: everything that this crate needs from the world.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

use crate::request::Request;

/// The world as the client sees it. The shell implements it for real; tests implement it with a script and a seed.
pub trait Outside: Send + Sync {
    /// What time it is.
    fn now(&self) -> Timestamp;

    /// 64 random bits, for jitter.
    fn random(&self) -> u64;

    /// Returns after `duration`.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;

    /// Sends one `GET` and returns the whole answer, whatever its status.
    fn get(&self, request: &Request) -> impl Future<Output = Result<Response, TransportError>> + Send;
}

/// An HTTP answer, read to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Stripe's `Request-Id`; what its support asks for.
    pub request_id: Option<String>,
    /// `Retry-After`, as it came.
    pub retry_after: Option<String>,
    /// `Stripe-Should-Retry`, as it came.
    pub should_retry: Option<String>,
    /// `Stripe-Rate-Limited-Reason`, as it came.
    pub limited_reason: Option<String>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

/// No whole answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection could be made; nothing was sent.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection ended, or time ran out, before the answer did.
    #[error("the connection broke off: {0}")]
    Interrupted(String),
    /// The body is larger than we read.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// How much is read at most.
        limit: usize,
    },
    /// It may not or cannot be sent at all: plain http to a foreign host, no TLS.
    #[error("{0}")]
    Refused(String),
}
