//! What must be true of what is billed in every world, computed from the JSON of Stripe's objects alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::bodies::{Account, int, maybe, subscribed, text};
use crate::seeds::seeds;
use serde_json::Value;
use sim::{
    ObjectKind::{self, Invoice, InvoicePayment},
    World,
};

/// Worlds with subscriptions.
static WORLDS: LazyLock<Vec<(u64, World)>> = LazyLock::new(|| seeds(20).map(|seed| (seed, subscribed(seed))).collect());

/// Every account of them.
fn each(mut check: impl FnMut(u64, &Account<'_>)) {
    for (seed, world) in WORLDS.iter() {
        for objects in world.catalog.accounts.values() {
            check(*seed, &Account::new(objects, world.catalog.now));
        }
    }
}

fn sum<'a>(bodies: impl Iterator<Item = &'a Value>, field: &str) -> i64 {
    bodies.map(|body| int(body, field)).sum()
}

fn exclusive(taxes: &Value) -> i64 {
    let taxes = taxes.as_array().expect("a list").iter();
    sum(taxes.filter(|tax| tax["tax_behavior"] == "exclusive"), "amount")
}

/// The lines of each invoice.
fn lines_by_invoice(account: &Account<'_>) -> BTreeMap<String, Vec<Value>> {
    let mut lines: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in account.list(ObjectKind::InvoiceLine) {
        lines.entry(text(&line, "invoice").to_owned()).or_default().push(line);
    }
    lines
}

#[test]
fn every_invoice_is_its_lines_less_discounts_with_taxes_on_top() {
    let mut statuses: BTreeMap<String, usize> = BTreeMap::new();
    each(|seed, account| {
        let lines = lines_by_invoice(account);
        for invoice in account.list(Invoice) {
            let lines = lines.get(text(&invoice, "id")).map_or(&[][..], Vec::as_slice);
            let subtotal = sum(lines.iter(), "amount");
            let discounts: i64 =
                lines.iter().map(|line| sum(line["discount_amounts"].as_array().expect("a list").iter(), "amount")).sum();
            let taxes: i64 = lines.iter().map(|line| exclusive(&line["taxes"])).sum();
            assert_eq!(int(&invoice, "subtotal"), subtotal, "seed {seed}: {invoice}");
            let listed = sum(invoice["total_discount_amounts"].as_array().expect("a list").iter(), "amount");
            assert_eq!(listed, discounts, "seed {seed}: {invoice}");
            assert_eq!(exclusive(&invoice["total_taxes"]), taxes, "seed {seed}: {invoice}");
            assert_eq!(int(&invoice, "total"), subtotal - discounts + taxes, "seed {seed}: {invoice}");
            *statuses.entry(text(&invoice, "status").to_owned()).or_default() += 1;
        }
    });
    let seen: Vec<&str> = statuses.keys().map(String::as_str).collect();
    assert_eq!(seen, ["draft", "open", "paid", "uncollectible", "void"], "{statuses:?}");
}

#[test]
fn what_is_due_follows_from_the_total_and_the_balance() {
    each(|seed, account| {
        for invoice in account.list(Invoice).iter().filter(|invoice| invoice["status"] != "draft") {
            let applied = int(invoice, "ending_balance") - int(invoice, "starting_balance");
            let due = int(invoice, "total") - applied - int(invoice, "pre_payment_credit_notes_amount");
            assert_eq!(int(invoice, "amount_due"), due, "seed {seed}: {invoice}");
            assert_eq!(int(invoice, "amount_remaining"), due - int(invoice, "amount_paid"), "seed {seed}: {invoice}");
            assert!(int(invoice, "amount_remaining") >= 0 && int(invoice, "amount_paid") >= 0, "seed {seed}: {invoice}");
            assert_eq!(invoice["status"] == "paid", int(invoice, "amount_remaining") == 0, "seed {seed}: {invoice}");
        }
    });
}

