-- Views for reports, with names that stay. Money is whole minor units beside its currency; days and instants are of the types
-- that tools know (PostgreSQL: date and timestamptz; SQLite: ISO texts, UTC). A name means the same in each of them, so that
-- they join by equal names. The comment before a view and those behind its columns become PostgreSQL's own.

-- A payout, against its txns and against the bank
CREATE VIEW bi_payout AS SELECT
    p.account AS account,               -- The Stripe account whose balance paid
    p.id AS payout,                     -- Its id at Stripe
    p.currency AS currency,             -- Of all amounts of the row
    p.amount_minor AS amount_minor,     -- What the bank should see; negative when Stripe debits the bank
    date(p.arrives_on) AS arrives_on,   -- The day on which Stripe expects it at the bank
    datetime(p.created_at, 'unixepoch') AS created_at, -- When Stripe made it
    p.status AS status,                 -- Stripe's word: pending, in_transit, paid, failed, canceled
    p.automatic AS automatic,           -- 1: made by the payout schedule
    p.method AS method,                 -- standard or instant
    p.trace_value AS trace_id,          -- The reference under which it travels between banks
    COALESCE(v.bucket, 'in_transit')
        AS bucket,                      -- The one place in which it is counted: matched, in_transit, exceptions, excluded
    CASE WHEN v.payout IS NULL THEN 0 ELSE 1 END AS judged, -- 1: a reconciliation has seen it
    COALESCE(v.composition, CASE p.automatic WHEN 1 THEN 'pending' ELSE 'unitemised' END)
        AS composition,                 -- Against its txns: tied, gap, unitemised, pending
    COALESCE(v.txn_count, 0) AS txn_count, -- How many txns it holds, its own left out
    COALESCE(v.sum_net_minor, 0) AS sum_net_minor, -- The sum of their nets
    COALESCE(v.composition_difference_minor, 0) AS composition_difference_minor, -- That sum less what it took from the balance
    COALESCE(v.deposit, 'awaiting')
        AS deposit,                     -- Against the bank: matched, proposed, ambiguous, awaiting, missing, failed
    COALESCE(v.deposit_difference_minor, 0) AS deposit_difference_minor, -- Found less expected
    v.decided_by AS decided_by,         -- rule, model or person; empty while nothing is decided
    date(v.due_on) AS due_on,           -- The last day of grace; empty until it is judged
    date(v.covered_until_on) AS covered_until_on -- How far its bank account's statements reach; empty while that is unknown
FROM payout p LEFT JOIN payout_verdict v ON v.account = p.account AND v.payout = p.id;

-- A payout's part of a bank line: what joins bi_payout and bi_bank_line where one stands for several of the other
CREATE VIEW bi_deposit AS SELECT
    d.account AS account,               -- The payout's account
    d.payout AS payout,                 -- Which payout
    d.bank_line AS bank_line,           -- Which bank line
    l.bank_account AS bank_account,     -- The line's bank account
    date(l.date_on) AS date_on,         -- The day the bank booked the line
    l.currency AS currency,             -- Of the amount
    d.allocated_minor AS allocated_minor, -- This payout's part of the line, signed as the line
    v.deposit AS deposit                -- matched: decided; proposed: a person should confirm
FROM deposit_line d
JOIN bank_line l ON l.id = d.bank_line
JOIN payout_verdict v ON v.account = d.account AND v.payout = d.payout;

