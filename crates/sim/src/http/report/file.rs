//! The file object of a run's CSV.

use serde_json::{Value, json};

use super::runs::Run;
use crate::world::rows::DAY;

/// How long Stripe keeps the file of a report.
const KEPT_SECONDS: i64 = 365 * DAY;

/// The file of a run that succeeded at `made_at`. `host` is where the client reached the simulator.
pub(super) fn body(run: &Run, made_at: i64, size: u64, host: Option<&str>) -> Value {
    let id = &run.file;
    json!({
        "id": id,
        "object": "file",
        "created": made_at,
        "expires_at": made_at.saturating_add(KEPT_SECONDS),
        "filename": format!("{}.csv", run.id),
        "links": {"object": "list", "data": [], "has_more": false, "url": format!("/v1/file_links?file={id}")},
        "purpose": "finance_report_run",
        "size": size,
        "title": null,
        "type": "csv",
        "url": format!("http://{}/v1/files/{id}/contents", host.unwrap_or("localhost")),
    })
}
