-- When what is to be told has happened: unix microseconds. NULL: it was before this was noted.
ALTER TABLE announcement ADD COLUMN happened_at BIGINT;
