-- Files that Stripe's Dashboard exports: what a person without a key has.
-- A txn, payout or account that was made from exports has the least of their hashes as its version; Stripe's API overwrites it
-- with its own.

-- One export, as it came.
CREATE TABLE export_file (
    account TEXT NOT NULL,              -- whose; a person says so
    sha256 BLOB NOT NULL,               -- of bytes
    file_name TEXT NOT NULL,            -- the first name it came under
    report TEXT NOT NULL,               -- which export it is, for example payouts.itemized
    time_zone TEXT,                     -- of its times; NULL where all are in UTC
    until_at BIGINT,                    -- the newest instant that it speaks of; NULL where it has no rows
    row_count BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    imported_at BIGINT NOT NULL,
    PRIMARY KEY (account, sha256)
);

-- Where in which export a txn or payout stands.
CREATE TABLE export_row (
    account TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- txn; payout; list: a report of whole payouts names the payout's txns from here on
    object_id TEXT NOT NULL,
    sha256 BLOB NOT NULL,               -- export_file.sha256
    line BIGINT NOT NULL,               -- in the file, from 1; the first where there are several
    PRIMARY KEY (account, kind, object_id, sha256)
);
