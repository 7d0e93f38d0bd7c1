//! What is known to be read, of each kind of an account's objects: the calendar of a page, and words for everybody else.

use std::collections::BTreeMap;

use facts::ObjectKind;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::{Gap, Known, RangeRead, Store, SyncedAccount};

use super::load::{last_run, store_failure};
use crate::exit::Failure;
use crate::jobs::sync::{begins_with_account, kinds};

/// How one kind of an account's objects stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KnownView {
    /// The kind, as `tieout sync --only` names it.
    pub kind: &'static str,
    /// `whole`: all history was read; `partial`: some was; `left_out`: the key may not read it; `unread`: nothing was.
    pub state: &'static str,
    /// Nothing older was wished for: the account begins with this instant; null for all history.
    pub from_at: Option<Timestamp>,
    /// Everything since then that was created before this instant is here; null where nothing can be claimed.
    pub until_at: Option<Timestamp>,
    /// The run that last read it to its end; null where none did, or where that was before runs were noted.
    pub run: Option<i64>,
    /// What was not read yet of all history, the newest first.
    pub gaps: Vec<GapView>,
    /// What syncs of days have read to its end while all history was not, the newest first.
    pub ranges: Vec<RangeView>,
    /// The permission that the key lacks for it.
    pub lacks: Option<String>,
}

/// A stretch of time whose objects were all read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RangeView {
    /// From when.
    pub from_at: Timestamp,
    /// Before when.
    pub until_at: Timestamp,
    /// The last run that read some of it.
    pub run: Option<i64>,
    /// When that one began to.
    pub read_at: Timestamp,
}

impl From<RangeRead> for RangeView {
    fn from(range: RangeRead) -> Self {
        Self { from_at: range.from, until_at: range.until, run: range.run.map(|run| run.0), read_at: range.at }
    }
}

/// A stretch of time whose objects were not read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct GapView {
    /// From when; null is from the beginning.
    pub from_at: Option<Timestamp>,
    /// Until when, the second included; null is until now.
    pub until_at: Option<Timestamp>,
}

impl From<Gap> for GapView {
    fn from(gap: Gap) -> Self {
        Self { from_at: gap.from, until_at: gap.until }
    }
}

/// Every kind that a sync reads, in the order of its table in the documentation.
///
/// # Errors
/// A database that fails.
pub fn known(store: &Store, account: &SyncedAccount) -> Result<Vec<KnownView>, Failure> {
    let known = store.known(&account.account.id).map_err(store_failure)?;
    let by_kind: BTreeMap<ObjectKind, Known> = known.into_iter().map(|known| (known.kind, known)).collect();
    let lacking = left_out(store)?;
    let view = |kind: ObjectKind| KnownView {
        from_at: account.begins_at.filter(|_| begins_with_account(kind)),
        ..view(kind, by_kind.get(&kind), lacking.get(kind.as_str()), account.synced_at)
    };
    Ok(kinds().map(view).collect())
}

fn view(kind: ObjectKind, known: Option<&Known>, lacks: Option<&String>, synced_at: Option<Timestamp>) -> KnownView {
    let state = match (known, lacks) {
        (Some(known), _) if known.whole => "whole",
        (_, Some(_)) => "left_out",
        (Some(_), None) => "partial",
        (None, None) => "unread",
    };
    let whole = known.filter(|known| known.whole);
    KnownView {
        kind: kind.as_str(),
        state,
        from_at: None,
        // A complete sync has asked for everything up to its beginning, whether anything was there or not.
        until_at: whole.and_then(|known| known.until.max(synced_at)),
        run: whole.and_then(|known| known.run).map(|run| run.0),
        gaps: known.map_or_else(Vec::new, |known| known.gaps.iter().copied().map(GapView::from).collect()),
        ranges: known.map_or_else(Vec::new, |known| known.ranges.iter().copied().map(RangeView::from).collect()),
        lacks: lacks.filter(|_| state == "left_out").cloned(),
    }
}

/// The kinds that the last sync left out, each with the permission that was missing.
fn left_out(store: &Store) -> Result<BTreeMap<String, String>, Failure> {
    #[derive(serde::Deserialize, Default)]
    struct Summary {
        #[serde(default)]
        left_out: BTreeMap<String, String>,
    }
    let last = last_run(store, "sync")?;
    let summary = last.and_then(|run| serde_json::from_str::<Summary>(&run.summary).ok());
    Ok(summary.unwrap_or_default().left_out)
}

