//! Stylesheet, icon and script: part of the binary, so that a page needs nothing from anywhere else.

use std::sync::LazyLock;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("../../assets/tieout.css");
const SCRIPT: &str = include_str!("../../assets/tieout.js");
const ICON: &str = include_str!("../../assets/icon.svg");

/// A page names the version of what it links to, so a year is safe; the icon has no version and is looked at again daily.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::new().chain_update(STYLE).chain_update(SCRIPT).finalize();
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
});

/// Changes whenever the stylesheet or the script does.
pub fn version() -> &'static str {
    &VERSION
}

/// `/assets/tieout.css`
pub async fn style() -> Response {
    asset("text/css; charset=utf-8", FOREVER, STYLE)
}

/// `/assets/tieout.js`
pub async fn script() -> Response {
    asset("text/javascript; charset=utf-8", FOREVER, SCRIPT)
}

/// `/assets/icon.svg`
pub async fn icon() -> Response {
    asset("image/svg+xml", A_DAY, ICON)
}

fn asset(kind: &'static str, cache: HeaderValue, body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CACHE_CONTROL, cache)], body).into_response()
}
