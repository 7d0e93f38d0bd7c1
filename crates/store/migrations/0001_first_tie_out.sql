-- The schema of the first tie-out.
--
-- Conventions, for every table:
--   *_minor   money: a count of minor units (cents, yen, fils) of the currency beside it; signed as the column says
--   currency  three lower-case letters
--   *_on      a calendar day, ISO text (2026-07-03)
--   *_at      an instant. Stripe's (created_at of its objects): unix seconds, UTC, the precision in which Stripe gives them.
--             Ours (all others): unix microseconds, UTC
--   flags     0 or 1
--   version   SHA-256 of the bytes that the row was made from: object_version.hash
-- Lists without a table of their own are JSON arrays in TEXT.

-- One row: what holds for the whole database.
CREATE TABLE meta (
    one SMALLINT NOT NULL PRIMARY KEY CHECK (one = 1),
    mode TEXT,                          -- live or test; NULL until the first key is seen; never changes after
    revision BIGINT NOT NULL            -- counts the transactions of sync and import that changed something
);
INSERT INTO meta (one, mode, revision) VALUES (1, NULL, 0);

-- One execution of a job.
CREATE TABLE run (
    id BIGINT NOT NULL PRIMARY KEY,     -- counts up
    job TEXT NOT NULL,                  -- sync, import, reconcile
    started_at BIGINT NOT NULL,
    ended_at BIGINT,                    -- NULL while it runs, or when its process died
    state TEXT NOT NULL,                -- running, done, incomplete, failed
    summary TEXT NOT NULL               -- JSON
);

-- One distinct version of one of Stripe's objects, as its own bytes.
CREATE TABLE object_version (
    hash BLOB NOT NULL,                 -- SHA-256 of raw
    account TEXT NOT NULL,              -- whose object
    kind TEXT NOT NULL,                 -- account, balance, txn, payout, charge, refund, dispute
    object_id TEXT NOT NULL,
    raw BLOB NOT NULL,                  -- the bytes as they stood in the page
    PRIMARY KEY (hash, account)
);

-- One distinct answer to one request: which objects it listed, in which order.
CREATE TABLE page (
    account TEXT NOT NULL,
    request TEXT NOT NULL,              -- path and query, without the host
    body_hash BLOB NOT NULL,            -- SHA-256 of the whole answer
    kind TEXT NOT NULL,
    request_id TEXT,                    -- Stripe's Request-Id of the first such answer
    fetched_at BIGINT NOT NULL,         -- when it was first read
    object_ids TEXT NOT NULL,           -- JSON array of ids, in the page's order
    PRIMARY KEY (account, request, body_hash)
);

-- How far the walk through one account's objects of one kind got.
CREATE TABLE walk (
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    since_at BIGINT,                    -- created[gte] of the walk; NULL: all history
    after_id TEXT,                      -- cursor: the last id read
    complete SMALLINT NOT NULL,         -- 1: it reached the end
    complete_until_at BIGINT,           -- started_at of the last walk that reached the end
    PRIMARY KEY (account, kind)
);

-- A Stripe account, own or connected.
CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    version BLOB NOT NULL,
    kind TEXT NOT NULL,                 -- own or connected
    country TEXT,
    default_currency TEXT,
    time_zone TEXT,                     -- IANA name
    display_name TEXT,
    synced_at BIGINT                    -- beginning of the last complete sync; NULL before the first
);

-- A balance transaction: one movement of a Stripe balance.
CREATE TABLE txn (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    currency TEXT NOT NULL,             -- settlement currency
    amount_minor BIGINT NOT NULL,       -- gross; positive raises the balance
    fee_minor BIGINT NOT NULL,          -- positive when charged
    net_minor BIGINT NOT NULL,          -- amount less fee
    kind TEXT NOT NULL,                 -- Stripe's type
    reporting_category TEXT NOT NULL,
    status TEXT NOT NULL,               -- available, pending
    balance_type TEXT NOT NULL,         -- payments unless Stripe says otherwise
    created_at BIGINT NOT NULL,         -- unix seconds
    available_on TEXT NOT NULL,
    description TEXT,
    source TEXT,                        -- id of the object behind it
    source_object TEXT,                 -- its kind in Stripe's word, where it came expanded
    exchange_rate TEXT,                 -- decimal text as Stripe wrote it; NULL: nothing was converted
    payout TEXT,                        -- the payout whose list names this txn
    payout_reading BIGINT,              -- payout.member_reading + 1 when that list last named it
    PRIMARY KEY (id, account)
);
-- Answers every sum without touching the rows: what a payout holds, what an account holds.
CREATE INDEX txn_by_payout ON txn (account, payout, currency, balance_type, net_minor);
-- The order in which txns are shown, of all accounts and of one.
CREATE INDEX txn_by_created ON txn (created_at, id);
CREATE INDEX txn_by_account ON txn (account, created_at, id);
-- What an incremental sync must look at again.
CREATE INDEX txn_unsettled ON txn (account, created_at) WHERE status <> 'available';

