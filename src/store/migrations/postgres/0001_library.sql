-- The film library: who, which studies, where their bytes are. Ids are UUIDv7 as text, times are
-- milliseconds since 1970 UTC, flags are 0 or 1, JSON is text. Texts are compared byte by byte.

CREATE TABLE patients (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    patient_key TEXT COLLATE "C" NOT NULL UNIQUE,  -- issuer, U+001F, Patient ID; 'study:' and the study's UID when there is no Patient ID
    issuer_of_patient_id TEXT COLLATE "C" NOT NULL,  -- (0010,0021), '' if absent
    patient_id TEXT COLLATE "C" NOT NULL,  -- (0010,0020), '' if absent
    name TEXT COLLATE "C" NOT NULL,  -- (0010,0010) as it came first, all its groups
    birth_date TEXT COLLATE "C" NOT NULL,  -- (0010,0030) YYYYMMDD, '' if absent
    sex TEXT COLLATE "C" NOT NULL,  -- (0010,0040), '' if absent
    created_at BIGINT NOT NULL  -- when the first instance was indexed
);
CREATE INDEX patients_by_patient_id ON patients (patient_id, id);

-- Every name a patient came under, a row for each group (alphabetic, ideographic, phonetic), so that
-- any of them is found by its beginning.
CREATE TABLE patient_names (
    name_folded TEXT COLLATE "C" NOT NULL,  -- see model::name::folded
    patient TEXT COLLATE "C" NOT NULL REFERENCES patients (id),
    PRIMARY KEY (name_folded, patient)
);
CREATE INDEX patient_names_of ON patient_names (patient, name_folded);

-- A study UID that comes under two patients makes two rows, both with a finding.
CREATE TABLE studies (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    patient TEXT COLLATE "C" NOT NULL REFERENCES patients (id),
    study_instance_uid TEXT COLLATE "C" NOT NULL,  -- (0020,000D)
    study_date TEXT COLLATE "C" NOT NULL,  -- (0008,0020) YYYYMMDD, '' if absent
    study_time TEXT COLLATE "C" NOT NULL,  -- (0008,0030), '' if absent
    accession_number TEXT COLLATE "C" NOT NULL,  -- (0008,0050), '' if absent
    study_id TEXT COLLATE "C" NOT NULL,  -- (0020,0010), '' if absent
    description TEXT COLLATE "C" NOT NULL,  -- (0008,1030), '' if absent
    referring_physician TEXT COLLATE "C" NOT NULL,  -- (0008,0090), '' if absent
    first_arrival_at BIGINT NOT NULL,  -- when the first instance was received
    last_arrival_at BIGINT NOT NULL,  -- when the last one was
    settled_at BIGINT,  -- when the last spooled instance went into an archive; NULL while any is spooled
    UNIQUE (study_instance_uid, patient)
);
CREATE INDEX studies_newest ON studies (study_date, id);
CREATE INDEX studies_of_patient ON studies (patient, study_date, id);
CREATE INDEX studies_by_accession ON studies (accession_number, study_date, id) WHERE accession_number <> '';

CREATE TABLE series (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    study TEXT COLLATE "C" NOT NULL REFERENCES studies (id),
    series_instance_uid TEXT COLLATE "C" NOT NULL,  -- (0020,000E)
    modality TEXT COLLATE "C" NOT NULL,  -- (0008,0060), '' if absent
    series_number BIGINT,  -- (0020,0011)
    description TEXT COLLATE "C" NOT NULL,  -- (0008,103E), '' if absent
    UNIQUE (study, series_instance_uid)
);

-- A study archive: one sealed object in the blob store. The row is there before the object.
CREATE TABLE archives (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    study TEXT COLLATE "C" NOT NULL REFERENCES studies (id),
    node TEXT COLLATE "C" NOT NULL,  -- which node writes or wrote it
    state TEXT COLLATE "C" NOT NULL,  -- writing: may lack or leave a stray object; kept: verified
    blob_key TEXT COLLATE "C" NOT NULL UNIQUE,  -- the object's name in the blob store
    data_key BYTEA NOT NULL,  -- its data key, wrapped by the master key
    master_key_id TEXT COLLATE "C" NOT NULL,  -- which master key wraps it
    blob_bytes BIGINT NOT NULL,  -- length of the sealed object; 0 while writing
    plain_bytes BIGINT NOT NULL,  -- length unsealed: all members
    source_bytes BIGINT NOT NULL,  -- what the members are when inflated
    created_at BIGINT NOT NULL,
    kept_at BIGINT  -- NULL while writing
);
CREATE INDEX archives_of_study ON archives (study);
CREATE INDEX archives_unfinished ON archives (id, node) WHERE state = 'writing';
CREATE INDEX archives_by_master_key ON archives (master_key_id, id);

