//! What stands between the program and the simulated Stripe: fine weather lets everything through.
//!
//! Before it stands a door, which ends connections before an answer where the weather is so.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

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
    /// This answer to everything: status, type, body.
    Says(u16, &'static str, &'static str),
    /// 403 to whatever begins with this path.
    Forbids(&'static str),
    /// 500 to so many requests, then fine.
    BreaksFor(u32),
    /// Every connection ends before an answer.
    Resets,
    /// Every answer ends in the middle of its body.
    CutsOff,
    /// Every body is half of what it should be, and says that it is whole.
    Truncates,
    /// Every body is larger than any of Stripe's.
    Floods,
    /// No answer ever comes.
    Hangs,
    /// What it says is true but for this.
    Lies(Lie),
}

/// What Stripe says otherwise than it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Each page of txns lacks its last one, and there are no more.
    EndsEarly,
    /// The balance is a cent more.
    Balance,
    /// Charges among the txns are of a type that nobody knows.
    NewType,
    /// There is a dispute whose evidence is due at this instant, in Unix seconds.
    Dispute(i64),
}

/// Larger than any answer that is read.
const FLOOD_BYTES: usize = 65 * 1024 * 1024;

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
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inside = listener.local_addr().unwrap();
        let app = Router::new().fallback(pass).with_state(gate.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = door.local_addr().unwrap();
        let keeper = gate.clone();
        tokio::spawn(async move {
            while let Ok((caller, _)) = door.accept().await {
                tokio::spawn(let_in(keeper.clone(), caller, inside));
            }
        });
        (gate, address)
    }

    pub fn turns(&self, weather: Weather) {
        *self.weather.lock().unwrap() = weather;
    }
}

/// Connections that were kept open are asked on, so that the weather is looked at with all that comes.
async fn let_in(gate: Gate, mut caller: TcpStream, inside: SocketAddr) {
    let resets = || *gate.weather.lock().unwrap() == Weather::Resets;
    let mut server = TcpStream::connect(inside).await.unwrap();
    let turns_bad = async {
        while !resets() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        () = turns_bad => {}
        // However it ends, there is nobody to tell.
        _ = tokio::io::copy_bidirectional(&mut caller, &mut server) => {}
    }
}

impl Gate {
    /// The weather for one request.
    fn weather(&self) -> Weather {
        let mut weather = self.weather.lock().unwrap();
        let now = *weather;
        if let Weather::BreaksFor(times) = now {
            *weather = if times > 1 { Weather::BreaksFor(times - 1) } else { Weather::Fine };
        }
        now
    }
}

async fn pass(State(gate): State<Gate>, request: Request) -> Response {
    let weather = gate.weather();
    let refused = |status: StatusCode| (status, r#"{"error":{"type":"api_error","message":"not now"}}"#).into_response();
    let parts = request.into_parts().0;
    match weather {
        Weather::Refuses => refused(StatusCode::TOO_MANY_REQUESTS),
        Weather::Breaks | Weather::BreaksFor(_) => refused(StatusCode::INTERNAL_SERVER_ERROR),
        Weather::Away => refused(StatusCode::SERVICE_UNAVAILABLE),
        Weather::Says(status, kind, body) => {
            (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, kind)], body).into_response()
        }
        Weather::Forbids(path) if parts.uri.path().starts_with(path) => (
            StatusCode::FORBIDDEN,
            r#"{"error":{"type":"invalid_request_error","message":"The key does not have the required permissions"}}"#,
        )
            .into_response(),
        Weather::Hangs => std::future::pending().await,
        Weather::Floods => Response::builder()
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(vec![b' '; FLOOD_BYTES]))
            .unwrap(),
        // The door ends it.
        Weather::Resets => std::future::pending().await,
        Weather::Fine | Weather::Forbids(_) => forward(&gate, parts, Body::from).await,
        Weather::CutsOff => forward(&gate, parts, cut_off).await,
        Weather::Truncates => forward(&gate, parts, |body| Body::from(body[..body.len() / 2].to_vec())).await,
        Weather::Lies(lie) => {
            let path = parts.uri.path().to_owned();
            forward(&gate, parts, |body| Body::from(lie_of(lie, &path, body))).await
        }
    }
}

/// Half of it, and then the connection ends.
fn cut_off(body: Vec<u8>) -> Body {
    let half = body[..body.len() / 2].to_vec();
    let pieces = [Ok(half), Err(std::io::Error::other("it is cut off here"))];
    Body::from_stream(futures_util::stream::iter(pieces))
}

fn lie_of(lie: Lie, path: &str, body: Vec<u8>) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(&body) else { return body };
    match (lie, path) {
        (Lie::EndsEarly, "/v1/balance_transactions") => {
            value["data"].as_array_mut().unwrap().pop();
            value["has_more"] = json!(false);
        }
        (Lie::Balance, "/v1/balance") => {
            let amount = value["available"][0]["amount"].as_i64().unwrap();
            value["available"][0]["amount"] = json!(amount + 1);
        }
        (Lie::NewType, "/v1/balance_transactions") => {
            for txn in value["data"].as_array_mut().unwrap().iter_mut().filter(|txn| txn["type"] == "charge") {
                txn["type"] = json!("sim_new");
                txn["reporting_category"] = json!("sim_new");
            }
        }
        (Lie::Dispute(due_by), "/v1/disputes") => value["data"].as_array_mut().unwrap().push(json!({
            "id": "dp_due", "object": "dispute", "amount": 900, "currency": "usd", "created": due_by - 86_400, "charge": "ch_due",
            "reason": "fraudulent", "status": "needs_response", "balance_transactions": [], "livemode": false,
            "evidence_details": { "due_by": due_by, "has_evidence": false, "past_due": false, "submission_count": 0 },
        })),
        _ => return body,
    }
    value.to_string().into_bytes()
}

async fn forward(gate: &Gate, request: Parts, made: impl FnOnce(Vec<u8>) -> Body) -> Response {
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
    response.body(made(answer.bytes().await.unwrap().to_vec())).unwrap()
}
