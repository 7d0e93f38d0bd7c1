//! `POST /webhooks/stripe`: a delivery is checked, kept, and only then acknowledged. What it is about is read afterwards.
//!
//! The signature is what guards this address, and Stripe calls it by the name that the world knows: it stands outside the
//! guard of the pages.

mod catch_up;
mod inbox;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use secrecy::{ExposeSecret, SecretString};
use store::DeliveryWrite;
use stripe::webhook::{Forged, Notice, verify};

use self::inbox::{Inbox, Refused};
use crate::config::Config;
use crate::outside::{Mishap, Outside};

pub use worker::work;

/// Stripe's events are far smaller; what is larger is not read to its end.
const BODY_MAX: usize = 1024 * 1024;

/// How long a body may take to come. Stripe sends it at once.
const BODY_WAIT: Duration = Duration::from_secs(20);

const SIGNATURE: HeaderName = HeaderName::from_static("stripe-signature");

/// What the route needs.
#[derive(Clone)]
pub struct Intake {
    outside: Outside,
    secrets: Arc<[SecretString]>,
    inbox: Inbox,
}

impl Intake {
    /// Takes deliveries into the database of `config`.
    #[must_use]
    pub fn new(outside: &Outside, config: &Config) -> Self {
        let inbox = Inbox::new(outside.clone(), config.database.clone());
        Self { outside: outside.clone(), secrets: config.webhook_secrets.clone().into(), inbox }
    }

    /// Whether there is a secret to check deliveries by.
    pub fn is_open(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// Ends once deliveries have been taken, or at once where some were since the last time.
    pub async fn taken(&self) {
        self.inbox.taken().await;
    }
}

/// The address that Stripe delivers to.
pub fn router(intake: Intake) -> Router {
    Router::new().route("/webhooks/stripe", post(receive)).with_state(intake)
}

/// 2xx tells Stripe that the event is kept; anything else makes it deliver again, for days.
async fn receive(State(intake): State<Intake>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = tokio::select! {
        body = to_bytes(body, BODY_MAX) => body.map_err(|_| (StatusCode::PAYLOAD_TOO_LARGE, "An event has at most 1 MiB.")),
        () = intake.outside.sleep(BODY_WAIT) => Err((StatusCode::REQUEST_TIMEOUT, "The body did not come.")),
    };
    if let Err((_, why)) = body {
        intake.outside.mishap(Mishap::DeliveryUnreadable, &format!("a delivery was refused: {why}"));
    }
    let taken = match body {
        Ok(body) => take(&intake, &head.headers, body).await,
        Err(refused) => Err(refused),
    };
    match taken {
        Ok(()) => (StatusCode::OK, "taken\n").into_response(),
        Err((status, why)) => (status, format!("{why}\n")).into_response(),
    }
}

async fn take(intake: &Intake, headers: &HeaderMap, body: Bytes) -> Result<(), (StatusCode, &'static str)> {
    let outside = &intake.outside;
    if !intake.is_open() {
        outside.mishap(Mishap::DeliveryUnexpected, "a delivery was refused: STRIPE_WEBHOOK_SECRET is not set");
        return Err((StatusCode::SERVICE_UNAVAILABLE, "No webhook secret is set: set STRIPE_WEBHOOK_SECRET and start again."));
    }
    let now = outside.now();
    // Whoever forges is told no more than that; the log says why.
    let unsigned = (StatusCode::BAD_REQUEST, "This is not signed by Stripe for this endpoint.");
    let mut signatures = headers.get_all(SIGNATURE).iter();
    let (Some(signature), None) = (signatures.next().and_then(|value| value.to_str().ok()), signatures.next()) else {
        outside.mishap(Mishap::DeliveryForged, "a delivery without one Stripe-Signature header was refused");
        return Err(unsigned);
    };
    let secrets = intake.secrets.iter().map(|secret| secret.expose_secret());
    if let Err(forged) = verify(signature, &body, secrets, now.as_second()) {
        let kind = if matches!(forged, Forged::Stale(_)) { Mishap::DeliveryStale } else { Mishap::DeliveryForged };
        outside.mishap(kind, &format!("a delivery was refused: {forged}"));
        return Err(unsigned);
    }
    let notice = Notice::read(&body).map_err(|bad| {
        outside.mishap(Mishap::DeliveryUnreadable, &format!("a signed delivery was refused: {bad}"));
        (StatusCode::BAD_REQUEST, "The body is no event.")
    })?;
    let Notice { id, event_id, event_type, account, mode, subject } = notice;
    let delivery = DeliveryWrite { id, event_id, account, mode, event_type, subject, body: body.into(), received_at: now };
    intake.inbox.keep(delivery).await.map_err(|refused| match refused {
        Refused::Full => (StatusCode::SERVICE_UNAVAILABLE, "The database is busy; deliver this one again."),
        Refused::Store => (StatusCode::INTERNAL_SERVER_ERROR, "It could not be kept; deliver this one again."),
    })
}
