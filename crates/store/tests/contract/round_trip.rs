//! Every fact comes back as it was stored.

use facts::*;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use money::{Amount, Currency};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::world::{self, *};

fn text() -> impl Strategy<Value = String> {
    "\\PC{0,12}"
}

fn id() -> impl Strategy<Value = String> {
    "[a-z]{2}_[A-Za-z0-9äö%'\"]{1,12}"
}

fn word(known: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![proptest::sample::select(known).prop_map(str::to_owned), text()]
}

fn amount() -> impl Strategy<Value = Amount> {
    let currency = proptest::sample::select(&[Currency::USD, Currency::EUR, Currency::JPY, Currency::GBP][..]);
    (any::<i64>(), currency).prop_map(|(minor, currency)| Amount::new(minor, currency))
}

fn second() -> impl Strategy<Value = Timestamp> {
    (-2_000_000_000_i64..4_000_000_000).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn on() -> impl Strategy<Value = Date> {
    (1990_i16..2090, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| date(year, month, day))
}

fn of_id<T: std::fmt::Debug>(parse: fn(&str) -> Result<T, BadId>) -> impl Strategy<Value = T> {
    id().prop_map(move |id| parse(&id).unwrap())
}

fn metadata() -> impl Strategy<Value = Metadata> {
    vec((text(), text()), 0..4)
}

prop_compose! {
    fn any_txn()(
        id in of_id(TxnId::parse), amount in amount(), fee_minor in any::<i64>(), net_minor in any::<i64>(),
        kind in text(), reporting_category in text(), status in word(&["available", "pending"]), balance_type in text(),
        created_at in second(), available_on in on(), description in of(text()), source in of((id(), of(text()))),
        exchange_rate in of(text()),
    ) -> Txn {
        let source = source.map(|(id, object)| SourceRef { id, object });
        let status = TxnStatus::from_word(&status);
        Txn { id, account: own(), amount, fee_minor, net_minor, kind, reporting_category, status, balance_type, created_at,
            available_on, description, source, exchange_rate }
    }
}

prop_compose! {
    fn any_payout()(
        id in of_id(PayoutId::parse), amount in amount(), arrives_on in on(), created_at in second(),
        words in (word(&["paid", "failed"]), text(), word(&["completed", "in_progress", ""])), automatic in any::<bool>(),
        txns in (of(of_id(TxnId::parse)), of(of_id(TxnId::parse))), failure_code in of(text()),
        destination in of(of_id(DestinationId::parse)), texts in (of(text()), of(text())),
        trace in of((text(), of(text()))), others in (of(of_id(PayoutId::parse)), of(of_id(PayoutId::parse))),
    ) -> Payout {
        Payout {
            id, account: own(), amount, arrives_on, created_at, status: PayoutStatus::from_word(&words.0), automatic,
            method: words.1, reconciliation_status: ReconciliationStatus::from_word(&words.2), own_txn: txns.0,
            failure_txn: txns.1, failure_code, destination, statement_descriptor: texts.0, description: texts.1,
            trace_id: trace.map(|(status, value)| TraceId { status, value }), original_payout: others.0, reversed_by: others.1,
        }
    }
}

prop_compose! {
    fn any_charge()(
        id in of_id(ChargeId::parse), amount in amount(), refunded_minor in any::<i64>(), status in text(),
        created_at in second(), txn in of(of_id(TxnId::parse)), texts in (of(text()), of(text()), of(text()), of(text())),
        disputed in any::<bool>(), metadata in metadata(),
    ) -> Charge {
        Charge { id, account: own(), amount, refunded_minor, status, created_at, txn, payment_intent: texts.0,
            customer: texts.1, payment_method: texts.2, description: texts.3, disputed, metadata }
    }
}

prop_compose! {
    fn any_refund()(
        id in of_id(RefundId::parse), amount in amount(), charge in of(of_id(ChargeId::parse)), reason in of(text()),
        status in of(text()), created_at in second(), txn in of(of_id(TxnId::parse)),
        failure_txn in of(of_id(TxnId::parse)), metadata in metadata(),
    ) -> Refund {
        Refund { id, account: own(), amount, charge, reason, status, created_at, txn, failure_txn, metadata }
    }
}

prop_compose! {
    fn any_dispute()(
        id in of_id(DisputeId::parse), amount in amount(), charge in of_id(ChargeId::parse), reason in text(),
        status in text(), created_at in second(), txns in vec(of_id(TxnId::parse), 0..4),
    ) -> Dispute {
        Dispute { id, account: own(), amount, charge, reason, status, created_at, txns }
    }
}

prop_compose! {
    fn any_account()(
        id in of_id(AccountId::parse), connected in any::<bool>(), texts in (of(text()), of(text()), of(text())),
        currency in of(amount()),
    ) -> Account {
        let kind = if connected { AccountKind::Connected } else { AccountKind::Own };
        Account { id, kind, country: texts.0, default_currency: currency.map(Amount::currency), time_zone: texts.1,
            display_name: texts.2 }
    }
}

prop_compose! {
    fn any_line()(
        id in of_id(BankLineId::parse), date_on in on(), value_on in of(on()), minor in any::<i64>(), description in text(),
        texts in (of(text()), of(text())), other_references in vec(text(), 0..3), balance_after_minor in of(any::<i64>()),
    ) -> BankLine {
        BankLine { id, bank_account: bank(), date_on, value_on, amount: usd(minor), description, counterparty: texts.0,
            reference: texts.1, other_references, balance_after_minor }
    }
}

fn any_subject() -> impl Strategy<Value = Subject> {
    (proptest::sample::select(&["payout", "bank_line", "charge", "refund", "txn", "account", "record"][..]), id())
        .prop_map(|(kind, id)| Subject { kind, id })
}

prop_compose! {
    fn any_match()(
        id in of_id(MatchId::parse), kind in proptest::sample::select(MatchKind::ALL),
        state in proptest::sample::select(MatchState::ALL), decided_by in of(proptest::sample::select(Decider::ALL)),
        probability_ppm in of(any::<u32>()), score in any::<i32>(), rivals in any::<u32>(), left in vec(any_subject(), 0..3),
        right in vec(any_subject(), 0..3), difference_minor in any::<i64>(), found in vec((text(), text(), any::<i32>()), 0..3),
        currency in amount().prop_map(Amount::currency),
    ) -> Match {
        let evidence = found.into_iter().map(|(name, finding, weight)| Evidence { name, finding, weight }).collect();
        Match { id, kind, state, account: own(), currency, decided_by, probability_ppm, score, rivals, left, right,
            difference_minor, evidence }
    }
}

prop_compose! {
    fn any_exception()(
        id in of_id(ExceptionId::parse), code in proptest::sample::select(ExceptionCode::ALL),
        class in proptest::sample::select(Class::ALL), account in of(of_id(AccountId::parse)),
        amount_minor in 0..=u64::MAX / 2, subjects in vec(any_subject(), 0..3), explanation in text(), remedy in text(),
    ) -> Exception {
        Exception { id, code, class, account, currency: Currency::EUR, amount_minor, subjects, explanation, remedy }
    }
}

prop_compose! {
    fn any_verdict(line: &'static str)(
        payout in of_id(PayoutId::parse), bucket in proptest::sample::select(Bucket::ALL),
        composed in proptest::sample::select(CompositionState::ALL), txn_count in 0..=u64::MAX / 2, sums in any::<(i64, i64, i64)>(),
        state in proptest::sample::select(DepositState::ALL), decided_by in of(proptest::sample::select(Decider::ALL)),
        probability_ppm in of(any::<u32>()), due_on in on(), covered_until_on in of(on()), parts in vec(any::<i64>(), 0..3),
    ) -> PayoutVerdict {
        PayoutVerdict {
            account: own(), payout, bucket,
            composition: Composition { state: composed, txn_count, sum_net_minor: sums.0, difference_minor: sums.1 },
            deposit: Deposit {
                state, difference_minor: sums.2, decided_by, probability_ppm, due_on, covered_until_on,
                allocations: parts.into_iter().map(|minor| allocation(line, minor)).collect(),
            },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::database::CASES, ..ProptestConfig::default() })]

    #[test]
    fn stripes_facts_come_back_as_they_were(
        txn in any_txn(), payout in any_payout(), charge in any_charge(), refund in any_refund(), dispute in any_dispute(),
        account in any_account(),
    ) {
        let mut fresh = fresh();
        for (kind, object) in [
            (ObjectKind::Txn, world::Object::from(txn.clone())),
            (ObjectKind::Payout, payout.clone().into()),
            (ObjectKind::Charge, charge.clone().into()),
            (ObjectKind::Refund, refund.clone().into()),
            (ObjectKind::Dispute, dispute.clone().into()),
            (ObjectKind::Account, account.clone().into()),
        ] {
            // Once as new and once over another version, so that both statements are seen.
            put(&mut fresh.store, &list(kind, vec![object.clone()]));
            let mut other = object.clone();
            other.raw.push(b' ');
            put(&mut fresh.store, &list(kind, vec![other]));
            put(&mut fresh.store, &list(kind, vec![object]));
        }
        prop_assert_eq!(fresh.store.txn(txn.id.as_str()).unwrap().unwrap().txn, txn);
        prop_assert_eq!(fresh.store.payout(payout.id.as_str()).unwrap().unwrap().payout, payout);
        prop_assert_eq!(fresh.store.charge(charge.id.as_str()).unwrap(), Some(charge));
        prop_assert_eq!(fresh.store.refund(refund.id.as_str()).unwrap(), Some(refund));
        prop_assert_eq!(fresh.store.dispute(dispute.id.as_str()).unwrap(), Some(dispute));
        prop_assert_eq!(&fresh.store.accounts().unwrap()[0].account, &account);
    }

    #[test]
    fn an_update_writes_every_column(before in any_txn(), after in any_txn(), paid in any_payout(), later in any_payout(),
        charged in any_charge(), recharged in any_charge()) {
        let mut fresh = fresh();
        let after = Txn { id: before.id.clone(), ..after };
        let later = Payout { id: paid.id.clone(), ..later };
        let recharged = Charge { id: charged.id.clone(), ..recharged };
        put(&mut fresh.store, &list(ObjectKind::Txn, vec![before.into(), after.clone().into()]));
        put(&mut fresh.store, &list(ObjectKind::Payout, vec![paid.into(), later.clone().into()]));
        put(&mut fresh.store, &list(ObjectKind::Charge, vec![charged.into(), recharged.clone().into()]));
        prop_assert_eq!(fresh.store.txn(after.id.as_str()).unwrap().unwrap().txn, after);
        prop_assert_eq!(fresh.store.payout(later.id.as_str()).unwrap().unwrap().payout, later);
        prop_assert_eq!(fresh.store.charge(recharged.id.as_str()).unwrap(), Some(recharged));
    }

    #[test]
    fn the_updates_of_refunds_disputes_and_accounts_write_every_column(
        refund in any_refund(), refund_later in any_refund(), dispute in any_dispute(), dispute_later in any_dispute(),
        account in any_account(), account_later in any_account(),
    ) {
        let mut fresh = fresh();
        let refund_later = Refund { id: refund.id.clone(), ..refund_later };
        let dispute_later = Dispute { id: dispute.id.clone(), ..dispute_later };
        let account_later = Account { id: account.id.clone(), ..account_later };
        put(&mut fresh.store, &list(ObjectKind::Refund, vec![refund.into(), refund_later.clone().into()]));
        put(&mut fresh.store, &list(ObjectKind::Dispute, vec![dispute.into(), dispute_later.clone().into()]));
        put(&mut fresh.store, &list(ObjectKind::Account, vec![account.into(), account_later.clone().into()]));
        prop_assert_eq!(fresh.store.refund(refund_later.id.as_str()).unwrap(), Some(refund_later));
        prop_assert_eq!(fresh.store.dispute(dispute_later.id.as_str()).unwrap(), Some(dispute_later));
        prop_assert_eq!(&fresh.store.accounts().unwrap()[0].account, &account_later);
    }

    #[test]
    fn bank_lines_and_conclusions_come_back_as_they_were(
        line in any_line(), one in any_match(), exception in any_exception(), verdict in any_verdict("bl_0"),
    ) {
        let mut fresh = fresh();
        import(&mut fresh.store, b"a", &[line.clone(), crate::contract::world::line("bl_0", 1, 1)], 1, 2).unwrap();
        let mut write = outcome(1);
        write.matches = vec![one.clone()];
        write.exceptions_open = vec![exception.clone()];
        write.verdicts = vec![verdict.clone()];
        let revision = fresh.store.revision().unwrap();
        fresh.store.apply(&write, revision).unwrap();
        prop_assert_eq!(fresh.store.bank_line(line.id.as_str()).unwrap().unwrap().line, line);
        prop_assert_eq!(fresh.store.match_(one.id.as_str()).unwrap(), Some(one));
        prop_assert_eq!(fresh.store.exception(exception.id.as_str()).unwrap().unwrap().exception, exception);
        prop_assert_eq!(fresh.store.deposit_snapshot().unwrap().verdicts, vec![verdict]);
        prop_assert_eq!(fresh.store.apply(&write, revision).unwrap().total(), 0);
    }
}
