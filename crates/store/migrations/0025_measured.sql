-- What a try of a scheduled run took in and gave out, as far as its job can tell.
ALTER TABLE scheduled_try ADD COLUMN requests BIGINT;       -- sent
ALTER TABLE scheduled_try ADD COLUMN bytes BIGINT;          -- read from others, or written for a backup
ALTER TABLE scheduled_try ADD COLUMN changed BIGINT;        -- rows, lines, conclusions that are new or otherwise than before
ALTER TABLE scheduled_try ADD COLUMN input_hash TEXT;       -- of what it worked on: the same, the same
ALTER TABLE scheduled_try ADD COLUMN output_hash TEXT;      -- of what came of it
ALTER TABLE scheduled_try ADD COLUMN log TEXT NOT NULL DEFAULT '';

-- Who asked for a run: schedule, person, api, webhook. NULL: it was before this was noted.
ALTER TABLE run ADD COLUMN trigger TEXT;
