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

-- A payout that has changed, or whose txns have, since it was last judged.
CREATE TABLE payout_due (
    account TEXT NOT NULL,
    payout TEXT NOT NULL,
    PRIMARY KEY (account, payout)
);
INSERT INTO payout_due (account, payout) SELECT account, id FROM payout;
