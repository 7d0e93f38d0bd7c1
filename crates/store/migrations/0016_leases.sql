-- The rights to do what one process at a time may do.
CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY, -- what it is the right to: sync, reconcile
    token BIGINT NOT NULL,          -- counts up with every taking: who writes under an older one has been overtaken
    beat BIGINT NOT NULL,           -- counts up while its holder lives
    held TEXT NOT NULL              -- by what its holder is known to live: lock (and beat), beat, or nothing
);

-- Those that run, or whose process died: of the many runs of a database a few.
CREATE INDEX run_open ON run (job) WHERE ended_at IS NULL;
