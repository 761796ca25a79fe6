-- When a person destroyed a spoiled disc.
ALTER TABLE discs ADD COLUMN destroyed_at BIGINT;
-- A set names its seal; it was a JSON text.
ALTER TABLE disc_sets RENAME COLUMN recipe TO seal;
UPDATE disc_sets SET seal = replace(seal, '"', '');
-- When pictures of what is disclosed were first looked at.
ALTER TABLE disclosures ADD COLUMN viewed_at BIGINT;
