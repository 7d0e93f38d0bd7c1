//! How a merchant keeps books: in which systems, with what habits. Drawn once for each merchant.

use money::Currency;

use super::{row::Book, subject::Kind, systems::System};
use crate::{options::Difficulty, random::Random};

/// How one book is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habit {
    pub(super) book: Book,
    pub(super) system: System,
    /// Which of a subject's ids is written: its own, the payment intent's (a payout's trace), or the order's.
    pub(super) reference: usize,
    /// Written into the memo; the reference column stays empty.
    pub(super) in_memo: bool,
    /// One row for a day's sales of a currency.
    pub(super) batched: bool,
    /// Two payments of a customer within some days that are one order: so many in a thousand.
    pub(super) joint_permille: u64,
    /// Charges that are booked as two documents, in a thousand.
    pub(super) split_permille: u64,
    /// Rows that are late by up to five days, in a thousand.
    pub(super) late_permille: u64,
    /// Foreign amounts are booked in this currency, at the merchant's own rate.
    pub(super) home: Option<Currency>,
}

/// Two payments further apart are two orders.
pub(super) const JOINT_DAYS: i64 = 10;
/// Nothing is booked later than this many days, but by mistake.
pub(super) const LATE_DAYS: i64 = 5;

const ORDER_SYSTEMS: [System; 3] = [System::Shopify, System::Shopify, System::Homemade];
const ERP_SYSTEMS: [System; 5] = [System::NetSuite, System::Sage, System::Sap, System::QuickBooks, System::Xero];

/// The books of the merchant at this place.
pub(super) fn habits(seed: u64, place: u64, home: Currency, difficulty: Difficulty) -> Vec<Habit> {
    let mut random = Random::new(seed, "books", place);
    let (orders, erp) = (random.pick(&ORDER_SYSTEMS), random.pick(&ERP_SYSTEMS));
    let ledger = match random.below(10) {
        0 | 1 => System::Homemade,
        2..=4 => random.pick(&ERP_SYSTEMS),
        _ => erp,
    };
    let late_permille = match difficulty {
        Difficulty::Clean => 0,
        Difficulty::Light => 100,
        Difficulty::Real => 200,
        Difficulty::Hard | Difficulty::Hardened => 350,
    };
    let mut kept = vec![(Book::Orders, orders)];
    if orders == System::Shopify {
        kept.push((Book::Transactions, orders));
    }
    kept.extend([(Book::Invoices, erp), (Book::Payments, erp), (Book::Journal, ledger)]);
    let converts = random.chance(500);
    let (joint, split) = (random.chance(600), random.chance(600));
    kept.into_iter()
        .map(|(book, system)| {
            let whole = matches!(book, Book::Orders | Book::Invoices);
            Habit {
                book,
                system,
                reference: random.below(3) as usize,
                in_memo: random.chance(200),
                batched: random.chance(match book {
                    Book::Payments => 300,
                    Book::Journal => 500,
                    _ => 0,
                }),
                joint_permille: if joint && whole { 600 } else { 0 },
                split_permille: if split && whole { 15 } else { 0 },
                late_permille,
                home: (converts && matches!(book, Book::Invoices | Book::Payments)).then_some(home),
            }
        })
        .collect()
}

impl Habit {
    /// Whether the book has rows for this kind.
    pub(super) fn keeps(&self, kind: Kind) -> bool {
        match self.book {
            Book::Orders if self.system == System::Shopify => kind == Kind::Charge,
            Book::Orders | Book::Transactions | Book::Invoices => matches!(kind, Kind::Charge | Kind::Refund),
            Book::Payments => kind != Kind::Fee,
            Book::Journal => true,
        }
    }

    /// Whether a day's worth of this kind is one row.
    pub(super) fn batches(&self, kind: Kind) -> bool {
        self.batched && kind != Kind::Payout
    }
}
