//! Runs the plain-text stories of tests/stories; their README explains the notation.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a story that cannot be read has failed"
)]

use std::collections::BTreeSet;
use std::path::Path;

use facts::{
    AccountId, BankAccount, BankAccountName, BankLine, BankLineId, Coverage, DestinationId, Payout, PayoutId, PayoutStatus,
    ReconciliationStatus, StatementSpan, TraceId,
};
use jiff::civil::Date;
use money::{Amount, Currency};
use recon::{Members, PayoutItem, PayoutTxns, Rules, Snapshot, conclude};

#[test]
fn every_story_ends_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/stories");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    let mut count = 0;
    let mut failures = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for story in text.split("story: ").skip(1) {
            count += 1;
            failures.extend(Story::read(story).check().into_iter().map(|failure| format!("{}: {failure}", file.display())));
        }
    }
    assert!(count >= 30, "only {count} stories were found in {}", folder.display());
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

struct Story {
    name: String,
    snapshot: Snapshot,
    today: Option<Date>,
    expected: Vec<Vec<String>>,
}

impl Story {
    fn read(text: &str) -> Self {
        let mut lines = text.lines();
        let name = lines.next().unwrap_or_default().to_owned();
        let mut story = Self { name, snapshot: Snapshot::default(), today: None, expected: Vec::new() };
        for line in lines.filter(|line| !line.trim().is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["account", name, currency, "reach", until] => {
                    story.account(name, currency);
                    story.statement("2026-06-01", until, &[]);
                }
                ["account", name, currency] => story.account(name, currency),
                ["statement", from, until, rest @ ..] => story.statement(from, until, rest),
                ["today", date] => story.today = Some(date.parse().unwrap()),
                ["payout", id, amount, "arrives", date, rest @ ..] => story.payout(id, amount, date, rest),
                ["bank", id, amount, date, "balance", after, text @ ..] => {
                    story.line(id, amount, date, &text.join(" "));
                    story.balance(after);
                }
                ["bank", id, amount, date, text @ ..] => story.line(id, amount, date, &text.join(" ")),
                ["=>", rest @ ..] => story.expected.push(rest.iter().map(|word| (*word).to_owned()).collect()),
                _ => panic!("story '{}': cannot read '{line}'", story.name),
            }
        }
        story
    }

    fn current(&self) -> &BankAccount {
        self.snapshot.bank_accounts.last().expect("an account line first")
    }

    fn amount(&self, text: &str) -> Amount {
        Amount::from_major(text, self.current().currency).unwrap()
    }

    fn account(&mut self, name: &str, currency: &str) {
        let (name, currency) = (BankAccountName::parse(name).unwrap(), Currency::parse(currency).unwrap());
        self.snapshot.bank_accounts.push(BankAccount { name, currency, coverage: None, spans: Vec::new() });
    }

    fn statement(&mut self, from: &str, until: &str, rest: &[&str]) {
        let value = |key: &str| rest.chunks(2).find(|pair| pair[0] == key).map(|pair| self.amount(pair[1]).minor());
        let days = Coverage { from_on: from.parse().unwrap(), until_on: until.parse().unwrap() };
        let span = StatementSpan { days, opening_minor: value("opening"), closing_minor: value("closing") };
        self.snapshot.bank_accounts.last_mut().expect("an account line first").spans.push(span);
    }

    fn balance(&mut self, after: &str) {
        let after = self.amount(after).minor();
        self.snapshot.bank_lines.last_mut().expect("a bank line first").balance_after_minor = Some(after);
    }

    fn payout(&mut self, id: &str, amount: &str, arrives_on: &str, rest: &[&str]) {
        let value = |key: &str| rest.chunks(2).find(|pair| pair[0] == key).map(|pair| pair[1]);
        let arrives_on: Date = arrives_on.parse().unwrap();
        let payout = Payout {
            id: PayoutId::parse(id).unwrap(),
            account: AccountId::parse(value("from").unwrap_or("acct_1")).unwrap(),
            amount: self.amount(amount),
            arrives_on,
            created_at: arrives_on.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp(),
            status: PayoutStatus::from_word(value("status").unwrap_or("paid")),
            automatic: true,
            method: "standard".to_owned(),
            reconciliation_status: ReconciliationStatus::Completed,
            own_txn: None,
            failure_txn: None,
            failure_code: None,
            destination: value("to").map(|id| DestinationId::parse(id).unwrap()),
            statement_descriptor: value("descriptor").map(str::to_owned),
            description: None,
            trace_id: value("trace").map(|trace| TraceId { status: "supported".to_owned(), value: Some(trace.to_owned()) }),
            original_payout: None,
            reversed_by: None,
        };
        let sum_net_minor = payout.amount.minor();
        let members = Members { txn_count: 1, sum_net_minor, ..Members::default() };
        self.snapshot.payouts.push(PayoutItem { payout, complete: true, txns: PayoutTxns::Added(members) });
    }

    fn line(&mut self, id: &str, amount: &str, date_on: &str, description: &str) {
        let line = BankLine {
            id: BankLineId::parse(id).unwrap(),
            bank_account: self.current().name.clone(),
            date_on: date_on.parse().unwrap(),
            value_on: None,
            amount: self.amount(amount),
            description: description.to_owned(),
            counterparty: None,
            reference: None,
            other_references: Vec::new(),
            balance_after_minor: None,
        };
        self.snapshot.bank_lines.push(line);
    }

    fn check(&self) -> Vec<String> {
        let spans = self.snapshot.bank_accounts.iter().flat_map(|account| &account.spans);
        let reach = spans.map(|span| span.days.until_on).max();
        let today = self.today.or(reach).expect("a day");
        let outcomes = conclude(&self.snapshot, &Rules::standard(), today);
        let raised: BTreeSet<Vec<String>> = outcomes
            .exceptions
            .iter()
            .map(|open| {
                let subjects = open.subjects.iter().map(|subject| subject.id.clone());
                [open.code.as_str().to_owned()].into_iter().chain(subjects).collect()
            })
            .collect();
        let mut named = BTreeSet::new();
        let mut failures = Vec::new();
        for expected in &self.expected {
            let words: Vec<&str> = expected.iter().map(String::as_str).collect();
            let verdict = outcomes.verdicts.iter().find(|verdict| verdict.payout.as_str() == words[0]);
            let (holds, found) = match (words.as_slice(), verdict) {
                (["nothing", "else"], _) => (raised.is_subset(&named), format!("{:?}", raised.difference(&named))),
                ([_, "difference", amount], Some(verdict)) => {
                    let difference = verdict.deposit.difference_minor;
                    (self.amount(amount).minor() == difference, difference.to_string())
                }
                ([_, state, lines @ ..], Some(verdict)) => {
                    let found: BTreeSet<&str> = verdict.deposit.allocations.iter().map(|part| part.bank_line.as_str()).collect();
                    let same = verdict.deposit.state.as_str() == *state && found == lines.iter().copied().collect();
                    (same, format!("{} {found:?}", verdict.deposit.state.as_str()))
                }
                (_, _) => {
                    named.insert(expected.clone());
                    (raised.contains(expected), format!("{raised:?}"))
                }
            };
            if !holds {
                failures.push(format!("story '{}': expected '{}', found {found}", self.name, expected.join(" ")));
            }
        }
        failures
    }
}
