-- The audit trail: an entry for what a transaction has changed in a chain, written with it. docs/AUDIT.md says what is hashed.
CREATE TABLE audit_entry (
    id BIGINT NOT NULL PRIMARY KEY,     -- its number among all, from 1, without a hole
    chain TEXT NOT NULL,                -- an account's id; shared: what belongs to none
    position BIGINT NOT NULL,           -- its number in its chain, from 1, without a hole
    written_at BIGINT NOT NULL,         -- unix microseconds
    actor TEXT NOT NULL,                -- on whose behalf: person, schedule, api, webhook
    who TEXT,                           -- of a person, the name that they are logged in by
    run BIGINT,                         -- the run that it is part of
    act TEXT NOT NULL,                  -- what was done
    changes TEXT NOT NULL,              -- JSON array of [noun, id, from, to]
    previous TEXT NOT NULL,             -- the hash of the entry before it in its chain, in hexadecimal
    hash TEXT NOT NULL,                 -- its own
    UNIQUE (chain, position)
);

-- The newest entry of each chain.
CREATE TABLE audit_head (
    chain TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    hash TEXT NOT NULL
);

-- When the whole trail was verified last, and what came of it. One row, once it was.
CREATE TABLE audit_check (
    one SMALLINT NOT NULL PRIMARY KEY,
    checked_at BIGINT NOT NULL,         -- unix microseconds
    entries BIGINT NOT NULL,            -- the number of the newest entry then
    root TEXT NOT NULL,                 -- one hash of the ends of all chains then
    anchors BIGINT NOT NULL,            -- how many anchors it was held against
    anchored BIGINT NOT NULL,           -- the number of the newest entry that the newest of them speaks of; 0: none
    faults BIGINT NOT NULL,             -- how much is wrong with it
    first_fault TEXT,                   -- the first of it, in a sentence
    whole_entries BIGINT NOT NULL,      -- the number of the newest entry when nothing was wrong last; 0: never
    whole_root TEXT NOT NULL            -- the hash of the ends of all chains then
);

-- What has changed its state, when and on whose behalf; each entry holds the hash of the one before it in its chain
CREATE VIEW bi_audit AS SELECT
    a.id AS entry,                      -- Its number among all, from 1, without a hole
    a.chain AS chain,                   -- The account whose chain it stands in; shared for what belongs to none
    a.position AS position,             -- Its number in its chain, from 1, without a hole
    datetime(a.written_at / 1000000, 'unixepoch') AS written_at, -- When
    a.written_at AS written_microsecond, -- The same as it is hashed: microseconds since 1970 in UTC
    a.actor AS actor,                   -- On whose behalf: person, schedule, api, webhook
    a.who AS who,                       -- Of a person, the name that they are logged in by
    a.run AS run,                       -- The run that it is part of
    a.act AS act,                       -- What was done
    a.changes AS changes,               -- What has changed: a JSON array of [noun, id, from, to]
    a.previous AS previous_hash,        -- The hash of the entry before it in its chain; zeros for the first
    a.hash AS hash                      -- Its own; docs/AUDIT.md says of what
FROM audit_entry a;
