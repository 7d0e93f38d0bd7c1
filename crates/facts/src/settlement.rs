//! Which money must have been paid out by now.

use jiff::Timestamp;
use jiff::civil::Date;
use money::Currency;

use crate::AccountId;

/// Which txns of an account and currency must be in a payout by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementWindow {
    /// Whose.
    pub account: AccountId,
    /// In which currency.
    pub currency: Currency,
    /// Created after this instant, a whole second: what an earlier payout took that is not itemised, nobody knows.
    pub created_after: Option<Timestamp>,
    /// Available on this day or before.
    pub available_until: Date,
    /// Those available on this day or before were overtaken by a later payout; `None` where none was.
    pub overtaken_until: Option<Date>,
    /// When the last automatic payout was made.
    pub last_payout_on: Date,
}
