//! What the binary prints with `--json`, as far as the campaign asks.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct PayoutSeen {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) currency: String,
    pub(super) amount_minor: i64,
    pub(super) bucket: String,
    pub(super) composition: CompositionSeen,
    pub(super) deposit: DepositSeen,
}

#[derive(Deserialize)]
pub(super) struct CompositionSeen {
    pub(super) state: String,
    pub(super) txn_count: usize,
}

#[derive(Deserialize)]
pub(super) struct DepositSeen {
    pub(super) state: String,
    pub(super) difference_minor: i64,
    pub(super) bank_lines: Vec<BankLineOfPayout>,
}

#[derive(Deserialize)]
pub(super) struct BankLineOfPayout {
    pub(super) id: String,
}

#[derive(Deserialize)]
pub(super) struct BankLineSeen {
    pub(super) id: String,
    pub(super) bank_account: String,
    pub(super) date_on: String,
    pub(super) amount_minor: i64,
    pub(super) description: String,
    pub(super) reference: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct TxnSeen {
    pub(super) id: String,
    pub(super) payout: Option<String>,
    pub(super) r#type: String,
}

#[derive(Deserialize)]
pub(super) struct ExceptionSeen {
    pub(super) code: String,
    pub(super) subjects: Vec<SubjectSeen>,
    pub(super) state: String,
}

#[derive(Deserialize)]
pub(super) struct SubjectSeen {
    pub(super) id: String,
}

#[derive(Deserialize)]
pub(super) struct StatusSeen {
    pub(super) accounts: Vec<AccountSeen>,
}

#[derive(Deserialize)]
pub(super) struct AccountSeen {
    pub(super) account: String,
    pub(super) currency: String,
    pub(super) balance: BalanceSeen,
    pub(super) buckets: BTreeMap<String, i64>,
}

#[derive(Deserialize)]
pub(super) struct BalanceSeen {
    pub(super) stripe_minor: Option<i64>,
    pub(super) computed_minor: i64,
}

impl PayoutSeen {
    /// The ids of the lines that it was given.
    pub(super) fn lines(&self) -> BTreeSet<&str> {
        self.deposit.bank_lines.iter().map(|line| line.id.as_str()).collect()
    }
}

impl BankLineSeen {
    /// Account, day and amount.
    pub(super) fn content(&self) -> (&str, &str, i64) {
        (&self.bank_account, &self.date_on, self.amount_minor)
    }
}
