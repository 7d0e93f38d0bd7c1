//! docs/ACCURACY.md.

use std::fmt::Write;

use super::score::Score;

/// Adds the row of one kind of world.
pub(super) fn write_row(table: &mut String, name: &str, [seeds, days, accounts]: [u64; 3], score: &Score) {
    let Score {
        payouts,
        compositions_right,
        tellable,
        found,
        accepted,
        wrong,
        untellable,
        untellable_open,
        likely,
        likely_claimed,
        planted,
        named,
        ..
    } = score;
    writeln!(
        table,
        "| {name} | {seeds} × {days} × {accounts} | {payouts} | {compositions_right} | {tellable} | {} | {} | {wrong} | {untellable_open} of {untellable} | {likely_claimed} of {likely} | {named} of {planted} | {} | {} of {} | {} of {} |",
        percent(*found, *tellable),
        percent(*accepted, *tellable),
        score.false_exceptions,
        score.balances_equal,
        score.balances,
        score.buckets_equal,
        score.balances,
    )
    .expect("a string takes all");
}

fn percent(part: u64, whole: u64) -> String {
    let tenths = part * 1000 / whole.max(1);
    format!("{part} ({}.{} %)", tenths / 10, tenths % 10)
}

/// Writes the page around the rows.
pub(super) fn write_page(table: &str) {
    let today = jiff::Zoned::now().date();
    let page = format!(
        "# Accuracy\n\nMade by `./campaign accuracy` on {today}: every answer compared with the \
         simulator's `truth.json`.\n\n\
         | worlds | seeds × days × accounts | payouts | compositions right | deposits that can be told | found | accepted | wrong | \
         cannot be told: read ambiguous or group | likely, not sure: claimed, rightly | planted exceptions named | false exceptions | balances equal | buckets equal |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n{table}\n\
         *Found*: matched or proposed on exactly the true lines, with the true difference. *Accepted*: matched without a person. *Wrong*: \
         matched or proposed on any other line. *Stripe fails*: 15 % of its answers are 429, 5xx, resets or cut off. *Clean* to *hardened* are the \
         simulator's difficulties, which turn its banks too ([SIMULATOR.md](SIMULATOR.md)); *rich* is a merchant who uses everything.\n\n\
         *Can be told*: the simulator knows by which law its banks book, and weighs every consistent reading of the payouts and lines \
         of one amount. All other readings together under one in ten thousand: it can be told. At least one in a hundred: it cannot, \
         and a claim on one line is a guess: none in the usual worlds, at most one in a hundred in the harder ones. Between the two, leaving it open is honest and \
         claiming the true line is right.\n\n\
         *Planted exceptions named*: all in the usual worlds, at least 99 of a hundred in the harder ones, where the simulator knows the \
         fees that its banks take now and then, and a reader cannot.\n\n\
         What these worlds do not have: bank holidays by country, currencies converted by the bank, statements with missing days, and any \
         habit that their maker did not think of. The bounds are asserted by the campaign itself; a world that breaks one becomes a story.\n"
    );
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ACCURACY.md"), page).expect("docs/ACCURACY.md");
}
