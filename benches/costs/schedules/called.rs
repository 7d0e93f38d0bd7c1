//! Whom the schedules call: it notes when it was called, and by which path.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::Uri;
use jiff::{SignedDuration, Timestamp};

use crate::world;

/// Listens for as long as this process lives.
pub struct Called {
    /// Where.
    pub address: String,
    calls: Arc<Mutex<Vec<(String, Timestamp)>>>,
}

impl Called {
    /// Listens from now on.
    pub fn listen() -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&calls);
        let note = move |uri: Uri| {
            noted.lock().expect("nobody panics").push((uri.path().to_owned(), Timestamp::now()));
            async { "" }
        };
        Self { address: world::listen(Router::new().fallback(note)), calls }
    }

    /// How late each call of a path that begins so was; its number ends at the next `/`, and `due` says when that was due.
    pub fn lateness(&self, path: &str, due: impl Fn(i64) -> Timestamp) -> Vec<SignedDuration> {
        let calls = self.calls.lock().expect("nobody panics");
        let late = calls.iter().filter_map(|(called, at)| {
            let number = called.strip_prefix(path)?.split('/').next()?.parse().expect("a number");
            Some(at.duration_since(due(number)))
        });
        late.collect()
    }
}
