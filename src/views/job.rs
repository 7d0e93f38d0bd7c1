//! What a schedule runs, in words.

use crate::scheduler::Job;
use crate::views::schedule::job_name;

/// The job that stands in the database, in a few words.
#[must_use]
pub fn words(job: &str) -> String {
    match serde_json::from_str(job) {
        Ok(job) => of(&job),
        Err(_) => format!("{}: a job that this version does not know", job_name(job)),
    }
}

fn of(job: &Job) -> String {
    match job {
        Job::Sync { only, yesterday } => {
            let what = match (only.is_empty(), yesterday) {
                (true, false) => "all that is new".to_owned(),
                (true, true) => "all".to_owned(),
                (false, _) => only.join(", "),
            };
            if *yesterday { format!("sync: {what}, the business day before") } else { format!("sync: {what}") }
        }
        Job::Reconcile => "reconcile: every payout".to_owned(),
        Job::Import { folder, bank_account, .. } => format!("import: files in {} of {bank_account}", folder.display()),
        Job::Fetch(fetch) => format!("fetch: what '{}' writes, of {}", fetch.fetch, fetch.bank_account),
        Job::Export { folder, tables, format } => {
            let what = if tables.is_empty() { "every table".to_owned() } else { tables.join(", ") };
            format!("export: {what} as {} into {}", format.as_str(), folder.display())
        }
        Job::Check => "check: whether all is here".to_owned(),
        Job::Audit { anchors: None } => "audit: whether the trail is whole".to_owned(),
        Job::Audit { anchors: Some(file) } => format!("audit: whether the trail is whole, by the anchors in {}", file.display()),
        Job::Digest { period } => format!("digest: of the {}", period.as_str()),
        // The address may be long; its host says whose it is.
        Job::Http(call) => match (&call.url, &call.url_env) {
            (Some(url), _) => format!("http: {} {}", call.method, url.chars().take(60).collect::<String>()),
            (None, name) => format!("http: {} the address in {}", call.method, name.as_deref().unwrap_or("?")),
        },
        Job::Backup { folder, keep } => format!("backup: into {}, the newest {keep} stay", folder.display()),
    }
}

/// What the volume of its runs counts: one, and several.
#[must_use]
pub fn unit(job: &str) -> (&'static str, &'static str) {
    match serde_json::from_str(job) {
        Ok(Job::Sync { .. } | Job::Check | Job::Http(_)) => ("object", "objects"),
        Ok(Job::Reconcile) => ("payout", "payouts"),
        Ok(Job::Digest { .. }) => ("message", "messages"),
        Ok(Job::Import { .. } | Job::Fetch(_)) => ("line", "lines"),
        Ok(Job::Export { .. }) => ("row", "rows"),
        Ok(Job::Audit { .. }) => ("entry", "entries"),
        Ok(Job::Backup { .. }) => ("byte", "bytes"),
        Err(_) => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_reads_as_words_and_a_newer_ones_name_is_kept() {
        for (job, said) in [
            (r#"{"job":"sync"}"#, "sync: all that is new"),
            (r#"{"job":"sync","only":["txn","payout"]}"#, "sync: txn, payout"),
            (r#"{"job":"sync","only":["txn"],"yesterday":true}"#, "sync: txn, the business day before"),
            (r#"{"job":"reconcile"}"#, "reconcile: every payout"),
            (r#"{"job":"import","folder":"/srv/bank","bank_account":"main"}"#, "import: files in /srv/bank of main"),
            (r#"{"job":"backup","folder":"/srv/b","keep":30}"#, "backup: into /srv/b, the newest 30 stay"),
            (r#"{"job":"http","url":"https://a.example/sync","method":"POST"}"#, "http: POST https://a.example/sync"),
            (r#"{"job":"http","url_env":"SYNC_URL","method":"GET"}"#, "http: GET the address in SYNC_URL"),
            (r#"{"job":"audit"}"#, "audit: whether the trail is whole"),
            (r#"{"job":"audit","anchors":"/mnt/a"}"#, "audit: whether the trail is whole, by the anchors in /mnt/a"),
            (r#"{"job":"digest","period":"month"}"#, "digest: of the month"),
            (r#"{"job":"report"}"#, "report: a job that this version does not know"),
            ("no JSON", "?: a job that this version does not know"),
        ] {
            assert_eq!(words(job), said);
        }
        assert_eq!((unit(r#"{"job":"reconcile"}"#), unit("{}")), (("payout", "payouts"), ("", "")));
    }
}
