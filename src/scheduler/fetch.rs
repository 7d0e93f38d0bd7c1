//! A job that fetches a bank's file: a program of the settings writes it, and it is imported as a file in a folder would be.

use std::io::ErrorKind;
use std::time::Duration;

use money::Currency;
use schedule::retry::Fault;
use serde::{Deserialize, Serialize};
use statements::limits::FILE_BYTES_MAX;
use store::{Measured, ScheduledState};

use super::JobEnd;
use super::hash::hash_of;
use super::log::RunLog;
use crate::config::{Config, Fetcher};
use crate::exit::{Exit, Failure};
use crate::jobs::import::{GivenFile, ImportRequest, import_bank};
use crate::outside::{NotRun, Outside, Ran};

/// A bank's server may take its time.
const DEADLINE: Duration = Duration::from_secs(600);

/// What every program may know of where it runs; what else it needs its table names. Ours hold secrets.
const ENVIRONMENT: [&str; 12] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSH_AUTH_SOCK",
];

/// Which program, and what it writes. As JSON it stands in the database; the program itself stands in the settings, where only who runs
/// the server writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// The name of a `[[fetch]]` table.
    pub fetch: String,
    /// The bank account that its file is of.
    pub bank_account: String,
    /// The currency, where the file does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// How to read a CSV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

impl Fetch {
    /// The program of the settings.
    ///
    /// # Errors
    /// [`Exit::Usage`] where the settings name none.
    pub fn fetcher<'c>(&self, config: &'c Config) -> Result<&'c Fetcher, Failure> {
        config.fetchers.iter().find(|fetcher| fetcher.name == self.fetch).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("the settings have no [[fetch]] table of the name '{}'", self.fetch)).hint(format!(
                "add one to tieout.toml: [[fetch]], name = \"{}\", command = [\"PROGRAM\", \"ARGUMENT\"]",
                self.fetch
            ))
        })
    }
}

/// Runs the program, and imports what it writes. Called off, it ends before the import or after it.
///
/// # Errors
/// No such program, one that fails, and what is no statement; the database's own.
pub async fn run(outside: &Outside, config: &Config, fetch: &Fetch, log: &mut RunLog) -> Result<JobEnd, Failure> {
    let Fetcher { program, arguments, variables, .. } = fetch.fetcher(config)?;
    let environment: Vec<&str> = ENVIRONMENT.iter().copied().chain(variables.iter().map(String::as_str)).collect();
    let ran = tokio::select! {
        ran = outside.run((program, arguments), &environment, FILE_BYTES_MAX, DEADLINE) => ran,
        () = outside.until_called_off() => return outside.goes_on().map(|()| JobEnd::called_off()),
    };
    let ran = ran.map_err(|why| not_run(program, why))?;
    log.say(&format!("'{program}' ended with {}, {} bytes", ran.status, ran.output.len()));
    if !ran.complaint.is_empty() {
        log.say(&ran.complaint);
    }
    if !ran.status.success() {
        return Ok(failed(program, &ran));
    }
    if ran.output.iter().all(u8::is_ascii_whitespace) {
        return Ok(JobEnd::done(Some(0), serde_json::json!({ "imported": [], "lines": 0, "added": 0 })));
    }
    let (outside, config, fetch) = (outside.clone(), config.clone(), fetch.clone());
    let importing = tokio::task::spawn_blocking(move || import(&outside, &config, &fetch, ran.output));
    importing.await.map_err(|_| Failure::new(Exit::Failed, "the job ended early; the fault is ours"))?
}

fn import(outside: &Outside, config: &Config, fetch: &Fetch, bytes: Vec<u8>) -> Result<JobEnd, Failure> {
    outside.goes_on()?;
    let (size, input_hash) = (bytes.len() as u64, hash_of([&bytes[..]]));
    let name = format!("{}-{}", fetch.fetch, outside.now().strftime("%Y%m%dT%H%M%SZ"));
    let request = ImportRequest {
        files: Vec::new(),
        given: vec![GivenFile { name, bytes }],
        bank_account: fetch.bank_account.clone(),
        currency: fetch.currency.as_deref().and_then(|code| Currency::parse(code).ok()),
        profile: fetch.profile.clone(),
        days: None,
        dry_run: false,
    };
    let imported = match import_bank(outside, config, &request) {
        Ok(imported) => imported,
        // What it wrote stays wrong until a person looks; what the database refuses may pass.
        Err(failure) if failure.exit == Exit::Failed => {
            return Ok(JobEnd::failed(&failure).because(Fault::Lasting, failure.message));
        }
        Err(failure) => return Err(failure),
    };
    let (lines, added) = imported.iter().fold((0, 0), |(lines, added), report| (lines + report.lines, added + report.added));
    let names: Vec<&String> = imported.iter().map(|report| &report.file_name).collect();
    let told = serde_json::json!({ "imported": names, "lines": lines, "added": added });
    let output_hash = Some(hash_of([serde_json::json!([lines, added]).to_string().as_bytes()]));
    let measured =
        Measured { bytes: Some(size), changed: Some(added), input_hash: Some(input_hash), output_hash, ..Measured::default() };
    Ok(JobEnd::done(Some(lines), told).measuring(measured))
}

fn not_run(program: &str, why: NotRun) -> Failure {
    match why {
        // Busy, or without room for another process: it passes.
        NotRun::System(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => {
            Failure::new(Exit::Failed, format!("'{program}' cannot be run: {error}"))
        }
        NotRun::System(error) => Failure::new(Exit::Usage, format!("'{program}' cannot be run: {error}"))
            .hint("name a program of the machine that tieout serve runs on, by its whole path"),
        NotRun::TooLong => Failure::new(
            Exit::Failed,
            format!("'{program}' did not end within {} minutes, and was killed", DEADLINE.as_secs() / 60),
        ),
        NotRun::TooMuch => Failure::new(Exit::Usage, format!("'{program}' wrote more than a statement can have, and was killed"))
            .hint("let it fetch one month at most; lines that overlap count once"),
    }
}

/// Which failures of a program pass nobody knows: they are tried again.
fn failed(program: &str, ran: &Ran) -> JobEnd {
    let last = ran.complaint.lines().last().unwrap_or_default();
    let error = match last {
        "" => format!("'{program}' ended with {}", ran.status),
        last => format!("'{program}' ended with {}: {last}", ran.status),
    };
    let end = JobEnd::done(None, serde_json::json!({ "error": error }));
    JobEnd { state: ScheduledState::Failed, ..end }.because(Fault::Passing { retry_after: None }, error)
}
