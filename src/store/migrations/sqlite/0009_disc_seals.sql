-- What the discs of a delivery are made of, kept so that the same disc can be built whenever one is burned.
CREATE TABLE disc_seals (
    id TEXT NOT NULL PRIMARY KEY,
    request TEXT NOT NULL REFERENCES requests (id),
    delivery TEXT NOT NULL REFERENCES deliveries (id),
    package TEXT NOT NULL REFERENCES packages (id),  -- which keeps the archives its bytes lie in
    blob_key TEXT NOT NULL UNIQUE,  -- the sealed layouts, in the blob store
    data_key BLOB NOT NULL,  -- what opens them, wrapped
    master_key_id TEXT NOT NULL,  -- which master key wraps it
    made_at BIGINT NOT NULL
);
CREATE INDEX disc_seals_of_delivery ON disc_seals (delivery, id);
CREATE INDEX disc_seals_by_master_key ON disc_seals (master_key_id, id);

-- The code that opens a sealed disc. A disc may be opened at next year's appointment, so it stays as long as the
-- request does, unless the patient wants it destroyed.
CREATE TABLE opening_codes (
    id TEXT NOT NULL PRIMARY KEY REFERENCES disc_seals (id),
    sealed BLOB NOT NULL,
    data_key BLOB NOT NULL,  -- what opens it, wrapped
    master_key_id TEXT NOT NULL  -- which master key wraps it
);
CREATE INDEX opening_codes_by_master_key ON opening_codes (master_key_id, id);
