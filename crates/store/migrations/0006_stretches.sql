-- What is left of a walk that reads several stretches of its list side by side. A walk without rows here goes on at its own
-- cursor.
CREATE TABLE stretch (
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    place BIGINT NOT NULL,              -- 0 is the newest
    from_at BIGINT,                     -- created[gte], unix seconds; NULL: from the beginning
    until_at BIGINT,                    -- created[lt], unix seconds; NULL: the head of the list
    after_id TEXT,                      -- cursor: the last id read; NULL: none yet
    PRIMARY KEY (account, kind, place)
);
