//! Amounts as banks write them, and the one decimal sign that a whole file is in.

use money::{Amount, Currency, MoneyError};

/// An amount cell taken apart: its sign, its digits with their separators, and a currency if one stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// A minus, parentheses, or `DR` stood with it.
    pub negative: bool,
    /// Digits with `.`, `,` and `_`; the last stands for a blank or an apostrophe between digits.
    pub body: String,
    /// A code or an unmistakable sign in the cell.
    pub currency: Option<Currency>,
}

/// What a body says of the file's decimal sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// Nothing: no separator.
    Silent,
    /// Only `.` can be the decimal sign.
    Point,
    /// Only `,` can be the decimal sign.
    Comma,
    /// One separator with three digits behind it: a decimal sign or a thousands sign. Holds the separator.
    Either(char),
    /// No amount under any reading.
    Bad,
}

/// Blanks that stand between thousands or around an amount.
const BLANKS: [char; 5] = [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\t'];

/// Currencies by the sign that only they use. `$`, `¥` and `kr` belong to several and say nothing.
const SIGNS: [(&str, &str); 6] = [("€", "eur"), ("£", "gbp"), ("zł", "pln"), ("円", "jpy"), ("₹", "inr"), ("Kč", "czk")];

/// Signs that may stand with an amount and tell no currency.
const VAGUE_SIGNS: [&str; 10] = ["US$", "A$", "C$", "CA$", "AU$", "R$", "$", "¥", "￥", "kr"];

/// Takes a cell apart; `None` where it is no amount.
pub(crate) fn take_apart(cell: &str) -> Option<Written> {
    let mut rest = cell.trim_matches(|c| BLANKS.contains(&c) || c == '\'' || c == '=');
    let mut minus = 0_u8;
    let mut plus = 0_u8;
    let mut currency = None;
    if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        minus += 1;
        rest = inner;
    }
    loop {
        rest = rest.trim_matches(|c| BLANKS.contains(&c));
        if let Some(inner) = strip_either(rest, &["-", "−", "–"]) {
            minus = minus.saturating_add(1);
            rest = inner;
        } else if let Some(inner) = strip_either(rest, &["+"]) {
            plus = plus.saturating_add(1);
            rest = inner;
        } else if let Some(inner) = strip_word(rest, &["DR", "Dr", "dr", " D", " S"]) {
            minus = minus.saturating_add(1);
            rest = inner;
        } else if let Some(inner) = strip_word(rest, &["CR", "Cr", "cr", " C", " H"]) {
            plus = plus.saturating_add(1);
            rest = inner;
        } else if let Some((found, inner)) = strip_currency(rest) {
            if currency.is_some() && found.is_some() {
                return None;
            }
            currency = currency.or(found);
            rest = inner;
        } else {
            break;
        }
    }
    let body = body(rest)?;
    (minus + plus <= 1).then_some(Written { negative: minus == 1, body, currency })
}

fn strip_either<'a>(text: &'a str, signs: &[&str]) -> Option<&'a str> {
    signs.iter().find_map(|sign| text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)))
}

fn strip_word<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    words.iter().find_map(|word| text.strip_suffix(word))
}

fn strip_currency(text: &str) -> Option<(Option<Currency>, &str)> {
    for (sign, code) in SIGNS {
        if let Some(inner) = strip_either(text, &[sign]) {
            return Some((Currency::parse(code).ok(), inner));
        }
    }
    if let Some(inner) = strip_either(text, &VAGUE_SIGNS) {
        return Some((None, inner));
    }
    let is_code = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let (head, tail) = text.split_at_checked(3).unwrap_or(("", text));
    if is_code(head) {
        return Some((Currency::parse(head).ok(), tail));
    }
    let (head, tail) = text.len().checked_sub(3).and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""));
    is_code(tail).then(|| (Currency::parse(tail).ok(), head))
}

fn body(text: &str) -> Option<String> {
    let mut body = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '0'..='9' | '.' | ',' => body.push(c),
            '\'' | '’' => body.push('_'),
            c if BLANKS.contains(&c) => body.push('_'),
            _ => return None,
        }
    }
    body.bytes().any(|byte| byte.is_ascii_digit()).then_some(body)
}

/// What a body says of the decimal sign.
pub(crate) fn evidence(body: &str) -> Evidence {
    let points = body.matches('.').count();
    let commas = body.matches(',').count();
    let valid = |sign: char, evidence: Evidence| if split(body, sign).is_some() { evidence } else { Evidence::Bad };
    match (points, commas) {
        (0, 0) if split(body, '.').is_some() => Evidence::Silent,
        (0, 0) => Evidence::Bad,
        (1, 0) => lone(body, '.'),
        (0, 1) => lone(body, ','),
        (0, _) => valid('.', Evidence::Point),
        (_, 0) => valid(',', Evidence::Comma),
        _ if body.rfind('.') > body.rfind(',') => valid('.', Evidence::Point),
        _ => valid(',', Evidence::Comma),
    }
}

