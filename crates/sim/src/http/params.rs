//! The query of a request, read as strictly as Stripe reads it: what is not known is refused by name.

use axum::extract::Query;
use axum::http::Uri;

use super::error::StripeError;
use super::permissions::Permission;

/// Stripe's page size where none is asked for.
pub(super) const DEFAULT_LIMIT: usize = 10;
/// Stripe's largest page.
const MAX_LIMIT: usize = 100;

/// How many event types may be asked for at once.
const MAX_TYPES: usize = 20;

/// Which filters a list takes besides `limit`, the cursors and `expand`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed {
    /// Instants that can be asked for exactly or by `[gt]`, `[gte]`, `[lt]`, `[lte]`.
    pub(super) ranges: &'static [&'static str],
    /// Fields that must equal the value.
    pub(super) equals: &'static [&'static str],
    /// Lists of which a field must equal one, such as `ids[]`.
    pub(super) any_of: &'static [&'static str],
    /// Whether `payout` narrows the list to that payout's own transactions.
    pub(super) payout: bool,
    /// Whether `type` and `types[]` narrow the list to events of those types.
    pub(super) types: bool,
}

impl Allowed {
    /// These ranges and fields only.
    pub(super) const fn by(ranges: &'static [&'static str], equals: &'static [&'static str]) -> Self {
        Self { ranges, equals, any_of: &[], payout: false, types: false }
    }
}

/// Where a page starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Cursor {
    /// At the newest.
    #[default]
    Start,
    /// Right after this id, towards older ones.
    After(String),
    /// Right before this id, towards newer ones.
    Before(String),
}

/// An interval of Unix seconds, both ends within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// The earliest second.
    pub(super) from: i64,
    /// The latest second.
    pub(super) until: i64,
}

