-- The desk: who works here, who asks for what, and how each request is fulfilled.

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,  -- what they sign in with, lower case
    name TEXT NOT NULL,  -- as colleagues see it
    roles TEXT NOT NULL,  -- JSON: a list of model::Role
    password_hash TEXT,  -- argon2id, PHC string; NULL: may not sign in with a password
    active BIGINT NOT NULL,  -- 1: may sign in
    created_at BIGINT NOT NULL
);

-- Somebody's time signed in. The token is only in their cookie.
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,  -- SHA-256, hex
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,  -- used last; noted once a minute
    expires_at BIGINT NOT NULL  -- ends then, however much it is used
);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE api_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,  -- SHA-256, hex
    user_id TEXT NOT NULL REFERENCES users (id),
    purpose TEXT NOT NULL,  -- what it is for
    created_at BIGINT NOT NULL,
    expires_at BIGINT,  -- NULL: good until revoked
    revoked_at BIGINT  -- NULL: good
);
CREATE INDEX api_tokens_of_user ON api_tokens (user_id);

-- Failures to sign in, for logins that exist and for others alike.
CREATE TABLE sign_in_failures (
    subject TEXT NOT NULL PRIMARY KEY,  -- SHA-256 of the login or the network address, hex
    failures BIGINT NOT NULL,  -- in a row
    blocked_until BIGINT NOT NULL,  -- nobody is let in before
    failed_at BIGINT NOT NULL  -- the last one
);
CREATE INDEX sign_in_failures_by_age ON sign_in_failures (failed_at);

CREATE TABLE requests (
    id TEXT NOT NULL PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,  -- FR-XXXX-XXXX; may be printed and shown
    site TEXT NOT NULL,  -- the site that works on it
    received_on TEXT NOT NULL,  -- YYYY-MM-DD: postmark or fax stamp, not keying
    received_by TEXT NOT NULL,  -- JSON: model::request::ReceivedBy
    requester TEXT NOT NULL,  -- JSON: model::request::Requester
    patient TEXT NOT NULL,  -- JSON: model::request::GivenPatient
    patient_folded TEXT NOT NULL,  -- the patient's name, as it is searched: model::name::folded
    requester_folded TEXT NOT NULL,  -- the requester's
    wish TEXT NOT NULL,  -- in their words
    language TEXT NOT NULL,  -- to answer in, RFC 5646
    state TEXT NOT NULL,  -- see model::RequestState
    facts TEXT NOT NULL,  -- JSON: the same with what is true in it
    mammography BIGINT NOT NULL,  -- 1: 15 days instead of 30
    extension TEXT,  -- JSON: model::request::Extension
    due_on TEXT NOT NULL,  -- YYYY-MM-DD, follows from the others
    submitted_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,  -- when its state changed last
    closed_at BIGINT  -- NULL while it is open
);
CREATE INDEX requests_open ON requests (due_on, id) WHERE closed_at IS NULL;
CREATE INDEX requests_newest ON requests (submitted_at, id);
CREATE INDEX requests_by_patient ON requests (patient_folded, id);
CREATE INDEX requests_by_requester ON requests (requester_folded, id);

-- The studies a request was found to ask for.
CREATE TABLE request_studies (
    request TEXT NOT NULL REFERENCES requests (id),
    study TEXT NOT NULL REFERENCES studies (id),
    standing TEXT NOT NULL,  -- JSON: released, or withheld and why
    chosen_at BIGINT NOT NULL,
    check_fingerprint TEXT,  -- the comparison somebody looked at; NULL: nobody did
    check_acknowledged TEXT,  -- why a difference does not matter; NULL: nobody said
    checked_by TEXT REFERENCES users (id),
    checked_at BIGINT,
    PRIMARY KEY (request, study)
);
CREATE INDEX request_studies_of_study ON request_studies (study);

-- One way each by which a request is fulfilled.
CREATE TABLE deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    request TEXT NOT NULL REFERENCES requests (id),
    way TEXT NOT NULL,  -- link, mail, fed_ex, desk
    recipient TEXT NOT NULL,  -- who receives it
    destination TEXT NOT NULL,  -- JSON: model::Destination
    code_route TEXT NOT NULL,  -- JSON: how the code that opens it gets there
    code_route_confirmed_at BIGINT,  -- NULL: nobody confirmed it yet
    state TEXT NOT NULL,  -- see model::DeliveryState
    facts TEXT NOT NULL,  -- JSON: the same with what is true in it
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    closed_at BIGINT  -- NULL while it is open
);
CREATE INDEX deliveries_of_request ON deliveries (request, id);
CREATE INDEX deliveries_open ON deliveries (way, state, id) WHERE closed_at IS NULL;
