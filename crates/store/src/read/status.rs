//! How each account and currency stands: what `status` and the first page say.

use std::collections::{BTreeMap, BTreeSet};

use facts::{AccountId, Bucket, DepositState};
use jiff::Timestamp;
use money::Currency;

use super::accounts;
use crate::database::{Connection, params};
use crate::snapshot::{self, BalanceCheck, SyncedAccount};
use crate::whose::rows_of;
use crate::{Result, Store, StoreError, rows};

/// How one account stands in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountStatus {
    /// Whose.
    pub account: AccountId,
    /// In which currency.
    pub currency: Currency,
    /// When the account's last complete sync began to read; `None` before the first.
    pub synced_at: Option<Timestamp>,
    /// Stripe's balance beside the sum of the txns.
    pub balance: BalanceCheck,
    /// Where the payouts' money is.
    pub buckets: BucketSums,
    /// How many payouts are in which deposit state.
    pub payouts: PayoutCounts,
    /// Exceptions of this account and currency that are open.
    pub exceptions_open: u64,
}

/// Signed sums of payouts, minor units. The five parts sum to `total_minor`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketSums {
    /// Found at the bank with difference zero.
    pub matched_minor: i64,
    /// Not due yet.
    pub in_transit_minor: i64,
    /// A person may have to look.
    pub exceptions_minor: i64,
    /// Left out by a person.
    pub excluded_minor: i64,
    /// Without a verdict: synced after the last reconciliation. Zero right after one.
    pub unjudged_minor: i64,
    /// All payouts.
    pub total_minor: i64,
}

/// Counts of payouts. The parts sum to `total`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayoutCounts {
    /// All payouts.
    pub total: u64,
    /// Found, and decided.
    pub matched: u64,
    /// Probably found.
    pub proposed: u64,
    /// Several lines could be it.
    pub ambiguous: u64,
    /// Not due yet, or the bank account is unknown.
    pub awaiting: u64,
    /// Due and not there.
    pub missing: u64,
    /// Cancelled, failed or sent back.
    pub failed: u64,
    /// Without a verdict.
    pub unjudged: u64,
}

/// `PAYOUTS_` are all, or one account's.
const PAYOUTS: &str = "SELECT p.account, p.currency, v.bucket, v.deposit, COUNT(*), CAST(SUM(p.amount_minor) AS BIGINT) \
     FROM PAYOUTS_ LEFT JOIN payout_verdict v ON v.account = p.account AND v.payout = p.id WHERE WHOSE_ \
     GROUP BY p.account, p.currency, v.bucket, v.deposit ORDER BY p.account, p.currency, v.bucket, v.deposit";

const EXCEPTIONS: &str = "SELECT account, currency, COUNT(*) FROM exception WHERE WHOSE_ AND resolved_at IS NULL \
     AND account IS NOT NULL GROUP BY account, currency";

/// How many exceptions are open that cannot be laid to one account.
const HOMELESS_EXCEPTIONS: &str = "SELECT COUNT(*) FROM exception WHERE resolved_at IS NULL AND account IS NULL";

impl Store {
    /// How every account stands in every currency in which it has a balance, txns, payouts or open exceptions; an account
    /// with none of these stands once, in its default currency. By account and currency.
    ///
    /// # Errors
    /// [`StoreError::Overflow`] when a sum does not fit 64 bits.
    pub fn account_status(&self) -> Result<Vec<AccountStatus>> {
        self.view(|connection| {
            let mut book = Book::of(accounts::accounts(connection)?);
            book.add(connection, None)?;
            Ok(book.close())
        })
    }

    /// The same of these accounts alone.
    ///
    /// # Errors
    /// [`StoreError::Overflow`] when a sum does not fit 64 bits.
    pub fn account_status_of(&self, accounts: &[SyncedAccount]) -> Result<Vec<AccountStatus>> {
        self.view(|connection| {
            let mut book = Book::of(accounts.to_vec());
            accounts.iter().try_for_each(|known| book.add(connection, Some(&known.account.id)))?;
            Ok(book.close())
        })
    }

    /// How many open exceptions are of no account: money at the bank that cannot be laid to one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn homeless_exceptions_open(&self) -> Result<u64> {
        self.read(|connection| Ok(connection.query_row(HOMELESS_EXCEPTIONS, params![], |row| rows::narrow(row, 0))?))
    }
}

struct Book {
    accounts: BTreeMap<AccountId, SyncedAccount>,
    rows: BTreeMap<(AccountId, String), AccountStatus>,
}