-- A txn: one movement of a Stripe balance, and the payout that holds it
CREATE VIEW bi_txn AS SELECT
    t.account AS account,               -- The Stripe account whose balance moved
    t.id AS txn,                        -- Its id at Stripe
    t.currency AS currency,             -- Settlement currency, of all amounts of the row
    t.amount_minor AS amount_minor,     -- Gross; positive raises the balance
    t.fee_minor AS fee_minor,           -- What Stripe keeps; positive when charged
    t.net_minor AS net_minor,           -- Amount less fee: what moved the balance
    t.kind AS type,                     -- Stripe's type
    t.reporting_category AS reporting_category, -- Stripe's class: charge, refund, dispute, fee, payout, ...
    t.status AS status,                 -- available or pending
    t.balance_type AS balance_type,     -- Which balance: payments, unless Stripe says otherwise
    datetime(t.created_at, 'unixepoch') AS created_at, -- When Stripe posted it
    date(t.available_on) AS available_on, -- The day on which the net becomes available
    t.source AS source,                 -- The id of the object that caused it
    t.description AS description,       -- Stripe's or the merchant's text
    t.exchange_rate AS exchange_rate,   -- Stripe's decimal text; empty where nothing was converted
    t.payout AS payout,                 -- The payout that holds it; empty while in none
    date(p.arrives_on) AS arrives_on    -- The day on which that payout is expected at the bank
FROM txn t LEFT JOIN payout p ON p.account = t.account AND p.id = t.payout;

-- A line of a bank's statements, and the payouts that it holds or could hold
CREATE VIEW bi_bank_line AS
WITH link AS (
    SELECT b.member_id AS bank_line, p.member_id AS payout,
        CASE m.state WHEN 'accepted' THEN 1 WHEN 'proposed' THEN 2 ELSE 3 END AS place
    FROM match_member b
    JOIN "match" m ON m.id = b.match_id AND m.state IN ('accepted', 'proposed', 'ambiguous')
    LEFT JOIN match_member p ON p.match_id = b.match_id AND p.side = 'left' AND p.kind = 'payout'
    WHERE b.kind = 'bank_line'
),
best AS (SELECT bank_line, MIN(place) AS place FROM link GROUP BY bank_line),
found AS (
    SELECT k.bank_line, k.place, COUNT(DISTINCT k.payout) AS payouts, MIN(k.payout) AS payout
    FROM link k JOIN best ON best.bank_line = k.bank_line AND best.place = k.place
    GROUP BY k.bank_line, k.place
)
SELECT
    l.bank_account AS bank_account,     -- The bank account, by the name a person gave it
    l.id AS bank_line,                  -- Made from its content and its place among equal lines
    date(l.date_on) AS date_on,         -- The day the bank booked it
    date(l.value_on) AS value_on,       -- The day from which it counts for interest
    l.currency AS currency,             -- Of all amounts of the row
    l.amount_minor AS amount_minor,     -- Positive is money in
    l.description AS description,       -- What the bank wrote
    l.counterparty AS counterparty,     -- Who paid or was paid
    l.reference AS reference,           -- The bank's own reference, else the end-to-end or customer's reference
    CASE f.place WHEN 1 THEN 'matched' WHEN 2 THEN 'proposed' WHEN 3 THEN 'ambiguous' ELSE 'unmatched' END
        AS state,                       -- matched, proposed, ambiguous, unmatched
    COALESCE(f.payouts, 0) AS payout_count, -- How many payouts it holds, or could hold
    f.payout AS payout                  -- That payout; of several the first by id, and bi_deposit has all that are found
FROM bank_line l LEFT JOIN found f ON f.bank_line = l.id;

-- A disagreement that a person may have to look at
CREATE VIEW bi_exception AS SELECT
    e.id AS exception,                  -- Made from its code and what it is about
    e.code AS code,                     -- Which kind of disagreement; each has a page under docs/exceptions
    e.class AS class,                   -- expected: explained by how Stripe and banks work; true: needs a person
    CASE WHEN e.resolved_at IS NULL THEN 'open' ELSE 'resolved' END
        AS state,                       -- open or resolved
    e.account AS account,               -- Whose; empty for money that cannot be laid to one account
    e.currency AS currency,             -- Of the amount
    e.amount_minor AS amount_minor,     -- How much is in question, unsigned
    (SELECT MIN(s.subject_id) FROM exception_subject s WHERE s.exception_id = e.id AND s.kind = 'payout')
        AS payout,                      -- The payout it is about; of several the first by id
    (SELECT MIN(s.subject_id) FROM exception_subject s WHERE s.exception_id = e.id AND s.kind = 'bank_line')
        AS bank_line,                   -- The bank line it is about; of several the first by id
    datetime(e.opened_at / 1000000, 'unixepoch') AS opened_at, -- When it was first found, or found again
    datetime(e.resolved_at / 1000000, 'unixepoch') AS resolved_at, -- When it went away; empty while open
    e.explanation AS explanation,       -- What was expected, what was seen
    e.remedy AS remedy                  -- What to do about it
