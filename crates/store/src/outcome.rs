//! What reconciliation concluded, written in one transaction.

mod stored;

use facts::{Decider, Exception, ExceptionId, Match, MatchId, PayoutVerdict, Subject};
use jiff::Timestamp;

#[cfg(test)]
pub(crate) use stored::{EXCEPTIONS_OPEN, SUBJECTS_OPEN};
pub(crate) use stored::{
    Kept, add_member, exceptions_ever, exceptions_of, exceptions_open, matches, matches_of, subjects, verdicts, verdicts_of,
};
use stored::{LEFT, RIGHT};

use crate::announcement::Announcer;
use crate::audit::{Changes, states};
use crate::database::{Transaction, params};
use crate::{AccountBasis, AuditAct, Basis, Result, Store, StoreError, basis, points, rows};

/// What one reconciliation concluded. What equals the stored row is not written.
#[derive(Clone, Debug)]
pub struct OutcomeWrite {
    /// Verdicts that are new or may have changed.
    pub verdicts: Vec<PayoutVerdict>,
    /// Matches that are new or may have changed.
    pub matches: Vec<Match>,
    /// Matches that no longer hold; unknown ids do nothing.
    pub matches_gone: Vec<MatchId>,
    /// Exceptions that are open. One that was resolved is opened again.
    pub exceptions_open: Vec<Exception>,
    /// Exceptions that are open no more; unknown and resolved ids do nothing.
    pub exceptions_resolved: Vec<ExceptionId>,
    /// What was judged, and is not due any more.
    pub judged: Judged,
    /// The instant that the conclusions are drawn at; becomes `opened_at` and `resolved_at`. Kept to the microsecond.
    pub as_of: Timestamp,
}

/// What a reconciliation has judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// All that there is, and from what: of all together, and of each account that was ever completely known.
    Everything(Basis, Vec<AccountBasis>),
    /// Of these accounts everything, as long as no bank line reaches their payouts that have changed.
    Accounts(Vec<AccountBasis>),
}

/// How many things [`crate::Store::apply`] changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Verdicts new or changed.
    pub verdicts: u64,
    /// Matches new or changed.
    pub matches: u64,
    /// Matches removed.
    pub matches_gone: u64,
    /// Exceptions opened or opened again.
    pub exceptions_opened: u64,
    /// Open exceptions that changed in anything.
    pub exceptions_changed: u64,
    /// Exceptions resolved.
    pub exceptions_resolved: u64,
}

impl Applied {
    /// All of them together; zero for a second application of the same outcome.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.verdicts
            + self.matches
            + self.matches_gone
            + self.exceptions_opened
            + self.exceptions_changed
            + self.exceptions_resolved
    }
}

const PUT_VERDICT: &str = "INSERT INTO payout_verdict (account, payout, bucket, composition, txn_count, sum_net_minor, \
     composition_difference_minor, deposit, deposit_difference_minor, decided_by, probability_ppm, due_on, covered_until_on) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
     ON CONFLICT (account, payout) DO UPDATE SET bucket = excluded.bucket, composition = excluded.composition, \
     txn_count = excluded.txn_count, sum_net_minor = excluded.sum_net_minor, \
     composition_difference_minor = excluded.composition_difference_minor, deposit = excluded.deposit, \
     deposit_difference_minor = excluded.deposit_difference_minor, decided_by = excluded.decided_by, \
     probability_ppm = excluded.probability_ppm, due_on = excluded.due_on, covered_until_on = excluded.covered_until_on";

const DROP_VERDICT: &str = "DELETE FROM payout_verdict WHERE account = ?1 AND payout = ?2";

const DROP_ALLOCATIONS: &str = "DELETE FROM deposit_line WHERE account = ?1 AND payout = ?2";

const PUT_ALLOCATION: &str =
    "INSERT INTO deposit_line (account, payout, place, bank_line, allocated_minor) VALUES (?1, ?2, ?3, ?4, ?5)";

const PUT_MATCH: &str = "INSERT INTO \"match\" (id, kind, state, account, currency, decided_by, probability_ppm, score, rivals, \
     difference_minor, evidence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
     ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, state = excluded.state, account = excluded.account, \
     currency = excluded.currency, decided_by = excluded.decided_by, probability_ppm = excluded.probability_ppm, \
     score = excluded.score, rivals = excluded.rivals, difference_minor = excluded.difference_minor, evidence = excluded.evidence";

