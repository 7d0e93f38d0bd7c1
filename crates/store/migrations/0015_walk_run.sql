-- The run that last read a list to its end: run.id; NULL where none did, or where that was before runs were noted here.
ALTER TABLE walk ADD COLUMN complete_run BIGINT;