-- A transfer from Stripe to the bank, or with a negative amount from the bank to Stripe.
CREATE TABLE payout (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,       -- what the bank should see
    arrives_on TEXT NOT NULL,           -- when Stripe expects it at the bank
    created_at BIGINT NOT NULL,         -- unix seconds
    status TEXT NOT NULL,               -- pending, in_transit, paid, failed, canceled
    automatic SMALLINT NOT NULL,        -- 1: made by the payout schedule
    method TEXT NOT NULL,               -- standard, instant
    reconciliation_status TEXT NOT NULL, -- completed, in_progress, not_applicable; empty where Stripe does not say
    own_txn TEXT,                       -- the txn with which it left the balance
    failure_txn TEXT,                   -- the txn that put the money back
    failure_code TEXT,
    destination TEXT,                   -- the bank account or card, as Stripe knows it
    statement_descriptor TEXT,
    description TEXT,
    trace_status TEXT,                  -- NULL: Stripe names no trace id at all
    trace_value TEXT,                   -- the bank network's reference
    original_payout TEXT,               -- on a reversal: what it takes back
    reversed_by TEXT,                   -- on a reversed payout: what takes it back
    members_complete SMALLINT NOT NULL, -- 1: the list of its txns was read to its end after Stripe finished it
    member_reading BIGINT NOT NULL,     -- how often that list was read to its end
    PRIMARY KEY (id, account)
);
CREATE INDEX payout_by_arrival ON payout (arrives_on, id);
-- Those that may still change, and those whose list of txns is still to be read.
CREATE INDEX payout_open ON payout (account, created_at)
    WHERE status NOT IN ('paid', 'failed', 'canceled') OR reconciliation_status = 'in_progress';
CREATE INDEX payout_members_due ON payout (account, id)
    WHERE automatic = 1 AND members_complete = 0 AND reconciliation_status <> 'in_progress';

-- One attempt to take money from a customer.
CREATE TABLE charge (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    currency TEXT NOT NULL,             -- what the customer was charged in
    amount_minor BIGINT NOT NULL,       -- positive
    refunded_minor BIGINT NOT NULL,     -- positive
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,         -- unix seconds
    txn TEXT,
    payment_intent TEXT,
    customer TEXT,                      -- an id, never a name
    payment_method TEXT,
    description TEXT,
    disputed SMALLINT NOT NULL,
    metadata TEXT NOT NULL,             -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);

-- Money given back on a charge.
CREATE TABLE refund (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,       -- positive
    charge TEXT,
    reason TEXT,
    status TEXT,
    created_at BIGINT NOT NULL,         -- unix seconds
    txn TEXT,
    failure_txn TEXT,
    metadata TEXT NOT NULL,             -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);
CREATE INDEX refund_pending ON refund (account, created_at)
    WHERE status IS NULL OR status NOT IN ('succeeded', 'failed', 'canceled');

-- A customer's bank questioning a charge.
CREATE TABLE dispute (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,       -- positive
    charge TEXT NOT NULL,
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,         -- unix seconds
    txns TEXT NOT NULL,                 -- JSON array of ids, in Stripe's order
    PRIMARY KEY (id, account)
);
CREATE INDEX dispute_open ON dispute (account, created_at)
    WHERE status NOT IN ('won', 'lost', 'warning_closed', 'prevented');

-- What Stripe said an account holds, when it was last asked.
CREATE TABLE balance (
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    version BLOB NOT NULL,
    available_minor BIGINT NOT NULL,    -- may be negative
    pending_minor BIGINT NOT NULL,      -- may be negative
    read_at BIGINT NOT NULL,
    steady SMALLINT NOT NULL,           -- 1: the newest txn was the same before and after reading it
    PRIMARY KEY (account, currency)
);

-- Something that Stripe sent and that could not be taken.
CREATE TABLE refusal (
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    about TEXT NOT NULL,                -- content: the object itself; else the id of the payout that claims it a second time
    version BLOB NOT NULL,              -- the version that was refused
    reason TEXT NOT NULL,               -- in a sentence
    reading BIGINT,                     -- of a claim: payout.member_reading + 1 when it was last made
    PRIMARY KEY (account, kind, object_id, about)
);

-- A real bank account, named by a person.
CREATE TABLE bank_account (
    name TEXT NOT NULL PRIMARY KEY,
    currency TEXT NOT NULL,             -- never changes
    covered_from_on TEXT,               -- first day that its statements speak for
    covered_until_on TEXT               -- last such day
);

