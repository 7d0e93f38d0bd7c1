//! The web pages: read-only HTML over the database, served to people. Beside them stands [`api`], for other programs.
//!
//! A request for a page passes [`guard`], is turned into an [`ask::Ask`], and one file under [`pages`] makes HTML from it
//! on a thread that may block. No page writes, and every one works without JavaScript.

mod api;
mod ask;
mod assets;
mod chart;
mod frame;
mod guard;
mod link;
mod metrics;
mod pages;
mod parts;
mod problem;
mod readers;
mod run;
mod scheduled;
mod show;
mod summary;
mod webhooks;

use std::future::{Future, IntoFuture, pending};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use axum::{extract::Query as UrlQuery, response::Redirect};
use futures_util::FutureExt;
use futures_util::future::FusedFuture;
use jiff::Timestamp;
use store::RunTrigger;
use tokio::net::TcpListener;
use tokio::sync::watch;

use self::api::Api;
use self::ask::Ask;
use self::frame::Theme;
use self::guard::Names;
use self::link::Query;
use self::pages::{Answer, Page, Without};
use self::problem::Problem;
use self::readers::Readers;
use self::webhooks::Intake;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::scheduler;

/// The cookie that holds a reader's theme; nothing else is ever stored with a reader.
const THEME_COOKIE: &str = "theme";

/// How long a browser keeps it: a year, in seconds.
const THEME_SECONDS: u32 = 31_536_000;

/// How long what runs may take to end once the server is told to stop.
pub const DRAIN: Duration = Duration::from_secs(30);

/// What the pages need to know, and nothing more of the world.
#[derive(Clone)]
pub struct Site {
    readers: Readers,
    as_of: Option<Timestamp>,
    time_zone: Option<String>,
    outside: Outside,
}

impl Site {
    /// The pages over the configured database, judged at its `as_of`, or at each request's own instant.
    #[must_use]
    pub fn new(outside: Outside, config: &Config) -> Self {
        let (as_of, time_zone) = (config.as_of, config.time_zone.clone());
        Self { readers: Readers::new(config.database.clone()), as_of, time_zone, outside }
    }
}

/// Listens on an address; port 0 takes a free one.
///
/// # Errors
/// [`Exit::Failed`] when it cannot be listened on.
pub async fn listen(outside: &Outside, address: SocketAddr) -> Result<TcpListener, Failure> {
    outside.bind(address).await.map_err(|error| {
        Failure::new(Exit::Failed, format!("cannot listen on {address}: {error}"))
            .hint("stop what listens there, or choose another port: tieout serve --listen 127.0.0.1:0 takes a free one")
    })
}

