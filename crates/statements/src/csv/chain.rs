//! Whether each balance is the one before plus the amount.

use facts::BankLine;
use money::Amount;

use crate::error::{ReadError, Trouble};

/// The balances before the first and after the last line, in time's order.
pub(crate) type Ends = Option<(i64, i64)>;

/// Checks the running balance in either order of rows. Lines without a balance are summed up to the next one that has it.
///
/// # Errors
/// [`Trouble::Balance`] naming the first line at which the better of the two orders breaks.
pub(crate) fn check(lines: &[BankLine], at: &[u64]) -> Result<Ends, ReadError> {
    let forward = walk(&mut lines.iter().zip(at));
    let backward = walk(&mut lines.iter().zip(at).rev());
    match (forward, backward) {
        (Ok(ends), _) | (_, Ok(ends)) => Ok(ends),
        (Err(ahead), Err(behind)) => Err(broken(if behind.good > ahead.good { behind } else { ahead }, lines)),
    }
}

struct Break {
    good: usize,
    line: u64,
    expected: i64,
    found: i64,
}

fn walk(lines: &mut dyn Iterator<Item = (&BankLine, &u64)>) -> Result<Ends, Break> {
    let mut ends: Ends = None;
    let mut unsettled: i64 = 0;
    let mut good = 0;
    for (line, &at) in lines {
        unsettled = unsettled.saturating_add(line.amount.minor());
        let Some(balance) = line.balance_after_minor else { continue };
        ends = match ends {
            None => Some((balance.saturating_sub(unsettled), balance)),
            Some((opening, before)) => {
                let expected = before.saturating_add(unsettled);
                if expected != balance {
                    return Err(Break { good, line: at, expected, found: balance });
                }
                good += 1;
                Some((opening, balance))
            }
        };
        unsettled = 0;
    }
    Ok(ends.map(|(opening, last)| (opening, last.saturating_add(unsettled))))
}

fn broken(at: Break, lines: &[BankLine]) -> ReadError {
    let written = |minor: i64| {
        lines.first().map_or_else(|| minor.to_string(), |line| Amount::new(minor, line.amount.currency()).to_major())
    };
    ReadError::new(Trouble::Balance, format!("a balance of {}", written(at.found)), format!("{}, the balance beside it and the amount", written(at.expected)))
        .line(at.line)
        .field("balance")
        .hint("a line is missing, doubled or altered; export the file again, or leave the balance out of the profile if the bank sorts lines differently")
}
