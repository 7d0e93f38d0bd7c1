//! Payouts and what their txns come to: added up where anything of them has changed, and else as their verdicts say.

use std::collections::{BTreeMap, HashMap, HashSet};

use facts::{AccountId, Composition, CompositionState, Payout, PayoutId, PayoutVerdict};
use money::Currency;

use crate::database::{Connection, Read, Row, params};
use crate::sums::overflow;
use crate::whose::rows_of;
use crate::{Result, outcome, rows};

/// A payout and what its txns add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutMembers {
    /// The payout.
    pub payout: Payout,
    /// Whether the list of its txns was read to its end after Stripe finished it.
    pub members_complete: bool,
    /// What its txns come to.
    pub txns: PayoutTxns,
}

/// What the txns of one payout come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutTxns {
    /// They were added up.
    Added(MemberTally),
    /// Neither they nor the payout have changed since its verdict, which says this. Never a gap, of which it is also to be said where
    /// it may come from.
    Stands(Composition),
}

impl PayoutTxns {
    /// The tally, where they were added up.
    #[must_use]
    pub const fn added(self) -> Option<MemberTally> {
        match self {
            Self::Added(tally) => Some(tally),
            Self::Stands(_) => None,
        }
    }
}

/// The txns of one payout, added up. The payout's own txn (by id) is left out of count and sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberTally {
    /// How many txns in any currency, its own left out.
    pub txn_count: u64,
    /// Σ net of those in the payout's currency, minor units, signed as the balance moved.
    pub sum_net_minor: i64,
    /// How many of them are in another currency.
    pub other_currency_count: u64,
    /// The payout's own txn, where it is known.
    pub own_txn: Option<OwnTxn>,
}

/// The txn with which a payout left the balance. Minor units of the txn's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnTxn {
    /// Its gross; negative when money left the balance.
    pub amount_minor: i64,
    /// Its fee; positive when charged.
    pub fee_minor: i64,
    /// Its net.
    pub net_minor: i64,
    /// Its currency.
    pub currency: Currency,
}

/// The txns of a payout, added up by currency; whatever balance they moved.
const SUMS: &str = "SELECT account, payout, currency, COUNT(*), CAST(SUM(net_minor) AS BIGINT) FROM txn WHERE WHICH_ \
     GROUP BY account, payout, currency";

const OWN_TXNS: &str = "SELECT p.account, p.id, t.currency, t.amount_minor, t.fee_minor, t.net_minor, \
     CASE WHEN t.payout = p.id THEN 1 ELSE 0 END \
     FROM payout p JOIN txn t ON t.account = p.account AND t.id = p.own_txn WHERE WHICH_";

const DUE: &str = "SELECT account, payout FROM payout_due WHERE WHOSE_";

/// Each has a verdict or is due. There is no index by accounts for this alone: where there is one, it is taken for what partial
/// ones are for.
pub(crate) const OF_ONE: &str = "(SELECT payout FROM payout_verdict WHERE account = ?1 UNION SELECT payout FROM payout_due WHERE account = ?1) k \
     JOIN payout p ON p.id = k.payout";

/// Account and payout.
type PayoutKey = (Box<str>, Box<str>);

struct MemberSum {
    currency: Box<str>,
    count: i64,
    net_minor: i64,
}

/// A payout's own txn, and whether its own list names it.
struct Own {
    txn: OwnTxn,
    listed: bool,
}

/// What the txns of payouts come to, an entry a currency, and the payouts' own.
#[derive(Default)]
struct Sums {
    members: HashMap<PayoutKey, Vec<MemberSum>>,
    own: HashMap<PayoutKey, Own>,
}

/// Every payout of one account or of all, by account and id. `verdicts` are theirs.
pub(crate) fn payouts(
    connection: &Connection,
    account: Option<&AccountId>,
    verdicts: &[PayoutVerdict],
) -> Result<Vec<PayoutMembers>> {
    let from = if account.is_some() { OF_ONE } else { "payout p" };
    let sql = format!("SELECT {}, p.members_complete FROM {from} WHERE WHOSE_ ORDER BY p.account, p.id", rows::PAYOUT);
    let read = |row: &Row<'_>| Ok((rows::payout(row)?, row.get::<bool>(rows::PAYOUT_COLUMNS)?));
    let payouts: Vec<(Payout, bool)> = rows_of(connection, &sql, "p.account", account, read)?;
    let stands = standing(connection, account, verdicts)?;
    let standing = |payout: &Payout| stands.get(&(payout.account.as_str(), payout.id.as_str())).copied();
    let due = || payouts.iter().map(|(payout, _)| payout).filter(|payout| standing(payout).is_none());
    // Most of all are added up in one go through all; few, each by itself.
    let are_most = account.is_none() && due().count() * 2 > payouts.len();
    let sums = if are_most { add_up_all(connection)? } else { add_up(connection, due())? };
    let with_txns = |(payout, members_complete): (Payout, bool)| {
        let txns = match standing(&payout) {
            Some(composition) => PayoutTxns::Stands(composition),
            None => PayoutTxns::Added(tally(&payout, &sums)?),
        };
        Ok(PayoutMembers { payout, members_complete, txns })
    };
    payouts.into_iter().map(with_txns).collect()
}

