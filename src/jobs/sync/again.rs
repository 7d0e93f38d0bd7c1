//! A past day, listed again: whether what Stripe lists today is what is here.
//!
//! What money stands behind is held against the balance. What that cannot tell (amounts that cancel each other out, what an opening
//! balance has taken in) is found by the ids of one day, another one each time. What was missing is written, and the history of the
//! txns is not called whole until all of it was read again.

use std::collections::BTreeSet;

use facts::{Fact, ObjectKind};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use store::{DayCheck, DayDifference, DayFound, SyncWindow, TxnsKnown};
use stripe::{Call, Page, Pager};

use super::accounts::Target;
use super::context::{Context, Halt};
use super::plan::Window;
use super::request::{Day, Days};
use super::walk;
use super::writer::{Count, PageTask};
use crate::views::day_check::DayCheckView;

/// An account is checked once in so long: a daily sync, which begins a little earlier now and then, checks each time.
const REST: SignedDuration = SignedDuration::from_hours(20);

/// A day counts as past when so long has gone by since its end: what is shown late is no finding.
const SETTLED: SignedDuration = SignedDuration::from_hours(25);

/// So many pages of a day are listed, its newest ones. 500 ids tell of a list that leaves something out, and cost a sync nothing.
const PAGES_MAX: usize = 5;

/// So many ids are told by name.
const NAMED_MAX: usize = 3;

/// Lists a past day of one of our own accounts again, where one is due. Returns since when txns were found that were missing.
pub async fn list_a_day(context: &Context<'_>, target: &Target, zone: &TimeZone, due: &SyncWindow) -> Option<Timestamp> {
    // What a first sync has just read is not read a second time.
    let may = context.request.is_ordinary() && target.behalf.is_none() && due.synced_at.is_some();
    if !may || context.is_stopping() {
        return None;
    }
    let checked = check(context, target, zone, due).await;
    checked.unwrap_or_else(|halt| {
        context.note(Some(target), &format!("a past day's txns of {}", target.id), halt);
        None
    })
}

async fn check(context: &Context<'_>, target: &Target, zone: &TimeZone, due: &SyncWindow) -> Result<Option<Timestamp>, Halt> {
    let (account, now) = (target.id.clone(), context.outside.now());
    let (before, known) = context.ask(move |store| Ok((store.day_check(&account)?, store.txns_known(&account)?))).await?;
    let rests =
        !context.request.recheck && before.is_some_and(|before| before.found.is_some() && now.duration_since(before.at) < REST);
    let day = known.filter(|_| !rests).and_then(|known| pick(known, zone, context.outside.random()));
    let Some(day) = day else { return Ok(None) };
    let window = window(day, due.begins_at, zone, now)?;
    let check = DayCheck { day, from: window.0, until: window.1, at: now, run: None, found: None };
    match list(context, target, window).await {
        Ok(listed) => conclude(context, target, check, listed).await,
        Err(halt) => {
            note(context, target, check).await?;
            Err(halt)
        }
    }
}

/// One of the days that are known to be here from their beginning to their end, each as likely as any other.
fn pick(known: TxnsKnown, zone: &TimeZone, random: u64) -> Option<Date> {
    let until = known.until.checked_sub(SETTLED).ok()?;
    // The day that this instant lies in is not over then.
    let (first, end) = (zone.to_datetime(known.from).date(), zone.to_datetime(until).date());
    let days = u64::try_from((end - first).get_days()).ok().filter(|days| *days > 0)?;
    let nth = i64::try_from(random % days).ok()?;
    first.checked_add(jiff::Span::new().try_days(nth).ok()?).ok()
}

/// The day's instants; where the account begins within it, from there.
fn window(day: Date, begins_at: Option<Timestamp>, zone: &TimeZone, now: Timestamp) -> Result<(Timestamp, Timestamp), Halt> {
    let days = Days { first: Day::On(day), last: Some(Day::On(day)) };
    let Window { from, until, .. } = days.window(zone, now).map_err(Halt::Unproven)?;
    Ok((begins_at.map_or(from, |begins_at| from.max(begins_at)), until.unwrap_or(now)))
}

/// What Stripe lists of a day.
struct Listed {
    pages: Vec<(Call, Page)>,
    /// Since when all of it is listed.
    since: Timestamp,
}

/// Lists what was created from one instant until before another, from the newest on, as far as [`PAGES_MAX`] reach.
async fn list(context: &Context<'_>, target: &Target, (from, until): (Timestamp, Timestamp)) -> Result<Listed, Halt> {
    let call = walk::call(target, ObjectKind::Txn, Some(from)).with("created[lt]", until.as_second());
    let mut pager = Pager::new(call, None);
    let mut pages: Vec<(Call, Page)> = Vec::new();
    while let Some(call) = pager.next() {
        if pages.len() == PAGES_MAX {
            let oldest = pages.iter().filter_map(|(_, page)| page.oldest()).min();
            // More of the same second may follow.
            let since = oldest.and_then(|oldest| oldest.checked_add(SignedDuration::from_secs(1)).ok());
            let nothing =
                || Halt::Unproven(format!("nothing that Stripe lists of a past day of {} could be compared", target.id));
            return Ok(Listed { pages, since: since.filter(|since| *since < until).ok_or_else(nothing)? });
        }
        let page = walk::fetch(context, target, ObjectKind::Txn, &call).await?;
        pager.take(&page).map_err(|why| walk::cannot_follow(&call, &page, why))?;
        pages.push((call, page));
    }
    Ok(Listed { pages, since: from })
}

