//! Which txns a payout holds, as its own list says, page by page.

use std::collections::HashMap;

use facts::{AccountId, ObjectKind, PayoutId, RefusalCause};

use super::pages::PageWriter;
use super::{ObjectWrite, PageWrite};
use crate::Result;
use crate::database::{OptionalExtension, Read, params};

/// By their ids alone, like the versions of objects.
const HELD: &str = "SELECT id, account, payout, payout_reading FROM txn WHERE id = ?1";

const MARK: &str = "UPDATE txn SET payout = ?3, payout_reading = ?4 WHERE account = ?1 AND id = ?2";

const REFUSE: &str = "INSERT INTO refusal (account, kind, object_id, about, version, reason, reading, cause, since_at, run, request_id) \
     VALUES (?1, 'txn', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
     ON CONFLICT (account, kind, object_id, about) DO UPDATE \
     SET version = excluded.version, reason = excluded.reason, reading = excluded.reading, cause = excluded.cause, \
     run = excluded.run, request_id = excluded.request_id";

const RELEASE: &str =
    "UPDATE txn SET payout = NULL, payout_reading = NULL WHERE account = ?1 AND payout = ?2 AND payout_reading <> ?3";

const FORGET_CLAIMS: &str = "DELETE FROM refusal WHERE account = ?1 AND kind = 'txn' AND about = ?2 AND reading <> ?3";

/// A payout whose claim was refused while another held the txn is read again once the txn is free.
const TO_READ_AGAIN: &str = "SELECT DISTINCT r.about FROM refusal r JOIN txn t ON t.account = r.account AND t.id = r.object_id \
     WHERE r.account = ?1 AND r.kind = 'txn' AND r.reading IS NOT NULL AND t.payout IS NULL";

const READ_AGAIN: &str = "UPDATE payout SET members_complete = 0 WHERE account = ?1 AND id = ?2";

const COMPLETE: &str = "UPDATE payout SET member_reading = ?3, \
     members_complete = CASE WHEN reconciliation_status = 'in_progress' THEN 0 ELSE 1 END WHERE account = ?1 AND id = ?2";

/// How a payout's list stands before a page of it is written.
struct Reading {
    /// The number of the reading that this page belongs to; the first is 1.
    number: i64,
    complete: bool,
}

/// Which payout holds each txn, and the reading that last named it there.
type Held = HashMap<String, (Option<String>, Option<i64>)>;

/// Lays the page's txns to their payout, and ends the reading with its last page.
pub(super) fn page<'p>(
    writer: &mut PageWriter<'_, '_, 'p>,
    page: &'p PageWrite<'p>,
    payout: &PayoutId,
    new_page: bool,
) -> Result<()> {
    writer.batch.send()?;
    let reading = reading(writer, page.account, payout)?;
    let mut held = held(writer, page)?;
    for object in &page.objects {
        member(writer, page, object, payout, reading.number, &mut held)?;
    }
    writer.batch.send()?;
    if page.last_member_page && (new_page || !reading.complete || !alone(writer, page, payout, &reading)?) {
        end(writer, page.account, payout, &reading)?;
    }
    Ok(())
}

fn reading(writer: &PageWriter<'_, '_, '_>, account: &AccountId, payout: &PayoutId) -> Result<Reading> {
    let mut statement =
        writer.transaction.prepare("SELECT member_reading, members_complete FROM payout WHERE account = ?1 AND id = ?2")?;
    let row = statement
        .query_row(params![account.as_str(), payout.as_str()], |row| Ok((row.get::<i64>(0)?, row.get(1)?)))
        .optional()?;
    let (ended, complete) = row.unwrap_or((0, false));
    Ok(Reading { number: ended.saturating_add(1), complete })
}

fn held(writer: &PageWriter<'_, '_, '_>, page: &PageWrite<'_>) -> Result<Held> {
    let ids: Vec<&str> = page.objects.iter().map(|object| object.object_id).collect();
    let mut held = Held::new();
    writer.transaction.query_each(HELD, params![], &ids, |row| {
        if row.get::<String>(1)? == page.account.as_str() {
            held.insert(row.get(0)?, (row.get(2)?, row.get(3)?));
        }
        Ok(())
    })?;
    Ok(held)
}

