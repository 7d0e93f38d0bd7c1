//! What a platform does with its own balance: it tops it up, and Stripe reserves some of it for a while.

pub(crate) mod topups;

use super::{
    calendar::midnight,
    merchant::Merchant,
    rows::{DAY, Source, TxnKind},
    sales::{Sales, Span, txn},
};
use crate::{
    catalog::{ObjectKind, StripeObject},
    random::Random,
};
use topups::Topup;

/// For how long Stripe reserves money.
const RESERVED_DAYS: i64 = 30;

/// Books top-ups and reserves of the platform, and gives the top-ups.
pub(super) fn treasury(seed: u64, platform: &Merchant, sales: &mut Sales, span: Span) -> Vec<Topup> {
    reserve(seed, platform, sales, span);
    let topups = topups::top_up(seed, platform, sales, span);
    sales.others.insert(ObjectKind::Topup, StripeObject::all(&platform.stamp, topups.clone()));
    topups
}

/// Each hold is released in full, unless the world ends before.
fn reserve(seed: u64, platform: &Merchant, sales: &mut Sales, span: Span) {
    let Some(stream) = platform.streams.first() else { return };
    let mut random = Random::new(seed, "reserves", 0);
    let mut day = span.first + random.between(5, 20);
    while day <= span.last {
        let amount = random.between(20, 120) * 1_000;
        let at = midnight(day) + 6 * 3_600;
        sales.book(txn(TxnKind::ReservedFunds, at, stream.currency, -amount, Source::None));
        let released = at + RESERVED_DAYS * DAY;
        if released <= span.end() {
            sales.book(txn(TxnKind::ReservedFunds, released, stream.currency, amount, Source::None));
        }
        day += random.between(12, 40);
    }
}
