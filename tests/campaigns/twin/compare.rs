//! What must be the same of a shop that lived through a world and of one that read it at once, and what may differ.

use serde_json::Value;

use crate::shop::{Shop, trail_holds};

/// Lists that are the same byte for byte.
const SAME_BYTES: [&[&str]; 4] = [&["payout", "list"], &["txn", "list"], &["match", "list"], &["bank-line", "list"]];

/// What is the same but for [`WHEN`].
const SAME_CONTENT: [&[&str]; 3] = [&["account", "list"], &["status"], &["exception", "list", "--state", "open"]];

/// Fields that say when something was read or first seen, and which day was listed again. Exceptions are listed in the order of the latter, so that their list
/// is sorted before it is compared.
const WHEN: [&str; 3] = ["synced_at", "opened_at", "day_check"];

/// Tables that tell of the way and not of the end: an exception that came and went stays, with when it was first seen. Those that
/// are open are compared by what the command prints.
const OF_THE_WAY: [&str; 2] = ["exception", "exception_subject"];

pub fn are_twins(lived: &Shop, once: &Shop, as_of: &str, told: &str) {
    for command in SAME_BYTES.into_iter().chain(SAME_CONTENT) {
        let arguments = [command, &["--as-of", as_of, "--json"]].concat();
        let (ours, theirs) = (lived.run(&arguments).stdout, once.run(&arguments).stdout);
        let told = format!("{told}: tieout {} differs", command.join(" "));
        let (mut seen, mut expected) = (json(&ours), json(&theirs));
        if SAME_CONTENT.contains(&command) {
            [&mut seen, &mut expected].into_iter().for_each(forget_when);
        } else {
            assert!(ours == theirs, "{told}: {}", first_difference(&seen, &expected));
        }
        assert!(seen == expected, "{told}: {}", first_difference(&seen, &expected));
    }
    trail_holds(&lived.store());
    let mut tables = lived.store().differing_tables(&once.store()).expect("digests");
    tables.retain(|table| !OF_THE_WAY.contains(table));
    assert!(tables.is_empty(), "{told}: these tables differ: {tables:?}");
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

fn forget_when(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(forget_when);
            items.sort_by_key(|item| item["id"].to_string());
        }
        Value::Object(fields) => {
            WHEN.iter().for_each(|field| drop(fields.remove(*field)));
            fields.values_mut().for_each(forget_when);
        }
        _ => {}
    }
}

/// The first items that differ, of the one and of the other.
fn first_difference(lived: &Value, once: &Value) -> String {
    let (Some(ours), Some(theirs)) = (lived.as_array(), once.as_array()) else { return format!("{lived}\nand {once}") };
    let only = |these: &[Value], those: &[Value]| these.iter().find(|item| !those.contains(item)).map(Value::to_string);
    let counts = (ours.len(), theirs.len());
    format!("{counts:?} items\nlived {:?}\nonce  {:?}", only(ours, theirs), only(theirs, ours))
}
