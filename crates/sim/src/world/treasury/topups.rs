//! Top-ups: money from the platform's bank into its Stripe balance.

use money::Currency;
use serde_json::{Value, json};

use crate::{
    catalog::{Row, Step},
    random::Random,
    world::{
        calendar::midnight,
        merchant::Merchant,
        rows::{DAY, Source, Stamp, TxnKind},
        sales::{Sales, Span, txn},
    },
};

/// A top-up.
#[derive(Clone, Debug)]
pub(crate) struct Topup {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    /// When its money is expected, unix seconds at 00:00 UTC.
    pub(crate) expected: i64,
    /// Place of the bank account that it is taken from.
    pub(crate) bank: usize,
    pub(crate) end: TopupEnd,
}

/// What becomes of a top-up, when, and the txns that say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TopupEnd {
    /// Still on its way when the world ends.
    Open,
    Succeeded {
        at: i64,
        txn: u32,
    },
    Failed {
        at: i64,
    },
    /// It succeeded, and the bank took it back.
    Reversed {
        at: i64,
        txn: u32,
        back_at: i64,
    },
}

/// Business days that a debit of the bank account takes.
const TRAVEL_DAYS: u32 = 3;

/// Books the top-ups of the platform's first balance.
pub(super) fn top_up(seed: u64, platform: &Merchant, sales: &mut Sales, span: Span) -> Vec<Topup> {
    let Some(stream) = platform.streams.first() else { return Vec::new() };
    let mut random = Random::new(seed, "topups", 0);
    let mut topups: Vec<Topup> = Vec::new();
    let mut day = platform.region.business_day_from(span.first + random.between(2, 10));
    while day <= span.last {
        let serial = topups.len() as u32;
        let amount = random.between(10, 150) * 10_000;
        let created = midnight(day) + random.between(9 * 3_600, 17 * 3_600);
        let expected = midnight(platform.region.add_business_days(day, TRAVEL_DAYS));
        let at = expected + 9 * 3_600;
        let back_at = at + random.between(2, 6) * DAY;
        let fate = random.weighted(&[80, 10, 10]);
        let end = match fate {
            _ if at > span.end() => TopupEnd::Open,
            1 => TopupEnd::Failed { at },
            _ => {
                let row = sales.book(txn(TxnKind::Topup, at, stream.currency, amount, Source::Topup(serial)));
                if fate == 2 && back_at <= span.end() {
                    sales.book(txn(TxnKind::TopupReversal, back_at, stream.currency, -amount, Source::Topup(serial)));
                    TopupEnd::Reversed { at, txn: row, back_at }
                } else {
                    TopupEnd::Succeeded { at, txn: row }
                }
            }
        };
        topups.push(Topup { serial, created, currency: stream.currency, amount, expected, bank: stream.bank, end });
        day = platform.region.business_day_from(day + random.between(8, 30));
    }
    topups
}

impl Topup {
    /// Stripe's word for it at `at`.
    pub(crate) fn status(&self, at: i64) -> &'static str {
        match self.end {
            TopupEnd::Reversed { back_at, .. } if back_at <= at => "reversed",
            TopupEnd::Reversed { at: since, .. } | TopupEnd::Succeeded { at: since, .. } if since <= at => "succeeded",
            TopupEnd::Failed { at: since } if since <= at => "failed",
            _ => "pending",
        }
    }
}

impl Row for Topup {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.topup_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        let status = self.status(at);
        let txn = match self.end {
            TopupEnd::Succeeded { at: since, txn } | TopupEnd::Reversed { at: since, txn, .. } if since <= at => Some(txn),
            _ => None,
        };
        let failed = status == "failed";
        json!({
            "id": self.id(stamp),
            "object": "topup",
            "amount": self.amount,
            "balance_transaction": txn.map(|serial| stamp.txn_id(serial)),
            "created": self.created,
            "currency": self.currency.as_str(),
            "description": "Top-up of the platform's balance",
            "expected_availability_date": self.expected,
            "failure_code": failed.then_some("insufficient_funds"),
            "failure_message": failed.then_some("The bank account has insufficient funds."),
            "initiated_by": "user",
            "livemode": false,
            "metadata": {},
            "source": null,
            "statement_descriptor": "TOPUP",
            "status": status,
            "transfer_group": null,
        })
    }
    fn steps(&self) -> Vec<Step> {
        let mut steps = vec![Step { at: self.created, event: "topup.created" }];
        match self.end {
            TopupEnd::Open => {}
            TopupEnd::Succeeded { at, .. } => steps.push(Step { at, event: "topup.succeeded" }),
            TopupEnd::Failed { at } => steps.push(Step { at, event: "topup.failed" }),
            TopupEnd::Reversed { at, back_at, .. } => {
                steps.push(Step { at, event: "topup.succeeded" });
                steps.push(Step { at: back_at, event: "topup.reversed" });
            }
        }
        steps
    }
}
