//! Txns that are available and in no payout.

use facts::{AccountId, Txn};
use jiff::Timestamp;
use jiff::civil::Date;
use money::Currency;

use super::query::{Query, text};
use crate::database::{Read, dynamic};
use crate::{Result, Store, rows};

impl Store {
    /// Txns of the account's payments balance that are available and in no payout: created after `created_after`, available on
    /// `available_until` or before; the oldest `limit` of them. Those of the types `without` are left out.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn unsettled_txns(
        &self,
        account: &AccountId,
        currency: Currency,
        created_after: Option<Timestamp>,
        available_until: Date,
        without: &[&str],
        limit: u64,
    ) -> Result<Vec<Txn>> {
        let mut query = Query::new(format!("SELECT {} FROM txn t", rows::TXN));
        query.only("t.payout IS NULL AND t.status = 'available' AND t.balance_type = 'payments'");
        for kind in without {
            query.when("t.kind <> $", text(Some(kind)));
        }
        query.when("t.account = $", text(Some(account.as_str())));
        query.when("t.currency = $", text(Some(currency.as_str())));
        query.when("t.created_at > $", created_after.map(Timestamp::as_second));
        query.when("t.available_on <= $", text(Some(&available_until.to_string())));
        let (sql, parameters) = query.order("t.created_at, t.id", Some(limit));
        self.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            Ok(statement.query_map(&dynamic(&parameters), rows::txn)?.collect::<Read<_>>()?)
        })
    }
}
