//! How things stand, in the words of the trail: a word, and where the content matters the beginning of its hash.
//!
//! The same function makes the state of what is about to be written and of what stands in the tables, so that the two can be compared.

use audit::{SHARED, hex};
use facts::{Decider, Exception, Match, PayoutVerdict, Subject};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::database::{Connection, Read, Row, params};
use crate::outcome::{exceptions_ever, matches, verdicts};
use crate::{Result, Schedule, Silence, rows};

/// So much of a hash stands in a state: nobody finds another content with the same by trying.
const DIGEST: usize = 16;

/// A content, field by field.
struct Content(Sha256);

impl Content {
    fn new() -> Self {
        Self(Sha256::new())
    }

    /// With its length before it, so that no two lists of fields are the same bytes.
    fn text(mut self, text: &str) -> Self {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text);
        self
    }

    fn number(self, number: impl Into<i128>) -> Self {
        self.text(&number.into().to_string())
    }

    fn number_or_none(self, number: Option<impl Into<i128>>) -> Self {
        match number {
            Some(number) => self.number(number),
            None => self.text(""),
        }
    }

    fn subjects(self, subjects: &[Subject]) -> Self {
        subjects.iter().fold(self.number(subjects.len() as u64), |content, one| content.text(one.kind).text(&one.id))
    }

    /// The state of a thing with this content that stands so.
    fn state(self, word: &str) -> String {
        let digest: String = hex(&self.0.finalize()).chars().take(DIGEST).collect();
        format!("{word} {digest}")
    }
}

/// How a payout stands: bucket, composition and deposit. How far statements reach is no content: it moves with each.
pub(crate) fn payout(verdict: &PayoutVerdict) -> String {
    let (composition, deposit) = (&verdict.composition, &verdict.deposit);
    let content = Content::new()
        .number(composition.txn_count)
        .number_or_none(Some(composition.sum_net_minor))
        .number(composition.difference_minor)
        .number(deposit.difference_minor)
        .text(deposit.decided_by.map(Decider::as_str).unwrap_or_default())
        .number_or_none(deposit.probability_ppm)
        .text(&deposit.due_on.to_string());
    let content =
        deposit.allocations.iter().fold(content, |content, one| content.text(one.bank_line.as_str()).number(one.allocated_minor));
    content.state(&format!("{}/{}/{}", verdict.bucket.as_str(), composition.state.as_str(), deposit.state.as_str()))
}

/// How a match stands.
pub(crate) fn match_(one: &Match) -> String {
    let content = Content::new()
        .text(one.kind.as_str())
        .text(one.currency.as_str())
        .text(one.decided_by.map(Decider::as_str).unwrap_or_default())
        .number_or_none(one.probability_ppm)
        .number(one.score)
        .number(one.rivals)
        .number(one.difference_minor)
        .subjects(&one.left)
        .subjects(&one.right);
    let content =
        one.evidence.iter().fold(content, |content, found| content.text(&found.name).text(&found.finding).number(found.weight));
    content.state(one.state.as_str())
}

/// How an exception stands.
pub(crate) fn exception(exception: &Exception, is_open: bool) -> String {
    let content = Content::new()
        .text(exception.code.as_str())
        .text(exception.class.as_str())
        .text(exception.currency.as_str())
        .number(exception.amount_minor)
        .text(&exception.explanation)
        .text(&exception.remedy)
        .subjects(&exception.subjects);
    content.state(if is_open { "open" } else { "resolved" })
}

/// The chain that an exception stands in.
pub(crate) fn chain_of(exception: &Exception) -> &str {
    exception.account.as_ref().map_or(SHARED, facts::AccountId::as_str)
}

/// How a schedule stands. When it is due next is no content.
pub(crate) fn schedule(schedule: &Schedule) -> String {
    let content = Content::new()
        .text(&schedule.job)
        .text(&schedule.expression)
        .text(&schedule.cron)
        .text(schedule.follows.as_deref().unwrap_or_default())
        .text(schedule.zone.as_deref().unwrap_or_default())
        .number(schedule.retries)
        .text(&schedule.missed)
        .text(&schedule.overlap)
        .number(schedule.grace.as_secs());
    content.state(if schedule.paused { "paused" } else { "active" })
}