FROM exception e;

-- What Stripe says an account holds, beside the sum of its txns
CREATE VIEW bi_balance AS
WITH summed AS (
    SELECT account, currency, CAST(SUM(net_minor) AS BIGINT) AS computed_minor
    FROM txn WHERE balance_type = 'payments' GROUP BY account, currency
),
held AS (SELECT account, currency FROM summed UNION SELECT account, currency FROM balance),
compared AS (
    SELECT h.account, h.currency, b.read_at, COALESCE(s.computed_minor, 0) AS computed_minor,
        CASE b.steady WHEN 1 THEN b.available_minor + b.pending_minor END AS stripe_minor
    FROM held h
    LEFT JOIN balance b ON b.account = h.account AND b.currency = h.currency
    LEFT JOIN summed s ON s.account = h.account AND s.currency = h.currency
)
SELECT
    c.account AS account,               -- The Stripe account
    c.currency AS currency,             -- Of all amounts of the row
    c.stripe_minor AS stripe_minor,     -- Available and pending; empty when it was not read, or moved while it was
    c.computed_minor AS computed_minor, -- The sum of the nets of its txns
    c.stripe_minor - c.computed_minor AS difference_minor, -- Stripe's less ours; empty when Stripe's is
    datetime(c.read_at / 1000000, 'unixepoch') AS read_at -- When Stripe was asked
FROM compared c;

-- A Stripe account, and how fresh what is known of it is
CREATE VIEW bi_sync AS SELECT
    a.id AS account,                    -- Its id at Stripe
    a.display_name AS display_name,     -- Its name
    a.kind AS kind,                     -- own: the key's; connected: of the key's platform
    a.country AS country,               -- Two letters
    a.time_zone AS time_zone,           -- IANA name
    m.mode AS mode,                     -- live or test, the same for the whole database
    datetime(a.synced_at / 1000000, 'unixepoch') AS synced_at, -- When its last complete sync began to read; empty before the first
    s.state AS last_sync_state,         -- Of the database's newest sync: running, done, incomplete, failed
    datetime(s.started_at / 1000000, 'unixepoch') AS last_sync_started_at, -- When that sync began
    datetime(r.ended_at / 1000000, 'unixepoch') AS reconciled_at -- When the last reconciliation that came to its end had ended
FROM account a
CROSS JOIN meta m
LEFT JOIN run s ON s.id = (SELECT MAX(id) FROM run WHERE job = 'sync')
LEFT JOIN run r ON r.id = (SELECT MAX(id) FROM run WHERE job = 'reconcile' AND state = 'done');

-- A currency that is in use, and how many decimals its minor units have: 100 minor units of two decimals are 1.00
CREATE VIEW bi_currency AS SELECT
    u.currency AS currency,             -- Three lower-case letters
    CASE WHEN u.currency IN ('bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'vnd', 'vuv', 'xaf', 'xof',
            'xpf') THEN 0
        WHEN u.currency IN ('bhd', 'jod', 'kwd', 'omr', 'tnd') THEN 3 ELSE 2 END
        AS decimals                     -- By Stripe's table, which is not always ISO's
FROM (
    SELECT currency FROM payout UNION SELECT currency FROM txn UNION SELECT currency FROM balance
    UNION SELECT currency FROM bank_account UNION SELECT currency FROM exception
) u;
