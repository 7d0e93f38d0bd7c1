//! The views for reports against what the command line lists: the same rows, the same numbers.

use std::path::Path;

use serde_json::{Map, Value};

/// The rows of a view, by the name of their columns.
pub type Rows<'a> = dyn Fn(&str) -> Vec<Value> + 'a;

/// What a command prints with `--json`.
pub type Printed<'a> = dyn Fn(&[&str]) -> Value + 'a;

/// The columns of a view and where the command line has the same; the first of them tells the rows apart.
type Columns = &'static [(&'static str, &'static str)];

const PAYOUT: Columns = &[
    ("payout", "/id"),
    ("account", "/account"),
    ("currency", "/currency"),
    ("amount_minor", "/amount_minor"),
    ("arrives_on", "/arrives_on"),
    ("status", "/status"),
    ("automatic", "/automatic"),
    ("bucket", "/bucket"),
    ("composition", "/composition/state"),
    ("txn_count", "/composition/txn_count"),
    ("sum_net_minor", "/composition/sum_net_minor"),
    ("composition_difference_minor", "/composition/difference_minor"),
    ("deposit", "/deposit/state"),
    ("deposit_difference_minor", "/deposit/difference_minor"),
    ("decided_by", "/deposit/decided_by"),
    ("due_on", "/deposit/due_on"),
    ("covered_until_on", "/deposit/covered_until_on"),
];

const TXN: Columns = &[
    ("txn", "/id"),
    ("account", "/account"),
    ("currency", "/currency"),
    ("amount_minor", "/amount_minor"),
    ("fee_minor", "/fee_minor"),
    ("net_minor", "/net_minor"),
    ("type", "/type"),
    ("reporting_category", "/reporting_category"),
    ("status", "/status"),
    ("balance_type", "/balance_type"),
    ("created_at", "/created_at"),
    ("available_on", "/available_on"),
    ("source", "/source"),
    ("payout", "/payout"),
    ("exchange_rate", "/exchange_rate"),
];

const BANK_LINE: Columns = &[
    ("bank_line", "/id"),
    ("bank_account", "/bank_account"),
    ("date_on", "/date_on"),
    ("value_on", "/value_on"),
    ("amount_minor", "/amount_minor"),
    ("currency", "/currency"),
    ("description", "/description"),
    ("counterparty", "/counterparty"),
    ("reference", "/reference"),
    ("state", "/state"),
    ("payout", "/payouts/0"),
];

const EXCEPTION: Columns = &[
    ("exception", "/id"),
    ("code", "/code"),
    ("class", "/class"),
    ("state", "/state"),
    ("account", "/account"),
    ("currency", "/currency"),
    ("amount_minor", "/amount_minor"),
    ("opened_at", "/opened_at"),
    ("resolved_at", "/resolved_at"),
    ("explanation", "/explanation"),
    ("remedy", "/remedy"),
];

const BALANCE: Columns = &[
    ("account", "/account"),
    ("currency", "/currency"),
    ("stripe_minor", "/balance/stripe_minor"),
    ("computed_minor", "/balance/computed_minor"),
    ("difference_minor", "/balance/difference_minor"),
];

const SYNC: Columns = &[("account", "/account"), ("mode", "/mode"), ("synced_at", "/synced_at")];

const DEPOSIT: Columns = &[
    ("payout", "/payout"),
    ("bank_line", "/id"),
    ("date_on", "/date_on"),
    ("allocated_minor", "/allocated_minor"),
    ("account", "/account"),
    ("deposit", "/deposit"),
];

/// Holds every view of a database against the lists of the command line, all of which have something.
pub fn hold(rows: &Rows<'_>, printed: &Printed<'_>) {
    let list = |noun: &str| printed(&[noun, "list", "--json"]).as_array().cloned().expect("a list");
    let same = |view: &str, columns: Columns, listed: &[Value]| {
        assert!(!listed.is_empty(), "{view}: the world has nothing of it");
        assert_eq!(
            picked(&rows(view), columns, |(column, _)| format!("/{column}")),
            picked(listed, columns, |(_, place)| (*place).to_owned()),
            "{view}"
        );
    };
    let (payouts, lines) = (list("payout"), list("bank-line"));
    same("bi_payout", PAYOUT, &payouts);
    same("bi_deposit", DEPOSIT, &parts(&payouts));
    same("bi_txn", TXN, &list("txn"));
    same("bi_bank_line", BANK_LINE, &lines);
    same("bi_exception", EXCEPTION, &list("exception"));
    let counted: i64 = rows("bi_bank_line").iter().filter_map(|row| row["payout_count"].as_i64()).sum();
    let named: usize = lines.iter().filter_map(|line| line["payouts"].as_array()).map(Vec::len).sum();
    assert_eq!(usize::try_from(counted).expect("a count"), named);
    let status = printed(&["status", "--json"])["accounts"].as_array().cloned().expect("accounts");
    same("bi_balance", BALANCE, &status);
    let mut accounts = status;
    accounts.dedup_by_key(|status| status["account"].clone());
    same("bi_sync", SYNC, &accounts);
}

/// Every part of a bank line that a payout arrived in, with what the view says of its payout.
fn parts(payouts: &[Value]) -> Vec<Value> {
    let of_payout = |payout: &Value| -> Vec<Value> {
        let mut lines = payout["deposit"]["bank_lines"].as_array().cloned().expect("a list");
        for line in &mut lines {
            line["payout"] = payout["id"].clone();
            line["account"] = payout["account"].clone();
            line["deposit"] = payout["deposit"]["state"].clone();
        }
        lines
    };
    payouts.iter().flat_map(of_payout).collect()
}

/// The named columns of each row, in the words that both sides share, in one order.
fn picked(rows: &[Value], columns: Columns, place: impl Fn(&(&str, &str)) -> String) -> Vec<String> {
    let row = |row: &Value| -> Map<String, Value> {
        columns.iter().map(|both| (both.0.to_owned(), plain(both.0, row.pointer(&place(both))))).collect()
    };
    let mut picked: Vec<String> = rows.iter().map(|one| Value::Object(row(one)).to_string()).collect();
    picked.sort();
    picked
}

/// Flags as numbers, instants to the second without the signs in which the three ways to write one differ.
fn plain(column: &str, value: Option<&Value>) -> Value {
    match value {
        Some(Value::Bool(flag)) => Value::from(u8::from(*flag)),
        Some(Value::String(text)) if column.ends_with("_at") => {
            Value::from(text.chars().take("2026-07-31 14:05:09".len()).collect::<String>().replace('T', " "))
        }
        other => other.cloned().unwrap_or(Value::Null),
    }
}

/// The rows of a view in a SQLite file.
pub fn rows_of_file(path: &Path, view: &str) -> Vec<Value> {
    let file = rusqlite::Connection::open(path).expect("a database");
    let mut statement = file.prepare(&format!("SELECT * FROM {view}")).expect("a view");
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let row = |row: &rusqlite::Row<'_>| -> rusqlite::Result<Value> {
        let cells = columns.iter().map(|column| Ok((column.clone(), value(row.get(column.as_str())?))));
        Ok(Value::Object(cells.collect::<rusqlite::Result<_>>()?))
    };
    statement.query_map([], row).expect("an answer").collect::<rusqlite::Result<_>>().expect("rows")
}

fn value(held: rusqlite::types::Value) -> Value {
    match held {
        rusqlite::types::Value::Null => Value::Null,
        rusqlite::types::Value::Integer(number) => number.into(),
        rusqlite::types::Value::Text(text) => text.into(),
        other => panic!("{other:?} has no place in a view"),
    }
}
