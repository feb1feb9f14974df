-- Exports are noted; imports keep their mapping, can be tried first and taken back.

-- What left the book: who, when, what, how much. A row is written before the file is.
CREATE TABLE export_log (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    format      text NOT NULL CHECK (format IN ('csv', 'xlsx', 'vcard')),
    request     jsonb NOT NULL,                             -- which contacts and columns, as they were asked for
    actor_kind  text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'system')),
    actor_id    uuid NOT NULL,
    actor_epoch int NOT NULL DEFAULT 0,                     -- of a staff session: the link ends with it
    actor_name  text NOT NULL DEFAULT '',
    matched     int NOT NULL,                               -- contacts when it was asked for
    written     int,                                        -- contacts in the file; null until one was fetched whole
    bytes       bigint,
    created_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (site_id, id)
);

-- What the columns of a file with this header mean, remembered for the next one.
CREATE TABLE import_mapping (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    fingerprint bytea NOT NULL,                             -- SHA-256 of the folded header
    columns     jsonb NOT NULL,
    updated_by  text NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, fingerprint)
);

ALTER TABLE import_run
    DROP CONSTRAINT import_run_format_check,
    DROP CONSTRAINT import_run_status_check,
    ADD CONSTRAINT import_run_format_check CHECK (format IN ('google', 'outlook', 'plain', 'vcard')),
    -- checked: tried, nothing written; reverting, reverted: taken back
    ADD CONSTRAINT import_run_status_check CHECK (status IN ('running', 'done', 'failed', 'checked', 'reverting', 'reverted')),
    ADD COLUMN file_type text NOT NULL DEFAULT 'csv' CHECK (file_type IN ('csv', 'xlsx', 'vcard')),
    ADD COLUMN upload_id uuid,                              -- may be gone: files stay seven days
    ADD COLUMN group_id uuid,
    ADD COLUMN policy text NOT NULL DEFAULT 'update' CHECK (policy IN ('skip', 'update', 'fill_empty', 'create')),
    ADD COLUMN columns jsonb NOT NULL DEFAULT '[]',         -- what each column was taken for
    ADD COLUMN dry_run boolean NOT NULL DEFAULT false,
    ADD COLUMN rows_in_file int,                            -- null: not known before the end
    ADD COLUMN skipped int NOT NULL DEFAULT 0,
    ADD COLUMN undone int NOT NULL DEFAULT 0,               -- rows that a revert took back
    ADD COLUMN kept int NOT NULL DEFAULT 0;                 -- rows that it could not, or not wholly

ALTER TABLE import_row
    DROP CONSTRAINT import_row_verdict_check,
    ADD CONSTRAINT import_row_verdict_check CHECK (verdict IN ('created', 'updated', 'unchanged', 'skipped', 'refused')),
    ADD COLUMN entry_id uuid,                               -- the history entry that tells the row's changes
    ADD COLUMN changes jsonb,                               -- the same of a row that was only tried
    ADD COLUMN revert text CHECK (revert IN ('undone', 'partly', 'kept')),
    ADD COLUMN revert_message text NOT NULL DEFAULT '';
CREATE INDEX import_row_verdict ON import_row (site_id, run_id, verdict, line);
