-- How far the txns of an account were from Stripe's balance after all of them were read again; the sum of their nets less it.
-- NULL while the two are equal, or were never compared. How often in a row that same difference stayed, and when it was last seen.
ALTER TABLE balance ADD COLUMN apart_minor BIGINT;
ALTER TABLE balance ADD COLUMN apart_readings SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE balance ADD COLUMN apart_at BIGINT;

-- From when an account's movements of money are here: txns, payouts, charges and the like that were created before are not read.
-- Unix seconds; NULL: all history.
ALTER TABLE account ADD COLUMN begins_at BIGINT;

-- What an account held at that instant: Stripe's balance when all since then was first read, less the nets of those txns.
CREATE TABLE opening_balance (
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    minor BIGINT NOT NULL,              -- may be negative
    PRIMARY KEY (account, currency)
);

-- The same view as before, which counts an opening balance and the txns since.
DROP VIEW bi_balance;

-- What Stripe says an account holds, beside the sum of its txns
CREATE VIEW bi_balance AS
WITH summed AS (
    SELECT account, currency, CAST(SUM(minor) AS BIGINT) AS computed_minor
    FROM (
        SELECT account, currency, net_minor AS minor FROM txn WHERE balance_type = 'payments'
        UNION ALL SELECT account, currency, minor FROM opening_balance
        UNION ALL SELECT t.account, t.currency, -t.net_minor FROM account a
            JOIN txn t ON t.account = a.id AND t.created_at < a.begins_at
            WHERE a.begins_at IS NOT NULL AND t.balance_type = 'payments'
    ) moved GROUP BY account, currency
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
    c.computed_minor AS computed_minor, -- The sum of the nets of its txns, and of the opening balance where history is cut off
    c.stripe_minor - c.computed_minor AS difference_minor, -- Stripe's less ours; empty when Stripe's is
    datetime(c.read_at / 1000000, 'unixepoch') AS read_at -- When Stripe was asked
FROM compared c;
