//! Dates as banks write them, and the one order of day, month and year that a whole file is in.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::text::fold;

/// In which order day, month and year stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// Year, month, day: `2026-07-31`, `20260731`.
    Ymd,
    /// Day, month, year: `31.07.2026`, `31 Jul 26`.
    Dmy,
    /// Month, day, year: `07/31/2026`, `Jul 31, 2026`.
    Mdy,
}

impl DateOrder {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Ymd, Self::Dmy, Self::Mdy];

    /// How a person would say it.
    pub(crate) const fn example(self) -> &'static str {
        match self {
            Self::Ymd => "a date with the year first, such as 2026-07-31",
            Self::Dmy => "a date with the day first, such as 31.07.2026",
            Self::Mdy => "a date with the month first, such as 07/31/2026",
        }
    }
}

/// What one cell can mean: a date for each order in which it is one.
pub(crate) type Readings = [Option<Date>; 3];

/// The dates that a cell can mean, in the order of [`DateOrder::ALL`]. A time of day behind the date is passed over. A date
/// with dots is never read month first, and a year of two digits stands first only between hyphens: nobody writes otherwise.
pub(crate) fn readings(cell: &str) -> Readings {
    let Some((first, second, third, separator)) = parts(cell) else { return [None; 3] };
    let (dotted, short) = (separator == Some('.'), separator == Some('-') && !third.year_like());
    let ymd = if first.year_like() || short { date(first, second, third) } else { None };
    let day_first = if first.year_like() { None } else { date(third, second, first) };
    let month_first = if first.year_like() || dotted { None } else { date(third, first, second) };
    [ymd, day_first, month_first]
}

/// The date of a cell in one order.
pub(crate) fn read(cell: &str, order: DateOrder) -> Option<Date> {
    let [ymd, dmy, mdy] = readings(cell);
    match order {
        DateOrder::Ymd => ymd,
        DateOrder::Dmy => dmy,
        DateOrder::Mdy => mdy,
    }
}

#[derive(Clone, Copy)]
enum Part {
    Number { value: i16, digits: usize },
    Month(i8),
}

impl Part {
    fn year_like(self) -> bool {
        matches!(self, Self::Number { digits: 4, .. })
    }
}

fn date(year: Part, month: Part, day: Part) -> Option<Date> {
    let Part::Number { value: year, digits: year_digits } = year else { return None };
    let Part::Number { value: day, digits: 1 | 2 } = day else { return None };
    let month = match month {
        Part::Month(month) => month,
        Part::Number { value, digits: 1 | 2 } => i8::try_from(value).ok()?,
        Part::Number { .. } => return None,
    };
    let year = match year_digits {
        2 => 2000 + year,
        4 => year,
        _ => return None,
    };
    (1970..=2199).contains(&year).then(|| Date::new(year, month, i8::try_from(day).ok()?).ok()).flatten()
}

/// The three parts of a date, and the sign behind the first one where all are numbers.
fn parts(cell: &str) -> Option<(Part, Part, Part, Option<char>)> {
    let cell = cell.trim().trim_start_matches('\'');
    if cell.len() > 64 {
        return None;
    }
    if let Some(compact) = compact(cell) {
        return Some(compact);
    }
    let mut tokens = tokens(cell);
    let first = tokens.next()?;
    let (first, after) = match part(first.0) {
        Some(part) => (part, first.1),
        None if first.0.chars().all(char::is_alphabetic) => tokens.next().and_then(|token| Some((part(token.0)?, token.1)))?,
        None => return None,
    };
    let second = part(tokens.next()?.0)?;
    let third = tokens.next()?;
    let third_part = part(third.0)?;
    let months = [first, second, third_part].iter().filter(|part| matches!(part, Part::Month(_))).count();
    let rest_is_time = tokens.all(|(token, _)| {
        token.bytes().all(|b| b.is_ascii_digit())
            || matches!(fold(token).as_str(), "am" | "pm" | "z" | "utc" | "gmt" | "t" | "cet" | "cest")
    });
    (months <= 1 && rest_is_time).then_some((first, second, third_part, after.chars().next().filter(|_| months == 0)))
}

