//! What reconciliation concluded before, read back.

use std::collections::HashMap;

use facts::{AccountId, Allocation, BankLineId, Exception, ExceptionId, Match, MatchId, PayoutId, PayoutVerdict, Subject};

use crate::audit::states;
use crate::database::{Connection, Read, Row, params};
use crate::whose::rows_of;
use crate::{Result, rows};

const ALLOCATIONS: &str = "SELECT payout, bank_line, allocated_minor, place FROM deposit_line WHERE account = ?1 AND payout = ?2";

pub(crate) const EXCEPTIONS_OPEN: &str = "FROM exception e WHERE WHOSE_ AND e.resolved_at IS NULL ORDER BY e.id";

pub(crate) const SUBJECTS_OPEN: &str = "SELECT s.exception_id, s.kind, s.subject_id FROM exception_subject s \
     JOIN exception e ON e.id = s.exception_id WHERE WHOSE_ AND e.resolved_at IS NULL ORDER BY s.exception_id, s.place";

/// `match_member.side` of Stripe's side.
pub(crate) const LEFT: &str = "left";
/// `match_member.side` of the other side.
pub(crate) const RIGHT: &str = "right";

/// Every verdict, of one account or of all, by account and payout.
pub(crate) fn verdicts(connection: &Connection, account: Option<&AccountId>) -> Result<Vec<PayoutVerdict>> {
    let mut allocations = allocations(connection, account)?;
    let sql = format!("SELECT {} FROM payout_verdict v WHERE WHOSE_ ORDER BY v.account, v.payout", rows::VERDICT);
    rows_of(connection, &sql, "v.account", account, |row| {
        let key = (row.get(0)?, row.get(1)?);
        rows::verdict(row, 0, allocations.remove(&key).unwrap_or_default())
    })
}

/// Account and payout, and the payout's allocations in their order.
type Allocations = HashMap<(Box<str>, Box<str>), Vec<Allocation>>;

fn allocations(connection: &Connection, account: Option<&AccountId>) -> Result<Allocations> {
    let sql = "SELECT account, payout, bank_line, allocated_minor FROM deposit_line WHERE WHOSE_ ORDER BY account, payout, place";
    let mut all = Allocations::new();
    rows_of(connection, sql, "account", account, |row| {
        let allocation = Allocation { bank_line: rows::id(row, 2, BankLineId::parse)?, allocated_minor: row.get(3)? };
        all.entry((row.get(0)?, row.get(1)?)).or_default().push(allocation);
        Ok(())
    })?;
    Ok(all)
}

/// Every match, by id.
pub(crate) fn matches(connection: &Connection) -> Result<Vec<Match>> {
    let sql = format!("SELECT {} FROM \"match\" m ORDER BY m.id", rows::MATCH);
    let mut matches: Vec<Match> = connection.prepare(&sql)?.query_map(params![], rows::match_)?.collect::<Read<_>>()?;
    let places: HashMap<_, _> = matches.iter().enumerate().map(|(index, one)| (one.id.clone(), index)).collect();
    let mut statement =
        connection.prepare("SELECT match_id, side, kind, member_id FROM match_member ORDER BY match_id, side, place")?;
    let mut rows = statement.query(params![])?;
    while let Some(ref row) = rows.next()? {
        let id = rows::id(row, 0, MatchId::parse)?;
        if let Some(one) = places.get(&id).and_then(|index| matches.get_mut(*index)) {
            add_member(one, row, 1)?;
        }
    }
    Ok(matches)
}

/// Adds the member whose side, kind and id stand from column `first` on.
pub(crate) fn add_member(one: &mut Match, row: &Row<'_>, first: usize) -> Result<()> {
    let mut c = rows::Columns::new(row, first);
    let side: String = c.get()?;
    let member = Subject { kind: c.word(rows::subject_kind)?, id: c.get()? };
    if side == LEFT {
        one.left.push(member)
    } else {
        one.right.push(member)
    }
    Ok(())
}

