//! How all accounts stand together: what a platform's status says without going through its accounts one by one.

use facts::{AccountId, Class, CompositionState, DepositState, ExceptionCode, ReconciliationStatus};
use jiff::civil::Date;
use money::Currency;

use super::accounts::AccountFilter;
use super::exceptions::ExceptionRow;
use super::status::{PayoutCounts, count};
use crate::database::{Connection, params};
use crate::snapshot::SyncedAccount;
use crate::whose::rows_of;
use crate::{Result, Store, rows};

/// So many of something in one currency of an account, or of none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Whose; `None` where they cannot be laid to one account.
    pub account: Option<AccountId>,
    /// In which currency.
    pub currency: Currency,
    /// How many.
    pub count: u64,
}

/// What stands open, by account and currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenCounts {
    /// Open true exceptions.
    pub true_exceptions: Vec<Counted>,
    /// Payouts whose txns Stripe has listed, and we have not read.
    pub members_missing: Vec<Counted>,
    /// Payouts that are due, and of whose bank account no statement was read.
    pub bank_unknown: Vec<Counted>,
}

/// How all accounts stand together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many payouts are in which deposit state.
    pub payouts: PayoutCounts,
    /// Whether the balance of some account or currency was not read while it stood still.
    pub balance_unknown: bool,
    /// Open true exceptions, of accounts and of none.
    pub true_exceptions: u64,
    /// Payouts that several lines could be, in an account and currency without a true exception.
    pub ambiguous_unsaid: u64,
    /// Payouts whose txns Stripe has listed, and we have not read.
    pub members_missing: u64,
    /// Payouts that are due, and of whose bank account no statement was read.
    pub bank_unknown: u64,
}

const VERDICTS: &str = "SELECT deposit, COUNT(*) FROM payout_verdict GROUP BY deposit";

const PAYOUTS: &str = "SELECT COUNT(*) FROM payout";

/// No export tells a balance: that it is unknown of accounts that only exports tell of goes without saying.
const BALANCE_UNKNOWN: &str = "SELECT CASE WHEN EXISTS (SELECT 1 FROM balance WHERE steady = 0) \
     OR EXISTS (SELECT 1 FROM account a WHERE a.default_currency IS NOT NULL \
     AND NOT EXISTS (SELECT 1 FROM balance b WHERE b.account = a.id) \
     AND (a.synced_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM export_file x WHERE x.account = a.id))) \
     OR EXISTS (SELECT 1 FROM opening_balance o \
     WHERE NOT EXISTS (SELECT 1 FROM balance b WHERE b.account = o.account AND b.currency = o.currency)) \
     OR EXISTS (SELECT 1 FROM txn_currency t JOIN account a ON a.id = t.account \
     WHERE NOT EXISTS (SELECT 1 FROM balance b WHERE b.account = t.account AND b.currency = t.currency) \
     AND (a.synced_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM export_file x WHERE x.account = a.id))) \
     OR EXISTS (SELECT 1 FROM payout p JOIN account a ON a.id = p.account \
     WHERE NOT EXISTS (SELECT 1 FROM balance b WHERE b.account = p.account AND b.currency = p.currency) \
     AND (a.synced_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM export_file x WHERE x.account = a.id))) THEN 1 ELSE 0 END";

const OPEN_BY_CLASS: &str = "SELECT class, COUNT(*) FROM exception WHERE resolved_at IS NULL GROUP BY class";

const AMBIGUOUS_UNSAID: &str = "SELECT COUNT(*) FROM payout_verdict v JOIN payout p ON p.id = v.payout AND p.account = v.account \
     WHERE v.deposit = 'ambiguous' AND NOT EXISTS (SELECT 1 FROM exception e WHERE e.account = v.account \
     AND e.currency = p.currency AND e.class = 'true' AND e.resolved_at IS NULL)";

/// Accounts with most true exceptions first.
const TROUBLED: &str = "SELECT account FROM exception WHERE resolved_at IS NULL AND class = 'true' AND account IS NOT NULL \
     GROUP BY account ORDER BY COUNT(*) DESC, account";

