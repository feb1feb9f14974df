DROP TABLE contact_twin_scan, contact_twin, contact_not_twin, contact_merge;
-- Merged records become what they looked like: trash.
ALTER TABLE contact DROP COLUMN merged_into, DROP COLUMN n_sound, DROP COLUMN n_address;
DROP TABLE contact_tombstone;
UPDATE contact_history SET action = 'updated' WHERE action IN ('reverted', 'merged', 'unmerged');
ALTER TABLE contact_history
    DROP COLUMN reverts,
    DROP COLUMN merge_id,
    DROP CONSTRAINT contact_history_action_check,
    ADD CONSTRAINT contact_history_action_check CHECK (action IN ('created', 'updated', 'deleted', 'restored'));
ALTER TABLE site DROP COLUMN trash_days;
