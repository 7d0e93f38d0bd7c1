//! `/known`: which days are known to be read, of each kind of an account's objects.

use askama::Template;
use facts::AccountId;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::{AccountFilter, Freshness, Store, SyncedAccount};

use super::Answer;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Href;
use crate::http::parts::{Empty, Field, some_accounts};
use crate::http::problem::Problem;
use crate::http::show::{self, Chip, When, chip};
use crate::views::day_check::DayCheckView;
use crate::views::known::{GapView, KnownView, known, words};
use crate::views::load::zone_of;

/// The calendar's days, the last one being today's.
const DAYS: i64 = 90;

/// The least fresh accounts that are listed; a search finds any other.
const ACCOUNTS_SHOWN: u64 = 50;

/// A day's width in the picture.
const DAY: i64 = 10;

#[derive(Template)]
#[template(path = "known.html")]
struct Page {
    frame: Frame,
    empty: Option<Empty>,
    select: Option<Field>,
    name: String,
    synced: Option<When>,
    /// What became of the last past day that was listed again.
    again: Option<Again>,
    first_day: String,
    last_day: String,
    width: i64,
    rows: Vec<Row>,
    /// All accounts, where there are several.
    fresh: Option<Fresh>,
}

struct Again {
    when: When,
    words: String,
    run: Option<i64>,
}

struct Fresh {
    says: String,
    text: String,
    rows: Vec<FreshRow>,
}

struct FreshRow {
    id: String,
    href: String,
    name: String,
    /// When its last complete sync began.
    synced: Option<When>,
}

struct Row {
    kind: &'static str,
    chip: Chip,
    words: String,
    stretches: Vec<Drawn>,
}

/// Days side by side that stand alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Drawn {
    class: &'static str,
    x: i64,
    width: i64,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let wanted = ask.query.read("account", "an account id such as acct_1", |text| AccountId::parse(text).ok())?;
    let shown = match wanted {
        Some(id) => Some(store.account(&id)?.ok_or_else(|| Problem::NotFound { noun: "account", id: id.to_string() })?),
        None => first(store)?,
    };
    let shown = shown.as_ref();
    let accounts = some_accounts(store, shown.map(|row| &row.account.id))?;
    let freshness = store.freshness()?;
    let calendar = Calendar::until(ask.now, zone_of(ask.time_zone.as_deref(), &store.own_accounts()?));
    let page = Page {
        frame: Frame::new(ask, "What is known to be read", "/"),
        empty: shown.is_none().then(|| Empty::never("accounts")),
        select: shown.filter(|_| accounts.len() > 1).map(|row| Field::account_shown(&row.account.id, &accounts)),
        name: shown.map(|row| row.account.display_name.clone().unwrap_or_else(|| row.account.id.to_string())).unwrap_or_default(),
        synced: shown.and_then(|row| row.synced_at).map(|at| When::new(at, ask.now)),
        again: shown.map(|row| again(store, ask, row)).transpose()?.flatten(),
        first_day: calendar.day(0),
        last_day: calendar.day(DAYS - 1),
        width: DAYS * DAY,
        rows: shown.map(|row| rows(store, row, &calendar)).transpose()?.unwrap_or_default(),
        fresh: (freshness.accounts > 1).then(|| fresh(store, ask, &freshness)).transpose()?,
    };
    Ok(Answer::Html(page.render()?))
}

/// The account that is shown where none was asked for: the first of our own, else the first of all.
fn first(store: &Store) -> Result<Option<SyncedAccount>, Problem> {
    let any = AccountFilter { limit: Some(1), ..AccountFilter::default() };
    Ok(match store.own_accounts()?.into_iter().next() {
        Some(own) => Some(own),
        None => store.account_list(&any)?.pop(),
    })
}

fn again(store: &Store, ask: &Ask, row: &SyncedAccount) -> Result<Option<Again>, Problem> {
    let check = store.day_check(&row.account.id)?.map(|check| DayCheckView::of(&row.account.id, &check));
    Ok(check.map(|check| Again { when: When::new(check.checked_at, ask.now), words: check.words(), run: check.run }))
}

/// How fresh all accounts are, and which of them are the least so.
fn fresh(store: &Store, ask: &Ask, freshness: &Freshness) -> Result<Fresh, Problem> {
    let text = ask.query.text("text");
    let filter = AccountFilter { search: Some(text.clone()), least_fresh_first: true, limit: Some(ACCOUNTS_SHOWN) };
    let row = |row: SyncedAccount| FreshRow {
        href: Href::to("/known").with("account", row.account.id.as_str()).text(),
        name: row.account.display_name.unwrap_or_default(),
        synced: row.synced_at.map(|at| When::new(at, ask.now)),
        id: row.account.id.to_string(),
    };
    let never = show::thousands(freshness.never);
    let says = format!("{}, {never} of them never read to the end", show::count(freshness.accounts, "account", "accounts"));
    Ok(Fresh { says, text, rows: store.account_list(&filter)?.into_iter().map(row).collect() })
}

