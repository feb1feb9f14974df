-- Imports whole: what they matched by, how their values were read, and all that taking one back needs.

ALTER TABLE import_run
    ADD COLUMN match_by text[] NOT NULL DEFAULT '{}'
        CHECK (match_by <@ ARRAY['id', 'number', 'reference', 'email', 'name']),
    ADD COLUMN "values" jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof("values") = 'array'), -- [{"column", "from", "to"}]
    ADD COLUMN undo_of int NOT NULL DEFAULT 0;               -- rows that the revert which runs has to look at

-- What a revert needs and the history does not keep whole: ids of groups, labels and references, IBANs.
ALTER TABLE import_row ADD COLUMN undo jsonb;

-- The import that an entry is of: what other entries of its contact tell happened apart from it.
ALTER TABLE contact_history ADD COLUMN import_id uuid;

-- Rows that made a contact or found all as it is are most of a file: those few are looked for that are not.
DROP INDEX import_row_verdict;
CREATE INDEX import_row_verdict ON import_row (site_id, run_id, verdict, line) WHERE verdict IN ('updated', 'skipped', 'refused');
