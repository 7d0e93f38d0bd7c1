//! Stripe's search query language: clauses such as `status:"paid"` or `-metadata["order"]:null`, joined by AND or by OR.

/// A query, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) clauses: Vec<Clause>,
    /// Whether one clause that holds is enough.
    pub(super) any: bool,
}

/// A field, an operator and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) negated: bool,
    pub(super) field: String,
    /// The key in `metadata["key"]`.
    pub(super) key: Option<String>,
    pub(super) operator: Operator,
    /// `None` for `null`, which asks whether there is a value at all.
    pub(super) value: Option<String>,
}

/// How a field has to stand to the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Is,
    Contains,
    Greater,
    AtLeast,
    Less,
    AtMost,
}

/// Longer ones first, where one begins as another does.
const OPERATORS: [(&str, Operator); 6] = [
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    (">", Operator::Greater),
    ("<", Operator::Less),
    (":", Operator::Is),
    ("~", Operator::Contains),
];

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.trim_start();
        let mut clauses = Vec::new();
        let mut joined: Option<bool> = None;
        while !rest.is_empty() {
            if !clauses.is_empty() {
                let any;
                (any, rest) = joint(rest);
                if joined.is_some_and(|before| before != any) {
                    return Err("AND and OR cannot stand in the same query.".to_owned());
                }
                joined = Some(any);
            }
            let clause;
            (clause, rest) = Clause::parse(rest)?;
            clauses.push(clause);
            let gap = rest.trim_start();
            if gap.len() == rest.len() && !rest.is_empty() {
                return Err(format!("Expected a space before `{}`.", shown(rest)));
            }
            rest = gap;
        }
        if clauses.is_empty() {
            return Err("The query has no clause.".to_owned());
        }
        Ok(Self { clauses, any: joined.unwrap_or_default() })
    }
}

/// Whether the next clause is joined by OR, and what follows the word; without a word it is AND.
fn joint(text: &str) -> (bool, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    match (word.eq_ignore_ascii_case("and"), word.eq_ignore_ascii_case("or")) {
        (true, _) => (false, rest.trim_start()),
        (_, true) => (true, rest.trim_start()),
        _ => (false, text),
    }
}

impl Clause {
    /// Reads the clause at the beginning; what follows it is left.
    fn parse(text: &str) -> Result<(Self, &str), String> {
        let (negated, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (field, rest) = split_at_first(rest, |letter| !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '.'));
        if field.is_empty() {
            return Err(format!("Expected a field such as `created` at `{}`.", shown(text)));
        }
        let (key, rest) = match rest.strip_prefix('[') {
            Some(inner) => {
                let (key, rest) = quoted(inner)?.ok_or_else(|| format!("Expected a quoted key at `{}`.", shown(inner)))?;
                let rest = rest.strip_prefix(']').ok_or_else(|| format!("Expected `]` at `{}`.", shown(rest)))?;
                (Some(key), rest)
            }
            None => (None, rest),
        };
        let (operator, rest) = OPERATORS
            .iter()
            .find_map(|(sign, operator)| Some((*operator, rest.strip_prefix(sign)?)))
            .ok_or_else(|| format!("Expected one of : ~ > < >= <= after `{field}`."))?;
        let (value, rest) = value(rest)?.ok_or_else(|| format!("Expected a value after `{field}` and its operator."))?;
        Ok((Self { negated, field: field.to_owned(), key, operator, value }, rest))
    }
}

/// A value, or `None` within for `null`.
fn value(text: &str) -> Result<Option<(Option<String>, &str)>, String> {
    if let Some((value, rest)) = quoted(text)? {
        return Ok(Some((Some(value), rest)));
    }
    let (word, rest) = split_at_first(text, char::is_whitespace);
    if word.is_empty() {
        return Ok(None);
    }
    if word.contains(['"', '\'']) {
        return Err(format!("A quote stands within `{}`.", shown(word)));
    }
    Ok(Some((Some(word.to_owned()).filter(|word| !word.eq_ignore_ascii_case("null")), rest)))
}

