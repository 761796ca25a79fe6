-- Plain and secured discs are made of files that are written once more, into a sealed archive of their own. Their opening
-- code, if there is one, is kept as that of sealed discs is.
ALTER TABLE disc_seals ADD COLUMN files_key TEXT;  -- that archive, in the blob store
CREATE UNIQUE INDEX disc_seals_by_files ON disc_seals (files_key);
