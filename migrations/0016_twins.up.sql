-- Finding twins: contacts are compared with those that share a key with them.

-- n_sound holds how the whole name sounds, its words in alphabetical order, so that swapped names share it.
DROP INDEX contact_by_sound;
CREATE INDEX contact_by_sound ON contact (site_id, n_sound) WHERE deleted_at IS NULL AND n_sound <> '';
-- Those from before there were keys, which the first scan computes.
CREATE INDEX contact_without_keys ON contact (site_id, id) WHERE n_sound IS NULL;

-- A look-up reads the list of what was added last from end to end: 4 MB and 10 ms of it by default.
ALTER INDEX contact_reach SET (gin_pending_list_limit = 64);

-- A scan of all contacts shows how far it is; afterwards the same pointer follows what changes.
ALTER TABLE contact_twin_scan
    ADD COLUMN total      bigint NOT NULL DEFAULT 0,         -- contacts there were when the scan began
    ADD COLUMN started_at timestamptz NOT NULL DEFAULT now();
