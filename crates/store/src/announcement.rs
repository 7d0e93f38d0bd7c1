//! What happened and programs are told of: noted in the transaction in which it happens, so that none is lost and none is told that did not.

use std::collections::BTreeSet;

use facts::{Exception, Match, MatchKind, MatchState, Subject};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::database::{Read, Row, Transaction, params};
use crate::schedule::{RunEnd, ScheduledRun};
use crate::{MessageWrite, Result, Store, alert, points, rows};

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnnouncementKind {
    /// A payout was found at the bank, or at other bank lines than before.
    PayoutMatched,
    /// A payout that was found at the bank is not any more.
    PayoutUnmatched,
    /// An exception was opened, or opened again.
    ExceptionOpened,
    /// An exception is open no more.
    ExceptionResolved,
    /// A scheduled run ended after its last try and did not do all.
    RunFailed,
}

impl AnnouncementKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::PayoutMatched, Self::PayoutUnmatched, Self::ExceptionOpened, Self::ExceptionResolved, Self::RunFailed];

    /// The word in settings, columns and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PayoutMatched => "payout.matched",
            Self::PayoutUnmatched => "payout.unmatched",
            Self::ExceptionOpened => "exception.opened",
            Self::ExceptionResolved => "exception.resolved",
            Self::RunFailed => "run.failed",
        }
    }

    /// That of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// Something that happened and is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Its number; counts up.
    pub id: i64,
    /// What happened.
    pub kind: AnnouncementKind,
    /// To what, and how it stands by that, as JSON.
    pub data: String,
    /// When; kept to the microsecond. `None` where an earlier version noted it.
    pub happened_at: Option<Timestamp>,
}

impl Store {
    /// Which kinds are noted from now on. What was noted of others and not told is forgotten.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn want_announcements(&mut self, kinds: &BTreeSet<AnnouncementKind>) -> Result<()> {
        let known = self.read(|connection| {
            let word = |row: &Row<'_>| row.get::<String>(0);
            let mut statement = connection.prepare("SELECT kind FROM announcement_wanted ORDER BY kind")?;
            Ok(statement.query_map(params![], word)?.collect::<Read<BTreeSet<_>>>()?)
        })?;
        if known == kinds.iter().map(|kind| kind.as_str().to_owned()).collect() {
            return Ok(());
        }
        self.write(points::ANNOUNCE, |transaction| {
            transaction.execute("DELETE FROM announcement_wanted", params![])?;
            for kind in kinds {
                transaction.execute("INSERT INTO announcement_wanted (kind) VALUES (?1)", params![kind.as_str()])?;
            }
            let unwanted = "DELETE FROM announcement WHERE kind NOT IN (SELECT kind FROM announcement_wanted)";
            transaction.execute(unwanted, params![])?;
            Ok(())
        })
    }

    /// What happened and was not told yet, in its order; at most `limit`.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn announcements(&self, limit: u32) -> Result<Vec<Announcement>> {
        self.read(|connection| {
            let mut statement =
                connection.prepare("SELECT id, kind, data, happened_at FROM announcement ORDER BY id LIMIT ?1")?;
            Ok(statement.query_map(params![limit], announcement)?.collect::<Read<_>>()?)
        })
    }

    /// Keeps the messages that tell of what happened up to one, and forgets that it is to be told.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn announced(&mut self, until: i64, messages: &[MessageWrite]) -> Result<()> {
        self.write(points::ANNOUNCE, |transaction| {
            transaction.execute("DELETE FROM announcement WHERE id <= ?1", params![until])?;
            alert::add_messages(transaction, messages)
        })
    }
}

fn announcement(row: &Row<'_>) -> Read<Announcement> {
    Ok(Announcement {
        id: row.get(0)?,
        kind: rows::parsed(row, 1, AnnouncementKind::from_word)?,
        data: row.get(2)?,
        happened_at: rows::time_or_none(row, 3)?,
    })
}

/// Notes what happens, where somebody wants to hear of it.
pub(crate) struct Announcer<'a, 'b> {
    transaction: &'a Transaction<'b>,
    wanted: BTreeSet<AnnouncementKind>,
    now: Timestamp,
}

impl<'a, 'b> Announcer<'a, 'b> {
    /// What is noted happens `now`.
    pub(crate) fn new(transaction: &'a Transaction<'b>, now: Timestamp) -> Result<Self> {
        let mut statement = transaction.prepare("SELECT kind FROM announcement_wanted")?;
        let words: Vec<String> = statement.query_map(params![], |row| row.get(0))?.collect::<Read<_>>()?;
        let wanted = words.iter().filter_map(|word| AnnouncementKind::from_word(word)).collect();
        Ok(Self { transaction, wanted, now })
    }

