-- What programs want to be told of, as the settings of whoever serves say. What nobody wants is not noted.
CREATE TABLE announcement_wanted (kind TEXT NOT NULL PRIMARY KEY);

-- What happened and is to be told: written with what happened, gone once there is a message for each channel that hears it.
CREATE TABLE announcement (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,                 -- payout.matched, payout.unmatched, exception.opened, exception.resolved, run.failed
    data TEXT NOT NULL                  -- as JSON
);
