//! The configuration file: which keys it may hold, and on which line each stands.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::Origin;
use crate::exit::{Exit, Failure};

/// What the file says, each with its line.
#[derive(Debug, Default)]
pub struct Settings {
    /// `database`
    pub database: Option<Setting>,
    /// `stripe_api_base`
    pub stripe_api_base: Option<Setting>,
    /// `time_zone`
    pub time_zone: Option<Setting>,
    /// `stripe_share_percent`
    pub stripe_share_percent: Option<Setting>,
    /// `history_days`
    pub history_days: Option<Setting>,
    /// `sync_skip`, word by word
    pub sync_skip: Vec<Setting>,
    /// `[[stripe]]`, table by table
    pub stripe: Vec<KeyPlace>,
    /// `[[fetch]]`, table by table
    pub fetch: Vec<(Origin, FetchTable)>,
    /// What alerts are told by
    pub alerting: AlertingTables,
}

/// `[[fetch]]`: a program that writes a bank's file to its standard output.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchTable {
    /// What schedules call it.
    pub name: String,
    /// The program, and its arguments. No shell reads them.
    pub command: Vec<String>,
    /// Environment variables that it is to know of beside the usual ones.
    #[serde(default)]
    pub env: Vec<String>,
}

/// What the file says of alerts, as it stands there.
#[derive(Debug, Default)]
pub struct AlertingTables {
    /// `public_url`
    pub public_url: Option<Setting>,
    /// `allowed_networks`, word by word
    pub allowed_networks: Vec<Setting>,
    /// `quiet_hours`
    pub quiet_hours: Option<Setting>,
    /// `stripe_key_expires_on`
    pub key_expires_on: Option<Setting>,
    /// `[smtp]`
    pub smtp: Option<(Origin, SmtpTable)>,
    /// `[[channel]]`, table by table
    pub channels: Vec<(Origin, ChannelTable)>,
}

/// `[smtp]`: the server that mail goes through.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpTable {
    /// A name, or an address.
    pub host: String,
    /// 587 where it is left out, 465 with `security = "tls"`.
    pub port: Option<u16>,
    /// `tls`, `starttls`, `none`.
    pub security: Option<String>,
    /// Who logs in.
    pub user: Option<String>,
    /// The environment variable of the password.
    pub password_env: Option<String>,
    /// Who the mail is from.
    pub from: String,
    /// Certificates that vouch for the server beside those that this machine trusts.
    pub ca_file: Option<PathBuf>,
}

/// `[[channel]]`: a way to tell of alerts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelTable {
    /// Its name.
    pub name: String,
    /// `mail`, `webhook`, `slack`, `heartbeat`.
    pub kind: String,
    /// Of mail: who it goes to.
    #[serde(default)]
    pub to: Vec<String>,
    /// The address.
    pub url: Option<String>,
    /// The environment variable of the address, where that is a secret.
    pub url_env: Option<String>,
    /// Of a webhook: the environment variable of what it is signed with.
    pub secret_env: Option<String>,
    /// Of a webhook: what it hears of beside alerts, such as `payout.matched`.
    #[serde(default)]
    pub events: Vec<String>,
    /// `false`: of a webhook that hears of no alerts.
    pub alerts: Option<bool>,
    /// `warning` or `critical`: nothing less is told.
    pub least: Option<String>,
    /// Only what nobody has acknowledged for so many hours.
    pub after_hours: Option<u32>,
    /// Of a heartbeat: how often it is called.
    pub every_minutes: Option<u32>,
}

/// What a `[[stripe]]` table names: where the key of one of the company's own accounts is.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// In the environment variable of this name.
    Variable(String),
    /// In this file.
    File(PathBuf),
}

