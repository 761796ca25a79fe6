-- Discs: what is burned for a delivery, and how far each disc is.

-- Everything that goes into one envelope.
CREATE TABLE disc_sets (
    id TEXT NOT NULL PRIMARY KEY,
    request TEXT NOT NULL REFERENCES requests (id),
    delivery TEXT NOT NULL REFERENCES deliveries (id),
    number BIGINT NOT NULL UNIQUE,  -- the number in the codes of its papers and its envelope
    state TEXT NOT NULL,  -- open, packed, withdrawn
    reason TEXT,  -- why it was withdrawn
    recipe TEXT NOT NULL,  -- JSON: what its images are made of
    discs BIGINT NOT NULL,  -- how many it has
    studies BIGINT NOT NULL,  -- how many are on all of them together
    series BIGINT NOT NULL,
    instances BIGINT NOT NULL,
    due_at BIGINT NOT NULL,  -- when it should be on its way
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX disc_sets_open ON disc_sets (delivery) WHERE state = 'open';
CREATE INDEX disc_sets_of_delivery ON disc_sets (delivery, id);
CREATE INDEX disc_sets_of_request ON disc_sets (request, id);

CREATE TABLE discs (
    id TEXT NOT NULL PRIMARY KEY,
    disc_set TEXT NOT NULL REFERENCES disc_sets (id),
    place BIGINT NOT NULL,  -- from 1: disc 2 of 3
    code TEXT NOT NULL UNIQUE,  -- what is printed on it
    medium TEXT NOT NULL,  -- cd, dvd, dvd-dl, bd
    image_bytes BIGINT NOT NULL,
    image_sha256 TEXT NOT NULL,  -- hex
    state TEXT NOT NULL,  -- planned, queued, leased, burning, burned, verified, labelled, packed, unresolved, spoiled
    attempts BIGINT NOT NULL,  -- how often it was leased: the fence
    station TEXT,  -- whose attempt the state comes from
    lease_until BIGINT,  -- by the database's clock; only while a station is at it
    reason TEXT,  -- why it is unresolved or spoiled
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
-- A place in a set has one disc that is good or may become so.
CREATE UNIQUE INDEX discs_one_each ON discs (disc_set, place) WHERE state <> 'spoiled';
CREATE INDEX discs_at_work ON discs (state, id) WHERE state NOT IN ('packed', 'spoiled');
CREATE INDEX discs_leased ON discs (lease_until, id) WHERE lease_until IS NOT NULL;
CREATE INDEX discs_of_set ON discs (disc_set, id);

-- Each lease of a disc. `begun_at` is the intent: it is there before the drive is touched.
CREATE TABLE burn_attempts (
    disc TEXT NOT NULL REFERENCES discs (id),
    number BIGINT NOT NULL,  -- counts the leases of the disc, from 1
    station TEXT NOT NULL,
    leased_at BIGINT NOT NULL,
    begun_at BIGINT,  -- NULL: the drive is untouched
    ended_at BIGINT,  -- NULL: nobody knows yet
    outcome TEXT,  -- queued, verified, spoiled: the state the disc ended in
    PRIMARY KEY (disc, number)
);

-- The stations that were ever heard of.
CREATE TABLE stations (
    name TEXT NOT NULL PRIMARY KEY,
    tray TEXT NOT NULL,  -- the blanks it last asked for a disc with
    seen_at BIGINT NOT NULL
);
