-- What patients owe and paid. Money moves only by a transfer; charges say how far each is.

-- The flat fee of one FedEx delivery.
CREATE TABLE charges (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    request TEXT COLLATE "C" NOT NULL REFERENCES requests (id),
    reference TEXT COLLATE "C" NOT NULL,  -- its public reference
    delivery TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES deliveries (id),  -- what the fee is for
    site TEXT COLLATE "C" NOT NULL,  -- whose books
    amount_cents BIGINT NOT NULL CHECK (amount_cents > 0),
    basis TEXT COLLATE "C" NOT NULL,  -- JSON: the lines that summed to the fee when it was quoted
    state TEXT COLLATE "C" NOT NULL,  -- quoted, open, paid, waived, void, refunding, refunded, disputed, written_off
    facts TEXT COLLATE "C" NOT NULL,  -- JSON: what is true in that state
    quoted_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX charges_of_request ON charges (request, id);
CREATE INDEX charges_by_state ON charges (site, state, id);

-- The ledger. A row is one movement of an amount from the credited to the debited account; it stays as it is.
CREATE TABLE transfers (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    movement TEXT COLLATE "C" NOT NULL,  -- why
    debit TEXT COLLATE "C" NOT NULL,
    credit TEXT COLLATE "C" NOT NULL,
    amount_cents BIGINT NOT NULL CHECK (amount_cents > 0),
    site TEXT COLLATE "C" NOT NULL,  -- whose books
    accounting_on TEXT COLLATE "C" NOT NULL,  -- YYYY-MM-DD in the site's time zone
    charge TEXT COLLATE "C" REFERENCES charges (id),  -- NULL: what is paid in to the bank
    idempotency_key TEXT COLLATE "C" NOT NULL UNIQUE,  -- what happened
    payload_sha256 TEXT COLLATE "C" NOT NULL,  -- of what the key must always come with
    actor TEXT COLLATE "C" NOT NULL,  -- JSON: model::Actor
    posted_at BIGINT NOT NULL,
    CHECK (debit <> credit)
);
CREATE INDEX transfers_of_charge ON transfers (charge, id);
CREATE INDEX transfers_by_day ON transfers (site, accounting_on, id);

-- What one person proposes and another decides.
CREATE TABLE proposals (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    charge TEXT COLLATE "C" NOT NULL REFERENCES charges (id),
    kind TEXT COLLATE "C" NOT NULL,  -- waiver, refund
    reason TEXT COLLATE "C" NOT NULL,
    proposed_by TEXT COLLATE "C" NOT NULL,  -- JSON: model::Actor
    proposed_at BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,  -- open, approved, declined
    decided_by TEXT COLLATE "C",
    decided_at BIGINT,
    CHECK (state <> 'approved' OR decided_by <> proposed_by)
);
CREATE UNIQUE INDEX proposals_open ON proposals (charge) WHERE state = 'open';

-- A day at a site whose takings were counted. What comes later belongs to the next day.
CREATE TABLE closings (
    site TEXT COLLATE "C" NOT NULL,
    accounting_on TEXT COLLATE "C" NOT NULL,  -- YYYY-MM-DD
    counts TEXT COLLATE "C" NOT NULL,  -- JSON: for cash, checks and cards what the ledger expects and what was counted
    reason TEXT COLLATE "C",  -- why the two differ
    closed_by TEXT COLLATE "C" NOT NULL,
    closed_at BIGINT NOT NULL,
    PRIMARY KEY (site, accounting_on)
);

-- What was handed to the general ledger, byte for byte.
CREATE TABLE export_batches (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,  -- GL-SITE-YYYYMMDD-NN
    site TEXT COLLATE "C" NOT NULL,
    made_on TEXT COLLATE "C" NOT NULL,  -- YYYY-MM-DD
    transfers BIGINT NOT NULL,  -- how many
    total_cents BIGINT NOT NULL,  -- the sum of the debits, and of the credits
    sha256 TEXT COLLATE "C" NOT NULL,  -- of the content
    content TEXT COLLATE "C" NOT NULL,  -- CSV
    made_by TEXT COLLATE "C" NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX export_batches_of_site ON export_batches (site, made_on, id);

-- Which transfers are in which batch: each in one at most.
CREATE TABLE exported_transfers (
    transfer TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES transfers (id),
    batch TEXT COLLATE "C" NOT NULL REFERENCES export_batches (id)
);

-- This engine's own: rows that are never changed, replaced or removed.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER transfers_keep BEFORE UPDATE OR DELETE ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfers_stay BEFORE TRUNCATE ON transfers EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closings_keep BEFORE UPDATE OR DELETE ON closings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closings_stay BEFORE TRUNCATE ON closings EXECUTE FUNCTION refuse_change();
CREATE TRIGGER export_batches_keep BEFORE UPDATE OR DELETE ON export_batches FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER export_batches_stay BEFORE TRUNCATE ON export_batches EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exported_transfers_keep BEFORE UPDATE OR DELETE ON exported_transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exported_transfers_stay BEFORE TRUNCATE ON exported_transfers EXECUTE FUNCTION refuse_change();
