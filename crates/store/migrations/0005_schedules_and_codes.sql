-- A word by which customers come by a coupon.
CREATE TABLE promotion_code (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    code TEXT,                          -- what the customer types in
    coupon TEXT,
    customer TEXT,                      -- who alone may redeem it; NULL: anybody
    active SMALLINT,
    expires_at BIGINT,
    max_redemptions BIGINT,             -- NULL: any number
    times_redeemed BIGINT,
    first_time_only SMALLINT,           -- 1: only by a customer who has not paid yet
    minimum_minor BIGINT,               -- what is bought must come to
    minimum_currency TEXT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);

-- What a subscription is to become, and when.
CREATE TABLE subscription_schedule (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    customer TEXT,
    subscription TEXT,                  -- NULL: it has not started, or has let go of it
    released_subscription TEXT,         -- what it has let go of
    status TEXT,                        -- not_started, active, completed, released, canceled
    end_behavior TEXT,                  -- what becomes of the subscription: release, cancel
    phase_start_at BIGINT,              -- of the phase that it is in
    phase_end_at BIGINT,
    completed_at BIGINT,
    released_at BIGINT,
    canceled_at BIGINT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);
