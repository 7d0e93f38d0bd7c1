-- Every object that Stripe holds, beside those that are reconciled: what people ask for in queries. Nothing is concluded from
-- these tables. A column is NULL where Stripe says nothing, or says what the column cannot hold; object_version has its words.
--
-- In each of them:
--   account     whose object
--   version     object_version.hash of the bytes that the row was made from; of what stands within another object, that one's
--   created_at  unix seconds, UTC; NULL where Stripe gives no such time
--   deleted     1: Stripe has deleted it, or it no longer stands in what it stood in
-- Other columns *_at are Stripe's instants, too: unix seconds, UTC.

-- A card issuer's word that a charge was probably fraud.
CREATE TABLE early_fraud_warning (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    charge TEXT,
    payment_intent TEXT,
    kind TEXT,                          -- Stripe's fraud_type
    actionable SMALLINT,                -- 1: a refund may still keep it from becoming a dispute
    PRIMARY KEY (id, account)
);

-- The attempts to take one payment.
CREATE TABLE payment_intent (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    currency TEXT,
    amount_minor BIGINT,
    received_minor BIGINT,              -- what was taken so far
    status TEXT,
    customer TEXT,
    charge TEXT,                        -- the latest attempt
    description TEXT,
    canceled_at BIGINT,
    cancellation_reason TEXT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);

-- Money put into a Stripe balance from a bank.
CREATE TABLE topup (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    currency TEXT,
    amount_minor BIGINT,
    status TEXT,
    txn TEXT,
    failure_code TEXT,
    expected_at BIGINT,                 -- when it should be available
    description TEXT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);

-- Money moved from a platform to a connected account.
CREATE TABLE transfer (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    currency TEXT,
    amount_minor BIGINT,
    reversed_minor BIGINT,              -- taken back so far
    txn TEXT,
    destination TEXT,                   -- the connected account
    destination_charge TEXT,            -- the payment that it is there
    charge TEXT,                        -- whose money it passes on
    transfer_group TEXT,
    description TEXT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);

-- Money taken back of a transfer.
CREATE TABLE transfer_reversal (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    transfer TEXT,
    currency TEXT,
    amount_minor BIGINT,
    txn TEXT,
    refund TEXT,                        -- the refund that caused it
    destination_refund TEXT,            -- the refund that it is at the connected account
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);
CREATE INDEX transfer_reversal_by_transfer ON transfer_reversal (account, transfer);

-- A platform's fee on a connected account's charge.
CREATE TABLE application_fee (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    currency TEXT,
    amount_minor BIGINT,
    refunded_minor BIGINT,              -- given back so far
    txn TEXT,
    paid_by TEXT,                       -- the connected account
    charge TEXT,                        -- at the connected account
    originating_charge TEXT,            -- the platform's own, where it made the charge
    PRIMARY KEY (id, account)
);

-- Money given back of an application fee.
CREATE TABLE application_fee_refund (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    application_fee TEXT,
    currency TEXT,
    amount_minor BIGINT,
    txn TEXT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);
CREATE INDEX application_fee_refund_by_application_fee ON application_fee_refund (account, application_fee);

-- A customer. Names and addresses stand only in the object's own bytes.
CREATE TABLE customer (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    currency TEXT,
    balance_minor BIGINT,               -- negative: the customer has credit
    delinquent SMALLINT,
    metadata TEXT,                      -- JSON array of [name, value]
    credit_version BLOB,                -- the version at which its balance txns were last read to the end
    PRIMARY KEY (id, account)
);

-- A change of the credit that a customer has with the merchant; no movement of money.
CREATE TABLE customer_balance_txn (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    customer TEXT,
    currency TEXT,
    amount_minor BIGINT,                -- negative: credit to the customer
    ending_balance_minor BIGINT,        -- the customer's balance after it
    kind TEXT,                          -- Stripe's type
    invoice TEXT,
    credit_note TEXT,
    description TEXT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);
CREATE INDEX customer_balance_txn_by_customer ON customer_balance_txn (account, customer);

-- Something that is sold.
CREATE TABLE product (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    name TEXT,
    active SMALLINT,
    default_price TEXT,
    description TEXT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);

-- What a product costs.
CREATE TABLE price (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    product TEXT,
    currency TEXT,
    unit_amount_minor BIGINT,
    unit_amount_decimal TEXT,           -- minor units as decimal text, where they are not whole
    kind TEXT,                          -- one_time, recurring
    billing_scheme TEXT,
    recurring_interval TEXT,            -- day, week, month, year
    recurring_count BIGINT,
    usage_type TEXT,
    active SMALLINT,
    nickname TEXT,
    lookup_key TEXT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);

-- A discount that can be given.
CREATE TABLE coupon (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    name TEXT,
    currency TEXT,
    amount_off_minor BIGINT,
    percent_off TEXT,                   -- decimal text
    duration TEXT,
    duration_in_months BIGINT,
    valid SMALLINT,
    times_redeemed BIGINT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);

-- A tax that can be put on an invoice.
CREATE TABLE tax_rate (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    display_name TEXT,
    percentage TEXT,                    -- decimal text
    inclusive SMALLINT,                 -- 1: prices hold it already
    kind TEXT,                          -- Stripe's tax_type
    country TEXT,
    state TEXT,
    jurisdiction TEXT,
    active SMALLINT,
    description TEXT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);