    pub(crate) fn wants(&self, kind: AnnouncementKind) -> bool {
        self.wanted.contains(&kind)
    }

    /// A match is in force that was not, or of other members than before.
    pub(crate) fn matched(&self, one: &Match, before: Option<&Match>) -> Result<()> {
        let is_news = before.is_none_or(|before| !is_deposit(before) || (&before.left, &before.right) != (&one.left, &one.right));
        if is_deposit(one) && is_news {
            self.of_payouts(AnnouncementKind::PayoutMatched, one)?;
        }
        match before {
            Some(before) if is_deposit(before) && !is_deposit(one) => self.unmatched(before),
            _ => Ok(()),
        }
    }

    /// A match does not hold any more.
    pub(crate) fn unmatched(&self, gone: &Match) -> Result<()> {
        if is_deposit(gone) { self.of_payouts(AnnouncementKind::PayoutUnmatched, gone) } else { Ok(()) }
    }

    fn of_payouts(&self, kind: AnnouncementKind, one: &Match) -> Result<()> {
        if !self.wants(kind) {
            return Ok(());
        }
        let bank_lines: Vec<&str> = one.right.iter().map(|line| line.id.as_str()).collect();
        one.left.iter().try_for_each(|payout| {
            let sql = "SELECT amount_minor FROM payout WHERE account = ?1 AND id = ?2";
            let mut statement = self.transaction.prepare(sql)?;
            let mut amounts = statement.query_map(params![one.account.as_str(), payout.id], |row| row.get::<i64>(0))?;
            let data = json!({
                "payout": payout.id,
                "account": one.account.as_str(),
                "amount_minor": amounts.next().transpose()?,
                "currency": one.currency.as_str(),
                "bank_lines": bank_lines,
                "match": one.id.as_str(),
                "difference_minor": one.difference_minor,
                "decided_by": one.decided_by.map(facts::Decider::as_str),
                "probability_ppm": one.probability_ppm,
            });
            self.add(kind, &data)
        })
    }

    /// An exception is open that was not.
    pub(crate) fn opened(&self, exception: &Exception) -> Result<()> {
        self.of_exception(AnnouncementKind::ExceptionOpened, exception)
    }

    /// An exception is open no more.
    pub(crate) fn resolved(&self, exception: &Exception) -> Result<()> {
        self.of_exception(AnnouncementKind::ExceptionResolved, exception)
    }

    fn of_exception(&self, kind: AnnouncementKind, exception: &Exception) -> Result<()> {
        if !self.wants(kind) {
            return Ok(());
        }
        let subject = |subject: &Subject| json!({ "kind": subject.kind, "id": subject.id });
        let data = json!({
            "exception": exception.id.as_str(),
            "code": exception.code.as_str(),
            "class": exception.class.as_str(),
            "account": exception.account.as_ref().map(facts::AccountId::as_str),
            "amount_minor": exception.amount_minor,
            "currency": exception.currency.as_str(),
            "subjects": exception.subjects.iter().map(subject).collect::<Vec<_>>(),
            "explanation": exception.explanation,
            "remedy": exception.remedy,
        });
        self.add(kind, &data)
    }

    /// A run did not do all, and is not tried again.
    pub(crate) fn failed(&self, run: &ScheduledRun, end: &RunEnd) -> Result<()> {
        if !self.wants(AnnouncementKind::RunFailed) {
            return Ok(());
        }
        let data = json!({
            "run": run.id,
            "schedule": run.schedule,
            "state": end.state.as_str(),
            "due_at": run.due_at.to_string(),
            "attempts": run.attempts,
            "http_status": end.http_status,
            "error": end.error,
        });
        self.add(AnnouncementKind::RunFailed, &data)
    }

    fn add(&self, kind: AnnouncementKind, data: &Value) -> Result<()> {
        let sql = "INSERT INTO announcement (id, kind, data, happened_at) SELECT COALESCE(MAX(id), 0) + 1, ?1, ?2, ?3 FROM announcement";
        let now = self.now.as_microsecond();
        self.transaction.prepare(sql)?.execute(params![kind.as_str(), data.to_string(), now])?;
        Ok(())
    }
}

/// Whether a match says that payouts are at the bank.
fn is_deposit(one: &Match) -> bool {
    one.kind == MatchKind::Deposit && one.state == MatchState::Accepted
}
