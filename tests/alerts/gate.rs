//! What stands between the program and the simulated Stripe: fine weather lets everything through.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What Stripe does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    Fine,
    /// 429 to everything.
    Refuses,
    /// 500 to everything.
    Breaks,
    /// 503, as whoever stands before Stripe says when it is away.
    Away,
}

#[derive(Clone)]
pub struct Gate {
    weather: Arc<Mutex<Weather>>,
    stripe: String,
    client: reqwest::Client,
}

impl Gate {
    /// Before this Stripe.
    pub async fn before(stripe: &str, weather: Weather) -> (Self, SocketAddr) {
        let client = reqwest::Client::builder().tls_certs_only([]).no_gzip().build().unwrap();
        let gate = Self { weather: Arc::new(Mutex::new(weather)), stripe: stripe.to_owned(), client };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(pass).with_state(gate.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (gate, address)
    }

    pub fn turns(&self, weather: Weather) {
        *self.weather.lock().unwrap() = weather;
    }
}

async fn pass(State(gate): State<Gate>, request: Request) -> Response {
    let weather = *gate.weather.lock().unwrap();
    let refused = |status: StatusCode| (status, r#"{"error":{"type":"api_error","message":"not now"}}"#).into_response();
    match weather {
        Weather::Refuses => refused(StatusCode::TOO_MANY_REQUESTS),
        Weather::Breaks => refused(StatusCode::INTERNAL_SERVER_ERROR),
        Weather::Away => refused(StatusCode::SERVICE_UNAVAILABLE),
        Weather::Fine => forward(&gate, request.into_parts().0).await,
    }
}

async fn forward(gate: &Gate, request: Parts) -> Response {
    let url = format!("{}{}", gate.stripe, request.uri.path_and_query().unwrap());
    let mut asked = gate.client.get(url);
    for name in ["authorization", "stripe-version", "stripe-account"] {
        if let Some(value) = request.headers.get(name) {
            asked = asked.header(name, value);
        }
    }
    let answer = asked.send().await.unwrap();
    let (status, id) = (answer.status(), answer.headers().get("request-id").cloned());
    let mut response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    if let Some(id) = id {
        response = response.header("request-id", id);
    }
    response.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}
