-- What patients owe and paid. Money moves only by a transfer; charges say how far each is.

-- The flat fee of one FedEx delivery.
CREATE TABLE charges (
    id TEXT NOT NULL PRIMARY KEY,
    request TEXT NOT NULL REFERENCES requests (id),
    reference TEXT NOT NULL,  -- its public reference
    delivery TEXT NOT NULL UNIQUE REFERENCES deliveries (id),  -- what the fee is for
    site TEXT NOT NULL,  -- whose books
    amount_cents BIGINT NOT NULL CHECK (amount_cents > 0),
    basis TEXT NOT NULL,  -- JSON: the lines that summed to the fee when it was quoted
    state TEXT NOT NULL,  -- quoted, open, paid, waived, void, refunding, refunded, disputed, written_off
    facts TEXT NOT NULL,  -- JSON: what is true in that state
    quoted_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX charges_of_request ON charges (request, id);
CREATE INDEX charges_by_state ON charges (site, state, id);

-- The ledger. A row is one movement of an amount from the credited to the debited account; it stays as it is.
CREATE TABLE transfers (
    id TEXT NOT NULL PRIMARY KEY,
    movement TEXT NOT NULL,  -- why
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    amount_cents BIGINT NOT NULL CHECK (amount_cents > 0),
    site TEXT NOT NULL,  -- whose books
    accounting_on TEXT NOT NULL,  -- YYYY-MM-DD in the site's time zone
    charge TEXT REFERENCES charges (id),  -- NULL: what is paid in to the bank
    idempotency_key TEXT NOT NULL UNIQUE,  -- what happened
    payload_sha256 TEXT NOT NULL,  -- of what the key must always come with
    actor TEXT NOT NULL,  -- JSON: model::Actor
    posted_at BIGINT NOT NULL,
    CHECK (debit <> credit)
) WITHOUT ROWID;
CREATE INDEX transfers_of_charge ON transfers (charge, id);
CREATE INDEX transfers_by_day ON transfers (site, accounting_on, id);

-- What one person proposes and another decides.
CREATE TABLE proposals (
    id TEXT NOT NULL PRIMARY KEY,
    charge TEXT NOT NULL REFERENCES charges (id),
    kind TEXT NOT NULL,  -- waiver, refund
    reason TEXT NOT NULL,
    proposed_by TEXT NOT NULL,  -- JSON: model::Actor
    proposed_at BIGINT NOT NULL,
    state TEXT NOT NULL,  -- open, approved, declined
    decided_by TEXT,
    decided_at BIGINT,
    CHECK (state <> 'approved' OR decided_by <> proposed_by)
);
CREATE UNIQUE INDEX proposals_open ON proposals (charge) WHERE state = 'open';

-- A day at a site whose takings were counted. What comes later belongs to the next day.
CREATE TABLE closings (
    site TEXT NOT NULL,
    accounting_on TEXT NOT NULL,  -- YYYY-MM-DD
    counts TEXT NOT NULL,  -- JSON: for cash, checks and cards what the ledger expects and what was counted
    reason TEXT,  -- why the two differ
    closed_by TEXT NOT NULL,
    closed_at BIGINT NOT NULL,
    PRIMARY KEY (site, accounting_on)
) WITHOUT ROWID;

-- What was handed to the general ledger, byte for byte.
CREATE TABLE export_batches (
    id TEXT NOT NULL PRIMARY KEY,  -- GL-SITE-YYYYMMDD-NN
    site TEXT NOT NULL,
    made_on TEXT NOT NULL,  -- YYYY-MM-DD
    transfers BIGINT NOT NULL,  -- how many
    total_cents BIGINT NOT NULL,  -- the sum of the debits, and of the credits
    sha256 TEXT NOT NULL,  -- of the content
    content TEXT NOT NULL,  -- CSV
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX export_batches_of_site ON export_batches (site, made_on, id);

-- Which transfers are in which batch: each in one at most.
CREATE TABLE exported_transfers (
    transfer TEXT NOT NULL PRIMARY KEY REFERENCES transfers (id),
    batch TEXT NOT NULL REFERENCES export_batches (id)
) WITHOUT ROWID;

-- This engine's own: rows that are never changed, replaced or removed.
CREATE TRIGGER transfers_keep BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
CREATE TRIGGER transfers_stay BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
CREATE TRIGGER transfers_once BEFORE INSERT ON transfers WHEN EXISTS (SELECT 1 FROM transfers WHERE id = NEW.id OR idempotency_key = NEW.idempotency_key)
    BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
CREATE TRIGGER closings_keep BEFORE UPDATE ON closings BEGIN SELECT RAISE(ABORT, 'closings are append-only'); END;
CREATE TRIGGER closings_stay BEFORE DELETE ON closings BEGIN SELECT RAISE(ABORT, 'closings are append-only'); END;
CREATE TRIGGER closings_once BEFORE INSERT ON closings WHEN EXISTS (SELECT 1 FROM closings WHERE site = NEW.site AND accounting_on = NEW.accounting_on)
    BEGIN SELECT RAISE(ABORT, 'closings are append-only'); END;
CREATE TRIGGER export_batches_keep BEFORE UPDATE ON export_batches BEGIN SELECT RAISE(ABORT, 'export_batches are append-only'); END;
CREATE TRIGGER export_batches_stay BEFORE DELETE ON export_batches BEGIN SELECT RAISE(ABORT, 'export_batches are append-only'); END;
CREATE TRIGGER export_batches_once BEFORE INSERT ON export_batches WHEN EXISTS (SELECT 1 FROM export_batches WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'export_batches are append-only'); END;
CREATE TRIGGER exported_transfers_keep BEFORE UPDATE ON exported_transfers BEGIN SELECT RAISE(ABORT, 'exported_transfers are append-only'); END;
CREATE TRIGGER exported_transfers_stay BEFORE DELETE ON exported_transfers BEGIN SELECT RAISE(ABORT, 'exported_transfers are append-only'); END;
CREATE TRIGGER exported_transfers_once BEFORE INSERT ON exported_transfers WHEN EXISTS (SELECT 1 FROM exported_transfers WHERE transfer = NEW.transfer)
    BEGIN SELECT RAISE(ABORT, 'exported_transfers are append-only'); END;
