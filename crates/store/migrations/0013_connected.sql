-- Connected accounts are too many to be held in memory: which of them a platform's list names, and which were read when, stands here.

-- The own account on whose behalf a connected one is read; NULL for own accounts, and for those that no list has named.
ALTER TABLE account ADD COLUMN platform TEXT;
-- The last sync whose list named it: run.id.
ALTER TABLE account ADD COLUMN listed_run BIGINT;
-- The last sync that began to read it: run.id. Runs count up, so that the least is the one whose turn it is.
ALTER TABLE account ADD COLUMN swept_run BIGINT;
-- Its version when that sync began to read it: another one since says that it has changed.
ALTER TABLE account ADD COLUMN swept_version BLOB;
CREATE INDEX account_platform ON account (platform, synced_at);

-- A platform's list of connected accounts.
CREATE TABLE connected_list (
    platform TEXT NOT NULL PRIMARY KEY, -- the own account that it is of
    newest TEXT,                        -- its first entry when it was last asked for; NULL where it was empty
    whole_run BIGINT NOT NULL,          -- the last sync that read it to its end: run.id
    whole_at BIGINT NOT NULL,           -- when that was
    asked_run BIGINT NOT NULL           -- the last sync that asked for it: run.id
);

-- Which connected accounts have moved since they were last read.
CREATE INDEX delivery_account ON delivery (account, received_at) WHERE account IS NOT NULL;
