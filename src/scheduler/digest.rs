//! A digest: how everything stands, and what a week or a month has brought, to everybody who is told of alerts.

use std::fmt::Write;

use jiff::{Span, Timestamp};
use money::{Amount, Currency};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{ExceptionFilter, MessageWrite, ScheduledRunFilter, ScheduledState, Store};

use super::JobEnd;
use crate::alerting::post::new_id;
use crate::config::{ChannelKind, Config};
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};
use crate::views::status::{AccountStatusView, StatusView, Verdict};

/// More balances than this are read on the pages.
const BALANCES_TOLD: usize = 30;

/// So many of what is new are told one by one.
const EXCEPTIONS_TOLD: usize = 10;

/// More than this in a period is counted as so many or more.
const COUNTED_MAX: u64 = 10_000;

/// Of how long it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Seven days.
    Week,
    /// From the same day of the month before.
    Month,
}

impl Period {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Week, Self::Month];

    /// The word in flags and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    fn span(self) -> Span {
        match self {
            Self::Week => Span::new().days(7),
            Self::Month => Span::new().months(1),
        }
    }
}

/// Writes it for the period that ends at `until`, and lets it be sent to each channel that people read.
///
/// # Errors
/// No database, no channel, or a database that fails.
pub fn run(outside: &Outside, config: &Config, period: Period, until: Timestamp) -> Result<JobEnd, Failure> {
    let mut store = load::open(config)?;
    let people = |kind: &ChannelKind| matches!(kind, ChannelKind::Mail { .. } | ChannelKind::Slack { .. });
    let channels: Vec<&str> =
        config.alerting.channels.iter().filter(|channel| people(&channel.kind)).map(|channel| channel.name.as_str()).collect();
    if channels.is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            "there is nobody to send a digest to: the settings name no channel of kind mail or slack",
        )
        .hint("docs/ALERTS.md shows how one is named"));
    }
    let zone = load::zone(config, &store)?;
    let end = until.to_zoned(zone);
    let from = end.checked_sub(period.span()).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    let subject = format!("[tieout] The {} until {}", period.as_str(), end.date());
    let text = text(&store, outside.now(), from.timestamp(), until)?;
    let at = outside.now();
    let message = |channel: &&str| MessageWrite {
        id: new_id(outside),
        channel: (*channel).to_owned(),
        subject: subject.clone(),
        text: text.clone(),
        body: json!({ "type": "digest", "timestamp": at, "data": { "subject": subject, "text": text } }).to_string(),
        added_at: at,
        try_at: at,
    };
    let messages: Vec<MessageWrite> = channels.iter().map(message).collect();
    store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
    store.add_messages(&messages).map_err(store_failure)?;
    Ok(JobEnd::done(u64::try_from(messages.len()).ok(), json!({ "channels": channels, "text": text })))
}

fn text(store: &Store, now: Timestamp, from: Timestamp, until: Timestamp) -> Result<String, Failure> {
    let status = load::status(store, now)?;
    let mut text = format!("{}\n\n", verdict(&status));
    let told = status.accounts.iter().take(BALANCES_TOLD);
    told.for_each(|account| text.push_str(&format!("{}\n", balance(account))));
    if let Some(more) = status.accounts.len().checked_sub(BALANCES_TOLD).filter(|more| *more > 0) {
        text.push_str(&format!("… and {more} more balances\n"));
    }
    text.push_str(&format!("\n{}\n", exceptions(store, from, until)?));
    text.push_str(&format!("{}\n", runs(store, from, until)?));
    let alerts = store.alerts().map_err(store_failure)?;
    let standing = alerts.iter().filter(|row| row.state != "pending").count();
    // Writing to a string never fails.
    let _ = writeln!(text, "Alerts that stand now: {standing}{}", if standing > 0 { " (tieout alert list)" } else { "" });
    Ok(text)
}

fn verdict(status: &StatusView) -> &'static str {
    match status.verdict {
        Verdict::Tied => "Tied: every payout that is due is at the bank, to the cent.",
        Verdict::Open => "Open: everything is read and checked; some of it needs a person.",
        Verdict::Incomplete => "Incomplete: something is known not to have been read.",
        Verdict::Unknown => "Unknown: a check could not run, and no data is not OK.",
    }
}

fn balance(account: &AccountStatusView) -> String {
    let money = |minor: i64| amount(minor, account.currency);
    let fresh = account.synced_at.map_or_else(|| "never read to the end".to_owned(), |at| format!("read until {at}"));
    format!(
        "{} {}: {} of {} payouts matched, {}; in transit {}; exceptions {}; {fresh}",
        account.account,
        account.currency.upper(),
        account.payouts.matched,
        account.payouts.total,
        money(account.buckets.matched_minor),
        money(account.buckets.in_transit_minor),
        money(account.buckets.exceptions_minor),
    )
}

fn exceptions(store: &Store, from: Timestamp, until: Timestamp) -> Result<String, Failure> {
    let filter =
        ExceptionFilter { from_at: Some(from), before_at: Some(until), limit: Some(COUNTED_MAX), ..ExceptionFilter::default() };
    let mut opened = store.exceptions(&filter).map_err(store_failure)?;
    let still = opened.iter().filter(|row| row.resolved_at.is_none()).count();
    let mut text = format!("Exceptions opened: {}, of which {still} are still open.", counted(opened.len()));
    opened.retain(|row| row.resolved_at.is_none());
    // The largest first, as far as amounts of different currencies can be compared.
    opened.sort_by_key(|row| std::cmp::Reverse(row.exception.amount_minor));
    for row in opened.iter().take(EXCEPTIONS_TOLD) {
        let exception = &row.exception;
        let size = i64::try_from(exception.amount_minor).map(|minor| amount(minor, exception.currency)).unwrap_or_default();
        let _ = write!(text, "\n  {size} {}: {}", exception.code.as_str(), exception.explanation);
    }
    Ok(text)
}

fn runs(store: &Store, from: Timestamp, until: Timestamp) -> Result<String, Failure> {
    let runs = store
        .scheduled_runs(&ScheduledRunFilter { limit: Some(COUNTED_MAX), ..ScheduledRunFilter::default() })
        .map_err(store_failure)?;
    let count = |wanted: &[ScheduledState]| {
        runs.iter().filter(|run| (from..until).contains(&run.due_at) && wanted.contains(&run.state)).count()
    };
    let (done, bad) = (count(&[ScheduledState::Done]), count(&[ScheduledState::Failed, ScheduledState::Incomplete]));
    Ok(format!("Runs of schedules: {done} did all, {bad} did not, {} were missed.", count(&[ScheduledState::Missed])))
}

fn counted(count: usize) -> String {
    if count as u64 >= COUNTED_MAX { format!("{count} or more") } else { count.to_string() }
}

fn amount(minor: i64, currency: Currency) -> String {
    Amount::new(minor, currency).to_string()
}
