//! How things stand, in the words of the trail: a word, and where the content matters the beginning of its hash.
//!
//! The same function makes the state of what is about to be written and of what stands in the tables, so that the two can be compared.

use std::fmt::Write;

use audit::{SHARED, hex};
use facts::{BankLine, Decider, Exception, Match, PayoutVerdict, Subject};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::database::{Connection, OptionalExtension, Read, Row, params};
use crate::outcome::{exceptions_ever, matches, verdicts};
use crate::{Result, Schedule, Silence, rows};

/// So much of a hash stands in a state: nobody finds another content with the same by trying.
const DIGEST: usize = 16;

/// A content, field by field, so that no two lists of fields are the same text.
struct Content(String);

impl Content {
    fn new() -> Self {
        Self(String::with_capacity(256))
    }

    fn text(mut self, text: &str) -> Self {
        // Writing into a text does not fail.
        let _ = write!(self.0, "{}:{text},", text.len());
        self
    }

    fn number(mut self, number: impl Into<i128>) -> Self {
        let _ = write!(self.0, "{};", number.into());
        self
    }

    fn number_or_none(mut self, number: Option<impl Into<i128>>) -> Self {
        match number {
            Some(number) => self.number(number),
            None => {
                self.0.push(';');
                self
            }
        }
    }

    fn subjects(self, subjects: &[Subject]) -> Self {
        subjects.iter().fold(self.number(subjects.len() as u64), |content, one| content.text(one.kind).text(&one.id))
    }

    /// The state of a thing with this content that stands so.
    fn state(self, word: &str) -> String {
        let hash = Sha256::digest(self.0.as_bytes());
        let mut state = String::with_capacity(word.len() + 1 + DIGEST);
        state.push_str(word);
        state.push(' ');
        hash.iter().take(DIGEST / 2).for_each(|byte| {
            let _ = write!(state, "{byte:02x}");
        });
        state
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

/// How an exception stands, with when it was opened, and resolved where it is: unix microseconds.
pub(crate) fn exception(exception: &Exception, opened_at: i64, resolved_at: Option<i64>) -> String {
    let content = Content::new()
        .text(exception.code.as_str())
        .text(exception.class.as_str())
        .text(exception.currency.as_str())
        .number(exception.amount_minor)
        .text(&exception.explanation)
        .text(&exception.remedy)
        .subjects(&exception.subjects)
        .number(opened_at)
        .number_or_none(resolved_at);
    content.state(if resolved_at.is_none() { "open" } else { "resolved" })
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

/// How a rule that a person has set stands, by its JSON.
pub(crate) fn rule(rule: &str) -> String {
    let is_off = serde_json::from_str::<serde_json::Value>(rule).is_ok_and(|rule| rule.get("off") == Some(&true.into()));
    Content::new().text(rule).state(if is_off { "off" } else { "set" })
}

/// How a silence stands.
pub(crate) fn silence(silence: &Silence) -> String {
    let content = Content::new()
        .text(silence.rule.as_deref().unwrap_or_default())
        .text(silence.subject.as_deref().unwrap_or_default())
        .text(&silence.reason);
    // As it is kept: an instant of a clock has more digits.
    let until = Timestamp::from_microsecond(silence.until.as_microsecond()).unwrap_or(silence.until);
    content.state(&format!("until {until}"))
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
    for one in exceptions_ever(connection)? {
        found(chain_of(&one.exception), "exception", one.exception.id.as_str(), one.state());
    }
    files(connection, found)?;
    settings(connection, found)
}

fn files(connection: &Connection, found: &mut dyn FnMut(&str, &str, &str, String)) -> Result<()> {
    let two = |row: &Row<'_>| Ok((row.get::<String>(0)?, row.get::<Vec<u8>>(1)?));
    let mut statement = connection.prepare("SELECT bank_account, sha256 FROM statement_file")?;
    for (bank_account, sha256) in statement.query_map(params![], two)?.collect::<Read<Vec<_>>>()? {
        let state = statement_file(connection, &bank_account, &sha256)?.unwrap_or_default();
        found(SHARED, "statement_file", &file_id(&bank_account, &sha256), state);
    }
    let mut statement = connection.prepare("SELECT account, sha256 FROM export_file")?;
    for (account, sha256) in statement.query_map(params![], two)?.collect::<Read<Vec<_>>>()? {
        let state = export_file(connection, &account, &sha256)?.unwrap_or_default();
        found(&account, "export_file", &file_id(&account, &sha256), state);
    }
    let mut statement = connection.prepare("SELECT name, currency FROM bank_account")?;
    let accounts = statement.query_map(params![], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)))?;
    for (name, currency) in accounts.collect::<Read<Vec<_>>>()? {
        found(SHARED, "bank_account", &name, currency);
    }
    let mut statement = connection.prepare(STRAY_LINES)?;
    for line in statement.query_map(params![], |row| row.get::<String>(0))?.collect::<Read<Vec<_>>>()? {
        found(SHARED, "bank_line", &line, "of no file".to_owned());
    }
    Ok(())
}

/// Lines that no file has brought, of bank accounts of all of whose files it is known what they have brought.
const STRAY_LINES: &str = "SELECT l.id FROM bank_line l WHERE NOT EXISTS (SELECT 1 FROM statement_line s WHERE s.line = l.id) \
     AND NOT EXISTS (SELECT 1 FROM statement_file f WHERE f.bank_account = l.bank_account AND f.noted = 0) ORDER BY l.id";

/// A file whose bytes are those of its hash.
const READ: &str = "read";

/// A file whose bytes are others.
const ALTERED: &str = "altered";

fn word_of(bytes: &[u8], sha256: &[u8]) -> &'static str {
    if Sha256::digest(bytes)[..] == *sha256 { READ } else { ALTERED }
}

