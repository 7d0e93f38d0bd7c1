//! What passes between a platform and its connected accounts: transfers and reversals, application fees and their refunds, and
//! what the platform sets aside for accounts that owe.

mod cover;
mod flows;
mod legs;
mod objects;
mod refunds;

pub(super) use cover::cover;

use super::{
    fees,
    merchant::{Cast, Merchant},
    rows::{DAY, Txn},
    sales::{ApplicationFee, Sales, Span},
};
use crate::{
    catalog::{ObjectKind, StripeObject},
    options::{Options, SimError},
    random::Random,
};
use objects::{Fee, Transfer};

/// The platform's place among the merchants.
const PLATFORM: usize = 0;

/// A platform at work: both sides of everything are booked at once, in `sales`, one for each merchant.
struct Platform<'a> {
    seed: u64,
    cast: &'a Cast,
    span: Span,
    sales: &'a mut [Sales],
    /// How many accounts are connected.
    connected: usize,
    random: Random,
    transfers: Vec<Transfer>,
    reversals: u32,
    fees: Vec<Fee>,
    fee_refunds: u32,
}

/// Books what passes between the accounts. `direct` are the fees of the accounts' own charges, with their txns at the platform.
pub(super) fn connect(
    options: &Options,
    cast: &Cast,
    sales: &mut [Sales],
    direct: &[(ApplicationFee, u32)],
    span: Span,
) -> Result<(), SimError> {
    let random = Random::new(options.seed, "connect", 0);
    let (transfers, fees) = (Vec::new(), Vec::new());
    let connected = cast.connected();
    let mut platform =
        Platform { seed: options.seed, cast, span, sales, connected, random, transfers, reversals: 0, fees, fee_refunds: 0 };
    platform.direct_fees(direct);
    platform.direct_refunds()?;
    if connected > 0 {
        platform.pass_on()?;
        platform.refund_passed_on()?;
        platform.change_minds()?;
    }
    platform.finish();
    Ok(())
}

impl Platform<'_> {
    fn merchant(&self, place: usize) -> Result<&Merchant, SimError> {
        self.cast.merchants.get(place).ok_or(SimError::Amount("an account"))
    }

    fn book(&mut self, place: usize, row: Txn) -> u32 {
        self.sales.get_mut(place).map(|sales| sales.book(row)).unwrap_or_default()
    }

    /// The day's rate from one currency to another, and what `amount` becomes.
    fn convert(&self, amount: i64, at: i64, from: money::Currency, to: money::Currency) -> Result<(u64, i64), SimError> {
        let rate = fees::rate(self.seed, at.div_euclid(DAY), from, to);
        Ok((rate, fees::convert(amount, from, to, rate)?))
    }

    /// Hands the objects over to the platform's account.
    fn finish(self) {
        let Some(merchant) = self.cast.merchants.get(PLATFORM) else { return };
        let Some(sales) = self.sales.get_mut(PLATFORM) else { return };
        let stamp = &merchant.stamp;
        let reversals: Vec<_> = self.transfers.iter().flat_map(|transfer| transfer.reversals.clone()).collect();
        let refunds: Vec<_> = self.fees.iter().flat_map(|fee| fee.refunds.clone()).collect();
        let made = [
            (ObjectKind::TransferReversal, StripeObject::all(stamp, reversals)),
            (ObjectKind::FeeRefund, StripeObject::all(stamp, refunds)),
            (ObjectKind::Transfer, StripeObject::all(stamp, self.transfers)),
            (ObjectKind::ApplicationFee, StripeObject::all(stamp, self.fees)),
        ];
        sales.others.extend(made);
    }
}