#[test]
fn what_is_paid_is_the_sum_of_payments_that_have_their_charge_and_txn() {
    let (mut charged, mut in_parts) = (0, 0);
    each(|seed, account| {
        let intents = account.by_id(ObjectKind::PaymentIntent);
        let charges = account.by_id(ObjectKind::Charge);
        let txns = account.by_id(ObjectKind::BalanceTransaction);
        let mut paid: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for payment in account.list(InvoicePayment).iter().filter(|payment| payment["status"] == "paid") {
            let amount = int(payment, "amount_paid");
            paid.entry(text(payment, "invoice").to_owned()).or_default().push(amount);
            if payment["payment"]["type"] == "payment_record" {
                continue;
            }
            let intent = &intents[text(&payment["payment"], "payment_intent")];
            assert_eq!((int(intent, "amount_received"), text(intent, "status")), (amount, "succeeded"), "seed {seed}: {intent}");
            let charge = &charges[text(intent, "latest_charge")];
            assert_eq!((int(charge, "amount"), &charge["paid"]), (amount, &Value::Bool(true)), "seed {seed}: {charge}");
            assert_eq!((&charge["payment_intent"], &charge["customer"]), (&intent["id"], &intent["customer"]));
            assert_eq!(&txns[text(charge, "balance_transaction")]["source"], &charge["id"]);
            charged += 1;
        }
        for invoice in account.list(Invoice) {
            let payments = paid.remove(text(&invoice, "id")).unwrap_or_default();
            assert_eq!(int(&invoice, "amount_paid"), payments.iter().sum::<i64>(), "seed {seed}: {invoice}");
            in_parts += usize::from(payments.len() > 1);
        }
        assert!(paid.is_empty(), "seed {seed}: payments of no invoice");
    });
    assert!(charged > 1_000 && in_parts > 10, "{charged} {in_parts}");
}

#[test]
fn every_charge_and_its_customer_have_their_objects() {
    each(|seed, account| {
        let intents = account.by_id(ObjectKind::PaymentIntent);
        let customers = account.by_id(ObjectKind::Customer);
        let mut attempts: BTreeMap<&str, usize> = BTreeMap::new();
        let charges = account.list(ObjectKind::Charge);
        for charge in &charges {
            let intent = &intents[text(charge, "payment_intent")];
            *attempts.entry(text(charge, "payment_intent")).or_default() += 1;
            assert!(int(intent, "created") <= int(charge, "created"), "seed {seed}: {charge}");
            assert!(int(&customers[text(charge, "customer")], "created") < int(charge, "created"), "seed {seed}: {charge}");
        }
        for intent in intents.values().filter(|intent| !intent["latest_charge"].is_null()) {
            assert!(attempts.contains_key(text(intent, "id")), "seed {seed}: {intent}");
        }
        assert_eq!(customers.len(), account.list(ObjectKind::Customer).len());
    });
}

/// The periods of a subscription's items and its anchor, as they began.
fn periods(subscription: &sim::StripeObject, changes: &BTreeSet<i64>) -> Vec<(i64, i64, i64)> {
    let mut periods: Vec<(i64, i64, i64)> = Vec::new();
    for at in changes {
        let body = subscription.body(*at);
        let item = &body["items"]["data"][0];
        let period = (int(item, "current_period_start"), int(item, "current_period_end"), int(&body, "billing_cycle_anchor"));
        if periods.last() != Some(&period) {
            periods.push(period);
        }
    }
    periods
}

#[test]
fn subscription_periods_tile_time() {
    let mut restarted = 0;
    each(|seed, account| {
        // A period begins with an invoice.
        let mut changes: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for invoice in account.list(Invoice) {
            if let Some(of) = invoice["parent"]["subscription_details"]["subscription"].as_str() {
                changes.entry(of.to_owned()).or_default().insert(int(&invoice, "created"));
            }
        }
        let items = account.list(ObjectKind::SubscriptionItem).into_iter();
        let items: BTreeMap<String, Value> = items.map(|item| (text(&item, "subscription").to_owned(), item)).collect();
        for subscription in account.objects(ObjectKind::Subscription) {
            let periods = periods(subscription, &changes[&subscription.id()]);
            assert_eq!(periods.first().map(|(start, _, _)| *start), Some(subscription.created), "seed {seed}");
            for pair in periods.windows(2) {
                let ((_, end, _), (start, next_end, anchor)) = (pair[0], pair[1]);
                assert!(start == end || start < end && anchor == start, "seed {seed}: {} {pair:?}", subscription.id());
                assert!(next_end > start);
                restarted += usize::from(start < end);
            }
            let item = &items[&subscription.id()];
            let last = periods.last().expect("a period");
            assert_eq!((int(item, "current_period_start"), int(item, "current_period_end")), (last.0, last.1), "seed {seed}");
            if int(item, "current_period_end") <= account.now {
                let status = subscription.body(account.now)["status"].clone();
                assert!(
                    status == "canceled" || status == "incomplete_expired",
                    "seed {seed}: {} stands still",
                    subscription.id()
                );
            }
        }
    });
    assert!(restarted > 5, "{restarted}");
}

/// `amount` × `part` ÷ `whole`, to the nearest, halves up.
fn share(amount: i64, part: i64, whole: i64) -> i64 {
    (2 * amount * part + whole) / (2 * whole)
}

