//! What reconciliation reads where only single accounts have changed, and nothing that deposits are matched from.

use facts::{AccountId, Exception, PayoutId};
use jiff::Timestamp;

use crate::database::{Connection, Read, params};
use crate::snapshot::{self, BalanceCheck, PayoutMembers, Refusal};
use crate::{Result, Store, outcome, rows, sync};

/// What has changed since it was last judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToJudge {
    /// The revision of the data; see [`crate::Store::apply`].
    pub revision: i64,
    /// The revision at which payouts, bank lines or accounts last changed.
    pub deposit_revision: i64,
    /// The accounts of which anything has, by id.
    pub accounts: Vec<AccountId>,
}

/// Everything of one account that is judged without its deposits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSnapshot {
    /// When its last complete sync began to read; `None` before the first.
    pub synced_at: Option<Timestamp>,
    /// The two sides of the balance check, by currency.
    pub balances: Vec<BalanceCheck>,
    /// What Stripe sent and we could not take, by kind and id.
    pub refusals: Vec<Refusal>,
    /// The payouts whose verdict is a gap, by id, added up.
    pub gaps: Vec<PayoutMembers>,
    /// The exceptions of the account that are open, by id.
    pub exceptions_open: Vec<Exception>,
}

const GAPS: &str = "SELECT payout FROM payout_verdict WHERE account = ?1 AND composition = 'gap' ORDER BY payout";

impl Store {
    /// What has changed since it was last judged; see [`crate::OutcomeWrite::judged`].
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn to_judge(&self) -> Result<ToJudge> {
        self.view(|connection| {
            let read = "SELECT revision, deposit_revision FROM meta WHERE one = 1";
            let (revision, deposit_revision) = connection.query_row(read, params![], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut statement = connection.prepare("SELECT account FROM account_due ORDER BY account")?;
            let accounts = statement.query_map(params![], |row| rows::id(row, 0, AccountId::parse))?.collect::<Read<_>>()?;
            Ok(ToJudge { revision, deposit_revision, accounts })
        })
    }

    /// Everything of one account that is judged without its deposits.
    ///
    /// # Errors
    /// [`crate::StoreError::Overflow`] when a sum does not fit 64 bits.
    pub fn account_snapshot(&self, account: &AccountId) -> Result<AccountSnapshot> {
        self.view(|connection| {
            Ok(AccountSnapshot {
                synced_at: sync::synced_at(connection, account)?,
                balances: snapshot::balances(connection, Some(account))?,
                refusals: snapshot::refusals(connection, Some(account))?,
                gaps: snapshot::payouts_of(connection, account, &gaps(connection, account)?)?,
                exceptions_open: outcome::exceptions_open(connection, Some(account))?,
            })
        })
    }
}

fn gaps(connection: &Connection, account: &AccountId) -> Result<Vec<PayoutId>> {
    let mut statement = connection.prepare(GAPS)?;
    let gaps = statement.query_map(params![account.as_str()], |row| rows::id(row, 0, PayoutId::parse))?;
    Ok(gaps.collect::<Read<_>>()?)
}
