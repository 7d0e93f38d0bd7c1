//! What a piece of work cost: processor time of this process and of children that ended, and the largest child's memory.

use std::time::Duration;

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// Processor time of this process so far.
pub fn own_cpu() -> Duration {
    cpu(&usage(UsageWho::RUSAGE_SELF))
}

/// Processor time of all children that have ended so far.
pub fn children_cpu() -> Duration {
    cpu(&usage(UsageWho::RUSAGE_CHILDREN))
}

/// Peak memory of the largest child that has ended so far, in MiB.
pub fn largest_child_mib() -> i64 {
    usage(UsageWho::RUSAGE_CHILDREN).max_rss() / 1024
}

/// `part` in hundredths of `whole`, as text.
pub fn ratio(part: Duration, whole: Duration) -> String {
    let hundredths = part.as_micros() * 100 / whole.as_micros().max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Seconds with two decimals, as text.
pub fn seconds(time: Duration) -> String {
    format!("{}.{:02} s", time.as_secs(), time.subsec_millis() / 10)
}

fn usage(who: UsageWho) -> Usage {
    getrusage(who).expect("the kernel counts")
}

fn cpu(usage: &Usage) -> Duration {
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(micros.unsigned_abs())
}
