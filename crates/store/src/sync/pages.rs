//! Writing pages: object versions, manifests and what the objects say, many pages in one transaction.

use std::collections::HashMap;

use facts::{AccountId, Fact, ObjectKind, RefusalCause};

use super::batch::{Batch, Place};
use super::known::{self, Refused, Versions};
use super::stale::{self, TxnsBefore};
use super::{ObjectWrite, PageOutcome, PageWrite, declared, members, objects, progress};
use crate::database::{Transaction, params};
use crate::{Result, RunId, Store, Touched, bump_revision, points, rows};

/// What a write did to one object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Inserted,
    Updated,
    Unchanged,
}

/// `refusal.about` where the object itself was refused.
pub(crate) const CONTENT: &str = "content";

const PUT_VERSION: &str = "INSERT INTO object_version (hash, account, kind, object_id, raw) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT (hash, account) DO NOTHING";

const PUT_PAGE: &str = "INSERT INTO page (account, request, body_hash, kind, request_id, fetched_at, object_ids) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (account, request, body_hash) DO NOTHING";

/// Since when an object is refused stays as it is; who brought it is told of the version that was refused last.
const PUT_REFUSAL: &str = "INSERT INTO refusal (account, kind, object_id, about, version, reason, cause, since_at, run, request_id) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (account, kind, object_id, about) DO UPDATE \
     SET version = excluded.version, reason = excluded.reason, cause = excluded.cause, run = excluded.run, \
     request_id = excluded.request_id \
     WHERE refusal.version <> excluded.version OR refusal.reason <> excluded.reason OR refusal.cause <> excluded.cause";

const LIFT_REFUSAL: &str = "DELETE FROM refusal WHERE account = ?1 AND kind = ?2 AND object_id = ?3 AND about = ?4";

impl Store {
    /// Stores pages in one transaction, in their order: a later page wins over an earlier one. What is known is not stored
    /// again. A page with `member_of` also says which payout holds its txns; a txn that another payout holds stays there, and
    /// the second claim is kept as a refusal that names both. `last_member_page` ends such a list: txns that an earlier
    /// reading laid to the payout and this one did not name are released, and the list is complete unless Stripe is still
    /// making it.
    ///
    /// # Errors
    /// [`crate::StoreError`]; then none of the pages is stored.
    pub fn put_pages(&mut self, pages: &[PageWrite<'_>]) -> Result<Vec<PageOutcome>> {
        let run = self.run;
        self.write(points::SYNC_PAGE, |transaction| {
            let mut writer = PageWriter::new(transaction, pages, run)?;
            let outcomes = pages.iter().map(|page| writer.page(page)).collect::<Result<_>>()?;
            writer.end(pages)?;
            Ok(outcomes)
        })
    }
}

/// Whether a reconciliation concludes something from it: of declared kinds, from money between accounts alone.
fn is_concluded_from(fact: &Fact) -> bool {
    match fact {
        Fact::Object(object) => declared::is_concluded_from(object.kind),
        _ => true,
    }
}

pub(super) struct PageWriter<'t, 'c, 'p> {
    pub(super) transaction: &'t Transaction<'c>,
    pub(super) batch: Batch<'t, 'c, 'p>,
    versions: Versions<'p>,
    refused: Refused<'p>,
    /// The run that brings them.
    pub(super) run: Option<RunId>,
    /// Txns as they stood before.
    txns: TxnsBefore<'p>,
    /// Whether anything that reconciliation reads has changed.
    pub(super) changed: bool,
    /// Whether there are refusals that a good version could lift; saves a look for each object of a clean account.
    pub(super) refusals: bool,
}