impl Listed {
    /// The ids of the txns that are compared. What is no txn is kept as refused, and told as such.
    fn ids(&self) -> BTreeSet<String> {
        let objects = self.pages.iter().flat_map(|(_, page)| page.items.iter().zip(&page.facts));
        let is_compared = |fact: &Fact| fact.created_at().is_some_and(|created| created >= self.since);
        objects.filter(|(_, fact)| is_compared(fact)).map(|(item, _)| item.id.clone()).collect()
    }

    /// The ids of what Stripe lists and is no txn.
    fn refused(&self) -> BTreeSet<String> {
        self.pages.iter().flat_map(|(_, page)| page.refused()).map(|(item, _)| item.id.clone()).collect()
    }
}

/// Compares, writes what was listed, and says what differs.
async fn conclude(context: &Context<'_>, target: &Target, check: DayCheck, listed: Listed) -> Result<Option<Timestamp>, Halt> {
    let (ids, refused, between) = (listed.ids(), listed.refused(), (listed.since, check.until));
    let (account, count) = (target.id.clone(), ids.len() as u64);
    let mut differs = context.ask(move |store| store.compare_day(&account, between, &ids)).await?;
    // A row that an older version made stands although its newest version was refused.
    differs.extra.retain(|id| !refused.contains(id));
    for (call, page) in listed.pages {
        context.put(task(target, &call, page)).await?;
    }
    let DayDifference { missing, extra } = &differs;
    let found = DayFound { listed: count, missing: missing.len() as u64, extra: extra.len() as u64 };
    let check = DayCheck { from: listed.since, found: Some(found), ..check };
    let day = check.day;
    note(context, target, check).await?;
    if !extra.is_empty() {
        context.warn(format!(
            "{} of {day} {} here and Stripe does not list {} any more ({}): nothing is deleted; look at {} in Stripe's dashboard",
            txns(extra.len(), target),
            if extra.len() == 1 { "is" } else { "are" },
            if extra.len() == 1 { "it" } else { "them" },
            named(extra),
            if extra.len() == 1 { "it" } else { "them" },
        ));
    }
    if !missing.is_empty() {
        context.note(Some(target), "a past day's txns", Halt::Unproven(told(target, day, missing)));
    }
    Ok((!missing.is_empty()).then_some(listed.since))
}

/// What is known already was counted when it was read.
fn task(target: &Target, call: &Call, page: Page) -> PageTask {
    PageTask {
        account: target.id.clone(),
        kind: ObjectKind::Txn,
        request: call.target(),
        page,
        member_of: None,
        walk: None,
        count: Count::Changed,
        charges: None,
    }
}

fn told(target: &Target, day: Date, missing: &[String]) -> String {
    format!(
        "{} of {day} {} not here when Stripe was asked for that day again ({}), although all history had been read: {} now, and more \
         may be missing. The next sync reads all of it again; where the account begins with a day, tieout sync --since with an \
         earlier one computes its opening balance anew",
        txns(missing.len(), target),
        if missing.len() == 1 { "was" } else { "were" },
        named(missing),
        if missing.len() == 1 { "it is" } else { "they are" },
    )
}

fn txns(count: usize, target: &Target) -> String {
    format!("{count} {} of {}", if count == 1 { "txn" } else { "txns" }, target.id)
}

fn named(ids: &[String]) -> String {
    let more = if ids.len() > NAMED_MAX { format!(" and {} more", ids.len() - NAMED_MAX) } else { String::new() };
    format!("{}{more}", ids.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", "))
}

/// Keeps what became of it, and tells it with what the sync did.
async fn note(context: &Context<'_>, target: &Target, check: DayCheck) -> Result<(), Halt> {
    let account = target.id.clone();
    let kept = context
        .ask(move |store| {
            store.note_day_check(&account, &check)?;
            store.day_check(&account)
        })
        .await?;
    kept.iter().for_each(|check| context.checked(DayCheckView::of(&target.id, check)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(from: &str, until: &str) -> TxnsKnown {
        TxnsKnown { from: from.parse().unwrap(), until: until.parse().unwrap() }
    }

    fn picked(known: TxnsKnown) -> Vec<String> {
        let zone = TimeZone::get("Europe/Zurich").unwrap();
        let mut days: Vec<String> = (0..50).filter_map(|random| pick(known, &zone, random)).map(|day| day.to_string()).collect();
        days.sort();
        days.dedup();
        days
    }

    #[test]
    fn every_day_that_is_over_and_known_can_be_picked_and_no_other() {
        // Midnight in Zurich is two hours before that of UTC.
        let two = known("2026-07-01T22:30:00Z", "2026-07-04T23:00:00Z");
        assert_eq!(picked(two), ["2026-07-02", "2026-07-03"]);
        assert_eq!(picked(known("2026-07-01T22:30:00Z", "2026-07-04T22:59:59Z")), ["2026-07-02"]);
        assert!(picked(known("2026-07-02T00:00:00Z", "2026-07-02T20:00:00Z")).is_empty());
        assert!(picked(known("2026-07-02T00:00:00Z", "2026-06-02T20:00:00Z")).is_empty());
    }

    #[test]
    fn a_day_is_listed_from_its_midnight_or_from_where_the_account_begins() {
        let zone = TimeZone::UTC;
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let begins_at = Some(at("2026-07-01T12:00:00Z"));
        let of = |day: &str| window(day.parse().unwrap(), begins_at, &zone, at("2026-07-30T00:00:00Z")).unwrap();
        assert_eq!(of("2026-07-01"), (at("2026-07-01T12:00:00Z"), at("2026-07-02T00:00:00Z")));
        assert_eq!(of("2026-07-02"), (at("2026-07-02T00:00:00Z"), at("2026-07-03T00:00:00Z")));
    }
}
