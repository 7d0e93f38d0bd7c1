//! What a job said of a run, field by field.

use serde_json::Value;

use super::scheduled::cut;

/// Fields of a summary that are shown; no job says more of itself.
const FIELDS_MAX: usize = 60;

/// Of a list in a summary so many are shown.
const LISTED_MAX: usize = 10;

/// What is shown of one text, which others wrote; `--json` has all of it.
const TEXT_MAX: usize = 600;

/// One thing that the job said.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// What it calls it.
    pub name: String,
    /// In words.
    pub value: String,
}

/// What the job said, field by field; and how many fields are left out.
pub fn summary(text: &str) -> (Vec<Field>, usize) {
    let fields = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(fields)) => fields,
        Ok(Value::Null) => return (Vec::new(), 0),
        Ok(other) => return (vec![field("said", &other)], 0),
        Err(_) => return (vec![Field { name: "said".to_owned(), value: cut(text, TEXT_MAX) }], 0),
    };
    let told: Vec<(String, Value)> = fields.into_iter().filter(|(_, value)| !value.is_null()).collect();
    let left_out = told.len().saturating_sub(FIELDS_MAX);
    (told.iter().take(FIELDS_MAX).map(|(name, value)| field(name, value)).collect(), left_out)
}

fn field(name: &str, value: &Value) -> Field {
    let value = match value {
        Value::Array(all) => {
            let first: Vec<String> = all.iter().take(LISTED_MAX).map(one).collect();
            let more = all.len().saturating_sub(LISTED_MAX);
            match (first.is_empty(), more) {
                (true, _) => "none".to_owned(),
                (false, 0) => first.join("; "),
                (false, more) => format!("{}; and {more} more", first.join("; ")),
            }
        }
        Value::Object(fields) if fields.is_empty() => "none".to_owned(),
        Value::Object(fields) => {
            let first = fields.iter().take(LISTED_MAX).map(|(name, value)| format!("{name} {}", one(value)));
            first.collect::<Vec<_>>().join("; ")
        }
        other => one(other),
    };
    Field { name: cut(name, LISTED_MAX * LISTED_MAX), value: cut(&value, TEXT_MAX) }
}

fn one(value: &Value) -> String {
    match value {
        Value::String(text) => cut(text, TEXT_MAX),
        other => cut(&other.to_string(), TEXT_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_job_said_is_a_field_each_and_never_without_end() {
        let told = |text: &str| summary(text).0.into_iter().map(|field| (field.name, field.value)).collect::<Vec<_>>();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let said = r#"{"synced":7,"complete":true,"unread":[],"hint":null,"kinds":{"txn":3,"payout":4},"refused":["a","b"],"left_out":{}}"#;
        let mut fields = told(said);
        fields.sort_unstable();
        let expected = [
            pair("complete", "true"),
            pair("kinds", "payout 4; txn 3"),
            pair("left_out", "none"),
            pair("refused", "a; b"),
            pair("synced", "7"),
            pair("unread", "none"),
        ];
        assert_eq!(fields, expected);
        assert_eq!((told("null"), told("{}"), told("[1,2]")), (vec![], vec![], vec![pair("said", "1; 2")]));
        assert_eq!(told("no JSON"), [pair("said", "no JSON")]);
        let long = format!("{{\"a\":[{}]}}", vec!["\"x\""; 500].join(","));
        assert_eq!(told(&long), [pair("a", "x; x; x; x; x; x; x; x; x; x; and 490 more")]);
        let wide: Vec<String> = (0..70).map(|n| format!("\"f{n}\":{n}")).collect();
        let (fields, left_out) = summary(&format!("{{{}}}", wide.join(",")));
        assert_eq!((fields.len(), left_out), (60, 10));
    }
}
