//! What was added up and stands no longer: days whose txns have changed, and payouts that have, or whose txns have.

use std::collections::{BTreeSet, HashMap};

use facts::{Account, AccountId, Payout, Txn};

use crate::Result;
use crate::database::{OptionalExtension, Transaction, params};

const DAY_SECONDS: i64 = 86_400;

const DAY: &str = "INSERT INTO txn_day (account, day) VALUES (?1, ?2) ON CONFLICT (account, day) DO UPDATE SET sums = NULL \
     WHERE txn_day.sums IS NOT NULL";

/// What is noted first stays: what the payout was when it was last judged.
const BEFORE: &str = "INSERT INTO payout_before SELECT account, id, currency, amount_minor, arrives_on, created_at, status, automatic, \
     method, reconciliation_status, own_txn, failure_txn, failure_code, destination, statement_descriptor, description, trace_status, \
     trace_value, original_payout, reversed_by FROM payout WHERE account = ?1 AND id = ?2 ON CONFLICT (account, id) DO NOTHING";

const CURRENCY: &str = "INSERT INTO txn_currency (account, currency) VALUES (?1, ?2) ON CONFLICT (account, currency) DO NOTHING";

/// The balance type of txns whose sum is held against the balance that Stripe names.
const PAYMENTS: &str = "payments";

const NAME: &str = "SELECT display_name FROM account WHERE id = ?1";

const PAYOUT: &str = "INSERT INTO payout_due (account, payout) VALUES (?1, ?2) ON CONFLICT (account, payout) DO NOTHING";

/// The day of a txn, like [`day_of`].
pub(crate) const DAY_OF_TXN: &str = "(created_at - ((created_at % 86400) + 86400) % 86400) / 86400";

/// What a txn's row said before it changed.
pub(super) struct TxnBefore {
    /// When it was made, unix seconds.
    pub(super) created_at: i64,
    /// The payout that holds it.
    pub(super) payout: Option<String>,
}

/// The rows of txns before a unit of work, by account and id.
pub(super) type TxnsBefore<'p> = HashMap<(&'p str, &'p str), TxnBefore>;

/// What a unit of work makes stale.
#[derive(Default)]
pub(super) struct Stale<'p> {
    days: BTreeSet<(&'p str, i64)>,
    currencies: BTreeSet<(&'p str, String)>,
    payouts: BTreeSet<(&'p str, String)>,
    names: bool,
}

impl<'p> Stale<'p> {
    /// A txn is new, or another than it was: its day, the payout that holds it, and the one that it pays out.
    pub(super) fn txn(&mut self, txn: &'p Txn, before: Option<&TxnBefore>) {
        let account = txn.account.as_str();
        self.days.insert((account, day_of(txn.created_at.as_second())));
        if txn.balance_type == PAYMENTS {
            self.currencies.insert((account, txn.amount.currency().to_string()));
        }
        if let Some(before) = before {
            self.days.insert((account, day_of(before.created_at)));
            self.payouts.extend(before.payout.clone().map(|payout| (account, payout)));
        }
        if let Some(source) = txn.source.as_ref().filter(|source| source.id.starts_with("po_")) {
            self.payout(account, &source.id);
        }
    }

    /// A payout is new or another than it was, or other txns are laid to it.
    pub(super) fn payout(&mut self, account: &'p str, payout: &str) {
        // A page of a payout's txns names the same payout a hundred times.
        self.payouts.insert((account, payout.to_owned()));
    }

    /// An account is about to be written: bank lines are read by accounts' names too.
    pub(super) fn account(&mut self, transaction: &Transaction<'_>, account: &Account) -> Result<()> {
        let mut statement = transaction.prepare(NAME)?;
        let known: Option<Option<String>> = statement.query_row(params![account.id.as_str()], |row| row.get(0)).optional()?;
        self.names |= known.unwrap_or_default() != account.display_name;
        Ok(())
    }

    /// Notes it. Says whether anything is among it that all deposits are to be matched anew for.
    pub(super) fn note(self, transaction: &Transaction<'_>) -> Result<bool> {
        let mut statement = transaction.many(DAY)?;
        self.days.iter().try_for_each(|(account, day)| statement.add(params![account, *day]))?;
        statement.send()?;
        let mut statement = transaction.many(CURRENCY)?;
        self.currencies.iter().try_for_each(|(account, currency)| statement.add(params![account, currency]))?;
        statement.send()?;
        let mut statement = transaction.many(PAYOUT)?;
        self.payouts.iter().try_for_each(|(account, payout)| statement.add(params![account, payout]))?;
        statement.send()?;
        Ok(self.names)
    }
}

/// A payout that is known is about to be written over.
pub(super) fn keep_before(transaction: &Transaction<'_>, payout: &Payout) -> Result<()> {
    transaction.prepare(BEFORE)?.execute(params![payout.account.as_str(), payout.id.as_str()])?;
    Ok(())
}

/// Everything is to be added up again, of one account or of all.
pub(crate) fn everything(transaction: &Transaction<'_>, account: Option<&AccountId>) -> Result<()> {
    let account = account.map_or("", AccountId::as_str);
    let whose = "(account = ?1 OR ?1 = '')";
    let texts = [
        format!("DELETE FROM txn_currency WHERE {whose}"),
        format!(
            "INSERT INTO txn_currency (account, currency) SELECT DISTINCT account, currency FROM txn \
             WHERE balance_type = '{PAYMENTS}' AND {whose}"
        ),
        format!("DELETE FROM txn_day WHERE {whose}"),
        format!("INSERT INTO txn_day (account, day) SELECT DISTINCT account, {DAY_OF_TXN} FROM txn WHERE {whose}"),
        format!(
            "INSERT INTO payout_due (account, payout) SELECT account, id FROM payout WHERE {whose} \
             ON CONFLICT (account, payout) DO NOTHING"
        ),
    ];
    texts.iter().try_for_each(|sql| transaction.execute(sql, params![account]).map(drop))?;
    Ok(())
}

/// The day on which a txn was made, UTC, counted from 1970-01-01.
fn day_of(second: i64) -> i64 {
    second.div_euclid(DAY_SECONDS)
}
