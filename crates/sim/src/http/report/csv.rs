//! A report as CSV text, line by line.

use std::collections::BTreeMap;

use money::{Amount, Currency};

use super::super::index::AccountView;
use super::columns::{self, Cell, Row};
use super::kinds::{Detail, Subject};
use super::ledger::Ledger;
use super::order::Order;

/// Count, gross, fee and net of the rows of one category; minor units.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: u64,
    gross: i64,
    fee: i64,
    net: i64,
}

/// What the balance report tells of one currency; minor units.
#[derive(Clone, Copy, Default)]
struct RollForward {
    starting: i64,
    activity: i64,
    /// Positive when money left.
    payouts: i64,
}

/// Writes the report that was ordered, as `account` shows the world. Each line ends in a line feed.
pub(super) fn write(account: AccountView<'_>, order: &Order, line: &mut dyn FnMut(&str)) {
    let ledger = Ledger::new(account);
    let headers: Vec<String> = order.columns.iter().map(|column| field(column)).collect();
    line(&joined(&headers));
    match (order.kind.subject, order.kind.detail) {
        (Subject::Balance, _) => balance(&ledger, order, line),
        (_, Detail::Summary) => summary(&ledger, order, line),
        (_, Detail::Itemized) => itemized(&ledger, order, line),
    }
}

fn rows<'a>(ledger: &'a Ledger<'_>, order: &'a Order) -> Box<dyn Iterator<Item = Row<'a>> + 'a> {
    let all: Box<dyn Iterator<Item = Row<'a>> + 'a> = match order.kind.subject {
        Subject::Balance | Subject::Activity => Box::new(ledger.activity(order.start, order.end)),
        Subject::Payouts => Box::new(ledger.payouts(order.start, order.end)),
        Subject::PayoutReconciliation => Box::new(ledger.settled(order.start, order.end)),
        Subject::OnePayout => Box::new(ledger.settled_in_one(&order.payout)),
        Subject::EndingBalance => Box::new(ledger.unsettled(order.end)),
    };
    Box::new(all.filter(|row| {
        order.currency.is_none_or(|currency| currency == row.txn.currency)
            && order.category.as_ref().is_none_or(|category| *category == row.txn.category)
    }))
}

fn itemized(ledger: &Ledger<'_>, order: &Order, line: &mut dyn FnMut(&str)) {
    let cells: Vec<Cell> = order.columns.iter().filter_map(|name| columns::cell(order.kind.subject, name)).collect();
    for row in rows(ledger, order) {
        let fields: Vec<String> = cells.iter().map(|cell| field(&cell.write(&row, &order.zone))).collect();
        line(&joined(&fields));
    }
}

fn summary(ledger: &Ledger<'_>, order: &Order, line: &mut dyn FnMut(&str)) {
    let mut all: BTreeMap<(Currency, String), Sums> = BTreeMap::new();
    for Row { txn, .. } in rows(ledger, order) {
        let sums = all.entry((txn.currency, txn.category)).or_default();
        // The world's own sums fit 64 bits, and with them every part of them that a merchant can reach.
        sums.count = sums.count.saturating_add(1);
        sums.gross = sums.gross.saturating_add(txn.gross);
        sums.fee = sums.fee.saturating_add(txn.fee);
        sums.net = sums.net.saturating_add(txn.net);
    }
    for ((currency, category), sums) in all {
        let major = |minor: i64| Amount::new(minor, currency).to_major();
        let value = |column: &String| match column.as_str() {
            "reporting_category" => field(&category),
            "currency" => currency.to_string(),
            "count" => sums.count.to_string(),
            "gross" => major(sums.gross),
            "fee" => major(sums.fee),
            _ => major(sums.net),
        };
        line(&joined(&order.columns.iter().map(value).collect::<Vec<String>>()));
    }
}

fn balance(ledger: &Ledger<'_>, order: &Order, line: &mut dyn FnMut(&str)) {
    let mut all: BTreeMap<Currency, RollForward> = BTreeMap::new();
    for row in ledger.activity(i64::MIN, order.end) {
        let sums = all.entry(row.txn.currency).or_default();
        let part = if row.effective_at < order.start { &mut sums.starting } else { &mut sums.activity };
        *part = part.saturating_add(row.txn.net);
    }
    for row in ledger.payouts(i64::MIN, order.end) {
        let sums = all.entry(row.txn.currency).or_default();
        if row.effective_at < order.start {
            sums.starting = sums.starting.saturating_sub(row.txn.net);
        } else {
            sums.payouts = sums.payouts.saturating_add(row.txn.net);
        }
    }
    let opening = format!("Starting balance ({})", order.zone.day(order.start));
    let closing = format!("Ending balance ({})", order.zone.day(order.end.saturating_sub(1)));
    for (currency, sums) in all.into_iter().filter(|(currency, _)| order.currency.is_none_or(|asked| asked == *currency)) {
        let ending = sums.starting.saturating_add(sums.activity).saturating_sub(sums.payouts);
        let told = [
            ("starting_balance", opening.as_str(), sums.starting),
            ("activity", "Activity", sums.activity),
            ("payouts", "Total payouts", sums.payouts),
            ("ending_balance", closing.as_str(), ending),
        ];
        for (category, description, minor) in told {
            let value = |column: &String| match column.as_str() {
                "category" => category.to_owned(),
                "currency" => currency.to_string(),
                "description" => description.to_owned(),
                _ => Amount::new(minor, currency).to_major(),
            };
            line(&joined(&order.columns.iter().map(value).collect::<Vec<String>>()));
        }
    }
}

fn joined(fields: &[String]) -> String {
    let mut line = fields.join(",");
    line.push('\n');
    line
}

/// A field, quoted where it has to be (RFC 4180).
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_only_where_it_has_to_be() {
        assert_eq!(field("STRIPE PAYOUT"), "STRIPE PAYOUT");
        assert_eq!(field("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
