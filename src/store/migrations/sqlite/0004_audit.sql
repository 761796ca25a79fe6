-- What was done, chained so that no line can be changed or taken out unseen; and what left the house.

CREATE TABLE audit_events (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,  -- JSON: model::Actor
    action TEXT NOT NULL,  -- request.approved
    subject_kind TEXT NOT NULL,
    subject TEXT NOT NULL,  -- its id
    request TEXT,  -- the release request it belongs to
    step BIGINT NOT NULL,  -- counts the events of its request, or else of its subject: many are of one millisecond
    detail TEXT NOT NULL  -- JSON; never a name, a birth date or a code
);
CREATE INDEX audit_events_of_request ON audit_events (request, step, id) WHERE request IS NOT NULL;
CREATE INDEX audit_events_of_subject ON audit_events (subject, step, id);

-- Events that wait for their seal, put here with the event and taken away with the seal.
CREATE TABLE audit_unsealed (
    event TEXT NOT NULL PRIMARY KEY REFERENCES audit_events (id)
);

-- Each event's place in the chain.
CREATE TABLE audit_seals (
    number BIGINT NOT NULL PRIMARY KEY,  -- from 1, without gaps
    event TEXT NOT NULL UNIQUE REFERENCES audit_events (id),
    hash TEXT NOT NULL,  -- SHA-256 over the hash before and the event, hex
    sealed_at BIGINT NOT NULL
);

-- Keys daily heads are signed with; the newest signs.
CREATE TABLE audit_keys (
    id TEXT NOT NULL PRIMARY KEY,
    public_key TEXT NOT NULL,  -- Ed25519, hex
    sealed_seed BLOB NOT NULL,  -- the private half, sealed by a data key used for nothing else
    data_key BLOB NOT NULL,  -- that key, wrapped by the master key
    master_key_id TEXT NOT NULL  -- which master key wraps it
);

-- The end of the chain on each day (UTC) that had a seal, signed. A copy goes to a file outside.
CREATE TABLE audit_heads (
    day TEXT NOT NULL PRIMARY KEY,  -- YYYY-MM-DD
    number BIGINT NOT NULL,  -- the day's last seal
    hash TEXT NOT NULL,
    audit_key TEXT NOT NULL REFERENCES audit_keys (id),
    signature TEXT NOT NULL  -- Ed25519, hex
);

-- Images leaving: on record before the first byte does.
CREATE TABLE disclosures (
    id TEXT NOT NULL PRIMARY KEY,
    request TEXT NOT NULL REFERENCES requests (id),
    delivery TEXT NOT NULL REFERENCES deliveries (id),
    what TEXT NOT NULL,  -- package, disc_set, study
    what_id TEXT NOT NULL,
    session TEXT NOT NULL,  -- the recipient's session, or the shipment
    recipient TEXT NOT NULL,  -- name and address: 45 CFR 164.528(b)(2)
    whole_bytes BIGINT NOT NULL,
    intervals TEXT NOT NULL,  -- JSON: which bytes left, merged
    left_bytes BIGINT NOT NULL,  -- how many these are
    state TEXT NOT NULL,  -- begun, completed, handed_over, abandoned
    begun_at BIGINT NOT NULL,
    ended_at BIGINT,
    UNIQUE (session, what_id)
);
CREATE INDEX disclosures_of_request ON disclosures (request, id);
CREATE INDEX disclosures_of_delivery ON disclosures (delivery, id);
CREATE INDEX disclosures_begun ON disclosures (begun_at, id) WHERE state = 'begun';

-- This engine's own: rows that are only ever added.

CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events
    BEGIN SELECT RAISE(ABORT, 'audit_events: rows are only added'); END;
CREATE TRIGGER audit_events_remain BEFORE DELETE ON audit_events
    BEGIN SELECT RAISE(ABORT, 'audit_events: rows are only added'); END;
CREATE TRIGGER audit_events_are_not_replaced BEFORE INSERT ON audit_events
    WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'audit_events: rows are only added'); END;

CREATE TRIGGER audit_seals_stay BEFORE UPDATE ON audit_seals
    BEGIN SELECT RAISE(ABORT, 'audit_seals: rows are only added'); END;
CREATE TRIGGER audit_seals_remain BEFORE DELETE ON audit_seals
    BEGIN SELECT RAISE(ABORT, 'audit_seals: rows are only added'); END;
CREATE TRIGGER audit_seals_are_not_replaced BEFORE INSERT ON audit_seals
    WHEN EXISTS (SELECT 1 FROM audit_seals WHERE number = NEW.number OR event = NEW.event)
    BEGIN SELECT RAISE(ABORT, 'audit_seals: rows are only added'); END;

CREATE TRIGGER audit_heads_stay BEFORE UPDATE ON audit_heads
    BEGIN SELECT RAISE(ABORT, 'audit_heads: rows are only added'); END;
CREATE TRIGGER audit_heads_remain BEFORE DELETE ON audit_heads
    BEGIN SELECT RAISE(ABORT, 'audit_heads: rows are only added'); END;
CREATE TRIGGER audit_heads_are_not_replaced BEFORE INSERT ON audit_heads
    WHEN EXISTS (SELECT 1 FROM audit_heads WHERE day = NEW.day)
    BEGIN SELECT RAISE(ABORT, 'audit_heads: rows are only added'); END;

CREATE TRIGGER disclosures_remain BEFORE DELETE ON disclosures
    BEGIN SELECT RAISE(ABORT, 'disclosures: rows are not deleted'); END;
