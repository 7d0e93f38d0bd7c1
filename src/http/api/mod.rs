//! What other programs ask over HTTP. A bearer's secret is the guard here, not the pages' one, and errors are
//! `application/problem+json`.

mod asked;
mod bearer;
mod problem;
mod run;
mod runs;
mod sync;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};

use self::bearer::Secret;
use self::problem::ApiProblem;
use self::runs::Runs;
use crate::config::Config;
use crate::outside::Outside;

/// Where everything of the API is.
pub const ROOT: &str = "/api";

/// Where a scheduler runs a sync; the runs that it began stand below.
const SYNC: &str = "/billing/sync-stripe";

/// The API of one server. Clones share its runs.
#[derive(Clone)]
pub struct Api {
    secret: Secret,
    runs: Runs,
}

impl Api {
    /// An API that syncs as `config` says, for whoever bears its secret.
    #[must_use]
    pub fn new(outside: &Outside, config: &Config) -> Self {
        Self { secret: Secret::of(outside, config), runs: Runs::new(outside.clone(), config.clone()) }
    }

    /// Its routes, to be nested at [`ROOT`].
    pub fn routes(&self) -> Router {
        Router::new()
            .route(SYNC, self.guarded(post(sync::begin), "POST"))
            .route(&format!("{SYNC}/runs/{{id}}"), self.guarded(get(sync::show), "GET, HEAD"))
            .fallback(async || ApiProblem::no_address())
            .with_state(self.runs.clone())
            .layer(map_response(marked))
    }

    /// A route that takes these methods, from whoever bears the secret.
    fn guarded(&self, route: MethodRouter<Runs>, allow: &'static str) -> MethodRouter<Runs> {
        let refuse = async move || ([(header::ALLOW, allow)], ApiProblem::no_method(allow)).into_response();
        route.route_layer(from_fn_with_state(self.secret.clone(), bearer::guard)).fallback(refuse)
    }

    /// Lets nothing more begin, and gives the running sync [`crate::http::DRAIN`] to end.
    pub fn stop(&self) {
        self.runs.stop();
    }

    /// Waits for the run that [`Self::stop`] left running.
    pub async fn stopped(&self) {
        self.runs.idle().await;
    }
}

/// No answer is for a cache, and none is what a browser may think it looks like.
async fn marked(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