impl<'t, 'c, 'p> PageWriter<'t, 'c, 'p> {
    fn new(transaction: &'t Transaction<'c>, pages: &'p [PageWrite<'p>], run: Option<RunId>) -> Result<Self> {
        let refusals = transaction.query_row("SELECT EXISTS (SELECT 1 FROM refusal)", params![], |row| row.get(0))?;
        let objects = || pages.iter().flat_map(|page| page.objects.iter().map(|object| (page.account, object)));
        let (versions, txns) =
            known::versions(transaction, objects().map(|(account, object)| objects::place(account, &object.fact)))?;
        let asked = objects().filter(|_| refusals).map(|(account, object)| asked_for(account, object));
        let refused = known::refused(transaction, asked)?;
        Ok(Self { transaction, batch: Batch::new(transaction), versions, refused, run, txns, changed: false, refusals })
    }

    fn page(&mut self, page: &'p PageWrite<'p>) -> Result<PageOutcome> {
        let new_page = self.manifest(page)?;
        let mut outcome = PageOutcome::default();
        for object in &page.objects {
            let change = self.object(page, object)?;
            match change {
                Change::Inserted => outcome.inserted += 1,
                Change::Updated => outcome.updated += 1,
                Change::Unchanged => outcome.unchanged += 1,
            }
            self.changed |= change != Change::Unchanged && is_concluded_from(&object.fact);
        }
        if let Some(payout) = page.member_of {
            members::page(self, page, payout, new_page)?;
        }
        Ok(outcome)
    }

    /// Writes what waits, and where each walk has come to with its last page.
    fn end(self, pages: &[PageWrite<'_>]) -> Result<()> {
        let deposits = self.batch.end()?;
        let walks: HashMap<_, _> = pages.iter().filter_map(|page| Some(((page.account, page.kind), page.walk?))).collect();
        for ((account, kind), walk) in walks {
            progress::put_walk(self.transaction, account, kind, walk, self.run)?;
        }
        if !self.changed {
            return Ok(());
        }
        let accounts = pages.iter().map(|page| page.account.as_str()).collect();
        bump_revision(self.transaction, if deposits { Touched::Deposits(accounts) } else { Touched::Accounts(accounts) })
    }

    /// Keeps which objects a page listed. Whether the page is new is asked of members only: the others can wait.
    fn manifest(&mut self, page: &PageWrite<'_>) -> Result<bool> {
        let ids: Vec<&str> = page.objects.iter().map(|object| object.object_id).collect();
        let row = params![
            page.account.as_str(),
            page.request,
            &page.body_hash[..],
            page.kind.as_str(),
            page.request_id,
            page.fetched_at.as_microsecond(),
            rows::to_json(&ids)?,
        ];
        if page.member_of.is_none() {
            return self.batch.add(PUT_PAGE, row).map(|()| true);
        }
        Ok(self.transaction.prepare(PUT_PAGE)?.execute(row)? > 0)
    }

    /// A version that is known need not be the row's: an object may go back to what it was.
    fn object(&mut self, page: &'p PageWrite<'p>, object: &'p ObjectWrite<'p>) -> Result<Change> {
        let account = page.account;
        let place = objects::place(account, &object.fact);
        let known = self.versions.get(&place).copied();
        if let Fact::Refused { cause, reason, .. } = &object.fact {
            return self.refuse(page, object, (*cause, reason), known.is_some());
        }
        let lifted = self.refused.remove(&asked_for(account, object))
            && self.lift(account, object.fact.kind(), object.object_id, CONTENT)?;
        if known == Some(object.hash) {
            // The row says this already; but a refusal of a version in between ends.
            return Ok(if lifted { Change::Updated } else { Change::Unchanged });
        }
        let kind = object.fact.kind().as_str();
        self.batch.add(PUT_VERSION, params![&object.hash[..], account.as_str(), kind, object.object_id, object.raw])?;
        self.stale(&object.fact, known.is_some())?;
        objects::put(&mut self.batch, place, &object.fact, &object.hash)?;
        self.versions.insert(place, object.hash);
        for part in parts(&object.fact) {
            self.versions.insert((part.kind, part.account.as_str(), &part.id), object.hash);
        }
        Ok(if known.is_none() { Change::Inserted } else { Change::Updated })
    }

    /// Notes what was added up and no longer stands once this is written over what is known.
    fn stale(&mut self, fact: &'p Fact, is_known: bool) -> Result<()> {
        match fact {
            Fact::Txn(txn) => {
                let before = self.txns.get(&(txn.account.as_str(), txn.id.as_str()));
                self.batch.stale.txn(txn, before);
            }
            Fact::Account(account) => self.batch.stale.account(self.transaction, account)?,
            Fact::Payout(payout) => {
                if is_known {
                    stale::keep_before(self.transaction, payout)?;
                }
                self.batch.stale.payout(payout.account.as_str(), payout.id.as_str());
            }
            _ => {}
        }
        Ok(())
    }

    /// Keeps the refused version and why it was refused; `is_known` says whether a good one was ever stored.
    fn refuse(
        &mut self,
        page: &'p PageWrite<'p>,
        object: &'p ObjectWrite<'p>,
        (cause, reason): (RefusalCause, &str),
        is_known: bool,
    ) -> Result<Change> {
        let (account, kind, id) = (page.account, object.fact.kind(), object.fact.object_id());
        let new = put_version(self.transaction, account, kind, object.object_id, object.raw, &object.hash)?;
        let row = params![
            account.as_str(),
            kind.as_str(),
            id,
            CONTENT,
            &object.hash[..],
            reason,
            cause.as_str(),
            page.fetched_at.as_microsecond(),
            self.run.map(|run| run.0),
            page.request_id,
        ];
        let changed = self.transaction.prepare(PUT_REFUSAL)?.execute(row)? > 0;
        self.refusals = true;
        self.refused.insert(asked_for(account, object));
        Ok(match (changed, new) {
            (false, _) => Change::Unchanged,
            (true, true) if !is_known => Change::Inserted,
            (true, _) => Change::Updated,
        })
    }

    pub(super) fn lift(&self, account: &AccountId, kind: ObjectKind, object_id: &str, about: &str) -> Result<bool> {
        let mut statement = self.transaction.prepare(LIFT_REFUSAL)?;
        Ok(statement.execute(params![account.as_str(), kind.as_str(), object_id, about])? > 0)
    }
}

/// What stands within an object and is written with it.
fn parts(fact: &Fact) -> &[facts::Object] {
    match fact {
        Fact::Object(facts::Object { parts: Some(parts), .. }) => &parts.objects,
        _ => &[],
    }
}

/// An object as it was asked for; refusals are kept by that.
fn asked_for<'p>(account: &'p AccountId, object: &ObjectWrite<'p>) -> Place<'p> {
    (object.fact.kind(), account.as_str(), object.object_id)
}

/// Keeps one version of an object, once; says whether it is new.
pub(crate) fn put_version(
    transaction: &Transaction<'_>,
    account: &AccountId,
    kind: ObjectKind,
    object_id: &str,
    raw: &[u8],
    hash: &[u8; 32],
) -> Result<bool> {
    let rows = transaction.prepare(PUT_VERSION)?.execute(params![&hash[..], account.as_str(), kind.as_str(), object_id, raw])?;
    Ok(rows > 0)
}
