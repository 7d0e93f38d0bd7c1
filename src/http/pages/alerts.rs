//! `/alerts`: what is not well, by which rules, and what was told.

use alerts::Rule;
use askama::Template;
use jiff::Timestamp;
use store::{AlertRow, ChannelState, MessageRow, MessageState, Silence, Store};

use super::Answer;
use crate::alerting::rules;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::parts::Empty;
use crate::http::problem::Problem;
use crate::http::show::{self, Chip, When, chip};
use crate::outside::{Mishap, Seen};
use crate::views::alert::{Looked, RuleView, minutes};

/// The page's address.
pub const ALERTS: &str = "/alerts";

/// More alerts than this have one cause; the command line lists all.
const ALERTS_SHOWN: usize = 200;

/// The newest messages.
const MESSAGES_SHOWN: u64 = 30;

#[derive(Template)]
#[template(path = "alerts.html")]
struct Page {
    frame: Frame,
    standing: Chip,
    says: String,
    nothing: Option<Empty>,
    alerts: Vec<AlertShown>,
    more: Option<String>,
    silences: Vec<SilenceShown>,
    channels: Vec<ChannelShown>,
    messages: Vec<MessageShown>,
    rules: Vec<RuleShown>,
    mishaps: Vec<MishapShown>,
}

struct AlertShown {
    chip: Chip,
    severity: &'static str,
    rule: String,
    subject: String,
    since: When,
    what: String,
    how_much: Option<String>,
    done: Option<String>,
    to_do: String,
    look: Option<String>,
    /// What a person has said, or the command to say it.
    known: Option<When>,
}

struct SilenceShown {
    id: i64,
    of: String,
    until: String,
    reason: String,
}

struct ChannelShown {
    name: String,
    chip: Chip,
    since: Option<When>,
}

struct MessageShown {
    chip: Chip,
    channel: String,
    written: When,
    tries: u32,
    subject: String,
    error: String,
}

/// What went wrong at the edges of this server since it started.
struct MishapShown {
    what: &'static str,
    times: String,
    last: When,
    told: String,
}

struct RuleShown {
    name: String,
    severity: &'static str,
    told: String,
    age: String,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let alerts = store.alerts()?;
    let (standing, says) = verdict(&alerts, store.looked_at()?, ask.now);
    let rules = rules(store).map_err(|failure| Problem::Internal(failure.message))?;
    let page = Page {
        frame: Frame::new(ask, "Alerts", ALERTS),
        nothing: alerts.is_empty().then(|| nothing(standing.tone == "ok")),
        standing,
        says,
        more: alerts
            .len()
            .checked_sub(ALERTS_SHOWN)
            .filter(|more| *more > 0)
            .map(|more| show::count(more as u64, "more alert", "more alerts")),
        alerts: alerts.iter().take(ALERTS_SHOWN).map(|row| alert(row, ask.now)).collect(),
        silences: store.silences(ask.now)?.iter().map(silence).collect(),
        channels: store.channel_states()?.iter().map(|state| channel(state, ask.now)).collect(),
        messages: store.messages(MESSAGES_SHOWN)?.iter().map(|row| message(row, ask.now)).collect(),
        rules: rules.iter().map(rule).collect(),
        mishaps: ask.mishaps.iter().map(|(kind, seen)| mishap(*kind, seen, ask.now)).collect(),
    };
    Ok(Answer::Html(page.render()?))
}

/// What the list is worth, as a chip and a sentence.
fn verdict(alerts: &[AlertRow], looked_at: Option<Timestamp>, now: Timestamp) -> (Chip, String) {
    let unknown = chip("off", "dash", "Unknown");
    let at = match Looked::at(looked_at, now) {
        Looked::Never => {
            return (unknown, "Nobody has looked yet. A server looks twice a minute: is tieout serve running?".to_owned());
        }
        Looked::Old(at) => {
            let at = show::minute(at);
            return (unknown, format!("Unknown since {at} UTC, when everything was looked at last: is tieout serve running?"));
        }
        Looked::Fresh(at) => at,
    };
    let looked = format!("Everything was looked at {} ago.", When::new(at, now).age);
    let loud = alerts.iter().filter(|row| row.state != "pending" && row.state != "recovering").count();
    match (loud, alerts.len()) {
        (0, 0) => (chip("ok", "tick", "All well"), looked),
        (0, some) => (
            chip("wait", "clock", "Watching"),
            format!("{} may become an alert. {looked}", show::count(some as u64, "thing", "things")),
        ),
        (loud, _) => {
            (chip("bad", "bang", "Not well"), format!("{} stand. {looked}", show::count(loud as u64, "alert", "alerts")))
        }
    }
}

