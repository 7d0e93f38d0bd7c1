-- Which lines a statement file holds: what it alone has brought goes with it when its import is undone. Files from before are noted
-- when they are imported again.
CREATE TABLE statement_line (
    bank_account TEXT NOT NULL,
    sha256 BLOB NOT NULL,               -- statement_file.sha256
    line TEXT NOT NULL REFERENCES bank_line (id),
    PRIMARY KEY (bank_account, sha256, line)
);
CREATE INDEX statement_line_by_line ON statement_line (line);

-- The days that a file speaks for; NULL where it says none, and before its lines were noted.
ALTER TABLE statement_file ADD COLUMN covered_from_on TEXT;
ALTER TABLE statement_file ADD COLUMN covered_until_on TEXT;
-- Whether its lines are noted.
ALTER TABLE statement_file ADD COLUMN noted SMALLINT NOT NULL DEFAULT 0;