/// Every open exception, of one account or of all, by id.
pub(crate) fn exceptions_open(connection: &Connection, account: Option<&AccountId>) -> Result<Vec<Exception>> {
    let mut about: HashMap<String, Vec<Subject>> = HashMap::new();
    rows_of(connection, SUBJECTS_OPEN, "e.account", account, |row| {
        let subject = Subject { kind: rows::parsed(row, 1, rows::subject_kind)?, id: row.get(2)? };
        about.entry(row.get(0)?).or_default().push(subject);
        Ok(())
    })?;
    let sql = format!("SELECT {} {EXCEPTIONS_OPEN}", rows::EXCEPTION);
    rows_of(connection, &sql, "e.account", account, |row| {
        let exception = rows::exception(row)?;
        Ok(Exception { subjects: about.remove(exception.id.as_str()).unwrap_or_default(), ..exception })
    })
}

/// An exception as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) exception: Exception,
    /// Unix microseconds, as what follows.
    pub(crate) opened_at: i64,
    /// `None` while it is open.
    pub(crate) resolved_at: Option<i64>,
}

impl Kept {
    pub(crate) const fn is_open(&self) -> bool {
        self.resolved_at.is_none()
    }

    /// How it stands, for the trail.
    pub(crate) fn state(&self) -> String {
        states::exception(&self.exception, self.opened_at, self.resolved_at)
    }

    fn read(row: &Row<'_>, subjects: impl FnOnce(&ExceptionId) -> Vec<Subject>) -> Read<Self> {
        let exception = rows::exception(row)?;
        let subjects = subjects(&exception.id);
        Ok(Self {
            exception: Exception { subjects, ..exception },
            opened_at: row.get(rows::EXCEPTION_COLUMNS)?,
            resolved_at: row.get(rows::EXCEPTION_COLUMNS + 1)?,
        })
    }
}

/// Every exception that there ever was.
pub(crate) fn exceptions_ever(connection: &Connection) -> Result<Vec<Kept>> {
    let mut about: HashMap<String, Vec<Subject>> = HashMap::new();
    let mut statement =
        connection.prepare("SELECT exception_id, kind, subject_id FROM exception_subject ORDER BY exception_id, place")?;
    let mut rows = statement.query(params![])?;
    while let Some(ref row) = rows.next()? {
        let subject = Subject { kind: rows::parsed(row, 1, rows::subject_kind)?, id: row.get(2)? };
        about.entry(row.get(0)?).or_default().push(subject);
    }
    let sql = format!("SELECT {}, e.opened_at, e.resolved_at FROM exception e ORDER BY e.id", rows::EXCEPTION);
    let mut statement = connection.prepare(&sql)?;
    let found = statement.query_map(params![], |row| Kept::read(row, |id| about.remove(id.as_str()).unwrap_or_default()))?;
    Ok(found.collect::<Read<_>>()?)
}

/// What is stored of these exceptions.
pub(crate) fn exceptions_of<'e>(connection: &Connection, ids: impl Iterator<Item = &'e str>) -> Result<HashMap<Box<str>, Kept>> {
    let ids: Vec<&str> = ids.collect();
    let mut about: HashMap<String, Vec<(i64, Subject)>> = HashMap::new();
    let sql = "SELECT exception_id, place, kind, subject_id FROM exception_subject WHERE exception_id = ?1";
    connection.query_each(sql, params![], &ids, |row| {
        let subject = Subject { kind: rows::parsed(row, 2, rows::subject_kind)?, id: row.get(3)? };
        about.entry(row.get(0)?).or_default().push((row.get(1)?, subject));
        Ok(())
    })?;
    let mut stored = HashMap::new();
    let sql = format!("SELECT {}, e.opened_at, e.resolved_at FROM exception e WHERE e.id = ?1", rows::EXCEPTION);
    connection.query_each(&sql, params![], &ids, |row| {
        let kept = Kept::read(row, |id| {
            let mut own = about.remove(id.as_str()).unwrap_or_default();
            own.sort_unstable_by_key(|(place, _)| *place);
            own.into_iter().map(|(_, subject)| subject).collect()
        })?;
        stored.insert(kept.exception.id.as_str().into(), kept);
        Ok(())
    })?;
    Ok(stored)
}

