//! What reconciliation reads: everything that deposits depend on, in one consistent view.

mod payouts;

use std::collections::{BTreeMap, HashMap};

use facts::{Account, AccountId, BankAccount, BankLine, Exception, Match, ObjectKind, PayoutVerdict, RefusalCause};
use jiff::Timestamp;
use jiff::civil::Date;
use money::Currency;

pub use payouts::{MemberTally, OwnTxn, PayoutMembers, PayoutTxns};
pub(crate) use payouts::{OF_ONE, payout_apart, payouts, payouts_of};

use crate::database::{Connection, Read, params};
use crate::sums::{self, MoneyKey, overflow};
use crate::sync::beginning;
use crate::whose::rows_of;
use crate::{Result, Store, StoreError, outcome, rows, statement};

/// Everything that verdicts on payouts depend on, at one revision. Every list is ordered by its ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositSnapshot {
    /// The revision of the data; see [`crate::Store::apply`].
    pub revision: i64,
    /// What accounts are called, each name once.
    pub own_names: Vec<String>,
    /// When the last complete sync of each account began to read; none before its first.
    pub synced: HashMap<AccountId, Timestamp>,
    /// Every payout with what its txns add up to, by account and id.
    pub payouts: Vec<PayoutMembers>,
    /// Every bank account, by name.
    pub bank_accounts: Vec<BankAccount>,
    /// Every bank line, by bank account, date and id.
    pub bank_lines: Vec<BankLine>,
    /// The two sides of the balance check, by account and currency.
    pub balances: Vec<BalanceCheck>,
    /// What Stripe sent and we could not take, by account, kind and id.
    pub refusals: Vec<Refusal>,
    /// The verdicts of the last reconciliation, by account and payout.
    pub verdicts: Vec<PayoutVerdict>,
    /// The matches of the last reconciliation, by id.
    pub matches: Vec<Match>,
    /// The exceptions that are open, by id.
    pub exceptions_open: Vec<Exception>,
}

/// An account and how fresh it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncedAccount {
    /// The account.
    pub account: Account,
    /// When its last complete sync began to read; `None` before the first.
    pub synced_at: Option<Timestamp>,
    /// Where its history begins here; `None` for all of it.
    pub begins_at: Option<Timestamp>,
}

/// The two sides of the balance check of one account and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceCheck {
    /// Whose balance.
    pub account: AccountId,
    /// In which currency.
    pub currency: Currency,
    /// Available + pending as Stripe reports them; `None` where it was never read or Stripe names no such currency.
    pub stripe_minor: Option<i64>,
    /// Σ net of the account's txns of balance type `payments`, and its opening balance where its history is cut off.
    pub computed_minor: i64,
    /// Whether the balance stood still while it was read; only then can the two be compared.
    pub steady: bool,
    /// When the balance was read.
    pub read_at: Option<Timestamp>,
}

/// An object that could not be taken, or that a second payout claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Whose object.
    pub account: AccountId,
    /// What it should have been.
    pub kind: ObjectKind,
    /// Its id.
    pub object_id: String,
    /// What is wrong with it, in one word; of several things the first.
    pub cause: RefusalCause,
    /// Everything that is wrong with it, a sentence each, joined by semicolons: one object is one disagreement.
    pub reason: String,
}

const NAMES: &str = "SELECT DISTINCT display_name FROM account WHERE display_name IS NOT NULL ORDER BY display_name";

const SYNCED: &str = "SELECT id, synced_at FROM account WHERE synced_at IS NOT NULL";

const STRIPE_BALANCES: &str =
    "SELECT account, currency, available_minor, pending_minor, steady, read_at FROM balance WHERE WHOSE_";

const REFUSALS: &str =
    "SELECT account, kind, object_id, cause, reason FROM refusal WHERE WHOSE_ ORDER BY account, kind, object_id, about";

impl Store {
    /// Everything that verdicts on payouts depend on, in one consistent view.
    ///
    /// # Errors
    /// [`StoreError::Overflow`] when a sum does not fit 64 bits.
    pub fn deposit_snapshot(&self) -> Result<DepositSnapshot> {
        self.view(|connection| {
            let verdicts = outcome::verdicts(connection, None)?;
            Ok(DepositSnapshot {
                revision: crate::revision(connection)?,
                own_names: rows_of(connection, NAMES, "", None, |row| row.get(0))?,
                synced: synced(connection)?,
                payouts: payouts::payouts(connection, None, &verdicts)?,
                bank_accounts: statement::bank_accounts(connection)?,
                bank_lines: bank_lines(connection, None)?,
                balances: balances(connection, None)?,
                refusals: refusals(connection, None)?,
                verdicts,
                matches: outcome::matches(connection)?,
                exceptions_open: outcome::exceptions_open(connection, None)?,
            })
        })
    }
}

