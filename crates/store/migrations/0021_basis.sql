-- What each statement of a file speaks for: the days, and the balances before the first and after the last line, where it says them.
CREATE TABLE statement_span (
    bank_account TEXT NOT NULL,
    sha256 BLOB NOT NULL,               -- statement_file.sha256
    place SMALLINT NOT NULL,            -- which statement of the file, from 0
    from_on TEXT NOT NULL,              -- both ends included
    until_on TEXT NOT NULL,
    opening_minor BIGINT,
    closing_minor BIGINT,
    PRIMARY KEY (bank_account, sha256, place)
);
INSERT INTO statement_span (bank_account, sha256, place, from_on, until_on)
SELECT bank_account, sha256, 0, covered_from_on, covered_until_on FROM statement_file WHERE covered_from_on IS NOT NULL;

-- What everything was last judged from: as long as it stands, single accounts are judged alone, by whichever process.
CREATE TABLE basis (
    one SMALLINT NOT NULL PRIMARY KEY CHECK (one = 1),
    revision BIGINT NOT NULL,           -- meta.revision of the facts
    day TEXT NOT NULL,                  -- the business day that was judged
    zone TEXT NOT NULL,                 -- the time zone that days are meant in
    program TEXT NOT NULL               -- the version of the program that judged
);

-- The day on which the first payout of each currency arrived then.
CREATE TABLE basis_currency (
    currency TEXT NOT NULL PRIMARY KEY,
    first_arrives_on TEXT NOT NULL
);

-- The bank account where payouts of an account, a currency and a destination arrived then, where finds told.
CREATE TABLE basis_route (
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    destination TEXT NOT NULL,          -- payout.destination; empty: none was named
    bank_account TEXT NOT NULL,
    PRIMARY KEY (account, currency, destination)
);

-- The stretches of days without a hole that the statements of each bank account spoke for then.
CREATE TABLE basis_stretch (
    bank_account TEXT NOT NULL,
    from_on TEXT NOT NULL,              -- both ends included
    until_on TEXT NOT NULL,
    PRIMARY KEY (bank_account, from_on)
);

-- Until which business day each account was completely known when it was judged last.
CREATE TABLE basis_account (
    account TEXT NOT NULL PRIMARY KEY,
    known_until TEXT                    -- NULL: its last sync was not complete, or none was
);

-- Which txns of an account had to be in a payout when its payouts were judged last.
CREATE TABLE settlement_window (
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    created_after BIGINT,               -- those created after this unix second; NULL: all
    available_until TEXT NOT NULL,      -- and available on this day or before
    overtaken_until TEXT,               -- a later payout took what came after this day; NULL: none did
    last_payout_on TEXT NOT NULL,       -- when the last automatic payout was made
    PRIMARY KEY (account, currency)
);
