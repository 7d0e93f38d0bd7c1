-- What is to be run when, by which policy.
CREATE TABLE schedule (
    name TEXT NOT NULL PRIMARY KEY,
    job TEXT NOT NULL,                  -- what it runs, as JSON
    expression TEXT NOT NULL,           -- when, as a person typed it; empty: after another
    cron TEXT NOT NULL,                 -- the same as cron
    follows TEXT,                       -- schedule.name: it runs after each run of this one that did all
    zone TEXT,                          -- the time zone whose clocks count; NULL: the business time zone
    retries BIGINT NOT NULL,            -- how often one that failed is tried again
    missed TEXT NOT NULL,               -- of what nobody ran in time: once, each, none
    overlap TEXT NOT NULL,              -- of what comes too soon: skip, queue
    grace_seconds BIGINT NOT NULL,      -- what is older was missed
    paused SMALLINT NOT NULL DEFAULT 0,
    added_at BIGINT NOT NULL,           -- unix microseconds, as all that follow
    settled_until BIGINT NOT NULL,      -- what was due then or before is settled
    next_at BIGINT,                     -- when the next is due; NULL: none comes
    last_run BIGINT                     -- scheduled_run.id: the newest that ended well, or not, or was missed
);
CREATE INDEX schedule_next ON schedule (next_at) WHERE paused = 0;
CREATE INDEX schedule_follows ON schedule (follows) WHERE follows IS NOT NULL;

-- What became of each occurrence of a schedule, and of each run that a person asked for.
CREATE TABLE scheduled_run (
    id BIGINT NOT NULL PRIMARY KEY,
    schedule TEXT NOT NULL,             -- schedule.name; kept when the schedule is removed
    job TEXT NOT NULL,                  -- what it runs, as JSON, whatever the schedule runs later
    trigger TEXT NOT NULL,              -- schedule, catch_up, after, person
    repeats BIGINT,                     -- scheduled_run.id: the run that it runs once more
    due_at BIGINT NOT NULL,             -- of missed ones the first
    state TEXT NOT NULL,                -- waiting, running, done, incomplete, failed, canceled, skipped, missed
    attempts BIGINT NOT NULL DEFAULT 0,
    try_at BIGINT,                      -- of one that waits: not before this
    started_at BIGINT,                  -- when it was tried first
    ended_at BIGINT,
    http_status BIGINT,                 -- of the last answer to an HTTP call
    volume BIGINT,                      -- how much it took in: objects, lines, bytes
    summary TEXT NOT NULL DEFAULT '{}', -- what the job said, as JSON
    missed_count BIGINT,                -- of missed ones, how many from due_at
    missed_until BIGINT                 -- to this one
);
CREATE INDEX scheduled_run_of ON scheduled_run (schedule, id);
CREATE INDEX scheduled_run_waiting ON scheduled_run (try_at) WHERE ended_at IS NULL;
CREATE INDEX scheduled_run_open ON scheduled_run (schedule) WHERE ended_at IS NULL;

-- Each time that a run was tried.
CREATE TABLE scheduled_try (
    run BIGINT NOT NULL,                -- scheduled_run.id
    number BIGINT NOT NULL,             -- from 1
    version TEXT NOT NULL,              -- of the program
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    state TEXT NOT NULL,                -- running, done, incomplete, failed, canceled, lost: its process ended or stood still
    http_status BIGINT,                 -- of the answer to an HTTP call
    error TEXT,                         -- what went wrong, in a sentence
    PRIMARY KEY (run, number)
);