/// How a rule that a person has set stands.
pub(crate) fn rule(rule: &str) -> String {
    Content::new().text(rule).state("set")
}

/// How a silence stands.
pub(crate) fn silence(silence: &Silence) -> String {
    let content = Content::new()
        .text(silence.rule.as_deref().unwrap_or_default())
        .text(silence.subject.as_deref().unwrap_or_default())
        .text(&silence.reason);
    content.state(&format!("until {}", silence.until))
}

/// How an alert stands. What it says of the present moves with each look, and is no content.
pub(crate) fn alert(state: &str, acknowledged_at: Option<Timestamp>) -> String {
    acknowledged_at.map_or_else(|| state.to_owned(), |_| format!("{state} acknowledged"))
}

/// The id of an alert.
pub(crate) fn alert_id(rule: &str, subject: &str) -> String {
    format!("{rule}/{subject}")
}

/// The id of a file, with whose it is.
pub(crate) fn file_id(whose: &str, sha256: &[u8]) -> String {
    format!("{whose}/{}", hex(sha256))
}

/// Hands over chain, noun, id and state of each thing whose state is followed.
pub(super) fn each(connection: &Connection, found: &mut dyn FnMut(&str, &str, &str, String)) -> Result<()> {
    for verdict in verdicts(connection, None)? {
        found(verdict.account.as_str(), "payout", verdict.payout.as_str(), payout(&verdict));
    }
    for one in matches(connection)? {
        found(one.account.as_str(), "match", one.id.as_str(), match_(&one));
    }
    for (one, is_open) in exceptions_ever(connection)? {
        found(chain_of(&one), "exception", one.id.as_str(), exception(&one, is_open));
    }
    files(connection, found)?;
    settings(connection, found)
}

fn files(connection: &Connection, found: &mut dyn FnMut(&str, &str, &str, String)) -> Result<()> {
    let two = |row: &Row<'_>| Ok((row.get::<String>(0)?, row.get::<Vec<u8>>(1)?));
    let mut statement = connection.prepare("SELECT bank_account, sha256 FROM statement_file")?;
    for file in statement.query_map(params![], two)?.collect::<Read<Vec<_>>>()? {
        found(SHARED, "statement_file", &file_id(&file.0, &file.1), READ.to_owned());
    }
    let mut statement = connection.prepare("SELECT account, sha256 FROM export_file")?;
    for file in statement.query_map(params![], two)?.collect::<Read<Vec<_>>>()? {
        found(&file.0, "export_file", &file_id(&file.0, &file.1), READ.to_owned());
    }
    let mut statement = connection.prepare("SELECT name, currency FROM bank_account")?;
    let accounts = statement.query_map(params![], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)))?;
    for (name, currency) in accounts.collect::<Read<Vec<_>>>()? {
        found(SHARED, "bank_account", &name, currency);
    }
    Ok(())
}

/// The state of a file that was taken.
pub(crate) const READ: &str = "read";

fn settings(connection: &Connection, found: &mut dyn FnMut(&str, &str, &str, String)) -> Result<()> {
    for one in crate::schedule::all(connection)? {
        found(SHARED, "schedule", &one.name, schedule(&one));
    }
    let mut statement = connection.prepare("SELECT name, rule FROM alert_rule")?;
    let rules = statement.query_map(params![], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)))?;
    for (name, text) in rules.collect::<Read<Vec<_>>>()? {
        found(SHARED, "alert_rule", &name, rule(&text));
    }
    for one in crate::alert::silences(connection, Timestamp::MIN)? {
        found(SHARED, "silence", &one.id.to_string(), silence(&one));
    }
    let mut statement = connection.prepare("SELECT rule, subject, state, acknowledged_at FROM alert")?;
    let alerts = statement.query_map(params![], |row| {
        let id = alert_id(&row.get::<String>(0)?, &row.get::<String>(1)?);
        Ok((id, alert(&row.get::<String>(2)?, rows::time_or_none(row, 3)?)))
    })?;
    for (id, state) in alerts.collect::<Read<Vec<_>>>()? {
        found(SHARED, "alert", &id, state);
    }
    Ok(())
}