/// How a statement file stands: its bytes, the days that it speaks for, and the lines that it has brought. `None`: there is none.
pub(crate) fn statement_file(connection: &Connection, bank_account: &str, sha256: &[u8]) -> Result<Option<String>> {
    let file = params![bank_account, sha256];
    let sql = "SELECT bytes, file_name, imported_at, covered_from_on, covered_until_on FROM statement_file \
         WHERE bank_account = ?1 AND sha256 = ?2";
    let read = |row: &Row<'_>| {
        let content = Content::new()
            .text(&row.get::<String>(1)?)
            .number(row.get::<i64>(2)?)
            .text(&row.get::<Option<String>>(3)?.unwrap_or_default())
            .text(&row.get::<Option<String>>(4)?.unwrap_or_default());
        Ok((word_of(&row.get::<Vec<u8>>(0)?, sha256), content))
    };
    let Some((word, mut content)) = connection.query_row(sql, file, read).optional()? else { return Ok(None) };
    let sql = "SELECT from_on, until_on, opening_minor, closing_minor FROM statement_span \
         WHERE bank_account = ?1 AND sha256 = ?2 ORDER BY place";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(file)?;
    while let Some(ref row) = rows.next()? {
        content = content.text(&row.get::<String>(0)?).text(&row.get::<String>(1)?);
        content = content.number_or_none(row.get::<Option<i64>>(2)?).number_or_none(row.get::<Option<i64>>(3)?);
    }
    let sql = format!(
        "SELECT {} FROM statement_line s JOIN bank_line l ON l.id = s.line WHERE s.bank_account = ?1 AND s.sha256 = ?2 ORDER BY l.id",
        rows::BANK_LINE
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(file)?;
    while let Some(ref row) = rows.next()? {
        content = line(content, &rows::bank_line(row)?);
    }
    Ok(Some(content.state(word)))
}

fn line(content: Content, line: &BankLine) -> Content {
    let content = content
        .text(line.id.as_str())
        .text(&line.date_on.to_string())
        .text(&line.value_on.map(|on| on.to_string()).unwrap_or_default())
        .text(line.amount.currency().as_str())
        .number(line.amount.minor())
        .text(&line.description)
        .text(line.counterparty.as_deref().unwrap_or_default())
        .text(line.reference.as_deref().unwrap_or_default())
        .number_or_none(line.balance_after_minor);
    line.other_references.iter().fold(content, |content, other| content.text(other))
}

/// How an export of Stripe's stands: its bytes, and its name. `None`: there is none.
pub(crate) fn export_file(connection: &Connection, account: &str, sha256: &[u8]) -> Result<Option<String>> {
    let sql = "SELECT bytes, file_name, imported_at FROM export_file WHERE account = ?1 AND sha256 = ?2";
    let read = |row: &Row<'_>| {
        let content = Content::new().text(&row.get::<String>(1)?).number(row.get::<i64>(2)?);
        Ok(content.state(word_of(&row.get::<Vec<u8>>(0)?, sha256)))
    };
    Ok(connection.query_row(sql, params![account, sha256], read).optional()?)
}

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
