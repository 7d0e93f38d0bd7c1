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

-- The last time that the txns of a past day were listed again and their ids compared with those that are here.
CREATE TABLE day_check (
    account TEXT NOT NULL PRIMARY KEY,
    day TEXT NOT NULL,                  -- in the business time zone
    from_at BIGINT NOT NULL,            -- compared were those created at this unix second or later,
    until_at BIGINT NOT NULL,           -- and before this one
    checked_at BIGINT NOT NULL,         -- when it was asked for
    run BIGINT,                         -- by which run: run.id
    listed BIGINT,                      -- how many Stripe listed; NULL: its list could not be read
    missing BIGINT,                     -- of these, how many were not here; they are since
    extra BIGINT                        -- how many were here that Stripe did not list; they stay
);