#[test]
fn unused_time_is_credited_second_by_second() {
    let (mut credits, mut debits) = (0, 0);
    each(|seed, account| {
        let lines = account.by_id(ObjectKind::InvoiceLine);
        let prices = account.by_id(ObjectKind::Price);
        for item in account.list(ObjectKind::InvoiceItem).iter().filter(|item| item["proration"] == true) {
            let (start, end) = (int(&item["period"], "start"), int(&item["period"], "end"));
            let credited = &item["proration_details"]["credited_items"]["invoice_line_item_details"];
            if let Some(line) = credited["invoice_line_items"][0].as_str() {
                let line = &lines[line];
                let net = int(line, "amount") - sum(line["discount_amounts"].as_array().expect("a list").iter(), "amount");
                let whole = int(&line["period"], "end") - int(&line["period"], "start");
                assert_eq!(end, int(&line["period"], "end"), "seed {seed}: {item}");
                assert_eq!(-int(item, "amount"), share(net, end - start, whole), "seed {seed}: {item}");
                credits += 1;
            } else if let Some(unit) = maybe(&prices[text(&item["pricing"]["price_details"], "price")], "unit_amount") {
                assert!((0..=unit * int(item, "quantity")).contains(&int(item, "amount")), "seed {seed}: {item}");
                debits += 1;
            }
        }
    });
    assert!(credits > 50 && debits > 20, "{credits} {debits}");
}

#[test]
fn a_customers_balance_is_the_sum_of_its_entries() {
    let mut kinds: BTreeSet<String> = BTreeSet::new();
    each(|seed, account| {
        let mut entries: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for entry in account.list(ObjectKind::CustomerBalanceTransaction) {
            kinds.insert(text(&entry, "type").to_owned());
            entries.entry(text(&entry, "customer").to_owned()).or_default().push(entry);
        }
        for customer in account.list(ObjectKind::Customer) {
            let entries = entries.remove(text(&customer, "id")).unwrap_or_default();
            assert_eq!(int(&customer, "balance"), sum(entries.iter(), "amount"), "seed {seed}: {customer}");
        }
    });
    for kind in ["adjustment", "applied_to_invoice", "credit_note"] {
        assert!(kinds.contains(kind), "{kinds:?}");
    }
}

#[test]
fn credit_notes_are_what_their_invoices_and_refunds_say() {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    each(|seed, account| {
        let refunds = account.by_id(ObjectKind::Refund);
        let mut credited: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for note in account.list(ObjectKind::CreditNote) {
            let (before, after) = (int(&note, "pre_payment_amount"), int(&note, "post_payment_amount"));
            assert_eq!(before + after, int(&note, "total"), "seed {seed}: {note}");
            let exclusive = exclusive(&note["total_taxes"]);
            assert_eq!(
                int(&note, "total"),
                int(&note, "subtotal") - int(&note, "discount_amount") + exclusive,
                "seed {seed}: {note}"
            );
            for refund in note["refunds"].as_array().expect("a list") {
                assert_eq!(int(&refunds[text(refund, "refund")], "amount"), after, "seed {seed}: {note}");
                *kinds.entry("refund".to_owned()).or_default() += 1;
            }
            let sums = credited.entry(text(&note, "invoice").to_owned()).or_default();
            *sums = (sums.0 + before, sums.1 + after);
            *kinds.entry(text(&note, "type").to_owned()).or_default() += 1;
        }
        for invoice in account.list(Invoice) {
            let said = (int(&invoice, "pre_payment_credit_notes_amount"), int(&invoice, "post_payment_credit_notes_amount"));
            assert_eq!(said, credited.remove(text(&invoice, "id")).unwrap_or_default(), "seed {seed}: {invoice}");
        }
    });
    assert_eq!(kinds.keys().map(String::as_str).collect::<Vec<_>>(), ["post_payment", "pre_payment", "refund"], "{kinds:?}");
}

#[test]
fn an_invoice_shows_ten_of_its_lines_and_where_the_others_are() {
    let mut sizes: BTreeSet<usize> = BTreeSet::new();
    each(|seed, account| {
        let lines = lines_by_invoice(account);
        for invoice in account.list(Invoice) {
            let all = lines.get(text(&invoice, "id")).map_or(&[][..], Vec::as_slice);
            let embedded = invoice["lines"]["data"].as_array().expect("a list");
            assert_eq!(embedded.as_slice(), &all[..all.len().min(10)], "seed {seed}: {invoice}");
            assert_eq!(invoice["lines"]["has_more"], all.len() > 10);
            sizes.insert(all.len());
        }
    });
    assert!(sizes.iter().any(|size| *size > 100) && sizes.iter().any(|size| (11..=100).contains(size)), "{sizes:?}");
}