const DROP_MEMBERS: &str = "DELETE FROM match_member WHERE match_id = ?1";

const PUT_MEMBER: &str = "INSERT INTO match_member (match_id, side, place, kind, member_id) VALUES (?1, ?2, ?3, ?4, ?5)";

const DROP_MATCH: &str = "DELETE FROM \"match\" WHERE id = ?1";

/// A resolved exception is opened again; an open one keeps the instant of its opening.
const PUT_EXCEPTION: &str = "INSERT INTO exception (id, code, class, account, currency, amount_minor, explanation, remedy, \
     opened_at, resolved_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL) \
     ON CONFLICT (id) DO UPDATE SET code = excluded.code, class = excluded.class, account = excluded.account, \
     currency = excluded.currency, amount_minor = excluded.amount_minor, explanation = excluded.explanation, \
     remedy = excluded.remedy, resolved_at = NULL, \
     opened_at = CASE WHEN exception.resolved_at IS NULL THEN exception.opened_at ELSE excluded.opened_at END";

const DROP_SUBJECTS: &str = "DELETE FROM exception_subject WHERE exception_id = ?1";

const PUT_SUBJECT: &str = "INSERT INTO exception_subject (exception_id, place, kind, subject_id) VALUES (?1, ?2, ?3, ?4)";

const RESOLVE: &str = "UPDATE exception SET resolved_at = ?2 WHERE id = ?1 AND resolved_at IS NULL";

impl Store {
    /// Writes what reconciliation concluded from a snapshot of `expected_revision`, in one transaction. What is stored
    /// already is not written: a second application changes nothing and says so.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when sync or import changed the data since: take a new snapshot and conclude again.
    pub fn apply(&mut self, outcomes: &OutcomeWrite, expected_revision: i64) -> Result<Applied> {
        let now = self.points.acting().at;
        self.write_noting((points::RECONCILE_APPLY, AuditAct::Reconcile), |transaction, changes| {
            let found = crate::revision(transaction)?;
            if found != expected_revision {
                return Err(StoreError::Moved { expected: expected_revision, found });
            }
            let announcer = Announcer::new(transaction, now)?;
            let mut writer = Writer { transaction, announcer: &announcer, changes };
            let mut applied = Applied { verdicts: writer.put_verdicts(&outcomes.verdicts)?, ..Applied::default() };
            applied.matches_gone = writer.drop_matches(outcomes.matches_gone.iter().map(MatchId::as_str))?;
            applied.matches = writer.put_matches(&outcomes.matches)?;
            let resolved = outcomes.exceptions_resolved.iter().map(ExceptionId::as_str);
            applied.exceptions_resolved = writer.resolve(resolved, outcomes.as_of)?;
            writer.put_exceptions(outcomes, &mut applied)?;
            no_longer_due(transaction, &outcomes.judged)?;
            put_basis(transaction, &outcomes.judged)?;
            Ok(applied)
        })
    }
}

/// What says what is to be judged.
const DUE: [&str; 3] = ["payout_due", "payout_before", "account_due"];

fn no_longer_due(transaction: &Transaction<'_>, judged: &Judged) -> Result<()> {
    match judged {
        Judged::Everything(..) => {
            for table in DUE {
                transaction.execute(&format!("DELETE FROM {table}"), params![])?;
            }
        }
        Judged::Accounts(accounts) => {
            for (judged, table) in accounts.iter().flat_map(|judged| DUE.map(|table| (judged, table))) {
                let sql = format!("DELETE FROM {table} WHERE account = ?1");
                transaction.prepare(&sql)?.execute(params![judged.account.as_str()])?;
            }
        }
    }
    Ok(())
}

