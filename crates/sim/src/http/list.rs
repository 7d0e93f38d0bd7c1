//! One page of a list: newest first, cut by cursor, narrowed by filters.

use std::ops::Range;

use axum::http::StatusCode;
use serde_json::Value;

use super::error::StripeError;
use super::filter;
use super::index::AccountView;
use super::params::{Cursor, ListParams, Span};
use super::permissions;
use super::shelf::Shelf;
use crate::catalog::{ObjectKind, StripeObject};

/// A page, newest first.
pub(super) struct Page {
    /// Its objects.
    pub(super) objects: Vec<Value>,
    /// Whether there are more beyond it, in the direction that was asked for.
    pub(super) has_more: bool,
}

/// What may stand on a page before field filters: a stretch of the list, or a chosen few of it.
enum Candidates<'a> {
    Stretch(Range<u32>),
    Chosen(&'a [u32]),
}

/// A page of the objects that stand within another.
///
/// # Errors
/// Stripe's 400 for a cursor that does not exist.
pub(super) fn page_within(all: &[Value], name: &str, params: &ListParams) -> Result<Page, StripeError> {
    let passing = |object: &&Value| params.equals.iter().all(|(field, value)| filter::holds(object, field, value));
    let place = |id: &str, param: &str| {
        let place = all.iter().position(|object| object.get("id").is_some_and(|known| known == id));
        place.ok_or_else(|| StripeError::missing(StatusCode::BAD_REQUEST, name, id, param))
    };
    let take = |candidates: &mut dyn Iterator<Item = &Value>| {
        let mut passing = candidates.filter(passing);
        let objects = passing.by_ref().take(params.limit).cloned().collect();
        Page { objects, has_more: passing.next().is_some() }
    };
    Ok(match &params.cursor {
        Cursor::Start => take(&mut all.iter()),
        Cursor::After(id) => take(&mut all.iter().skip(place(id, "starting_after")?.saturating_add(1))),
        Cursor::Before(id) => {
            let mut page = take(&mut all.iter().take(place(id, "ending_before")?).rev());
            page.objects.reverse();
            page
        }
    })
}

/// A page of one kind of an account's objects.
///
/// # Errors
/// Stripe's 400 for a cursor or a payout that does not exist, and for a payout that is not automatic.
pub(super) fn page(account: AccountView<'_>, kind: ObjectKind, params: &ListParams) -> Result<Page, StripeError> {
    let chosen = match &params.payout {
        Some(payout) => Some(members(account, payout)?),
        None => None,
    };
    account.look(kind, |shelf| page_of(shelf, kind.as_str(), chosen, params))
}

/// A page of any list.
///
/// # Errors
/// Stripe's 400 for a cursor that does not exist.
pub(super) fn page_of<'a>(
    shelf: Shelf<'a>,
    name: &str,
    chosen: Option<&'a [u32]>,
    params: &ListParams,
) -> Result<Page, StripeError> {
    let candidates = match chosen.or_else(|| indexed(shelf, params)) {
        Some(positions) => Candidates::Chosen(positions),
        None => {
            let created = params.ranges.iter().filter(|(field, _)| *field == "created");
            let (from, until) =
                created.fold((i64::MIN, i64::MAX), |(from, until), (_, span)| (from.max(span.from), until.min(span.until)));
            Candidates::Stretch(shelf.created_within(from, until))
        }
    };
    let place =
        |id: &str, param: &str| shelf.position(id).ok_or_else(|| StripeError::missing(StatusCode::BAD_REQUEST, name, id, param));
    Ok(match &params.cursor {
        Cursor::Start => take(shelf, candidates.after(None), params),
        Cursor::After(id) => take(shelf, candidates.after(Some(place(id, "starting_after")?)), params),
        Cursor::Before(id) => {
            let mut page = take(shelf, candidates.before(place(id, "ending_before")?), params);
            page.objects.reverse();
            page
        }
    })
}

/// The transactions that Stripe lists for a payout.
fn members<'a>(account: AccountView<'a>, payout: &str) -> Result<&'a [u32], StripeError> {
    let object = account
        .shelf(ObjectKind::Payout)
        .get(payout)
        .ok_or_else(|| StripeError::missing(StatusCode::BAD_REQUEST, "payout", payout, "payout"))?;
    if object.body(account.now()).get("automatic").and_then(Value::as_bool) == Some(false) {
        return Err(StripeError::bad_request(
            "Balance transaction history can only be filtered on automatic transfers, not manual.",
        ));
    }
    Ok(account.members(payout))
}

