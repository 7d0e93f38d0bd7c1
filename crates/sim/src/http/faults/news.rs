//! What a newer Stripe says that no client of today knows. An object that is drawn has its news wherever it is shown.

use serde_json::{Value, json};

use super::kind::News;
use super::{MILLION, dice};

/// The fields whose values may grow, and the value that is new.
const OPEN_ENUMS: [(&str, &str); 3] =
    [("type", "sim_new_type"), ("status", "sim_new_status"), ("reporting_category", "sim_new_category")];
/// The field that is new.
const NEW_FIELD: &str = "sim_new_field";

/// Puts the news into every drawn object of a body; the body stays the bytes it is when none is drawn.
pub(super) fn put_into(body: Vec<u8>, news: &[(News, u32)], seed: u64) -> Vec<u8> {
    if news.is_empty() {
        return body;
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(&body) else { return body };
    if !visit(&mut value, news, seed) {
        return body;
    }
    serde_json::to_vec(&value).unwrap_or(body)
}

/// Whether anything was drawn.
fn visit(value: &mut Value, news: &[(News, u32)], seed: u64) -> bool {
    let inner: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(fields) => fields.values_mut().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return false,
    };
    let mut changed = false;
    for value in inner {
        changed |= visit(value, news, seed);
    }
    let Some(id) = value.get("id").and_then(Value::as_str).map(str::to_owned) else { return changed };
    for (news, rate) in news {
        let dice = dice(seed, &[news.label(), &id]);
        if dice % u64::from(MILLION) < u64::from(*rate) {
            changed |= news.put(value, dice / u64::from(MILLION));
        }
    }
    changed
}

impl News {
    const fn label(self) -> &'static str {
        match self {
            Self::Enum => "new enum",
            Self::Field => "new field",
        }
    }

    /// Whether there was a place for it.
    fn put(self, object: &mut Value, dice: u64) -> bool {
        let Value::Object(fields) = object else { return false };
        match self {
            Self::Field => {
                let values = [json!(null), json!("sim"), json!(["sim"]), json!({"object": "sim_new_object", "amount": 1})];
                let at = usize::try_from(dice % 4).unwrap_or_default();
                fields.insert(NEW_FIELD.to_owned(), values.get(at).cloned().unwrap_or_default());
                true
            }
            Self::Enum => {
                let present: Vec<_> =
                    OPEN_ENUMS.iter().filter(|(name, _)| fields.get(*name).is_some_and(Value::is_string)).collect();
                let at = dice.checked_rem(present.len() as u64).and_then(|at| usize::try_from(at).ok());
                let Some((name, value)) = at.and_then(|at| present.get(at)) else { return false };
                fields.insert((*name).to_owned(), json!(value));
                true
            }
        }
    }
}
