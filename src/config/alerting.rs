//! How alerts are told: channels, the mail server, quiet hours, and which networks may be sent to.

use std::collections::BTreeSet;
use std::sync::Arc;

use alerts::{QuietHours, Severity};
use jiff::SignedDuration;
use jiff::civil::Date;
use outgoing::mail::{Mailbox, Security, SmtpServer};
use outgoing::webhook::Secret;
use outgoing::{AllowedNetworks, Authorities, Target};
use secrecy::SecretString;
use store::AnnouncementKind;

use super::file::{AlertingTables, ChannelTable, Setting, SmtpTable};
use super::{Origin, Surroundings, is_name};
use crate::exit::{Exit, Failure};

/// A heartbeat that is called more rarely than this tells of nothing in time.
const EVERY_MINUTES_MAX: u32 = 1_440;

/// Channels beyond this are no channels that anybody reads.
const CHANNELS_MAX: usize = 50;

/// How alerts are told.
#[derive(Debug, Clone, Default)]
pub struct Alerting {
    /// Where readers reach the pages, without a slash at the end; `None`: where they are served.
    pub public_url: Option<String>,
    /// Networks beside the public internet that may be sent to.
    pub allowed: AllowedNetworks,
    /// When only what is critical is told to people.
    pub quiet: Option<QuietHours>,
    /// When the key of Stripe expires, as a person stated it.
    pub key_expires_on: Option<Date>,
    /// The server that mail goes through, and whom it is from; in words why there is none.
    pub smtp: Option<Smtp>,
    /// The channels, in the file's order.
    pub channels: Vec<Channel>,
}

/// The server that mail goes through.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// The server; in words why it cannot be used. Whoever sends no mail never minds.
    pub server: Result<SmtpServer, String>,
    /// Whom mail is from.
    pub from: Mailbox,
}

/// A way to tell of alerts.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// What it is, or in words why it cannot be used.
    pub kind: ChannelKind,
    /// Nothing less is told.
    pub least: Severity,
    /// Only what nobody has acknowledged for so long.
    pub after: Option<SignedDuration>,
    /// Whether it hears of alerts.
    pub alerts: bool,
    /// What it hears of beside them.
    pub events: BTreeSet<AnnouncementKind>,
}

/// What a channel is. What stands in the environment may lack; then the words say so.
#[derive(Debug, Clone)]
pub enum ChannelKind {
    /// Mail.
    Mail {
        /// Who it goes to.
        to: Vec<Mailbox>,
    },
    /// Webhooks after the Standard Webhooks specification.
    Webhook {
        /// Where to.
        url: Result<Target, String>,
        /// What they are signed with; several while one is exchanged.
        secrets: Result<Arc<[Secret]>, String>,
    },
    /// What Slack and its like take.
    Slack {
        /// Where to.
        url: Result<Target, String>,
    },
    /// An address that is called as long as all is looked at, for a watchman outside.
    Heartbeat {
        /// Where to.
        url: Result<Target, String>,
        /// How often.
        every: SignedDuration,
    },
}

impl Alerting {
    /// Why a channel can tell nobody, in words; `None` where it can.
    #[must_use]
    pub fn unusable<'a>(&'a self, channel: &'a Channel) -> Option<&'a str> {
        let why = match &channel.kind {
            ChannelKind::Mail { .. } => self.smtp.as_ref().and_then(|smtp| smtp.server.as_ref().err()),
            ChannelKind::Webhook { url, secrets } => url.as_ref().err().or_else(|| secrets.as_ref().err()),
            ChannelKind::Slack { url } | ChannelKind::Heartbeat { url, .. } => url.as_ref().err(),
        };
        why.map(String::as_str)
    }
}

impl ChannelKind {
    /// The word in settings and machine outputs.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Mail { .. } => "mail",
            Self::Webhook { .. } => "webhook",
            Self::Slack { .. } => "slack",
            Self::Heartbeat { .. } => "heartbeat",
        }
    }
}