/// Serves the pages and the API, works off deliveries and runs what is scheduled until `shutdown` ends, then lets what runs finish.
///
/// # Errors
/// [`Exit::Failed`] when nothing can be listened for any more.
pub async fn serve(
    outside: &Outside,
    config: &Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Failure> {
    let taken = |error: std::io::Error| Failure::new(Exit::Failed, format!("nothing can be listened for any more: {error}"));
    let address = listener.local_addr().map_err(taken)?;
    let site = Site::new(outside.clone(), config);
    let [by_api, by_webhook, by_schedule] =
        [RunTrigger::Api, RunTrigger::Webhook, RunTrigger::Schedule].map(|by| outside.acting_for(by));
    let (api, intake) = (Api::new(&by_api, config), Intake::new(&by_webhook, config));
    let (stop, stopping) = watch::channel(false);
    let pages = format!("http://{address}");
    let scheduled = scheduler::work(&by_schedule, config, &pages, stop.subscribe());
    let works = async {
        tokio::join!(webhooks::work(&by_webhook, config, &intake, stopping), scheduled);
    };
    let mut work = pin!(works.fuse());
    let app = router(site, address).nest(api::ROOT, api.routes()).merge(webhooks::router(intake.clone()));
    let (told, stop_worker, mut stopped) = (api.clone(), stop.clone(), stop.subscribe());
    let shutdown = async move {
        shutdown.await;
        told.stop();
        stop_worker.send_replace(true);
    };
    let too_late = async {
        // The sender lives as long as this function.
        let _ = stopped.wait_for(|stop| *stop).await;
        outside.sleep(DRAIN).await;
    };
    let served = tokio::select! {
        served = axum::serve(listener, app).with_graceful_shutdown(shutdown).into_future() => served.map_err(taken),
        () = too_late => {
            tracing::warn!("some requests did not end in time");
            Ok(())
        }
        // The worker ends only when it is told to.
        () = async { (&mut work).await; pending().await } => Ok(()),
    };
    stop.send_replace(true);
    let worked = async {
        // Whoever asks it again after its end would wait for ever.
        if work.is_terminated() {
            return;
        }
        tokio::select! {
            () = work => {}
            () = outside.sleep(DRAIN) => tracing::warn!("deliveries or scheduled runs were still being worked off; they wait for the next start"),
        }
    };
    tokio::join!(worked, api.stopped());
    served
}

/// Every page, asset and probe, behind the guard of a server that listens on `address`.
pub fn router(site: Site, address: SocketAddr) -> Router {
    Router::new()
        .route("/", page(pages::home::page))
        .route("/payouts", page(pages::payouts::page))
        .route("/payouts/{id}", page(pages::payout::page))
        .route("/exceptions", page(pages::exceptions::page))
        .route("/exceptions/{id}", page(pages::exception::page))
        .route("/bank-lines", page(pages::bank_lines::page))
        .route("/bank-lines/{id}", page(pages::bank_line::page))
        .route("/txns", page(pages::txns::page))
        .route("/txns/{id}", page(pages::txn::page))
        .route("/known", page(pages::known::page))
        .route(pages::alerts::ALERTS, page(pages::alerts::page))
        .route("/schedules", page_or(pages::schedules::page, pages::schedules::without_database))
        .route("/schedules/{name}", page(pages::schedule::page))
        .route("/scheduled-runs", page_or(pages::scheduled_runs::page, pages::schedules::without_database))
        .route("/scheduled-runs/{id}", page(pages::scheduled_run::page))
        .route(pages::audit::AUDIT, page(pages::audit::page))
        .route("/audit/{id}", page(pages::audit_entry::page))
        .route(run::RUNS, page(pages::runs::page))
        .route("/runs/{id}", page(pages::run::page))
        .route("/schedule-preview", page_or(pages::schedule_preview::page, pages::schedule_preview::without_database))
        .route("/find", page(pages::find::page))
        .route("/theme", get(theme))
        .route("/assets/tieout.css", get(assets::style))
        .route("/assets/tieout.js", get(assets::script))
        .route("/assets/icon.svg", get(assets::icon))
        .route("/favicon.ico", get(assets::icon))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics::metrics))
        .fallback(no_page)
        .with_state(site)
        .layer(from_fn_with_state(Names::of(address), guard::guard))
}

fn page(page: Page) -> MethodRouter<Site> {
    page_or(page, pages::message::nothing_yet)
}

/// A page that says something of its own while there is no database.
fn page_or(page: Page, without: Without) -> MethodRouter<Site> {
    get(async move |State(site): State<Site>, id: Option<Path<String>>, request: Request| {
        let (parts, _) = request.into_parts();
        let id = id.map(|Path(id)| id).unwrap_or_default();
        site.answer((page, without), id, &parts.uri, &parts.headers).await
    })
}

async fn no_page(State(site): State<Site>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let missing: Page = |_, ask| Err(Problem::NotFound { noun: "page", id: ask.address.chars().take(80).collect() });
    site.answer((missing, pages::message::nothing_yet), String::new(), &parts.uri, &parts.headers).await
}

