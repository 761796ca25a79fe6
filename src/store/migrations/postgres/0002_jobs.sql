-- Work to be done, put here by the transaction that makes it necessary.
CREATE TABLE jobs (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,  -- which handler does it
    payload TEXT COLLATE "C" NOT NULL,  -- JSON, for the handler
    node TEXT COLLATE "C",  -- the only node that can do it; NULL: any
    dedup_key TEXT COLLATE "C",  -- what it is about: one waits at a time, one runs at a time; NULL: it stands alone
    state TEXT COLLATE "C" NOT NULL,  -- ready, leased, done, unresolved, parked
    run_at BIGINT NOT NULL,  -- not before
    tries BIGINT NOT NULL,  -- how often it was leased
    max_tries BIGINT NOT NULL,  -- parked after so many
    worker TEXT COLLATE "C",  -- who leases it
    epoch BIGINT NOT NULL,  -- counts leases; an ending must name the current one
    lease_until BIGINT,  -- by the database's clock
    last_error TEXT COLLATE "C",  -- why it failed last, is parked or unresolved; never holds personal data
    created_at BIGINT NOT NULL,
    finished_at BIGINT  -- when it was done, parked or left unresolved
);
CREATE UNIQUE INDEX jobs_waiting_once ON jobs (kind, dedup_key, coalesce(node, ''))
    WHERE state = 'ready' AND dedup_key IS NOT NULL;
CREATE INDEX jobs_ready ON jobs (run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_leased ON jobs (id, lease_until) WHERE state = 'leased';
CREATE INDEX jobs_stopped ON jobs (id) WHERE state IN ('parked', 'unresolved');
CREATE INDEX jobs_done ON jobs (finished_at) WHERE state = 'done';
