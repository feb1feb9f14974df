-- Reverting a change, emptying the trash, twins and their merge.

-- Days that a contact stays in the trash before it is deleted for good; 0 = until somebody empties it.
ALTER TABLE site ADD COLUMN trash_days int NOT NULL DEFAULT 90 CHECK (trash_days BETWEEN 0 AND 3650);

ALTER TABLE contact_history
    DROP CONSTRAINT contact_history_action_check,
    ADD CONSTRAINT contact_history_action_check CHECK (action IN ('created', 'updated', 'deleted', 'restored', 'reverted', 'merged', 'unmerged')),
    ADD COLUMN reverts  uuid,                                -- the entry whose change this one took back
    ADD COLUMN merge_id uuid;                                -- of a merge and of its undoing

-- What stays of a contact that was deleted for good: no personal data.
CREATE TABLE contact_tombstone (
    site_id    uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    contact_id uuid NOT NULL,
    number     bigint NOT NULL,                              -- never given again
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('person', 'organization')),
    at         timestamptz NOT NULL DEFAULT now(),
    actor_kind text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'account', 'visitor', 'system')),
    actor_id   uuid,                                         -- of the staff member or key; null: its time was over
    PRIMARY KEY (site_id, contact_id)
);

-- A merged record stays, out of sight like trash, and answers with its survivor. It goes when the survivor goes.
ALTER TABLE contact
    ADD COLUMN merged_into uuid,
    ADD COLUMN n_sound     text COLLATE "C",                 -- how the surname or name sounds; null = not computed yet
    ADD COLUMN n_address   text COLLATE "C",                 -- postcode and street, normalised; null likewise
    ADD CHECK (merged_into IS NULL OR deleted_at IS NOT NULL),
    ADD CHECK (merged_into IS DISTINCT FROM id),
    ADD FOREIGN KEY (site_id, merged_into) REFERENCES contact (site_id, id) ON DELETE CASCADE;
CREATE INDEX contact_merged_into ON contact (site_id, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX contact_by_sound    ON contact (site_id, n_sound, left(n_first, 1)) WHERE deleted_at IS NULL AND n_sound <> '';
CREATE INDEX contact_by_address  ON contact (site_id, n_address, left(n_first, 1)) WHERE deleted_at IS NULL AND n_address <> '';
CREATE INDEX contact_by_birth    ON contact (site_id, birth_date, left(n_first, 1)) WHERE deleted_at IS NULL AND birth_date IS NOT NULL;

-- Two records that became one, with all that is needed to part them again.
CREATE TABLE contact_merge (
    site_id     uuid NOT NULL,
    id          uuid NOT NULL,
    survivor_id uuid NOT NULL,
    merged_id   uuid NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    actor_kind  text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'account', 'visitor', 'system')),
    actor_id    uuid,
    actor_name  text NOT NULL DEFAULT '',
    chosen      jsonb NOT NULL CHECK (jsonb_typeof(chosen) = 'object'), -- attribute -> the id its value was taken from
    undo        jsonb NOT NULL CHECK (jsonb_typeof(undo) = 'array'),    -- [{"table", "key", "before", "after"}], the rows that moved
    undone_at   timestamptz,
    PRIMARY KEY (site_id, id),
    CHECK (survivor_id <> merged_id),
    FOREIGN KEY (site_id, survivor_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, merged_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_merge_survivor ON contact_merge (site_id, survivor_id, id);
CREATE UNIQUE INDEX contact_merge_merged ON contact_merge (site_id, merged_id) WHERE undone_at IS NULL;

-- Pairs that somebody looked at and found to be two.
CREATE TABLE contact_not_twin (
    site_id    uuid NOT NULL,
    a_id       uuid NOT NULL,
    b_id       uuid NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    actor_kind text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'account', 'visitor', 'system')),
    actor_id   uuid,
    PRIMARY KEY (site_id, a_id, b_id),
    CHECK (a_id < b_id),
    FOREIGN KEY (site_id, a_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, b_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_not_twin_b ON contact_not_twin (site_id, b_id);

-- Pairs that a scan found to be alike.
CREATE TABLE contact_twin (
    site_id  uuid NOT NULL,
    a_id     uuid NOT NULL,
    b_id     uuid NOT NULL,
    score    smallint NOT NULL CHECK (score BETWEEN 0 AND 100),
    reasons  text[] NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, a_id, b_id),
    CHECK (a_id < b_id),
    FOREIGN KEY (site_id, a_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, b_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_twin_b ON contact_twin (site_id, b_id);
CREATE INDEX contact_twin_best ON contact_twin (site_id, score DESC, a_id, b_id);

-- How far a site's scan has come: contacts are scanned in the order of their last change.
CREATE TABLE contact_twin_scan (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    through_at  timestamptz NOT NULL,
    through_id  uuid NOT NULL,
    scanned     bigint NOT NULL DEFAULT 0,                   -- contacts of the scan that runs or ran last
    finished_at timestamptz,                                 -- null: it is not through, the next call goes on
    PRIMARY KEY (site_id)
);
