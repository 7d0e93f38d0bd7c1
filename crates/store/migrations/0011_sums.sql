-- What was added up, so that neither a sync nor a reconciliation needs to go through all txns again.

-- A day of an account on which txns were made, in UTC.
CREATE TABLE txn_day (
    account TEXT NOT NULL,
    day BIGINT NOT NULL,                -- days since 1970-01-01
    sums TEXT,                          -- JSON: currency -> net of the day's txns of balance type payments; NULL: to be added up
    PRIMARY KEY (account, day)
);
CREATE INDEX txn_day_due ON txn_day (account, day) WHERE sums IS NULL;
INSERT INTO txn_day (account, day)
    SELECT DISTINCT account, (created_at - ((created_at % 86400) + 86400) % 86400) / 86400 FROM txn;

-- It holds what days are added up from, so that no txn is looked up for that.
DROP INDEX txn_by_account;
CREATE INDEX txn_by_account ON txn (account, created_at, id, balance_type, currency, net_minor);

-- A payout that has changed, or whose txns have, since it was last judged.
CREATE TABLE payout_due (
    account TEXT NOT NULL,
    payout TEXT NOT NULL,
    PRIMARY KEY (account, payout)
);
INSERT INTO payout_due (account, payout) SELECT account, id FROM payout;

-- An account of which anything has changed since it was last judged.
CREATE TABLE account_due (account TEXT NOT NULL PRIMARY KEY);
INSERT INTO account_due (account) SELECT id FROM account;

-- The revision at which payouts, bank lines or accounts last changed: what deposits are matched from.
ALTER TABLE meta ADD COLUMN deposit_revision BIGINT NOT NULL DEFAULT 0;
UPDATE meta SET deposit_revision = revision;