fn put_basis(transaction: &Transaction<'_>, judged: &Judged) -> Result<()> {
    match judged {
        Judged::Everything(of_all, accounts) => basis::put(transaction, of_all, accounts),
        Judged::Accounts(accounts) => basis::put_some(transaction, accounts),
    }
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

fn place(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

/// An unsigned number in a signed column.
fn fits(number: u64, what: &str) -> Result<i64> {
    i64::try_from(number).map_err(|_| StoreError::Overflow { what: what.to_owned() })
}

/// Writes conclusions, and notes each for the trail and for whoever wants to hear of it.
pub(crate) struct Writer<'w, 't> {
    pub(crate) transaction: &'w Transaction<'t>,
    pub(crate) announcer: &'w Announcer<'w, 't>,
    pub(crate) changes: &'w mut Changes,
}

impl Writer<'_, '_> {
    fn put_verdicts(&mut self, verdicts: &[PayoutVerdict]) -> Result<u64> {
        let payouts = verdicts.iter().map(|verdict| (verdict.account.as_str(), verdict.payout.as_str()));
        let stored = verdicts_of(self.transaction, payouts)?;
        let mut changed = 0;
        for verdict in verdicts {
            let before = stored.get(&(verdict.account.clone(), verdict.payout.clone()));
            if before != Some(verdict) {
                put_verdict(self.transaction, verdict)?;
                let thing = ("payout", verdict.payout.as_str());
                self.changes.add(verdict.account.as_str(), thing, before.map(states::payout), Some(states::payout(verdict)));
                changed += 1;
            }
        }
        Ok(changed)
    }

    /// Takes verdicts back; unknown payouts do nothing.
    pub(crate) fn drop_verdicts(&mut self, payouts: &[(String, String)]) -> Result<()> {
        let stored = verdicts_of(self.transaction, payouts.iter().map(|(account, payout)| (account.as_str(), payout.as_str())))?;
        for (account, payout) in stored.keys() {
            let row = params![account.as_str(), payout.as_str()];
            self.transaction.prepare(DROP_ALLOCATIONS)?.execute(row)?;
            self.transaction.prepare(DROP_VERDICT)?.execute(row)?;
        }
        for verdict in stored.values() {
            self.changes.add(verdict.account.as_str(), ("payout", verdict.payout.as_str()), Some(states::payout(verdict)), None);
        }
        Ok(())
    }

    /// Drops matches that hold no more; unknown ids do nothing. Returns how many there were.
    pub(crate) fn drop_matches<'m>(&mut self, gone: impl Iterator<Item = &'m str>) -> Result<u64> {
        let gone: Vec<&str> = gone.collect();
        let stored = matches_of(self.transaction, gone.iter().copied())?;
        for one in gone.iter().filter_map(|id| stored.get(*id)) {
            self.transaction.prepare(DROP_MEMBERS)?.execute(params![one.id.as_str()])?;
            self.transaction.prepare(DROP_MATCH)?.execute(params![one.id.as_str()])?;
            self.announcer.unmatched(one)?;
            self.changes.add(one.account.as_str(), ("match", one.id.as_str()), Some(states::match_(one)), None);
        }
        Ok(count(stored.len()))
    }

    fn put_matches(&mut self, matches: &[Match]) -> Result<u64> {
        let stored = matches_of(self.transaction, matches.iter().map(|one| one.id.as_str()))?;
        let mut changed = 0;
        for one in matches.iter().filter(|one| stored.get(one.id.as_str()) != Some(one)) {
            let before = stored.get(one.id.as_str());
            put_match(self.transaction, one)?;
            self.announcer.matched(one, before)?;
            let stood = before.map(|before| (before.account.as_str(), states::match_(before)));
            self.changes.replace(("match", one.id.as_str()), stood, (one.account.as_str(), states::match_(one)));
            changed += 1;
        }
        Ok(changed)
    }

    fn put_exceptions(&mut self, outcomes: &OutcomeWrite, applied: &mut Applied) -> Result<()> {
        let ids = outcomes.exceptions_open.iter().map(|exception| exception.id.as_str());
        let stored = exceptions_of(self.transaction, ids)?;
        for exception in &outcomes.exceptions_open {
            let before = stored.get(exception.id.as_str());
            match before {
                Some(known) if known.is_open() && known.exception == *exception => continue,
                Some(known) if known.is_open() => applied.exceptions_changed += 1,
                Some(_) | None => {
                    applied.exceptions_opened += 1;
                    self.announcer.opened(exception)?;
                }
            }
            put_exception(self.transaction, exception, outcomes.as_of)?;
            // One that is open keeps the instant of its opening.
            let opened_at =
                before.filter(|known| known.is_open()).map_or(outcomes.as_of.as_microsecond(), |known| known.opened_at);
            let stood = before.map(|known| (states::chain_of(&known.exception), known.state()));
            let stands = (states::chain_of(exception), states::exception(exception, opened_at, None));
            self.changes.replace(("exception", exception.id.as_str()), stood, stands);
        }
        Ok(())
    }

    /// Resolves exceptions; unknown and resolved ids do nothing. Returns how many were open.
    pub(crate) fn resolve<'e>(&mut self, resolved: impl Iterator<Item = &'e str>, at: Timestamp) -> Result<u64> {
        let resolved: Vec<&str> = resolved.collect();
        let stored = exceptions_of(self.transaction, resolved.iter().copied())?;
        let mut changed = 0;
        for open in resolved.iter().filter_map(|id| stored.get(*id)).filter(|known| known.is_open()) {
            let exception = &open.exception;
            self.transaction.prepare(RESOLVE)?.execute(params![exception.id.as_str(), at.as_microsecond()])?;
            self.announcer.resolved(exception)?;
            let closed = Kept { resolved_at: Some(at.as_microsecond()), ..open.clone() };
            let thing = ("exception", exception.id.as_str());
            self.changes.add(states::chain_of(exception), thing, Some(open.state()), Some(closed.state()));
            changed += 1;
        }
        Ok(changed)
    }
}

