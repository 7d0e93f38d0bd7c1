//! A job that verifies the audit trail, and keeps an anchor of it elsewhere.

use std::path::Path;

use audit::{Anchor, hex};
use schedule::retry::Fault;
use store::{AuditReport, Measured, ScheduledState};

use super::JobEnd;
use super::log::RunLog;
use crate::config::Config;
use crate::exit::Failure;
use crate::jobs::audit::{keep, keep_anchor, verify};
use crate::outside::Outside;
use crate::views::load;

/// Verifies the trail, against the anchors of a file where there is one, to which the newest is added.
///
/// # Errors
/// Those of [`verify`]; a file that cannot be written.
pub fn run(outside: &Outside, config: &Config, anchors: Option<&Path>, log: &mut RunLog) -> Result<JobEnd, Failure> {
    let report = verify(outside, &load::open(config)?, anchors, log)?;
    keep(outside, config, &report)?;
    report.faults.iter().for_each(|fault| log.say(&fault.to_string()));
    let end = ended(&report);
    if let (Some(path), 0) = (anchors, report.fault_count) {
        keep_anchor(outside, path, &Anchor { entries: report.entries, root: report.root, taken_at: outside.now() })?;
    }
    Ok(end)
}

/// A trail that is broken stays so until a person has looked at it.
fn ended(report: &AuditReport) -> JobEnd {
    let told = serde_json::json!({
        "entries": report.entries,
        "chains": report.chains,
        "things": report.things,
        "anchors": report.anchors,
        "faults": report.fault_count,
        "root": hex(&report.root),
    });
    let measured = Measured { input_hash: Some(hex(&report.root)), ..Measured::default() };
    let end = JobEnd::done(u64::try_from(report.entries).ok(), told).measuring(measured);
    match report.faults.first() {
        Some(first) => {
            JobEnd { state: ScheduledState::Failed, ..end }.because(Fault::Lasting, format!("the audit trail is broken: {first}"))
        }
        None => end,
    }
}
