//! Disputes of what invoices charged.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sim::ObjectKind::{BalanceTransaction, Charge, Dispute, InvoicePayment, Refund};
use sim::{Options, World};

use super::{bodies, int, text};

#[test]
fn charges_of_invoices_are_disputed_too() {
    let (mut disputed, mut won) = (0, 0);
    for seed in 1..=3 {
        let until = Date::new(2026, 10, 1 + (seed % 28) as i8).expect("a date");
        let options =
            Options { days: 200, per_day: 1, accounts: 2, subscriptions: 120, rich: true, ..Options::quarter(seed, until) };
        let world = World::generate(&options).expect("a world");
        let end = world.catalog.now;
        for account in world.catalog.accounts.values() {
            let (charges, txns) = (bodies(account, Charge, end), bodies(account, BalanceTransaction, end));
            let payments = bodies(account, InvoicePayment, end);
            let intent = |payment: &serde_json::Value| payment["payment"]["payment_intent"].as_str().map(ToOwned::to_owned);
            let paid: BTreeMap<String, &serde_json::Value> =
                payments.values().filter_map(|payment| Some((intent(payment)?, payment))).collect();
            let refunds = bodies(account, Refund, end);
            for dispute in bodies(account, Dispute, end).values() {
                let charge = &charges[text(dispute, "charge")];
                assert_eq!(dispute["payment_intent"], charge["payment_intent"], "seed {seed}: {dispute}");
                assert_eq!((int(dispute, "amount"), &charge["disputed"]), (int(charge, "amount"), &true.into()));
                let Some(payment) = paid.get(text(dispute, "payment_intent")) else { continue };
                // The invoice stays paid: what the bank takes back is the dispute's.
                assert_eq!((text(payment, "status"), dispute["metadata"].get("order_id")), ("paid", None), "seed {seed}");
                assert!(refunds.values().all(|refund| refund["charge"] != charge["id"]), "seed {seed}: {charge}");
                let of = |sign: i64| {
                    txns.values().filter(move |txn| txn["source"] == dispute["id"] && int(txn, "amount").signum() == sign)
                };
                assert_eq!(
                    (of(-1).count(), of(1).count()),
                    (1, usize::from(dispute["status"] == "won")),
                    "seed {seed}: {dispute}"
                );
                won += usize::from(dispute["status"] == "won");
                disputed += 1;
            }
        }
    }
    assert!(disputed >= 15 && won >= 3, "{disputed} disputed, {won} won");
}
