-- In which currencies an account has txns of balance type payments: each must have a balance to be held against.
CREATE TABLE txn_currency (
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    PRIMARY KEY (account, currency)
);
INSERT INTO txn_currency (account, currency) SELECT DISTINCT account, currency FROM txn WHERE balance_type = 'payments';