/// Eight digits without separators, by the two orders in which banks write them.
fn compact(cell: &str) -> Option<(Part, Part, Part, Option<char>)> {
    if cell.len() != 8 || !cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| {
        let text = cell.get(from..to)?;
        Some(Part::Number { value: text.parse().ok()?, digits: to - from })
    };
    let year_first = (number(0, 4)?, number(4, 6)?, number(6, 8)?, None);
    if date(year_first.0, year_first.1, year_first.2).is_some() {
        return Some(year_first);
    }
    Some((number(0, 2)?, number(2, 4)?, number(4, 8)?, None))
}

/// Runs of digits and runs of letters, each with what follows it.
fn tokens(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = cell;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_digit() && (!c.is_alphabetic() || matches!(c, '年' | '月' | '日')));
        let first = rest.chars().next()?;
        let digit = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digit || !c.is_alphanumeric()).unwrap_or(rest.len());
        let (token, after) = rest.split_at_checked(end)?;
        rest = after;
        Some((token, after))
    })
}

fn part(token: &str) -> Option<Part> {
    if token.bytes().all(|byte| byte.is_ascii_digit()) {
        return (token.len() <= 4).then(|| token.parse().ok()).flatten().map(|value| Part::Number { value, digits: token.len() });
    }
    month(token).map(Part::Month)
}

/// A month's name or its usual cuts, in the languages of the synonyms.
pub(crate) fn month(word: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "jan january januar janvier janv enero ene januari gennaio gen janeiro stycznia sty",
        "feb february februar fevrier fevr fev febrero februari febbraio fevereiro lutego lut",
        "mar march marz mrz mars marzo maart mrt marco marca marts",
        "apr april avril avr abril abr aprile kwietnia kwi",
        "may mai mayo mei maggio mag maio maja maj",
        "jun june juni juin junio giugno giu junho czerwca cze",
        "jul july juli juillet juil julio luglio lug julho lipca lip",
        "aug august aout agosto ago augustus sierpnia sie",
        "sep sept september septembre septiembre settembre set setembro wrzesnia wrz",
        "oct october oktober okt octobre octubre ottobre ott outubro out pazdziernika paz",
        "nov november novembre noviembre novembro listopada lis",
        "dec december dezember dez decembre diciembre dic dicembre dezembro grudnia gru",
    ];
    let word = fold(word);
    if word.len() < 3 {
        return None;
    }
    NAMES.iter().position(|names| names.split(' ').any(|name| fold(name) == word)).and_then(|at| i8::try_from(at + 1).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(cell: &str) -> Vec<String> {
        readings(cell).iter().map(|date| date.map_or_else(|| "-".to_owned(), |date| date.to_string())).collect()
    }

    #[test]
    fn each_writing_has_the_readings_it_can_have() {
        for (cell, ymd, dmy, mdy) in [
            ("2026-07-31", "2026-07-31", "-", "-"),
            ("2026-07-31 10:22:33.123", "2026-07-31", "-", "-"),
            ("2026-07-31T10:22:33Z", "2026-07-31", "-", "-"),
            ("2026.7.1", "2026-07-01", "-", "-"),
            ("2026年7月1日", "2026-07-01", "-", "-"),
            ("20260731", "2026-07-31", "-", "-"),
            ("31072026", "-", "2026-07-31", "-"),
            ("31/07/2026", "-", "2026-07-31", "-"),
            ("07/31/2026", "-", "-", "2026-07-31"),
            ("01/02/2026", "-", "2026-02-01", "2026-01-02"),
            ("01.02.26", "-", "2026-02-01", "-"),
            ("26-07-31", "2026-07-31", "2031-07-26", "-"),
            ("1.2.2026", "-", "2026-02-01", "-"),
            ("31 Jul 2026", "-", "2026-07-31", "-"),
            ("Jul 31, 2026", "-", "-", "2026-07-31"),
            ("31-août-26", "-", "2026-07-31", "-"),
            ("Fri 31 July 2026", "-", "2026-07-31", "-"),
            ("2026-02-30", "-", "-", "-"),
            ("2026-07", "-", "-", "-"),
            ("hello", "-", "-", "-"),
            ("1,234.56", "-", "-", "-"),
            ("", "-", "-", "-"),
        ] {
            let august = if cell.contains("août") { "2026-08-31" } else { dmy };
            assert_eq!(one(cell), [ymd, august, mdy], "{cell}");
        }
    }
}