/// What a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ListParams {
    /// How many objects at most: 1 to 100.
    pub(super) limit: usize,
    /// Where the page starts.
    pub(super) cursor: Cursor,
    /// Field and the interval that it must lie in.
    pub(super) ranges: Vec<(&'static str, Span)>,
    /// Field and the text that it must equal.
    pub(super) equals: Vec<(&'static str, String)>,
    /// A list's name and the texts of which the field must equal one.
    pub(super) any_of: Vec<(&'static str, Vec<String>)>,
    /// Only this payout's own transactions.
    pub(super) payout: Option<String>,
    /// Only events of one of these types, `*` at the end for all that begin so; empty for all.
    pub(super) types: Vec<String>,
    /// Only events of what these permissions cover; `None` for all.
    pub(super) only: Option<Vec<Permission>>,
    /// Paths to expand.
    pub(super) expand: Vec<String>,
}

/// The pairs of a query, decoded.
///
/// # Errors
/// Stripe's 400 for a query that is not a form.
pub(super) fn pairs(uri: &Uri) -> Result<Vec<(String, String)>, StripeError> {
    Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map(|Query(pairs)| pairs)
        .map_err(|_| StripeError::bad_request("Invalid query string: it is not form-encoded."))
}

/// Reads the query of a retrieve, which knows only `expand`.
///
/// # Errors
/// Stripe's 400 for any other parameter.
pub(super) fn expand_only(pairs: &[(String, String)]) -> Result<Vec<String>, StripeError> {
    pairs
        .iter()
        .map(|(name, value)| if is_expand(name) { Ok(value.clone()) } else { Err(StripeError::unknown_parameter(name)) })
        .collect()
}

/// The fields along every path to expand.
pub(super) fn expanded_fields(pairs: &[(String, String)]) -> impl Iterator<Item = &str> {
    pairs.iter().filter(|(name, _)| is_expand(name)).flat_map(|(_, path)| path.split('.'))
}

/// Reads the query of a list.
///
/// # Errors
/// Stripe's 400 for a parameter that is unknown, empty, out of its range, or excluded by another.
pub(super) fn list(pairs: &[(String, String)], allowed: Allowed) -> Result<ListParams, StripeError> {
    let mut params = ListParams { limit: DEFAULT_LIMIT, ..ListParams::default() };
    for (name, value) in pairs {
        if value.is_empty() {
            return Err(empty(name));
        }
        match name.as_str() {
            "limit" => params.limit = limit(value)?,
            "starting_after" | "ending_before" => params.cursor = cursor(&params.cursor, name, value)?,
            name if allowed.types && (name == "type" || is_list_of("types", name)) => params.types.push(value.clone()),
            "payout" if allowed.payout => params.payout = Some(value.clone()),
            name if is_expand(name) => params.expand.push(value.clone()),
            name => filter(&mut params, allowed, name, value)?,
        }
    }
    check_types(&params.types)?;
    Ok(params)
}

/// Takes a number of event types.
///
/// # Errors
/// Stripe's 400 for too many.
pub(super) fn check_types(types: &[String]) -> Result<(), StripeError> {
    if types.len() > MAX_TYPES {
        return Err(StripeError::bad_request(format!("You may pass at most {MAX_TYPES} event types.")).param("types"));
    }
    Ok(())
}

fn filter(params: &mut ListParams, allowed: Allowed, name: &str, value: &str) -> Result<(), StripeError> {
    if let Some(field) = allowed.equals.iter().find(|field| **field == name) {
        params.equals.push((field, value.to_owned()));
        return Ok(());
    }
    if let Some(list) = allowed.any_of.iter().find(|list| is_list_of(list, name) && **list != name) {
        match params.any_of.iter_mut().find(|(known, _)| known == list) {
            Some((_, values)) => values.push(value.to_owned()),
            None => params.any_of.push((list, vec![value.to_owned()])),
        }
        return Ok(());
    }
    let (field, bound) = match name.split_once('[') {
        Some((field, rest)) => (field, rest.strip_suffix(']')),
        None => (name, Some("")),
    };
    let field = allowed.ranges.iter().find(|known| **known == field);
    match (field, bound) {
        (Some(field), Some(bound)) => {
            let span = span(bound, integer(name, value)?).ok_or_else(|| StripeError::unknown_parameter(name))?;
            params.ranges.push((field, span));
            Ok(())
        }
        _ => Err(StripeError::unknown_parameter(name)),
    }
}

fn span(bound: &str, second: i64) -> Option<Span> {
    let everything = Span { from: i64::MIN, until: i64::MAX };
    match bound {
        "" => Some(Span { from: second, until: second }),
        "gt" => Some(Span { from: second.saturating_add(1), ..everything }),
        "gte" => Some(Span { from: second, ..everything }),
        "lt" => Some(Span { until: second.saturating_sub(1), ..everything }),
        "lte" => Some(Span { until: second, ..everything }),
        _ => None,
    }
}

fn cursor(already: &Cursor, name: &str, id: &str) -> Result<Cursor, StripeError> {
    match (already, name) {
        (Cursor::Start | Cursor::After(_), "starting_after") => Ok(Cursor::After(id.to_owned())),
        (Cursor::Start | Cursor::Before(_), "ending_before") => Ok(Cursor::Before(id.to_owned())),
        _ => Err(StripeError::bad_request("Received both starting_after and ending_before parameters. Please pass in only one.")),
    }
}

/// Reads how many objects a page may have.
///
/// # Errors
/// Stripe's 400 for anything but 1 to 100.
pub(super) fn limit(value: &str) -> Result<usize, StripeError> {
    let number = integer("limit", value)?;
    let refusal = |side: &str, bound: usize| {
        StripeError::bad_request(format!("This value must be {side} than or equal to {bound} (it currently is '{number}')."))
            .code("parameter_invalid_integer")
            .param("limit")
    };
    match usize::try_from(number) {
        Ok(limit @ 1..=MAX_LIMIT) => Ok(limit),
        Ok(more) if more > MAX_LIMIT => Err(refusal("less", MAX_LIMIT)),
        Ok(_) | Err(_) => Err(refusal("greater", 1)),
    }
}

/// Reads a whole number.
///
/// # Errors
/// Stripe's 400 for anything else.
pub(super) fn integer(name: &str, value: &str) -> Result<i64, StripeError> {
    value
        .parse()
        .map_err(|_| StripeError::bad_request(format!("Invalid integer: {value}")).code("parameter_invalid_integer").param(name))
}

/// Stripe's refusal of a parameter without a value.
pub(super) fn empty(name: &str) -> StripeError {
    StripeError::bad_request(format!(
        "You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; however \
         '{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value."
    ))
    .code("parameter_invalid_empty")
    .param(name)
}

/// `expand`, `expand[]`, `expand[0]`: clients write it in all these ways.
pub(super) fn is_expand(name: &str) -> bool {
    is_list_of("expand", name)
}

/// Whether a parameter's name is `list`, `list[]` or `list[3]`.
pub(super) fn is_list_of(list: &str, name: &str) -> bool {
    name.strip_prefix(list).is_some_and(|rest| {
        rest.is_empty()
            || rest
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
                .is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: Allowed = Allowed { payout: true, ..Allowed::by(&["created"], &["currency"]) };

    fn read(query: &[(&str, &str)]) -> Result<ListParams, StripeError> {
        let pairs: Vec<(String, String)> = query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        list(&pairs, ALLOWED)
    }

    #[test]
    fn each_bound_is_an_interval_of_whole_seconds() {
        let params = read(&[("created[gt]", "5"), ("created[lte]", "9"), ("created", "7")]).unwrap();
        let spans: Vec<(i64, i64)> = params.ranges.iter().map(|(_, span)| (span.from, span.until)).collect();
        assert_eq!(spans, [(6, i64::MAX), (i64::MIN, 9), (7, 7)]);
    }

    #[test]
    fn expand_is_read_in_every_way_of_writing() {
        let params = read(&[("expand[]", "data.a"), ("expand[0]", "data.b"), ("expand", "data.c")]).unwrap();
        assert_eq!(params.expand, ["data.a", "data.b", "data.c"]);
        assert!(read(&[("expand[x]", "data.a")]).is_err());
    }

    #[test]
    fn the_limit_is_one_to_a_hundred() {
        assert_eq!(read(&[("limit", "100")]).map(|params| params.limit), Ok(100));
        assert_eq!(read(&[]).map(|params| params.limit), Ok(10));
        for value in ["0", "101", "-1", "ten", "", "99999999999999999999"] {
            assert!(read(&[("limit", value)]).is_err(), "{value}");
        }
    }

    #[test]
    fn both_cursors_at_once_are_refused() {
        assert!(read(&[("starting_after", "a"), ("ending_before", "b")]).is_err());
        assert_eq!(read(&[("ending_before", "b")]).map(|params| params.cursor), Ok(Cursor::Before("b".into())));
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        for name in ["colour", "created[around]", "created[gte", "currency[gte]", "arrival_date"] {
            assert_eq!(read(&[(name, "1")]), Err(StripeError::unknown_parameter(name)), "{name}");
        }
    }
}
