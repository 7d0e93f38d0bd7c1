//! An account as `account list --json` prints it.

use facts::{AccountKind, Mode};
use jiff::Timestamp;
use serde::Serialize;
use store::SyncedAccount;

/// A Stripe account.
#[derive(Debug, Clone, Serialize)]
pub struct AccountView {
    /// Its id.
    pub id: String,
    /// `own` or `connected`.
    pub kind: &'static str,
    /// `live` or `test`; null before the first sync has told.
    pub mode: Option<&'static str>,
    /// What its owner calls it.
    pub display_name: Option<String>,
    /// Two-letter country code, upper case.
    pub country: Option<String>,
    /// The currency it settles in by default.
    pub default_currency: Option<String>,
    /// IANA time zone of its dashboard.
    pub time_zone: Option<String>,
    /// When its last complete sync began to read; null before the first.
    pub synced_at: Option<Timestamp>,
}

impl AccountView {
    /// The view of an account in a database of one mode.
    #[must_use]
    pub fn of(row: &SyncedAccount, mode: Option<Mode>) -> Self {
        let account = &row.account;
        Self {
            id: account.id.to_string(),
            kind: kind_word(account.kind),
            mode: mode.map(Mode::as_str),
            display_name: account.display_name.clone(),
            country: account.country.clone(),
            default_currency: account.default_currency.map(|currency| currency.to_string()),
            time_zone: account.time_zone.clone(),
            synced_at: row.synced_at,
        }
    }
}

fn kind_word(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Own => "own",
        AccountKind::Connected => "connected",
    }
}
