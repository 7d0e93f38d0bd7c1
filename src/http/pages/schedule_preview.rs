//! `/schedule-preview`: when an expression is due, as one types it. The form works by its button; the script asks as one types.

use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use schedule::Expression;
use store::Store;

use super::Answer;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Href;
use crate::http::parts::Link;
use crate::http::problem::Problem;
use crate::http::scheduled::{Foretold, PREVIEW, SCHEDULES, foretell};
use crate::views::load;
use crate::views::occurrence;

/// What may be typed: words and cron, a list, a day of a month, the last weekday, and a time that clocks skip.
const EXAMPLES: [(&str, &str); 7] = [
    ("every weekday at 7", ""),
    ("every 15 minutes", ""),
    ("on the last weekday of every month at 18:00", ""),
    ("on the first monday of every month at 8", ""),
    ("0 6 1,15 * *", ""),
    ("30 7 * * MON-FRI", "America/New_York"),
    ("30 2 * * *", "Europe/Berlin"),
];

#[derive(Template)]
#[template(path = "schedule_preview.html")]
struct Page {
    frame: Frame,
    expr: Typed,
    tz: Typed,
    from: Typed,
    business: String,
    now: String,
    /// Both in cron and the zone, where they can be read.
    title: String,
    says: &'static str,
    occurrences: Vec<Foretold>,
    command: Option<String>,
    examples: Vec<Link>,
    path: &'static str,
}

/// A field as it was typed, and what is wrong with it.
struct Typed {
    text: String,
    error: String,
}

/// The page, by the business time zone of a database.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    preview(ask, &load::zone_of(ask.time_zone.as_deref(), &store.own_accounts()?))
}

/// The page without one.
pub fn without_database(ask: &Ask) -> Result<Answer, Problem> {
    preview(ask, &load::zone_of(ask.time_zone.as_deref(), &[]))
}

fn preview(ask: &Ask, business: &TimeZone) -> Result<Answer, Problem> {
    let (expr, expression) = typed(ask, "expr", |text| Expression::parse(text).map_err(|error| error.to_string()));
    let (tz, zone) = typed(ask, "tz", occurrence::zone);
    let (from, begins) = typed(ask, "from", instant);
    let is_wrong = [&expr, &tz, &from].into_iter().any(|field| !field.error.is_empty());
    let expression = expression.filter(|_| !is_wrong);
    let (shown_zone, begins) = (zone.as_ref().unwrap_or(business), begins.unwrap_or(ask.now));
    let occurrences = expression.as_ref().map(|one| foretell(one, shown_zone, begins, ask.now)).unwrap_or_default();
    let says = match (&expression, occurrences.is_empty()) {
        (None, _) if is_wrong => "Nothing can be foretold until this is mended.",
        (None, _) => "The next ten times appear here.",
        (Some(_), true) => "It is never due: no such day comes within a hundred years.",
        (Some(_), false) => "",
    };
    let page = Page {
        frame: Frame::new(ask, "When an expression is due", SCHEDULES),
        title: expression.as_ref().map(|one| format!("{} in {}", one.text(), name_of(shown_zone))).unwrap_or_default(),
        says,
        command: expression.as_ref().map(|_| command(&expr.text, &tz.text)),
        occurrences,
        business: name_of(business).to_owned(),
        now: ask.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        expr,
        tz,
        from,
        examples: EXAMPLES.into_iter().map(example).collect(),
        path: PREVIEW,
    };
    Ok(Answer::Html(page.render()?))
}

/// What was typed into a field; an empty one is no mistake.
fn typed<T>(ask: &Ask, name: &str, read: impl FnOnce(&str) -> Result<T, String>) -> (Typed, Option<T>) {
    let text = ask.query.text(name);
    let (value, error) = match ask.query.get(name).map(read) {
        None => (None, String::new()),
        Some(Ok(value)) => (Some(value), String::new()),
        Some(Err(error)) => (None, error),
    };
    (Typed { text, error }, value)
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("{text} is no instant; expected one such as 2026-03-28T00:00:00Z"))
}

fn name_of(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

/// The command that adds such a schedule, to be given a name.
fn command(expr: &str, tz: &str) -> String {
    let zone = if tz.is_empty() { String::new() } else { format!(" --tz {}", quoted(tz)) };
    format!("tieout schedule add NAME --job sync --cron {}{zone}", quoted(expr))
}

/// As a shell takes it for one word, whatever is in it.
fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-+.".contains(&byte);
    if text.bytes().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn example((expr, tz): (&str, &str)) -> Link {
    let text = if tz.is_empty() { expr.to_owned() } else { format!("{expr} in {tz}") };
    Link::words(Href::to(PREVIEW).with("expr", expr).with("tz", tz).text(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_takes_what_was_typed_as_one_word() {
        assert_eq!(command("every day at 7", ""), "tieout schedule add NAME --job sync --cron 'every day at 7'");
        assert_eq!(command("@daily", "Europe/Berlin"), "tieout schedule add NAME --job sync --cron '@daily' --tz Europe/Berlin");
        assert_eq!(quoted("a'; rm -r '"), r"'a'\''; rm -r '\'''");
        assert_eq!((quoted("$(x)"), quoted("Etc/GMT+5")), ("'$(x)'".to_owned(), "Etc/GMT+5".to_owned()));
    }

    #[test]
    fn every_example_can_be_read() {
        for (expr, tz) in EXAMPLES {
            assert!(Expression::parse(expr).is_ok() && (tz.is_empty() || occurrence::zone(tz).is_ok()), "{expr} {tz}");
        }
    }
}