impl Book {
    fn of(accounts: Vec<SyncedAccount>) -> Self {
        let accounts = accounts.into_iter().map(|known| (known.account.id.clone(), known)).collect();
        Self { accounts, rows: BTreeMap::new() }
    }

    /// Adds all that there is, of one account or of all.
    fn add(&mut self, connection: &Connection, account: Option<&AccountId>) -> Result<()> {
        for balance in snapshot::balances(connection, account)? {
            let row = self.row(&balance.account, balance.currency);
            row.balance = balance;
        }
        add_payouts(connection, self, account)?;
        add_exceptions(connection, self, account)
    }

    fn row(&mut self, account: &AccountId, currency: Currency) -> &mut AccountStatus {
        let accounts = &self.accounts;
        self.rows.entry((account.clone(), currency.as_str().to_owned())).or_insert_with(|| AccountStatus {
            account: account.clone(),
            currency,
            synced_at: accounts.get(account).and_then(|known| known.synced_at),
            balance: BalanceCheck {
                account: account.clone(),
                currency,
                stripe_minor: None,
                computed_minor: 0,
                steady: false,
                read_at: None,
            },
            buckets: BucketSums::default(),
            payouts: PayoutCounts::default(),
            exceptions_open: 0,
        })
    }

    fn close(mut self) -> Vec<AccountStatus> {
        self.add_empty_accounts();
        self.rows.into_values().collect()
    }

    fn add_empty_accounts(&mut self) {
        let filled: BTreeSet<&AccountId> = self.rows.keys().map(|(account, _)| account).collect();
        let empty = self.accounts.values().filter(|known| !filled.contains(&known.account.id));
        let empty: Vec<(AccountId, Currency)> =
            empty.filter_map(|known| Some((known.account.id.clone(), known.account.default_currency?))).collect();
        for (account, currency) in empty {
            self.row(&account, currency);
        }
    }
}

fn add_payouts(connection: &Connection, book: &mut Book, account: Option<&AccountId>) -> Result<()> {
    let sql = PAYOUTS.replace("PAYOUTS_", if account.is_some() { snapshot::OF_ONE } else { "payout p" });
    let found = rows_of(connection, &sql, "p.account", account, |row| {
        let bucket = rows::parsed_or_none(row, 2, Bucket::from_word)?;
        let deposit = rows::parsed_or_none(row, 3, DepositState::from_word)?;
        let key = (rows::id(row, 0, AccountId::parse)?, rows::currency(row, 1)?);
        Ok((key, bucket, deposit, rows::narrow(row, 4)?, row.get(5)?))
    })?;
    for ((account, currency), bucket, deposit, payouts, minor) in found {
        let status = book.row(&account, currency);
        count(&mut status.payouts, deposit, payouts);
        sum(&mut status.buckets, bucket, minor)?;
    }
    Ok(())
}

pub(super) fn count(counts: &mut PayoutCounts, deposit: Option<DepositState>, payouts: u64) {
    let place = match deposit {
        Some(DepositState::Matched) => &mut counts.matched,
        Some(DepositState::Proposed) => &mut counts.proposed,
        Some(DepositState::Ambiguous) => &mut counts.ambiguous,
        Some(DepositState::Awaiting) => &mut counts.awaiting,
        Some(DepositState::Missing) => &mut counts.missing,
        Some(DepositState::Failed) => &mut counts.failed,
        None => &mut counts.unjudged,
    };
    *place += payouts;
    counts.total += payouts;
}

fn sum(sums: &mut BucketSums, bucket: Option<Bucket>, minor: i64) -> Result<()> {
    let place = match bucket {
        Some(Bucket::Matched) => &mut sums.matched_minor,
        Some(Bucket::InTransit) => &mut sums.in_transit_minor,
        Some(Bucket::Exceptions) => &mut sums.exceptions_minor,
        Some(Bucket::Excluded) => &mut sums.excluded_minor,
        None => &mut sums.unjudged_minor,
    };
    let overflow = || StoreError::Overflow { what: "a sum of payouts".to_owned() };
    *place = place.checked_add(minor).ok_or_else(overflow)?;
    sums.total_minor = sums.total_minor.checked_add(minor).ok_or_else(overflow)?;
    Ok(())
}

fn add_exceptions(connection: &Connection, book: &mut Book, account: Option<&AccountId>) -> Result<()> {
    let found = rows_of(connection, EXCEPTIONS, "account", account, |row| {
        Ok((rows::id(row, 0, AccountId::parse)?, rows::currency(row, 1)?, rows::narrow(row, 2)?))
    })?;
    for (account, currency, open) in found {
        book.row(&account, currency).exceptions_open = open;
    }
    Ok(())
}
