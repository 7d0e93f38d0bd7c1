//! A job that calls an address: whoever has a sync endpoint of their own gets the same schedule, history and alerts.

use std::time::Duration;

use outgoing::{Answer, Client, Method, Request, Target};
use schedule::retry::Fault;
use serde::{Deserialize, Serialize};
use store::{Measured, ScheduledState};

use super::JobEnd;
use super::hash::hash_of;
use super::log::RunLog;
use crate::config::{Config, environment};
use crate::exit::{Exit, Failure};
use crate::outside::Outside;

/// A sync at the other side may take its time.
const DEADLINE: Duration = Duration::from_secs(600);

/// So much of an answer that is no JSON is kept.
const TEXT_KEPT: usize = 1_000;

/// What to call. As JSON it stands in the database, without a secret: those are named by the environment variable that holds them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The address, where it is no secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The environment variable of the address, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_env: Option<String>,
    /// `POST`, …
    pub method: String,
    /// Names and values; `${NAME}` in a value stands for an environment variable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// What is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

impl Call {
    /// Whether it could be sent, as far as can be told without the environment: a mistake is found when it is typed.
    ///
    /// # Errors
    /// [`Exit::Usage`].
    pub fn check(&self) -> Result<(), Failure> {
        let target = self.url.as_deref().unwrap_or("https://example.com");
        if self.url.as_deref().is_some_and(bears_a_secret) {
            return Err(Failure::new(Exit::Usage, "the address would be kept in the database, and it holds a secret")
                .hint("put it into an environment variable of the server, and name that: --url-env SYNC_URL"));
        }
        let mut request = Request::new(method(&self.method)?, target_of(target)?);
        for (name, value) in &self.headers {
            if !value.contains("${") && names_a_secret(name) {
                return Err(Failure::new(
                    Exit::Usage,
                    format!("the value of {name} would be kept in the database, and it is a secret"),
                )
                .hint(format!(
                    "name the environment variable of the server that holds it: --header '{name}: Bearer ${{SYNC_SECRET}}'"
                )));
            }
            let (value, _) = filled(value, |_| Some("x".to_owned()));
            request = request.header(name, &value).map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
        }
        request
            .body(self.body.clone().unwrap_or_default())
            .map(drop)
            .map_err(|error| Failure::new(Exit::Usage, error.to_string()))
    }

    fn request(&self, id: &str) -> Result<Request, Failure> {
        let unset =
            |name: &str| Failure::new(Exit::Usage, format!("the environment variable {name} is not set where tieout serve runs"));
        let url = match (&self.url, &self.url_env) {
            (Some(url), _) => url.clone(),
            (None, Some(name)) => environment(name).ok_or_else(|| unset(name))?,
            (None, None) => return Err(Failure::new(Exit::Usage, "the job names no address")),
        };
        let mut request = Request::new(method(&self.method)?, target_of(&url)?);
        for (name, template) in &self.headers {
            let (value, lacks) = filled(template, environment);
            if let Some(lacks) = lacks {
                return Err(unset(&lacks));
            }
            request = request.header(name, &value).map_err(wrong)?;
        }
        request.id(id).and_then(|request| request.body(self.body.clone().unwrap_or_default())).map_err(wrong)
    }
}

/// What people call headers and parameters that hold secrets.
const SECRETIVE: [&str; 9] = ["auth", "secret", "token", "key", "password", "passwd", "cookie", "credential", "signature"];

fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // It tells tries of one run apart, and opens nothing.
    name != "idempotency-key" && SECRETIVE.iter().any(|word| name.contains(word))
}

/// Whether an address holds a password, or a parameter that is called like a secret.
fn bears_a_secret(url: &str) -> bool {
    let (before, query) = url.split_once('?').unwrap_or((url, ""));
    let host = before.split_once("://").map_or(before, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let mut parameters = query.split('&').filter_map(|pair| pair.split_once('='));
    host.contains('@') || parameters.any(|(name, value)| !value.is_empty() && names_a_secret(name))
}

fn wrong(error: outgoing::BadRequest) -> Failure {
    Failure::new(Exit::Usage, error.to_string())
}

fn method(text: &str) -> Result<Method, Failure> {
    text.parse()
        .map_err(|_| Failure::new(Exit::Usage, format!("'{text}' is no method; expected GET, HEAD, POST, PUT, PATCH or DELETE")))
}

fn target_of(url: &str) -> Result<Target, Failure> {
    Target::parse(url).map_err(|error| Failure::new(Exit::Usage, error.to_string()))
}

/// A template with the variables in it filled in, and the name of the first that lacks.
fn filled(template: &str, variable: impl Fn(&str) -> Option<String>) -> (String, Option<String>) {
    let (mut text, mut rest, mut lacks) = (String::new(), template, None);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else { break };
        text.push_str(before);
        match variable(name) {
            Some(value) => text.push_str(&value),
            None => lacks = lacks.or_else(|| Some(name.to_owned())),
        }
        rest = after;
    }
    text.push_str(rest);
    (text, lacks)
}

