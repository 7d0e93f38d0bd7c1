//! Everything that some worlds say of themselves, at several instants.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::Value;
use sim::http::{Serving, WorldTime, router};
use sim::{Catalog, World};
use tower::ServiceExt;

const DAY: i64 = 86_400;

/// Days before the world's end.
const INSTANTS: [i64; 4] = [60, 19, 3, 0];

/// Shows `look` every object of the world as it was made, and at several instants after.
pub async fn every_object(world: &World, mut look: impl FnMut(&Value)) {
    let end = world.catalog.now;
    for account in world.catalog.accounts.values() {
        for object in account.objects.values().flatten() {
            look(&object.body(object.created));
            let later = INSTANTS.map(|days| end - days * DAY).into_iter().filter(|at| *at > object.created);
            later.for_each(|at| look(&object.body(at)));
        }
    }
    let asked = Asked::new(&world.catalog);
    for (days, account) in INSTANTS.iter().flat_map(|days| world.catalog.accounts.keys().map(move |account| (days, account))) {
        asked.clock.store(end - days * DAY, Ordering::SeqCst);
        look(&asked.get("/v1/account", account).await);
        look(&asked.get("/v1/balance", account).await);
        asked.all("/v1/events", account).await.iter().for_each(&mut look);
    }
    asked.all("/v1/webhook_endpoints", &world.catalog.owner).await.iter().for_each(&mut look);
    asked.all("/v1/accounts", &world.catalog.owner).await.iter().for_each(&mut look);
}

/// A served world, for what is made only when it is asked for.
struct Asked {
    router: Router,
    clock: Arc<AtomicI64>,
}

impl Asked {
    fn new(catalog: &Catalog) -> Self {
        let clock = Arc::new(AtomicI64::new(catalog.now - INSTANTS[0] * DAY));
        let shown = Arc::clone(&clock);
        let time = WorldTime::Running(Arc::new(move || shown.load(Ordering::SeqCst)));
        let webhook_url = Some("http://127.0.0.1:8377/webhooks/stripe".to_owned());
        let router = router(Serving { time, webhook_url, ..Serving::new(Arc::new(catalog.clone()), 0) });
        Self { router, clock }
    }

    async fn get(&self, target: &str, account: &str) -> Value {
        let request = Request::get(target).header("authorization", "Bearer rk_test_sim").header("stripe-account", account);
        let request = request.body(Body::empty()).expect("a request");
        let answer = self.router.clone().oneshot(request).await.expect("an answer");
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    async fn all(&self, list: &str, account: &str) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let cursor = all.last().map(|last| format!("&starting_after={}", last["id"].as_str().expect("an id")));
            let page = self.get(&format!("{list}?limit=100{}", cursor.unwrap_or_default()), account).await;
            all.extend(page["data"].as_array().unwrap_or_else(|| panic!("{page}")).iter().cloned());
            if page["has_more"] == false {
                return all;
            }
        }
    }
}
