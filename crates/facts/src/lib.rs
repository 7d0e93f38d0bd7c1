//! What Stripe, a bank and a person told us, and what we concluded, as plain data without behaviour.
//!
//! Every other crate speaks in these words; docs/GLOSSARY.md explains them. Nothing here computes: facts are made by the
//! adapters, conclusions by `recon`.

pub mod bank;
pub mod export;
pub mod ids;
pub mod legs;
pub mod object;
pub mod outcome;
pub mod refusal;
pub mod settlement;
pub mod stripe;
pub mod txn_types;

pub use bank::{BankAccount, BankLine, Coverage, Reach, Route, StatementSpan};
pub use export::{ExportedPayout, ExportedTxn};
pub use ids::{
    AccountId, BadId, BankAccountName, BankLineId, ChargeId, DestinationId, DisputeId, ExceptionId, MatchId, PayoutId, RefundId,
    TxnId,
};
pub use object::{Cell, Fact, Object, ObjectKind, Parts, Value};
pub use outcome::{
    Allocation, Bucket, Class, Composition, CompositionState, Decider, Deposit, DepositState, Evidence, Exception, ExceptionCode,
    Match, MatchKind, MatchState, PayoutVerdict, Subject,
};
pub use refusal::RefusalCause;
pub use settlement::SettlementWindow;
pub use stripe::{
    Account, AccountKind, Balance, Charge, Dispute, Metadata, Mode, Payout, PayoutStatus, ReconciliationStatus, Refund,
    SourceRef, TraceId, Txn, TxnStatus,
};
