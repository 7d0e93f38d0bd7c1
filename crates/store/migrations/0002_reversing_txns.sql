-- Txns that say something came back: few, and asked for by every sync.
CREATE INDEX txn_reversing ON txn (account, source) WHERE kind IN ('payout_failure', 'payout_cancel', 'refund_failure');
