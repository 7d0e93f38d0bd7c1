-- Stretches of time that were read to their end by syncs of days, as long as not all history of a kind was read: they never overlap
-- or touch.
CREATE TABLE range_read (
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    from_at BIGINT NOT NULL,            -- created[gte], unix seconds
    until_at BIGINT NOT NULL,           -- created[lt], unix seconds
    run BIGINT,                         -- the last run that read some of it: run.id
    read_at BIGINT NOT NULL,            -- when that one began to
    PRIMARY KEY (account, kind, from_at)
);
