//! What an object says beyond, or instead of, what a plain card payment says: for the few that have a partner in another
//! account, or were paid otherwise.

use crate::{catalog::Step, json::Json};

/// Fields that replace an object's own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dress {
    /// From when on it says so, unix seconds; which field (or JSON pointer to one that is there); what, or
    /// nothing. Later ones replace
    /// earlier ones.
    fields: Vec<(i64, &'static str, Option<Json<'static>>)>,
    /// What happens to a refund after it was made.
    pub(crate) steps: Vec<Step>,
}

impl Dress {
    /// Says `value` in `field` from `since` on.
    pub(crate) fn say(&mut self, since: i64, field: &'static str, value: impl Into<Json<'static>>) {
        self.fields.push((since, field, Some(value.into())));
    }

    /// Says nothing in `field` from `since` on: it is absent.
    pub(crate) fn leave_out(&mut self, since: i64, field: &'static str) {
        self.fields.push((since, field, None));
    }

    /// What it says at `at`, over what `body` says.
    pub(crate) fn over(&self, body: &mut Json<'_>, at: i64) {
        for (_, field, value) in self.fields.iter().filter(|(since, _, _)| *since <= at) {
            if field.starts_with('/') {
                if let Some((slot, value)) = body.pointer_mut(field).zip(value.as_ref()) {
                    *slot = value.clone();
                }
            } else if let Some(value) = value {
                body.insert(field, value.clone());
            } else {
                body.remove(field);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn a_pointer_reaches_into_the_object() {
        let mut dress = Dress::default();
        dress.say(0, "/card/wallet", "x");
        dress.say(0, "/none/at/all", "x");
        let mut body = json!({"card": {"wallet": null}});
        dress.over(&mut body, 0);
        assert_eq!(body, json!({"card": {"wallet": "x"}}));
    }

    #[test]
    fn a_field_changes_at_its_instant_and_not_before() {
        let mut dress = Dress::default();
        dress.say(10, "status", "pending");
        dress.say(20, "status", "succeeded");
        let at = |at| {
            let mut body = json!({"status": "?", "amount": 1});
            dress.over(&mut body, at);
            body
        };
        assert_eq!(at(10), json!({"status": "pending", "amount": 1}));
        assert_eq!(at(20), json!({"status": "succeeded", "amount": 1}));
    }
}
