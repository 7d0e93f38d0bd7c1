//! Exports as Stripe writes them, and short ways to read them.

use exports::{Export, ReadError, Source, Zone};
use facts::AccountId;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, Currency};

/// `payout_reconciliation.itemized.5`; one text has a quote, a comma and a line break, and a line is empty.
pub const RECONCILIATION: &str = "\
automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created,available_on,currency,gross,fee,net,reporting_category,source_id,description
po_1,2026-07-02 00:00:00,txn_1,2026-06-28 02:21:31,2026-06-30 00:00:00,usd,100.00,3.20,96.80,charge,ch_1,\"Design, \"\"course\"\"
=1+1\"

po_1,2026-07-02 00:00:00,txn_2,2026-06-28 03:00:00,2026-06-30 00:00:00,usd,75.00,2.68,72.32,charge,ch_2,
po_1,2026-07-02 00:00:00,txn_3,2026-06-29 10:00:00,2026-06-29 00:00:00,usd,-3.00,0.00,-3.00,fee,,Billing
";

/// Its columns, without those of a payout.
pub const ACTIVITY_HEADER: &str =
    "balance_transaction_id,created,available_on,currency,gross,fee,net,reporting_category,source_id,description\n";

/// `balance_change_from_activity.itemized.3`.
pub const ACTIVITY: &str = "\
balance_transaction_id,created,available_on,currency,gross,fee,net,reporting_category,source_id,description
txn_1,2026-06-28 02:21:31,2026-06-30 00:00:00,usd,100.00,3.20,96.80,charge,ch_1,
txn_5,2026-07-09 02:21:31,2026-07-11 00:00:00,usd,-20.00,0.00,-20.00,refund,re_5,
";

/// `payouts.itemized.3`: one paid, one instant with a fee, and one that came back.
pub const PAYOUTS: &str = "\
payout_id,effective_at,balance_transaction_id,currency,gross,fee,net,reporting_category,description,payout_expected_arrival_date,payout_status,payout_reversed_at,payout_type,payout_description,payout_destination_id,trace_id,trace_id_status
po_1,2026-07-02 00:00:00,txn_po_1,usd,166.12,0.00,166.12,payout,STRIPE PAYOUT,2026-07-02,paid,,bank_account,STRIPE PAYOUT,ba_1,TRACE1,supported
po_2,2026-07-03 13:00:00,txn_po_2,usd,55.00,-1.00,56.00,payout,STRIPE PAYOUT,2026-07-03,paid,,card,,,,
po_3,2026-07-04 00:00:00,txn_po_3,jpy,700,0,700,payout,STRIPE PAYOUT,2026-07-04,failed,2026-07-07 08:00:00,bank_account,STRIPE PAYOUT,ba_2,,
po_3,2026-07-07 08:00:00,txn_po_3f,jpy,-700,0,-700,payout_reversal,STRIPE PAYOUT,2026-07-04,failed,2026-07-07 08:00:00,bank_account,STRIPE PAYOUT,ba_2,,
";

/// The list of the balance: a payout with its charge that came back, a manual one without a day, and a fee.
pub const BALANCE: &str = "\
id,Type,Source,Amount,Fee,Destination Platform Fee,Net,Currency,Created (UTC),Available On (UTC),Description,Transfer,Transfer Date (UTC)
txn_1,charge,ch_1,100.00,3.20,,96.80,usd,2026-06-28 02:21,2026-06-30 00:00,Course,po_1,2026-07-02 00:00
txn_po_1,payout,po_1,-96.80,0.00,,-96.80,usd,2026-07-01 00:10,2026-07-01 00:00,STRIPE PAYOUT,po_1,2026-07-02 00:00
txn_po_1f,payout_failure,po_1,96.80,0.00,,96.80,usd,2026-07-05 00:10,2026-07-05 00:00,STRIPE PAYOUT,,
txn_po_9,payout,po_9,-10.00,0.00,,-10.00,usd,2026-07-06 00:10,2026-07-06 00:00,STRIPE PAYOUT,,
txn_4,stripe_fee,,-3.00,0.00,,-3.00,usd,2026-07-06 01:10,2026-07-06 00:00,Billing,,
";

pub fn read(name: &str, text: &str) -> Result<Export, ReadError> {
    read_in(name, text, "UTC")
}

pub fn read_in(name: &str, text: &str, zone: &str) -> Result<Export, ReadError> {
    read_bytes(name, text.as_bytes(), zone)
}

/// Reads them on 10 July 2026.
pub fn read_bytes(name: &str, bytes: &[u8], zone: &str) -> Result<Export, ReadError> {
    let account = AccountId::parse("acct_1").expect("an id");
    let zone = Zone { zone: TimeZone::get(zone).expect("a zone"), name: zone.to_owned() };
    exports::read(&Source { bytes, file_name: name, account: &account, zone: &zone, today: day("2026-07-10") })
}

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

pub fn usd(minor: i64) -> Amount {
    Amount::new(minor, Currency::USD)
}
