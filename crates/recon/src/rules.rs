//! What a merchant's policy decides about judging payouts.

/// The policy. There is no `Default`: whoever plans says what holds; [`Rules::standard`] is what Tieout ships with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Business days after `arrives_on` before a payout that is not at the bank is missing.
    pub grace_days: u32,
    /// How many business days before `arrives_on` a deposit may be booked.
    pub early_days: i32,
    /// How many business days after `arrives_on` a deposit may be booked and still be accepted on amount and text.
    pub window_days: i32,
    /// How many business days after `arrives_on` a deposit is still looked for; what is found so late is proposed.
    pub late_days: i32,
    /// The most a bank is thought to take off a deposit as its fee, in hundredths of a percent of the payout.
    pub bank_fee_basis_points: i64,
    /// The most a bank is thought to take off as a fixed fee, in major units of the payout's currency (in hundreds for
    /// currencies without decimals).
    pub bank_fee_major: i64,
    /// The most by which a deposit may be larger than its payout without a reference that proves it, in the same units: a
    /// bank's rounding, nothing more.
    pub excess_major: i64,
}

impl Rules {
    /// What Tieout ships with.
    ///
    /// The window of −1 to +5 business days and the grace of 3 follow from banks posting 0 to 3 business days around the
    /// arrival date, a holiday or two included.
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            grace_days: 3,
            early_days: 1,
            window_days: 5,
            late_days: 15,
            bank_fee_basis_points: 200,
            bank_fee_major: 50,
            excess_major: 1,
        }
    }
}