impl Surroundings<'_> {
    pub(super) fn alerting(&self, tables: AlertingTables) -> Result<Alerting, Failure> {
        let smtp = tables.smtp.map(|(origin, table)| self.smtp(&origin, &table)).transpose()?;
        let channels: Vec<Channel> =
            tables.channels.iter().map(|(origin, table)| self.channel(origin, table)).collect::<Result<_, _>>()?;
        check_channels(&tables.channels, &channels, smtp.is_some())?;
        Ok(Alerting {
            public_url: tables.public_url.as_ref().map(public_url).transpose()?,
            allowed: allowed(&tables.allowed_networks)?,
            quiet: tables.quiet_hours.as_ref().map(|setting| parsed(setting, QuietHours::parse)).transpose()?,
            key_expires_on: tables.key_expires_on.as_ref().map(day).transpose()?,
            smtp,
            channels,
        })
    }

    fn smtp(&self, origin: &Origin, table: &SmtpTable) -> Result<Smtp, Failure> {
        let security = match table.security.as_deref() {
            None | Some("starttls") => Security::StartTls,
            Some("tls") => Security::Tls,
            Some("none") => Security::None,
            Some(_) => return Err(wrong(origin, "the security of [smtp]", "tls, starttls or none")),
        };
        let port = table.port.unwrap_or(if security == Security::Tls { 465 } else { 587 });
        let from = mailbox(origin, &table.from)?;
        let server = self.login(table)?.and_then(|login| {
            let authorities = self.authorities(origin, table)?;
            Ok(SmtpServer { host: table.host.clone(), port, security, login, authorities })
        });
        Ok(Smtp { server, from })
    }

    fn login(&self, table: &SmtpTable) -> Result<Result<Option<(String, SecretString)>, String>, Failure> {
        Ok(match (&table.user, &table.password_env) {
            (None, None) => Ok(None),
            (Some(user), Some(name)) => match self.text(name)? {
                Some(password) => Ok(Some((user.clone(), SecretString::from(password)))),
                None => Err(format!("the environment variable {name} is not set")),
            },
            _ => Err("[smtp] names only one of user and password_env".to_owned()),
        })
    }

    fn authorities(&self, origin: &Origin, table: &SmtpTable) -> Result<Authorities, String> {
        let Some(path) = &table.ca_file else { return Ok(Authorities::default()) };
        let path = origin.beside(path);
        let text = (self.read)(&path)?.ok_or_else(|| format!("there is no file {}", path.display()))?;
        Authorities::from_pem(text.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))
    }

    fn channel(&self, origin: &Origin, table: &ChannelTable) -> Result<Channel, Failure> {
        only_its_own_keys(origin, table)?;
        let kind = match table.kind.as_str() {
            "mail" => ChannelKind::Mail { to: table.to.iter().map(|to| mailbox(origin, to)).collect::<Result<_, _>>()? },
            "webhook" => ChannelKind::Webhook { url: self.url(origin, table)?, secrets: self.secrets(table)? },
            "slack" => ChannelKind::Slack { url: self.url(origin, table)? },
            "heartbeat" => {
                let minutes = table.every_minutes.unwrap_or(5);
                if !(1..=EVERY_MINUTES_MAX).contains(&minutes) {
                    return Err(wrong(origin, "every_minutes", "a number from 1 to 1440"));
                }
                ChannelKind::Heartbeat { url: self.url(origin, table)?, every: SignedDuration::from_mins(i64::from(minutes)) }
            }
            _ => return Err(wrong(origin, "the kind of a [[channel]]", "mail, webhook, slack or heartbeat")),
        };
        let least = table.least.as_deref().map(|word| Severity::from_word(word).ok_or(word)).transpose();
        let least = least.map_err(|_| wrong(origin, "least of a [[channel]]", "warning or critical"))?;
        let after = table.after_hours.map(|hours| SignedDuration::from_hours(i64::from(hours)));
        Ok(Channel {
            name: name(origin, &table.name)?,
            kind,
            least: least.unwrap_or(Severity::Warning),
            after,
            alerts: table.alerts.unwrap_or(true),
            events: table.events.iter().map(|word| event(origin, word)).collect::<Result<_, _>>()?,
        })
    }

    fn url(&self, origin: &Origin, table: &ChannelTable) -> Result<Result<Target, String>, Failure> {
        let (text, place) = match (&table.url, &table.url_env) {
            (Some(url), None) => (url.clone(), origin.to_string()),
            (None, Some(name)) => match self.text(name)? {
                Some(text) => (text, format!("from the environment variable {name}")),
                None => return Ok(Err(format!("the environment variable {name} is not set"))),
            },
            _ => {
                return Err(wrong(
                    origin,
                    "a [[channel]] of this kind",
                    "url = \"https://…\" or url_env = \"NAME_OF_A_VARIABLE\"",
                ));
            }
        };
        let target = Target::parse(&text).map_err(|error| format!("{error} ({place})"));
        match (target, &table.url_env) {
            (Err(why), None) => Err(Failure::new(Exit::Usage, why)),
            (target, _) => Ok(target),
        }
    }

    fn secrets(&self, table: &ChannelTable) -> Result<Result<Arc<[Secret]>, String>, Failure> {
        let Some(name) = &table.secret_env else {
            return Ok(Err("it names no secret_env: webhooks are signed".to_owned()));
        };
        let Some(text) = self.text(name)? else { return Ok(Err(format!("the environment variable {name} is not set"))) };
        let secrets = text.split(',').map(|secret| Secret::parse(secret.trim()));
        Ok(secrets.collect::<Result<Arc<[_]>, _>>().map_err(|error| format!("{error} (from the environment variable {name})")))
    }
}