fn rows(store: &Store, row: &SyncedAccount, calendar: &Calendar) -> Result<Vec<Row>, Problem> {
    let known = known(store, row).map_err(|failure| Problem::Internal(failure.message))?;
    let row = |view: KnownView| Row {
        kind: view.kind,
        chip: match view.state {
            "whole" => chip("ok", "tick", "Whole"),
            "partial" => chip("open", "half", "In part"),
            "left_out" => chip("off", "dash", "Left out"),
            _ => chip("bad", "cross", "Unread"),
        },
        words: words(&view, &calendar.zone),
        stretches: calendar.draw(&view),
    };
    Ok(known.into_iter().map(row).collect())
}

/// The days that are drawn, in the business time zone.
struct Calendar {
    zone: TimeZone,
    first: Date,
}

impl Calendar {
    fn until(now: Timestamp, zone: TimeZone) -> Self {
        let today = zone.to_datetime(now).date();
        let first = today.checked_sub(jiff::Span::new().days(DAYS - 1)).unwrap_or(today);
        Self { zone, first }
    }

    fn date(&self, day: i64) -> Date {
        self.first.checked_add(jiff::Span::new().days(day)).unwrap_or(Date::MAX)
    }

    /// When a day begins.
    fn start(&self, day: i64) -> Timestamp {
        self.date(day).to_zoned(self.zone.clone()).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    }

    fn day(&self, day: i64) -> String {
        self.date(day).to_string()
    }

    /// Alike days are one stretch.
    fn draw(&self, view: &KnownView) -> Vec<Drawn> {
        let mut drawn: Vec<Drawn> = Vec::new();
        for day in 0..DAYS {
            let class = self.class(view, day);
            match drawn.last_mut().filter(|last| last.class == class) {
                Some(last) => last.width += DAY,
                None => drawn.push(Drawn { class, x: day * DAY, width: DAY }),
            }
        }
        drawn
    }

    /// A day counts as known only where all of it is.
    fn class(&self, view: &KnownView, day: i64) -> &'static str {
        let (from, until) = (self.start(day), self.start(day + 1));
        let touches =
            |gap: &GapView| gap.from_at.is_none_or(|begins| begins < until) && gap.until_at.is_none_or(|ends| ends >= from);
        if view.from_at.is_some_and(|begins| until <= begins) {
            return "excluded";
        }
        match view.state {
            // The last day is not over; it is known as far as it was read.
            "whole" if view.until_at.is_none_or(|at| at < from) => "in_transit",
            "whole" => "matched",
            "partial" if view.gaps.iter().any(touches) => "exceptions",
            "partial" => "matched",
            _ => "excluded",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn view(state: &'static str, until_at: Option<&str>, gaps: &[(Option<&str>, Option<&str>)]) -> KnownView {
        let gap = |(from, until): &(Option<&str>, Option<&str>)| GapView { from_at: from.map(at), until_at: until.map(at) };
        KnownView {
            kind: "txn",
            state,
            from_at: None,
            until_at: until_at.map(at),
            run: None,
            gaps: gaps.iter().map(gap).collect(),
            ranges: Vec::new(),
            lacks: None,
        }
    }

    #[test]
    fn days_are_known_as_far_as_they_were_read_and_gaps_are_seen() {
        let calendar = Calendar::until(at("2026-10-05T08:00:00Z"), TimeZone::UTC);
        assert_eq!((calendar.day(0), calendar.day(DAYS - 1)), ("2026-07-08".to_owned(), "2026-10-05".to_owned()));
        let whole = calendar.draw(&view("whole", Some("2026-10-03T09:00:00Z"), &[]));
        let drawn = |class, x, width| Drawn { class, x, width };
        assert_eq!(whole, [drawn("matched", 0, 880), drawn("in_transit", 880, 20)]);
        let gaps = [(Some("2026-09-01T00:00:00Z"), Some("2026-09-02T12:00:00Z")), (None, Some("2026-07-09T00:00:01Z"))];
        let partial = calendar.draw(&view("partial", None, &gaps));
        let expected =
            [drawn("exceptions", 0, 20), drawn("matched", 20, 530), drawn("exceptions", 550, 20), drawn("matched", 570, 330)];
        assert_eq!(partial, expected);
        let begun = KnownView { from_at: Some(at("2026-07-10T00:00:00Z")), ..view("whole", Some("2026-10-05T09:00:00Z"), &[]) };
        assert_eq!(calendar.draw(&begun), [drawn("excluded", 0, 20), drawn("matched", 20, 880)]);
        assert_eq!(calendar.draw(&view("unread", None, &[])), [drawn("excluded", 0, 900)]);
    }

    #[test]
    fn a_business_day_that_was_read_is_seen_though_it_is_no_day_in_utc() {
        let calendar = Calendar::until(at("2026-11-30T02:00:00Z"), TimeZone::get("America/New_York").unwrap());
        assert_eq!(calendar.day(DAYS - 1), "2026-11-29");
        // The day on which the clocks are set back has 25 hours.
        let gaps = [(Some("2026-11-02T05:00:00Z"), None), (None, Some("2026-11-01T03:59:59Z"))];
        let drawn = calendar.draw(&view("partial", None, &gaps));
        let classes: Vec<_> = drawn.iter().map(|drawn| (drawn.class, drawn.width)).collect();
        assert_eq!(classes, [("exceptions", 610), ("matched", 10), ("exceptions", 280)]);
    }
}
