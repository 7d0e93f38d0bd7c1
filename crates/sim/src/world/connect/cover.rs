//! What Stripe sets aside of the platform's money for accounts that owe, and how the platform pays in the end.

use std::collections::BTreeMap;

use money::Currency;

use super::PLATFORM;
use crate::world::{
    calendar::midnight,
    merchant::Cast,
    rows::{DAY, Source, TxnKind},
    sales::{Sales, Span, txn},
};

/// After so many days of owing, the platform pays.
const COLLECTED_AFTER_DAYS: i64 = 180;

/// Books what is set aside for each account that owes at the end of a day, its release, and after half a year the collection.
/// To be done when the accounts' payouts are known, and before the platform's.
pub(in crate::world) fn cover(cast: &Cast, sales: &mut [Sales], span: Span) {
    let Some((platform, accounts)) = sales.split_first_mut() else { return };
    let Some(own) = cast.merchants.get(PLATFORM) else { return };
    let mut cover = Cover { platform, span, reserves: 0, collections: 0 };
    for (merchant, account) in cast.merchants.iter().skip(1).zip(accounts).filter(|(merchant, _)| merchant.rank > 0) {
        for stream in &merchant.streams {
            // Where the platform has no balance in the currency, nothing can be set aside in it.
            if own.streams.iter().any(|owned| owned.currency == stream.currency) {
                cover.watch(account, stream.currency);
            }
        }
    }
}

struct Cover<'a> {
    platform: &'a mut Sales,
    span: Span,
    reserves: u32,
    collections: u32,
}

impl Cover<'_> {
    /// Follows one balance from day to day.
    fn watch(&mut self, account: &mut Sales, currency: Currency) {
        let mut by_day: BTreeMap<i64, i64> = BTreeMap::new();
        for txn in account.txns.iter().filter(|txn| txn.currency == currency) {
            *by_day.entry(txn.created.div_euclid(DAY)).or_default() += txn.net();
        }
        // The day after the last makes what is owed to the end visible.
        by_day.entry(self.span.last + 1).or_default();
        let (mut balance, mut held, mut owing_since) = (0, 0, None);
        for (day, net) in by_day {
            let due = owing_since.map(|since: i64| since + COLLECTED_AFTER_DAYS);
            if let Some(due) = due.filter(|due| *due < day && *due <= self.span.last) {
                self.collect(account, currency, held, due);
                (balance, held, owing_since) = (balance + held, 0, None);
            }
            balance += net;
            let owed = (-balance).max(0);
            if owed != held && day < self.span.last {
                self.set_aside(currency, held - owed, midnight(day + 1) + 2 * 3_600);
                held = owed;
                owing_since = (owed > 0).then(|| owing_since.unwrap_or(day));
            }
        }
    }

    fn set_aside(&mut self, currency: Currency, amount: i64, at: i64) {
        let row = txn(TxnKind::ConnectReserve, at, currency, amount, Source::Reserve(self.reserves));
        self.reserves += 1;
        self.platform.book(row);
    }

    /// The platform pays what the account owes, and gets back what was set aside.
    fn collect(&mut self, account: &mut Sales, currency: Currency, owed: i64, day: i64) {
        let at = midnight(day) + 3 * 3_600;
        let source = Source::Collection(self.collections);
        self.collections += 1;
        account.book(txn(TxnKind::Collection, at, currency, owed, source));
        self.platform.book(txn(TxnKind::Collection, at, currency, -owed, source));
        self.set_aside(currency, owed, at + 60);
    }
}
