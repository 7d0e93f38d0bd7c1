//! What every request passes on its way in and every answer on its way out.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Scripts, styles, images and forms of this server only, and what its script asks for; nothing inline, nobody's frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                                       form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

/// Which names a request may call this server by.
///
/// A page of some other site can make a browser look up that site's own name and find 127.0.0.1 (DNS rebinding). Its
/// requests then carry that name in `Host`, so a server on loopback answers only to loopback's names and its own address.
#[derive(Clone, Debug)]
pub struct Names {
    listen: SocketAddr,
}

impl Names {
    /// The names of a server that listens here.
    pub const fn of(listen: SocketAddr) -> Self {
        Self { listen }
    }

    /// Whether a `Host` header names this server. On an address that other machines reach, a proxy may give it any name.
    fn answer_to(&self, host: &str) -> bool {
        let name = host_name(host);
        if name.eq_ignore_ascii_case("localhost") {
            return true;
        }
        match name.parse::<IpAddr>() {
            Ok(address) => address.is_loopback() || !self.listen.ip().is_loopback(),
            Err(_) => !self.listen.ip().is_loopback(),
        }
    }
}

/// The name without its port, and an IPv6 address without its brackets.
fn host_name(host: &str) -> &str {
    if let Some((name, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return name;
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

/// Refuses what these pages never need, and gives every answer its headers.
pub async fn guard(State(names): State<Names>, request: Request, next: Next) -> Response {
    let mut response = match refusal(&names, &request) {
        Some((status, why)) => (status, format!("{why}\n")).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn refusal(names: &Names, request: &Request) -> Option<(StatusCode, &'static str)> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Some((StatusCode::METHOD_NOT_ALLOWED, "These pages only show; expected GET or HEAD."));
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    if host.is_some_and(|host| names.answer_to(host)) {
        return None;
    }
    Some((StatusCode::MISDIRECTED_REQUEST, "This server does not go by that name. Open it as http://localhost with its port."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(listen: &str) -> Names {
        Names::of(listen.parse().unwrap())
    }

    #[test]
    fn a_server_on_loopback_answers_to_loopbacks_names_only() {
        let names = names("127.0.0.1:8377");
        for host in ["localhost:8377", "127.0.0.1:8377", "LOCALHOST", "[::1]:8377", "127.0.0.1"] {
            assert!(names.answer_to(host), "{host}");
        }
        for host in ["evil.example:8377", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.7:8377", ""] {
            assert!(!names.answer_to(host), "{host}");
        }
    }

    #[test]
    fn a_server_that_others_reach_may_stand_behind_any_name() {
        assert!(names("0.0.0.0:8377").answer_to("books.example"));
    }
}
