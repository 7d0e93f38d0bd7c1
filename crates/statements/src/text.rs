//! How words are compared: without case, accents, punctuation and blanks.

/// A header or a word as it is compared: lower-case letters and digits only, accents dropped, `ä`, `ae` and `a` alike.
pub(crate) fn fold(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match bare(c) {
            Some(letters) => plain.push_str(letters),
            None if c.is_alphanumeric() => plain.push(c),
            None => {}
        }
    }
    if plain.is_ascii() { ["ae", "oe", "ue"].iter().fold(plain, |text, pair| text.replace(pair, &pair[..1])) } else { plain }
}

/// A Latin letter without its accent, as lower case; `None` where there is none to drop.
fn bare(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ą' | 'ă' | 'æ' => "a",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ł' | 'ľ' | 'ĺ' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' | 'œ' => "o",
        'ř' | 'ŕ' => "r",
        'ß' => "ss",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ť' | 'ţ' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

/// Text with every run of blanks and controls as one blank, none at the ends.
pub(crate) fn squeeze(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !squeezed.is_empty() {
            squeezed.push(' ');
        }
        squeezed.push_str(word);
    }
    squeezed
}

/// Several texts as one, blanks squeezed, empty ones and repeats of the one before left out.
pub(crate) fn joined<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut whole = String::new();
    let mut last = String::new();
    for part in parts {
        let part = squeeze(part);
        if part.is_empty() || part == last {
            continue;
        }
        if !whole.is_empty() {
            whole.push(' ');
        }
        whole.push_str(&part);
        last = part;
    }
    whole
}

/// A reference as it is kept; `None` for blanks and for the words that banks write where there is none.
pub(crate) fn reference(text: &str) -> Option<String> {
    let text = squeeze(text.trim().trim_start_matches('\''));
    let nothing = ["", "notprovided", "nonref", "none", "na", "null", "0"];
    (!nothing.contains(&fold(&text).as_str())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_habits_do_not_make_two_headers() {
        for (left, right) in [
            ("Währung", "WAEHRUNG"),
            ("Buchungs-Tag", "buchungstag"),
            ("#Data księgowania", "Data ksiegowania"),
            ("Beløb", "belob"),
            ("Libellé", "LIBELLE"),
            ("Booking Date", "bookingDate"),
            ("Booking Date", "booking_date"),
        ] {
            assert_eq!(fold(left), fold(right));
        }
        assert_ne!(fold("Date"), fold("Value date"));
    }

    #[test]
    fn a_placeholder_is_no_reference() {
        for text in ["", " ", "NOTPROVIDED", "Not Provided", "-", "n/a"] {
            assert_eq!(reference(text), None, "{text}");
        }
        assert_eq!(reference(" HB 0000012 "), Some("HB 0000012".to_owned()));
    }
}