/// Calls it. `id` is the same for every try of a run, so that the other side can tell.
///
/// # Errors
/// A job that cannot be sent at all.
pub async fn run(outside: &Outside, config: &Config, call: &Call, id: &str, log: &mut RunLog) -> Result<JobEnd, Failure> {
    let request = call.request(id)?;
    let client = Client::new(config.alerting.allowed.clone());
    match client.send(&request, DEADLINE, outside.now()).await {
        Ok(answer) => {
            log.say(&format!("it answered {}, {} bytes", answer.status, answer.body.len()));
            let measured = Measured {
                requests: Some(1),
                bytes: Some(answer.body.len() as u64),
                // What a variable holds is not hashed: it may be a secret, and a short one would be found.
                input_hash: serde_json::to_vec(call).ok().map(|call| hash_of([&call[..]])),
                output_hash: Some(hash_of([answer.status.to_string().as_bytes(), &answer.body])),
                ..Measured::default()
            };
            Ok(ended(&answer).measuring(measured))
        }
        Err(failure) => {
            let fault = if failure.is_passing() { Fault::Passing { retry_after: None } } else { Fault::Lasting };
            let summary = serde_json::json!({ "error": failure.to_string() });
            let end = JobEnd { state: ScheduledState::Failed, ..JobEnd::done(None, summary) };
            Ok(end.because(fault, failure.to_string()))
        }
    }
}

fn ended(answer: &Answer) -> JobEnd {
    let text = String::from_utf8_lossy(&answer.body);
    let body =
        serde_json::from_str(&text).unwrap_or_else(|_| serde_json::json!(text.chars().take(TEXT_KEPT).collect::<String>()));
    let volume = body.get("synced").and_then(serde_json::Value::as_u64);
    let summary = match &body {
        serde_json::Value::Object(_) => body,
        other => serde_json::json!({ "answer": other }),
    };
    let end = JobEnd { http_status: Some(answer.status), ..JobEnd::done(volume, summary) };
    if answer.is_success() {
        return end;
    }
    let retry_after = answer.retry_after.and_then(|wait| jiff::SignedDuration::try_from(wait).ok());
    let fault = if answer.is_passing() { Fault::Passing { retry_after } } else { Fault::Lasting };
    JobEnd { state: ScheduledState::Failed, ..end }.because(fault, format!("it answered {}", answer.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(headers: &[(&str, &str)]) -> Call {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Call { url: Some("https://a.example/sync".to_owned()), url_env: None, method: "POST".to_owned(), headers, body: None }
    }

    #[test]
    fn secrets_are_named_and_filled_in_when_it_is_called() {
        let variable = |name: &str| (name == "A").then(|| "secret".to_owned());
        assert_eq!(filled("Bearer ${A}!", variable), ("Bearer secret!".to_owned(), None));
        assert_eq!(filled("${A}${B}${C}", variable), ("secret".to_owned(), Some("B".to_owned())));
        assert_eq!(filled("${A", variable), ("${A".to_owned(), None));
        assert!(call(&[("authorization", "Bearer ${A}")]).check().is_ok());
        let refused = call(&[("Authorization", "Bearer hunter2")]).check().unwrap_err().to_string();
        assert!(refused.contains("${SYNC_SECRET}") && !refused.contains("hunter2"), "{refused}");
        for name in ["X-Api-Key", "cookie", "x-auth", "Vault-Token"] {
            assert!(call(&[(name, "hunter2")]).check().is_err(), "{name}");
        }
        assert!(call(&[("idempotency-key", "a"), ("x-tenant", "b")]).check().is_ok());
        for url in
            ["https://a.example/sync?token=hunter2", "https://me:hunter2@a.example/", "https://a.example/?a=b&API_KEY=hunter2"]
        {
            let refused = Call { url: Some(url.to_owned()), ..call(&[]) }.check().unwrap_err().to_string();
            assert!(refused.contains("--url-env") && !refused.contains("hunter2"), "{refused}");
        }
        assert!(Call { url: Some("https://a.example/sync?day=yesterday".to_owned()), ..call(&[]) }.check().is_ok());
    }

    #[test]
    fn what_could_never_be_sent_is_refused_when_it_is_typed() {
        assert!(Call { method: "FETCH".to_owned(), ..call(&[]) }.check().is_err());
        assert!(Call { url: Some("ftp://a.example".to_owned()), ..call(&[]) }.check().is_err());
        assert!(call(&[("a b", "c")]).check().is_err());
        assert!(call(&[("a", "c\nd: e")]).check().is_err());
    }

    #[test]
    fn an_answer_is_done_passing_or_lasting_by_its_status_and_its_count_is_the_volume() {
        let answer = |status, body: &str| Answer {
            status,
            retry_after: Some(Duration::from_secs(90)),
            body: body.into(),
            truncated: false,
        };
        let done = ended(&answer(200, r#"{"synced":12,"date":"2026-07-01"}"#));
        assert_eq!((done.state, done.volume, done.http_status), (ScheduledState::Done, Some(12), Some(200)));
        let later = ended(&answer(429, "slow down"));
        let told = Some(jiff::SignedDuration::from_secs(90));
        assert_eq!(
            (later.fault, later.summary.as_str()),
            (Some(Fault::Passing { retry_after: told }), r#"{"answer":"slow down"}"#)
        );
        assert_eq!(ended(&answer(404, "")).fault, Some(Fault::Lasting));
    }
}
