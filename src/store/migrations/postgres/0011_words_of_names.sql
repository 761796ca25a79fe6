-- A request is found by any word of the patient's or the requester's name, as model::name::folded has them.
CREATE TABLE request_words (
    word TEXT COLLATE "C" NOT NULL,
    request TEXT NOT NULL REFERENCES requests (id),
    PRIMARY KEY (word, request)
);
-- This engine's own: names are cut into words.
INSERT INTO request_words (word, request)
SELECT DISTINCT word, id
FROM requests, regexp_split_to_table(patient_folded || ' ' || requester_folded, ' ') AS word
WHERE word <> '';
DROP INDEX requests_by_patient;
DROP INDEX requests_by_requester;
ALTER TABLE requests DROP COLUMN patient_folded;
ALTER TABLE requests DROP COLUMN requester_folded;