/// The shortest way in, when one of the filters has an index.
fn indexed<'a>(shelf: Shelf<'a>, params: &ListParams) -> Option<&'a [u32]> {
    params.equals.iter().find_map(|(field, value)| shelf.with(field, value))
}

impl<'a> Candidates<'a> {
    /// The positions after `position` (all for none), nearest first.
    fn after(self, position: Option<u32>) -> Box<dyn Iterator<Item = u32> + 'a> {
        let first = position.map_or(0, |position| position.saturating_add(1));
        match self {
            Self::Stretch(stretch) => Box::new(stretch.start.max(first)..stretch.end),
            Self::Chosen(positions) => {
                let start = positions.partition_point(|candidate| *candidate < first);
                Box::new(positions.iter().copied().skip(start))
            }
        }
    }

    /// The positions before `position`, nearest first.
    fn before(self, position: u32) -> Box<dyn Iterator<Item = u32> + 'a> {
        match self {
            Self::Stretch(stretch) => Box::new((stretch.start..stretch.end.min(position)).rev()),
            Self::Chosen(positions) => {
                let end = positions.partition_point(|candidate| *candidate < position);
                Box::new(positions.iter().copied().take(end).rev())
            }
        }
    }
}

/// The first `limit` candidates that pass the filters, and whether one more would.
fn take(shelf: Shelf<'_>, positions: impl Iterator<Item = u32>, params: &ListParams) -> Page {
    let mut passing = positions.filter_map(|position| shelf.visible(position)).filter(|object| passes(shelf, object, params));
    let objects = passing.by_ref().take(params.limit).map(|object| shelf.body(object)).collect();
    Page { objects, has_more: passing.next().is_some() }
}

fn passes(shelf: Shelf<'_>, object: &StripeObject, params: &ListParams) -> bool {
    let within = |span: &Span, second: i64| (span.from..=span.until).contains(&second);
    let (created, others): (Vec<_>, Vec<_>) = params.ranges.iter().partition(|(field, _)| *field == "created");
    if !created.iter().all(|(_, span)| within(span, object.created)) {
        return false;
    }
    if !params.types.is_empty()
        && !object.event_type().is_some_and(|event| params.types.iter().any(|wanted| is_of(event, wanted)))
    {
        return false;
    }
    if let (Some(only), Some(event)) = (&params.only, object.event_type())
        && !only.iter().any(|held| held.covers(permissions::of_event(event)))
    {
        return false;
    }
    // The body is made only for filters that have to look into it.
    if others.is_empty() && params.equals.is_empty() && params.any_of.is_empty() {
        return true;
    }
    let body = shelf.body(object);
    others.iter().all(|(name, span)| filter::second(&body, name).is_some_and(|second| within(span, second)))
        && params.equals.iter().all(|(name, value)| filter::holds(&body, name, value))
        && params.any_of.iter().all(|(name, values)| values.iter().any(|value| filter::holds(&body, name, value)))
}

/// Whether an event's type is the one that was asked for; `payout.*` asks for all of payouts.
fn is_of(event: &str, wanted: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(prefix) => event.starts_with(prefix),
        None => event == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(limit: usize, cursor: Cursor) -> Option<(Vec<i64>, bool)> {
        let all: Vec<Value> = (0..5).map(|number: i64| json!({"id": format!("li_{number}"), "number": number})).collect();
        let params = ListParams { limit, cursor, ..ListParams::default() };
        let page = page_within(&all, "line", &params).ok()?;
        let numbers = page.objects.iter().filter_map(|object| object["number"].as_i64()).collect();
        Some((numbers, page.has_more))
    }

    #[test]
    fn a_list_within_an_object_is_paged_as_any_other() {
        let (after, before) = (|id: &str| Cursor::After(id.to_owned()), |id: &str| Cursor::Before(id.to_owned()));
        assert_eq!(page(2, Cursor::Start), Some((vec![0, 1], true)));
        assert_eq!(page(2, after("li_1")), Some((vec![2, 3], true)));
        assert_eq!(page(2, after("li_3")), Some((vec![4], false)));
        assert_eq!(page(2, before("li_3")), Some((vec![1, 2], true)));
        assert_eq!(page(3, before("li_3")), Some((vec![0, 1, 2], false)));
        assert_eq!([page(2, after("li_9")), page(2, before("li_9"))], [None, None]);
    }
}
