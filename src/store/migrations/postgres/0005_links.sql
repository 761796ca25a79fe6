-- What a link hands over: the whole of a request's images as one file that never changes.
CREATE TABLE packages (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    request TEXT COLLATE "C" NOT NULL REFERENCES requests (id),
    version BIGINT NOT NULL,  -- 1, 2, …: a late instance makes a new version
    is_current BIGINT NOT NULL,  -- 1: the version that is handed out
    contents_digest TEXT COLLATE "C" NOT NULL,  -- of what is in it, whenever it was frozen, in hex
    etag TEXT COLLATE "C" NOT NULL,  -- digest of the layout, in hex: equal for equal bytes
    zip_bytes BIGINT NOT NULL,  -- length of the ZIP
    studies BIGINT NOT NULL,
    series BIGINT NOT NULL,
    instances BIGINT NOT NULL,
    withheld BIGINT NOT NULL,  -- instances left out, for the reasons the manifest gives
    blob_key TEXT COLLATE "C" NOT NULL UNIQUE,  -- the sealed layout: the file's literal bytes, and where the others lie
    data_key BYTEA NOT NULL,  -- its data key, wrapped by the master key
    master_key_id TEXT COLLATE "C" NOT NULL,
    frozen_at BIGINT NOT NULL,
    UNIQUE (request, version)
);
CREATE UNIQUE INDEX packages_current ON packages (request) WHERE is_current = 1;
CREATE INDEX packages_by_master_key ON packages (master_key_id, id);

-- The archives a package's bytes lie in. While a row is here its archive stays.
CREATE TABLE package_archives (
    package TEXT COLLATE "C" NOT NULL REFERENCES packages (id),
    number BIGINT NOT NULL,  -- by which the layout names it, from 0
    archive TEXT COLLATE "C" NOT NULL REFERENCES archives (id),
    PRIMARY KEY (package, number)
);
CREATE INDEX package_archives_of_archive ON package_archives (archive);

-- What one recipient may do with a package, and how far that is.
CREATE TABLE link_grants (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    request TEXT COLLATE "C" NOT NULL REFERENCES requests (id),
    delivery TEXT COLLATE "C" NOT NULL REFERENCES deliveries (id),
    shared_from TEXT COLLATE "C" REFERENCES link_grants (id),  -- the grant whose holder passed it on; NULL: ours
    package TEXT COLLATE "C" NOT NULL REFERENCES packages (id),
    recipient TEXT COLLATE "C" NOT NULL,  -- name and address, as the accounting of disclosures asks
    language TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,  -- prepared, active (and expired once until is past), revoked, locked
    until BIGINT NOT NULL,  -- good until then once active
    may_view BIGINT NOT NULL,
    may_download BIGINT NOT NULL,
    may_share BIGINT NOT NULL,
    token_hash TEXT COLLATE "C" UNIQUE,  -- SHA-256 of the link's token, in hex; NULL: none was issued
    proof TEXT COLLATE "C",  -- HMAC-SHA-256 of birth date and access code, in hex; NULL: no code was issued
    proof_key BYTEA,  -- its key, wrapped by the master key
    master_key_id TEXT COLLATE "C",
    wrong_tries BIGINT NOT NULL,  -- since the code was issued
    next_try_at BIGINT NOT NULL,  -- before then no try is looked at
    ended_by TEXT COLLATE "C",  -- who revoked it
    ended_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX link_grants_of_request ON link_grants (request, id);
CREATE INDEX link_grants_of_package ON link_grants (package);
CREATE INDEX link_grants_by_master_key ON link_grants (master_key_id, id) WHERE master_key_id IS NOT NULL;

-- A recipient who gave birth date and access code.
CREATE TABLE link_sessions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    link_grant TEXT COLLATE "C" NOT NULL REFERENCES link_grants (id),
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,  -- SHA-256 of the cookie's token, in hex
    begun_at BIGINT NOT NULL,
    until BIGINT NOT NULL,  -- moves on while it is used
    at_most_until BIGINT NOT NULL  -- never beyond
);
CREATE INDEX link_sessions_of_grant ON link_sessions (link_grant);
CREATE INDEX link_sessions_by_end ON link_sessions (at_most_until);

-- Who came by a link and did what, counted: the same visitor doing the same again is one row.
CREATE TABLE link_visits (
    link_grant TEXT COLLATE "C" NOT NULL REFERENCES link_grants (id),
    what TEXT COLLATE "C" NOT NULL,  -- opened, pressed, refused, entered, viewed, downloaded, shared
    agent TEXT COLLATE "C" NOT NULL,  -- User-Agent, cut
    address TEXT COLLATE "C" NOT NULL,  -- network address
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (link_grant, what, agent, address)
);

-- The outbox: mail put here by the transaction that makes it necessary.
CREATE TABLE messages (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,  -- also the first half of its Message-ID
    request TEXT COLLATE "C" NOT NULL REFERENCES requests (id),
    link_grant TEXT COLLATE "C" REFERENCES link_grants (id),  -- whose token is in it; NULL: none
    kind TEXT COLLATE "C" NOT NULL,
    recipient TEXT COLLATE "C" NOT NULL,  -- address
    state TEXT COLLATE "C" NOT NULL,  -- waiting, sent, refused, withdrawn
    sealed BYTEA,  -- the rendered mail, sealed; NULL once it does not wait any more
    data_key BYTEA,  -- its data key, wrapped by the master key
    master_key_id TEXT COLLATE "C",
    reason TEXT COLLATE "C",  -- why it was refused: never the server's own words, which may name the recipient
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX messages_of_request ON messages (request, id);
CREATE INDEX messages_of_grant ON messages (link_grant) WHERE link_grant IS NOT NULL;
