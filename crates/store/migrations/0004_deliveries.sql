-- What Stripe delivered to the webhook: one row an event, however often it came.
CREATE TABLE delivery (
    id TEXT NOT NULL PRIMARY KEY,       -- of the event, or of the thin one
    event_id TEXT NOT NULL,             -- in Stripe's list of events: what it is, or what it tells of
    account TEXT,                       -- the connected account that it is about; NULL: the key's own
    mode TEXT NOT NULL,                 -- live or test
    kind TEXT NOT NULL,                 -- Stripe's type, such as payout.paid
    object TEXT,                        -- the kind of the object to be read again; NULL: none that is kept
    object_id TEXT,
    body BLOB NOT NULL,                 -- as it came first
    received_at BIGINT NOT NULL,        -- first
    times BIGINT NOT NULL,              -- how often it came
    state TEXT NOT NULL,                -- waiting, done, ignored or failed
    settled_at BIGINT,                  -- when it was last worked off; NULL: not yet
    problem TEXT                        -- why it is ignored, or failed, or waits still
);
CREATE INDEX delivery_waiting ON delivery (received_at, id) WHERE state = 'waiting';
CREATE INDEX delivery_event ON delivery (event_id);
