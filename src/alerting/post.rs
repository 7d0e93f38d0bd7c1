//! Sending messages: to each channel one after the other, to different ones side by side, so that a slow one holds up no other.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use outgoing::mail::{Mail, Mailer, NotTaken};
use outgoing::{Answer, Client, Failure as Unsent, Method, Request, Target, webhook};
use serde_json::json;
use store::{MessageRow, MessageState, MessageTried, MessageWrite};

pub use super::compose::new_id;
use crate::config::{Alerting, Channel, ChannelKind};
use crate::outside::Outside;

/// Who has not taken a message by then is tried again later.
const DEADLINE: Duration = Duration::from_secs(20);

/// How long to wait after each failed try: three days in all, so that a receiver that is down over a weekend misses nothing.
const WAITS_SECONDS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// After so long without anything going out a channel is disabled.
pub const DISABLED_AFTER: SignedDuration = SignedDuration::from_hours(120);

/// A receiver that says that it is gone for good.
const GONE: u16 = 410;

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The status of the answer, where there was one.
    pub http_status: Option<u16>,
    /// What went wrong, in a sentence.
    pub error: Option<String>,
    /// How long the receiver wants to be left alone.
    pub retry_after: Option<Duration>,
    /// Of a mail that some have: who has it not, and why.
    pub not_taken: Option<String>,
}

/// Sends to the channels of the settings. Cheap to clone.
#[derive(Clone)]
pub struct Post {
    outside: Outside,
    alerting: Arc<Alerting>,
    client: Arc<Client>,
}

impl Post {
    /// By these settings.
    #[must_use]
    pub fn new(outside: &Outside, alerting: &Alerting) -> Self {
        let client = Arc::new(Client::new(alerting.allowed.clone()));
        Self { outside: outside.clone(), alerting: Arc::new(alerting.clone()), client }
    }

    /// The channel of this name.
    #[must_use]
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.alerting.channels.iter().find(|channel| channel.name == name)
    }

    /// Sends a message once.
    pub async fn send(&self, message: &MessageWrite) -> Outcome {
        let Some(channel) = self.channel(&message.channel) else {
            return Outcome::failed("there is no channel of this name in the settings any more");
        };
        match &channel.kind {
            ChannelKind::Mail { to } => self.mail(message, to.clone()).await,
            ChannelKind::Webhook { url, secrets } => match (url, secrets) {
                (Ok(url), Ok(secrets)) => self.webhook(url, secrets, message).await,
                (Err(why), _) | (_, Err(why)) => Outcome::failed(why),
            },
            ChannelKind::Slack { url } => self.call(url, |target| slack(target, message)).await,
            ChannelKind::Heartbeat { url, .. } => self.call(url, |target| Ok(Request::new(Method::Post, target))).await,
        }
    }

    /// Calls a heartbeat.
    pub async fn beat(&self, url: &Result<Target, String>) -> Outcome {
        self.call(url, |target| Ok(Request::new(Method::Get, target))).await
    }

    async fn webhook(&self, url: &Target, secrets: &[webhook::Secret], message: &MessageWrite) -> Outcome {
        let now = self.outside.now();
        match webhook::request(url.clone(), secrets, &message.id, now, message.body.as_bytes()) {
            Ok(request) => of(self.client.send(&request, DEADLINE, now).await),
            Err(error) => Outcome::failed(&error.to_string()),
        }
    }

    async fn call(&self, url: &Result<Target, String>, request: impl Fn(Target) -> Result<Request, String>) -> Outcome {
        match url.clone().and_then(request) {
            Ok(request) => of(self.client.send(&request, DEADLINE, self.outside.now()).await),
            Err(why) => Outcome::failed(&why),
        }
    }

    async fn mail(&self, message: &MessageWrite, to: Vec<outgoing::mail::Mailbox>) -> Outcome {
        let Some(smtp) = &self.alerting.smtp else { return Outcome::failed("the settings have no [smtp]") };
        let server = match &smtp.server {
            Ok(server) => server.clone(),
            Err(why) => return Outcome::failed(why),
        };
        let id = format!("{}@tieout", message.id);
        let written = Mail::new(smtp.from.clone(), to, &message.subject, &message.text, &id).map_err(|error| error.to_string());
        let mailer = Mailer::new(server, self.alerting.allowed.clone()).map_err(|error| error.to_string());
        match (written, mailer) {
            (Ok(mail), Ok(mailer)) => match mailer.send(&mail, DEADLINE, self.outside.now()).await {
                Ok(not_taken) => Outcome { not_taken: told(&not_taken), ..Outcome::TAKEN },
                Err(error) => Outcome::failed(&error.to_string()),
            },
            (Err(why), _) | (_, Err(why)) => Outcome::failed(&why),
        }
    }
}

/// What Slack and its like show, with what steers them taken out.
fn slack(target: Target, message: &MessageWrite) -> Result<Request, String> {
    let text = format!("*{}*\n{}", message.subject, message.text);
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let request =
        Request::new(Method::Post, target).header("content-type", "application/json").and_then(|request| request.id(&message.id));
    request.and_then(|request| request.body(json!({ "text": text }).to_string())).map_err(|error| error.to_string())
}

fn of(answer: Result<Answer, Unsent>) -> Outcome {
    match answer {
        Ok(answer) => {
            let error = (!answer.is_success()).then(|| format!("it answered {}", answer.status));
            Outcome { http_status: Some(answer.status), error, retry_after: answer.retry_after, not_taken: None }
        }
        Err(error) => Outcome::failed(&error.to_string()),
    }
}

/// Who has a mail not that others have.
fn told(not_taken: &[NotTaken]) -> Option<String> {
    let each = not_taken.iter().map(|one| format!("not taken for {}: {}", one.to, one.failure));
    (!not_taken.is_empty()).then(|| each.collect::<Vec<_>>().join("; "))
}

impl Outcome {
    const TAKEN: Self = Self { http_status: None, error: None, retry_after: None, not_taken: None };

    fn failed(why: &str) -> Self {
        Self { error: Some(why.to_owned()), ..Self::TAKEN }
    }

    /// Whether the other side has taken it.
    #[must_use]
    pub const fn is_sent(&self) -> bool {
        self.error.is_none()
    }

    /// Whether the receiver says that it is gone for good.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.http_status == Some(GONE)
    }

    /// How a message stands after it, at `now`.
    #[must_use]
    pub fn tried(&self, row: &MessageRow, now: Timestamp) -> MessageTried {
        let wait = WAITS_SECONDS
            .get(usize::try_from(row.attempts).unwrap_or(usize::MAX))
            .map(|seconds| SignedDuration::from_secs(*seconds));
        let told = self.retry_after.and_then(|told| SignedDuration::try_from(told).ok()).unwrap_or_default();
        let try_at = wait.and_then(|wait| now.checked_add(wait.max(told)).ok());
        let (state, try_at) = match (self.is_sent(), try_at) {
            (true, _) => (MessageState::Sent, None),
            (false, Some(at)) => (MessageState::Waiting, Some(at)),
            (false, None) => (MessageState::Failed, None),
        };
        MessageTried {
            state,
            try_at,
            http_status: self.http_status,
            error: self.error.clone().or_else(|| self.not_taken.clone()),
        }
    }
}
