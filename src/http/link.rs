//! Addresses of our own pages: written with every reserved byte encoded, read with every wrong value named.

use std::fmt::Write as _;

use jiff::civil::Date;
use money::Currency;

use super::problem::Problem;

/// A path of ours with its query.
#[derive(Clone, Debug)]
pub struct Href(String);

impl Href {
    /// A page without parameters; `path` is ours and needs no encoding.
    pub fn to(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// One record under a list: `/payouts` and an id.
    pub fn record(list: &str, id: &str) -> String {
        let mut href = format!("{list}/");
        encode(id, &mut href);
        href
    }

    /// The same address with one more parameter; an empty value adds none.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.0.push(if self.0.contains('?') { '&' } else { '?' });
            self.0.push_str(name);
            self.0.push('=');
            encode(value, &mut self.0);
        }
        self
    }

    /// The text for an `href` attribute.
    pub fn text(self) -> String {
        self.0
    }
}

/// Percent-encodes all but unreserved characters, so that any id is safe as a path segment and as a value.
fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

/// Where in a list a page begins: no filter.
const CURSORS: [&str; 2] = ["after", "before"];

/// The parameters of a request, in order.
#[derive(Clone, Debug, Default)]
pub struct Query(pub Vec<(String, String)>);

impl Query {
    /// The first value of a name; blank counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The value, or an empty text: what a form field shows.
    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// A calendar day.
    pub fn date(&self, name: &'static str) -> Result<Option<Date>, Problem> {
        self.read(name, "a day such as 2026-07-31", |text| text.parse().ok())
    }

    /// A currency code.
    pub fn currency(&self, name: &'static str) -> Result<Option<Currency>, Problem> {
        self.read(name, "a currency code such as usd", |text| Currency::parse(text).ok())
    }

    /// One of our own words.
    pub fn word<T>(&self, name: &'static str, from_word: fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
        self.read(name, "one of the words of its list", from_word)
    }

    /// A value that has to be readable when it is there.
    pub fn read<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        reader: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let refused = || Problem::BadQuery { name, value: text.chars().take(60).collect(), expected };
        reader(text).map(Some).ok_or_else(refused)
    }

    /// Whether any parameter but the page's cursor narrows the list.
    pub fn narrows(&self) -> bool {
        self.0.iter().any(|(name, value)| !CURSORS.contains(&name.as_str()) && !value.trim().is_empty())
    }

    /// This list from another row on: the same filter with another cursor.
    pub fn page(&self, path: &str, after: &str) -> String {
        self.page_by("after", path, after)
    }

    /// The same where the cursor has another name.
    pub fn page_by(&self, cursor: &str, path: &str, place: &str) -> String {
        let kept = self.0.iter().filter(|(name, _)| name != cursor);
        kept.fold(Href::to(path), |href, (name, value)| href.with(name, value)).with(cursor, place).text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_id_is_one_path_segment() {
        assert_eq!(Href::record("/payouts", "po_1"), "/payouts/po_1");
        assert_eq!(Href::record("/payouts", "../?a=b#c d%"), "/payouts/..%2F%3Fa%3Db%23c%20d%25");
    }

    #[test]
    fn blank_parameters_are_left_out() {
        let href = Href::to("/payouts").with("account", "").with("text", "a&b").with("currency", "usd");
        assert_eq!(href.text(), "/payouts?text=a%26b&currency=usd");
    }

    #[test]
    fn a_wrong_day_is_refused_and_a_blank_one_is_none() {
        let query = Query(vec![("from".into(), "03/04/2026".into()), ("to".into(), "  ".into())]);
        assert!(matches!(query.date("from"), Err(Problem::BadQuery { name: "from", .. })));
        assert!(matches!(query.date("to"), Ok(None)));
    }
}