-- One arrival of a SOP Instance. Its bytes are in the spool while node is there, in an archive while
-- archive is.
CREATE TABLE instances (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,  -- the ingest id, which the spool's records carry too
    study TEXT COLLATE "C" NOT NULL REFERENCES studies (id),
    series TEXT COLLATE "C" NOT NULL REFERENCES series (id),
    sop_instance_uid TEXT COLLATE "C" NOT NULL,  -- (0008,0018)
    sop_class_uid TEXT COLLATE "C" NOT NULL,  -- (0008,0016)
    transfer_syntax_uid TEXT COLLATE "C" NOT NULL,  -- (0002,0010), or as negotiated
    instance_number BIGINT,  -- (0020,0013)
    received_at BIGINT NOT NULL,
    source TEXT COLLATE "C" NOT NULL,  -- JSON: who sent it, see model::Source
    size_bytes BIGINT NOT NULL,  -- the whole Part 10 file
    header_bytes BIGINT NOT NULL,  -- of these, preamble and file meta information
    header_is_ours BIGINT NOT NULL,  -- 1: the header was missing or wrong, or never sent, and is written by us
    is_current BIGINT NOT NULL,  -- 1: the arrival of this SOP Instance that is handed out
    damaged BIGINT NOT NULL DEFAULT 0,  -- 1: the data set does not walk to its end; stays out of packages
    keys TEXT COLLATE "C" NOT NULL,  -- JSON: what a DICOMDIR needs to know
    notes TEXT COLLATE "C" NOT NULL,  -- JSON: what was wrong with it, a list of texts
    node TEXT COLLATE "C",  -- the node whose spool has the bytes
    spool_first BIGINT,  -- the first segment generation that holds some of them
    spool_last BIGINT,  -- the last one
    extents TEXT COLLATE "C",  -- JSON: where in the spool
    archive TEXT COLLATE "C" REFERENCES archives (id),  -- the archive that has the bytes
    member_offset BIGINT,  -- where in the unsealed archive the member begins
    member_bytes BIGINT,  -- how long it is there
    member_method TEXT COLLATE "C",  -- deflate or stored
    crc32 BIGINT,  -- of the whole Part 10 file
    sha256 TEXT COLLATE "C",  -- the same, in hex
    dataset_sha256 TEXT COLLATE "C"  -- of what follows the header: equal for the same bytes sent again
);
CREATE INDEX instances_by_uid ON instances (sop_instance_uid, study, is_current);
CREATE INDEX instances_of_study ON instances (study, is_current);
-- Partial indexes begin with what an update looks a row up by: PostgreSQL takes them for small, and would
-- read all of one, with what it has not vacuumed yet, rather than descend a big one.
CREATE INDEX instances_spooled ON instances (study, node, spool_first, spool_last) WHERE node IS NOT NULL;
CREATE INDEX instances_of_archive ON instances (archive) WHERE archive IS NOT NULL;

-- Something about a patient, study or instance that a person should look at. Raised once.
CREATE TABLE findings (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,  -- see model::FindingKind
    subject_kind TEXT COLLATE "C" NOT NULL,  -- patient, study or instance
    subject TEXT COLLATE "C" NOT NULL,  -- its id
    detail TEXT COLLATE "C" NOT NULL,  -- JSON: both values, where two do not agree
    found_at BIGINT NOT NULL,
    UNIQUE (subject, kind)
);

-- Arrivals that were the same bytes as another: gone from the index, remembered so that a scan of the
-- spool does not take them in again.
CREATE TABLE dropped (
    ingest_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    same_as TEXT COLLATE "C" NOT NULL,  -- the arrival that is kept
    sop_instance_uid TEXT COLLATE "C" NOT NULL,
    dropped_at BIGINT NOT NULL
);
CREATE INDEX dropped_by_age ON dropped (dropped_at);
