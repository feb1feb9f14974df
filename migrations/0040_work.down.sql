DROP TABLE used_work;
ALTER TABLE site DROP COLUMN proof_of_work;