impl Store {
    /// How all accounts stand together on a day.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn totals(&self, today: Date) -> Result<Totals> {
        self.view(|connection| {
            let number =
                |sql: &str| Ok::<u64, crate::StoreError>(connection.query_row(sql, params![], |row| rows::narrow(row, 0))?);
            let mut totals = Totals { payouts: payouts(connection)?, ..Totals::default() };
            totals.balance_unknown = number(BALANCE_UNKNOWN)? > 0;
            totals.true_exceptions = by_class(connection)?.0;
            totals.ambiguous_unsaid = number(AMBIGUOUS_UNSAID)?;
            let all = |sql: &str| format!("SELECT COUNT(*) {}", sql.replace("WHOSE_", "1 = 1"));
            totals.members_missing = number(&all(&members_missing()))?;
            totals.bank_unknown = number(&all(&bank_unknown(today)))?;
            Ok(totals)
        })
    }

    /// How many open exceptions are true, and how many are expected.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn exceptions_by_class(&self) -> Result<(u64, u64)> {
        self.read(by_class)
    }

    /// What stands open on a day, of one account or of all and of none.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn open_counts(&self, account: Option<&AccountId>, today: Date) -> Result<OpenCounts> {
        self.view(|connection| {
            let exceptions = "FROM exception e WHERE WHOSE_ AND e.resolved_at IS NULL AND e.class = 'true'";
            Ok(OpenCounts {
                true_exceptions: counted(connection, ("e.account", "e.currency"), exceptions, account)?,
                members_missing: counted(connection, ("v.account", "p.currency"), &members_missing(), account)?,
                bank_unknown: counted(connection, ("v.account", "p.currency"), &bank_unknown(today), account)?,
            })
        })
    }

    /// Of many accounts those that are looked at first: our own, those with most open true exceptions, those that were read longest
    /// ago. At most so many, by id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn accounts_in_view(&self, limit: usize) -> Result<Vec<SyncedAccount>> {
        let stale = AccountFilter { least_fresh_first: true, limit: Some(limit as u64), ..AccountFilter::default() };
        let mut chosen = self.own_accounts()?;
        let sql = format!("{TROUBLED} LIMIT {limit}");
        for id in self.read(|connection| rows_of(connection, &sql, "", None, |row| rows::id(row, 0, AccountId::parse)))? {
            let is_new = chosen.iter().all(|known| known.account.id != id);
            chosen.extend(self.account(&id)?.filter(|_| is_new));
        }
        for one in self.account_list(&stale)? {
            if chosen.iter().all(|known| known.account.id != one.account.id) {
                chosen.push(one);
            }
        }
        chosen.truncate(limit);
        chosen.sort_unstable_by(|one, other| one.account.id.cmp(&other.account.id));
        Ok(chosen)
    }

    /// The open exceptions to look at first: those that need a person, then the oldest, then by code and id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn exceptions_in_view(&self, limit: usize) -> Result<Vec<ExceptionRow>> {
        let place = |(place, code): (usize, &ExceptionCode)| format!("WHEN '{}' THEN {place}", code.as_str());
        let codes: Vec<String> = ExceptionCode::ALL.iter().enumerate().map(place).collect();
        let order = format!("CASE e.class WHEN 'true' THEN 0 ELSE 1 END, e.opened_at, CASE e.code {} END, e.id", codes.join(" "));
        self.open_exceptions_by(&order, limit)
    }

    /// The currencies of balances, payouts and accounts.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn currencies(&self) -> Result<Vec<Currency>> {
        let sql = "SELECT currency FROM balance UNION SELECT currency FROM payout UNION SELECT currency FROM opening_balance \
                   UNION SELECT default_currency FROM account WHERE default_currency IS NOT NULL ORDER BY 1";
        self.read(|connection| rows_of(connection, sql, "", None, |row| rows::currency(row, 0)))
    }
}

fn payouts(connection: &Connection) -> Result<PayoutCounts> {
    let mut counts = PayoutCounts::default();
    let judged = rows_of(connection, VERDICTS, "", None, |row| {
        Ok((rows::parsed(row, 0, DepositState::from_word)?, rows::narrow(row, 1)?))
    })?;
    judged.into_iter().for_each(|(state, payouts)| count(&mut counts, Some(state), payouts));
    let all: u64 = connection.query_row(PAYOUTS, params![], |row| rows::narrow(row, 0))?;
    let unjudged = all.saturating_sub(counts.total);
    count(&mut counts, None, unjudged);
    Ok(counts)
}

fn by_class(connection: &Connection) -> Result<(u64, u64)> {
    let (mut needing, mut expected) = (0, 0);
    let found =
        rows_of(connection, OPEN_BY_CLASS, "", None, |row| Ok((rows::parsed(row, 0, Class::from_word)?, rows::narrow(row, 1)?)))?;
    for (class, count) in found {
        match class {
            Class::True => needing = count,
            Class::Expected => expected = count,
        }
    }
    Ok((needing, expected))
}

/// Pending while Stripe is making the list is normal; pending after that is a gap of ours.
fn members_missing() -> String {
    let (pending, completed) = (CompositionState::Pending.as_str(), ReconciliationStatus::Completed);
    format!("{JUDGED} AND v.composition = '{pending}' AND p.reconciliation_status = '{}'", completed.as_str())
}

/// Due, and nobody could look: awaiting is then no answer but the lack of one.
fn bank_unknown(today: Date) -> String {
    let awaiting = DepositState::Awaiting.as_str();
    format!("{JUDGED} AND v.deposit = '{awaiting}' AND v.covered_until_on IS NULL AND v.due_on < '{today}'")
}

const JUDGED: &str = "FROM payout_verdict v JOIN payout p ON p.id = v.payout AND p.account = v.account WHERE WHOSE_";

fn counted(
    connection: &Connection,
    (owner, currency): (&str, &str),
    from: &str,
    account: Option<&AccountId>,
) -> Result<Vec<Counted>> {
    let sql = format!("SELECT {owner}, {currency}, COUNT(*) {from} GROUP BY {owner}, {currency}");
    rows_of(connection, &sql, owner, account, |row| {
        Ok(Counted {
            account: rows::id_or_none(row, 0, AccountId::parse)?,
            currency: rows::currency(row, 1)?,
            count: rows::narrow(row, 2)?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_open_of_one_account_is_found_without_going_through_all() {
        let today = Date::MAX;
        for from in [members_missing(), bank_unknown(today)] {
            let plan = crate::whose::plan_of_one(&format!("SELECT p.currency {from}"), "v.account");
            assert!(!plan.contains("SCAN"), "{from}\n{plan}");
        }
    }
}
