-- A request is found by any word of the patient's or the requester's name, as model::name::folded has them.
CREATE TABLE request_words (
    word TEXT NOT NULL,
    request TEXT NOT NULL REFERENCES requests (id),
    PRIMARY KEY (word, request)
) WITHOUT ROWID;
-- This engine's own: names are cut into words.
INSERT INTO request_words (word, request)
WITH RECURSIVE cut (request, word, rest) AS (
    SELECT id, '', patient_folded || ' ' || requester_folded || ' ' FROM requests
    UNION ALL
    SELECT request, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM cut WHERE rest <> ''
)
SELECT DISTINCT word, request FROM cut WHERE word <> '';
DROP INDEX requests_by_patient;
DROP INDEX requests_by_requester;
ALTER TABLE requests DROP COLUMN patient_folded;
ALTER TABLE requests DROP COLUMN requester_folded;