/// A key of another kind would be forgotten silently.
fn only_its_own_keys(origin: &Origin, table: &ChannelTable) -> Result<(), Failure> {
    let kind = table.kind.as_str();
    let keys = [
        ("to", !table.to.is_empty(), kind == "mail"),
        ("url", table.url.is_some() || table.url_env.is_some(), kind != "mail"),
        ("secret_env", table.secret_env.is_some(), kind == "webhook"),
        ("events", !table.events.is_empty(), kind == "webhook"),
        ("alerts", table.alerts.is_some(), kind == "webhook"),
        ("every_minutes", table.every_minutes.is_some(), kind == "heartbeat"),
        ("least", table.least.is_some(), kind != "heartbeat"),
        ("after_hours", table.after_hours.is_some(), kind != "heartbeat"),
    ];
    match keys.iter().find(|(_, is_given, fits)| *is_given && !fits) {
        Some((key, ..)) => Err(Failure::new(Exit::Usage, format!("{key} is no key of a channel of kind {kind} ({origin})"))),
        None => Ok(()),
    }
}

fn check_channels(tables: &[(Origin, ChannelTable)], channels: &[Channel], has_smtp: bool) -> Result<(), Failure> {
    if channels.len() > CHANNELS_MAX {
        return Err(Failure::new(Exit::Usage, format!("there are more than {CHANNELS_MAX} channels")));
    }
    for (number, (channel, (origin, _))) in channels.iter().zip(tables).enumerate() {
        if channels.iter().take(number).any(|other| other.name == channel.name) {
            return Err(Failure::new(Exit::Usage, format!("there are two channels '{}' ({origin})", channel.name)));
        }
        match &channel.kind {
            ChannelKind::Mail { to } if to.is_empty() => {
                return Err(wrong(origin, "a mail channel", "to = [\"you@example.com\"]"));
            }
            ChannelKind::Mail { .. } if !has_smtp => {
                return Err(wrong(origin, "a mail channel", "a table [smtp] with host and from"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn event(origin: &Origin, word: &str) -> Result<AnnouncementKind, Failure> {
    AnnouncementKind::from_word(word).ok_or_else(|| {
        let known: Vec<&str> = AnnouncementKind::ALL.iter().map(|kind| kind.as_str()).collect();
        Failure::new(Exit::Usage, format!("'{word}' is no event ({origin})"))
            .hint(format!("expected some of {}", known.join(", ")))
    })
}

/// What cannot be, without its value: a secret may stand in the wrong place.
fn wrong(origin: &Origin, what: &str, expected: &str) -> Failure {
    Failure::new(Exit::Usage, format!("{what} cannot be used ({origin})")).hint(format!("expected {expected}"))
}

fn mailbox(origin: &Origin, text: &str) -> Result<Mailbox, Failure> {
    text.parse().map_err(|error| Failure::new(Exit::Usage, format!("{error} ({origin})")))
}

fn name(origin: &Origin, text: &str) -> Result<String, Failure> {
    if !is_name(text) {
        return Err(wrong(origin, "the name of a [[channel]]", "1 to 64 letters, digits, - or _"));
    }
    Ok(text.to_owned())
}

fn parsed<T, E: std::fmt::Display>(setting: &Setting, parse: impl Fn(&str) -> Result<T, E>) -> Result<T, Failure> {
    let Setting { text, origin } = setting;
    parse(text).map_err(|error| Failure::new(Exit::Usage, format!("'{text}' cannot be used ({origin})")).hint(error.to_string()))
}

fn day(setting: &Setting) -> Result<Date, Failure> {
    parsed(setting, |text| text.parse::<Date>().map_err(|_| "expected a day, such as 2027-03-31"))
}

fn allowed(settings: &[Setting]) -> Result<AllowedNetworks, Failure> {
    for setting in settings {
        parsed(setting, |text| AllowedNetworks::parse([text]))?;
    }
    AllowedNetworks::parse(settings.iter().map(|setting| &setting.text))
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()))
}

/// An address for links, which is never called.
fn public_url(setting: &Setting) -> Result<String, Failure> {
    parsed(setting, |text| {
        let target = Target::parse(text).map_err(|error| error.to_string())?;
        Ok::<_, String>(target.as_url().trim_end_matches('/').to_owned())
    })
}
