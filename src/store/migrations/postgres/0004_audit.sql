-- What was done, chained so that no line can be changed or taken out unseen; and what left the house.

CREATE TABLE audit_events (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,  -- JSON: model::Actor
    action TEXT COLLATE "C" NOT NULL,  -- request.approved
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,  -- its id
    request TEXT COLLATE "C",  -- the release request it belongs to
    step BIGINT NOT NULL,  -- counts the events of its request, or else of its subject: many are of one millisecond
    detail TEXT COLLATE "C" NOT NULL  -- JSON; never a name, a birth date or a code
);
CREATE INDEX audit_events_of_request ON audit_events (request, step, id) WHERE request IS NOT NULL;
CREATE INDEX audit_events_of_subject ON audit_events (subject, step, id);

-- Events that wait for their seal, put here with the event and taken away with the seal.
CREATE TABLE audit_unsealed (
    event TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES audit_events (id)
);

-- Each event's place in the chain.
CREATE TABLE audit_seals (
    number BIGINT NOT NULL PRIMARY KEY,  -- from 1, without gaps
    event TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES audit_events (id),
    hash TEXT COLLATE "C" NOT NULL,  -- SHA-256 over the hash before and the event, hex
    sealed_at BIGINT NOT NULL
);

-- Keys daily heads are signed with; the newest signs.
CREATE TABLE audit_keys (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    public_key TEXT COLLATE "C" NOT NULL,  -- Ed25519, hex
    sealed_seed BYTEA NOT NULL,  -- the private half, sealed by a data key used for nothing else
    data_key BYTEA NOT NULL,  -- that key, wrapped by the master key
    master_key_id TEXT COLLATE "C" NOT NULL  -- which master key wraps it
);

-- The end of the chain on each day (UTC) that had a seal, signed. A copy goes to a file outside.
CREATE TABLE audit_heads (
    day TEXT COLLATE "C" NOT NULL PRIMARY KEY,  -- YYYY-MM-DD
    number BIGINT NOT NULL,  -- the day's last seal
    hash TEXT COLLATE "C" NOT NULL,
    audit_key TEXT COLLATE "C" NOT NULL REFERENCES audit_keys (id),
    signature TEXT COLLATE "C" NOT NULL  -- Ed25519, hex
);

-- Images leaving: on record before the first byte does.
CREATE TABLE disclosures (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    request TEXT COLLATE "C" NOT NULL REFERENCES requests (id),
    delivery TEXT COLLATE "C" NOT NULL REFERENCES deliveries (id),
    what TEXT COLLATE "C" NOT NULL,  -- package, disc_set, study
    what_id TEXT COLLATE "C" NOT NULL,
    session TEXT COLLATE "C" NOT NULL,  -- the recipient's session, or the shipment
    recipient TEXT COLLATE "C" NOT NULL,  -- name and address: 45 CFR 164.528(b)(2)
    whole_bytes BIGINT NOT NULL,
    intervals TEXT COLLATE "C" NOT NULL,  -- JSON: which bytes left, merged
    left_bytes BIGINT NOT NULL,  -- how many these are
    state TEXT COLLATE "C" NOT NULL,  -- begun, completed, handed_over, abandoned
    begun_at BIGINT NOT NULL,
    ended_at BIGINT,
    UNIQUE (session, what_id)
);
CREATE INDEX disclosures_of_request ON disclosures (request, id);
CREATE INDEX disclosures_of_delivery ON disclosures (delivery, id);
CREATE INDEX disclosures_begun ON disclosures (begun_at, id) WHERE state = 'begun';

-- This engine's own: rows that are only ever added.

CREATE FUNCTION rows_are_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '%: rows are only added', TG_TABLE_NAME; END
$$;

CREATE TRIGGER audit_events_stay BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION rows_are_only_added();
CREATE TRIGGER audit_events_remain BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION rows_are_only_added();

CREATE TRIGGER audit_seals_stay BEFORE UPDATE OR DELETE ON audit_seals
    FOR EACH ROW EXECUTE FUNCTION rows_are_only_added();
CREATE TRIGGER audit_seals_remain BEFORE TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION rows_are_only_added();

CREATE TRIGGER audit_heads_stay BEFORE UPDATE OR DELETE ON audit_heads
    FOR EACH ROW EXECUTE FUNCTION rows_are_only_added();
CREATE TRIGGER audit_heads_remain BEFORE TRUNCATE ON audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION rows_are_only_added();

CREATE TRIGGER disclosures_remain BEFORE DELETE ON disclosures
    FOR EACH ROW EXECUTE FUNCTION rows_are_only_added();
CREATE TRIGGER disclosures_are_kept BEFORE TRUNCATE ON disclosures
    FOR EACH STATEMENT EXECUTE FUNCTION rows_are_only_added();
