//! CSV: detection, then rows to lines.

mod chain;
pub(crate) mod date;
pub(crate) mod layout;
pub(crate) mod number;
pub(crate) mod rows;
mod signs;
pub mod synonyms;
pub(crate) mod table;
pub(crate) mod words;

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};
use facts::{Coverage, StatementSpan};
use money::Amount;

use self::layout::Layout;
use self::table::{DELIMITERS, Row};
use crate::encoding::{self, LEGACY, Sniffed};
use crate::error::{ReadError, Trouble};
use crate::identity;
use crate::limits::{FILE_ROWS_MAX, HEADER_ROWS_MAX};
use crate::profile::Profile;
use crate::{Source, Statement};

/// Rows read to find the header: the longest preamble and enough lines to tell words of two meanings apart.
const LOOK_ROWS: usize = HEADER_ROWS_MAX + 200;

/// Reads a CSV statement.
///
/// # Errors
/// See [`ReadError`].
pub(crate) fn read(source: &Source<'_>) -> Result<Statement, ReadError> {
    let (text, delimiter, layout) = match source.profile {
        Some(profile) => by_profile(source.bytes, profile)?,
        None => detect(source.bytes)?,
    };
    let rows = table::all_rows(&text, delimiter, FILE_ROWS_MAX)?;
    let data = rows.get(layout.first..).unwrap_or_default();
    let mut read = rows::read(data, &layout, source)?;
    let loose = layout.profile.is_some_and(|profile| profile.loose_balance);
    let ends = if loose { None } else { chain::check(&read.lines, &read.at)? };
    identity::give_ids(&mut read.lines);
    let days = || read.lines.iter().map(|line| line.date_on);
    let span = days().min().zip(days().max()).map(|(from_on, until_on)| StatementSpan {
        days: Coverage { from_on, until_on },
        opening_minor: ends.map(|(opening, _)| opening),
        closing_minor: ends.map(|(_, closing)| closing),
    });
    let amount = |minor| Amount::new(minor, read.currency);
    Ok(Statement {
        format: format!("csv:{}", layout.name),
        currency: read.currency,
        spans: span.into_iter().collect(),
        opening: ends.map(|(opening, _)| amount(opening)),
        closing: ends.map(|(_, closing)| amount(closing)),
        account_number: read.account_number,
        left_out: read.left_out,
        lines: read.lines,
    })
}

type Found<'a, 'p> = (Cow<'a, str>, u8, Layout<'p>);

fn by_profile<'a, 'p>(bytes: &'a [u8], profile: &'p Profile) -> Result<Found<'a, 'p>, ReadError> {
    let text = match (encoding::sniff(bytes)?, profile.encoding.as_deref().and_then(encoding::by_name)) {
        (Sniffed::Text(text), _) => text,
        (Sniffed::Legacy, encoding) => encoding::decode(bytes, encoding.unwrap_or(WINDOWS_1252))?,
    };
    let named = profile.delimiter.and_then(|sign| u8::try_from(sign).ok());
    let candidates = named.map_or_else(|| DELIMITERS.to_vec(), |sign| vec![sign]);
    let mut nearest: Option<ReadError> = None;
    let mut best: Option<(usize, u8, Layout<'p>)> = None;
    for delimiter in candidates {
        let found = table::rows(&text, delimiter, LOOK_ROWS).and_then(|rows| {
            let layout = layout::given(profile, &rows)?;
            Ok((rows.iter().map(Row::filled).max().unwrap_or(0), layout))
        });
        match found {
            Ok((width, layout)) if best.as_ref().is_none_or(|(most, ..)| width > *most) => {
                best = Some((width, delimiter, layout))
            }
            Ok(_) => {}
            Err(error) => _ = nearest.get_or_insert(error),
        }
    }
    match best {
        Some((_, delimiter, layout)) => Ok((text, delimiter, layout)),
        None => Err(nearest.unwrap_or_else(|| ReadError::new(Trouble::Format, "an empty file", "a header and lines"))),
    }
}

fn detect(bytes: &[u8]) -> Result<Found<'_, 'static>, ReadError> {
    let texts: Vec<(Option<&'static Encoding>, Cow<'_, str>)> = match encoding::sniff(bytes)? {
        Sniffed::Text(text) => vec![(None, text)],
        Sniffed::Legacy => {
            LEGACY.iter().filter_map(|encoding| Some((Some(*encoding), encoding::decode(bytes, encoding).ok()?))).collect()
        }
    };
    for (encoding, text) in &texts {
        for delimiter in DELIMITERS {
            let Ok(rows) = table::rows(text, delimiter, HEADER_ROWS_MAX) else { continue };
            if let Some(layout) = layout::known_bank(&rows).filter(|layout| says(layout, *encoding)) {
                return Ok((text.clone(), delimiter, layout));
            }
        }
    }
    let western =
        |(encoding, _): &(Option<&'static Encoding>, Cow<'_, str>)| encoding.is_none_or(|encoding| encoding == WINDOWS_1252);
    let Some((_, text)) = texts.into_iter().find(western) else {
        return Err(ReadError::new(Trouble::Encoding, "bytes that are neither Unicode nor Windows-1252", "text in one encoding")
            .hint("export the file in UTF-8, or name its encoding in a profile"));
    };
    by_synonyms(text)
}

/// Whether the bank writes in the encoding in which its header was found.
fn says(layout: &Layout<'_>, encoding: Option<&'static Encoding>) -> bool {
    let Some(encoding) = encoding else { return true };
    let named = layout.profile.and_then(|profile| encoding::by_name(profile.encoding.as_deref()?));
    named.unwrap_or(WINDOWS_1252) == encoding
}

fn by_synonyms(text: Cow<'_, str>) -> Result<Found<'_, 'static>, ReadError> {
    let mut found: Vec<(u8, Layout<'static>)> = Vec::new();
    let mut nearest: Option<(usize, ReadError)> = None;
    for delimiter in DELIMITERS {
        let rows = match table::rows(&text, delimiter, LOOK_ROWS) {
            Ok(rows) => rows,
            Err(error) => {
                nearest.get_or_insert((1, error));
                continue;
            }
        };
        let width = rows.iter().take(HEADER_ROWS_MAX).map(Row::filled).max().unwrap_or(0);
        match layout::by_synonyms(&rows, HEADER_ROWS_MAX) {
            Ok(layout) => found.push((delimiter, layout)),
            Err(error) if nearest.as_ref().is_none_or(|(most, _)| width > *most) => nearest = Some((width, error)),
            Err(_) => {}
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some((delimiter, layout)), true) => Ok((text, delimiter, layout)),
        (Some(_), false) => {
            Err(ReadError::new(Trouble::Ambiguous, "a header under two delimiters", "one delimiter over the whole file"))
        }
        (None, _) => {
            Err(nearest
                .map_or_else(|| ReadError::new(Trouble::Format, "an empty file", "a header and lines"), |(_, error)| error))
        }
    }
}