impl Site {
    async fn answer(&self, (page, without): (Page, Without), id: String, uri: &Uri, headers: &HeaderMap) -> Response {
        let mut ask = self.ask(id, uri, headers);
        let made = self.readers.read(move |store| {
            let Some(store) = store else {
                let answer = without(&ask);
                return Ok((ask, answer));
            };
            let answer = store.at_one_instant(|store| {
                ask.mode = store.mode()?;
                Ok::<_, Problem>(page(store, &ask))
            })?;
            Ok((ask, answer))
        });
        match made.await {
            Ok((ask, Ok(answer))) => respond(&ask, answer),
            Ok((ask, Err(problem))) => told(&ask, &problem),
            Err(problem) => told(&self.ask(String::new(), uri, headers), &problem),
        }
    }

    fn ask(&self, id: String, uri: &Uri, headers: &HeaderMap) -> Ask {
        let query = UrlQuery::try_from_uri(uri).map(|UrlQuery(pairs)| Query(pairs)).unwrap_or_default();
        let address = uri.path_and_query().map_or("/", |address| address.as_str()).to_owned();
        let (now, time_zone) = (self.outside.as_of(self.as_of), self.time_zone.clone());
        Ask { id, query, address, theme: theme_of(headers), now, time_zone, mode: None, mishaps: self.outside.mishaps() }
    }
}

fn respond(ask: &Ask, answer: Answer) -> Response {
    match answer {
        Answer::Html(text) => html(ask, StatusCode::OK, Ok(text)),
        Answer::Elsewhere(href) => Redirect::to(&href).into_response(),
    }
}

fn told(ask: &Ask, problem: &Problem) -> Response {
    let told = problem.told();
    if told.status.is_server_error() {
        tracing::error!(address = ask.address, ?problem, "a page failed");
    }
    html(ask, told.status, pages::message::problem(ask, &told))
}

fn html(ask: &Ask, status: StatusCode, rendered: askama::Result<String>) -> Response {
    match rendered {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(address = ask.address, %error, "a page could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "This page could not be rendered.\n").into_response()
        }
    }
}

fn theme_of(headers: &HeaderMap) -> Option<Theme> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    pairs.find(|(name, _)| *name == THEME_COOKIE).and_then(|(_, word)| Theme::from_word(word))
}

/// Remembers the reader's theme and goes back. It changes nothing but the reader's own cookie.
async fn theme(RawQuery(query): RawQuery, uri: Uri) -> Response {
    let query = query.and_then(|_| UrlQuery::try_from_uri(&uri).ok()).map(|UrlQuery(pairs)| Query(pairs)).unwrap_or_default();
    let back = query.get("back").filter(|back| is_own_path(back)).unwrap_or("/");
    let cookie = match query.get("to").and_then(Theme::from_word) {
        Some(theme) => format!("{THEME_COOKIE}={theme}; Path=/; Max-Age={THEME_SECONDS}; HttpOnly; SameSite=Lax"),
        None => format!("{THEME_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"),
    };
    let mut response = Redirect::to(back).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// A path on this server: browsers read `//` and `/\` at the start as another host's name.
fn is_own_path(back: &str) -> bool {
    let mut bytes = back.bytes();
    bytes.next() == Some(b'/') && !matches!(bytes.next(), Some(b'/' | b'\\')) && back.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether the database can be read; one that is not there yet is no fault.
async fn ready(State(site): State<Site>) -> Response {
    let read = site.readers.read(|store| Ok(store.map(store::Store::mode).transpose()?));
    match read.await {
        Ok(_) => (StatusCode::OK, "ready\n").into_response(),
        Err(problem) => (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", problem.told().text)).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_theme_switch_leads_nowhere_else() {
        for path in ["/", "/payouts?bucket=matched", "/payouts/po_1"] {
            assert!(is_own_path(path), "{path}");
        }
        for path in ["", "//evil.example", "/\\evil.example", "https://evil.example", "payouts", "/a\r\nb", "/a b"] {
            assert!(!is_own_path(path), "{path}");
        }
    }

    #[test]
    fn a_cookie_among_others_is_found_and_a_strange_one_ignored() {
        let theme = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(text));
            theme_of(&headers)
        };
        assert_eq!(theme("a=b; theme=dark"), Some(Theme::Dark));
        assert_eq!(theme("theme=\"><script>"), None);
    }
}
