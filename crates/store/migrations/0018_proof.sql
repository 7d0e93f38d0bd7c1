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

-- Why each object was refused, as a word of its own, and who brought it.
ALTER TABLE refusal ADD COLUMN cause TEXT NOT NULL DEFAULT 'bad_field'; -- missing_field, bad_field, bad_id, unknown_currency, contradicts, not_an_object, claimed_twice
ALTER TABLE refusal ADD COLUMN since_at BIGINT;   -- when it was first refused; NULL: before that was noted
ALTER TABLE refusal ADD COLUMN run BIGINT;        -- the run that brought this version: run.id; NULL: before that was noted
ALTER TABLE refusal ADD COLUMN request_id TEXT;   -- Stripe's id of the request that did

-- Those that were refused before are told apart by the sentences that they have.
UPDATE refusal SET cause = CASE
    WHEN about <> 'content' THEN 'claimed_twice'
    WHEN reason LIKE 'its net contradicts%' THEN 'contradicts'
    WHEN reason LIKE '%missing field%' OR reason LIKE '%it has no id%' THEN 'missing_field'
    WHEN reason LIKE '%is not a currency code%' THEN 'unknown_currency'
    WHEN reason LIKE 'it is not an object%' THEN 'not_an_object'
    WHEN reason LIKE '% id%' THEN 'bad_id'
    ELSE 'bad_field' END;

-- The exception of a refused object was named for the object alone, so that two accounts with the same one shared it.
INSERT INTO exception (id, code, class, account, currency, amount_minor, explanation, remedy, opened_at, resolved_at)
SELECT 'fact_refused:' || e.account || ':' || s.kind || ':' || s.subject_id, e.code, e.class, e.account, e.currency, e.amount_minor,
    e.explanation, e.remedy, e.opened_at, e.resolved_at
FROM exception e JOIN exception_subject s ON s.exception_id = e.id AND s.place = 0
WHERE e.code = 'fact_refused' AND e.account IS NOT NULL AND LENGTH(s.subject_id) < 100;
INSERT INTO exception_subject (exception_id, place, kind, subject_id)
SELECT 'fact_refused:' || e.account || ':' || s.kind || ':' || s.subject_id, s.place, s.kind, s.subject_id
FROM exception e JOIN exception_subject s ON s.exception_id = e.id AND s.place = 0
WHERE e.code = 'fact_refused' AND e.id = 'fact_refused:' || s.subject_id AND e.account IS NOT NULL AND LENGTH(s.subject_id) < 100;
DELETE FROM exception_subject WHERE exception_id IN (
    SELECT e.id FROM exception e JOIN exception_subject s ON s.exception_id = e.id AND s.place = 0
    WHERE e.code = 'fact_refused' AND e.id = 'fact_refused:' || s.subject_id AND e.account IS NOT NULL AND LENGTH(s.subject_id) < 100);
DELETE FROM exception WHERE code = 'fact_refused' AND id NOT IN (SELECT exception_id FROM exception_subject);

-- An object that Stripe sent and that could not be taken, with what to do about it in docs/exceptions/fact_refused.md
CREATE VIEW bi_refusal AS SELECT
    r.account AS account,               -- The Stripe account whose object it is
    r.kind AS kind,                     -- What it should have been, such as txn or charge
    r.object_id AS object,              -- Its id at Stripe; no_id_… where it has none
    r.cause AS cause,                   -- What is wrong with it, in one word
    r.reason AS reason,                 -- The same in a sentence
    CASE WHEN r.about <> 'content' THEN r.about END AS payout, -- The payout that lists it a second time; empty for any other cause
    datetime(r.since_at / 1000000, 'unixepoch') AS since_at, -- When it was first refused; empty where that was not noted
    r.run AS run,                       -- The run that brought the refused version; empty where that was not noted
    r.request_id AS request_id          -- Stripe's id of the request that brought it, to name when you ask Stripe
FROM refusal r;