fn lone(body: &str, sign: char) -> Evidence {
    let (as_decimal, other) = if sign == '.' { (Evidence::Point, ',') } else { (Evidence::Comma, '.') };
    let leading_zero = body.starts_with("0.") || body.starts_with("0,");
    match (split(body, sign).is_some(), split(body, other).is_some()) {
        (true, true) if leading_zero => as_decimal,
        (true, true) => Evidence::Either(sign),
        (true, false) => as_decimal,
        (false, true) if sign == '.' => Evidence::Comma,
        (false, true) => Evidence::Point,
        (false, false) => Evidence::Bad,
    }
}

/// Whole and fractional digits of a body under one decimal sign, grouping checked and removed; `None` where it does not fit.
fn split(body: &str, decimal: char) -> Option<(String, &str)> {
    let (whole, fraction) = body.split_once(decimal).unwrap_or((body, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut separators = whole.chars().filter(|c| !c.is_ascii_digit());
    let separator = separators.next();
    if separators.any(|other| Some(other) != separator) {
        return None;
    }
    let Some(separator) = separator else { return Some((whole.to_owned(), fraction)) };
    let groups: Vec<usize> = whole.split(separator).map(str::len).collect();
    let (last, front) = groups.split_last()?;
    let (first, middle) = front.split_first()?;
    let thousands = (1..=3).contains(first) && middle.iter().all(|&length| length == 3);
    let indian = separator == ',' && (1..=2).contains(first) && middle.iter().all(|&length| length == 2);
    (*last == 3 && (thousands || indian)).then(|| (whole.replace(separator, ""), fraction))
}

/// The amount of a cell under the file's decimal sign, sign included.
///
/// # Errors
/// [`MoneyError`] where the digits do not fit the currency or 64 bits.
pub(crate) fn amount(written: &Written, decimal: char, currency: Currency) -> Result<Amount, MoneyError> {
    let refused = || MoneyError::NotAnAmount { text: written.body.replace('_', " "), currency };
    let (whole, fraction) = split(&written.body, decimal).ok_or_else(refused)?;
    let sign = if written.negative { "-" } else { "" };
    let text = if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
    Amount::from_major(&text, currency).map_err(|error| match error {
        MoneyError::NotAnAmount { .. } => refused(),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minor(cell: &str, decimal: char) -> Option<i64> {
        amount(&take_apart(cell)?, decimal, Currency::EUR).ok().map(Amount::minor)
    }

    #[test]
    fn every_sign_and_grouping_is_read() {
        for (cell, decimal, expected) in [
            ("1,234.56", '.', 123_456),
            ("1.234,56", ',', 123_456),
            ("1 234,56", ',', 123_456),
            ("1\u{202f}234,56", ',', 123_456),
            ("1'234.50", '.', 123_450),
            ("1’234.50", '.', 123_450),
            ("12,34,567.00", '.', 123_456_700),
            ("-5", '.', -500),
            ("\u{2212}5,1", ',', -510),
            ("5.00-", '.', -500),
            ("(5.00)", '.', -500),
            ("($5.00)", '.', -500),
            ("+1,00", ',', 100),
            ("12.00 DR", '.', -1200),
            ("12.00CR", '.', 1200),
            ("12,00 S", ',', -1200),
            ("12,00 H", ',', 1200),
            ("-€12.00", '.', -1200),
            ("12,00 €", ',', 1200),
            ("EUR 12.00", '.', 1200),
            ("12.00 EUR", '.', 1200),
            (".50", '.', 50),
            ("1234.5600", '.', 123_456),
        ] {
            assert_eq!(minor(cell, decimal), Some(expected), "{cell}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for cell in [
            "",
            "-",
            "abc",
            "1,234,56",
            "1.234.56",
            "12,3456.00",
            "--5",
            "-5-",
            "(-5)",
            "5 DR CR",
            "1e5",
            "1_000",
            "€5£",
            "1,,000",
            "٣",
        ] {
            assert_eq!(minor(cell, '.'), None, "{cell}");
            assert_eq!(minor(cell, ','), None, "{cell}");
        }
    }

    #[test]
    fn evidence_is_only_what_cannot_be_otherwise() {
        for (body, expected) in [
            ("1234", Evidence::Silent),
            ("1_234", Evidence::Silent),
            ("1.5", Evidence::Point),
            ("1234.567", Evidence::Point),
            ("0.500", Evidence::Point),
            ("1,5", Evidence::Comma),
            ("1.234,56", Evidence::Comma),
            ("1,234,567", Evidence::Point),
            ("1.234.567", Evidence::Comma),
            ("1,234", Evidence::Either(',')),
            ("1.234", Evidence::Either('.')),
            ("1,234,56", Evidence::Bad),
            ("1.2.3", Evidence::Bad),
        ] {
            assert_eq!(evidence(body), expected, "{body}");
        }
    }
}
