DROP INDEX import_row_verdict;
CREATE INDEX import_row_verdict ON import_row (site_id, run_id, verdict, line);
ALTER TABLE contact_history DROP COLUMN import_id;
ALTER TABLE import_row DROP COLUMN undo;
ALTER TABLE import_run DROP COLUMN match_by, DROP COLUMN "values", DROP COLUMN undo_of;
