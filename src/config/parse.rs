//! From the text of one setting to its value, or to a refusal that says where the text came from.

use std::path::{Path, PathBuf};

use facts::ObjectKind;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use store::{Location, Server};
use stripe::ApiBase;

use super::Origin;
use super::file::Setting;
use crate::exit::{Exit, Failure};
use crate::jobs::sync::kinds;

fn refused(what: &str, text: &str, origin: &Origin, expected: &str) -> Failure {
    Failure::new(Exit::Usage, format!("'{}' is not {what} ({origin})", without_password(text))).hint(expected)
}

/// A kind of object that a sync may leave out: one that reconciling does not need.
pub fn kind(setting: &Setting) -> Result<ObjectKind, Failure> {
    let skippable = || kinds().filter(|kind| !stripe::declaration(*kind).is_needed());
    let known = skippable().map(ObjectKind::as_str).collect::<Vec<_>>().join(", ");
    skippable().find(|kind| kind.as_str() == setting.text).ok_or_else(|| {
        refused("a kind of object that can be left out", &setting.text, &setting.origin, &format!("these can: {known}"))
    })
}

/// An address as it may be shown: whatever stands before an `@` may hold a password, and so may whatever names one.
fn without_password(text: &str) -> String {
    if text.to_ascii_lowercase().contains("password") {
        return "…".to_owned();
    }
    match text.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => text.to_owned(),
    }
}

/// The database named by a URL; `password` is for a server whose address holds none.
pub fn database(url: &str, home: Option<&Path>, password: Option<&str>, origin: &Origin) -> Result<Location, Failure> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return server(url, password, origin);
    }
    let expected = "expected sqlite:PATH or postgres://USER@HOST/NAME, for example sqlite:/var/lib/tieout/tieout.db";
    let wrong = || refused("a database", url, origin, expected);
    let path = url.strip_prefix("sqlite:").ok_or_else(wrong)?;
    let is_address = path.starts_with("//") && !path.starts_with("///");
    if path.is_empty() || path.ends_with('/') || path == ":memory:" || path.contains('\0') || is_address {
        return Err(wrong());
    }
    Ok(Location::File(match (path.strip_prefix("~/"), home) {
        (Some(below), Some(home)) => home.join(below),
        _ => PathBuf::from(path),
    }))
}

/// The address of a PostgreSQL database. It may hold a password, so it is never repeated.
fn server(url: &str, password: Option<&str>, origin: &Origin) -> Result<Location, Failure> {
    let server = Server::parse(url).map_err(|why| {
        Failure::new(Exit::Usage, format!("the address of a PostgreSQL database ({origin}) is wrong: {why}"))
            .hint("expected postgres://USER@HOST:PORT/NAME, or postgres://USER@/NAME?host=/FOLDER for a socket on this machine")
    })?;
    if server.has_password() && matches!(origin, Origin::Flag(_)) {
        return Err(Failure::new(Exit::Usage, "a password on the command line can be read by everybody on this machine")
            .hint("leave it out and set PGPASSWORD, or set TIEOUT_DATABASE instead of --database"));
    }
    Ok(Location::Server(Box::new(server.or_password(password))))
}

/// Hundredths of Stripe's rate limits, from 1 to 100.
pub fn share_percent(Setting { text, origin }: &Setting) -> Result<u32, Failure> {
    let percent = text.parse().ok().filter(|percent| (1..=100).contains(percent));
    percent.ok_or_else(|| refused("a share of Stripe's rate limits", text, origin, "expected a whole number from 1 to 100"))
}

/// How many days history is kept: a month at least, for what is unusual is told by it.
pub fn history_days(Setting { text, origin }: &Setting) -> Result<u32, Failure> {
    let days = text.parse().ok().filter(|days| (31..=36_500).contains(days));
    days.ok_or_else(|| refused("a number of days to keep history", text, origin, "expected a whole number from 31 to 36500"))
}

/// An address of Stripe's API: https anywhere, or plain http to this machine. A slash at the end is dropped.
pub fn api_base(text: &str, origin: &Origin) -> Result<String, Failure> {
    let expected = "expected https://HOST or http://127.0.0.1:PORT, without a name and a password";
    if text.contains('@') || !has_port_in_range(text) {
        return Err(refused("an address of Stripe's API", text, origin, expected));
    }
    let base = ApiBase::parse(text).map_err(|error| {
        Failure::new(Exit::Usage, format!("{error} ({origin})")).hint("leave it out for Stripe's own address")
    })?;
    Ok(base.as_str().to_owned())
}

/// A port beyond 65535 would be asked for again and again, as if the network were down.
fn has_port_in_range(text: &str) -> bool {
    let authority = text.split_once("://").map_or(text, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let port = authority.rsplit_once(':').map(|(_, port)| port).filter(|port| !port.contains(']'));
    port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// The sync endpoint's secret, which is never repeated. A header carries no other characters, so others could never be given.
pub fn sync_secret(text: String) -> Result<SecretString, Failure> {
    let why = match text.as_str() {
        blank if blank.trim().is_empty() => "holds only blanks",
        text if !text.bytes().all(|byte| byte.is_ascii_graphic()) => "holds what an Authorization header cannot carry",
        _ => return Ok(SecretString::from(text)),
    };
    Err(Failure::new(Exit::Usage, format!("the environment variable TIEOUT_SYNC_SECRET {why}"))
        .hint("expected ASCII letters, digits and signs without blanks, such as openssl rand -hex 32 makes; or leave it unset"))
}

/// An IANA time zone that this machine knows.
pub fn time_zone(text: String, origin: &Origin) -> Result<String, Failure> {
    match TimeZone::get(&text) {
        Ok(_) => Ok(text),
        Err(_) => Err(refused("a time zone", &text, origin, "expected an IANA name, such as Europe/Berlin or UTC")),
    }
}

/// Secrets of a webhook endpoint, separated by commas. A blank one would sign what anybody sends.
pub fn webhook_secrets(text: Option<String>) -> Result<Vec<SecretString>, Failure> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let secrets: Vec<&str> = text.split(',').map(str::trim).collect();
    if secrets.iter().any(|secret| secret.is_empty()) {
        return Err(Failure::new(Exit::Usage, "the environment variable STRIPE_WEBHOOK_SECRET holds an empty secret")
            .hint("expected whsec_…, or several of them with one comma between, as Stripe's dashboard shows them"));
    }
    Ok(secrets.into_iter().map(SecretString::from).collect())
}

/// An instant, or the last second of a day in UTC: Stripe's instants are whole seconds.
pub fn as_of(text: &str) -> Result<Timestamp, Failure> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let end_of_day = |day: Date| day.at(23, 59, 59, 0).to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    text.parse::<Date>().ok().filter(|_| text.len() == "2026-07-31".len()).and_then(|day| end_of_day(day).ok()).ok_or_else(|| {
        let expected = "expected RFC 3339, such as 2026-07-31T18:00:00Z, or a day, such as 2026-07-31 (its end, in UTC)";
        refused("an instant", text, &Origin::Flag("--as-of"), expected)
    })
}
