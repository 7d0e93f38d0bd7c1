//! One that takes webhooks, each on a path of its own, and behaves as a test wants.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What was heard of one request.
#[derive(Clone, Debug)]
pub struct Heard {
    pub headers: HeaderMap,
    pub body: String,
}

#[derive(Clone, Default)]
enum Manner {
    #[default]
    Takes,
    Answers(u16),
    Redirects(String),
    Hangs,
}

#[derive(Clone, Default)]
pub struct Receiver {
    heard: Arc<Mutex<BTreeMap<String, Vec<Heard>>>>,
    manners: Arc<Mutex<BTreeMap<String, Manner>>>,
}

impl Receiver {
    pub async fn start() -> (Self, SocketAddr) {
        let receiver = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().route("/{name}", axum::routing::any(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (receiver, address)
    }

    pub fn heard(&self, name: &str) -> Vec<Heard> {
        self.heard.lock().unwrap().get(name).cloned().unwrap_or_default()
    }

    pub fn ids(&self, name: &str) -> Vec<String> {
        let id = |heard: &Heard| heard.headers["webhook-id"].to_str().unwrap().to_owned();
        self.heard(name).iter().map(id).collect()
    }

    pub fn answer(&self, name: &str, status: u16) {
        self.behave(name, Manner::Answers(status));
    }

    pub fn redirect(&self, name: &str, to: &str) {
        self.behave(name, Manner::Redirects(format!("/{to}")));
    }

    pub fn hang(&self, name: &str) {
        self.behave(name, Manner::Hangs);
    }

    fn behave(&self, name: &str, manner: Manner) {
        self.manners.lock().unwrap().insert(name.to_owned(), manner);
    }
}

async fn take(State(receiver): State<Receiver>, Path(name): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    receiver.heard.lock().unwrap().entry(name.clone()).or_default().push(Heard { headers, body });
    let manner = receiver.manners.lock().unwrap().get(&name).cloned().unwrap_or_default();
    match manner {
        Manner::Takes => StatusCode::NO_CONTENT.into_response(),
        Manner::Answers(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Manner::Redirects(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
        Manner::Hangs => std::future::pending().await,
    }
}