-- An invoice.
CREATE TABLE invoice (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    number TEXT,
    customer TEXT,
    subscription TEXT,
    status TEXT,
    billing_reason TEXT,
    collection_method TEXT,
    currency TEXT,
    subtotal_minor BIGINT,
    total_minor BIGINT,
    due_minor BIGINT,                   -- what is to be paid after credit
    paid_minor BIGINT,
    remaining_minor BIGINT,
    starting_balance_minor BIGINT,      -- the customer's balance before
    ending_balance_minor BIGINT,        -- the customer's balance after
    credited_before_minor BIGINT,       -- credit notes issued before it was paid
    credited_after_minor BIGINT,        -- credit notes issued after
    due_at BIGINT,
    period_start_at BIGINT,             -- of the pending items, not of the service
    period_end_at BIGINT,
    finalized_at BIGINT,
    paid_at BIGINT,
    voided_at BIGINT,
    uncollectible_at BIGINT,            -- written off
    attempt_count BIGINT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);

-- A line of an invoice.
CREATE TABLE invoice_line (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    invoice TEXT,
    currency TEXT,
    amount_minor BIGINT,                -- negative for credit, as of a proration
    subtotal_minor BIGINT,              -- before discounts and tax
    quantity TEXT,                      -- decimal text
    price TEXT,
    product TEXT,
    subscription TEXT,
    subscription_item TEXT,
    invoice_item TEXT,
    prorated_subscription SMALLINT,     -- 1: a part of a period, by a change of its subscription
    prorated_item SMALLINT,             -- 1: a part of a period, by its invoice item
    period_start_at BIGINT,             -- of the service
    period_end_at BIGINT,
    description TEXT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);
-- Who has had credit: see store::sync::credit.
CREATE INDEX invoice_by_customer ON invoice (account, customer);
CREATE INDEX invoice_line_by_invoice ON invoice_line (account, invoice);

-- Something that waits for its invoice, or was put on one.
CREATE TABLE invoice_item (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    customer TEXT,
    invoice TEXT,                       -- NULL: it waits
    subscription TEXT,
    price TEXT,
    currency TEXT,
    amount_minor BIGINT,
    quantity TEXT,                      -- decimal text
    proration SMALLINT,
    period_start_at BIGINT,
    period_end_at BIGINT,
    description TEXT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);

-- A payment's part of an invoice.
CREATE TABLE invoice_payment (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    invoice TEXT,
    currency TEXT,
    requested_minor BIGINT,
    paid_minor BIGINT,                  -- NULL until it is paid
    status TEXT,
    kind TEXT,                          -- payment_intent, charge, payment_record
    payment_intent TEXT,
    charge TEXT,
    paid_at BIGINT,
    PRIMARY KEY (id, account)
);

CREATE INDEX invoice_payment_by_invoice ON invoice_payment (account, invoice);

-- A credit note.
CREATE TABLE credit_note (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    number TEXT,
    invoice TEXT,
    customer TEXT,
    status TEXT,
    kind TEXT,                          -- pre_payment, post_payment, mixed
    reason TEXT,
    currency TEXT,
    subtotal_minor BIGINT,
    total_minor BIGINT,
    before_payment_minor BIGINT,
    after_payment_minor BIGINT,
    out_of_band_minor BIGINT,
    customer_balance_txn TEXT,
    effective_at BIGINT,
    voided_at BIGINT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);

CREATE INDEX credit_note_by_customer ON credit_note (account, customer);

-- A subscription.
CREATE TABLE subscription (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    customer TEXT,
    status TEXT,
    currency TEXT,
    collection_method TEXT,
    started_at BIGINT,
    anchor_at BIGINT,                   -- what its periods are counted from
    trial_start_at BIGINT,
    trial_end_at BIGINT,
    cancel_at BIGINT,
    cancel_at_period_end SMALLINT,
    canceled_at BIGINT,
    ended_at BIGINT,
    latest_invoice TEXT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);

-- A price within a subscription.
CREATE TABLE subscription_item (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    subscription TEXT,
    price TEXT,
    quantity TEXT,                      -- decimal text
    period_start_at BIGINT,
    period_end_at BIGINT,
    metadata TEXT,                      -- JSON array of [name, value]
    PRIMARY KEY (id, account)
);
CREATE INDEX subscription_item_by_subscription ON subscription_item (account, subscription);

-- What Stripe says has happened to an object. It is a hint: the object is read again, and then it is done.
CREATE TABLE event (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    version BLOB NOT NULL,
    created_at BIGINT,
    deleted SMALLINT NOT NULL,
    kind TEXT,                          -- Stripe's type, such as invoice.paid
    object TEXT,                        -- the kind of the object that it is about; NULL: none that is kept
    object_id TEXT,
    api_version TEXT,                   -- in which the object that it carries is written
    done SMALLINT NOT NULL DEFAULT 0,   -- 1: the object was read since
    PRIMARY KEY (id, account)
);
CREATE INDEX event_waiting ON event (account, object, object_id) WHERE done = 0 AND object IS NOT NULL;