/// A text in quotes of either kind, a backslash before those that belong to it.
fn quoted(text: &str) -> Result<Option<(String, &str)>, String> {
    let Some(quote) = text.chars().next().filter(|letter| matches!(letter, '"' | '\'')) else { return Ok(None) };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if std::mem::take(&mut escaped) => value.push(letter),
            '\\' => escaped = true,
            _ if letter == quote => return Ok(Some((value, text.get(at + 1..).unwrap_or_default()))),
            _ => value.push(letter),
        }
    }
    Err(format!("The quote at `{}` is not closed.", shown(text)))
}

fn split_at_first(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// The beginning of a text, for an error.
fn shown(text: &str) -> String {
    text.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(field: &str, operator: Operator, value: Option<&str>) -> Clause {
        Clause { negated: false, field: field.to_owned(), key: None, operator, value: value.map(str::to_owned) }
    }

    #[test]
    fn a_clause_is_a_field_an_operator_and_a_value() {
        for (text, expected) in [
            ("email:\"amy@example.com\"", clause("email", Operator::Is, Some("amy@example.com"))),
            ("email:'amy@example.com'", clause("email", Operator::Is, Some("amy@example.com"))),
            ("name~\"am\\\"y\"", clause("name", Operator::Contains, Some("am\"y"))),
            ("total>1000", clause("total", Operator::Greater, Some("1000"))),
            ("total<=\"1000\"", clause("total", Operator::AtMost, Some("1000"))),
            ("phone:NULL", clause("phone", Operator::Is, None)),
            ("phone:'null'", clause("phone", Operator::Is, Some("null"))),
            ("name:''", clause("name", Operator::Is, Some(""))),
            (
                "-metadata['a b']:1",
                Clause { negated: true, key: Some("a b".to_owned()), ..clause("metadata", Operator::Is, Some("1")) },
            ),
        ] {
            assert_eq!(Query::parse(text), Ok(Query { clauses: vec![expected], any: false }), "{text}");
        }
    }

    #[test]
    fn clauses_are_joined_by_and_unless_by_or() {
        let joined = |text: &str| Query::parse(text).map(|query| (query.clauses.len(), query.any));
        assert_eq!(joined("a:1 b:2"), Ok((2, false)));
        assert_eq!(joined(" a:1  AND b:2 and -c:3 d:4 "), Ok((4, false)));
        assert_eq!(joined("a:1 OR b:2 or c:3"), Ok((3, true)));
        assert!(joined("a:1 AND b:2 OR c:3").is_err() && joined("a:1 OR b:2 c:3").is_err());
    }

    #[test]
    fn hostile_text_is_refused_with_a_sentence() {
        let long = "-".repeat(5_000);
        for text in [
            "",
            "   ",
            ":",
            "-",
            "--a:1",
            &long,
            "a",
            "a:",
            "a: 1",
            "a:1 AND",
            "AND a:1",
            "a:1 OR OR b:2",
            "(a:1)",
            "a:'1",
            "a:'1\\'",
            "a:'1'b:2",
            "a:1'2",
            "a==1",
            "a[b]:1",
            "a['b':1",
            "a[']:1",
            "é:1",
            "\u{0}:1",
            "a\u{202e}:1",
        ] {
            assert!(Query::parse(text).is_err_and(|told| told.ends_with('.')), "{text:?}");
        }
    }

    #[test]
    fn every_cut_of_a_query_is_read_or_refused() {
        let whole = "name~\"Żółć 🦀\" AND -metadata['k\\'é']:\"v\" total>=10";
        for (at, _) in whole.char_indices() {
            let (left, right) = whole.split_at(at);
            for text in [left, right] {
                drop(Query::parse(text));
            }
        }
        assert!(Query::parse(whole).is_ok());
    }
}
