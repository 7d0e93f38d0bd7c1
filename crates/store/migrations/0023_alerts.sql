-- Rules that a person has set; where there is none of a name, the standard one of that name holds.
CREATE TABLE alert_rule (
    name TEXT NOT NULL PRIMARY KEY,
    rule TEXT NOT NULL                  -- as JSON
);

-- What is watched and was not well, or not known, at the last look.
CREATE TABLE alert (
    rule TEXT NOT NULL,                 -- the rule's name
    subject TEXT NOT NULL,              -- what exactly: a schedule's name, an exception's id; empty: the look itself
    condition TEXT NOT NULL,
    severity TEXT NOT NULL,             -- warning, critical
    state TEXT NOT NULL,                -- pending, alerting, recovering, no_data, error
    since_at BIGINT NOT NULL,           -- unix microseconds, as all that follow: since when it stands so
    bad_since_at BIGINT NOT NULL,       -- since when it has not been well
    told_at BIGINT,                     -- when a person was told last
    acknowledged_at BIGINT,             -- when a person said that they know
    what TEXT NOT NULL,                 -- what is not well, in a sentence
    how_much TEXT,                      -- how much money, as people write it
    done TEXT,                          -- what was done already
    to_do TEXT NOT NULL,
    look TEXT,                          -- the path of a page
    PRIMARY KEY (rule, subject)
);

-- When everything was looked at last. One row, once it was.
CREATE TABLE alert_look (one SMALLINT NOT NULL PRIMARY KEY, looked_at BIGINT NOT NULL);

-- What is not to be told of for a while.
CREATE TABLE alert_silence (
    id BIGINT NOT NULL PRIMARY KEY,
    rule TEXT,                          -- NULL: every rule
    subject TEXT,                       -- NULL: every subject
    until_at BIGINT NOT NULL,
    reason TEXT NOT NULL
);

-- Messages, each to one channel.
CREATE TABLE message (
    id TEXT NOT NULL PRIMARY KEY,       -- the same however often it is sent
    channel TEXT NOT NULL,              -- the channel's name in the settings
    subject TEXT NOT NULL,              -- in a line
    text TEXT NOT NULL,                 -- in lines
    body TEXT NOT NULL,                 -- as JSON, for programs
    added_at BIGINT NOT NULL,
    state TEXT NOT NULL,                -- waiting, sent, failed: given up
    attempts BIGINT NOT NULL DEFAULT 0,
    try_at BIGINT,                      -- of one that waits: not before this
    ended_at BIGINT,                    -- when it was sent, or given up
    http_status BIGINT,                 -- of the last answer
    error TEXT                          -- what went wrong last, in a sentence
);
CREATE INDEX message_waiting ON message (try_at) WHERE state = 'waiting';
CREATE INDEX message_added ON message (added_at, id);

-- Channels that fail, or are disabled for that; and when each heartbeat was called last.
CREATE TABLE channel_state (
    name TEXT NOT NULL PRIMARY KEY,
    failing_since_at BIGINT,            -- NULL: the last message went out
    disabled_at BIGINT,                 -- nothing is sent until somebody tests it
    called_at BIGINT                    -- of a heartbeat
);
