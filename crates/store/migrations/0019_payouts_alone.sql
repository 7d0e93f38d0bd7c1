-- What a payout said when it was last judged, where it says something else now: which fields have changed decides whether its
-- deposit is to be matched again. The columns are those of payout.
CREATE TABLE payout_before (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    arrives_on TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    status TEXT NOT NULL,
    automatic SMALLINT NOT NULL,
    method TEXT NOT NULL,
    reconciliation_status TEXT NOT NULL,
    own_txn TEXT,
    failure_txn TEXT,
    failure_code TEXT,
    destination TEXT,
    statement_descriptor TEXT,
    description TEXT,
    trace_status TEXT,
    trace_value TEXT,
    original_payout TEXT,
    reversed_by TEXT,
    PRIMARY KEY (account, id)
);

-- What is open of one account, without a look at all others'.
CREATE INDEX exception_open ON exception (account, id) WHERE resolved_at IS NULL;
