DROP INDEX import_row_verdict;
DELETE FROM import_row WHERE verdict = 'skipped';
ALTER TABLE import_row
    DROP COLUMN entry_id, DROP COLUMN changes, DROP COLUMN revert, DROP COLUMN revert_message,
    DROP CONSTRAINT import_row_verdict_check,
    ADD CONSTRAINT import_row_verdict_check CHECK (verdict IN ('created', 'updated', 'unchanged', 'refused'));
DELETE FROM import_run WHERE format = 'vcard' OR status IN ('checked', 'reverting', 'reverted');
ALTER TABLE import_run
    DROP COLUMN file_type, DROP COLUMN upload_id, DROP COLUMN group_id, DROP COLUMN policy, DROP COLUMN columns, DROP COLUMN dry_run,
    DROP COLUMN rows_in_file, DROP COLUMN skipped, DROP COLUMN undone, DROP COLUMN kept,
    DROP CONSTRAINT import_run_format_check,
    DROP CONSTRAINT import_run_status_check,
    ADD CONSTRAINT import_run_format_check CHECK (format IN ('google', 'outlook', 'plain')),
    ADD CONSTRAINT import_run_status_check CHECK (status IN ('running', 'done', 'failed'));
DROP TABLE import_mapping, export_log;
