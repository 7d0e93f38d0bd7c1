//! Sends requests over reqwest and rustls to what the guard lets through.

mod answer;
mod resolver;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::ClientBuilder;
use reqwest::redirect::Policy;

use crate::failure::{Failure, causes, told};
use crate::guard::AllowedNetworks;
use crate::request::Request;
use crate::target::Target;
use crate::tls::Authorities;

pub use answer::{ANSWER_BYTES_MAX, Answer, RETRY_AFTER_MAX};
use resolver::{Guarded, Refusal};
pub use resolver::{Looking, Resolver, SystemResolver};

/// A host that does not take a connection in this time is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Answers have some dozen headers; who sends more is playing.
const ANSWER_HEADERS_MAX: usize = 100;

/// Names the program in the receiver's log. A request can name another.
const USER_AGENT: &str = concat!("tieout/", env!("CARGO_PKG_VERSION"));

/// Sends requests to where operators want them, and nowhere else. Each request has a connection of its own, so that every one is
/// judged and no receiver holds one open.
pub struct Client {
    encrypted: OnceLock<Result<reqwest::Client, String>>,
    plain: OnceLock<Result<reqwest::Client, String>>,
    guarded: Guarded,
    authorities: Authorities,
}

impl Client {
    /// Asks this machine's resolver for names, and trusts whom this machine trusts.
    #[must_use]
    pub fn new(allowed: AllowedNetworks) -> Self {
        Self::with_resolver(allowed, Arc::new(SystemResolver))
    }

    /// Asks another resolver; what that answers is judged all the same.
    #[must_use]
    pub fn with_resolver(allowed: AllowedNetworks, resolver: Arc<dyn Resolver>) -> Self {
        let guarded = Guarded::new(Arc::new(allowed), resolver);
        Self { encrypted: OnceLock::new(), plain: OnceLock::new(), guarded, authorities: Authorities::default() }
    }

    /// Trusts these authorities too.
    #[must_use]
    pub fn trusting(self, authorities: Authorities) -> Self {
        Self { encrypted: OnceLock::new(), authorities, ..self }
    }

    /// Sends the request once, and reads the answer up to [`ANSWER_BYTES_MAX`]. A redirect is an answer like others.
    ///
    /// `deadline` is for all of it: resolving, connecting, sending, reading. `now` is what a date in `Retry-After` is reckoned from.
    ///
    /// # Errors
    /// When it may not be sent, or no answer came.
    pub async fn send(&self, request: &Request, deadline: Duration, now: Timestamp) -> Result<Answer, Failure> {
        let target = request.target();
        let client = self.client_for(target)?;
        if let Some(address) = target.address() {
            self.guarded.judge(&[address], target.is_encrypted()).map_err(|refusal| refused(target, refusal))?;
        }
        let exchange = async {
            let response = client.execute(request.to_http()).await.map_err(|error| failed(target, &error))?;
            answer::read(response, now).await.map_err(|error| failed(target, &error))
        };
        let late = || Failure::TimedOut { host: target.host().to_owned() };
        tokio::time::timeout(deadline, exchange).await.map_err(|_| late())?
    }

    fn client_for(&self, target: &Target) -> Result<&reqwest::Client, Failure> {
        let client = if target.is_encrypted() {
            self.encrypted.get_or_init(|| self.make_encrypted())
        } else {
            self.plain.get_or_init(|| finish(basic().dns_resolver(self.guarded.unencrypted()).tls_certs_only([])))
        };
        client.as_ref().map_err(|why| Failure::NoTls(why.clone()))
    }

    fn make_encrypted(&self) -> Result<reqwest::Client, String> {
        let tls = self.authorities.client_config()?;
        finish(basic().https_only(true).dns_resolver(self.guarded.clone()).tls_backend_preconfigured(tls))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("allowed", self.guarded.allowed()).finish_non_exhaustive()
    }
}

/// No proxy: it would resolve names itself, and connect to what they stand for by then. No compression is asked for, so that a
/// small answer cannot become a large one. Nothing is sent a second time but by the caller.
fn basic() -> ClientBuilder {
    // A provider that another part installed before is the same one; then there is nothing to do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().user_agent(USER_AGENT).connect_timeout(CONNECT_TIMEOUT);
    let builder = builder.redirect(Policy::none()).retry(reqwest::retry::never()).no_proxy().referer(false);
    builder.no_gzip().no_brotli().no_deflate().no_zstd().pool_max_idle_per_host(0).http1_max_headers(ANSWER_HEADERS_MAX)
}

fn finish(builder: ClientBuilder) -> Result<reqwest::Client, String> {
    builder.build().map_err(|error| told(&error.without_url()))
}

fn refused(target: &Target, refusal: Refusal) -> Failure {
    let host = target.host().to_owned();
    match refusal {
        Refusal::Blocked(blocked) => Failure::NotAllowed { host, blocked },
        Refusal::Unencrypted => Failure::Unencrypted { host },
        Refusal::Unresolved(detail) => Failure::Resolve { host, detail },
    }
}

/// What an error of reqwest means. Its first line holds the whole URL and is left out.
fn failed(target: &Target, error: &reqwest::Error) -> Failure {
    let host = target.host().to_owned();
    if let Some(refusal) = causes(error).find_map(|cause| cause.downcast_ref::<Refusal>()) {
        return refused(target, refusal.clone());
    }
    if let Some(wrong) = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return Failure::Tls { host, detail: told(wrong) };
    }
    if error.is_timeout() {
        return Failure::TimedOut { host };
    }
    let detail = std::error::Error::source(error).map_or_else(|| "the request could not be sent".to_owned(), told);
    if error.is_connect() { Failure::Connect { host, detail } } else { Failure::Broken { host, detail } }
}
