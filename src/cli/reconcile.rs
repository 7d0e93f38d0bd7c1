//! `tieout reconcile`: judge every payout against its txns and the bank.

use std::io::Write;

use facts::{Class, DepositState, PayoutVerdict};
use jiff::civil::Date;
use serde::Serialize;

use super::{print, progress};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::reconcile::{ReconcileReport, ReconcileRequest, reconcile};
use crate::outside::Outside;

/// `tieout reconcile`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Add up every transaction again, also where nothing has changed since it was added up
    #[arg(long, conflicts_with = "dry_run")]
    recount: bool,
    /// End with exit code 3 when an exception is open or a match waits for a person
    #[arg(long, value_name = "WHAT", value_enum)]
    fail_on: Option<FailOn>,
}

/// What makes `reconcile` end with [`Exit::Difference`].
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FailOn {
    /// An open exception, or a match that waits for a person.
    Difference,
}

/// Runs it.
///
/// # Errors
/// The job's own, or stdout that cannot be written.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let mut line = progress(config, "reconcile");
    line.set(0, None, "judging every payout");
    let report = reconcile(outside, config, ReconcileRequest { dry_run: args.dry_run, recount: args.recount, ..ReconcileRequest::default() })?;
    line.finish();
    let view = ReconcileView::of(&report);
    print(|output| {
        if config.json {
            return Ok(output.json(&view)?);
        }
        let would = if args.dry_run { " would change (dry run)" } else { " changed" };
        writeln!(output, "Judged {} payouts as of {}: {} found at the bank, {} proposed, {} ambiguous, {} awaiting, {} missing, {} failed.",
            view.payouts, view.today_on, view.matched, view.proposed, view.ambiguous, view.awaiting, view.missing, view.failed)?;
        writeln!(output, "{} verdicts{would}; {} exceptions opened, {} resolved; {} open.",
            view.verdicts_changed, view.exceptions_opened, view.exceptions_resolved, view.exceptions_open)?;
        match view.awaiting_without_statement {
            0 => {}
            1 => writeln!(output, "1 of the awaited is due on days of which no statement was read: tieout doctor")?,
            some => writeln!(output, "{some} of the awaited are due on days of which no statement was read: tieout doctor")?,
        }
        if view.exceptions_open > 0 {
            writeln!(output, "Next: tieout exception list")?;
        }
        Ok(())
    })?;
    match args.fail_on {
        Some(FailOn::Difference) if view.exceptions_open + view.proposed > 0 => Ok(Exit::Difference),
        Some(FailOn::Difference) | None => Ok(Exit::Fine),
    }
}

/// What `reconcile --json` prints.
#[derive(Serialize)]
struct ReconcileView {
    today_on: String,
    dry_run: bool,
    payouts: usize,
    matched: usize,
    proposed: usize,
    ambiguous: usize,
    awaiting: usize,
    /// Of these, due on days of which no statement was read.
    awaiting_without_statement: usize,
    missing: usize,
    failed: usize,
    verdicts_changed: usize,
    exceptions_opened: usize,
    exceptions_resolved: usize,
    exceptions_open: usize,
    true_exceptions_open: usize,
}

/// Whether nobody could look for it.
fn is_without_statement(verdict: &PayoutVerdict, today: Date) -> bool {
    let deposit = &verdict.deposit;
    deposit.state == DepositState::Awaiting && deposit.covered_until_on.is_none() && deposit.due_on < today
}

impl ReconcileView {
    fn of(report: &ReconcileReport) -> Self {
        let outcomes = &report.outcomes;
        let count = |state| outcomes.verdicts.iter().filter(|verdict| verdict.deposit.state == state).count();
        Self {
            today_on: report.today.to_string(),
            dry_run: report.applied.is_none(),
            payouts: outcomes.verdicts.len(),
            matched: count(DepositState::Matched),
            proposed: count(DepositState::Proposed),
            ambiguous: count(DepositState::Ambiguous),
            awaiting: count(DepositState::Awaiting),
            awaiting_without_statement: outcomes.verdicts.iter().filter(|one| is_without_statement(one, report.today)).count(),
            missing: count(DepositState::Missing),
            failed: count(DepositState::Failed),
            verdicts_changed: report.plan.verdicts.len(),
            exceptions_opened: report.plan.exceptions_open.len(),
            exceptions_resolved: report.plan.exceptions_resolved.len(),
            exceptions_open: outcomes.exceptions.len(),
            true_exceptions_open: outcomes.exceptions.iter().filter(|open| open.class == Class::True).count(),
        }
    }
}