fn member<'p>(
    writer: &mut PageWriter<'_, '_, 'p>,
    page: &'p PageWrite<'p>,
    object: &ObjectWrite<'_>,
    payout: &PayoutId,
    number: i64,
    held: &mut Held,
) -> Result<()> {
    let account = page.account;
    let Some((holder, named)) = held.get_mut(object.object_id) else { return Ok(()) };
    match holder {
        Some(other) if other != payout.as_str() => return refuse(writer, page, object, (other, payout), number),
        Some(_) if *named == Some(number) => return Ok(()),
        Some(_) => {}
        None => {
            writer.changed = true;
            writer.batch.stale.payout(account.as_str(), payout.as_str());
            if writer.refusals {
                writer.lift(account, ObjectKind::Txn, object.object_id, payout.as_str())?;
            }
        }
    }
    (*holder, *named) = (Some(payout.to_string()), Some(number));
    writer.batch.add(MARK, params![account.as_str(), object.object_id, payout.as_str(), number])
}

fn refuse(
    writer: &mut PageWriter<'_, '_, '_>,
    page: &PageWrite<'_>,
    object: &ObjectWrite<'_>,
    (holder, payout): (&str, &PayoutId),
    number: i64,
) -> Result<()> {
    let account = page.account;
    let reason = format!("payout {payout} lists txn {}, which payout {holder} already holds", object.object_id);
    let known: Option<String> = writer
        .transaction
        .prepare("SELECT reason FROM refusal WHERE account = ?1 AND kind = 'txn' AND object_id = ?2 AND about = ?3")?
        .query_row(params![account.as_str(), object.object_id, payout.as_str()], |row| row.get(0))
        .optional()?;
    writer.changed |= known.as_deref() != Some(reason.as_str());
    writer.refusals = true;
    let row = params![
        account.as_str(),
        object.object_id,
        payout.as_str(),
        &object.hash[..],
        reason,
        number,
        RefusalCause::ClaimedTwice.as_str(),
        page.fetched_at.as_microsecond(),
        writer.run.map(|run| run.0),
        page.request_id,
    ];
    writer.transaction.prepare(REFUSE)?.execute(row)?;
    Ok(())
}

/// Whether the last page of a list that is complete came a second time without the pages before it: nothing is to be released.
fn alone(writer: &PageWriter<'_, '_, '_>, page: &PageWrite<'_>, payout: &PayoutId, reading: &Reading) -> Result<bool> {
    let mut statement =
        writer.transaction.prepare("SELECT COUNT(*) FROM txn WHERE account = ?1 AND payout = ?2 AND payout_reading = ?3")?;
    let marked: i64 = statement.query_row(params![page.account.as_str(), payout.as_str(), reading.number], |row| row.get(0))?;
    Ok(usize::try_from(marked).is_ok_and(|marked| marked <= page.objects.len()))
}

fn end<'p>(writer: &mut PageWriter<'_, '_, 'p>, account: &'p AccountId, payout: &PayoutId, reading: &Reading) -> Result<()> {
    let place = params![account.as_str(), payout.as_str(), reading.number];
    let released = writer.transaction.prepare(RELEASE)?.execute(place)?;
    let forgotten = if writer.refusals { writer.transaction.prepare(FORGET_CLAIMS)?.execute(place)? } else { 0 };
    if released > 0 && writer.refusals {
        let mut statement = writer.transaction.prepare(TO_READ_AGAIN)?;
        let freed: Vec<String> = statement.query_map(params![account.as_str()], |row| row.get(0))?.collect::<Read<_>>()?;
        for other in freed {
            writer.transaction.prepare(READ_AGAIN)?.execute(params![account.as_str(), other])?;
            writer.batch.stale.payout(account.as_str(), &other);
        }
    }
    writer.batch.stale.payout(account.as_str(), payout.as_str());
    writer.transaction.prepare(COMPLETE)?.execute(place)?;
    writer.changed |= released + forgotten > 0 || !reading.complete;
    Ok(())
}
