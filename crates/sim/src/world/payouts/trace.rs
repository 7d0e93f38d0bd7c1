//! The bank's reference of a payout.

use super::{
    super::{
        calendar::midnight,
        merchant::TraceStyle,
        rows::{PayoutKind, Trace},
    },
    Treasury,
};

/// Days after arrival at which the bank's reference of a payout is known, and the few for which it takes longer.
const TRACE_DAYS: i64 = 4;
const TRACE_DAYS_LATE: i64 = 10;

impl Treasury<'_> {
    /// The bank's reference, and when Stripe knows it.
    pub(super) fn trace(&mut self, arrival: i64, kind: PayoutKind) -> (Trace, i64) {
        self.trace_count += 1 + self.random.below(50_000);
        let late = self.random.chance(40);
        let known = midnight(arrival + if late { TRACE_DAYS_LATE } else { TRACE_DAYS });
        let trace = if self.stream.trace == TraceStyle::Unsupported || kind == PayoutKind::Instant {
            Trace::Unsupported
        } else if self.stream.trace == TraceStyle::Ach {
            Trace::Supported(format!("0910{:04}{:07}", self.merchant.index % 10_000, self.trace_count % 10_000_000))
        } else {
            Trace::Supported(format!("010F{:04}{:08}", self.merchant.index % 10_000, self.trace_count % 100_000_000))
        };
        (trace, known)
    }
}
