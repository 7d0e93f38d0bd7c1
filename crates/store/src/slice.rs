//! What reconciliation reads where only single accounts have changed, and neither bank lines nor accounts' names.

use facts::{AccountId, BankLine, Exception, Payout, PayoutId, PayoutVerdict};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::database::{Connection, Read, params};
use crate::snapshot::{self, BalanceCheck, PayoutMembers, Refusal};
use crate::whose::rows_of;
use crate::{AccountBasis, Basis, Result, Store, basis, outcome, rows, sync};

/// What has changed since it was last judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToJudge {
    /// The revision of the data; see [`crate::Store::apply`].
    pub revision: i64,
    /// The revision at which bank lines or accounts' names last changed, or payouts without a note of which.
    pub deposit_revision: i64,
    /// The accounts of which anything has, by id.
    pub accounts: Vec<AccountId>,
    /// What everything was last judged from; `None` where it never was.
    pub basis: Option<Basis>,
}

/// Everything of one account that is judged without a look at others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSnapshot {
    /// What it was last judged from; `None` where it was not there then.
    pub basis: Option<AccountBasis>,
    /// When its last complete sync began to read; `None` before the first.
    pub synced_at: Option<Timestamp>,
    /// The two sides of the balance check, by currency.
    pub balances: Vec<BalanceCheck>,
    /// What Stripe sent and we could not take, by kind and id.
    pub refusals: Vec<Refusal>,
    /// All payouts, like [`crate::DepositSnapshot::payouts`], where any is due; else those whose verdict is a gap.
    pub payouts: Vec<PayoutMembers>,
    /// The payouts that have changed, or whose txns have, since they were last judged; by id.
    pub due: Vec<PayoutId>,
    /// What those said when they were last judged that may say something else now, by id. None of those that are new since.
    pub before: Vec<Payout>,
    /// The verdicts of the last reconciliation, by payout, where any payout is due.
    pub verdicts: Vec<PayoutVerdict>,
    /// The exceptions of the account that are open, by id.
    pub exceptions_open: Vec<Exception>,
}

const GAPS: &str = "SELECT payout FROM payout_verdict WHERE WHOSE_ AND composition = 'gap' ORDER BY payout";

const DUE: &str = "SELECT payout FROM payout_due WHERE WHOSE_ ORDER BY payout";

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
            Ok(ToJudge { revision, deposit_revision, accounts, basis: basis::read(connection)? })
        })
    }

    /// Everything of one account that is judged without a look at others.
    ///
    /// # Errors
    /// [`crate::StoreError::Overflow`] when a sum does not fit 64 bits.
    pub fn account_snapshot(&self, account: &AccountId) -> Result<AccountSnapshot> {
        self.view(|connection| {
            let due = ids(connection, DUE, account)?;
            let verdicts = if due.is_empty() { Vec::new() } else { outcome::verdicts(connection, Some(account))? };
            Ok(AccountSnapshot {
                basis: basis::of_accounts(connection, Some(account))?.remove(account),
                synced_at: sync::synced_at(connection, account)?,
                balances: snapshot::balances(connection, Some(account))?,
                refusals: snapshot::refusals(connection, Some(account))?,
                payouts: if due.is_empty() {
                    snapshot::payouts_of(connection, account, &ids(connection, GAPS, account)?)?
                } else {
                    snapshot::payouts(connection, Some(account), &verdicts)?
                },
                before: if due.is_empty() { Vec::new() } else { before(connection, account)? },
                due,
                verdicts,
                exceptions_open: outcome::exceptions_open(connection, Some(account))?,
            })
        })
    }

    /// The bank lines that were booked on a day or later, by bank account, date and id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn bank_lines_from(&self, day: Date) -> Result<Vec<BankLine>> {
        self.read(|connection| snapshot::bank_lines(connection, Some(day)))
    }
}

fn before(connection: &Connection, account: &AccountId) -> Result<Vec<Payout>> {
    let sql = format!("SELECT {} FROM payout_before p WHERE WHOSE_ ORDER BY p.id", rows::PAYOUT);
    rows_of(connection, &sql, "p.account", Some(account), rows::payout)
}

fn ids(connection: &Connection, sql: &str, account: &AccountId) -> Result<Vec<PayoutId>> {
    rows_of(connection, sql, "account", Some(account), |row| rows::id(row, 0, PayoutId::parse))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whose::plan_of_one;

    #[test]
    fn what_is_read_of_one_account_is_found_without_going_through_all_of_them() {
        let of_one = format!("SELECT {} FROM {} WHERE WHOSE_", rows::PAYOUT, snapshot::OF_ONE);
        let (subjects, exceptions) = (outcome::SUBJECTS_OPEN, format!("SELECT e.id {}", outcome::EXCEPTIONS_OPEN));
        let asked = [
            (GAPS, "account", "payout_verdict"),
            (DUE, "account", "payout_due"),
            (&of_one, "p.account", "sqlite_autoindex_payout_1 (id=? AND account=?)"),
            (subjects, "e.account", "exception_open"),
            (&exceptions, "e.account", "exception_open"),
        ];
        for (sql, column, found_by) in asked {
            let plan = plan_of_one(sql, column);
            let scans = plan.lines().filter(|step| step.contains("SCAN") && !step.contains("SCAN k"));
            assert!(plan.contains(found_by) && scans.count() == 0, "{sql}\n{plan}");
        }
    }
}