/// One value of the file.
#[derive(Debug)]
pub struct Setting {
    /// Its text.
    pub text: String,
    /// Its file and line.
    pub origin: Origin,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    database: Option<Spanned<String>>,
    stripe_api_base: Option<Spanned<String>>,
    time_zone: Option<Spanned<String>>,
    stripe_share_percent: Option<Spanned<i64>>,
    history_days: Option<Spanned<i64>>,
    #[serde(default)]
    sync_skip: Vec<Spanned<String>>,
    #[serde(default)]
    stripe: Vec<Spanned<StripeTable>>,
    #[serde(default)]
    fetch: Vec<Spanned<FetchTable>>,
    public_url: Option<Spanned<String>>,
    #[serde(default)]
    allowed_networks: Vec<Spanned<String>>,
    quiet_hours: Option<Spanned<String>>,
    stripe_key_expires_on: Option<Spanned<String>>,
    smtp: Option<Spanned<SmtpTable>>,
    #[serde(default)]
    channel: Vec<Spanned<ChannelTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StripeTable {
    key_env: Option<String>,
    key_file: Option<PathBuf>,
}

impl Settings {
    /// Reads the file's text.
    ///
    /// # Errors
    /// [`Exit::Usage`] with file, line and key.
    pub fn read(path: &Path, text: &str) -> Result<Self, Failure> {
        let document: Document = toml::from_str(text).map_err(|error| refusal(path, text, &error))?;
        let origin = |offset: usize| Origin::File { path: path.to_owned(), line: line_of(text, offset) };
        let place = |value: Spanned<String>| Setting { origin: origin(value.span().start), text: value.into_inner() };
        let number = |value: Spanned<i64>| Setting { origin: origin(value.span().start), text: value.into_inner().to_string() };
        let table = |value: Spanned<StripeTable>| KeyPlace::of(&origin(value.span().start), value.into_inner());
        Ok(Self {
            database: document.database.map(place),
            stripe_api_base: document.stripe_api_base.map(place),
            time_zone: document.time_zone.map(place),
            stripe_share_percent: document.stripe_share_percent.map(number),
            history_days: document.history_days.map(number),
            sync_skip: document.sync_skip.into_iter().map(place).collect(),
            stripe: document.stripe.into_iter().map(table).collect::<Result<_, _>>()?,
            fetch: document.fetch.into_iter().map(|table| (origin(table.span().start), table.into_inner())).collect(),
            alerting: AlertingTables {
                public_url: document.public_url.map(place),
                allowed_networks: document.allowed_networks.into_iter().map(place).collect(),
                quiet_hours: document.quiet_hours.map(place),
                key_expires_on: document.stripe_key_expires_on.map(place),
                smtp: document.smtp.map(|table| (origin(table.span().start), table.into_inner())),
                channels: document.channel.into_iter().map(|table| (origin(table.span().start), table.into_inner())).collect(),
            },
        })
    }
}

impl KeyPlace {
    fn of(origin: &Origin, table: StripeTable) -> Result<Self, Failure> {
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match (table.key_env, table.key_file) {
            // What is no name may be the key itself: it is not repeated.
            (Some(name), None) if is_name(&name) && !looks_like_a_key(&name) => Ok(Self::Variable(name)),
            (None, Some(path)) if is_path(&path) => Ok(Self::File(origin.beside(&path))),
            _ => Err(Failure::new(Exit::Usage, format!("a [[stripe]] table does not name one place of a key ({origin})"))
                .hint("expected key_env = \"NAME_OF_A_VARIABLE\" or key_file = \"PATH\", and never the key itself")),
        }
    }
}

/// A file whose name reads like a key is a key that was put in the wrong place.
fn is_path(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy());
    name.is_some_and(|name| !looks_like_a_key(&name))
}

fn looks_like_a_key(text: &str) -> bool {
    ["rk_", "sk_", "pk_", "whsec_"].iter().any(|prefix| text.starts_with(prefix))
}

/// What is wrong with the file, without a value of it and without anything that reads like a key: a secret may stand in the
/// wrong place.
fn without_values(message: &str) -> String {
    let message = match (message.strip_prefix("invalid type: string"), message.rsplit_once(", expected")) {
        (Some(_), Some((_, expected))) => format!("a text stands where it does not belong, expected{expected}"),
        _ => message.to_owned(),
    };
    let is_sign = |sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == '-';
    let words = message.split_inclusive(|sign: char| !is_sign(sign));
    let shown =
        |word: &str| if looks_like_a_key(word) { format!("…{}", word.trim_start_matches(is_sign)) } else { word.to_owned() };
    words.map(shown).collect()
}

impl Setting {
    /// A relative path in a file is meant from the file's folder, wherever the command runs.
    pub fn beside_its_file(&self, path: PathBuf) -> PathBuf {
        self.origin.beside(&path)
    }
}

fn refusal(path: &Path, text: &str, error: &toml::de::Error) -> Failure {
    let at = error.span().map_or_else(String::new, |span| format!(" line {}", line_of(text, span.start)));
    let failure = Failure::new(Exit::Usage, format!("{}{at}: {}", path.display(), without_values(error.message().trim_end())));
    if error.message().contains("`stripe_api_key`") {
        return failure.hint("the key is never kept in a file; set the environment variable STRIPE_API_KEY");
    }
    if error.message().contains("`sync_secret`") {
        return failure.hint("the secret is never kept in a file; set the environment variable TIEOUT_SYNC_SECRET");
    }
    failure.hint(
        "the keys are database, stripe_api_base, stripe_share_percent, stripe_key_expires_on, time_zone, sync_skip, history_days, public_url, \
         quiet_hours, allowed_networks, [smtp], [[channel]], [[fetch]] and [[stripe]]; tieout init writes an example",
    )
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
