//! What is forgotten once it is old: runs of schedules, messages, and what deliveries and reconciliations have left.

use jiff::{SignedDuration, Timestamp};
use store::Store;

use crate::exit::Failure;
use crate::views::load::store_failure;

/// How often what is old is looked for.
pub const FORGET_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Forgets what was over `days` before `now`.
///
/// # Errors
/// Those of the database.
pub fn forget_old(store: &mut Store, days: u32, now: Timestamp) -> Result<(), Failure> {
    let Ok(before) = now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))) else { return Ok(()) };
    let runs = store.forget_scheduled_runs(before).map_err(store_failure)?;
    let messages = store.forget_messages(before).map_err(store_failure)?;
    let others = store.forget_runs(before).map_err(store_failure)?;
    if runs + messages + others > 0 {
        tracing::info!("forgotten after {days} days: {runs} runs of schedules, {messages} messages, {others} other runs");
    }
    Ok(())
}