/// What an exception is about, in its order.
pub(crate) fn subjects(connection: &Connection, exception: &ExceptionId) -> Result<Vec<Subject>> {
    let sql = "SELECT kind, subject_id FROM exception_subject WHERE exception_id = ?1 ORDER BY place";
    let mut statement = connection.prepare(sql)?;
    let subjects = statement.query_map(params![exception.as_str()], |row| {
        Ok(Subject { kind: rows::parsed(row, 0, rows::subject_kind)?, id: row.get(1)? })
    })?;
    Ok(subjects.collect::<Read<_>>()?)
}

/// What is stored of these payouts' verdicts.
pub(crate) fn verdicts_of<'p>(
    connection: &Connection,
    payouts: impl Iterator<Item = (&'p str, &'p str)>,
) -> Result<HashMap<(AccountId, PayoutId), PayoutVerdict>> {
    let mut by_account: HashMap<&str, Vec<&str>> = HashMap::new();
    payouts.for_each(|(account, payout)| by_account.entry(account).or_default().push(payout));
    let verdict = format!("SELECT {} FROM payout_verdict v WHERE v.account = ?1 AND v.payout = ?2", rows::VERDICT);
    let mut stored = HashMap::new();
    for (account, payouts) in by_account {
        let mut allocations: HashMap<String, Vec<(i64, Allocation)>> = HashMap::new();
        connection.query_each(ALLOCATIONS, params![account], &payouts, |row| {
            let allocation = Allocation { bank_line: rows::id(row, 1, BankLineId::parse)?, allocated_minor: row.get(2)? };
            allocations.entry(row.get(0)?).or_default().push((row.get(3)?, allocation));
            Ok(())
        })?;
        connection.query_each(&verdict, params![account], &payouts, |row| {
            let mut own = allocations.remove(&row.get::<String>(1)?).unwrap_or_default();
            own.sort_unstable_by_key(|(place, _)| *place);
            let verdict = rows::verdict(row, 0, own.into_iter().map(|(_, allocation)| allocation).collect())?;
            stored.insert((verdict.account.clone(), verdict.payout.clone()), verdict);
            Ok(())
        })?;
    }
    Ok(stored)
}

/// What is stored of these matches.
pub(crate) fn matches_of<'m>(connection: &Connection, ids: impl Iterator<Item = &'m str>) -> Result<HashMap<Box<str>, Match>> {
    let ids: Vec<&str> = ids.collect();
    let mut members: HashMap<String, Vec<(i64, bool, Subject)>> = HashMap::new();
    connection.query_each(
        "SELECT match_id, place, side, kind, member_id FROM match_member WHERE match_id = ?1",
        params![],
        &ids,
        |row| {
            let subject = Subject { kind: rows::parsed(row, 3, rows::subject_kind)?, id: row.get(4)? };
            members.entry(row.get(0)?).or_default().push((row.get(1)?, row.get::<String>(2)? == LEFT, subject));
            Ok(())
        },
    )?;
    let sql = format!("SELECT {} FROM \"match\" m WHERE m.id = ?1", rows::MATCH);
    let mut stored = HashMap::new();
    connection.query_each(&sql, params![], &ids, |row| {
        let mut one = rows::match_(row)?;
        let mut own = members.remove(one.id.as_str()).unwrap_or_default();
        own.sort_unstable_by_key(|(place, ..)| *place);
        let (left, right): (Vec<_>, Vec<_>) = own.into_iter().partition(|(_, is_left, _)| *is_left);
        one.left = left.into_iter().map(|(.., subject)| subject).collect();
        one.right = right.into_iter().map(|(.., subject)| subject).collect();
        stored.insert(one.id.as_str().into(), one);
        Ok(())
    })?;
    Ok(stored)
}
