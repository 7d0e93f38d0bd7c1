-- What a platform passed on to its connected accounts, and took from them.
CREATE INDEX transfer_by_destination ON transfer (destination, currency) WHERE destination IS NOT NULL;
CREATE INDEX application_fee_by_payer ON application_fee (paid_by, currency) WHERE paid_by IS NOT NULL;

-- What platforms passed on to a connected account and took from it, beside what it holds at Stripe
CREATE VIEW bi_connected AS SELECT
    s.account AS account,               -- The connected account
    s.currency AS currency,             -- Of all amounts of the row: that of the transfers and fees, or of the balance
    s.transferred_minor AS transferred_minor, -- What was transferred to it, all together
    s.reversed_minor AS reversed_minor, -- What was taken back of that; positive
    s.fees_minor AS fees_minor,         -- Application fees that were taken from it; positive
    s.fees_refunded_minor AS fees_refunded_minor, -- What was given back of those; positive
    s.transferred_minor - s.reversed_minor - s.fees_minor + s.fees_refunded_minor
        AS passed_on_minor,             -- Transferred less taken back less fees that were kept
    CASE b.steady WHEN 1 THEN b.available_minor + b.pending_minor END
        AS balance_minor,               -- What it holds, which Stripe owes it; empty when it was not read, or moved while it was
    datetime(b.read_at / 1000000, 'unixepoch') AS read_at -- When Stripe was asked for that
FROM (
    SELECT account, currency, CAST(SUM(transferred) AS BIGINT) AS transferred_minor, CAST(SUM(reversed) AS BIGINT) AS reversed_minor,
        CAST(SUM(fees) AS BIGINT) AS fees_minor, CAST(SUM(refunded) AS BIGINT) AS fees_refunded_minor
    FROM (
        SELECT destination AS account, currency, amount_minor AS transferred, COALESCE(reversed_minor, 0) AS reversed,
            0 AS fees, 0 AS refunded
        FROM transfer WHERE destination IS NOT NULL AND currency IS NOT NULL AND amount_minor IS NOT NULL AND deleted = 0
        UNION ALL SELECT paid_by, currency, 0, 0, amount_minor, COALESCE(refunded_minor, 0)
        FROM application_fee WHERE paid_by IS NOT NULL AND currency IS NOT NULL AND amount_minor IS NOT NULL AND deleted = 0
        UNION ALL SELECT h.account, h.currency, 0, 0, 0, 0
        FROM balance h JOIN account c ON c.id = h.account WHERE c.kind = 'connected'
    ) moved GROUP BY account, currency
) s
LEFT JOIN balance b ON b.account = s.account AND b.currency = s.currency;
