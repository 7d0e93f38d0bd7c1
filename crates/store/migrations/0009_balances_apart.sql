-- How far the txns of an account were from Stripe's balance after all of them were read again; the sum of their nets less it.
-- NULL while the two are equal, or were never compared. How often in a row that same difference stayed, and when it was last seen.
ALTER TABLE balance ADD COLUMN apart_minor BIGINT;
ALTER TABLE balance ADD COLUMN apart_readings SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE balance ADD COLUMN apart_at BIGINT;