-- One statement file, as it came.
CREATE TABLE statement_file (
    bank_account TEXT NOT NULL REFERENCES bank_account (name),
    sha256 BLOB NOT NULL,               -- of bytes
    file_name TEXT NOT NULL,            -- the first name it came under
    format TEXT NOT NULL,
    bytes BLOB NOT NULL,
    line_count BIGINT NOT NULL,
    imported_at BIGINT NOT NULL,
    PRIMARY KEY (bank_account, sha256)
);

-- One line of a bank's statements.
CREATE TABLE bank_line (
    id TEXT NOT NULL PRIMARY KEY,       -- made from its content and its place among identical ones
    bank_account TEXT NOT NULL REFERENCES bank_account (name),
    date_on TEXT NOT NULL,              -- booked
    value_on TEXT,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,       -- positive is money in
    description TEXT NOT NULL,
    counterparty TEXT,
    reference TEXT,
    other_references TEXT NOT NULL,     -- JSON array, in the file's order
    balance_after_minor BIGINT          -- of the account, after this line
);
CREATE INDEX bank_line_by_date ON bank_line (date_on, id);

-- A decided or proposed link between Stripe's side and the other.
CREATE TABLE "match" (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,                 -- deposit, record, batch
    state TEXT NOT NULL,                -- accepted, proposed, ambiguous, rejected, undone
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    decided_by TEXT,                    -- rule, model, person
    probability_ppm BIGINT,             -- parts per million
    score BIGINT NOT NULL,              -- hundredths of natural log-odds
    rivals BIGINT NOT NULL,
    difference_minor BIGINT NOT NULL,   -- found less expected
    evidence TEXT NOT NULL              -- JSON array of [name, finding, weight], strongest first
);

CREATE TABLE match_member (
    match_id TEXT NOT NULL REFERENCES "match" (id),
    side TEXT NOT NULL,                 -- left is Stripe's
    place BIGINT NOT NULL,              -- 0, 1, … within its side
    kind TEXT NOT NULL,                 -- payout, bank_line, charge, refund, record
    member_id TEXT NOT NULL,
    PRIMARY KEY (match_id, side, place)
);
CREATE INDEX match_member_by_member ON match_member (kind, member_id);

-- A disagreement that a person may have to look at.
CREATE TABLE exception (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    class TEXT NOT NULL,                -- expected or true
    account TEXT,                       -- NULL: cannot be laid to one account
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,       -- unsigned
    explanation TEXT NOT NULL,
    remedy TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    resolved_at BIGINT                  -- NULL: open
);

CREATE TABLE exception_subject (
    exception_id TEXT NOT NULL REFERENCES exception (id),
    place BIGINT NOT NULL,              -- 0, 1, …
    kind TEXT NOT NULL,                 -- payout, bank_line, charge, txn, account …
    subject_id TEXT NOT NULL,
    PRIMARY KEY (exception_id, place)
);
CREATE INDEX exception_subject_by_subject ON exception_subject (kind, subject_id);

-- Everything said of one payout.
CREATE TABLE payout_verdict (
    account TEXT NOT NULL,
    payout TEXT NOT NULL,
    bucket TEXT NOT NULL,               -- matched, in_transit, exceptions, excluded
    composition TEXT NOT NULL,          -- tied, gap, unitemised, pending
    txn_count BIGINT NOT NULL,          -- its own txn left out
    sum_net_minor BIGINT NOT NULL,      -- of those txns
    composition_difference_minor BIGINT NOT NULL, -- sum less what the payout took from the balance
    deposit TEXT NOT NULL,              -- matched, proposed, ambiguous, awaiting, missing, failed
    deposit_difference_minor BIGINT NOT NULL, -- found less expected
    decided_by TEXT,                    -- rule, model, person
    probability_ppm BIGINT,             -- parts per million
    due_on TEXT NOT NULL,               -- last day of grace
    covered_until_on TEXT,              -- how far its bank account's statements reach
    PRIMARY KEY (account, payout)
);

-- A payout's part of a bank line.
CREATE TABLE deposit_line (
    account TEXT NOT NULL,
    payout TEXT NOT NULL,
    place BIGINT NOT NULL,              -- 0, 1, …
    bank_line TEXT NOT NULL REFERENCES bank_line (id),
    allocated_minor BIGINT NOT NULL,    -- signed as the line
    PRIMARY KEY (account, payout, place),
    FOREIGN KEY (account, payout) REFERENCES payout_verdict (account, payout)
);
CREATE INDEX deposit_line_by_line ON deposit_line (bank_line);