/// How it stands, in words; instants as days in the business time zone.
#[must_use]
pub fn words(view: &KnownView, zone: &TimeZone) -> String {
    let day = |at: Timestamp| zone.to_datetime(at).date().to_string();
    let gap = |gap: &GapView| match (gap.from_at.map(day), gap.until_at.map(day)) {
        (None, None) => "all of it".to_owned(),
        (None, Some(until)) => view.from_at.map_or_else(|| format!("until {until}"), |from| format!("{} to {until}", day(from))),
        (Some(from), None) => format!("from {from} on"),
        (Some(from), Some(until)) => format!("{from} to {until}"),
    };
    match view.state {
        "whole" => {
            let from = view.from_at.map(|from| format!(" from {}", from.strftime("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
            let run = view.run.map(|run| format!(", by run {run}")).unwrap_or_default();
            let until = |at: Timestamp| format!("whole{from} until {}{run}", at.strftime("%Y-%m-%d %H:%M UTC"));
            view.until_at.map_or_else(|| format!("whole{from}; there was nothing{run}"), until)
        }
        "partial" => {
            format!("not read yet: {}{}", view.gaps.iter().map(gap).collect::<Vec<_>>().join(", "), days_read(view, zone))
        }
        "left_out" => format!("left out: the key lacks {}", view.lacks.as_deref().unwrap_or("a permission")),
        _ => "never read".to_owned(),
    }
}

/// What was read by days, in words: its first and its last day.
fn days_read(view: &KnownView, zone: &TimeZone) -> String {
    let read = |range: &RangeView| {
        let last = range.until_at.checked_sub(SignedDuration::from_secs(1)).unwrap_or(range.until_at);
        let (first, last) = (zone.to_datetime(range.from_at).date(), zone.to_datetime(last).date());
        let days = if first == last { first.to_string() } else { format!("{first} to {last}") };
        let run = range.run.map(|run| format!(" by run {run}")).unwrap_or_default();
        format!("; read: {days}{run}")
    };
    view.ranges.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn each_state_says_what_can_be_claimed_and_what_cannot() {
        let known = |whole, until: Option<&str>, gaps| Known {
            kind: ObjectKind::Invoice,
            whole,
            until: until.map(at),
            run: whole.then_some(store::RunId(7)),
            gaps,
            ranges: Vec::new(),
        };
        let synced = Some(at("2026-07-31T06:00:00Z"));
        let told = |known: Option<&Known>, lacks: Option<&str>| {
            let view = view(ObjectKind::Invoice, known, lacks.map(str::to_owned).as_ref(), synced);
            (view.state, view.until_at, words(&view, &TimeZone::get("Europe/Berlin").unwrap()))
        };
        let whole = known(true, Some("2026-07-30T00:00:00Z"), vec![]);
        assert_eq!(told(Some(&whole), None), ("whole", synced, "whole until 2026-07-31 06:00 UTC, by run 7".to_owned()));
        let gap = |from: Option<&str>, until: Option<&str>| Gap { from: from.map(at), until: until.map(at) };
        let gaps = vec![gap(Some("2026-05-01T00:00:00Z"), Some("2026-06-01T00:00:00Z")), gap(None, Some("2026-02-01T00:00:00Z"))];
        let partial = told(Some(&known(false, None, gaps)), None);
        assert_eq!(partial, ("partial", None, "not read yet: 2026-05-01 to 2026-06-01, until 2026-02-01".to_owned()));
        let july = RangeRead {
            from: at("2026-06-30T22:00:00Z"),
            until: at("2026-07-31T22:00:00Z"),
            run: Some(store::RunId(5)),
            at: at("2026-08-01T04:00:00Z"),
        };
        let gaps = vec![gap(Some("2026-07-31T22:00:00Z"), None), gap(None, Some("2026-06-30T21:59:59Z"))];
        let by_days = told(Some(&Known { ranges: vec![july], ..known(false, None, gaps) }), None);
        let words = "not read yet: from 2026-08-01 on, until 2026-06-30; read: 2026-07-01 to 2026-07-31 by run 5";
        assert_eq!(by_days, ("partial", None, words.to_owned()));
        assert_eq!(told(None, None), ("unread", None, "never read".to_owned()));
        let left_out = told(None, Some("rak_invoice_read"));
        assert_eq!(left_out, ("left_out", None, "left out: the key lacks rak_invoice_read".to_owned()));
    }
}