#[test]
fn a_second_before_something_happens_it_has_not_happened() {
    let mut seen = 0;
    each(|seed, account| {
        for object in account.objects(Invoice) {
            let end = object.body(account.now);
            for (field, before) in [("finalized_at", "draft"), ("paid_at", "open"), ("voided_at", "open")] {
                let Some(at) = maybe(&end["status_transitions"], field).filter(|at| *at > object.created) else { continue };
                let was = object.body(at - 1);
                let reached = field == "paid_at" && maybe(&end["status_transitions"], "finalized_at") == Some(at);
                let given_up = maybe(&was["status_transitions"], "marked_uncollectible_at").is_some();
                let before = if reached {
                    "draft"
                } else if given_up {
                    "uncollectible"
                } else {
                    before
                };
                assert_eq!(was["status"], before, "seed {seed}: {end}");
                assert!(was["status_transitions"][field].is_null());
                assert_ne!(object.body(at)["status"], before);
                seen += 1;
            }
        }
        for object in account.objects(ObjectKind::Subscription) {
            let end = object.body(account.now);
            if let Some(at) = maybe(&end, "ended_at").filter(|at| *at > object.created) {
                let was = object.body(at - 1);
                assert!(!["canceled", "incomplete_expired"].contains(&text(&was, "status")), "seed {seed}: {was}");
                assert!(was["ended_at"].is_null());
                seen += 1;
            }
        }
    });
    assert!(seen > 1_000, "{seen}");
}

#[test]
fn the_truth_names_every_invoice() {
    let world = subscribed(3);
    let mut truths: BTreeMap<&str, _> = world.truth.invoices.iter().map(|truth| (truth.id.as_str(), truth)).collect();
    for objects in world.catalog.accounts.values() {
        for invoice in Account::new(objects, world.catalog.now).list(Invoice) {
            let truth = truths.remove(text(&invoice, "id")).expect("a truth");
            assert_eq!(truth.total_minor, int(&invoice, "total"));
            assert_eq!(truth.paid_minor, int(&invoice, "amount_paid"));
            assert_eq!(truth.status, text(&invoice, "status"));
        }
    }
    assert!(truths.is_empty() && !world.truth.invoices.is_empty());
}

/// The price of a seat in the volume tiers that the worlds sell, minor units.
fn seat(quantity: i64) -> i64 {
    match quantity {
        ..=10 => 1_200,
        11..=50 => 1_000,
        _ => 850,
    }
}

#[test]
fn recurring_revenue_is_what_active_items_cost_in_a_month() {
    let mut yearly = 0;
    for (seed, world) in WORLDS.iter() {
        let months: BTreeSet<_> = world.truth.recurring.iter().map(|truth| truth.on).collect();
        assert!(months.len() >= 6, "seed {seed}: {months:?}");
        for truth in &world.truth.recurring {
            let objects = &world.catalog.accounts[&truth.account];
            let at = truth.on.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).expect("an instant").timestamp().as_second();
            let account = Account::new(objects, at);
            let active = |body: &Value| body["status"] == "active" || body["status"] == "past_due";
            let counted: BTreeSet<String> = account
                .objects(ObjectKind::Subscription)
                .iter()
                .filter(|object| object.created <= at)
                .map(|object| object.body(at))
                .filter(|body| active(body) && body["currency"] == truth.currency)
                .map(|body| text(&body, "id").to_owned())
                .collect();
            let mut sum = 0;
            for item in
                account.list(ObjectKind::SubscriptionItem).iter().filter(|item| counted.contains(text(item, "subscription")))
            {
                let Some(quantity) = maybe(item, "quantity") else { continue };
                let whole = maybe(&item["price"], "unit_amount").unwrap_or_else(|| seat(quantity)) * quantity;
                let is_yearly = item["price"]["recurring"]["interval"] == "year";
                sum += if is_yearly { share(whole, 1, 12) } else { whole };
                yearly += usize::from(is_yearly);
            }
            assert_eq!((truth.mrr_minor, truth.subscriptions as usize), (sum, counted.len()), "seed {seed}: {truth:?}");
        }
    }
    assert!(yearly > 20, "{yearly}");
}

#[test]
fn balances_and_payouts_hold_what_invoices_brought_in() {
    each(|seed, account| {
        let txns = account.by_id(ObjectKind::BalanceTransaction);
        let nets: i64 = txns.values().map(|txn| int(txn, "net")).sum();
        let held = |part: &str| sum(account.balance()[part].as_array().expect("a list").iter(), "amount");
        assert_eq!(nets, held("available") + held("pending"), "seed {seed}");
        for (payout, members) in account.members() {
            let all: i64 = members.ids.iter().map(|member| int(&txns[&member], "net")).sum();
            assert_eq!(all, 0, "seed {seed}: {payout}");
        }
    });
}