fn synced(connection: &Connection) -> Result<HashMap<AccountId, Timestamp>> {
    let synced = rows_of(connection, SYNCED, "", None, |row| Ok((rows::id(row, 0, AccountId::parse)?, rows::time(row, 1)?)))?;
    Ok(synced.into_iter().collect())
}

/// Every bank line that was booked on a day or later, or every one, by bank account, date and id.
pub(crate) fn bank_lines(connection: &Connection, from: Option<Date>) -> Result<Vec<BankLine>> {
    let since = if from.is_some() { "WHERE l.date_on >= ?1" } else { "" };
    let sql = format!("SELECT {} FROM bank_line l {since} ORDER BY l.bank_account, l.date_on, l.id", rows::BANK_LINE);
    let mut statement = connection.prepare(&sql)?;
    let lines = match from {
        Some(from) => statement.query_map(params![from.to_string()], rows::bank_line)?.collect::<Read<_>>(),
        None => statement.query_map(params![], rows::bank_line)?.collect::<Read<_>>(),
    };
    Ok(lines?)
}

/// One entry for every account and currency that has a balance, txns, or both; of one account, or of all.
pub(crate) fn balances(connection: &Connection, account: Option<&AccountId>) -> Result<Vec<BalanceCheck>> {
    let mut payments = sums::payments(connection, account)?;
    for (key, minor) in beginning::carried(connection, account)? {
        let sum = payments.entry(key).or_default();
        *sum = sum.checked_add(minor).ok_or_else(overflow)?;
    }
    let mut checks = BTreeMap::new();
    for (key, computed_minor) in payments {
        let check = unread(&key, computed_minor)?;
        checks.insert(key, check);
    }
    let stripes = rows_of(connection, STRIPE_BALANCES, "account", account, |row| {
        let key: MoneyKey = (row.get(0)?, row.get(1)?);
        Ok((key, row.get::<i64>(2)?, row.get::<i64>(3)?, row.get(4)?, rows::time(row, 5)?))
    })?;
    for (key, available, pending, steady, read_at) in stripes {
        let mut check = checks.remove(&key).map_or_else(|| unread(&key, 0), Ok)?;
        check.stripe_minor = Some(available.checked_add(pending).ok_or_else(overflow)?);
        check.steady = steady;
        check.read_at = Some(read_at);
        checks.insert(key, check);
    }
    Ok(checks.into_values().collect())
}

fn unread((account, currency): &MoneyKey, computed_minor: i64) -> Result<BalanceCheck> {
    let bad = |error: &dyn std::fmt::Display| StoreError::bad_row(error.to_string());
    Ok(BalanceCheck {
        account: AccountId::parse(account).map_err(|error| bad(&error))?,
        currency: Currency::parse(currency).map_err(|error| bad(&error))?,
        stripe_minor: None,
        computed_minor,
        steady: false,
        read_at: None,
    })
}

pub(crate) fn refusals(connection: &Connection, account: Option<&AccountId>) -> Result<Vec<Refusal>> {
    let found = rows_of(connection, REFUSALS, "account", account, |row| {
        let mut c = rows::Columns::new(row, 0);
        Ok(Refusal {
            account: c.id(AccountId::parse)?,
            kind: c.word(ObjectKind::from_word)?,
            object_id: c.get()?,
            cause: c.word(RefusalCause::from_word)?,
            reason: c.get()?,
        })
    })?;
    let mut refusals: Vec<Refusal> = Vec::new();
    for refusal in found {
        match refusals.last_mut().filter(|last| same_object(last, &refusal)) {
            Some(last) => last.reason = format!("{}; {}", last.reason, refusal.reason),
            None => refusals.push(refusal),
        }
    }
    Ok(refusals)
}

fn same_object(one: &Refusal, other: &Refusal) -> bool {
    (&one.account, one.kind, &one.object_id) == (&other.account, other.kind, &other.object_id)
}
