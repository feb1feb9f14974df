ALTER TABLE import_run DROP COLUMN problems;
ALTER TABLE import_row DROP COLUMN problems, DROP COLUMN revert_problems;
