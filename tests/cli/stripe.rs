//! A Stripe on this machine that answers as it is told to.

use std::collections::BTreeMap;

use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse;

/// What is answered on paths that have an answer of their own: 200 and the body, or another status and Stripe's message.
pub type Answers = BTreeMap<&'static str, (u16, &'static str)>;

/// Serves until the test's process ends. Every path without an answer of its own is an empty list.
pub fn serve(answers: Answers) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("its address"));
    listener.set_nonblocking(true).expect("a socket");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            let answer = move |uri: Uri| {
                let answer = answers.get(uri.path()).copied();
                async move { reply(answer) }
            };
            axum::serve(listener, Router::new().fallback(answer)).await.expect("served");
        });
    });
    base
}

fn reply(answer: Option<(u16, &str)>) -> impl IntoResponse + use<> {
    let json = [(header::CONTENT_TYPE, "application/json")];
    match answer {
        None => (StatusCode::OK, json, r#"{"object":"list","data":[],"has_more":false}"#.to_owned()),
        Some((200, body)) => (StatusCode::OK, json, body.to_owned()),
        Some((status, message)) => {
            let body = serde_json::json!({"error": {"type": "invalid_request_error", "message": message}});
            (StatusCode::from_u16(status).expect("a status"), json, body.to_string())
        }
    }
}
