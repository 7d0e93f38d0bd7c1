//! Writing pages: object versions, manifests and what the objects say, many pages in one transaction.

use facts::{AccountId, Fact, ObjectKind};

use super::objects;
use super::{ObjectWrite, PageOutcome, PageWrite, members, progress};
use crate::database::{Transaction, params};
use crate::{Result, Store, bump_revision, points, rows};

/// What a write did to one object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Inserted,
    Updated,
    Unchanged,
}

/// `refusal.about` where the object itself was refused.
const CONTENT: &str = "content";

const PUT_VERSION: &str = "INSERT INTO object_version (hash, account, kind, object_id, raw) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT (hash, account) DO NOTHING";

const PUT_PAGE: &str = "INSERT INTO page (account, request, body_hash, kind, request_id, fetched_at, object_ids) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (account, request, body_hash) DO NOTHING";

const PUT_REFUSAL: &str = "INSERT INTO refusal (account, kind, object_id, about, version, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
     ON CONFLICT (account, kind, object_id, about) DO UPDATE SET version = excluded.version, reason = excluded.reason \
     WHERE refusal.version <> excluded.version OR refusal.reason <> excluded.reason";

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
        self.write(points::SYNC_PAGE, |transaction| {
            let mut writer = PageWriter::new(transaction)?;
            let outcomes = pages.iter().map(|page| writer.page(page)).collect::<Result<_>>()?;
            if writer.changed {
                bump_revision(transaction)?;
            }
            Ok(outcomes)
        })
    }
}

pub(super) struct PageWriter<'t, 'c> {
    pub(super) transaction: &'t Transaction<'c>,
    /// Whether anything that reconciliation reads has changed.
    pub(super) changed: bool,
    /// Whether there are refusals that a good version could lift; saves a look for each object of a clean account.
    pub(super) refusals: bool,
    /// Whether the next object is probably known in this version, like the one before it: then looking is cheaper than
    /// trying to store. A guess; being wrong costs time only.
    expects_known: bool,
}

impl<'t, 'c> PageWriter<'t, 'c> {
    fn new(transaction: &'t Transaction<'c>) -> Result<Self> {
        let refusals = transaction.query_row("SELECT EXISTS (SELECT 1 FROM refusal)", params![], |row| row.get(0))?;
        Ok(Self { transaction, changed: false, refusals, expects_known: false })
    }

    fn page(&mut self, page: &PageWrite<'_>) -> Result<PageOutcome> {
        let new_page = self.manifest(page)?;
        let mut outcome = PageOutcome::default();
        self.expects_known |= page.member_of.is_some();
        for object in &page.objects {
            let change = self.object(page.account, object)?;
            match change {
                Change::Inserted => outcome.inserted += 1,
                Change::Updated => outcome.updated += 1,
                Change::Unchanged => outcome.unchanged += 1,
            }
            self.changed |= change != Change::Unchanged && !matches!(object.fact, Fact::Object(_));
        }
        if let Some(payout) = page.member_of {
            members::page(self, page, payout, new_page)?;
        }
        if let Some(walk) = page.walk {
            progress::put_walk(self.transaction, page.account, page.kind, walk)?;
        }
        Ok(outcome)
    }

    fn manifest(&self, page: &PageWrite<'_>) -> Result<bool> {
        let ids: Vec<&str> = page.objects.iter().map(|object| object.object_id).collect();
        let rows = self.transaction.prepare(PUT_PAGE)?.execute(params![
            page.account.as_str(),
            page.request,
            &page.body_hash[..],
            page.kind.as_str(),
            page.request_id,
            page.fetched_at.as_microsecond(),
            rows::to_json(&ids)?,
        ])?;
        Ok(rows > 0)
    }

    fn object(&mut self, account: &AccountId, object: &ObjectWrite<'_>) -> Result<Change> {
        let kind = object.fact.kind();
        if self.expects_known && objects::is_current(self.transaction, &object.fact, &object.hash)? {
            return self.unchanged(account, object);
        }
        let new = put_version(self.transaction, account, kind, object.object_id, object.raw, &object.hash)?;
        if let Fact::Refused { object_id, reason, .. } = &object.fact {
            return self.refuse(account, kind, object_id, &object.hash, reason, new);
        }
        if !new && !self.expects_known && objects::is_current(self.transaction, &object.fact, &object.hash)? {
            self.expects_known = true;
            return self.unchanged(account, object);
        }
        self.expects_known = false;
        if self.refusals {
            self.lift(account, kind, object.object_id, CONTENT)?;
        }
        objects::put(self.transaction, &object.fact, &object.hash)
    }

    /// The stored row says this already; but a refusal of a version in between ends.
    fn unchanged(&self, account: &AccountId, object: &ObjectWrite<'_>) -> Result<Change> {
        let lifted = self.refusals && self.lift(account, object.fact.kind(), object.object_id, CONTENT)?;
        Ok(if lifted { Change::Updated } else { Change::Unchanged })
    }

    fn refuse(
        &mut self,
        account: &AccountId,
        kind: ObjectKind,
        object_id: &str,
        hash: &[u8; 32],
        reason: &str,
        new: bool,
    ) -> Result<Change> {
        let rows = self.transaction.prepare(PUT_REFUSAL)?.execute(params![
            account.as_str(),
            kind.as_str(),
            object_id,
            CONTENT,
            &hash[..],
            reason
        ])?;
        self.refusals = true;
        Ok(match (rows, new) {
            (0, _) => Change::Unchanged,
            (_, true) if !objects::exists(self.transaction, account, kind, object_id)? => Change::Inserted,
            _ => Change::Updated,
        })
    }

    pub(super) fn lift(&self, account: &AccountId, kind: ObjectKind, object_id: &str, about: &str) -> Result<bool> {
        let mut statement = self.transaction.prepare(LIFT_REFUSAL)?;
        Ok(statement.execute(params![account.as_str(), kind.as_str(), object_id, about])? > 0)
    }
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