/// Payouts of one account, added up whether their verdicts stand or not.
pub(crate) fn payouts_of(connection: &Connection, account: &AccountId, ids: &[PayoutId]) -> Result<Vec<PayoutMembers>> {
    let sql = format!("SELECT {}, p.members_complete FROM payout p WHERE p.account = ?1 AND p.id = ?2", rows::PAYOUT);
    let ids: Vec<&str> = ids.iter().map(PayoutId::as_str).collect();
    let mut found: Vec<(Payout, bool)> = Vec::new();
    connection.query_each(&sql, params![account.as_str()], &ids, |row| {
        found.push((rows::payout(row)?, row.get(rows::PAYOUT_COLUMNS)?));
        Ok(())
    })?;
    found.sort_unstable_by(|one, other| one.0.id.cmp(&other.0.id));
    let sums = add_up(connection, found.iter().map(|(payout, _)| payout))?;
    let with_txns = |(payout, members_complete): (Payout, bool)| {
        let txns = PayoutTxns::Added(tally(&payout, &sums)?);
        Ok(PayoutMembers { payout, members_complete, txns })
    };
    found.into_iter().map(with_txns).collect()
}

/// The compositions that stand, by account and payout: nothing of them has changed since, and there is no gap, of which it is
/// also to be said where it may come from.
fn standing<'v>(
    connection: &Connection,
    account: Option<&AccountId>,
    verdicts: &'v [PayoutVerdict],
) -> Result<HashMap<(&'v str, &'v str), Composition>> {
    let due = rows_of(connection, DUE, "account", account, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let due: HashSet<(String, String)> = due.into_iter().collect();
    let is_due = |verdict: &PayoutVerdict| due.contains(&(verdict.account.to_string(), verdict.payout.to_string()));
    let stands = verdicts.iter().filter(|verdict| verdict.composition.state != CompositionState::Gap && !is_due(verdict));
    Ok(stands.map(|verdict| ((verdict.account.as_str(), verdict.payout.as_str()), verdict.composition)).collect())
}

/// The first payout whose txns come to something else than the verdict says that stands.
pub(crate) fn payout_apart(connection: &Connection) -> Result<Option<PayoutId>> {
    let verdicts = outcome::verdicts(connection, None)?;
    let stands = standing(connection, None, &verdicts)?;
    let kept = payouts(connection, None, &verdicts)?;
    let sums = add_up(connection, kept.iter().map(|one| &one.payout))?;
    for PayoutMembers { payout, .. } in kept {
        let Some(composition) = stands.get(&(payout.account.as_str(), payout.id.as_str())) else { continue };
        let tally = tally(&payout, &sums)?;
        let fee_minor = tally.own_txn.map_or(0, |own| own.fee_minor);
        let took = payout.amount.minor().checked_add(fee_minor);
        let is_tied = tally.other_currency_count == 0 && took == Some(tally.sum_net_minor);
        let same = (tally.txn_count, tally.sum_net_minor) == (composition.txn_count, composition.sum_net_minor);
        if !same || (composition.state == CompositionState::Tied && !is_tied) {
            return Ok(Some(payout.id));
        }
    }
    Ok(None)
}

fn add_up<'p>(connection: &Connection, payouts: impl Iterator<Item = &'p Payout>) -> Result<Sums> {
    let mut sums = Sums::default();
    let mut by_account: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    payouts.for_each(|payout| by_account.entry(payout.account.as_str()).or_default().push(payout.id.as_str()));
    let members = SUMS.replace("WHICH_", "account = ?1 AND payout = ?2");
    let own = OWN_TXNS.replace("WHICH_", "p.account = ?1 AND p.id = ?2");
    for (account, ids) in by_account {
        connection.query_each(&members, params![account], &ids, |row| sums.add_members(row))?;
        connection.query_each(&own, params![account], &ids, |row| sums.add_own(row))?;
    }
    Ok(sums)
}

fn add_up_all(connection: &Connection) -> Result<Sums> {
    let mut sums = Sums::default();
    let members = SUMS.replace("WHICH_", "payout IS NOT NULL");
    rows_of(connection, &members, "", None, |row| sums.add_members(row))?;
    rows_of(connection, &OWN_TXNS.replace("WHICH_", "1 = 1"), "", None, |row| sums.add_own(row))?;
    Ok(sums)
}

impl Sums {
    fn add_members(&mut self, row: &Row<'_>) -> Read<()> {
        let sum = MemberSum { currency: row.get(2)?, count: row.get(3)?, net_minor: row.get(4)? };
        self.members.entry((row.get(0)?, row.get(1)?)).or_default().push(sum);
        Ok(())
    }

    fn add_own(&mut self, row: &Row<'_>) -> Read<()> {
        let txn = OwnTxn {
            currency: rows::currency(row, 2)?,
            amount_minor: row.get(3)?,
            fee_minor: row.get(4)?,
            net_minor: row.get(5)?,
        };
        self.own.insert((row.get(0)?, row.get(1)?), Own { txn, listed: row.get(6)? });
        Ok(())
    }
}

fn tally(payout: &Payout, sums: &Sums) -> Result<MemberTally> {
    let key = (payout.account.as_str().into(), payout.id.as_str().into());
    let (members, own) = (sums.members.get(&key), sums.own.get(&key));
    let currency = payout.amount.currency();
    let (mut count, mut other, mut sum) = (0_i64, 0_i64, 0_i64);
    for part in members.into_iter().flatten() {
        count = count.saturating_add(part.count);
        if *part.currency == *currency.as_str() {
            sum = sum.checked_add(part.net_minor).ok_or_else(overflow)?;
        } else {
            other = other.saturating_add(part.count);
        }
    }
    if let Some(own) = own.filter(|own| own.listed) {
        count -= 1;
        if own.txn.currency == currency {
            sum = sum.checked_sub(own.txn.net_minor).ok_or_else(overflow)?;
        } else {
            other -= 1;
        }
    }
    Ok(MemberTally {
        txn_count: u64::try_from(count).unwrap_or_default(),
        sum_net_minor: sum,
        other_currency_count: u64::try_from(other).unwrap_or_default(),
        own_txn: own.map(|own| own.txn),
    })
}
