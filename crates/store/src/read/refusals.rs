//! Objects that Stripe sent and that could not be taken, each with what is wrong with it.

use facts::{AccountId, ObjectKind, RefusalCause};
use jiff::Timestamp;

use super::query::{Query, text};
use crate::database::{Read, Row, dynamic};
use crate::sync::CONTENT;
use crate::{Result, RunId, Store, rows};

/// Which of them. The default is all.
#[derive(Clone, Debug, Default)]
pub struct RefusalFilter {
    /// Of this account.
    pub account: Option<AccountId>,
    /// For this cause.
    pub cause: Option<RefusalCause>,
    /// First refused at this instant or later.
    pub from_at: Option<Timestamp>,
    /// First refused before this instant.
    pub before_at: Option<Timestamp>,
    /// At most so many.
    pub limit: Option<u64>,
}

/// One thing that is wrong with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalRow {
    /// Whose object.
    pub account: AccountId,
    /// What it should have been.
    pub kind: ObjectKind,
    /// Its id.
    pub object_id: String,
    /// What is wrong with it, in one word.
    pub cause: RefusalCause,
    /// The same in a sentence.
    pub reason: String,
    /// The payout that lists it a second time; `None` for every other cause.
    pub payout: Option<String>,
    /// When it was first refused; `None` where that was before it was noted.
    pub since: Option<Timestamp>,
    /// The run that brought it; `None` where that was before it was noted.
    pub run: Option<RunId>,
    /// Stripe's id of the request that brought it.
    pub request_id: Option<String>,
}

const SELECT: &str =
    "SELECT r.account, r.kind, r.object_id, r.cause, r.reason, r.about, r.since_at, r.run, r.request_id FROM refusal r";

impl Store {
    /// Refused objects, by account, kind and id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn refusals(&self, filter: &RefusalFilter) -> Result<Vec<RefusalRow>> {
        let mut query = Query::new(SELECT.to_owned());
        query.when("r.account = $", text(filter.account.as_ref().map(AccountId::as_str)));
        query.when("r.cause = $", text(filter.cause.map(RefusalCause::as_str)));
        query.when("r.since_at >= $", filter.from_at.map(Timestamp::as_microsecond));
        query.when("r.since_at < $", filter.before_at.map(Timestamp::as_microsecond));
        let (sql, parameters) = query.order("r.account, r.kind, r.object_id, r.about", filter.limit);
        self.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            Ok(statement.query_map(&dynamic(&parameters), row)?.collect::<Read<_>>()?)
        })
    }
}

fn row(row: &Row<'_>) -> Read<RefusalRow> {
    let mut c = rows::Columns::new(row, 0);
    Ok(RefusalRow {
        account: c.id(AccountId::parse)?,
        kind: c.word(ObjectKind::from_word)?,
        object_id: c.get()?,
        cause: c.word(RefusalCause::from_word)?,
        reason: c.get()?,
        payout: Some(c.get::<String>()?).filter(|about| about != CONTENT),
        since: c.with(rows::time_or_none)?,
        run: c.get::<Option<i64>>()?.map(RunId),
        request_id: c.get()?,
    })
}
