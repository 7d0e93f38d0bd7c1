//! The report types: what each is about, what it needs, and which columns it has.

use serde_json::{Value, json};

use super::super::index::{AccountView, CatalogIndex};

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// From the starting to the ending balance.
    Balance,
    /// Everything that moved the balance but payouts.
    Activity,
    /// Payouts and those that came back.
    Payouts,
    /// What the automatic payouts that took effect in the interval were made of.
    PayoutReconciliation,
    /// What one automatic payout was made of.
    OnePayout,
    /// What no automatic payout had settled at the interval's end.
    EndingBalance,
}

/// How a report tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// One row a category and currency.
    Summary,
    /// One row a balance transaction.
    Itemized,
}

/// A report type.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) id: &'static str,
    name: &'static str,
    version: u32,
    pub(super) subject: Subject,
    pub(super) detail: Detail,
    /// The columns of a run that asks for none.
    pub(super) default_columns: &'static [&'static str],
}

/// Columns of the balance report.
pub(super) const BALANCE: &[&str] = &["category", "currency", "description", "net_amount"];
/// Columns of every other summary.
pub(super) const SUMMARY: &[&str] = &["reporting_category", "currency", "count", "gross", "fee", "net"];
const ITEMIZED: &[&str] = &[
    "balance_transaction_id",
    "created",
    "available_on",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "source_id",
    "description",
];
const SETTLED: &[&str] = &[
    "automatic_payout_id",
    "automatic_payout_effective_at",
    "balance_transaction_id",
    "created",
    "available_on",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "source_id",
    "description",
];
const PAYOUTS: &[&str] = &[
    "payout_id",
    "effective_at",
    "balance_transaction_id",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "description",
    "payout_expected_arrival_date",
    "payout_status",
    "payout_reversed_at",
    "payout_type",
    "payout_description",
    "payout_destination_id",
];

const fn summary(id: &'static str, name: &'static str, subject: Subject) -> Kind {
    let default_columns = if matches!(subject, Subject::Balance) { BALANCE } else { SUMMARY };
    Kind { id, name, version: 1, subject, detail: Detail::Summary, default_columns }
}

const fn itemized(
    id: &'static str,
    version: u32,
    name: &'static str,
    subject: Subject,
    default_columns: &'static [&'static str],
) -> Kind {
    Kind { id, name, version, subject, detail: Detail::Itemized, default_columns }
}

/// Every report type of this simulator.
pub(super) const KINDS: [Kind; 11] = [
    summary("balance.summary.1", "Balance summary", Subject::Balance),
    summary("balance_change_from_activity.summary.1", "Balance change from activity summary", Subject::Activity),
    itemized("balance_change_from_activity.itemized.3", 3, "Itemized balance change from activity", Subject::Activity, ITEMIZED),
    summary("payouts.summary.1", "Payouts summary", Subject::Payouts),
    itemized("payouts.itemized.3", 3, "Itemized payouts", Subject::Payouts, PAYOUTS),
    summary("payout_reconciliation.summary.1", "Payout reconciliation summary", Subject::PayoutReconciliation),
    itemized("payout_reconciliation.itemized.5", 5, "Itemized payout reconciliation", Subject::PayoutReconciliation, SETTLED),
    summary("payout_reconciliation.by_id.summary.1", "Payout reconciliation summary by payout", Subject::OnePayout),
    itemized(
        "payout_reconciliation.by_id.itemized.4",
        4,
        "Itemized payout reconciliation by payout",
        Subject::OnePayout,
        SETTLED,
    ),
    summary("ending_balance_reconciliation.summary.1", "Ending balance reconciliation summary", Subject::EndingBalance),
    itemized(
        "ending_balance_reconciliation.itemized.4",
        4,
        "Itemized ending balance reconciliation",
        Subject::EndingBalance,
        ITEMIZED,
    ),
];

/// For which time there is data: unix seconds, the end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Available {
    pub(super) start: i64,
    pub(super) end: i64,
}

/// How often Stripe cuts its data, and how long it takes to have a cut ready.
const CUT_SECONDS: i64 = 12 * 3_600;

/// The time of an account for which reports can be made now. When the world has ended, that is all of it.
pub(super) fn available(index: &CatalogIndex, account: AccountView<'_>) -> Available {
    let start = account.account().get("created").and_then(Value::as_i64).unwrap_or(0);
    let now = account.now();
    let end = if now >= index.end() { now.saturating_add(1) } else { (now.div_euclid(CUT_SECONDS) - 1) * CUT_SECONDS };
    Available { start, end: end.max(start) }
}

impl Subject {
    /// Which parameters a run needs.
    pub(super) const fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Balance | Self::Activity | Self::Payouts | Self::PayoutReconciliation => &["interval_start", "interval_end"],
            Self::EndingBalance => &["interval_end"],
            Self::OnePayout => &["payout"],
        }
    }
}

impl Kind {
    pub(super) fn find(id: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.id == id)
    }

    /// The `reporting.report_type` object.
    pub(super) fn body(&self, available: Available) -> Value {
        json!({
            "id": self.id,
            "object": "reporting.report_type",
            "data_available_end": available.end,
            "data_available_start": available.start,
            "default_columns": self.default_columns,
            "livemode": false,
            "name": self.name,
            "updated": available.end,
            "version": self.version,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_ends_in_detail_and_version() {
        for kind in &KINDS {
            let detail = if kind.detail == Detail::Summary { "summary" } else { "itemized" };
            assert!(kind.id.ends_with(&format!(".{detail}.{}", kind.version)), "{}", kind.id);
        }
    }
}