fn put_verdict(transaction: &Transaction<'_>, verdict: &PayoutVerdict) -> Result<()> {
    let (account, payout) = (verdict.account.as_str(), verdict.payout.as_str());
    let (composition, deposit) = (&verdict.composition, &verdict.deposit);
    transaction.prepare(PUT_VERDICT)?.execute(params![
        account,
        payout,
        verdict.bucket.as_str(),
        composition.state.as_str(),
        fits(composition.txn_count, "the number of a payout's txns")?,
        composition.sum_net_minor,
        composition.difference_minor,
        deposit.state.as_str(),
        deposit.difference_minor,
        deposit.decided_by.map(Decider::as_str),
        deposit.probability_ppm,
        deposit.due_on.to_string(),
        deposit.covered_until_on.map(|date| date.to_string()),
    ])?;
    transaction.prepare(DROP_ALLOCATIONS)?.execute(params![account, payout])?;
    let mut statement = transaction.prepare(PUT_ALLOCATION)?;
    for (index, allocation) in deposit.allocations.iter().enumerate() {
        let line = allocation.bank_line.as_str();
        statement.execute(params![account, payout, place(index), line, allocation.allocated_minor])?;
    }
    Ok(())
}

fn put_match(transaction: &Transaction<'_>, one: &Match) -> Result<()> {
    let evidence: Vec<_> = one.evidence.iter().map(|found| (&found.name, &found.finding, found.weight)).collect();
    transaction.prepare(PUT_MATCH)?.execute(params![
        one.id.as_str(),
        one.kind.as_str(),
        one.state.as_str(),
        one.account.as_str(),
        one.currency.as_str(),
        one.decided_by.map(Decider::as_str),
        one.probability_ppm,
        one.score,
        one.rivals,
        one.difference_minor,
        rows::to_json(&evidence)?,
    ])?;
    transaction.prepare(DROP_MEMBERS)?.execute(params![one.id.as_str()])?;
    for (side, members) in [(LEFT, &one.left), (RIGHT, &one.right)] {
        for (index, member) in members.iter().enumerate() {
            let row = params![one.id.as_str(), side, place(index), known_kind(member)?, member.id];
            transaction.prepare(PUT_MEMBER)?.execute(row)?;
        }
    }
    Ok(())
}

/// A noun that can be read back.
fn known_kind(subject: &Subject) -> Result<&'static str> {
    rows::subject_kind(subject.kind)
        .ok_or_else(|| StoreError::bad_row(format!("a subject cannot be a '{}' ({})", subject.kind, subject.id)))
}

fn put_exception(transaction: &Transaction<'_>, exception: &Exception, as_of: Timestamp) -> Result<()> {
    let id = exception.id.as_str();
    transaction.prepare(PUT_EXCEPTION)?.execute(params![
        id,
        exception.code.as_str(),
        exception.class.as_str(),
        exception.account.as_ref().map(facts::AccountId::as_str),
        exception.currency.as_str(),
        fits(exception.amount_minor, "the amount of an exception")?,
        exception.explanation,
        exception.remedy,
        as_of.as_microsecond(),
    ])?;
    transaction.prepare(DROP_SUBJECTS)?.execute(params![id])?;
    for (index, subject) in exception.subjects.iter().enumerate() {
        transaction.prepare(PUT_SUBJECT)?.execute(params![id, place(index), known_kind(subject)?, subject.id])?;
    }
    Ok(())
}
