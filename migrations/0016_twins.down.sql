ALTER TABLE contact_twin_scan DROP COLUMN started_at, DROP COLUMN total;
ALTER INDEX contact_reach RESET (gin_pending_list_limit);
DROP INDEX contact_without_keys;
DROP INDEX contact_by_sound;
CREATE INDEX contact_by_sound ON contact (site_id, n_sound, left(n_first, 1)) WHERE deleted_at IS NULL AND n_sound <> '';
