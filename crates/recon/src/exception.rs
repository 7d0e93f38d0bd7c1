//! Every way the sides can disagree: its class, its title and its remedy.

use facts::{Class, ExceptionCode, ExceptionId, RefusalCause, Subject};

/// Expected variance or true exception. Until evidence teaches better, the class follows from the code alone.
#[must_use]
pub const fn class_of(code: ExceptionCode) -> Class {
    match code {
        // Stripe itself says so and the money is back on the balance.
        ExceptionCode::PayoutFailed => Class::Expected,
        ExceptionCode::PayoutGap
        | ExceptionCode::DepositMissing
        | ExceptionCode::DepositShort
        | ExceptionCode::DepositOver
        | ExceptionCode::DepositUnknown
        | ExceptionCode::DepositAmbiguous
        | ExceptionCode::DepositReturned
        | ExceptionCode::SettlementMissing
        | ExceptionCode::LegMissing
        | ExceptionCode::LegDiffers
        | ExceptionCode::TypeUnknown
        | ExceptionCode::BalanceDrift
        | ExceptionCode::FactRefused => Class::True,
    }
}

/// The code in plain words, as a heading.
#[must_use]
pub const fn title_of(code: ExceptionCode) -> &'static str {
    match code {
        ExceptionCode::PayoutGap => "Payout is not the sum of its transactions",
        ExceptionCode::PayoutFailed => "Payout failed or was cancelled",
        ExceptionCode::DepositMissing => "Payout is not at the bank",
        ExceptionCode::DepositShort => "Less arrived than was paid out",
        ExceptionCode::DepositOver => "More arrived than was paid out",
        ExceptionCode::DepositUnknown => "Stripe deposit that no payout explains",
        ExceptionCode::DepositAmbiguous => "Several bank lines could be this payout",
        ExceptionCode::DepositReturned => "Payout arrived and was sent back",
        ExceptionCode::SettlementMissing => "Available money that no payout took",
        ExceptionCode::LegMissing => "Money between two accounts with one side missing",
        ExceptionCode::LegDiffers => "Money between two accounts with sides that differ",
        ExceptionCode::TypeUnknown => "Transactions of a type that is not understood",
        ExceptionCode::BalanceDrift => "Transactions do not add up to Stripe's balance",
        ExceptionCode::FactRefused => "Stripe sent an object that contradicts itself",
    }
}

/// What to do about it.
#[must_use]
pub const fn remedy_of(code: ExceptionCode) -> &'static str {
    match code {
        ExceptionCode::PayoutGap => {
            "Run `tieout sync --full`, then `tieout reconcile`. If the gap stays, ask Stripe about this payout and name the amount."
        }
        ExceptionCode::PayoutFailed => {
            "Correct the bank details at Stripe if the failure names them; the money is back on the balance and leaves with a later payout."
        }
        ExceptionCode::DepositMissing => {
            "Check that the statement of the right bank account is imported for these days; then ask the bank with the trace id, or Stripe with the payout id."
        }
        ExceptionCode::DepositShort => {
            "If the difference is a bank fee, post it as one; otherwise ask the bank what was taken off, naming the line's reference."
        }
        ExceptionCode::DepositOver => {
            "Look for a second payout or another deposit in the same line; ask the bank what the line is made of."
        }
        ExceptionCode::DepositUnknown => {
            "Sync every Stripe account that pays into this bank account, then reconcile; if it stays, ask Stripe which payout the line is."
        }
        ExceptionCode::DepositAmbiguous => {
            "Compare the rivals listed with it; a trace id at Stripe or a reference at the bank tells them apart."
        }
        ExceptionCode::DepositReturned => {
            "Correct the bank details at Stripe; check that the amount is back on the Stripe balance."
        }
        ExceptionCode::SettlementMissing => {
            "Run `tieout sync`; if it stays, look in Stripe's dashboard whether payouts are paused, and ask Stripe why these transactions were left out."
        }
        ExceptionCode::LegMissing => {
            "Run `tieout sync --full --account ID` for the connected account, then `tieout reconcile`; if it stays, ask Stripe where the money is, naming both ids."
        }
        ExceptionCode::LegDiffers => {
            "Compare both objects in Stripe's dashboard; if they differ there too, ask Stripe, naming both ids and the difference."
        }
        ExceptionCode::TypeUnknown => {
            "Look the type up in Stripe's list of balance transaction types before you book it, and see whether a newer Tieout knows it."
        }
        ExceptionCode::BalanceDrift => {
            "Run `tieout sync --full`. If the drift stays, compare with Stripe's balance report for the same day."
        }
        ExceptionCode::FactRefused => {
            "See what is wrong with it and what to do by `tieout refusal list`; it is kept and counted nowhere."
        }
    }
}

/// What to do about an object of Stripe's that could not be taken.
#[must_use]
pub const fn remedy_of_refusal(cause: RefusalCause) -> &'static str {
    match cause {
        RefusalCause::MissingField => {
            "Run `tieout doctor`: a key without a permission gets objects with less in them. If it has all of them, look at the object in Stripe's dashboard and ask Stripe, naming the request id; then run `tieout sync --full`."
        }
        RefusalCause::BadField => {
            "See that nothing stands between Tieout and Stripe that changes answers, such as a proxy or a recording; then run `tieout sync --full`. If it stays, report the object and its request id to Stripe."
        }
        RefusalCause::BadId => {
            "See that STRIPE_API_BASE is Stripe's own address, and that no proxy changes answers; then run `tieout sync --full`. If it stays, report it to Stripe with the request id."
        }
        RefusalCause::UnknownCurrency => {
            "Look at the object's currency in Stripe's dashboard; if it is a code of three letters there, something between Tieout and Stripe has changed it. Mend that, and run `tieout sync --full`."
        }
        RefusalCause::Contradicts => {
            "Compare amount, fee and net in Stripe's dashboard; if they do not agree there either, report it to Stripe with the request id. It is counted nowhere until then; `tieout sync --full` reads it again."
        }
        RefusalCause::NotAnObject => {
            "See that STRIPE_API_BASE is an address of Stripe's API, and that nothing answers in its place; then run `tieout sync --full`."
        }
        RefusalCause::ClaimedTwice => {
            "Compare both payouts in Stripe's dashboard and ask Stripe which of them holds the txn; it is counted in the one that listed it first. `tieout sync --full` reads both lists again."
        }
    }
}

/// The id of the exception with this code about this subject: the same disagreement keeps its id.
pub(crate) fn exception_id(code: ExceptionCode, subject: &Subject) -> Option<ExceptionId> {
    ExceptionId::parse(&cut(format!("{}:{}", code.as_str(), subject.id))).ok()
}

/// Ids are held to [`facts::ids::ID_BYTES_MAX`]; a longer one, which Stripe does not promise to exist, is cut.
pub(crate) fn cut(mut text: String) -> String {
    let mut end = facts::ids::ID_BYTES_MAX.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}