fn nothing(is_well: bool) -> Empty {
    if is_well {
        return Empty::done(
            "Nothing is alerting. What is not well appears here, with what was done already and what to do.".to_owned(),
        );
    }
    Empty {
        icon: "clock",
        title: "Nothing is known".to_owned(),
        text: "No data is not OK. What is not well appears here once a server looks.".to_owned(),
        link: None,
        commands: vec![
            ("Let a server look, twice a minute", "tieout serve"),
            ("See who is told", "tieout alert channels"),
            ("See what is watched", "tieout alert rules"),
        ],
    }
}

fn state(word: &str) -> Chip {
    match word {
        "pending" => chip("wait", "clock", "Pending"),
        "recovering" => chip("wait", "clock", "Recovering"),
        "no_data" => chip("off", "dash", "No data"),
        "error" => chip("open", "bang", "Not looked at"),
        _ => chip("bad", "bang", "Alerting"),
    }
}

fn alert(row: &AlertRow, now: Timestamp) -> AlertShown {
    AlertShown {
        chip: state(&row.state),
        severity: if row.severity == "critical" { "critical" } else { "warning" },
        rule: row.rule.clone(),
        subject: row.subject.clone(),
        since: When::new(row.bad_since, now),
        what: row.what.clone(),
        how_much: row.how_much.clone(),
        done: row.done.clone(),
        to_do: row.to_do.clone(),
        // Only paths of this server: the table is ours, and stays so.
        look: row.look.clone().filter(|path| path.starts_with('/') && !path.starts_with("//")),
        known: row.acknowledged_at.map(|at| When::new(at, now)),
    }
}

fn silence(silence: &Silence) -> SilenceShown {
    let of = match (&silence.rule, &silence.subject) {
        (Some(rule), Some(subject)) => format!("{rule} {subject}"),
        (Some(rule), None) => rule.clone(),
        (None, _) => "every rule".to_owned(),
    };
    SilenceShown { id: silence.id, of, until: show::minute(silence.until), reason: silence.reason.clone() }
}

fn channel(row: &ChannelState, now: Timestamp) -> ChannelShown {
    let (chip, since) = match (row.disabled_at, row.failing_since) {
        (Some(at), _) => (chip("bad", "cross", "Disabled"), Some(at)),
        (None, Some(at)) => (chip("open", "bang", "Nothing goes out"), Some(at)),
        (None, None) => (chip("ok", "tick", "Takes messages"), row.called_at),
    };
    ChannelShown { name: row.name.clone(), chip, since: since.map(|at| When::new(at, now)) }
}

fn message(row: &MessageRow, now: Timestamp) -> MessageShown {
    let chip = match row.state {
        MessageState::Waiting => chip("wait", "clock", "Waiting"),
        MessageState::Sent => chip("ok", "tick", "Sent"),
        MessageState::Failed => chip("bad", "cross", "Given up"),
    };
    MessageShown {
        chip,
        channel: row.message.channel.clone(),
        written: When::new(row.message.added_at, now),
        tries: row.attempts,
        subject: row.message.subject.clone(),
        error: row.error.clone().unwrap_or_default(),
    }
}

fn mishap(kind: Mishap, seen: &Seen, now: Timestamp) -> MishapShown {
    let (times, last) = (show::thousands(seen.times), When::new(seen.last_at, now));
    MishapShown { what: kind.words(), times, last, told: seen.told.clone() }
}

fn rule(rule: &Rule) -> RuleShown {
    let view = RuleView::of(rule);
    RuleShown {
        name: rule.name.clone(),
        severity: view.severity,
        told: view.told(),
        age: view.age_minutes.map(minutes).unwrap_or_default(),
    }
}
