//! Requests to Stripe over reqwest and rustls.
//!
//! Two clients, made when first needed: one for this machine, which knows no proxy and no certificates, and one for the
//! rest of the world, with both from the system. Redirects are never followed: a key goes to the host it was meant for.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::{Client, ClientBuilder, header::HeaderMap, redirect::Policy};
use stripe::{Request, Response, TransportError};

/// A host that does not answer a connection in this time is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Stripe's own clients wait 80 s; a list page that takes a minute is better asked again.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Stripe waits some seconds for the answer to a webhook.
const POST_TIMEOUT: Duration = Duration::from_secs(10);

/// A page of 100 objects is below 1 MiB; what is much larger is no answer of Stripe's, and must not fill the memory.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Names the program in Stripe's request log.
const USER_AGENT: &str = concat!("tieout/", env!("CARGO_PKG_VERSION"));

/// The connections of this process.
#[derive(Default)]
pub struct Http {
    loopback: OnceLock<Result<Client, String>>,
    world: OnceLock<Result<Client, String>>,
}

impl Http {
    /// No connection yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends a request and reads its whole answer.
    pub async fn get(&self, request: &Request) -> Result<Response, TransportError> {
        let client = self.client(request)?;
        let mut builder = client.get(request.url());
        for (name, value) in request.headers() {
            builder = builder.header(name, value);
        }
        let answer = builder.send().await.map_err(|error| broken(&error))?;
        let head = response_head(answer.status().as_u16(), answer.headers());
        let (status, request_id) = (head.status, head.request_id.as_deref().unwrap_or_default());
        tracing::debug!(status, request_id, "GET {}", request.call().target());
        Ok(Response { body: read_body(answer).await?, ..head })
    }

    /// Posts a body to an address on this machine and gives the status of the answer; `None` where there was none.
    pub async fn post_here(&self, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Option<u16> {
        let mut builder = self.here().as_ref().ok()?.post(url).timeout(POST_TIMEOUT).body(body);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.send().await.ok().map(|answer| answer.status().as_u16())
    }

    /// The client for this machine.
    fn here(&self) -> &Result<Client, String> {
        self.loopback.get_or_init(|| finish(basic().no_proxy().tls_certs_only([])))
    }

    fn client(&self, request: &Request) -> Result<&Client, TransportError> {
        let client = if request.is_loopback() {
            self.here()
        } else if request.is_encrypted() {
            self.world.get_or_init(|| finish(basic().https_only(true)))
        } else {
            return Err(TransportError::Refused("plain http goes to this machine only; use https".to_owned()));
        };
        client.as_ref().map_err(|why| TransportError::Refused(format!("no TLS on this machine: {why}")))
    }
}

fn basic() -> ClientBuilder {
    // A provider that another part installed before is the same one; then there is nothing to do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().user_agent(USER_AGENT).connect_timeout(CONNECT_TIMEOUT).timeout(REQUEST_TIMEOUT).redirect(Policy::none())
}

fn finish(builder: ClientBuilder) -> Result<Client, String> {
    builder.build().map_err(|error| chain(&error))
}

fn response_head(status: u16, headers: &HeaderMap) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Response {
        status,
        request_id: text("request-id"),
        retry_after: text("retry-after"),
        should_retry: text("stripe-should-retry"),
        limited_reason: text("stripe-rate-limited-reason"),
        body: Vec::new(),
    }
}

async fn read_body(mut answer: reqwest::Response) -> Result<Vec<u8>, TransportError> {
    let expected = answer.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let mut body = Vec::with_capacity(expected.min(BODY_BYTES_MAX));
    while let Some(chunk) = answer.chunk().await.map_err(|error| broken(&error))? {
        if body.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(TransportError::TooLarge { limit: BODY_BYTES_MAX });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn broken(error: &reqwest::Error) -> TransportError {
    let told = chain(error);
    if error.is_connect() { TransportError::Connect(told) } else { TransportError::Interrupted(told) }
}

/// The error and its causes, without the address: that is told elsewhere, and a query may be long.
fn chain(error: &reqwest::Error) -> String {
    let mut told = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        told.push(next.to_string());
        cause = next.source();
    }
    if told.is_empty() && error.is_timeout() {
        return "time ran out".to_owned();
    }
    if told.is_empty() {
        return "the request could not be sent".to_owned();
    }
    told.dedup();
    told.join(": ")
}
